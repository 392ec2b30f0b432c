"""What several modules of this section share; light, because children import it.

A *primitive* is a Lock, an RLock, a Semaphore or a BoundedSemaphore with one place: what one thread has, all others
have to wait for. The checks say how it behaves then, whichever it is; ``what`` is how a failure names it: "a Lock".
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from mpconform.kit import Patience, Task
from mpconform.kit.patience import GRANULARITY


def in_a_thread(function: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
    """Make a call that does not block in a thread of its own; return what it returns, or raise what it raises."""
    return Task(function, *arguments, **keywords).result("a call in another thread ends")


def never(condition: Callable[[], object], what: str) -> None:
    """Watch that ``condition()`` stays false: the ``never`` of a cell in which a child starts in no time.

    All that is watched here has started already, so there is no reason to watch longer where starting takes longer.
    """
    Patience(latency=0).never(condition, what)


def shown(keywords: dict[str, Any]) -> str:
    """Return keywords as they are written in a call."""
    return ", ".join(f"{name}={value!r}" for name, value in keywords.items())


def try_and_release(primitive: Any) -> Any:
    """Acquire without blocking, release what was acquired, and return whether it was."""
    taken = primitive.acquire(False)
    if taken:
        primitive.release()
    return taken


def make_calls(primitive: Any, calls: Any, latch: Any, journal: Any) -> None:
    """Call methods and note what each returned, or the name of the exception that it raised: the target of a child."""
    latch.arrive()
    for method, keywords in calls:
        try:
            journal.write(getattr(primitive, method)(**keywords))
        except Exception as error:
            journal.write(type(error).__name__)


def start_calls(mp: Any, primitive: Any, calls: Any, latch: Any, journal: Any) -> Any:
    """Start a child that makes ``calls``, pairs of a method and its keywords, and return the child."""
    child = mp.Process(target=make_calls, args=(primitive, calls, latch, journal), daemon=True)
    child.start()
    return child


def calls_in_a_child(mp: Any, primitive: Any, calls: Any, scratch: Any) -> Any:
    """Make ``calls`` in a child and return its notes once it has ended."""
    journal = scratch.journal()
    child = start_calls(mp, primitive, calls, scratch.latch(), journal)
    child.join()
    notes = journal.read()
    assert len(notes) == len(calls), f"a child was to make the calls {calls} and made {len(notes)} of them"
    return notes


def hold(primitive: Any, latch: Any, journal: Any, gate: Any) -> None:
    """Acquire, note it, and release once the gate is open."""
    latch.arrive()
    primitive.acquire()
    journal.write("acquired")
    gate.wait()
    primitive.release()


def check_that_acquire_waits_for_another_process(mp, primitive, what, latch, journal):
    primitive.acquire()
    child = start_calls(mp, primitive, [("acquire", {})], latch, journal)
    latch.wait(1, "child that calls acquire()")
    never(journal.read, f"acquire() of {what} that another process has acquired ends before release()")
    primitive.release()
    answer = journal.wait(1, f"end of acquire() once {what} was released")[0]
    child.join()
    assert answer is True, f"acquire() of {what} that was released by another process: {answer!r}, promised is True"


def check_that_acquire_waits_for_another_thread(primitive, what, **arguments):
    primitive.acquire()
    waiting = Task(primitive.acquire, **arguments)
    call = f"acquire({shown(arguments)}) of {what} that another thread has acquired"
    never(waiting.is_done, f"{call} ends before release()")
    primitive.release()
    answer = waiting.result(f"{call} ends once it is released")
    assert answer is True, f"{call}: {answer!r} once it was released, promised is True"


def check_that_release_lets_one_proceed(mp, primitive, what, scratch):
    latch, journal, gate = scratch.latch(), scratch.journal(), scratch.gate()
    primitive.acquire()
    child = mp.Process(target=hold, args=(primitive, latch, journal, gate), daemon=True)
    child.start()
    thread = Task(hold, primitive, latch, journal, gate)
    latch.wait(2, "callers of acquire()")
    primitive.release()
    journal.wait(1, f"end of acquire() once {what} was released")
    never(lambda: len(journal.read()) > 1, f"release() of {what}, for which two wait, lets the second proceed")
    gate.open()
    journal.wait(2, f"ends of acquire() once {what} was released twice")
    child.join()
    thread.result("release() in the thread ends")


def check_timeout(primitive, what, patience):
    """Another thread has the primitive: acquire() with a timeout blocks for the timeout and returns False."""
    in_a_thread(primitive.acquire)
    start = time.monotonic()
    answer = primitive.acquire(timeout=0.1)
    took = time.monotonic() - start
    assert answer is False, f"acquire(timeout=0.1) of {what} that is not free: {answer!r}, promised is False"
    assert took < 0.1 + patience.awaiting, (
        f"acquire(timeout=0.1) of {what} blocked {took:.3f} s, promised is at most 0.1"
    )
    assert took >= 0.1 - GRANULARITY, f"acquire(timeout=0.1) of {what} blocked only {took:.3f} s, promised is 0.1"


def check_negative_timeout(primitive, what):
    """A timeout below zero is like one of zero, whether another thread has the primitive or none."""
    for timeout in 0, -1, -0.5:
        answer = primitive.acquire(timeout=timeout)
        assert answer is True, f"acquire(timeout={timeout}) of an unlocked {what}: {answer!r}, promised is True"
        waiting = Task(primitive.acquire, timeout=timeout)
        answer = waiting.result(f"acquire(timeout={timeout}) of {what} that another thread has ends at once")
        assert answer is False, f"acquire(timeout={timeout}) of a locked {what}: {answer!r}, promised is False"
        primitive.release()


def check_ignored_timeout(primitive, what, patience):
    in_a_thread(primitive.acquire)
    timeout = patience.awaiting
    start = time.monotonic()
    answer = primitive.acquire(False, timeout)
    took = time.monotonic() - start
    call = f"acquire(False, {timeout}) of {what} that another thread has"
    assert answer is False, f"{call}: {answer!r}, promised is False"
    assert took < timeout, f"{call} blocked {took:.3f} s, promised is that timeout is ignored"


def check_with(primitive, what):
    """In the block no other thread gets the primitive, afterwards it does, also when the block raises."""
    with primitive:
        inside = in_a_thread(try_and_release, primitive)
    after = in_a_thread(try_and_release, primitive)
    assert not inside, f"acquire(False) within 'with' of {what}: {inside!r} in another thread, promised is False"
    assert after, f"acquire(False) after 'with' of {what}: {after!r} in another thread, promised is True"
    try:
        with primitive:
            raise LookupError
    except LookupError:
        pass
    else:
        raise AssertionError(f"'with' of {what}: swallowed the exception of its block")
    after = in_a_thread(try_and_release, primitive)
    assert after, f"acquire(False) after 'with' of {what} whose block raised: {after!r}, promised is True"


def wait_for_notification(condition: Any, latch: Any, journal: Any) -> None:
    """Wait for a condition, and note what wait() returned.

    It arrives at the latch with the lock acquired: who acquires the lock after that knows that it waits.
    """
    with condition:
        latch.arrive()
        journal.write(condition.wait())
