"""``Barrier``: what breaks it, and what mends it."""

from __future__ import annotations

import threading

from mpconform.kit import Task, promise, raises, verifies


def fail():
    raise LookupError("the action fails")


def wait_that_times_out(barrier, call, *timeout):
    """Call wait() of a barrier that nobody else calls; it is to raise BrokenBarrierError."""
    with raises(threading.BrokenBarrierError, call):
        Task(barrier.wait, *timeout).result(f"{call} ends")


def one_that_waits(barrier, patience):
    """Return a thread that waits in a barrier."""
    thread = Task(barrier.wait)
    patience.until(lambda: barrier.n_waiting == 1, "n_waiting is 1 when a thread waits")
    return thread


def check_that_it_was_failed(thread, why):
    """The thread was waiting when the barrier broke, or was reset."""
    outcome = thread.outcome()
    assert isinstance(thread.error, threading.BrokenBarrierError), (
        f"wait() during which {why}: {outcome}, promised is BrokenBarrierError"
    )


def check_that_two_pass(barrier, after):
    """Check that a barrier of two parties is not broken, and is passed by two."""
    assert barrier.broken is False, f"broken after {after}: {barrier.broken!r}, promised is False"
    assert barrier.n_waiting == 0, f"n_waiting after {after}: {barrier.n_waiting!r}, promised is 0"
    for thread in [Task(barrier.wait) for _ in range(2)]:
        thread.result(f"wait() of a Barrier(2) after {after}, called by two, returns")


@verifies(
    "barrier.timeout.raises-brokenbarriererror",
    "barrier.timeout.is-not-cut-short",
    "barrier.timeout.breaks-the-barrier",
    "barrier.timeout.default-from-the-constructor",
    "barrier.timeout.of-wait-is-preferred",
)
def test_timeouts_of_a_barrier(mp, patience):
    timeout, long = patience.timeout, 2 * patience.timeout  # half of it is far more than a clock may be coarse
    with promise("barrier.timeout.raises-brokenbarriererror"):
        for some in timeout, 0:
            call = f"wait({some}) of a Barrier(2) that one thread has called"
            with patience.no_later(some, call):
                wait_that_times_out(mp.Barrier(2), call, some)
    with promise("barrier.timeout.is-not-cut-short"):
        call = f"wait({long}) of a Barrier(2) that one thread has called"
        with patience.no_sooner(long, call):
            wait_that_times_out(mp.Barrier(2), call, long)
    with promise("barrier.timeout.breaks-the-barrier"):
        barrier = mp.Barrier(2)
        wait_that_times_out(barrier, f"wait({timeout}) of a Barrier(2) that one thread has called", timeout)
        broken = barrier.broken
        assert broken is True, f"broken after wait({timeout}) has timed out: {broken!r}, promised is True"
    with promise("barrier.timeout.default-from-the-constructor"):
        call = f"wait() of a Barrier(2, timeout={long}) that one thread has called"
        with patience.runs_out(long, call):
            wait_that_times_out(mp.Barrier(2, timeout=long), call)
    with promise("barrier.timeout.of-wait-is-preferred"):
        for other in patience.awaiting, timeout / 2:
            call = f"wait({long}) of a Barrier(2, timeout={other}) that one thread has called"
            with patience.runs_out(long, call):
                wait_that_times_out(mp.Barrier(2, timeout=other), call, long)


@verifies(
    "barrier.broken.false-at-first",
    "barrier.broken.fails-active-calls",
    "barrier.abort.fails-future-calls",
    "barrier.action.error-breaks-the-barrier",
    "barrier.reset.mends-a-broken-barrier",
    "barrier.reset.empties-the-barrier",
)
def test_a_barrier_that_breaks(mp, patience):
    with promise("barrier.broken.false-at-first"):
        answer = mp.Barrier(2).broken
        assert answer is False, f"broken of a new Barrier: {answer!r}, promised is False"
    with promise("barrier.broken.fails-active-calls"):
        barrier = mp.Barrier(3)
        thread = one_that_waits(barrier, patience)
        Task(barrier.wait, patience.timeout).wait("wait(timeout) of a Barrier(3) that two have called ends")
        check_that_it_was_failed(thread, "another wait(timeout) timed out")
        barrier = mp.Barrier(2, fail)
        threads = [one_that_waits(barrier, patience), Task(barrier.wait)]
        for thread in threads:
            thread.wait("wait() of a Barrier(2), whose action raises, ends")
        first, last = threads
        # Which of the two calls the action is open, and so is what that one raises.
        if isinstance(first.error, LookupError):
            first, last = last, first
        check_that_it_was_failed(first, "the other party's call of the action raised")
    with promise("barrier.abort.fails-future-calls"):
        barrier = mp.Barrier(1)
        barrier.abort()
        for call in "wait() after abort()", "the second wait() after abort()":
            with patience.at_once(call), raises(threading.BrokenBarrierError, call):
                barrier.wait()
    with promise("barrier.action.error-breaks-the-barrier"):
        barrier = mp.Barrier(1, fail)
        Task(barrier.wait).wait("wait() of a Barrier(1), whose action raises, ends")
        assert barrier.broken is True, f"broken after the action has raised: {barrier.broken!r}, promised is True"
    with promise("barrier.reset.mends-a-broken-barrier"):
        barrier = mp.Barrier(2)
        barrier.abort()
        barrier.reset()
        check_that_two_pass(barrier, "abort() and reset()")
    with promise("barrier.reset.empties-the-barrier"):
        barrier = mp.Barrier(2)
        thread = one_that_waits(barrier, patience)
        barrier.reset()
        check_that_it_was_failed(thread, "another thread called reset()")
        check_that_two_pass(barrier, "reset() while one waited")


@verifies("barrier.action.error-in-the-caller")
def test_what_wait_raises_when_the_action_raises(mp, observe):
    thread = Task(mp.Barrier(1, fail).wait)
    thread.wait("wait() of a Barrier(1), whose action raises, ends")
    kind = type(thread.error).__name__ if thread.error else "nothing"
    observe(f"wait() raises {kind} when the action raises LookupError")
