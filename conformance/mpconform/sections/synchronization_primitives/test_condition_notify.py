"""``Condition``: ``notify`` and ``notify_all``, and ``wait_for``, which waits until a predicate is true."""

from __future__ import annotations

import threading
import time

from mpconform.kit import Task, idle, promise, raises, verifies
from mpconform.kit.patience import GRANULARITY
from mpconform.sections.synchronization_primitives.helpers import (
    Calls,
    Waiting,
    child_that_does_at_once,
    in_a_thread,
    try_and_release,
)


class WaitingFor:
    """A task: wait for a condition until a gate is open."""

    def __init__(self, scratch, condition):
        self.begun, self.journal, self.gate = scratch.latch(), scratch.journal(), scratch.gate()
        self.condition = condition

    def __call__(self):
        with self.condition:
            self.begun.arrive()
            self.journal.write(self.condition.wait_for(self.gate.is_open))


def notify(condition, *numbers):
    """Call notify() with each of the numbers, or notify_all() if there are none."""
    with condition:
        for number in numbers:
            condition.notify(*number)
        if not numbers:
            condition.notify_all()


@verifies(
    "condition.wait.returns-true-when-notified",
    "condition.notify.wakes-a-waiter",
    "condition.notify_all.wakes-all",
    "condition.wait_for.blocks-until-the-predicate-is-true",
)
def test_a_condition_is_one_of_all_processes(mp, scratch, patience):
    here, one, everyone, until = (mp.Condition() for _ in range(4))
    gate = scratch.gate()
    notify_later = Calls(scratch, here, "acquire", "notify", "release", after=gate)
    wait, wait_with_many, wait_for = Waiting(scratch, one), Waiting(scratch, everyone), WaitingFor(scratch, until)
    with child_that_does_at_once(mp, scratch, notify_later, wait, wait_with_many, wait_for):
        with promise("condition.wait.returns-true-when-notified"):
            waiting = Waiting(scratch, here)
            thread = waiting.thread()
            patience.never(waiting.journal.read, "wait() returns before notify()")
            gate.open()
            thread.result("wait() ends once another process has called notify()")
            answer = waiting.journal.read()[0]
            assert answer is True, f"wait() of a Condition that another process notifies: {answer!r}, promised is True"
        with promise("condition.notify.wakes-a-waiter"):
            check_that_notify_wakes_one(wait, patience)
        with promise("condition.notify_all.wakes-all"):
            check_that_notify_all_wakes_all(wait_with_many)
        with promise("condition.wait_for.blocks-until-the-predicate-is-true"):
            check_that_it_waits_until_the_predicate_is_true(wait_for, patience)


def check_that_notify_wakes_one(waiting, patience):
    """A child waits for the condition; so does a thread."""
    thread = Task(waiting)
    waiting.begun.wait(2, "callers of wait()")
    notify(waiting.condition, ())
    answer = waiting.journal.wait(1, "end of wait() once notify() was called")[0]
    assert answer is True, f"wait() that notify() ended: {answer!r}, promised is True"
    notify(waiting.condition, ())
    thread.join(patience.awaiting)  # if it is woken now


def check_that_notify_all_wakes_all(waiting):
    """A child waits for the condition; so do three threads."""
    threads = [Task(waiting) for _ in range(3)]
    waiting.begun.wait(4, "callers of wait()")
    notify(waiting.condition)
    answers = waiting.journal.wait(4, "ends of wait() in a child and three threads, once notify_all() was called")
    assert answers == [True] * 4, f"wait() that notify_all() ended: {answers}, promised is True each time"
    for thread in threads:
        thread.result("the thread that waited ends")


def check_that_it_waits_until_the_predicate_is_true(waiting, patience):
    """A child waits for the condition until a gate is open."""
    waiting.begun.wait(1, "child that calls wait_for()")
    notify(waiting.condition, ())
    patience.never(waiting.journal.read, "wait_for(predicate) returns although the predicate is false")
    waiting.gate.open()
    notify(waiting.condition, ())
    answer = waiting.journal.wait(1, "end of wait_for(predicate) once the predicate is true and notify() was called")[0]
    assert answer is True, f"wait_for(predicate) when the predicate returns True: {answer!r}, promised is True"


@verifies("condition.notify.wakes-at-most-n")
def test_notify_wakes_at_most_as_many_as_it_is_told(mp, scratch, patience):
    condition = mp.Condition()
    waiting = Waiting(scratch, condition)
    threads = [Task(waiting) for _ in range(4)]
    waiting.begun.wait(4, "callers of wait()")
    notify(condition, (), (2,))
    waiting.journal.wait(2, "ends of wait() once notify() and notify(2) were called")
    patience.never(lambda: len(waiting.journal.read()) > 3, "notify() and notify(2) wake all of 4 threads")
    notify(condition, (4,))
    for thread in threads:
        thread.join(patience.awaiting)  # if it is woken now


@verifies("condition.notify.without-waiters-has-no-effect")
def test_notify_is_not_kept_for_those_that_wait_later(mp, patience):
    condition, timeout = mp.Condition(), patience.timeout
    with condition:
        condition.notify()
        condition.notify_all()
        with idle():
            answer = condition.wait(timeout)
    assert answer is False, f"wait({timeout}) after notify() when nobody waited: {answer!r}, promised is False"


@verifies("condition.notify.keeps-the-lock")
def test_who_is_notified_waits_for_the_lock(mp, scratch, patience):
    condition = mp.Condition()
    waiting = Waiting(scratch, condition)
    thread = waiting.thread()
    with condition:
        condition.notify()
        patience.never(waiting.journal.read, "wait() returns while the thread that called notify() has the lock")
    thread.result("wait() ends once it was notified and the lock was released")


@verifies("condition.notify.without-the-lock-raises-runtimeerror")
def test_notify_without_the_lock_raises_runtimeerror(mp):
    with raises(RuntimeError, "notify() by a thread that has not acquired the lock"):
        mp.Condition().notify()


@verifies("condition.notify_all.without-the-lock-raises-runtimeerror")
def test_notify_all_without_the_lock_raises_runtimeerror(mp):
    with raises(RuntimeError, "notify_all() by a thread that has not acquired the lock"):
        mp.Condition().notify_all()


@verifies("condition.notify_all.deprecated-name")
def test_whether_a_condition_has_the_deprecated_name_of_notify_all(mp, observe):
    has = hasattr(mp.Condition(), "notifyAll")
    observe("a Condition has notifyAll()" if has else "a Condition has no notifyAll()")


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
    condition, timeout = mp.Condition(), patience.timeout
    values = []

    def predicate():
        values.append([])
        return values[-1]

    call = f"wait_for(predicate, timeout={timeout})"
    start = time.monotonic()
    with condition, idle():
        answer = condition.wait_for(predicate, timeout=timeout)
    took = time.monotonic() - start
    assert answer is values[-1], f"{call} when the predicate returns []: {answer!r}, promised is the last of these"
    assert timeout - GRANULARITY <= took < timeout + patience.awaiting, (
        f"{call} blocked {took:.3f} s, promised is its timeout"
    )


@verifies("condition.wait_for.notifications-do-not-extend-the-timeout")
def test_wait_for_times_out_although_it_is_notified(mp, patience):
    condition, timeout = mp.Condition(), patience.timeout
    over = threading.Event()
    end = time.monotonic() + patience.awaiting

    def notify_again_and_again():
        while not over.wait(0.005) and time.monotonic() < end:
            notify(condition)

    thread = Task(notify_again_and_again)
    start = time.monotonic()
    with condition:
        answer = condition.wait_for(lambda: False, timeout)
    took = time.monotonic() - start
    over.set()
    thread.result("the thread that notifies ends")
    assert took < patience.awaiting / 2, (
        f"wait_for(predicate, {timeout}) of a Condition that was notified every 0.005 s: {answer!r} after {took:.3f} s,"
        " promised is after its timeout"
    )


@verifies("condition.wait_for.calls-the-predicate-with-the-lock")
def test_the_predicate_is_called_with_the_lock(mp, patience):
    condition = mp.Condition()
    answers = []

    def predicate():
        answers.append(in_a_thread(try_and_release, condition))
        return len(answers) == 2

    with condition:
        condition.wait_for(predicate, patience.timeout)  # once before it waits, and once after
    assert answers == [False] * len(answers), (
        f"acquire(False) in another thread while wait_for() calls the predicate: {answers}, promised is False"
    )
