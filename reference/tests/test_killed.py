"""Nothing is left when somebody is killed, whoever it is: no process, no file and no shared memory.

Each test runs one of the cases of ``killed_program.py``. It tells whom to kill, and the test does that. If it was not
the program itself it goes on then, sees what the documentation lets it expect, and ends. `SECONDS` later nothing is
there of its whole family.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

LIMIT = 60
"""Seconds for what must happen."""

SECONDS = 5
"""After which nothing is left."""

FOLDER = Path("/dev/shm")
"""Where shared memory with a name is, and semaphores with a name would be."""

PROGRAM = Path(__file__).with_name("killed_program.py")


class Family:
    """A program, and whatever has come of it: known by its session, and by its folder for temporary files."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        self.said, self.errors = folder / "said", folder / "errors"
        with self.said.open("w") as said, self.errors.open("w") as errors:  # files, as nobody waits for their end
            self.main = subprocess.Popen(
                [sys.executable, str(PROGRAM), *arguments],
                cwd=folder,
                env={**os.environ, "TMPDIR": str(self.temporary)},
                start_new_session=True,
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=errors,
            )
        self.names: set[str] = set()

    def processes(self) -> dict[int, str]:
        """Return the command lines of those who live, by pid."""
        found = {}
        for process in psutil.process_iter():
            try:
                same = os.getsid(process.pid) == self.main.pid
                same = same or process.environ().get("TMPDIR") == str(self.temporary)
                if same and process.status() != psutil.STATUS_ZOMBIE:  # a dead one is left by its parent, if at all
                    found[process.pid] = " ".join(process.cmdline())
            except (psutil.Error, OSError):
                pass  # it has ended meanwhile, or is somebody else's
        return found

    def look(self) -> None:
        """Remember the names of shared memory that they use: in the folder are those of other programs as well."""
        for pid in self.processes():
            with suppress(psutil.NoSuchProcess):  # it may have ended meanwhile
                mapped = {region.path for region in psutil.Process(pid).memory_maps()}
                self.names.update(path.name for path in map(Path, mapped) if path.parent == FOLDER)

    def victims(self) -> list[int]:
        """Return whom to kill, when the program has told that."""
        until(lambda: self.said.read_text().endswith("\n") or self.main.poll() is not None)
        assert self.said.read_text(), f"it does not tell whom to kill: {self.main.poll()} {self.errors.read_text()}"
        pids, names = json.loads(self.said.read_text())
        self.look()
        assert self.names == set(names), "it uses other names than it tells"
        alive = self.processes()
        assert alive.keys() >= set(pids), f"{pids} are to be killed, and there are {alive}"
        return list(pids)

    def kill(self, pids: list[int]) -> None:
        """Kill those, and wait until it is done."""
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        until(lambda: self.processes().keys().isdisjoint(pids))

    def end(self) -> int:
        """Let the program go on; return the exit code."""
        try:
            self.main.communicate(b"\n", timeout=LIMIT)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it does not end; there are {self.left()}; {self.errors.read_text()}") from None
        return self.main.returncode

    def left(self) -> list[str]:
        """Return what there is."""
        processes = [f"the process {pid} ({command})" for pid, command in self.processes().items()]
        files = [f"the file {path}" for path in self.temporary.rglob("*")]
        names = [f"the shared memory {name}" for name in self.names if (FOLDER / name).exists()]
        return processes + files + names

    def __enter__(self) -> Family:
        return self

    def __exit__(self, *_: object) -> None:
        until(self.killed)
        self.main.communicate()
        for name in self.names:
            (FOLDER / name).unlink(missing_ok=True)

    def killed(self) -> bool:
        """Kill those who live; return whether nobody does."""
        alive = self.processes()
        for pid in alive:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return not alive


def until(condition: Callable[[], object], seconds: float = LIMIT) -> None:
    """Return when it is so, or after some seconds."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)  # nothing tells of it


METHODS = ("fork", "spawn", "forkserver")
CASES = [
    "program",
    "holder_of_a_lock",
    "holder_of_a_queue",
    "writer_of_shared_memory",
    "creator_of_shared_memory",
    "creator_of_shared_memory_that_its_parent_does_not_know_of",
    "listener",
    "managers_servers",
    "worker_of_a_pool",
]
SERVED = ["fork_server", "fork_server_that_is_asked_for_a_child"]


@pytest.mark.parametrize(
    ("killed", "method"), [*itertools.product(CASES, METHODS), *((case, "forkserver") for case in SERVED)]
)
def test_nothing_is_left_of(tmp_path: Path, killed: str, method: str) -> None:
    with Family(tmp_path, killed, method) as family:
        family.kill(family.victims())
        code = family.end()
        until(lambda: not family.left(), SECONDS)
        left = "\n".join(family.left())
        assert not left, f"{SECONDS} seconds after the end there is:\n{left}"
        errors = family.errors.read_text()
        assert not errors, errors
        assert code == (-signal.SIGKILL if killed == "program" else 0)
