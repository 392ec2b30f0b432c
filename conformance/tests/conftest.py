"""Running the suite from outside, as its users do, and looking at what it leaves behind.

Each run is a process of its own with an environment variable that all its descendants inherit, however far they
get: that tells what has survived a run from everything else on the machine.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from mpreports.results import Results, read_results

HERE = Path(__file__).parent

MARK = "MPCONFORM_TESTS_MARK"
"""The environment variable whose value tells the processes of one run."""

LIMIT = 120.0
"""Seconds after which a run is given up."""

COMMAND = ("-c", "from mpconform.cli import main; main()")
PYTEST = ("-m", "pytest")

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    # A shell does that to what it runs in the background, and what is started here would inherit it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@dataclass(frozen=True)
class Ran:
    """What a run came to."""

    status: int
    stdout: str
    stderr: str
    results: Path
    left: list[str]
    """The processes of the run that outlived it."""
    files: list[str]
    """What outlived it of the harness's temporary files."""

    def read(self) -> Results:
        """Return what the results file holds."""
        return read_results(self.results)

    def verdicts(self, of: Collection[str] | None = None) -> dict[str, str]:
        """Return the verdict on each requirement, or on each of these: a test may judge others beside them."""
        found = {entry["id"]: str(entry["verdict"].value) for entry in self.read().requirements}
        return {id_: verdict for id_, verdict in found.items() if of is None or id_ in of}

    def because(self, requirement: str) -> str:
        """Return why the verdict on a requirement is what it is."""
        return next(entry["because"] for entry in self.read().requirements if entry["id"] == requirement)

    def test(self, requirement: str) -> Any:
        """Return the line of the only test of a requirement."""
        [line] = [line for line in self.read().tests if requirement in line["requirements"]]
        return line


class Started:
    """A run that has been started, and its processes."""

    def __init__(self, arguments: tuple[str, ...], folder: Path, results: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.results = results
        self.mark = uuid.uuid4().hex
        # Sockets live below it, and their paths may have no more than about a hundred bytes: not pytest's long one.
        self.temporary = Path(tempfile.mkdtemp(prefix="t", dir="/tmp"))
        path = os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH")]))
        # Whatever runs these tests, its settings are not those of the run.
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("MPCONFORM_", "PYTEST_"))}
        with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=folder,
                env={**inherited, "PYTHONPATH": path, "TMPDIR": str(self.temporary), MARK: self.mark, **environment},
                start_new_session=True,
            )

    def processes(self) -> list[psutil.Process]:
        """Return the living processes of the run."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.status() != psutil.STATUS_ZOMBIE and process.environ().get(MARK) == self.mark:
                    found.append(process)
            except psutil.Error:
                continue  # it has ended meanwhile, or is another user's
        return found

    def lines(self) -> list[str]:
        """Return the whole lines that the results file has so far."""
        if not self.results.exists():
            return []
        return self.results.read_text().splitlines(keepends=True)

    def until(self, condition: Callable[[], Any], what: str, seconds: float = LIMIT) -> Any:
        """Return the first true value of ``condition()``; fail if none comes in time."""
        end = time.monotonic() + seconds
        while not (value := condition()):
            assert time.monotonic() < end, f"not within {seconds} s: {what}; {self.printed()}"
            time.sleep(0.01)
        return value

    def ended(self, grace: float = 0.0) -> Ran:
        """Await the end of the run and return what it came to; what is left of it gets ``grace`` seconds to end."""
        try:
            status = self.process.wait(LIMIT)
            end = time.monotonic() + grace
            while (left := self.processes()) and time.monotonic() < end:
                time.sleep(0.02)
            described = [f"{process.pid} {process.cmdline()}" for process in left]
            files = sorted(path.name for path in self.temporary.glob("mpc-*"))
        except subprocess.TimeoutExpired:
            pytest.fail(f"the run was not done within {LIMIT} s; {self.printed()}")
        finally:
            self.close()
        stdout, stderr = ((self.folder / name).read_text(errors="backslashreplace") for name in ("stdout", "stderr"))
        return Ran(status, stdout, stderr, self.results, described, files)

    def close(self) -> None:
        """End whatever is left."""
        while left := self.processes():
            for process in left:
                try:
                    process.send_signal(signal.SIGKILL)
                except psutil.NoSuchProcess:
                    pass  # that is what the signal was for
        self.process.wait()
        shutil.rmtree(self.temporary, ignore_errors=True)

    def printed(self) -> str:
        """Return, for a message, what the run has printed so far."""
        return f"it printed {(self.folder / 'stdout').read_text()!r}, {(self.folder / 'stderr').read_text()!r}"


class Suite:
    """Starts runs, each in an empty folder of its own."""

    def __init__(self, folders: pytest.TempPathFactory) -> None:
        self.folders = folders
        self.started: list[Started] = []

    def start(
        self, backend: str, requirements: Sequence[str] = (), *arguments: str, method: str = "fork", **environment: str
    ) -> Started:
        """Start ``mpconform run`` for one backend under one start method, with results in one file."""
        chosen = [argument for id_ in requirements for argument in ("--requirement", id_)]
        cell = ("--backend", backend, "--start-method", method, "--results", "results.jsonl")
        return self._start((*COMMAND, "run", *cell, *chosen, *arguments), environment)

    def judge(
        self, backend: str, requirements: Sequence[str] = (), *arguments: str, method: str = "fork", **environment: str
    ) -> Ran:
        """Start it and await its end."""
        return self.start(backend, requirements, *arguments, method=method, **environment).ended()

    def command(self, *arguments: str, **environment: str) -> Ran:
        """Run any command of ``mpconform``."""
        return self._start((*COMMAND, *arguments), environment).ended()

    def pytest(self, *arguments: str, folder: Path | None = None, **environment: str) -> Ran:
        """Run the suite with plain pytest, under fork unless the arguments say otherwise."""
        return self.start_pytest(*arguments, folder=folder, **environment).ended()

    def start_pytest(self, *arguments: str, folder: Path | None = None, **environment: str) -> Started:
        """Start it."""
        plain = ("--pyargs", "mpconform.sections", "--start-method", "fork", "--results", "results.jsonl")
        return self._start((*PYTEST, *plain, *arguments), environment, folder)

    def tests(self, source: str, *arguments: str, backend: str = "stdlib", **environment: str) -> Ran:
        """Run the tests in a module that is made of the source, in place of those of the suite."""
        folder = self.folders.mktemp("tests")
        (folder / "pytest.ini").write_text("[pytest]\n")
        (folder / "test_made_up.py").write_text(
            "from __future__ import annotations\n\nimport os\nimport time\n\n"
            "from mpconform.kit import Patience, did_not_arise, idle, promise, verifies\n\n\n" + textwrap.dedent(source)
        )
        plain = ("test_made_up.py", "--backend", backend, "--start-method", "fork", "--results", "results.jsonl")
        return self._start((*PYTEST, *plain, *arguments), environment, folder).ended()

    def _start(self, arguments: tuple[str, ...], environment: dict[str, str], folder: Path | None = None) -> Started:
        folder = folder or self.folders.mktemp("run")
        started = Started(arguments, folder, folder / "results.jsonl", environment)
        self.started.append(started)
        return started


@pytest.fixture(scope="session")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    """Return the starter of runs; end what a failing test has left of them."""
    made = Suite(tmp_path_factory)
    yield made
    for started in made.started:
        started.close()
