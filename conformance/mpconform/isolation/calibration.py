"""Measuring how long this cell takes to start something, which all patience is scaled by.

It is measured in a sandbox of its own, under deadlines that no ``--patience`` shortens. First comes a fresh program
that imports the backend: it gives the scale for the rest. Then come a few processes; a cell that has none is
measured by its pool's first answer. If neither comes to its end, the program's time stands.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mpconform.isolation import sandbox
from mpconform.isolation.processes import Root, await_end
from mpconform.kit import backend, cell

STARTS = 3

DEADLINE = 60.0
"""Seconds that getting the backend may take, and so may the program."""

SCALE = 40
"""How many times as long as the program the rest may take; at least five seconds."""


def nothing() -> int:
    """What is measured does nothing."""
    return 0


def of_processes(mp: Any) -> float:
    """Return the median of some starts; a first one, which may start helpers too, is not counted."""
    times = []
    for _ in range(STARTS + 1):
        start = time.perf_counter()
        child = mp.Process(target=nothing)
        child.start()
        child.join()
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def of_a_pool(mp: Any) -> float:
    """Return how long the first answer of a pool takes."""
    start = time.perf_counter()
    pool = mp.Pool(1)
    pool.apply(nothing)
    taken = time.perf_counter() - start
    pool.terminate()
    return taken


def of_a_program() -> float:
    """Return how long a fresh interpreter takes that imports the backend."""
    start = time.perf_counter()
    code = f"import sys; sys.path[:] = {sys.path!r}; from mpconform.kit import backend; backend()"
    subprocess.run([sys.executable, "-c", code], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=DEADLINE)
    return time.perf_counter() - start


def measure(folder: Path) -> None:
    """Measure in this process, the root of a sandbox in ``folder``, and write there what is known, step by step."""
    mp = backend()
    sandbox.write({"latency": of_a_program()}, folder)
    for name, one in (("Process", of_processes), ("Pool", of_a_pool)):
        try:
            if hasattr(mp, name):
                # Some start a child at once, whose target then takes its time to import the backend.
                sandbox.write({"latency": max(one(mp), of_a_program() / 4)}, folder)
                return
        except Exception:  # noqa: BLE001 - what is broken is for the tests to say; something else is measured
            continue


def answer(root: Root, folder: Path, abandoned: Callable[[], bool]) -> dict[str, Any]:
    """Await the measuring; return the latency, in seconds, or why the backend cannot be reached at all.

    The answer is ``{"latency": 0.05}`` or ``{"unreachable": "get_context('fork') ..."}``.
    """
    end = time.monotonic() + DEADLINE
    status = None
    while status is None and time.monotonic() < end and not (folder / sandbox.RESULT).exists():
        status = await_end(root, 0.05, abandoned)
    if not (folder / sandbox.RESULT).exists():
        lines = (folder / sandbox.ERRORS).read_text(encoding="utf-8", errors="replace").strip().splitlines()
        ended = f"was not done within {DEADLINE:.0f} s" if status is None else f"ended with status {status}"
        said = f": {lines[-1]}" if lines else ""
        return {"unreachable": f"getting it under {os.environ[cell.START_METHOD]!r} {ended}{said}"}
    if status is None:
        await_end(root, max(5.0, SCALE * float(_told(folder)["latency"])), abandoned)
    return _told(folder)


def _told(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / sandbox.RESULT).read_text(encoding="utf-8"))
    return told
