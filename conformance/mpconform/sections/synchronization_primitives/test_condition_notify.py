"""``Condition``: ``notify`` and ``notify_all``, and ``wait_for``, which waits until a predicate is true."""

from __future__ import annotations

import threading
import time

from mpconform.kit import Task, raises, verifies
from mpconform.kit.patience import GRANULARITY
from mpconform.sections.synchronization_primitives.helpers import (
    in_a_thread,
    never,
    try_and_release,
    wait_for_notification,
)


def wait_for_gate(condition, gate, latch, journal):
    with condition:
        latch.arrive()
        journal.write(condition.wait_for(gate.is_open))


def start_waiting(mp, condition, threads, latch, journal):
    """Start a child and some threads that wait; return once all do, or will as soon as the lock is free."""
    child = mp.Process(target=wait_for_notification, args=(condition, latch, journal), daemon=True)
    child.start()
    started = [Task(wait_for_notification, condition, latch, journal) for _ in range(threads)]
    latch.wait(1 + threads, "callers of wait()")
    return child, started


def notify(condition, *numbers):
    """Call notify() with each of the numbers, or notify_all() if there are none."""
    with condition:
        for number in numbers:
            condition.notify(*number)
        if not numbers:
            condition.notify_all()


@verifies("condition.notify.wakes-a-waiter")
def test_notify_wakes_one_of_those_that_wait(mp, latch, journal):
    condition = mp.Condition()
    child, threads = start_waiting(mp, condition, 1, latch, journal)
    notify(condition, ())
    answers = journal.wait(1, "end of wait() once notify() was called")
    notify(condition)
    for thread in threads:
        thread.result("wait() ends once notify_all() was called")
    child.join()
    assert answers[0] is True, f"wait() that notify() ended: {answers[0]!r}, promised is True"


@verifies("condition.notify.wakes-at-most-n")
def test_notify_wakes_at_most_as_many_as_it_is_told(mp, latch, journal):
    condition = mp.Condition()
    threads = [Task(wait_for_notification, condition, latch, journal) for _ in range(4)]
    latch.wait(4, "callers of wait()")
    notify(condition, (), (2,))
    journal.wait(2, "ends of wait() once notify() and notify(2) were called")
    never(lambda: len(journal.read()) > 3, "notify() and notify(2) wake all of 4 threads")
    notify(condition)
    for thread in threads:
        thread.result("wait() ends once notify_all() was called")


@verifies("condition.notify.without-waiters-has-no-effect")
def test_notify_is_not_kept_for_those_that_wait_later(mp):
    condition = mp.Condition()
    with condition:
        condition.notify()
        condition.notify_all()
        answer = condition.wait(0.05)
    assert answer is False, f"wait(0.05) after notify() when nobody waited: {answer!r}, promised is False"


@verifies("condition.notify.keeps-the-lock")
def test_who_is_notified_waits_for_the_lock(mp, latch, journal):
    condition = mp.Condition()
    waiting = Task(wait_for_notification, condition, latch, journal)
    latch.wait(1, "thread that calls wait()")
    with condition:
        condition.notify()
        never(journal.read, "wait() returns while the thread that called notify() has the lock")
    waiting.result("wait() ends once it was notified and the lock was released")


@verifies("condition.notify.without-the-lock-raises-runtimeerror")
def test_notify_without_the_lock_raises_runtimeerror(mp):
    with raises(RuntimeError, "notify() by a thread that has not acquired the lock"):
        mp.Condition().notify()


@verifies("condition.notify_all.wakes-all")
def test_notify_all_wakes_all_that_wait(mp, latch, journal):
    condition = mp.Condition()
    child, threads = start_waiting(mp, condition, 3, latch, journal)
    notify(condition)
    answers = journal.wait(4, "ends of wait() in a child and three threads, once notify_all() was called")
    child.join()
    for thread in threads:
        thread.result("the thread that waited ends")
    assert answers == [True] * 4, f"wait() that notify_all() ended: {answers}, promised is True each time"


ITEMS = 150
ROOM = 3


def fill(condition, stock):
    for _ in range(ITEMS):
        with condition:
            while stock.value == ROOM:
                condition.wait()
            stock.value += 1
            condition.notify_all()


def drain(condition, stock):
    for _ in range(ITEMS):
        with condition:
            while not stock.value:
                condition.wait()
            stock.value -= 1
            condition.notify_all()


@verifies("condition.notify_all.wakes-all")
def test_no_wake_up_is_lost_among_many_that_wait_and_notify(mp):
    condition, stock = mp.Condition(), mp.RawValue("i", 0)
    children = [mp.Process(target=target, args=(condition, stock), daemon=True) for target in (fill, drain, drain)]
    for child in children:
        child.start()
    fill(condition, stock)
    for child in children:
        child.join()  # without end: the harness ends a test that hangs
    left, codes = stock.value, [child.exitcode for child in children]
    assert (left, codes) == (0, [0, 0, 0]), (
        f"what two processes have put into a store, with room for {ROOM}, and two others have taken out: {left} are"
        f" left, and the exit codes are {codes}"
    )


@verifies("condition.notify_all.without-the-lock-raises-runtimeerror")
def test_notify_all_without_the_lock_raises_runtimeerror(mp):
    with raises(RuntimeError, "notify_all() by a thread that has not acquired the lock"):
        mp.Condition().notify_all()


@verifies("condition.notify_all.deprecated-name")
def test_whether_a_condition_has_the_deprecated_name_of_notify_all(mp, observe):
    has = hasattr(mp.Condition(), "notifyAll")
    observe("a Condition has notifyAll()" if has else "a Condition has no notifyAll()")


@verifies("condition.wait_for.blocks-until-the-predicate-is-true")
def test_wait_for_blocks_until_the_predicate_is_true(mp, gate, latch, journal):
    condition = mp.Condition()
    child = mp.Process(target=wait_for_gate, args=(condition, gate, latch, journal), daemon=True)
    child.start()
    latch.wait(1, "child that calls wait_for()")
    notify(condition)
    never(journal.read, "wait_for(predicate) returns although the predicate is false")
    gate.open()
    notify(condition)
    answer = journal.wait(1, "end of wait_for(predicate) once the predicate is true and notify_all() was called")[0]
    child.join()
    assert answer is True, f"wait_for(predicate) when the predicate returns True: {answer!r}, promised is True"


@verifies("condition.wait_for.returns-the-value-of-the-predicate")
def test_wait_for_returns_the_value_of_the_predicate(mp):
    condition = mp.Condition()
    values = ["a", "true", "value"]

    def wait_for_values():
        with condition:
            return condition.wait_for(lambda: values)

    answer = in_a_thread(wait_for_values)
    assert answer is values, (
        f"wait_for(predicate) when the predicate returns {values}: {answer!r}, promised is this list"
    )


@verifies("condition.wait_for.timeout-returns-the-false-value")
def test_wait_for_returns_the_last_value_when_its_timeout_has_passed(mp, patience):
    condition = mp.Condition()
    values = []

    def predicate():
        values.append([])
        return values[-1]

    start = time.monotonic()
    with condition:
        answer = condition.wait_for(predicate, timeout=0.05)
    took = time.monotonic() - start
    assert answer is values[-1], (
        f"wait_for(predicate, timeout=0.05) when the predicate returns []: {answer!r}, promised is the last of these"
    )
    assert 0.05 - GRANULARITY <= took < 0.05 + patience.awaiting, (
        f"wait_for(predicate, timeout=0.05) blocked {took:.3f} s, promised is 0.05"
    )


@verifies("condition.wait_for.notifications-do-not-extend-the-timeout")
def test_wait_for_times_out_although_it_is_notified(mp, patience):
    condition = mp.Condition()
    over = threading.Event()
    end = time.monotonic() + patience.awaiting

    def notify_again_and_again():
        while not over.wait(0.005) and time.monotonic() < end:
            notify(condition)

    thread = Task(notify_again_and_again)
    start = time.monotonic()
    with condition:
        answer = condition.wait_for(lambda: False, 0.05)
    took = time.monotonic() - start
    over.set()
    thread.result("the thread that notifies ends")
    assert took < patience.awaiting / 2, (
        f"wait_for(predicate, 0.05) of a Condition that was notified every 0.005 s: {answer!r} after {took:.3f} s,"
        " promised is after 0.05"
    )


@verifies("condition.wait_for.calls-the-predicate-with-the-lock")
def test_the_predicate_is_called_with_the_lock(mp):
    condition = mp.Condition()
    answers = []

    def predicate():
        answers.append(in_a_thread(try_and_release, condition))
        return len(answers) == 2

    with condition:
        condition.wait_for(predicate, 0.01)  # once before it waits, and once after
    assert answers == [False] * len(answers), (
        f"acquire(False) in another thread while wait_for() calls the predicate: {answers}, promised is False"
    )
