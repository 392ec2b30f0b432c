"""What Lock, RLock, Semaphore, BoundedSemaphore and Condition have in common, each checked in one place.

``primitive`` is a new one with one place, and ``what`` is how a failure names it: "a Lock".
"""

from __future__ import annotations

from typing import Any

from mpconform.kit import Patience, Scratch, Task, raises
from mpconform.sections.synchronization_primitives.helpers import (
    Blocked,
    Calls,
    Holding,
    answers_of_a_child,
    in_a_thread,
    shown,
    try_and_release,
)


def check_class(primitive: Any, what: str, kind: type) -> None:
    """What the function returned is an instance of the class of synchronize."""
    assert isinstance(primitive, kind), (
        f"the function that makes {what} returned a {type(primitive)}, promised is synchronize.{kind.__name__}"
    )


def check_that_acquire_returns_true(primitive: Any, what: str, times: int = 1) -> None:
    for number in range(1, times + 1):
        answer = primitive.acquire()
        assert answer is True, f"acquire() number {number} of {what}: {answer!r}, promised is True"


def check_that_release_returns_none(primitive: Any, what: str) -> None:
    primitive.acquire()
    answer = primitive.release()
    assert answer is None, f"release() of {what}: {answer!r}, promised is None"


def check_release_of_what_is_free(primitive: Any, what: str, kind: type[Exception]) -> None:
    """Neither what is new nor what was released can be released once more, and the attempt takes no place away."""
    with raises(kind, f"release() of {what} that is new"):
        primitive.release()
    primitive.acquire()
    primitive.release()
    with raises(kind, f"release() of {what} that was acquired and released once"):
        primitive.release()
    answer = primitive.acquire(False)
    assert answer is True, f"acquire(False) of {what} after a release() that was refused: {answer!r}, promised is True"


def check_that_nonblocking_acquire_takes_it(primitive: Any, what: str) -> None:
    """acquire(block=False) of what is free takes it, so that another thread has to wait."""
    answer = primitive.acquire(block=False)
    assert answer is True, f"acquire(block=False) of {what} that is new: {answer!r}, promised is True"
    answer = in_a_thread(primitive.acquire, block=False)
    assert answer is False, (
        f"acquire(block=False) in another thread, of {what} that was acquired so: {answer!r}, promised is False"
    )


def acquire_that_blocks(primitive: Any, what: str, **arguments: Any) -> Blocked:
    """Acquire it, and let another thread call acquire(), which is to block until it is released."""
    primitive.acquire()
    call = f"acquire({shown(arguments)}) of {what} that another thread has acquired"
    return Blocked(call, lambda: primitive.acquire(**arguments), "release()", primitive.release)


def check_that_acquire_waits_for_another_process(
    primitive: Any, what: str, elsewhere: Calls, patience: Patience
) -> None:
    """This process has acquired the primitive, and another one is calling acquire()."""
    elsewhere.begun.wait(1, f"child that calls acquire() of {what}")
    patience.never(
        elsewhere.journal.read, f"acquire() of {what} that another process has acquired ends before release()"
    )
    primitive.release()
    answer = elsewhere.answers()[0]
    assert answer is True, f"acquire() of {what} that was released by another process: {answer!r}, promised is True"


def check_that_release_lets_one_proceed(what: str, holding: Holding, patience: Patience) -> None:
    """This process has acquired the primitive, and another one is calling acquire(); so is a thread."""
    thread = Task(holding)
    holding.begun.wait(2, f"callers of acquire() of {what}")
    holding.primitive.release()
    holding.held.wait(1, f"ends of acquire() once {what} was released")
    patience.never(
        lambda: holding.held.count() > 1, f"release() of {what}, for which two wait, lets the second proceed"
    )
    holding.leave.open()
    holding.held.wait(2, f"ends of acquire() once {what} was released twice")
    thread.result(f"release() of {what} in a thread ends")


# Timeouts.


def check_timeout(primitive: Any, what: str, patience: Patience) -> None:
    """acquire() with a timeout of what another thread has returns False in time, and changes nothing."""
    timeout = patience.timeout
    call = f"acquire(timeout={timeout}) of {what} that another thread has"
    primitive.acquire()
    waiting = Task(primitive.acquire, timeout=timeout)
    with patience.no_later(timeout, call):
        answer = waiting.result(f"{call} ends")
    assert answer is False, f"{call}: {answer!r}, promised is False"
    during = in_a_thread(try_and_release, primitive)
    primitive.release()
    after = in_a_thread(try_and_release, primitive)
    assert (during, after) == (False, True), (
        f"acquire(False) of {what} after a timeout in another thread: {during!r} while a thread has it, {after!r} once"
        " it is released; promised is False, then True"
    )


def check_that_timeout_is_not_cut_short(primitive: Any, what: str, patience: Patience) -> None:
    """acquire() with a timeout of what another thread has does not return before the timeout has passed."""
    timeout = 2 * patience.timeout  # far more than a clock may be coarse
    primitive.acquire()
    waiting = Task(primitive.acquire, timeout=timeout)
    call = f"acquire(timeout={timeout}) of {what} that another thread has"
    with patience.no_sooner(timeout, call):
        waiting.wait(f"{call} ends")


def check_negative_timeout(primitive: Any, what: str, patience: Patience) -> None:
    """A timeout below zero is like one of zero, whether another thread has the primitive or none."""
    for timeout in 0, -1, -0.5:
        call = f"acquire(timeout={timeout}) of {what}"
        answer = primitive.acquire(timeout=timeout)
        assert answer is True, f"{call} that is free: {answer!r}, promised is True"
        waiting = Task(primitive.acquire, timeout=timeout)
        with patience.at_once(f"{call} that another thread has"):
            answer = waiting.result(f"{call} that another thread has ends")
        assert answer is False, f"{call} that another thread has: {answer!r}, promised is False"
        primitive.release()


def check_ignored_timeout(primitive: Any, what: str, patience: Patience) -> None:
    """acquire(False, timeout) does not wait, neither for what another thread has nor for what is free."""
    primitive.acquire()
    for timeout in patience.awaiting, 0, None:
        call = f"acquire(False, {timeout}) of {what} that another thread has"
        waiting = Task(primitive.acquire, False, timeout)
        with patience.at_once(call):
            answer = waiting.result(f"{call} ends")
        assert answer is False, f"{call}: {answer!r}, promised is False"


def check_with(primitive: Any, what: str) -> None:
    """In the block no other thread gets the primitive, afterwards it does, also when the block raises."""
    with primitive:
        inside = in_a_thread(try_and_release, primitive)
    after = in_a_thread(try_and_release, primitive)
    assert not inside, f"acquire(False) within 'with' of {what}: {inside!r} in another thread, promised is False"
    assert after, f"acquire(False) after 'with' of {what}: {after!r} in another thread, promised is True"
    for kind in LookupError, KeyboardInterrupt, SystemExit:
        try:
            with primitive:
                raise kind
        except kind:
            pass
        else:
            raise AssertionError(f"'with' of {what}: swallowed {kind.__name__}, which its block raised")
        after = in_a_thread(try_and_release, primitive)
        assert after, (
            f"acquire(False) after 'with' of {what} whose block raised {kind.__name__}: {after!r}, promised is True"
        )


def check_locked(mp: Any, scratch: Scratch, primitive: Any, what: str) -> None:
    """locked() tells whether this process or another one has the primitive."""
    answers = [primitive.locked()]
    primitive.acquire()
    answers.append(primitive.locked())
    primitive.release()
    answers.append(primitive.locked())
    answers_of_a_child(mp, scratch, primitive, "acquire")
    answers.append(primitive.locked())
    assert answers == [False, True, False, True], (
        f"locked() of {what}: new, acquired, released, and acquired by a child: {answers}, promised is"
        " [False, True, False, True]"
    )
