"""One run of the suite for one cell, in a pytest of its own: started, watched, and ended if need be."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from mpconform.isolation import processes
from mpconform.kit import cell
from mpconform.plugin.options import FRONT
from mpconform.registry.loading import sections_root

LOOK = 0.1
"""Seconds between two looks at how far a run is."""

USAGE_ERROR, NO_TESTS = 4, 5
"""The exit statuses that are pytest's own."""

EXIT = "_pytest.outcomes.Exit: "
"""What comes before the reason where pytest prints why the recorder has given the run up."""

BROKEN = "INTERNALERROR> "
"""What comes before each line of the traceback of an error that is no test's."""


class RunFailed(Exception):
    """The run of a cell ended without results; the message is one line, ``log`` is what pytest printed."""

    def __init__(self, message: str, log: str, exit_status: int) -> None:
        super().__init__(message)
        self.log = log
        self.exit_status = exit_status


@dataclass(frozen=True)
class Order:
    """What is to be run: see the options of ``mpconform run``, which have the same names."""

    backend: str
    start_method: str
    results: Path
    sections: Sequence[str] = ()
    requirements: Sequence[str] = ()
    edition: str | None = None
    expectations: str | None = None
    repeat: int = 1
    seed: int = 0
    jobs: int = 1
    isolation: str = "auto"
    time_limit: float = 1800.0
    patience: float = 1.0
    more: Sequence[str] = ()

    def arguments(self) -> list[str]:
        """Return the arguments for pytest."""
        root = sections_root()
        arguments = ["--rootdir", str(root), "-c", str(root / "pytest.ini"), "-p", "no:cacheprovider"]
        arguments += ["--jobs", str(self.jobs), "-p", "no:xdist"]
        arguments += ["--backend", self.backend, "--start-method", self.start_method, "--results", str(self.results)]
        for section in self.sections:
            arguments += ["--section", section]
        for glob in self.requirements:
            arguments += ["--requirement", glob]
        arguments += ["--edition", self.edition] if self.edition else []
        arguments += ["--expectations", self.expectations] if self.expectations else []
        arguments += ["--repeat", str(self.repeat), "--isolation", self.isolation]
        arguments += ["--hypothesis-seed", str(self.seed)] if self.seed else []
        arguments += ["--patience", str(self.patience)]
        return [*arguments, *self.more, str(root)]


def run(order: Order, log: Path, progress: Callable[[int], None]) -> int:
    """Run the suite for one cell; return the exit status, which the results file explains.

    ``progress`` is called, now and then, with the number of tests that are done. Raises :class:`RunFailed` if the
    run came to no results, after ``order.time_limit`` seconds at the latest. However this call ends, by Ctrl-C too,
    no process of the run is left.
    """
    processes.adopt_orphans()
    environment = {**os.environ, FRONT: str(os.getpid()), cell.RUN: uuid.uuid4().hex}
    terminated = signal.signal(signal.SIGTERM, _interrupt)
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", *order.arguments()],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,  # Ctrl-C comes to this process alone, which ends all the others
        )
    try:
        status = _watch(process, order, progress)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        processes.end_all()
        signal.signal(signal.SIGTERM, terminated)
    printed = log.read_text(errors="replace")
    if status is None:
        raise RunFailed(f"the run took longer than {order.time_limit:.0f} s and was ended", printed, 3)
    if status == USAGE_ERROR:
        told = [line.removeprefix("ERROR: ") for line in printed.splitlines() if line.startswith("ERROR: ")]
        raise RunFailed(told[-1] if told else "pytest refused its arguments", printed, 2)
    given_up = [line.partition(EXIT)[2].strip("! ") for line in printed.splitlines() if EXIT in line]
    if given_up:
        raise RunFailed(given_up[-1], printed, 3)
    broken = [line.removeprefix(BROKEN) for line in printed.splitlines() if line.startswith(BROKEN)]
    if broken:
        raise RunFailed(f"the run itself is broken: {broken[-1]}", printed, 3)
    if status == NO_TESTS:
        raise RunFailed("no test is left: nothing of what was selected is tried in this cell", printed, 2)
    return status


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _watch(process: subprocess.Popen[bytes], order: Order, progress: Callable[[int], None]) -> int | None:
    """Return the exit status, or None after the time limit."""
    end = time.monotonic() + order.time_limit
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
