"""A backend that needs a server: its adapter starts it once, before anything is asked, and stops it whatever happens.

How ``start()`` and ``stop()`` are called is tested beside the adapters; here are the runs that they are called in.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mpreports.results import read_results

if TYPE_CHECKING:
    from conftest import Ran, Started, Suite

IDS = ["process.start.runs-run", "pipe.call.returns-pair"]
HANGING = "process.is_alive.false-before-start"

GRACE = 5.0
"""Seconds within which the server of a killed run is stopped, and all is gone."""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Return the file in which the adapter notes what it is asked to do."""
    return tmp_path / "log"


def asked(log: Path) -> list[str]:
    """Return what the adapter was asked to do."""
    return log.read_text().split()


def assert_started_and_stopped(ran: Ran, log: Path) -> None:
    """Assert that the server was started once and stopped once, and that nothing is left of it."""
    assert asked(log) == ["start", "stop"], ran
    assert (ran.left, ran.files) == ([], []), ran


@pytest.mark.parametrize("isolation", ["fork", "fresh"])
def test_the_server_runs_from_before_the_first_test_to_the_end(suite: Suite, log: Path, isolation: str) -> None:
    more = ("--jobs", "2", "--isolation", isolation)
    ran = suite.judge("broken.served:Served", IDS, *more, BROKEN_SERVER_LOG=str(log))
    assert ran.status == 0, ran
    assert ran.verdicts() == dict.fromkeys(IDS, "pass")
    assert ran.read().header["cell"]["backend"] == "served"
    assert_started_and_stopped(ran, log)


def test_without_the_server_nothing_can_be_judged(suite: Suite) -> None:
    ran = suite.judge("broken.served", IDS)
    assert (ran.status, ran.left, ran.files) == (3, [], []), ran
    assert "BROKEN_SERVER" in ran.stderr.splitlines()[-1], ran.stderr


def test_one_server_serves_all_start_methods(suite: Suite, log: Path) -> None:
    cell = ("--backend", "broken.served:Served", "--start-method", "fork", "--start-method", "spawn")
    ran = suite.command("run", *cell, "--requirement", IDS[0], "--results", "out", BROKEN_SERVER_LOG=str(log))
    assert ran.status == 0, ran
    files = sorted((ran.results.parent / "out").glob("*.jsonl"))
    assert [read_results(file).header["cell"]["start_method"] for file in files] == ["fork", "spawn"]
    assert_started_and_stopped(ran, log)


def test_a_server_that_cannot_be_started_is_told_in_one_line(suite: Suite, log: Path) -> None:
    ran = suite.judge("broken.served:Unserved", IDS, BROKEN_SERVER_LOG=str(log))
    assert (ran.status, ran.stdout) == (2, ""), ran
    [line] = ran.stderr.splitlines()
    assert line.startswith("mpconform: error: backend 'served': start(): raised RuntimeError('there is no such ")
    assert not ran.results.exists()
    assert_started_and_stopped(ran, log)


def test_plain_pytest_serves_as_well(suite: Suite, log: Path) -> None:
    chosen = [f"--requirement={id_}" for id_ in IDS]
    ran = suite.pytest("--backend", "broken.served:Served", *chosen, BROKEN_SERVER_LOG=str(log))
    assert ran.status == 0, ran
    assert ran.verdicts() == dict.fromkeys(IDS, "pass")
    assert_started_and_stopped(ran, log)


def test_plain_pytest_tells_of_a_server_that_cannot_be_started(suite: Suite, log: Path) -> None:
    ran = suite.pytest("--backend", "broken.served:Unserved", BROKEN_SERVER_LOG=str(log))
    assert ran.status == pytest.ExitCode.USAGE_ERROR, ran
    assert "there is no such server" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert_started_and_stopped(ran, log)


def by_command(suite: Suite, *more: str, **environment: str) -> Started:
    """Start a run by the command, in which a test hangs."""
    return suite.start("broken.served:ServedAndHanging", [HANGING], "--jobs", "1", *more, **environment)


def by_pytest(suite: Suite, *more: str, **environment: str) -> Started:
    """Start it by plain pytest."""
    backend = ("--backend", "broken.served:ServedAndHanging")
    return suite.start_pytest(*backend, "--requirement", HANGING, *more, **environment)


Start = Callable[..., "Started"]


def hanging(start: Start, suite: Suite, log: Path, *more: str) -> Started:
    """Start a run and return it when its test hangs."""
    file = log.with_name("pid")
    started = start(suite, *more, BROKEN_SERVER_LOG=str(log), HANGING=str(file))
    started.until(lambda: file.exists() and file.read_text().endswith("\n"), "a test hangs")
    return started


@pytest.mark.parametrize("start", [by_command, by_pytest])
def test_ctrl_c_stops_the_server(suite: Suite, log: Path, start: Start) -> None:
    started = hanging(start, suite, log)
    started.process.send_signal(signal.SIGINT)
    ran = started.ended(GRACE)
    assert ran.status == 3, ran
    assert ran.read().footer["ended"] == "it was interrupted"
    assert_started_and_stopped(ran, log)


@pytest.mark.parametrize("start", [by_command, by_pytest])
def test_the_time_limit_stops_the_server(suite: Suite, log: Path, start: Start) -> None:
    ran = hanging(start, suite, log, "--time-limit", "4").ended(GRACE)
    assert ran.status == 3, ran
    assert ran.read().footer["ended"] == "the time limit of 4 s is over"
    assert_started_and_stopped(ran, log)


@pytest.mark.parametrize("start", [by_command, by_pytest])
def test_the_server_of_a_killed_run_is_stopped(suite: Suite, log: Path, start: Start) -> None:
    started = hanging(start, suite, log)
    started.process.send_signal(signal.SIGKILL)
    ran = started.ended(GRACE)
    assert ran.status == -signal.SIGKILL
    assert asked(log) == ["start", "stop"]
    assert ran.left == []
