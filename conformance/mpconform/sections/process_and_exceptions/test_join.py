"""join()."""

from __future__ import annotations

import threading
import time
from typing import Any

from mpconform.kit import backend, each, raises, verifies


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


def open_later(gate: Any, patience: Any) -> threading.Timer:
    """Open the gate after a short while, when the caller presumably blocks."""
    timer = threading.Timer(patience.watching, gate.open)
    timer.start()
    return timer


@verifies("process.join.takes-timeout")
def test_timeout_goes_by_position_and_by_keyword(mp):
    process = mp.Process(target=nothing)
    process.start()
    try:
        process.join(60)
        process.join(timeout=60)
        process.join()
    except TypeError as error:
        raise AssertionError(
            f"join(60), join(timeout=60), join(): promised to be accepted, raised {error!r}"
        ) from error


@verifies("process.join.blocks-until-terminated")
def test_join_blocks_until_the_child_terminates(mp, gate, journal, patience):
    process = mp.Process(target=record_when_open, args=(gate, journal))
    process.start()
    timer = open_later(gate, patience)
    process.join()
    found = journal.read()
    timer.join()
    assert found == ["the child ran to its end"], "join(): returned before the child had run to its end"


@verifies("process.join.timeout-none-blocks")
def test_join_with_none_blocks_until_the_child_terminates(mp, gate, journal, patience):
    process = mp.Process(target=record_when_open, args=(gate, journal))
    process.start()
    timer = open_later(gate, patience)
    process.join(None)
    found = journal.read()
    timer.join()
    assert found == ["the child ran to its end"], "join(None): returned before the child had run to its end"


@verifies("process.join.timeout-bounds-wait")
def test_join_returns_when_the_timeout_expires(mp, gate, journal, patience):
    process = mp.Process(target=record_when_open, args=(gate, journal))
    process.start()
    start = time.monotonic()
    process.join(0.05)
    took = time.monotonic() - start
    still_running = journal.read() == []
    gate.open()
    process.join()
    assert still_running and took < patience.awaiting / 2, (
        f"join(0.05) on a child that runs on: returned after {took:.2f} s, promised after at most 0.05 s"
    )


@verifies("process.join.timeout-ends-early")
def test_join_with_a_timeout_returns_when_the_child_terminates(mp, gate, journal, patience):
    process = mp.Process(target=record_when_open, args=(gate, journal))
    process.start()
    timer = open_later(gate, patience)
    timeout = patience.awaiting
    start = time.monotonic()
    process.join(timeout)
    took = time.monotonic() - start
    found = journal.read()
    timer.join()
    assert found == ["the child ran to its end"], (
        f"join({timeout:.0f}): returned after {took:.2f} s, before the child had run to its end"
    )
    assert took < timeout / 2, f"join({timeout:.0f}): returned after {took:.2f} s, long after the child had ended"


@verifies("process.join.timeout-not-positive")
def test_join_with_a_timeout_of_zero_or_less(mp, gate, patience, observe):
    process = mp.Process(target=gate.wait)
    process.start()
    timer = threading.Timer(10 * patience.watching, gate.open)
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


@verifies("process.join.returns-none-after-exit")
@each("arguments", [(), (60,)])
def test_join_returns_none_once_the_child_has_exited(mp, arguments):
    process = mp.Process(target=nothing)
    process.start()
    returned = process.join(*arguments)
    assert returned is None, f"join{arguments} on a child that exits: returned {returned!r}, promised None"


@verifies("process.join.returns-none-after-timeout")
def test_join_returns_none_when_the_timeout_expires(mp, gate):
    process = mp.Process(target=gate.wait)
    process.start()
    try:
        returned = process.join(0.01)
    except Exception as error:
        raise AssertionError(
            f"join(0.01) on a child that runs on: promised to return None, raised {error!r}"
        ) from error
    finally:
        gate.open()
        process.join()
    assert returned is None, f"join(0.01) on a child that runs on: returned {returned!r}, promised None"


@verifies("process.join.exitcode-tells-outcome")
def test_exitcode_tells_whether_the_child_terminated(mp, gate):
    process = mp.Process(target=gate.wait)
    process.start()
    process.join(0.01)
    after_timeout = process.exitcode
    gate.open()
    process.join()
    assert after_timeout is None, (
        f"join(0.01) on a child that runs on: exitcode is then {after_timeout!r}, promised None"
    )
    assert isinstance(process.exitcode, int), (
        f"join() on a child that terminates: exitcode is then {process.exitcode!r}, promised an integer"
    )


@verifies("process.join.many-times")
def test_process_can_be_joined_many_times(mp):
    process = mp.Process(target=nothing)
    process.start()
    for count, arguments in enumerate([(), (), (60,), (0.01,), ()], 1):
        try:
            returned = process.join(*arguments)
        except Exception as error:
            raise AssertionError(f"call {count} of join(), join{arguments}: raised {error!r}") from error
        assert returned is None, f"call {count} of join(), join{arguments}: returned {returned!r}, promised None"


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
