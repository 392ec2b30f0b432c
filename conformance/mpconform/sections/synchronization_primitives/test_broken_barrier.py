"""``Barrier``: what breaks it, and what mends it."""

from __future__ import annotations

import threading
import time

from mpconform.kit import Task, raises, verifies
from mpconform.kit.patience import GRANULARITY
from mpconform.sections.synchronization_primitives.helpers import calls_in_a_child, start_calls


def waiting_child(mp, barrier, latch, journal, patience):
    """Start a child that waits in the barrier, and return it once it does."""
    child = start_calls(mp, barrier, [("wait", {})], latch, journal)
    patience.until(lambda: barrier.n_waiting == 1, "n_waiting is 1 when a child waits")
    return child


def timed_out(barrier, call, patience, *timeout):
    """Check that wait() with ``timeout`` times out in time, and return how long it took."""
    start = time.monotonic()
    with raises(threading.BrokenBarrierError, call):
        barrier.wait(*timeout)
    took = time.monotonic() - start
    assert took < patience.awaiting / 2, (
        f"{call}: raised BrokenBarrierError after {took:.3f} s, promised is after its timeout"
    )
    return took


@verifies("barrier.timeout.raises-brokenbarriererror")
def test_wait_raises_when_its_timeout_has_passed(mp, patience):
    timed_out(mp.Barrier(2), "wait(0.05) of a Barrier(2) that one thread has called", patience, 0.05)


@verifies("barrier.timeout.is-not-cut-short")
def test_wait_does_not_raise_before_its_timeout(mp, patience):
    took = timed_out(mp.Barrier(2), "wait(0.125) of a Barrier(2) that one thread has called", patience, 0.125)
    assert took >= 0.125 - GRANULARITY, (
        f"wait(0.125) raised BrokenBarrierError after only {took:.3f} s, promised is 0.125"
    )


@verifies("barrier.timeout.breaks-the-barrier")
def test_a_timeout_breaks_the_barrier(mp, patience):
    barrier = mp.Barrier(2)
    timed_out(barrier, "wait(0.01) of a Barrier(2) that one thread has called", patience, 0.01)
    assert barrier.broken is True, f"broken after wait(0.01) has timed out: {barrier.broken!r}, promised is True"


@verifies("barrier.timeout.default-from-the-constructor")
def test_wait_uses_the_timeout_of_the_constructor(mp, patience):
    timed_out(mp.Barrier(2, timeout=0.05), "wait() of a Barrier(2, timeout=0.05) that one has called", patience)


@verifies("barrier.timeout.of-wait-is-preferred")
def test_wait_prefers_its_own_timeout(mp, patience):
    timeout = patience.awaiting
    call = f"wait(0.05) of a Barrier(2, timeout={timeout}) that one thread has called"
    timed_out(mp.Barrier(2, timeout=timeout), call, patience, 0.05)


@verifies("barrier.abort.breaks-the-barrier")
def test_abort_breaks_the_barrier_for_all_processes(mp, scratch):
    barrier = mp.Barrier(2)
    calls_in_a_child(mp, barrier, [("abort", {})], scratch)
    assert barrier.broken is True, f"broken after abort() in a child: {barrier.broken!r}, promised is True"


@verifies("barrier.abort.fails-active-calls")
def test_abort_fails_a_process_that_waits(mp, latch, journal, patience):
    barrier = mp.Barrier(2)
    child = waiting_child(mp, barrier, latch, journal, patience)
    barrier.abort()
    answer = journal.wait(1, "end of wait() in a child, once abort() was called")[0]
    child.join()
    assert answer == "BrokenBarrierError", (
        f"wait() during which another process called abort(): {answer!r}, promised is BrokenBarrierError"
    )


@verifies("barrier.abort.fails-future-calls")
def test_abort_fails_those_that_come_later(mp):
    barrier = mp.Barrier(1)
    barrier.abort()
    for call in "wait() after abort()", "the second wait() after abort()":
        with raises(threading.BrokenBarrierError, call):
            barrier.wait()


@verifies("barrier.reset.fails-active-calls")
def test_reset_fails_a_process_that_waits(mp, latch, journal, patience):
    barrier = mp.Barrier(2)
    child = waiting_child(mp, barrier, latch, journal, patience)
    barrier.reset()
    answer = journal.wait(1, "end of wait() in a child, once reset() was called")[0]
    child.join()
    assert answer == "BrokenBarrierError", (
        f"wait() during which another process called reset(): {answer!r}, promised is BrokenBarrierError"
    )


@verifies("barrier.reset.mends-a-broken-barrier")
def test_reset_mends_a_broken_barrier(mp):
    barrier = mp.Barrier(2)
    barrier.abort()
    barrier.reset()
    assert barrier.broken is False, f"broken after abort() and reset(): {barrier.broken!r}, promised is False"
    threads = [Task(barrier.wait) for _ in range(2)]
    answers = [thread.result("wait() of a Barrier(2) after reset(), called by two, returns") for thread in threads]
    assert sorted(answers) == [0, 1], (
        f"wait() by two parties after abort() and reset(): {answers}, promised are 0 and 1"
    )
