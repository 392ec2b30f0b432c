"""``RLock``: recursive, owned by one thread of one process, and released by its owner only."""

from __future__ import annotations

from mpconform.kit import Task, promise, verifies
from mpconform.sections.synchronization_primitives.checks import (
    acquire_that_blocks,
    check_class,
    check_ignored_timeout,
    check_locked,
    check_negative_timeout,
    check_release_of_what_is_free,
    check_that_acquire_returns_true,
    check_that_acquire_waits_for_another_process,
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
    let_go,
    try_and_release,
)


@verifies(
    "rlock.call.returns-a-synchronize-rlock",
    "rlock.acquire.returns-true",
    "rlock.acquire.again-by-its-owner",
    "rlock.acquire.nonblocking-takes-an-unlocked-lock",
    "rlock.acquire.nonblocking-ignores-timeout",
    "rlock.acquire.refusal-changes-nothing",
    "rlock.release.by-another-thread-raises-assertionerror",
    "rlock.release.unlocked-raises-assertionerror",
    "rlock.release.returns-none",
    "rlock.with.acquires-and-releases",
)
def test_an_rlock_in_one_process(mp, patience):
    with promise("rlock.call.returns-a-synchronize-rlock"):
        check_class(mp.RLock(), "an RLock", mp.synchronize.RLock)
    with promise("rlock.acquire.returns-true"):
        check_that_acquire_returns_true(mp.RLock(), "an RLock")
    with promise("rlock.acquire.again-by-its-owner"):
        check_that_its_owner_acquires_again(mp.RLock(), patience)
    with promise("rlock.acquire.nonblocking-takes-an-unlocked-lock"):
        check_that_nonblocking_acquire_takes_it(mp.RLock(), "an RLock")
    with promise("rlock.acquire.nonblocking-ignores-timeout"):
        check_ignored_timeout(mp.RLock(), "an RLock", patience)
    with promise("rlock.acquire.refusal-changes-nothing"):
        check_that_a_refused_acquire_changes_nothing(mp.RLock())
    with promise("rlock.release.by-another-thread-raises-assertionerror"):
        lock = mp.RLock()
        lock.acquire()
        thread = Task(lock.release)
        outcome = thread.outcome()
        assert isinstance(thread.error, AssertionError), (
            f"release() of an RLock that another thread owns: {outcome}, promised is AssertionError"
        )
    with promise("rlock.release.unlocked-raises-assertionerror"):
        check_release_of_what_is_free(mp.RLock(), "an RLock", AssertionError)
    with promise("rlock.release.returns-none"):
        lock = mp.RLock()
        lock.acquire()
        check_that_release_returns_none(lock, "an RLock that was acquired before")
        check_that_release_returns_none(mp.RLock(), "an RLock")
    with promise("rlock.with.acquires-and-releases"):
        check_with(mp.RLock(), "an RLock")


def check_that_its_owner_acquires_again(lock, patience):
    # In a thread, because a lock that is not recursive would block it for good.
    owner = Task(lambda: [lock.acquire(), lock.acquire(), lock.acquire(True), lock.acquire(False)])
    with patience.at_once("acquire() four times by one thread"):
        answers = owner.result("acquire() four times by one thread ends")
    assert answers == [True] * 4, f"acquire() four times by one thread: {answers}, promised is True each time"


def check_that_a_refused_acquire_changes_nothing(lock):
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


@verifies("rlock.acquire.timeout-returns-false", "rlock.acquire.timeout-negative-is-zero")
def test_timeouts_of_an_rlock(mp, patience):
    with promise("rlock.acquire.timeout-returns-false"):
        check_timeout(mp.RLock(), "an RLock", patience)
        check_that_timeout_is_not_cut_short(mp.RLock(), "an RLock", patience)
    with promise("rlock.acquire.timeout-negative-is-zero"):
        check_negative_timeout(mp.RLock(), "an RLock", patience)


@verifies(
    "rlock.acquire.blocks-other-threads",
    "rlock.acquire.timeout-takes-a-lock-released-in-time",
    "rlock.acquire.timeout-none-is-infinite",
)
def test_an_rlock_of_several_threads(mp, patience):
    calls = {
        "rlock.acquire.blocks-other-threads": acquire_that_blocks(mp.RLock(), "an RLock"),
        "rlock.acquire.timeout-takes-a-lock-released-in-time": acquire_that_blocks(
            mp.RLock(), "an RLock", timeout=2 * patience.awaiting
        ),
        "rlock.acquire.timeout-none-is-infinite": acquire_that_blocks(mp.RLock(), "an RLock", block=True, timeout=None),
    }
    let_go(patience, *calls.values())
    for requirement, call in calls.items():
        with promise(requirement):
            call.judge()


@verifies(
    "rlock.acquire.nonblocking-returns-false",
    "rlock.acquire.again-by-its-owner",
    "rlock.release.by-another-process-raises-assertionerror",
    "rlock.release.once-for-each-acquire",
    "rlock.owner.child-does-not-inherit",
    "rlock.owner.parent-keeps-it",
    "rlock.acquire.blocks-until-released",
    "rlock.release.lets-exactly-one-proceed",
)
def test_an_rlock_is_owned_by_one_of_all_processes(mp, scratch, patience):
    foreign, twice, kept, halved, own, mine, left, awaited, contested = (mp.RLock() for _ in range(9))
    for lock in kept, halved, own, mine, left, awaited, contested, halved, mine:
        lock.acquire()
    halved.release()
    # All of these in the main thread of the child: under fork it is like that of its parent in all but the process.
    acquire, acquire_twice = Calls(scratch, foreign, "acquire"), Calls(scratch, twice, "acquire", TRY)
    release = Calls(scratch, kept, "release")
    released = scratch.gate()
    acquire_halved = Calls(scratch, halved, TRY)
    acquire_freed = Calls(scratch, halved, TRY, after=released)
    acquire_own = Calls(scratch, own, TRY)
    touch = Calls(scratch, left, TRY, "release", ("acquire", True, 0), "release")
    acquire_later = Calls(scratch, mine, "acquire", "release", "release")
    wait = Calls(scratch, awaited, "acquire")
    holding = Holding(scratch, contested)
    of_halved = [acquire_halved, acquire_freed]
    with child_that_does(
        mp, acquire, acquire_twice, release, *of_halved, acquire_own, touch, acquire_later, wait, holding
    ):
        with promise("rlock.acquire.nonblocking-returns-false"):
            acquire.answers()
            answer = foreign.acquire(False)
            assert answer is False, (
                f"acquire(False) of an RLock that another process owns: {answer!r}, promised is False"
            )
        with promise("rlock.acquire.again-by-its-owner"):
            answers = acquire_twice.answers()
            assert answers == [True, True], f"acquire() twice in a child: {answers}, promised is True each time"
        with promise("rlock.release.by-another-process-raises-assertionerror"):
            answer = release.answers()[0]
            assert answer == "AssertionError", (
                f"release() of an RLock that another process owns: {answer!r}, promised is AssertionError"
            )
        with promise("rlock.release.once-for-each-acquire"):
            before = acquire_halved.answers()[0]
            halved.release()
            released.open()
            after = acquire_freed.answers()[0]
            assert (before, after) == (False, True), (
                f"acquire(False) by another process, of an RLock that was acquired twice: {before!r} after release(),"
                f" {after!r} after the second one; promised is False, then True"
            )
        released.open()  # whatever came of this promise
        with promise("rlock.owner.child-does-not-inherit"):
            check_that_a_child_does_not_own(acquire_own, acquire_later)
        with promise("rlock.owner.parent-keeps-it"):
            check_that_its_parent_still_owns(left, touch)
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


def check_that_its_parent_still_owns(lock, calls):
    """This process has acquired the lock, once, and a child has tried to acquire and to release it."""
    calls.answers()
    others = in_a_thread(try_and_release, lock)
    answers = [lock.acquire(False), lock.release(), in_a_thread(try_and_release, lock), lock.release()]
    answers.append(in_a_thread(try_and_release, lock))
    assert (others, answers) == (False, [True, None, False, None, True]), (
        "an RLock that this thread owns, after its child has tried to acquire and release it: acquire(False) elsewhere"
        f" {others!r}, promised is False; then acquire(False), release(), acquire(False) elsewhere, release(),"
        f" acquire(False) elsewhere: {answers}, promised is [True, None, False, None, True]"
    )


@verifies("rlock.locked.tells-the-state")
def test_locked_tells_whether_any_process_owns_the_rlock(mp, scratch):
    check_locked(mp, scratch, mp.RLock(), "an RLock")
