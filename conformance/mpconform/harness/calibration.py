"""Measuring how long this cell takes to start and join a child, which all patience is scaled by."""

from __future__ import annotations

import json
import statistics
import time
from pathlib import Path

from mpconform.harness import sandbox
from mpconform.kit import backend

STARTS = 3

DEFAULT = 0.05
"""Seconds that are assumed if the measuring hangs or a child cannot be started at all."""


def nothing() -> None:
    """What the measured children do."""


def measure(folder: Path) -> None:
    """Measure in this process, the root of a sandbox in ``folder``, and write the result there.

    The latency is the median of some starts; a first one, which may start helpers too, is not counted.
    """
    mp = backend()
    times = []
    for _ in range(STARTS + 1):
        start = time.perf_counter()
        child = mp.Process(target=nothing)
        child.start()
        child.join()
        times.append(time.perf_counter() - start)
    sandbox.write({"latency": statistics.median(times[1:])}, folder)


def latency(folder: Path) -> float:
    """Return the latency, in seconds, that the sandbox in ``folder`` has measured, or ``DEFAULT`` if it could not."""
    try:
        return float(json.loads((folder / sandbox.RESULT).read_text())["latency"])
    except FileNotFoundError:
        return DEFAULT
