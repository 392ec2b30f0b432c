"""A run that is killed or broken leaves no process and no results that look complete; neither does a full disk."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from mpreports.results import ResultsError, read_results

if TYPE_CHECKING:
    from conftest import Ran, Started, Suite

GRACE = 2.0
"""Seconds within which all processes of a killed run are gone."""

QUICK = "process.constructor.positional-order"
HANGING = "process.is_alive.false-before-start"
LATER = "process.run.invokes-target"
"""Requirements whose tests come in this order."""

HANGING_TEST = "process_and_exceptions/test_is_alive_and_sentinel.py::test_process_is_not_alive_before_start"


def assert_incomplete(suite: Suite, path: Path) -> None:
    """Assert that nothing takes the results for complete."""
    with pytest.raises(ResultsError, match="is incomplete") as caught:
        read_results(path)
    assert caught.value.exit_status == 3
    reported = suite.command("report", str(path))
    assert (reported.status, reported.stdout) == (3, ""), reported
    assert len(reported.stderr.splitlines()) == 1, reported.stderr


def done(started: Started) -> int:
    """Return how many tests are in the results so far."""
    return sum(line.startswith('{"kind": "test"') for line in started.lines())


def pytest_of(started: Started) -> psutil.Process | None:
    """Return the process of pytest that the command has started, if it is there."""
    if started.process.poll() is None:
        for child in psutil.Process(started.process.pid).children():
            try:
                if "pytest" in child.cmdline():
                    return child
            except psutil.Error:
                continue  # it has ended meanwhile
    return None


def start_hang(suite: Suite, *arguments: str) -> tuple[Started, psutil.Process]:
    """Return a run in which a test hangs, and the process that it hangs in, which is the root of a sandbox."""
    file = suite.folders.mktemp("hang") / "pid"
    started = suite.start("broken.hangs_in_is_alive", [QUICK, HANGING, LATER], *arguments, HANGING=str(file))
    started.until(lambda: file.exists() and file.read_text().endswith("\n"), "a test hangs")
    return started, psutil.Process(int(file.read_text()))


def before_collection(suite: Suite, jobs: str) -> Started:
    """Return a run whose pytest has just been started."""
    started = suite.start("stdlib", [], "--jobs", jobs)
    started.until(lambda: pytest_of(started), "pytest is started")
    assert not started.lines(), "tests have been collected already"
    return started


def during_tests(suite: Suite, jobs: str) -> Started:
    """Return a run that has done some of its tests."""
    started = suite.start("stdlib", ["process.*"], "--jobs", jobs)
    started.until(lambda: done(started) >= 3, "three tests are done")
    return started


def during_a_hang(suite: Suite, jobs: str) -> Started:
    """Return a run in which a test hangs."""
    started, _ = start_hang(suite, "--jobs", jobs)
    started.until(lambda: done(started) >= 1, "another is done")
    return started


MOMENTS = [before_collection, during_tests, during_a_hang]


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_run_leaves_nothing(suite: Suite, moment: Callable[[Suite, str], Started], jobs: str) -> None:
    started = moment(suite, jobs)
    started.process.send_signal(signal.SIGKILL)
    ran = started.ended(GRACE)
    assert ran.status == -signal.SIGKILL
    assert ran.left == []
    if moment is not before_collection:
        assert_incomplete(suite, ran.results)


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_an_interrupted_run_says_so_and_leaves_nothing(
    suite: Suite, moment: Callable[[Suite, str], Started], jobs: str
) -> None:
    started = moment(suite, jobs)
    started.process.send_signal(signal.SIGINT)
    ran = started.ended(GRACE)
    assert (ran.status, ran.stdout) == (3, ""), ran
    assert ran.stderr == "mpconform: error: interrupted: results.jsonl is incomplete\n"
    assert ran.left == []
    if moment is not before_collection:
        assert_incomplete(suite, ran.results)


def not_run(ran: Ran) -> dict[str, str]:
    """Return the tests that did not run, with their messages."""
    return {line["test"]: line["message"] for line in ran.read().tests if line["verdict"] == "not-run"}


def test_a_killed_worker_costs_the_tests_that_it_was_at(suite: Suite) -> None:
    started, sandbox = start_hang(suite, "--jobs", "2", "--patience", "0.5")
    server = sandbox.parent()
    worker = server.parent()
    assert worker.parent() == pytest_of(started), "it is a worker of pytest"
    worker.send_signal(signal.SIGKILL)
    ran = started.ended(GRACE)
    assert ran.left == []
    assert ran.status == 3, ran
    missed = not_run(ran)
    assert HANGING_TEST in missed, missed
    verdicts = ran.verdicts()
    assert verdicts[HANGING] == "not-run"
    assert HANGING in ran.stdout or "not-run" in ran.stdout, ran.stdout


def test_a_killed_fork_server_costs_the_test_that_it_was_at(suite: Suite) -> None:
    started, sandbox = start_hang(suite, "--jobs", "1", "--patience", "0.5")
    server = sandbox.parent()
    assert server.parent() == pytest_of(started), "it is the fork server"
    server.send_signal(signal.SIGKILL)
    ran = started.ended(GRACE)
    assert ran.left == []
    assert ran.files == []
    assert ran.status == 3, ran
    assert ran.verdicts() == {QUICK: "pass", HANGING: "not-run", LATER: "pass"}
    assert list(not_run(ran).values()) == ["the fork server was ended from outside"]


def test_a_killed_pytest_is_no_complete_run(suite: Suite) -> None:
    started = during_a_hang(suite, "1")
    engine = pytest_of(started)
    assert engine is not None
    engine.send_signal(signal.SIGKILL)
    ran = started.ended(GRACE)
    assert ran.left == []
    assert (ran.status, ran.stdout) == (3, ""), ran
    assert "results.jsonl: is incomplete: " in ran.stderr.splitlines()[-1], ran.stderr
    assert_incomplete(suite, ran.results)


def test_a_full_disk_is_no_complete_run(suite: Suite) -> None:
    # To the one who writes, a limit on the size of files is what a full disk is; and it needs no privileges.
    resource = pytest.importorskip("resource")
    if not hasattr(resource, "prlimit"):
        pytest.skip("no way to limit another process here")
    started = suite.start("stdlib", ["process.constructor.*", "process.join.*"], "--jobs", "1")
    resource.prlimit(started.process.pid, resource.RLIMIT_FSIZE, (6000, 6000))
    ran = started.ended()
    assert ran.left == []
    assert (ran.status, ran.stdout) == (3, ""), ran
    assert "File too large" in ran.stderr.splitlines()[-1], ran.stderr
    assert_incomplete(suite, ran.results)


BREAKING = """\
def pytest_runtest_logreport(report):
    raise ZeroDivisionError("of mine")
"""


def test_what_breaks_a_run_is_told(suite: Suite, tmp_path: Path) -> None:
    (tmp_path / "breaking.py").write_text(BREAKING)
    ran = suite.judge("stdlib", [QUICK], "--jobs", "1", "--", "-p", "breaking", PYTHONPATH=str(tmp_path))
    assert ran.status == 3, ran
    told = "mpconform: error: stdlib under fork: the run itself is broken: ZeroDivisionError: of mine"
    assert ran.stderr.splitlines()[-1] == told, ran
    assert_incomplete(suite, ran.results)
