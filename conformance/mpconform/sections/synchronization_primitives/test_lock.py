"""``Lock``: not recursive, of all processes and threads, and anybody may release it."""

from __future__ import annotations

from mpconform.kit import Task, promise, verifies, works
from mpconform.sections.synchronization_primitives.checks import (
    check_class,
    check_ignored_timeout,
    check_locked,
    check_negative_timeout,
    check_release_of_what_is_free,
    check_that_acquire_returns_true,
    check_that_acquire_waits_for_another_process,
    check_that_acquire_waits_for_another_thread,
    check_that_nonblocking_acquire_takes_it,
    check_that_release_lets_one_proceed,
    check_that_release_returns_none,
    check_that_timeout_is_not_cut_short,
    check_timeout,
    check_with,
)
from mpconform.sections.synchronization_primitives.helpers import Calls, Holding, child_that_does, in_a_thread


@verifies("lock.call.returns-a-synchronize-lock")
def test_lock_returns_an_instance_of_the_class_of_synchronize(mp):
    check_class(mp.Lock(), "a Lock", mp.synchronize.Lock)


@verifies("lock.acquire.returns-true")
def test_acquire_of_a_lock_returns_true(mp):
    check_that_acquire_returns_true(mp.Lock(), "a Lock")


@verifies(
    "lock.release.from-another-process", "lock.acquire.blocks-until-released", "lock.release.lets-exactly-one-proceed"
)
def test_a_lock_is_one_of_all_processes(mp, scratch, patience):
    released, awaited, contested = mp.Lock(), mp.Lock(), mp.Lock()
    for lock in released, awaited, contested:
        lock.acquire()
    release, acquire = Calls(scratch, released, "release"), Calls(scratch, awaited, "acquire")
    holding = Holding(scratch, contested)
    with child_that_does(mp, release, acquire, holding):
        with promise("lock.release.from-another-process"):
            answers = release.answers()
            assert answers == [None], f"release() of a Lock that another process has acquired: {answers}, not [None]"
            check_that_it_was_released(released, "process")
        with promise("lock.acquire.blocks-until-released"):
            check_that_acquire_waits_for_another_process(awaited, "a Lock", acquire, patience)
        with promise("lock.release.lets-exactly-one-proceed"):
            check_that_release_lets_one_proceed("a Lock", holding, patience)


def check_that_it_was_released(lock, who):
    answer = lock.acquire(False)
    assert answer is True, f"acquire(False) of a Lock after another {who} has released it: {answer!r}, promised is True"


@verifies("lock.release.from-another-thread")
def test_another_thread_may_release_the_lock(mp):
    lock = mp.Lock()
    lock.acquire()
    with works("release() of a Lock that another thread has acquired"):
        in_a_thread(lock.release)
    check_that_it_was_released(lock, "thread")


@verifies("lock.acquire.blocks-other-threads")
def test_acquire_of_a_lock_waits_for_another_thread(mp, patience):
    check_that_acquire_waits_for_another_thread(mp.Lock(), "a Lock", patience)


@verifies("lock.acquire.blocks-its-holder")
def test_acquire_blocks_the_thread_that_has_the_lock(mp, patience):
    lock = mp.Lock()

    def acquire_twice():
        return [lock.acquire(), lock.acquire()]

    thread = Task(acquire_twice)
    patience.never(thread.is_done, "acquire() by the thread that has the Lock returns before release()")
    lock.release()
    answers = thread.result("the second acquire() of a thread ends once the Lock is released")
    assert answers == [True, True], (
        f"acquire() twice, with a release() by another thread between: {answers}, promised is True twice"
    )


@verifies("lock.acquire.nonblocking-returns-false")
def test_acquire_that_does_not_block_returns_false_if_the_lock_is_locked(mp):
    lock = mp.Lock()
    lock.acquire()
    answers = [lock.acquire(False), in_a_thread(lock.acquire, False)]
    assert answers[0] is False, f"acquire(False) by the holder of a Lock: {answers[0]!r}, promised is False"
    assert answers[1] is False, f"acquire(False) by another thread: {answers[1]!r}, promised is False"


@verifies("lock.acquire.nonblocking-takes-an-unlocked-lock")
def test_acquire_that_does_not_block_takes_an_unlocked_lock(mp):
    check_that_nonblocking_acquire_takes_it(mp.Lock(), "a Lock")


@verifies("lock.acquire.nonblocking-ignores-timeout")
def test_acquire_of_a_lock_that_does_not_block_ignores_its_timeout(mp, patience):
    check_ignored_timeout(mp.Lock(), "a Lock", patience)


@verifies("lock.acquire.timeout-returns-false")
def test_acquire_of_a_lock_returns_false_when_its_timeout_has_passed(mp, patience):
    check_timeout(mp.Lock(), "a Lock", patience)


@verifies("lock.acquire.timeout-is-not-cut-short")
def test_acquire_of_a_lock_does_not_return_false_before_its_timeout(mp, patience):
    check_that_timeout_is_not_cut_short(mp.Lock(), "a Lock", patience)


@verifies("lock.acquire.timeout-takes-a-lock-released-in-time")
def test_acquire_with_a_timeout_takes_a_lock_that_is_released_in_time(mp, patience):
    check_that_acquire_waits_for_another_thread(mp.Lock(), "a Lock", patience, timeout=2 * patience.awaiting)


@verifies("lock.acquire.timeout-negative-is-zero")
def test_a_negative_timeout_of_a_lock_is_like_zero(mp):
    check_negative_timeout(mp.Lock(), "a Lock")


@verifies("lock.acquire.timeout-none-is-infinite")
def test_a_timeout_of_none_waits_until_the_lock_is_released(mp, patience):
    check_that_acquire_waits_for_another_thread(mp.Lock(), "a Lock", patience, block=True, timeout=None)


@verifies("lock.release.unlocked-raises-valueerror")
def test_release_of_an_unlocked_lock_raises_valueerror(mp):
    check_release_of_what_is_free(mp.Lock(), "a Lock", ValueError)


@verifies("lock.release.returns-none")
def test_release_of_a_lock_returns_none(mp):
    check_that_release_returns_none(mp.Lock(), "a Lock")


@verifies("lock.with.acquires-and-releases")
def test_with_acquires_and_releases_the_lock(mp):
    check_with(mp.Lock(), "a Lock")


@verifies("lock.locked.before-it-is-promised")
def test_whether_a_lock_has_the_method_locked(mp, observe):
    has = hasattr(mp.Lock(), "locked")
    observe("a Lock has locked()" if has else "a Lock has no locked()")


@verifies("lock.locked.tells-the-state")
def test_locked_tells_whether_any_process_has_the_lock(mp, scratch):
    check_locked(mp, scratch, mp.Lock(), "a Lock")
