"""A run that is killed or broken leaves no process, and no results that look complete; neither does a full disk.

One that is told to end, by Ctrl-C or by its time limit, writes what it knows by then, as what it is.
"""

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

QUICK = "process.start.runs-run"
HANGING = "process.is_alive.false-before-start"
LATER = "process.kill.sends-sigkill"
"""Requirements whose tests come in this order."""

FAILING = "pipe.call.returns-pair"

HANGING_TEST = "process_and_exceptions/test_is_alive_and_sentinel.py::test_life_of_a_child"


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
def test_a_run_that_is_interrupted_before_its_first_test_has_no_results(suite: Suite, jobs: str) -> None:
    started = before_collection(suite, jobs)
    started.process.send_signal(signal.SIGINT)
    ran = started.ended(GRACE)
    assert (ran.status, ran.stdout) == (3, ""), ran
    assert ran.stderr == "mpconform: error: interrupted: results.jsonl is incomplete\n"
    assert (ran.left, ran.files) == ([], [])


def verdicts(ran: Ran) -> tuple[str, ...]:
    """Return the verdicts on what comes first, on what hangs, and on what comes later."""
    found = ran.verdicts()
    return found[QUICK], found[HANGING], found[LATER]


def not_run(ran: Ran) -> dict[str, str]:
    """Return the tests that did not run, with their messages."""
    return {line["test"]: line["message"] for line in ran.read().tests if line["verdict"] == "not-run"}


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("moment", [during_tests, during_a_hang])
def test_an_interrupted_run_tells_what_it_knows(
    suite: Suite, moment: Callable[[Suite, str], Started], jobs: str
) -> None:
    started = moment(suite, jobs)
    known = done(started)
    started.process.send_signal(signal.SIGINT)
    ran = started.ended(GRACE)
    assert ran.status == 3, ran
    assert ran.stderr == "mpconform: error: interrupted: results.jsonl has what was known by then\n"
    assert (ran.left, ran.files) == ([], [])
    results = ran.read()
    assert results.footer["ended"] == "it was interrupted"
    assert len(results.tests) == results.header["tests"], "each test that was to be run is told of"
    assert len(results.tests) - len(not_run(ran)) >= known, "what was known is lost"
    assert set(not_run(ran).values()) == {"the run ended before it: it was interrupted"}
    reported = suite.command("report", str(ran.results))
    assert "the run was ended early: it was interrupted; " in reported.stdout, reported


def test_what_could_not_be_confirmed_is_told_as_that(suite: Suite) -> None:
    # What fails comes first and would be confirmed once the one that hangs is over.
    file = suite.folders.mktemp("hang") / "pid"
    started = suite.start("broken.fails_and_hangs", [FAILING, HANGING], "--jobs", "1", HANGING=str(file))
    started.until(lambda: file.exists() and file.read_text().endswith("\n"), "a test hangs")
    started.process.send_signal(signal.SIGINT)
    ran = started.ended(GRACE)
    assert (ran.status, ran.left) == (3, []), ran
    assert ran.verdicts()[FAILING] == "fail"
    assert ran.because(FAILING).startswith("not confirmed, because the run ended before: "), ran.because(FAILING)
    assert len(ran.test(FAILING)["attempts"]) == 1
    assert ran.verdicts()[HANGING] == "not-run"


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_time_limit_ends_a_run_which_tells_what_it_knows(suite: Suite, jobs: str) -> None:
    started, _ = start_hang(suite, "--jobs", jobs, "--time-limit", "4")
    ran = started.ended(GRACE)
    assert (ran.status, ran.left, ran.files) == (3, [], []), ran
    assert ran.read().footer["ended"] == "the time limit of 4 s is over"
    assert verdicts(ran) == ("pass", "not-run", "pass" if jobs == "2" else "not-run")
    assert not_run(ran)[HANGING_TEST] == "the run ended before it: the time limit of 4 s is over"


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_killed_server_costs_the_test_that_it_was_at(suite: Suite, jobs: str) -> None:
    started, sandbox = start_hang(suite, "--jobs", jobs)
    server = sandbox.parent()
    assert server.parent() == pytest_of(started), "it is a server"
    server.send_signal(signal.SIGKILL)
    ran = started.ended(GRACE)
    assert (ran.status, ran.left, ran.files) == (3, [], []), ran
    assert verdicts(ran) == ("pass", "not-run", "pass")
    assert not_run(ran) == {HANGING_TEST: "the server of its sandbox was ended from outside"}


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
