"""``Condition``: its lock, and ``wait``, which releases the lock while it blocks."""

from __future__ import annotations

import threading

from mpconform.kit import Task, idle, promise, raises, verifies
from mpconform.sections.synchronization_primitives.checks import check_with
from mpconform.sections.synchronization_primitives.helpers import (
    Calls,
    Waiting,
    child_that_does,
    in_a_thread,
    notify,
    try_and_release,
)


def acquired(condition, patience):
    """Acquire the lock of a condition on which somebody waits."""
    return condition.acquire(True, patience.awaiting)


def end(waiting, patience):
    """Let a thread that waits end, if it does: whether it is woken is another promise's business."""
    waiting.join(patience.awaiting)


@verifies(
    "condition.call.makes-a-recursive-lock",
    "condition.acquire.returns-what-the-lock-returns",
    "condition.release.releases-the-lock",
    "condition.with.holds-the-lock",
    "condition.wait.without-the-lock-raises-runtimeerror",
    "condition.notify.without-the-lock-raises-runtimeerror",
    "condition.notify_all.without-the-lock-raises-runtimeerror",
)
def test_the_lock_of_a_condition(mp, patience):
    timeout = patience.timeout
    with promise("condition.call.makes-a-recursive-lock"):
        condition = mp.Condition()
        # In a thread, because a lock that is not recursive would block it for good.
        owner = Task(lambda: [condition.acquire(), condition.acquire(), condition.acquire(False)])
        with patience.at_once("acquire() three times of a Condition() by one thread"):
            answers = owner.result("acquire() three times of a Condition() by one thread ends")
        assert answers == [True] * 3, f"acquire() three times of a Condition() by one thread: {answers}, promised True"
    with promise("condition.acquire.returns-what-the-lock-returns"):
        condition = mp.Condition()
        waits = [(False,), (True, timeout), (True, 0)]
        answers = [condition.acquire(), *(in_a_thread(condition.acquire, *how) for how in waits)]
        answers.append(in_a_thread(condition.acquire, block=False, timeout=None))
        assert answers == [True] + [False] * 4, (
            f"acquire() of a Condition, then in other threads acquire{waits} and acquire(block=False, timeout=None):"
            f" {answers}, promised is True, then False"
        )
    with promise("condition.release.releases-the-lock"):
        condition = mp.Condition()
        condition.acquire()
        answer = condition.release()
        free = in_a_thread(condition.acquire, False)
        assert free is True, f"acquire(False) of a Condition elsewhere after release(): {free!r}, promised is True"
        assert answer is None, f"release() of a Condition: {answer!r}, promised is None"
    with promise("condition.with.holds-the-lock"):
        check_with(mp.Condition(), "a Condition")
    calls = {
        "condition.wait.without-the-lock-raises-runtimeerror": lambda condition: condition.wait(timeout),
        "condition.notify.without-the-lock-raises-runtimeerror": lambda condition: condition.notify(),
        "condition.notify_all.without-the-lock-raises-runtimeerror": lambda condition: condition.notify_all(),
    }
    for requirement, call in calls.items():
        with promise(requirement):
            name = requirement.split(".")[1]
            with raises(RuntimeError, f"{name}() by a thread that has not acquired the lock"):
                call(mp.Condition())
            condition = mp.Condition()
            in_a_thread(condition.acquire)
            with raises(RuntimeError, f"{name}() while another thread has the lock"):
                call(condition)


def check_that_it_uses(lock, condition, scratch, patience):
    """The lock is that of the condition: when that is acquired, and when somebody waits."""
    condition.acquire()
    during = in_a_thread(lock.acquire, False)
    condition.release()
    assert during is False, f"acquire(False) of {lock!r} after acquire() of its Condition: {during!r}, promised False"
    thread = Waiting(scratch, condition).thread()
    free = lock.acquire(True, patience.awaiting)
    assert free is True, f"acquire() of {lock!r} while wait() of its Condition blocks: {free!r}, promised is True"
    condition.notify()
    lock.release()
    end(thread, patience)


@verifies("condition.call.uses-the-given-lock")
def test_a_condition_uses_the_lock_that_it_is_given(mp, scratch, patience):
    for lock in mp.Lock(), mp.RLock():
        check_that_it_uses(lock, mp.Condition(lock), scratch, patience)


@verifies("condition.call.lock-released-elsewhere")
def test_a_lock_that_another_process_has_released_still_serves_a_condition(mp, scratch, patience):
    lock = mp.Lock()
    condition = mp.Condition(lock)
    lock.acquire()
    calls = Calls(scratch, condition, "release", "acquire", "notify", ("wait", 0), "release")
    with child_that_does(mp, calls):
        answers = calls.answers()
    assert answers == [None, True, None, False, None], (
        "release() of a Condition(Lock()) whose lock another process has acquired, then acquire(), notify(), wait(0)"
        f" and release(): {answers}, promised is [None, True, None, False, None]"
    )

    def use():
        return [condition.acquire(), condition.wait(0), condition.notify(), condition.release()]

    answers = in_a_thread(use)
    assert answers == [True, False, None, None], (
        "acquire() of a Condition(Lock()) whose lock another process has released, then wait(0), notify() and"
        f" release(): {answers}, promised is [True, False, None, None]"
    )


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


@verifies(
    "condition.wait.releases-the-lock",
    "condition.wait.releases-a-recursively-held-lock",
    "condition.wait.holds-the-lock-on-return",
)
def test_wait_and_the_lock(mp, scratch, patience):
    with promise("condition.wait.releases-the-lock"):
        condition = mp.Condition()
        waiting = Waiting(scratch, condition).thread()
        free = acquired(condition, patience)
        assert free is True, f"acquire() while another thread blocks in wait(): {free!r}, promised is True"
        condition.notify()
        condition.release()
        end(waiting, patience)
    with promise("condition.wait.releases-a-recursively-held-lock"):
        check_that_wait_releases_both_levels(mp.Condition(), scratch.latch(), patience)
    with promise("condition.wait.holds-the-lock-on-return"):
        check_that_wait_returns_with_the_lock(mp.Condition(), patience)


def check_that_wait_releases_both_levels(condition, latch, patience):
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


def check_that_wait_returns_with_the_lock(condition, patience):
    entered, woken, tried = threading.Event(), threading.Event(), threading.Event()

    def wait_and_keep_the_lock():
        with condition:
            entered.set()
            condition.wait()
            woken.set()
            tried.wait(patience.awaiting)

    waiting = Task(wait_and_keep_the_lock)
    entered.wait(patience.awaiting)
    Task(notify, condition, ()).wait("notify() while a thread waits ends")
    assert woken.wait(patience.awaiting), "wait() of a Condition that was notified: blocks, promised is that it returns"
    free = condition.acquire(False)
    tried.set()
    assert free is False, f"acquire(False) after another thread's wait() has returned: {free!r}, promised is False"
    waiting.result("the thread ends")


@verifies(
    "condition.wait.returns-false-on-timeout",
    "condition.wait.timeout-is-not-cut-short",
    "condition.wait.holds-the-lock-after-timeout",
    "condition.wait_for.returns-the-value-of-the-predicate",
    "condition.wait_for.timeout-returns-the-false-value",
)
def test_timeouts_of_a_condition(mp, patience):
    timeout, long = patience.timeout, 2 * patience.timeout  # half of it is far more than a clock may be coarse
    with promise("condition.wait.returns-false-on-timeout"):
        for some in timeout, 0:
            condition, call = mp.Condition(), f"wait(timeout={some}) without a notification"
            with patience.no_later(some, call), condition:
                answer = condition.wait(timeout=some)
            assert answer is False, f"{call}: {answer!r}, promised is False"
    with promise("condition.wait.timeout-is-not-cut-short"):
        condition = mp.Condition()
        with patience.no_sooner(long, f"wait(timeout={long}) without a notification"), condition:
            condition.wait(timeout=long)
    with promise("condition.wait.holds-the-lock-after-timeout"):
        condition = mp.Condition()
        condition.acquire()
        with idle():
            condition.wait(timeout)
        free = in_a_thread(condition.acquire, False)
        assert free is False, (
            f"acquire(False) in another thread after wait({timeout}) timed out: {free!r}, promised is False"
        )
    with promise("condition.wait_for.returns-the-value-of-the-predicate"):
        values = ["a", "true", "value"]
        for some in (), (long,):
            waiting = Task(wait_for, mp.Condition(), lambda: values, *some)
            call = f"wait_for(predicate, *{some}) when the predicate returns {values}"
            with patience.at_once(call):
                answer = waiting.result(f"{call} ends")
            assert answer is values, f"{call}: {answer!r}, promised is this list"
    with promise("condition.wait_for.timeout-returns-the-false-value"):
        check_that_wait_for_returns_the_last_value(mp.Condition(), long, patience)


def wait_for(condition, *arguments):
    with condition:
        return condition.wait_for(*arguments)


def check_that_wait_for_returns_the_last_value(condition, timeout, patience):
    values = []

    def predicate():
        values.append([])
        return values[-1]

    call = f"wait_for(predicate, timeout={timeout})"
    with patience.runs_out(timeout, call), condition:
        answer = condition.wait_for(predicate, timeout=timeout)
    assert answer is values[-1], f"{call} when the predicate returns []: {answer!r}, promised is the last of these"


@verifies("condition.locked.tells-the-state")
def test_locked_tells_whether_the_lock_is_acquired(mp):
    condition = mp.Condition()
    answers = [condition.locked()]
    with condition:
        answers += [condition.locked(), in_a_thread(condition.locked)]
    answers.append(condition.locked())
    assert answers == [False, True, True, False], (
        f"locked() of a new Condition, by its owner and another thread while it is acquired, and afterwards: {answers},"
        " promised is [False, True, True, False]"
    )
