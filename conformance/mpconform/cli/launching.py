"""One run of the suite for one cell, in a pytest of its own: started, watched, and ended if need be."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from mpadapters.probing import Probe
from mpconform.isolation import processes
from mpconform.isolation.fresh import ALONE, NO_OTHERS
from mpconform.kit import cell
from mpconform.plugin.fate import FATE, told
from mpconform.plugin.options import FRONT, PROBE
from mpconform.registry.loading import sections_root

LOOK = 0.1
"""Seconds between two looks at how far a run is."""

GRACE = 30.0
"""Seconds that a run has for writing down what it knows, once it was told to end."""


class RunFailed(Exception):
    """The run of a cell ended without results; the message is one line, ``log`` is what pytest printed."""

    def __init__(self, message: str, log: str, exit_status: int) -> None:
        super().__init__(message)
        self.log = log
        self.exit_status = exit_status


@dataclass(frozen=True)
class Order:
    """What is to be run: see the options of ``mpconform run``, which have the same names."""

    backend: Probe
    start_method: str
    results: Path
    sections: Sequence[str] = ()
    requirements: Sequence[str] = ()
    edition: str | None = None
    expectations: str | None = None
    repeat: int = 1
    seed: int = 0
    chaos: int | None = None
    jobs: int = 1
    isolation: str = "auto"
    time_limit: float = 1800.0
    patience: float = 1.0
    besides: Sequence[int] = ()
    """Processes that run beside this run and are not its own."""
    more: Sequence[str] = ()

    def arguments(self) -> list[str]:
        """Return the arguments for pytest."""
        root = sections_root()
        arguments = ["--rootdir", str(root), "-c", str(root / "pytest.ini"), "-p", "no:cacheprovider"]
        arguments += [*ALONE, "--jobs", str(self.jobs)]
        arguments += [
            "--backend",
            self.backend.location,
            "--start-method",
            self.start_method,
            "--results",
            str(self.results),
        ]
        for section in self.sections:
            arguments += ["--section", section]
        for glob in self.requirements:
            arguments += ["--requirement", glob]
        arguments += ["--edition", self.edition] if self.edition else []
        arguments += ["--expectations", self.expectations] if self.expectations else []
        arguments += ["--repeat", str(self.repeat), "--isolation", self.isolation]
        arguments += ["--seed", str(self.seed)]
        arguments += [f"--chaos={self.chaos}"] if self.chaos is not None else []
        arguments += ["--patience", str(self.patience), "--time-limit", str(self.time_limit)]
        return [*arguments, *self.more, str(root)]


def run(order: Order, log: Path, progress: Callable[[int], None]) -> int:
    """Run the suite for one cell; return the exit status, which the results file explains.

    ``progress`` is called, now and then, with the number of tests that are done. Raises :class:`RunFailed` if the
    run came to no results. After ``order.time_limit`` seconds, and at Ctrl-C, which is raised again, the run is told to
    write down what it knows. However this call ends, no process of the run is left.
    """
    processes.adopt_orphans()
    fate = log.with_name("fate.json")
    fate.unlink(missing_ok=True)
    told_of = {FRONT: str(os.getpid()), FATE: str(fate), PROBE: json.dumps(asdict(order.backend))}
    told_of[NO_OTHERS] = "1"
    environment = {**os.environ, **told_of, cell.RUN: uuid.uuid4().hex}
    terminated = signal.signal(signal.SIGTERM, _interrupt)
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", *order.arguments()],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,  # Ctrl-C comes to this process alone, which tells the other
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
    try:
        status = _watch(process, order, progress)
    except KeyboardInterrupt:
        process.send_signal(getattr(signal, "CTRL_BREAK_EVENT", signal.SIGINT))
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            pass  # it is ended below
        raise
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        processes.end_all(besides=order.besides)
        signal.signal(signal.SIGTERM, terminated)
    printed = log.read_text(encoding="utf-8", errors="replace")
    if status is None:
        raise RunFailed(f"the run took longer than {order.time_limit:.0f} s and did not end when told to", printed, 3)
    why = told(fate)
    if why is not None:
        raise RunFailed(why[0], printed, why[1])
    if status == pytest.ExitCode.USAGE_ERROR:
        raise RunFailed("pytest refused its arguments, as it says above", printed, 2)
    if status == pytest.ExitCode.NO_TESTS_COLLECTED:
        raise RunFailed("no test is left: nothing of what was selected is tried in this cell", printed, 2)
    return status


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _watch(process: subprocess.Popen[bytes], order: Order, progress: Callable[[int], None]) -> int | None:
    """Return the exit status, or None if there is none long after the time limit."""
    end = time.monotonic() + order.time_limit + GRACE
    done = 0
    lines = Lines(order.results)
    while time.monotonic() < end:
        try:
            status = process.wait(LOOK)
        except subprocess.TimeoutExpired:
            status = None
        new = lines.count_new(b'{"kind": "test"')
        if new:
            done += new
            progress(done)
        if status is not None:
            return status
    return None


class Lines:
    """Counts the lines that another process appends to a file, from when it makes the file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.position = 0

    def count_new(self, start: bytes) -> int:
        """Return how many whole lines that begin with ``start`` have come since the last call."""
        if not self.path.is_file():
            return 0
        with self.path.open("rb") as file:
            file.seek(self.position)
            data = file.read()
        whole = data.rpartition(b"\n")[0]
        self.position += len(whole) + 1 if whole else 0
        return sum(line.startswith(start) for line in whole.split(b"\n"))
