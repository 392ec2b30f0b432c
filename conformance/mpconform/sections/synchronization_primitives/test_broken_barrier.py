"""``Barrier``: what breaks it, and what mends it."""

from __future__ import annotations

import threading
import time

from mpconform.kit import Task, idle, raises, verifies
from mpconform.kit.patience import GRANULARITY


def timed_out(barrier, call, patience, *timeout):
    """Check that wait() with ``timeout`` times out in time, and return how long it took."""
    start = time.monotonic()
    with idle(), raises(threading.BrokenBarrierError, call):
        barrier.wait(*timeout)
    took = time.monotonic() - start
    assert took < patience.awaiting / 2, (
        f"{call}: raised BrokenBarrierError after {took:.3f} s, promised is after its timeout"
    )
    return took


@verifies("barrier.timeout.raises-brokenbarriererror")
def test_wait_raises_when_its_timeout_has_passed(mp, patience):
    timeout = patience.timeout
    timed_out(mp.Barrier(2), f"wait({timeout}) of a Barrier(2) that one thread has called", patience, timeout)


@verifies("barrier.timeout.is-not-cut-short")
def test_wait_does_not_raise_before_its_timeout(mp, patience):
    timeout = 2 * patience.timeout  # far more than a clock may be coarse
    took = timed_out(mp.Barrier(2), f"wait({timeout}) of a Barrier(2) that one thread has called", patience, timeout)
    assert took >= timeout - GRANULARITY, (
        f"wait({timeout}) raised BrokenBarrierError after only {took:.3f} s, promised is after its timeout"
    )


@verifies("barrier.timeout.breaks-the-barrier")
def test_a_timeout_breaks_the_barrier(mp, patience):
    barrier, timeout = mp.Barrier(2), patience.timeout
    timed_out(barrier, f"wait({timeout}) of a Barrier(2) that one thread has called", patience, timeout)
    assert barrier.broken is True, f"broken after wait({timeout}) has timed out: {barrier.broken!r}, promised is True"


@verifies("barrier.timeout.default-from-the-constructor")
def test_wait_uses_the_timeout_of_the_constructor(mp, patience):
    timeout = patience.timeout
    call = f"wait() of a Barrier(2, timeout={timeout}) that one thread has called"
    timed_out(mp.Barrier(2, timeout=timeout), call, patience)


@verifies("barrier.timeout.of-wait-is-preferred")
def test_wait_prefers_its_own_timeout(mp, patience):
    long, timeout = patience.awaiting, patience.timeout
    call = f"wait({timeout}) of a Barrier(2, timeout={long}) that one thread has called"
    timed_out(mp.Barrier(2, timeout=long), call, patience, timeout)


@verifies("barrier.abort.fails-future-calls")
def test_abort_fails_those_that_come_later(mp):
    barrier = mp.Barrier(1)
    barrier.abort()
    for call in "wait() after abort()", "the second wait() after abort()":
        with raises(threading.BrokenBarrierError, call):
            barrier.wait()


@verifies("barrier.reset.mends-a-broken-barrier")
def test_reset_mends_a_broken_barrier(mp):
    barrier = mp.Barrier(2)
    barrier.abort()
    barrier.reset()
    assert barrier.broken is False, f"broken after abort() and reset(): {barrier.broken!r}, promised is False"
    threads = [Task(barrier.wait) for _ in range(2)]
    for thread in threads:
        thread.result("wait() of a Barrier(2) after reset(), called by two, returns")
