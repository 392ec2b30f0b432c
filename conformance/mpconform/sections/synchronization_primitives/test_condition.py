"""``Condition``: its lock, and ``wait``, which releases the lock while it blocks."""

from __future__ import annotations

import threading
import time

from mpconform.kit import Task, each, idle, raises, verifies
from mpconform.kit.patience import GRANULARITY
from mpconform.sections.synchronization_primitives.checks import check_with
from mpconform.sections.synchronization_primitives.helpers import Waiting, in_a_thread, try_and_release


def acquired(condition, patience):
    """Acquire the lock of a condition on which somebody waits."""
    return condition.acquire(True, patience.awaiting)


def end(waiting, patience):
    """Let a thread that waits end, if it does: whether it is woken is another promise's business."""
    waiting.join(patience.awaiting)


@verifies("condition.call.makes-a-recursive-lock")
def test_the_lock_that_a_condition_makes_is_recursive(mp):
    condition = mp.Condition()
    # In a thread, because a lock that is not recursive would block it for good.
    answers = in_a_thread(lambda: [condition.acquire(), condition.acquire(False)])
    assert answers == [True, True], f"acquire() twice of a Condition() by one thread: {answers}, promised is True twice"


@verifies("condition.call.uses-the-given-lock")
@each("kind", ["Lock", "RLock"])
def test_a_condition_uses_the_lock_that_it_is_given(mp, kind, scratch, patience):
    lock = getattr(mp, kind)()
    condition = mp.Condition(lock)
    condition.acquire()
    during = in_a_thread(lock.acquire, False)
    condition.release()
    assert during is False, f"acquire(False) of a {kind} after acquire() of its Condition: {during!r}, promised False"
    thread = Waiting(scratch, condition).thread()
    free = lock.acquire(True, patience.awaiting)
    assert free is True, f"acquire() of a {kind} while wait() of its Condition blocks: {free!r}, promised is True"
    condition.notify()
    lock.release()
    end(thread, patience)


@verifies("condition.call.conditions-share-a-lock")
def test_two_conditions_with_one_lock_are_notified_apart(mp, scratch, patience):
    lock = mp.RLock()
    conditions = [mp.Condition(lock), mp.Condition(lock)]
    threads = [Waiting(scratch, condition).thread() for condition in conditions]
    with lock:
        conditions[0].notify_all()
    threads[0].result("wait() ends once its Condition was notified")
    patience.never(threads[1].is_done, "wait() returns when another Condition with the same lock was notified")
    with lock:
        conditions[1].notify_all()
    threads[1].result("wait() ends once its Condition was notified")


@verifies("condition.acquire.returns-what-the-lock-returns")
def test_acquire_returns_what_the_lock_returns(mp, patience):
    condition, timeout = mp.Condition(), patience.timeout
    answers = [condition.acquire(), *(in_a_thread(condition.acquire, *how) for how in [(False,), (True, timeout)])]
    assert answers == [True, False, False], (
        f"acquire() of a Condition, then acquire(False) and acquire(True, {timeout}) in other threads: {answers},"
        " promised is [True, False, False]"
    )


@verifies("condition.release.releases-the-lock")
def test_release_releases_the_lock(mp):
    condition = mp.Condition()
    condition.acquire()
    answer = condition.release()
    free = in_a_thread(condition.acquire, False)
    assert free is True, f"acquire(False) of a Condition in another thread after release(): {free!r}, promised is True"
    assert answer is None, f"release() of a Condition: {answer!r}, promised is None"


@verifies("condition.with.holds-the-lock")
def test_with_acquires_and_releases_the_lock(mp):
    check_with(mp.Condition(), "a Condition")


@verifies("condition.wait.releases-the-lock")
def test_wait_releases_the_lock_while_it_blocks(mp, scratch, patience):
    condition = mp.Condition()
    waiting = Waiting(scratch, condition).thread()
    free = acquired(condition, patience)
    assert free is True, f"acquire() while another thread blocks in wait(): {free!r}, promised is that wait() releases"
    condition.notify()
    condition.release()
    end(waiting, patience)


@verifies("condition.wait.returns-true-when-a-thread-notifies")
def test_wait_blocks_until_another_thread_notifies(mp, scratch, patience):
    condition = mp.Condition()
    waiting = Waiting(scratch, condition)
    thread = waiting.thread()
    patience.never(waiting.journal.read, "wait() returns before notify()")
    with condition:
        condition.notify()
    thread.result("wait() ends once another thread has called notify()")
    answer = waiting.journal.read()[0]
    assert answer is True, f"wait() of a Condition that another thread notifies: {answer!r}, promised is True"


@verifies("condition.wait.releases-a-recursively-held-lock")
def test_wait_releases_a_lock_that_was_acquired_twice(mp, latch, patience):
    condition = mp.Condition()

    def wait_with_two_levels():
        condition.acquire()
        condition.acquire()
        latch.arrive()
        condition.wait()
        condition.release()
        answers = [in_a_thread(try_and_release, condition)]
        if answers == [False]:
            condition.release()
            answers.append(in_a_thread(try_and_release, condition))
        return answers

    waiting = Task(wait_with_two_levels)
    latch.wait(1, "thread that calls wait()")
    free = acquired(condition, patience)
    assert free is True, f"acquire() while a thread that has acquired twice blocks in wait(): {free!r}, promised True"
    condition.notify()
    condition.release()
    answers = waiting.result("wait() ends once it was notified")
    assert answers == [False, True], (
        f"acquire(False) by others after wait() of a thread that had acquired twice, after one release() and after two:"
        f" {answers}, promised is [False, True]"
    )


@verifies("condition.wait.holds-the-lock-on-return")
def test_wait_returns_with_the_lock(mp, patience):
    condition = mp.Condition()
    entered, woken, tried = threading.Event(), threading.Event(), threading.Event()

    def wait_and_keep_the_lock():
        with condition:
            entered.set()
            condition.wait()
            woken.set()
            tried.wait(patience.awaiting)

    waiting = Task(wait_and_keep_the_lock)
    entered.wait(patience.awaiting)
    with condition:
        condition.notify()
    assert woken.wait(patience.awaiting), "wait() of a Condition that was notified: blocks, promised is that it returns"
    free = condition.acquire(False)
    tried.set()
    assert free is False, f"acquire(False) after another thread's wait() has returned: {free!r}, promised is False"
    waiting.result("the thread ends")


def timed_wait(condition, timeout):
    """Return what ``wait(timeout)`` returns, and how long it took."""
    start = time.monotonic()
    with condition, idle():
        answer = condition.wait(timeout=timeout)
    return answer, time.monotonic() - start


@verifies("condition.wait.returns-false-on-timeout")
def test_wait_returns_false_when_its_timeout_has_passed(mp, patience):
    timeout = patience.timeout
    answer, took = timed_wait(mp.Condition(), timeout)
    call = f"wait(timeout={timeout}) without a notification"
    assert answer is False, f"{call}: {answer!r}, promised is False"
    assert took < timeout + patience.awaiting, f"{call} blocked {took:.3f} s, promised is at most its timeout"


@verifies("condition.wait.timeout-is-not-cut-short")
def test_wait_does_not_return_false_before_its_timeout(mp, patience):
    timeout = 2 * patience.timeout  # far more than a clock may be coarse
    answer, took = timed_wait(mp.Condition(), timeout)
    assert took >= timeout - GRANULARITY, (
        f"wait(timeout={timeout}) without a notification: {answer!r} after only {took:.3f} s, promised is after its"
        " timeout"
    )


@verifies("condition.wait.holds-the-lock-after-timeout")
def test_wait_that_times_out_returns_with_the_lock(mp, patience):
    condition, timeout = mp.Condition(), patience.timeout
    condition.acquire()
    with idle():
        condition.wait(timeout)
    free = in_a_thread(condition.acquire, False)
    assert free is False, (
        f"acquire(False) in another thread after wait({timeout}) timed out: {free!r}, promised is False"
    )


@verifies("condition.wait.without-the-lock-raises-runtimeerror")
def test_wait_without_the_lock_raises_runtimeerror(mp, patience):
    timeout = patience.timeout
    with raises(RuntimeError, f"wait({timeout}) by a thread that has not acquired the lock"):
        mp.Condition().wait(timeout)


@verifies("condition.locked.tells-the-state")
def test_locked_tells_whether_the_lock_is_acquired(mp):
    condition = mp.Condition()
    answers = [condition.locked()]
    with condition:
        answers += [condition.locked(), in_a_thread(condition.locked)]
    assert answers == [False, True, True], (
        f"locked() of a new Condition, and by its owner and another thread while it is acquired: {answers}, promised is"
        " [False, True, True]"
    )
