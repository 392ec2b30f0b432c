"""join()."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import Any

from mpconform.kit import Patience, backend, each, idle, promise, raises, verifies, works


def record_when_open(gate: Any, journal: Any) -> None:
    """Run until the gate opens; the record is the last that the child does."""
    gate.wait()
    journal.write("the child ran to its end")


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


def record_after_a_while(journal: Any) -> None:
    """Run on so that the parent can be seen to block, whatever its threads do; the record is the last of it."""
    Patience().never(lambda: False, "what cannot happen")
    journal.write("the child ran to its end")


@verifies("process.join.blocks-until-terminated")
def test_join_blocks_until_the_child_terminates(mp, journal):
    process = mp.Process(target=record_after_a_while, args=(journal,))
    process.start()
    with idle():
        process.join()
    found = journal.read()
    assert found == ["the child ran to its end"], "join(): returned before the child had run to its end"


@verifies("process.join.timeout-none-blocks")
def test_join_with_none_blocks_until_the_child_terminates(mp, journal):
    process = mp.Process(target=record_after_a_while, args=(journal,))
    process.start()
    with idle():
        process.join(None)
    found = journal.read()
    assert found == ["the child ran to its end"], "join(None): returned before the child had run to its end"


@verifies(
    "process.join.timeout-bounds-wait", "process.join.returns-none-after-timeout", "process.join.exitcode-tells-outcome"
)
def test_join_on_a_child_that_runs_on(mp, gate, journal, patience):
    process = mp.Process(target=record_when_open, args=(gate, journal))
    process.start()
    timeout = patience.timeout
    call = f"join({timeout:.2f}) on a child that runs on"
    with promise("process.join.timeout-bounds-wait"):
        start = time.monotonic()
        with suppress(Exception):  # whether it returns or raises is judged below
            process.join(timeout)
        took = time.monotonic() - start
        assert journal.read() == [] and took < patience.awaiting / 2, (
            f"{call}: returned after {took:.2f} s, promised after at most {timeout:.2f} s"
        )
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
        process.join()
        found = process.exitcode
        assert isinstance(found, int), (
            f"join() on a child that terminates: exitcode is then {found!r}, promised an integer"
        )
    gate.open()
    process.join()


@verifies("process.join.timeout-ends-early")
def test_join_with_a_timeout_returns_when_the_child_terminates(mp, journal, patience):
    process = mp.Process(target=record_after_a_while, args=(journal,))
    process.start()
    timeout = patience.awaiting
    start = time.monotonic()
    with idle():
        process.join(timeout)
    took = time.monotonic() - start
    found = journal.read()
    assert found == ["the child ran to its end"], (
        f"join({timeout:.0f}): returned after {took:.2f} s, before the child had run to its end"
    )
    assert took < timeout / 2, f"join({timeout:.0f}): returned after {took:.2f} s, long after the child had ended"


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
def test_join_on_a_child_that_exits(mp):
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
            with works(f"call {count} of join(), join{given}"):
                returned = process.join(*given)
            assert returned is None, f"call {count} of join(), join{given}: returned {returned!r}, promised None"


@verifies("process.join.refuses-itself")
def test_process_cannot_join_itself(mp, journal):
    process = mp.Process(target=join_itself, args=(journal,))
    process.start()
    process.join()
    [found] = journal.wait(1, "record of the child")
    assert found.startswith("refused"), f"current_process().join(0.01) in a child: {found}, promised an exception"


@verifies("process.join.before-start-is-an-error")
@each("arguments", [(), (0.01,)])
def test_join_before_start_is_an_error(mp, arguments):
    with raises(Exception, f"join{arguments} before start()"):
        mp.Process(target=nothing).join(*arguments)
