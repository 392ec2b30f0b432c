"""``Lock``: not recursive, of all processes and threads, and anybody may release it."""

from __future__ import annotations

from mpconform.kit import promise, verifies, works
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
    Blocked,
    Calls,
    Holding,
    child_that_does,
    in_a_thread,
    let_go,
)


@verifies(
    "lock.call.returns-a-synchronize-lock",
    "lock.acquire.returns-true",
    "lock.acquire.nonblocking-returns-false",
    "lock.acquire.nonblocking-takes-an-unlocked-lock",
    "lock.acquire.nonblocking-ignores-timeout",
    "lock.release.from-another-thread",
    "lock.release.unlocked-raises-valueerror",
    "lock.release.returns-none",
    "lock.with.acquires-and-releases",
)
def test_a_lock_in_one_process(mp, patience):
    with promise("lock.call.returns-a-synchronize-lock"):
        check_class(mp.Lock(), "a Lock", mp.synchronize.Lock)
    with promise("lock.acquire.returns-true"):
        check_that_acquire_returns_true(mp.Lock(), "a Lock")
    with promise("lock.acquire.nonblocking-returns-false"):
        lock = mp.Lock()
        lock.acquire()
        with patience.at_once("acquire(False) of a Lock that is locked"):
            answers = [in_a_thread(lock.acquire, False), lock.acquire(False)]
        assert answers[0] is False, f"acquire(False) by another thread: {answers[0]!r}, promised is False"
        assert answers[1] is False, f"acquire(False) by the holder of a Lock: {answers[1]!r}, promised is False"
    with promise("lock.acquire.nonblocking-takes-an-unlocked-lock"):
        check_that_nonblocking_acquire_takes_it(mp.Lock(), "a Lock")
    with promise("lock.acquire.nonblocking-ignores-timeout"):
        check_ignored_timeout(mp.Lock(), "a Lock", patience)
    with promise("lock.release.from-another-thread"):
        lock = mp.Lock()
        lock.acquire()
        with works("release() of a Lock that another thread has acquired"):
            in_a_thread(lock.release)
        check_that_it_was_released(lock, "thread")
    with promise("lock.release.unlocked-raises-valueerror"):
        check_release_of_what_is_free(mp.Lock(), "a Lock", ValueError)
    with promise("lock.release.returns-none"):
        check_that_release_returns_none(mp.Lock(), "a Lock")
    with promise("lock.with.acquires-and-releases"):
        check_with(mp.Lock(), "a Lock")


def check_that_it_was_released(lock, who):
    answer = lock.acquire(False)
    assert answer is True, f"acquire(False) of a Lock after another {who} has released it: {answer!r}, promised is True"


@verifies(
    "lock.acquire.timeout-returns-false",
    "lock.acquire.timeout-is-not-cut-short",
    "lock.acquire.timeout-negative-is-zero",
)
def test_timeouts_of_a_lock(mp, patience):
    with promise("lock.acquire.timeout-returns-false"):
        check_timeout(mp.Lock(), "a Lock", patience)
    with promise("lock.acquire.timeout-is-not-cut-short"):
        check_that_timeout_is_not_cut_short(mp.Lock(), "a Lock", patience)
    with promise("lock.acquire.timeout-negative-is-zero"):
        check_negative_timeout(mp.Lock(), "a Lock", patience)


@verifies(
    "lock.acquire.blocks-other-threads",
    "lock.acquire.blocks-its-holder",
    "lock.acquire.timeout-takes-a-lock-released-in-time",
    "lock.acquire.timeout-none-is-infinite",
)
def test_a_lock_of_several_threads(mp, patience):
    own = mp.Lock()
    calls = {
        "lock.acquire.blocks-other-threads": acquire_that_blocks(mp.Lock(), "a Lock"),
        "lock.acquire.blocks-its-holder": Blocked(
            "acquire() twice of a Lock by one thread",
            lambda: own.acquire() is True and own.acquire(),
            "release() by another thread",
            own.release,
        ),
        "lock.acquire.timeout-takes-a-lock-released-in-time": acquire_that_blocks(
            mp.Lock(), "a Lock", timeout=2 * patience.awaiting
        ),
        "lock.acquire.timeout-none-is-infinite": acquire_that_blocks(mp.Lock(), "a Lock", block=True, timeout=None),
    }
    let_go(patience, *calls.values())
    for requirement, call in calls.items():
        with promise(requirement):
            call.judge()


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


@verifies("lock.locked.before-it-is-promised")
def test_whether_a_lock_has_the_method_locked(mp, observe):
    has = hasattr(mp.Lock(), "locked")
    observe("a Lock has locked()" if has else "a Lock has no locked()")


@verifies("lock.locked.tells-the-state")
def test_locked_tells_whether_any_process_has_the_lock(mp, scratch):
    check_locked(mp, scratch, mp.Lock(), "a Lock")
