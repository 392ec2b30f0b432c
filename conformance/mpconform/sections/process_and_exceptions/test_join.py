"""join()."""

from __future__ import annotations

import os
import select
import sys
import threading
from contextlib import suppress
from typing import Any

from mpconform.kit import Patience, Task, backend, idle, promise, raises, verifies, works


def hold_until_open(lifelines: Any, gate: Any) -> None:
    """Hold a lifeline, and run until the gate opens."""
    lifelines.hold()
    gate.wait()


def end_late(lifelines: Any) -> None:
    """Hold a lifeline, run for a while, and leave a thread that runs on: the process ends later than what it runs."""
    lifelines.hold()
    threading.Thread(target=watch, args=(2,)).start()
    watch(1)


def watch(count: int) -> None:
    """Let time pass in which the parent can be seen to block, so many times."""
    for _ in range(count):
        Patience().never(lambda: False, "what cannot happen")


def join_itself(journal: Any) -> None:
    """Join the process that this runs in; the timeout is for a backend that does not refuse."""
    try:
        backend().current_process().join(0.01)
    except Exception as error:
        journal.write(f"refused: {error!r}")
    else:
        journal.write("returned")


def nothing() -> None:
    """Run to the end at once."""


def check_blocks(mp: Any, lifelines: Any, *arguments: Any) -> None:
    """Check that a child has ended when join() returns, although what it runs ended long before."""
    process = mp.Process(target=end_late, args=(lifelines,))
    process.start()
    [pid] = lifelines.wait(1, "child that runs")
    with idle():
        process.join(*arguments)
    assert lifelines.has_ended(pid), f"join{arguments}: returned before the child had terminated"


@verifies("process.join.blocks-until-terminated")
def test_join_blocks_until_the_child_terminates(mp, lifelines):
    check_blocks(mp, lifelines)


@verifies("process.join.timeout-none-blocks")
def test_join_with_none_blocks_until_the_child_terminates(mp, lifelines):
    check_blocks(mp, lifelines, None)


@verifies(
    "process.join.timeout-bounds-wait", "process.join.returns-none-after-timeout", "process.join.exitcode-tells-outcome"
)
def test_join_on_a_child_that_runs_on(mp, gate, lifelines, patience):
    process = mp.Process(target=hold_until_open, args=(lifelines, gate))
    process.start()
    [pid] = lifelines.wait(1, "child that runs")
    timeout = patience.timeout
    call = f"join({timeout:.2f}) on a child that runs on"
    with promise("process.join.timeout-bounds-wait"):
        for count in ("", ", once more"):
            with patience.runs_out(timeout, call + count), suppress(Exception):  # what it raises is judged below
                process.join(timeout)
        with patience.runs_out(1, "join(timeout=1) on a child that runs on"), suppress(Exception):
            process.join(timeout=1)
        assert not lifelines.has_ended(pid), f"{call}: the child has ended, promised is to wait for it only"
    with promise("process.join.returns-none-after-timeout"):
        with works(call):
            returned = process.join(timeout)
        assert returned is None, f"{call}: returned {returned!r}, promised None"
    with promise("process.join.exitcode-tells-outcome"):
        with suppress(Exception):
            process.join(timeout)
        found = process.exitcode
        assert found is None, f"{call}: exitcode is then {found!r}, promised None"
        gate.open()
        with idle():
            process.join(patience.awaiting)
        found = process.exitcode
        assert isinstance(found, int), (
            f"join() on a child that terminates: exitcode is then {found!r}, promised an integer"
        )
    gate.open()
    process.join()


@verifies("process.join.timeout-ends-early")
def test_join_with_a_timeout_returns_when_the_child_terminates(mp, lifelines, gate, patience):
    process = mp.Process(target=hold_until_open, args=(lifelines, gate))
    process.start()
    [pid] = lifelines.wait(1, "child that runs")
    timeout = patience.awaiting
    call = f"join({timeout:.0f}) on a child that ends meanwhile"
    joining = Task(process.join, timeout)
    patience.never(joining.is_done, f"{call}: returns before that")
    gate.open()
    patience.until(lambda: lifelines.has_ended(pid), "the child ends")
    with patience.at_once(f"{call}, from its end on"):
        joining.wait(call)
    joining.result()


def start_grandchild(lifelines: Any, journal: Any, gate: Any) -> None:
    """Write down the pid, and start a child of this child; both hold a lifeline and run until the gate opens."""
    journal.write(os.getpid())
    backend().Process(target=hold_until_open, args=(lifelines, gate)).start()
    hold_until_open(lifelines, gate)


@verifies("process.sentinel.ready-beside-a-grandchild", "process.join.timeout-ends-early-beside-a-grandchild")
def test_the_end_of_a_child_whose_own_child_runs_on(mp, lifelines, journal, gate, patience):
    process = mp.Process(target=start_grandchild, args=(lifelines, journal, gate))
    process.start()
    lifelines.wait(2, "a child and a grandchild that run")
    [pid] = journal.read()
    process.kill()
    patience.until(lambda: lifelines.has_ended(pid), "kill() ends the child")
    with promise("process.sentinel.ready-beside-a-grandchild"):
        with idle():
            ready = mp.connection.wait([process.sentinel], patience.watching)
        assert ready == [process.sentinel], (
            "connection.wait([sentinel]): not ready although the child has ended; its own child runs on"
        )
    with promise("process.join.timeout-ends-early-beside-a-grandchild"):
        call = f"join({2 * patience.allowance:.1f}) on a child that has ended, and whose own child runs on"
        with patience.at_once(call), idle():
            process.join(2 * patience.allowance)
        assert process.exitcode is not None, f"{call}: exitcode is then None"
    gate.open()
    lifelines.wait_until_ended("the grandchild ends")
    process.join()


@verifies("process.join.timeout-not-positive")
def test_join_with_a_timeout_of_zero_or_less(mp, gate, patience, observe):
    process = mp.Process(target=gate.wait)
    process.start()
    timer = threading.Timer(patience.awaiting / 2, gate.open)  # for a call that blocks
    timer.start()
    answers = []
    for timeout in (0, -1):
        try:
            process.join(timeout)
        except Exception as error:
            answers.append(f"join({timeout}) raises {type(error).__name__}")
        else:
            answers.append(f"join({timeout}) {'blocks' if gate.is_open() else 'returns at once'}")
    gate.open()
    timer.cancel()
    process.join()
    observe(", ".join(answers))


@verifies("process.join.returns-none-after-exit", "process.join.takes-timeout", "process.join.many-times")
def test_join_on_a_child_that_exits(mp, patience):
    calls = [(), (60,)]
    processes = [mp.Process(target=nothing) for _ in calls]
    for process in processes:
        process.start()
    with promise("process.join.returns-none-after-exit"):
        for process, arguments in zip(processes, calls, strict=True):
            returned = process.join(*arguments)
            assert returned is None, f"join{arguments} on a child that exits: returned {returned!r}, promised None"
    process = processes[0]
    with promise("process.join.takes-timeout"):
        with works("join(60)"):
            process.join(60)
        with works("join(timeout=60)"):
            process.join(timeout=60)
    with promise("process.join.many-times"):
        for count, given in enumerate([(), (), (60.0,), (0.01,), ()], 1):
            with (
                works(f"call {count} of join(), join{given}"),
                patience.at_once(f"call {count} of join(), join{given}"),
            ):
                returned = process.join(*given)
            assert returned is None, f"call {count} of join(), join{given}: returned {returned!r}, promised None"


def stop_after(number: int, call: Any, stopped: threading.Event, go_on: threading.Event) -> int:
    """Make the call, and return how often it asks the system for something; after one answer stop, but not for ever."""
    count = 0

    def look(frame: Any, event: str, function: Any) -> None:
        nonlocal count
        if event == "c_return" and function.__module__ == os.name:
            count += 1
            if count == number:
                stopped.set()
                go_on.wait(0.05)  # the other thread may have to wait for this one

    sys.setprofile(look)
    try:
        call()
    finally:
        sys.setprofile(None)
        stopped.set()
    return count


def wait_until_it_may_be_joined(mp: Any, process: Any, patience: Patience) -> None:
    """Block until a child has ended and its exit status can be had."""
    with idle():
        mp.connection.wait([process.sentinel], patience.awaiting)
    with suppress(AttributeError, OSError):  # on Linux, if somebody else has not had the status already
        descriptor = os.pidfd_open(process.pid)  # type: ignore[attr-defined,unused-ignore]
        select.select([descriptor], [], [], patience.awaiting)
        os.close(descriptor)


@verifies("process.join.exitcode-beside-another-thread")
def test_exitcode_after_join_while_another_thread_asks(mp, patience):
    def ask_for_exitcode() -> Any:
        return process.exitcode

    for ask in (ask_for_exitcode, mp.active_children):
        for number in range(1, 10):  # the other thread stops after each answer of the system, until none comes any more
            process = mp.Process(target=nothing)
            process.start()
            wait_until_it_may_be_joined(mp, process, patience)
            stopped, go_on = threading.Event(), threading.Event()
            asking = Task(stop_after, number, ask, stopped, go_on)
            stopped.wait(patience.awaiting)
            process.join()
            found = process.exitcode
            go_on.set()
            answers = asking.result(f"{ask.__name__}() in another thread")
            assert found == 0, (
                f"join() while another thread is in {ask.__name__}(): exitcode is {found} when it returns, promised 0"
            )
            if answers < number:
                break


@verifies("process.join.refuses-itself")
def test_process_cannot_join_itself(mp, journal):
    process = mp.Process(target=join_itself, args=(journal,))
    process.start()
    process.join()
    [found] = journal.wait(1, "record of the child")
    assert found.startswith("refused"), f"current_process().join(0.01) in a child: {found}, promised an exception"


@verifies("process.join.before-start-is-an-error")
def test_join_before_start_is_an_error(mp, patience):
    for arguments in ((0.01,), (patience.awaiting,), (), (None,)):
        with patience.at_once(f"join{arguments} before start()"), raises(Exception, f"join{arguments} before start()"):
            mp.Process(target=nothing).join(*arguments)
