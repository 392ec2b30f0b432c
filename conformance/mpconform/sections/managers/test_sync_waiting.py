"""Events, conditions and barriers of a SyncManager."""

from __future__ import annotations

import threading
import time
from functools import partial
from itertools import pairwise

from mpconform.kit import Patience, raises, verifies
from mpconform.sections.managers.helpers import accepted, arrive_and_report, is_value


def wait_for_notification(latch, journal, condition):
    """Write down what wait() returns."""
    with condition:
        latch.arrive()
        journal.write(condition.wait(Patience().awaiting))


def wait_for_value(latch, journal, condition, value, awaited):
    """Write down what wait_for() returns, and what the value is then."""
    with condition:
        latch.arrive()
        result = condition.wait_for(partial(is_value, value, awaited), Patience().awaiting)
        journal.write((result, value.value))


def nought():
    return 0


@verifies("sync_manager.event.set-wakes-waiters")
def test_set_wakes_the_processes_that_wait(mp, latch, journal):
    with mp.Manager() as manager:
        event = manager.Event()
        args = (latch, journal, event, "wait")
        children = [mp.Process(target=arrive_and_report, args=args, daemon=True) for _ in range(2)]
        for child in children:
            child.start()
        latch.wait(2, "processes that are about to wait")
        event.set()
        found = journal.wait(2, "wait() that returned after set()")
        for child in children:
            child.join()
    assert found == [True, True], f"wait() of an Event() that another process set returned {found}, promised True"


@verifies("sync_manager.event.is_set-follows-set-and-clear", "sync_manager.event.wait-timeout-returns-false")
def test_event_that_one_process_uses(mp):
    with mp.Manager() as manager:
        event = manager.Event()
        found = [event.is_set()]
        event.set()
        found.append(event.is_set())
        event.clear()
        found.append(event.is_set())
        start = time.monotonic()
        waited = event.wait(0.05)
        took = time.monotonic() - start
    assert found == [False, True, False], f"is_set() at first, after set(), after clear(): {found}"
    assert waited is False, f"wait(0.05) of an Event() that is not set returned {waited!r}, promised False"
    assert took >= 0.05, f"wait(0.05) of an Event() that is not set returned after {took:.3f} s"


@verifies("sync_manager.condition.notify-wakes-a-waiter")
def test_notify_wakes_a_process_that_waits(mp, latch, journal):
    with mp.Manager() as manager:
        condition = manager.Condition()
        child = mp.Process(target=wait_for_notification, args=(latch, journal, condition), daemon=True)
        child.start()
        latch.wait(1, "process that holds the condition")
        with condition:  # free only once the child waits
            condition.notify()
        found = journal.wait(1, "wait() that returned after notify()")
        child.join()
    assert found == [True], f"wait() of a Condition() that another process notified returned {found}, promised True"


@verifies("sync_manager.condition.notify_all-wakes-every-waiter")
def test_notify_all_wakes_every_process_that_waits(mp, latch, journal):
    with mp.Manager() as manager:
        condition = manager.Condition()
        args = (latch, journal, condition)
        children = [mp.Process(target=wait_for_notification, args=args, daemon=True) for _ in range(2)]
        for child in children:
            child.start()
        latch.wait(2, "processes that hold the condition, one after the other")
        with condition:
            condition.notify_all()
        found = journal.wait(2, "wait() that returned after notify_all()")
        for child in children:
            child.join()
    assert found == [True, True], f"wait() in two processes after notify_all() returned {found}, promised True"


@verifies("sync_manager.condition.uses-the-given-lock")
def test_condition_uses_the_lock_that_it_was_given(mp):
    with mp.Manager() as manager:
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


@verifies("sync_manager.condition.notifies-with-a-given-rlock")
def test_condition_that_was_given_an_rlock_notifies(mp):
    with mp.Manager() as manager:
        condition = manager.Condition(manager.RLock())
        condition.acquire()
        try:
            condition.notify()
        except RuntimeError as error:
            raise AssertionError(f"acquire(), notify() of a Condition(RLock()): notify() raised {error!r}") from error


@verifies("sync_manager.condition.wait_for-waits-until-true")
def test_wait_for_waits_until_the_predicate_is_true(mp, latch, journal):
    with mp.Manager() as manager:
        condition, value = manager.Condition(), manager.Value("i", 0)
        child = mp.Process(target=wait_for_value, args=(latch, journal, condition, value, 2), daemon=True)
        child.start()
        latch.wait(1, "process that holds the condition")
        for number in (1, 2):
            with condition:
                value.value = number
                condition.notify()
        found = journal.wait(1, "wait_for() that returned after two notifications")
        child.join()
    assert found == [(True, 2)], (
        f"wait_for() that the value is 2, notified at 1 and at 2: the result and the value were {found},"
        f" promised True and 2"
    )


@verifies(
    "sync_manager.condition.wait-timeout-returns-false",
    "sync_manager.condition.wait_for-timeout-returns-the-value",
    "sync_manager.condition.not-held-raises",
)
def test_condition_that_one_process_uses(mp):
    with mp.Manager() as manager:
        condition = manager.Condition()
        for name, arguments in (("wait", (0.05,)), ("notify", ()), ("notify_all", ())):
            with raises(RuntimeError, f"{name}() of a Condition() that the caller does not hold"):
                getattr(condition, name)(*arguments)
        condition.acquire()
        times = [time.monotonic()]
        waited = condition.wait(0.05)
        times.append(time.monotonic())
        value = condition.wait_for(nought, 0.05)
        times.append(time.monotonic())
    assert waited is False, f"wait(0.05) of a Condition() that nobody notifies returned {waited!r}, promised False"
    assert value == 0 and value is not None, f"wait_for() of a predicate that returns 0 returned {value!r}, promised 0"
    for before, after in pairwise(times):
        assert after - before >= 0.05, f"wait(0.05), wait_for(..., 0.05): one returned after {after - before:.3f} s"


@verifies("sync_manager.barrier.releases-all-parties")
def test_barrier_releases_all_parties_together(mp, latch, journal):
    with mp.Manager() as manager:
        barrier = manager.Barrier(3)
        args = (latch, journal, barrier, "wait")
        children = [mp.Process(target=arrive_and_report, args=args, daemon=True) for _ in range(2)]
        for child in children:
            child.start()
        latch.wait(2, "processes that are about to wait")
        journal.write("the third comes")
        mine = barrier.wait(Patience().awaiting)
        found = journal.wait(3, "journal entries: the third comes, and what wait() returned in two processes")
        for child in children:
            child.join()
    assert found[0] == "the third comes", f"wait() of a Barrier(3) returned {found[0]} before three processes waited"
    assert sorted([mine, *found[1:]]) == [0, 1, 2], (
        f"wait() of a Barrier(3) returned {mine} here and {found[1:]} in two children, promised 0, 1 and 2 between them"
    )


@verifies(
    "sync_manager.barrier.action-is-called-once",
    "sync_manager.barrier.timeout-breaks-it",
    "sync_manager.barrier.reset-mends-it",
)
def test_barrier_that_one_process_uses(mp, journal):
    with mp.Manager() as manager:
        barrier = manager.Barrier(1, partial(journal.write, "action"))
        counts = []
        for _ in range(2):
            barrier.wait()
            counts.append(len(journal.read()))
        barrier.abort()
        with raises(threading.BrokenBarrierError, "wait() of a Barrier(1) that was aborted"):
            barrier.wait()
        barrier.reset()
        with accepted("wait() of a Barrier(1) after abort() and reset()"):
            mended = barrier.wait()
        barrier = manager.Barrier(2, None, 0.05)
        start = time.monotonic()
        with raises(threading.BrokenBarrierError, "wait() of a Barrier(2, None, 0.05) at which nobody else waits"):
            barrier.wait()
        took = time.monotonic() - start
    assert counts == [1, 2], f"after each of two wait() of a Barrier(1, action) it had been called {counts} times"
    assert mended == 0, f"wait() of a Barrier(1) after abort() and reset() returned {mended!r}, promised 0"
    assert took >= 0.05, f"wait() of a Barrier(2, None, 0.05) raised after {took:.3f} s"


@verifies("sync_manager.barrier.abort-breaks-waiters")
def test_abort_breaks_the_wait_of_another_process(mp, latch, journal):
    with mp.Manager() as manager:
        barrier = manager.Barrier(2)
        child = mp.Process(target=arrive_and_report, args=(latch, journal, barrier, "wait"), daemon=True)
        child.start()
        latch.wait(1, "process that is about to wait")
        barrier.abort()
        found = journal.wait(1, "wait() that ended after abort()")
        child.join()
    assert found == [threading.BrokenBarrierError], f"wait() of a Barrier(2) that was aborted: {found}"


@verifies("sync_manager.barrier.shows-its-state")
def test_barrier_shows_its_state(mp, latch, journal, patience):
    with mp.Manager() as manager:
        barrier = manager.Barrier(2)
        before = barrier.parties, barrier.n_waiting, barrier.broken
        child = mp.Process(target=arrive_and_report, args=(latch, journal, barrier, "wait"), daemon=True)
        child.start()
        patience.until(lambda: barrier.n_waiting == 1, "n_waiting is 1 while one process waits")
        barrier.abort()
        after = barrier.broken
        child.join()
    assert before == (2, 0, False), f"parties, n_waiting and broken of a new Barrier(2) are {before}"
    assert after is True, f"broken of a barrier that was aborted is {after!r}, promised True"
