"""``Lock``: not recursive, of all processes and threads, and anybody may release it."""

from __future__ import annotations

import time

from mpconform.kit import Task, raises, verifies
from mpconform.kit.patience import GRANULARITY
from mpconform.sections.synchronization_primitives.helpers import (
    calls_in_a_child,
    check_ignored_timeout,
    check_negative_timeout,
    check_that_acquire_waits_for_another_process,
    check_that_acquire_waits_for_another_thread,
    check_that_release_lets_one_proceed,
    check_with,
    in_a_thread,
    never,
)


@verifies("lock.call.returns-a-synchronize-lock")
def test_lock_returns_an_instance_of_the_class_of_synchronize(mp):
    lock = mp.Lock()
    assert isinstance(lock, mp.synchronize.Lock), f"Lock() returned a {type(lock)}, promised is a synchronize.Lock"


@verifies("lock.acquire.returns-true")
def test_acquire_returns_true(mp):
    answer = mp.Lock().acquire()
    assert answer is True, f"acquire() of a new Lock: {answer!r}, promised is True"


@verifies("lock.acquire.blocks-until-released")
def test_acquire_waits_for_another_process(mp, latch, journal):
    check_that_acquire_waits_for_another_process(mp, mp.Lock(), "a Lock", latch, journal)


@verifies("lock.acquire.blocks-other-threads")
def test_acquire_waits_for_another_thread(mp):
    check_that_acquire_waits_for_another_thread(mp.Lock(), "a Lock")


@verifies("lock.acquire.blocks-its-holder")
def test_acquire_blocks_the_thread_that_has_the_lock(mp):
    lock = mp.Lock()

    def acquire_twice():
        return [lock.acquire(), lock.acquire()]

    thread = Task(acquire_twice)
    never(thread.is_done, "acquire() by the thread that has the Lock returns before release()")
    lock.release()
    answers = thread.result("the second acquire() of a thread ends once the Lock is released")
    assert answers == [True, True], (
        f"acquire() twice, with a release() by another thread between: {answers}, promised is True twice"
    )


@verifies("lock.acquire.nonblocking-returns-false")
def test_acquire_that_does_not_block_returns_false_if_the_lock_is_locked(mp):
    lock = mp.Lock()
    lock.acquire()
    answers = [lock.acquire(block=False), in_a_thread(lock.acquire, block=False)]
    assert answers[0] is False, f"acquire(block=False) by the holder of a Lock: {answers[0]!r}, promised is False"
    assert answers[1] is False, f"acquire(block=False) by another thread: {answers[1]!r}, promised is False"


@verifies("lock.acquire.nonblocking-takes-an-unlocked-lock")
def test_acquire_that_does_not_block_takes_an_unlocked_lock(mp):
    lock = mp.Lock()
    answers = [lock.acquire(block=False), lock.acquire(block=False)]
    assert answers == [True, False], f"acquire(block=False) twice: {answers}, promised is [True, False]"


@verifies("lock.acquire.nonblocking-ignores-timeout")
def test_acquire_that_does_not_block_ignores_its_timeout(mp, patience):
    check_ignored_timeout(mp.Lock(), "a Lock", patience)


@verifies("lock.acquire.timeout-returns-false")
def test_acquire_returns_false_when_its_timeout_has_passed(mp, patience):
    lock = mp.Lock()
    lock.acquire()
    start = time.monotonic()
    answer = lock.acquire(timeout=0.05)
    took = time.monotonic() - start
    assert answer is False, f"acquire(timeout=0.05) of a locked Lock: {answer!r}, promised is False"
    assert took < 0.05 + patience.awaiting, f"acquire(timeout=0.05) blocked {took:.3f} s, promised is at most 0.05"


@verifies("lock.acquire.timeout-is-not-cut-short")
def test_acquire_does_not_return_false_before_its_timeout(mp):
    lock = mp.Lock()
    lock.acquire()
    start = time.monotonic()
    answer = lock.acquire(True, 0.125)
    took = time.monotonic() - start
    assert took >= 0.125 - GRANULARITY, (
        f"acquire(True, 0.125) of a locked Lock: {answer!r} after only {took:.3f} s, promised is 0.125"
    )


@verifies("lock.acquire.timeout-takes-a-lock-released-in-time")
def test_acquire_with_a_timeout_takes_a_lock_that_is_released_in_time(mp, patience):
    check_that_acquire_waits_for_another_thread(mp.Lock(), "a Lock", timeout=patience.awaiting)


@verifies("lock.acquire.timeout-negative-is-zero")
def test_a_negative_timeout_is_like_zero(mp):
    check_negative_timeout(mp.Lock(), "a Lock")


@verifies("lock.acquire.timeout-none-is-infinite")
def test_a_timeout_of_none_waits_until_the_lock_is_released(mp):
    check_that_acquire_waits_for_another_thread(mp.Lock(), "a Lock", block=True, timeout=None)


@verifies("lock.release.from-another-process")
def test_another_process_may_release_the_lock(mp, scratch):
    lock = mp.Lock()
    lock.acquire()
    answers = calls_in_a_child(mp, lock, [("release", {})], scratch)
    assert answers == [None], f"release() of a Lock that another process has acquired: {answers}, promised is None"
    answer = lock.acquire(block=False)
    assert answer is True, f"acquire(block=False) after another process has released it: {answer!r}, promised is True"


@verifies("lock.release.from-another-thread")
def test_another_thread_may_release_the_lock(mp):
    lock = mp.Lock()
    lock.acquire()
    try:
        in_a_thread(lock.release)
    except Exception as error:
        raise AssertionError(f"release() of a Lock that another thread has acquired: raised {error!r}") from error
    answer = lock.acquire(block=False)
    assert answer is True, f"acquire(block=False) after another thread has released it: {answer!r}, promised is True"


@verifies("lock.release.lets-exactly-one-proceed")
def test_release_lets_exactly_one_proceed(mp, scratch):
    check_that_release_lets_one_proceed(mp, mp.Lock(), "a Lock", scratch)


@verifies("lock.release.unlocked-raises-valueerror")
def test_release_of_an_unlocked_lock_raises_valueerror(mp):
    lock = mp.Lock()
    with raises(ValueError, "release() of a new Lock"):
        lock.release()
    lock.acquire()
    lock.release()
    with raises(ValueError, "release() of a Lock that was released"):
        lock.release()


@verifies("lock.release.returns-none")
def test_release_returns_none(mp):
    lock = mp.Lock()
    lock.acquire()
    answer = lock.release()
    assert answer is None, f"release() of a Lock: {answer!r}, promised is None"


@verifies("lock.with.acquires-and-releases")
def test_with_acquires_and_releases_the_lock(mp):
    check_with(mp.Lock(), "a Lock")


@verifies("lock.locked.before-it-is-promised")
def test_whether_a_lock_has_the_method_locked(mp, observe):
    has = hasattr(mp.Lock(), "locked")
    observe("a Lock has locked()" if has else "a Lock has no locked()")


@verifies("lock.locked.tells-the-state")
def test_locked_tells_whether_any_process_has_the_lock(mp, scratch):
    lock = mp.Lock()
    answers = [lock.locked()]
    calls_in_a_child(mp, lock, [("acquire", {})], scratch)
    answers.append(lock.locked())
    lock.release()
    answers.append(lock.locked())
    assert answers == [False, True, False], (
        f"locked() of a new Lock, after acquire() in a child and after release(): {answers}, promised is"
        " [False, True, False]"
    )
