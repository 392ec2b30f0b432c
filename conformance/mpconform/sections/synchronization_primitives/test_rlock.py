"""``RLock``: recursive, owned by one thread of one process, and released by its owner only."""

from __future__ import annotations

from mpconform.kit import Task, raises, verifies
from mpconform.sections.synchronization_primitives.helpers import (
    calls_in_a_child,
    check_ignored_timeout,
    check_negative_timeout,
    check_that_acquire_waits_for_another_process,
    check_that_acquire_waits_for_another_thread,
    check_that_release_lets_one_proceed,
    check_timeout,
    check_with,
    hold,
    in_a_thread,
    start_calls,
    try_and_release,
)

TRY = ("acquire", {"block": False})


@verifies("rlock.call.returns-a-synchronize-rlock")
def test_rlock_returns_an_instance_of_the_class_of_synchronize(mp):
    lock = mp.RLock()
    assert isinstance(lock, mp.synchronize.RLock), f"RLock() returned a {type(lock)}, promised is a synchronize.RLock"


@verifies("rlock.acquire.returns-true")
def test_acquire_returns_true(mp):
    answer = mp.RLock().acquire()
    assert answer is True, f"acquire() of a new RLock: {answer!r}, promised is True"


@verifies("rlock.acquire.again-by-its-owner")
def test_the_owner_may_acquire_again(mp):
    lock = mp.RLock()
    # In a thread, because a lock that is not recursive would block it for good.
    answers = in_a_thread(lambda: [lock.acquire(), lock.acquire(), lock.acquire(True), lock.acquire(False)])
    assert answers == [True] * 4, f"acquire() four times by one thread: {answers}, promised is True each time"


@verifies("rlock.acquire.blocks-until-released")
def test_acquire_waits_for_another_process(mp, latch, journal):
    check_that_acquire_waits_for_another_process(mp, mp.RLock(), "an RLock", latch, journal)


@verifies("rlock.acquire.blocks-other-threads")
def test_acquire_waits_for_another_thread(mp):
    check_that_acquire_waits_for_another_thread(mp.RLock(), "an RLock")


@verifies("rlock.acquire.nonblocking-takes-an-unlocked-lock")
def test_acquire_that_does_not_block_takes_an_unlocked_lock(mp):
    lock = mp.RLock()
    answer = lock.acquire(block=False)
    assert answer is True, f"acquire(block=False) of a new RLock: {answer!r}, promised is True"
    answer = in_a_thread(lock.acquire, block=False)
    assert answer is False, f"acquire(block=False) of an RLock that was acquired so: {answer!r}, promised is False"


@verifies("rlock.acquire.refusal-changes-nothing")
def test_a_refused_acquire_changes_nothing(mp):
    lock = mp.RLock()
    lock.acquire()
    lock.acquire()
    refused = in_a_thread(lock.acquire, block=False)
    assert refused is False, (
        f"acquire(block=False) of an RLock that another thread owns: {refused!r}, promised is False"
    )
    lock.release()
    before = in_a_thread(try_and_release, lock)
    lock.release()
    after = in_a_thread(try_and_release, lock)
    assert (before, after) == (False, True), (
        f"acquire(block=False) by another thread, of an RLock that was acquired twice and refused once: {before!r}"
        f" after one release(), {after!r} after two; promised is False, then True"
    )


@verifies("rlock.acquire.nonblocking-ignores-timeout")
def test_acquire_that_does_not_block_ignores_its_timeout(mp, patience):
    check_ignored_timeout(mp.RLock(), "an RLock", patience)


@verifies("rlock.acquire.timeout-returns-false")
def test_acquire_returns_false_when_its_timeout_has_passed(mp, patience):
    check_timeout(mp.RLock(), "an RLock", patience)


@verifies("rlock.acquire.timeout-takes-a-lock-released-in-time")
def test_acquire_with_a_timeout_takes_a_lock_that_is_released_in_time(mp, patience):
    check_that_acquire_waits_for_another_thread(mp.RLock(), "an RLock", timeout=patience.awaiting)


@verifies("rlock.acquire.timeout-negative-is-zero")
def test_a_negative_timeout_is_like_zero(mp):
    check_negative_timeout(mp.RLock(), "an RLock")


@verifies("rlock.acquire.timeout-none-is-infinite")
def test_a_timeout_of_none_waits_until_the_lock_is_released(mp):
    check_that_acquire_waits_for_another_thread(mp.RLock(), "an RLock", block=True, timeout=None)


@verifies("rlock.acquire.nonblocking-returns-false")
def test_acquire_that_does_not_block_returns_false_if_another_process_owns_the_lock(mp, latch, journal, gate):
    lock = mp.RLock()
    owner = mp.Process(target=hold, args=(lock, latch, journal, gate), daemon=True)
    owner.start()
    journal.wait(1, "child that acquires the RLock")
    answer = lock.acquire(block=False)
    gate.open()
    owner.join()
    assert answer is False, f"acquire(block=False) of an RLock that another process owns: {answer!r}, promised is False"


@verifies("rlock.owner.child-does-not-inherit")
def test_the_child_of_the_owner_does_not_own_the_lock(mp, scratch):
    lock = mp.RLock()
    lock.acquire()
    answer = calls_in_a_child(mp, lock, [TRY], scratch)[0]
    assert answer is False, (
        f"acquire(block=False) in a child that the owner of the RLock has started: {answer!r}, promised is False"
    )


@verifies("rlock.owner.child-does-not-inherit")
def test_the_child_of_the_owner_has_nothing_to_release_but_what_it_acquires(mp, scratch):
    lock = mp.RLock()
    lock.acquire()
    lock.acquire()
    latch, journal = scratch.latch(), scratch.journal()
    child = start_calls(mp, lock, [("acquire", {}), ("release", {}), ("release", {})], latch, journal)
    latch.wait(1, "child that calls acquire()")
    lock.release()
    lock.release()
    child.join()
    answers = [*journal.read(), in_a_thread(try_and_release, lock)]
    assert answers == [True, None, "AssertionError", True], (
        "acquire(), release() and release() in a child that the owner of the RLock has started, then"
        f" acquire(block=False) elsewhere: {answers}, promised is [True, None, 'AssertionError', True]"
    )


@verifies("rlock.release.once-for-each-acquire")
def test_the_owner_must_release_once_for_each_acquire(mp, scratch):
    lock = mp.RLock()
    lock.acquire()
    lock.acquire()
    lock.release()
    before = calls_in_a_child(mp, lock, [TRY], scratch)[0]
    lock.release()
    after = in_a_thread(try_and_release, lock)
    assert (before, after) == (False, True), (
        f"acquire(block=False) by others, of an RLock that was acquired twice: {before!r} after one release(),"
        f" {after!r} after two; promised is False, then True"
    )


@verifies("rlock.release.lets-exactly-one-proceed")
def test_release_lets_exactly_one_proceed(mp, scratch):
    check_that_release_lets_one_proceed(mp, mp.RLock(), "an RLock", scratch)


@verifies("rlock.release.by-another-process-raises-assertionerror")
def test_another_process_may_not_release_the_lock(mp, scratch):
    lock = mp.RLock()
    lock.acquire()
    answer = calls_in_a_child(mp, lock, [("release", {})], scratch)[0]
    assert answer == "AssertionError", (
        f"release() of an RLock that another process owns: {answer!r}, promised is AssertionError"
    )


@verifies("rlock.release.by-another-thread-raises-assertionerror")
def test_another_thread_may_not_release_the_lock(mp, patience):
    lock = mp.RLock()
    lock.acquire()
    thread = Task(lock.release)
    thread.join(patience.awaiting)
    assert isinstance(thread.error, AssertionError), (
        f"release() of an RLock that another thread owns: raised {thread.error!r}, promised is AssertionError"
    )


@verifies("rlock.release.unlocked-raises-assertionerror")
def test_release_of_an_unlocked_lock_raises_assertionerror(mp):
    lock = mp.RLock()
    with raises(AssertionError, "release() of a new RLock"):
        lock.release()
    lock.acquire()
    lock.release()
    with raises(AssertionError, "release() of an RLock that was released"):
        lock.release()


@verifies("rlock.release.returns-none")
def test_release_returns_none(mp):
    lock = mp.RLock()
    lock.acquire()
    lock.acquire()
    answers = [lock.release(), lock.release()]
    assert answers == [None, None], f"release() of an RLock: {answers}, promised is None"


@verifies("rlock.with.acquires-and-releases")
def test_with_acquires_and_releases_the_lock(mp):
    check_with(mp.RLock(), "an RLock")


@verifies("rlock.locked.tells-the-state")
def test_locked_tells_whether_any_process_owns_the_lock(mp, scratch):
    lock = mp.RLock()
    answers = [lock.locked()]
    lock.acquire()
    lock.release()
    answers.append(lock.locked())
    calls_in_a_child(mp, lock, [("acquire", {})], scratch)
    answers.append(lock.locked())
    assert answers == [False, False, True], (
        f"locked() of a new RLock, after release() and after acquire() in a child: {answers}, promised is"
        " [False, False, True]"
    )
