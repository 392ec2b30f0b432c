"""Events, conditions and barriers of a SyncManager."""

from __future__ import annotations

import threading
from functools import partial

from mpconform.kit import Patience, promise, raises, verifies, works
from mpconform.sections.managers.helpers import Others, arrive_and_call, call_method, managed


def wait_for_notification(latch, condition):
    """Return what wait() returns."""
    with condition:
        latch.arrive()
        return condition.wait(Patience().awaiting)


def wait_for_value(latch, condition, value, awaited):
    """Return what wait_for() returns, and what the value is then."""
    with condition:
        latch.arrive()
        result = condition.wait_for(partial(is_value, value, awaited), Patience().awaiting)
        return result, value.value


def is_value(proxy, value):
    """Return something that is true, and not True, once the proxy has the value."""
    return ["it is", value] if proxy.value == value else None


def nought():
    return 0


def begin_to_wait(scratch, others, condition, number):
    """Let so many processes call wait(); return them once all have called it."""
    latch = scratch.latch()
    waiting = [others.begin(wait_for_notification, latch, condition) for _ in range(number)]
    latch.wait(number, "processes that hold the condition, one after the other")
    with condition:  # free only once they wait
        return waiting


def check_notification(scratch, others, condition, patience, method, number):
    """Check that so many processes wait, and are woken by a method of the condition."""
    waiting = begin_to_wait(scratch, others, condition, number)
    patience.never(
        lambda: any(one.is_free() for one in waiting), "wait() of a Condition() that nobody notifies returns"
    )
    with condition:
        getattr(condition, method)()
    found = [one.answer(f"wait() that returned after {method}()") for one in waiting]
    assert found == [True] * number, (
        f"wait() of a Condition() in {number} processes, after {method}() in another one: {found}, promised True"
    )


def check_that_others_wait_on(scratch, others, condition, patience):
    """Check that notify() and then notify(2) wake no more than one and three of four processes that wait."""
    waiting = begin_to_wait(scratch, others, condition, 4)

    def awake():
        return sum(one.is_free() for one in waiting)

    for most, arguments in ((1, ()), (3, (2,))):
        before = awake()
        with condition:
            condition.notify(*arguments)
        patience.until(lambda before=before: awake() > before, f"one of four that wait is woken by notify{arguments}")
        call = f"the wait() of more than {most} of four processes, after notify()" + " and notify(2)" * (most > 1)
        patience.never(lambda most=most: awake() > most, f"{call}, returns")
    with condition:
        condition.notify_all()


@verifies(
    "sync_manager.event.is_set-follows-set-and-clear",
    "sync_manager.event.wait-timeout-returns-false",
    "sync_manager.event.set-wakes-waiters",
)
def test_event(mp, scratch, latch, patience):
    with managed(mp) as manager:
        with promise("sync_manager.event.is_set-follows-set-and-clear"):
            event = manager.Event()
            found = [event.is_set()]
            event.set()
            found.append(event.is_set())
            event.clear()
            found.append(event.is_set())
            assert found == [False, True, False], f"is_set() at first, after set(), after clear(): {found}"
        with promise("sync_manager.event.wait-timeout-returns-false"):
            event = manager.Event()
            call = f"wait({patience.timeout}) of an Event() that is not set"
            with patience.runs_out(patience.timeout, call):
                waited = event.wait(patience.timeout)
            assert waited is False, f"{call} returned {waited!r}, promised False"
            event.set()
            with patience.at_once(f"wait({patience.awaiting}) of an Event() that is set"):
                waited = event.wait(patience.awaiting)
            assert waited is True, f"wait({patience.awaiting}) of an Event() that is set returned {waited!r}"
        with promise("sync_manager.event.set-wakes-waiters"):
            event = manager.Event()
            others = Others(mp, scratch, event)
            waiting = [others.begin(arrive_and_call, latch, event, "wait") for _ in range(2)]
            latch.wait(2, "processes that are about to wait")
            patience.never(
                lambda: any(one.is_free() for one in waiting), "wait() of an Event() that is not set returns"
            )
            event.set()
            found = [one.answer("wait() that returned after set()") for one in waiting]
            others.end()
            assert found == [True, True], (
                f"wait() of an Event() that another process set returned {found}, promised True"
            )


@verifies(
    "sync_manager.condition.not-held-raises",
    "sync_manager.condition.uses-the-given-lock",
    "sync_manager.condition.notifies-with-a-given-rlock",
    "sync_manager.condition.wait-timeout-returns-false",
    "sync_manager.condition.wait_for-timeout-returns-the-value",
)
def test_condition_that_one_process_uses(mp, patience):
    with managed(mp) as manager:
        with promise("sync_manager.condition.not-held-raises"):
            condition = manager.Condition()
            for name, arguments in (("wait", (patience.timeout,)), ("notify", ()), ("notify_all", ())):
                with raises(RuntimeError, f"{name}() of a Condition() that the caller does not hold"):
                    getattr(condition, name)(*arguments)
        with promise("sync_manager.condition.uses-the-given-lock"):
            lock = manager.Lock()
            condition = manager.Condition(lock)
            condition.acquire()
            found = [lock.acquire(False)]
            condition.release()
            found.append(lock.acquire(False))
            assert found == [False, True], (
                f"acquire(False) of the lock after acquire() of Condition(lock), and after its release(): {found},"
                f" promised False, True"
            )
        with promise("sync_manager.condition.notifies-with-a-given-rlock"):
            condition = manager.Condition(manager.RLock())
            condition.acquire()
            with works("notify() of a Condition(RLock()) after acquire()"):
                condition.notify()
        with promise("sync_manager.condition.wait-timeout-returns-false"):
            condition = manager.Condition()
            condition.acquire()
            call = f"wait({patience.timeout}) of a Condition() that nobody notifies"
            with patience.runs_out(patience.timeout, call):
                waited = condition.wait(patience.timeout)
            assert waited is False, f"{call} returned {waited!r}, promised False"
        with promise("sync_manager.condition.wait_for-timeout-returns-the-value"):
            condition = manager.Condition()
            condition.acquire()
            call = f"wait_for(predicate, {patience.timeout}) of a predicate that returns 0"
            with patience.runs_out(patience.timeout, call):
                value = condition.wait_for(nought, patience.timeout)
            assert value == 0 and value is not None, f"{call} returned {value!r}, promised 0"


@verifies(
    "sync_manager.condition.notify-wakes-a-waiter",
    "sync_manager.condition.notify-wakes-at-most-n",
    "sync_manager.condition.notify_all-wakes-every-waiter",
    "sync_manager.condition.wait_for-waits-until-true",
)
def test_notifications_wake_processes_that_wait(mp, scratch, patience):
    with managed(mp) as manager:
        condition, another = manager.Condition(), manager.Condition()
        others = Others(mp, scratch, condition, another)
        with promise("sync_manager.condition.notify-wakes-a-waiter"):
            check_notification(scratch, others, condition, patience, "notify", 1)
        with promise("sync_manager.condition.notify_all-wakes-every-waiter"):
            check_notification(scratch, others, condition, patience, "notify_all", 2)
        with promise("sync_manager.condition.notify-wakes-at-most-n"):
            check_that_others_wait_on(scratch, others, another, patience)
        others.end()
        with promise("sync_manager.condition.wait_for-waits-until-true"):
            condition, value, latch = manager.Condition(), manager.Value("i", 0), scratch.latch()
            others = Others(mp, scratch, condition, value)
            waiting = others.begin(wait_for_value, latch, condition, value, 2)
            latch.wait(1, "process that holds the condition")
            for number in (1, 2):
                patience.never(waiting.is_free, f"wait_for() that the value is 2 returns when it is {number - 1}")
                with condition:
                    value.value = number
                    condition.notify()
            found = waiting.answer("wait_for() that returned after two notifications")
            others.end()
            expected = ["it is", 2], 2
            assert found == expected, (
                f"wait_for() that the value is 2, notified at 1 and at 2: the result and the value were {found},"
                f" promised {expected}"
            )


@verifies(
    "sync_manager.barrier.action-is-called-once",
    "sync_manager.barrier.reset-mends-it",
    "sync_manager.barrier.timeout-breaks-it",
)
def test_barrier_that_one_process_uses(mp, journal, patience):
    with managed(mp) as manager:
        with promise("sync_manager.barrier.action-is-called-once"):
            barrier = manager.Barrier(1, partial(journal.write, "action"))
            counts = []
            for _ in range(2):
                barrier.wait()
                counts.append(len(journal.read()))
            assert counts == [1, 2], (
                f"after each of two wait() of a Barrier(1, action) it had been called {counts} times"
            )
        with promise("sync_manager.barrier.reset-mends-it"):
            barrier = manager.Barrier(1)
            barrier.abort()
            with raises(threading.BrokenBarrierError, "wait() of a Barrier(1) that was aborted"):
                barrier.wait()
            barrier.reset()
            with works("wait() of a Barrier(1) after abort() and reset()"):
                mended = barrier.wait()
            assert mended == 0, f"wait() of a Barrier(1) after abort() and reset() returned {mended!r}, promised 0"
        with promise("sync_manager.barrier.timeout-breaks-it"):
            barrier = manager.Barrier(2, None, patience.timeout)
            call = f"wait() of a Barrier(2, None, {patience.timeout}) at which nobody else waits"
            with patience.runs_out(patience.timeout, call), raises(threading.BrokenBarrierError, call):
                barrier.wait()
            barrier = manager.Barrier(2)
            call = f"wait({patience.timeout}) of a Barrier(2) at which nobody else waits"
            with patience.runs_out(patience.timeout, call), raises(threading.BrokenBarrierError, call):
                barrier.wait(patience.timeout)


@verifies(
    "sync_manager.barrier.releases-all-parties",
    "sync_manager.barrier.action-is-called-once",
    "sync_manager.barrier.abort-breaks-waiters",
    "sync_manager.barrier.shows-its-state",
)
def test_barrier_that_several_processes_use(mp, scratch, journal, patience):
    with managed(mp) as manager:
        barriers = manager.Barrier(3), manager.Barrier(2), manager.Barrier(2)
        with_action = manager.Barrier(3, partial(journal.write, "action"))
        others = Others(mp, scratch, *barriers, with_action)
        with promise("sync_manager.barrier.releases-all-parties"):
            barrier, latch = barriers[0], scratch.latch()
            waiting = [others.begin(arrive_and_call, latch, barrier, "wait") for _ in range(2)]
            latch.wait(2, "processes that are about to wait")
            patience.never(lambda: any(one.is_free() for one in waiting), "wait() of two at a Barrier(3) returns")
            mine = barrier.wait(patience.awaiting)
            found = [one.answer("wait() that returned in another process") for one in waiting]
            assert sorted([mine, *found], key=str) == [0, 1, 2], (
                f"wait() of a Barrier(3) returned {mine} here and {found} in two children, promised 0, 1 and 2 in all"
            )
        with promise("sync_manager.barrier.action-is-called-once"):
            counts = []
            for _ in range(2):
                waiting = [others.begin(call_method, with_action, "wait") for _ in range(2)]
                with_action.wait(patience.awaiting)
                counts.append(len(journal.read()))
                for one in waiting:
                    one.answer("wait() that returned in another process")
            assert counts == [1, 2], (
                f"after each of two releases of a Barrier(3, action) it had been called {counts} times"
            )
        with promise("sync_manager.barrier.abort-breaks-waiters"):
            barrier, latch = barriers[1], scratch.latch()
            another = others.begin(arrive_and_call, latch, barrier, "wait")
            latch.wait(1, "process that is about to wait")
            patience.never(another.is_free, "wait() of one at a Barrier(2) returns")
            barrier.abort()
            found = another.answer("wait() that ended after abort()")
            assert found is threading.BrokenBarrierError, f"wait() of a Barrier(2) that was aborted: {found}"
        with promise("sync_manager.barrier.shows-its-state"):
            barrier = barriers[2]
            before = barrier.parties, barrier.n_waiting, barrier.broken
            another = others.begin(call_method, barrier, "wait")
            patience.until(lambda: barrier.n_waiting == 1, "n_waiting is 1 while one process waits")
            barrier.abort()
            after = barrier.broken
            another.answer("wait() that ended after abort()")
            assert before == (2, 0, False), f"parties, n_waiting and broken of a new Barrier(2) are {before}"
            assert after is True, f"broken of a barrier that was aborted is {after!r}, promised True"
        others.end()
