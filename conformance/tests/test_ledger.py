"""The ledger of one test: what it calls a leak, and what it does not."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from mpconform.isolation import ledger

PATIENCE = 0.1
"""Seconds for what goes away by itself."""

pytestmark = pytest.mark.skipif(not ledger.OWN.exists(), reason="descriptors are told by /proc")

Opened = list[int]


@pytest.fixture
def opened() -> Iterator[Opened]:
    """Give a list of descriptors, which are closed at the end."""
    descriptors: Opened = []
    yield descriptors
    for descriptor in descriptors:
        os.close(descriptor)


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """Give an event that ends the threads of a test, and await their end."""
    event = threading.Event()
    before = threading.enumerate()
    yield event
    event.set()
    for thread in threading.enumerate():
        if thread not in before:
            thread.join()


def never() -> bool:
    raise AssertionError("the test was run again although nothing was left")


def test_nothing_left_is_no_leak_and_nothing_is_run_again() -> None:
    before = ledger.take()
    descriptor = os.open(os.devnull, os.O_RDONLY)
    os.close(descriptor)
    assert ledger.leaked(before, never, PATIENCE).size == 0


def test_a_descriptor_that_each_run_leaves_open_leaks(opened: Opened) -> None:
    def run() -> bool:
        opened.append(os.open(os.devnull, os.O_RDONLY))
        return True

    before = ledger.take()
    run()
    leaked = ledger.leaked(before, run, PATIENCE)
    assert leaked.descriptors == {opened[1]: os.devnull}
    assert leaked.threads == {}


def test_a_descriptor_that_only_the_first_run_leaves_open_is_no_leak(opened: Opened) -> None:
    def run() -> bool:
        if not opened:
            opened.append(os.open(os.devnull, os.O_RDONLY))
        return True

    before = ledger.take()
    run()
    assert ledger.leaked(before, run, PATIENCE).size == 0


def test_a_descriptor_that_means_something_else_than_before_is_left(opened: Opened) -> None:
    opened.append(os.open(os.devnull, os.O_RDONLY))
    before = ledger.take()
    file = os.open(__file__, os.O_RDONLY)
    os.dup2(file, opened[0])
    os.close(file)
    assert ledger.left_since(before).descriptors == {opened[0]: __file__}


def test_one_file_that_the_backend_keeps_is_no_leak_and_nothing_is_run_again(opened: Opened) -> None:
    before = ledger.take()
    opened.append(os.open(__file__, os.O_RDONLY))
    assert ledger.leaked(before, never, PATIENCE, ["*/test_ledger.py"]).size == 0


def test_a_second_file_of_the_kind_that_the_backend_keeps_leaks(opened: Opened) -> None:
    def run() -> bool:
        opened.append(os.open(__file__, os.O_RDONLY))
        return True

    before = ledger.take()
    run()
    run()
    leaked = ledger.leaked(before, run, PATIENCE, ["*/test_ledger.py"])
    assert leaked.descriptors == {opened[2]: __file__}


def test_a_thread_that_each_run_leaves_running_leaks(release: threading.Event) -> None:
    def run() -> bool:
        threading.Thread(target=release.wait, name="left running").start()
        return True

    before = ledger.take()
    run()
    leaked = ledger.leaked(before, run, PATIENCE)
    assert list(leaked.threads.values()) == ["left running"]
    assert leaked.descriptors == {}


def test_a_thread_that_ends_by_itself_is_awaited(release: threading.Event) -> None:
    before = ledger.take()
    threading.Thread(target=release.wait).start()
    threading.Timer(0.05, release.set).start()
    start = time.monotonic()
    assert ledger.leaked(before, lambda: True, 10).size == 0
    assert time.monotonic() - start < 5, "the patience is spent in full although everything has settled"


def test_what_waits_for_the_garbage_collector_is_no_leak() -> None:
    class Circle:
        def __init__(self) -> None:
            self.itself = self
            self.file = open(os.devnull)  # noqa: SIM115

        def __del__(self) -> None:
            self.file.close()

    before = ledger.take()
    Circle()
    assert ledger.leaked(before, never, PATIENCE).size == 0


def test_a_second_run_that_does_not_pass_accuses_nobody(opened: Opened) -> None:
    before = ledger.take()
    opened.append(os.open(os.devnull, os.O_RDONLY))
    assert ledger.leaked(before, lambda: False, PATIENCE).size == 0


def test_what_takes_the_place_of_what_went_is_no_leak(opened: Opened) -> None:
    def run() -> bool:
        os.close(opened.pop())
        opened.append(os.open(__file__, os.O_RDONLY))
        return True

    before = ledger.take()
    opened.append(os.open(os.devnull, os.O_RDONLY))
    assert ledger.leaked(before, run, PATIENCE).size == 0


@pytest.fixture
def helpers() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Give a list of processes, which are ended at the end."""
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for helper in started:
        helper.kill()
        helper.communicate()


def lifeline(helpers: list[subprocess.Popen[bytes]], opened: Opened) -> bool:
    """Start a helper that lives until a pipe to it is closed, and keep this end of the pipe."""
    theirs, ours = os.pipe()
    opened.append(ours)
    helpers.append(subprocess.Popen([sys.executable, "-S", "-c", "import os; os.read(0, 1)"], stdin=theirs))
    os.close(theirs)
    return True


def test_the_lifeline_of_a_living_helper_is_no_leak(helpers: list[subprocess.Popen[bytes]], opened: Opened) -> None:
    before = ledger.take()
    lifeline(helpers, opened)
    assert ledger.leaked(before, never, PATIENCE).size == 0


def test_the_lifeline_of_a_dead_helper_leaks(helpers: list[subprocess.Popen[bytes]], opened: Opened) -> None:
    def run() -> bool:
        lifeline(helpers, opened)
        helpers[-1].kill()
        helpers[-1].wait()
        return True

    before = ledger.take()
    run()
    leaked = ledger.leaked(before, run, PATIENCE)
    assert list(leaked.descriptors) == [opened[1]]
    assert leaked.descriptors[opened[1]].startswith("pipe:")


def test_a_file_that_a_helper_has_open_too_is_no_lifeline(
    helpers: list[subprocess.Popen[bytes]], opened: Opened
) -> None:
    def run() -> bool:
        opened.append(os.open(__file__, os.O_RDONLY))
        helpers.append(subprocess.Popen(["sleep", "60"], stdin=opened[-1]))
        return True

    before = ledger.take()
    run()
    assert ledger.leaked(before, run, PATIENCE).descriptors == {opened[1]: __file__}
