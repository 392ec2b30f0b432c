"""``RLock``: recursive, owned by one thread of one process, and released by its owner only."""

from __future__ import annotations

from mpconform.kit import Task, promise, verifies
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
from mpconform.sections.synchronization_primitives.helpers import (
    TRY,
    Calls,
    Holding,
    child_that_does,
    in_a_thread,
    try_and_release,
)


@verifies("rlock.call.returns-a-synchronize-rlock")
def test_rlock_returns_an_instance_of_the_class_of_synchronize(mp):
    check_class(mp.RLock(), "an RLock", mp.synchronize.RLock)


@verifies("rlock.acquire.returns-true")
def test_acquire_of_an_rlock_returns_true(mp):
    check_that_acquire_returns_true(mp.RLock(), "an RLock")


@verifies("rlock.acquire.again-by-its-owner")
def test_the_owner_may_acquire_again(mp):
    lock = mp.RLock()
    # In a thread, because a lock that is not recursive would block it for good.
    answers = in_a_thread(lambda: [lock.acquire(), lock.acquire(), lock.acquire(True), lock.acquire(False)])
    assert answers == [True] * 4, f"acquire() four times by one thread: {answers}, promised is True each time"


@verifies(
    "rlock.acquire.nonblocking-returns-false",
    "rlock.release.by-another-process-raises-assertionerror",
    "rlock.release.once-for-each-acquire",
    "rlock.owner.child-does-not-inherit",
    "rlock.acquire.blocks-until-released",
    "rlock.release.lets-exactly-one-proceed",
)
def test_an_rlock_is_owned_by_one_of_all_processes(mp, scratch, patience):
    foreign, kept, halved, own, mine, awaited, contested = (mp.RLock() for _ in range(7))
    for lock in kept, halved, own, mine, awaited, contested, halved, mine:
        lock.acquire()
    halved.release()
    # All of these in the main thread of the child: under fork it is like that of its parent in all but the process.
    acquire = Calls(scratch, foreign, "acquire")
    release = Calls(scratch, kept, "release")
    acquire_halved = Calls(scratch, halved, TRY)
    acquire_own = Calls(scratch, own, TRY)
    acquire_later = Calls(scratch, mine, "acquire", "release", "release")
    wait = Calls(scratch, awaited, "acquire")
    holding = Holding(scratch, contested)
    with child_that_does(mp, acquire, release, acquire_halved, acquire_own, acquire_later, wait, holding):
        with promise("rlock.acquire.nonblocking-returns-false"):
            acquire.answers()
            answer = foreign.acquire(False)
            assert answer is False, (
                f"acquire(False) of an RLock that another process owns: {answer!r}, promised is False"
            )
        with promise("rlock.release.by-another-process-raises-assertionerror"):
            answer = release.answers()[0]
            assert answer == "AssertionError", (
                f"release() of an RLock that another process owns: {answer!r}, promised is AssertionError"
            )
        with promise("rlock.release.once-for-each-acquire"):
            before = acquire_halved.answers()[0]
            halved.release()
            after = in_a_thread(try_and_release, halved)
            assert (before, after) == (False, True), (
                f"acquire(False) by others, of an RLock that was acquired twice: {before!r} after one release(),"
                f" {after!r} after two; promised is False, then True"
            )
        with promise("rlock.owner.child-does-not-inherit"):
            check_that_a_child_does_not_own(acquire_own, acquire_later)
        with promise("rlock.acquire.blocks-until-released"):
            check_that_acquire_waits_for_another_process(awaited, "an RLock", wait, patience)
        with promise("rlock.release.lets-exactly-one-proceed"):
            check_that_release_lets_one_proceed("an RLock", holding, patience)


def check_that_a_child_does_not_own(acquire, acquire_later):
    """This process has acquired the lock of the first calls once, that of the others twice."""
    answer = acquire.answers()[0]
    assert answer is False, (
        f"acquire(False) in a child that the owner of the RLock has started: {answer!r}, promised is False"
    )
    acquire_later.begun.wait(1, "child that calls acquire()")
    lock = acquire_later.thing
    lock.release()
    lock.release()
    answers = [*acquire_later.answers(), in_a_thread(try_and_release, lock)]
    # What is raised for one release() too many is for another promise to say.
    assert [*answers[:2], isinstance(answers[2], str), answers[3]] == [True, None, True, True], (
        "acquire(), release() and release() in a child that the owner of the RLock has started, then"
        f" acquire(False) elsewhere: {answers}, promised is [True, None, an exception, True]"
    )


@verifies("rlock.acquire.blocks-other-threads")
def test_acquire_of_an_rlock_waits_for_another_thread(mp, patience):
    check_that_acquire_waits_for_another_thread(mp.RLock(), "an RLock", patience)


@verifies("rlock.acquire.nonblocking-takes-an-unlocked-lock")
def test_acquire_that_does_not_block_takes_an_unlocked_rlock(mp):
    check_that_nonblocking_acquire_takes_it(mp.RLock(), "an RLock")


@verifies("rlock.acquire.refusal-changes-nothing")
def test_a_refused_acquire_changes_nothing(mp):
    lock = mp.RLock()
    lock.acquire()
    lock.acquire()
    refused = in_a_thread(lock.acquire, False)
    assert refused is False, f"acquire(False) of an RLock that another thread owns: {refused!r}, promised is False"
    lock.release()
    before = in_a_thread(try_and_release, lock)
    lock.release()
    after = in_a_thread(try_and_release, lock)
    assert (before, after) == (False, True), (
        f"acquire(False) by another thread, of an RLock that was acquired twice and refused once: {before!r}"
        f" after one release(), {after!r} after two; promised is False, then True"
    )


@verifies("rlock.acquire.nonblocking-ignores-timeout")
def test_acquire_of_an_rlock_that_does_not_block_ignores_its_timeout(mp, patience):
    check_ignored_timeout(mp.RLock(), "an RLock", patience)


@verifies("rlock.acquire.timeout-returns-false")
def test_acquire_of_an_rlock_returns_false_when_its_timeout_has_passed(mp, patience):
    check_timeout(mp.RLock(), "an RLock", patience)
    check_that_timeout_is_not_cut_short(mp.RLock(), "an RLock", patience)


@verifies("rlock.acquire.timeout-takes-a-lock-released-in-time")
def test_acquire_with_a_timeout_takes_an_rlock_that_is_released_in_time(mp, patience):
    check_that_acquire_waits_for_another_thread(mp.RLock(), "an RLock", patience, timeout=2 * patience.awaiting)


@verifies("rlock.acquire.timeout-negative-is-zero")
def test_a_negative_timeout_of_an_rlock_is_like_zero(mp):
    check_negative_timeout(mp.RLock(), "an RLock")


@verifies("rlock.acquire.timeout-none-is-infinite")
def test_a_timeout_of_none_waits_until_the_rlock_is_released(mp, patience):
    check_that_acquire_waits_for_another_thread(mp.RLock(), "an RLock", patience, block=True, timeout=None)


@verifies("rlock.release.by-another-thread-raises-assertionerror")
def test_another_thread_may_not_release_the_lock(mp):
    lock = mp.RLock()
    lock.acquire()
    thread = Task(lock.release)
    outcome = thread.outcome()
    assert isinstance(thread.error, AssertionError), (
        f"release() of an RLock that another thread owns: {outcome}, promised is AssertionError"
    )


@verifies("rlock.release.unlocked-raises-assertionerror")
def test_release_of_an_unlocked_rlock_raises_assertionerror(mp):
    check_release_of_what_is_free(mp.RLock(), "an RLock", AssertionError)


@verifies("rlock.release.returns-none")
def test_release_of_an_rlock_returns_none(mp):
    lock = mp.RLock()
    lock.acquire()
    check_that_release_returns_none(lock, "an RLock that was acquired before")
    check_that_release_returns_none(mp.RLock(), "an RLock")


@verifies("rlock.with.acquires-and-releases")
def test_with_acquires_and_releases_the_rlock(mp):
    check_with(mp.RLock(), "an RLock")


@verifies("rlock.locked.tells-the-state")
def test_locked_tells_whether_any_process_owns_the_rlock(mp, scratch):
    check_locked(mp, scratch, mp.RLock(), "an RLock")
