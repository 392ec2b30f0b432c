"""``Condition``: ``notify`` and ``notify_all``, and ``wait_for``, which waits until a predicate is true."""

from __future__ import annotations

import threading
import time

from mpconform.kit import Task, did_not_arise, idle, promise, verifies
from mpconform.sections.synchronization_primitives.helpers import (
    Calls,
    Waiting,
    child_that_does_at_once,
    in_a_thread,
    notify,
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


class Sleepers:
    """Threads that wait for a condition."""

    def __init__(self, scratch, condition, number):
        self.waiting = Waiting(scratch, condition)
        self.threads = [Task(self.waiting) for _ in range(number)]
        self.waiting.begun.wait(number, "callers of wait()")

    def ended(self):
        """Return how many have been woken."""
        return len(self.waiting.journal.read())

    def end(self, patience):
        """Wake all, if they can be woken: whether they are is another promise's business."""
        Task(notify, self.waiting.condition).join(patience.awaiting)
        for thread in self.threads:
            thread.join(patience.awaiting)


@verifies("condition.notify.wakes-at-most-n", "condition.notify.leaves-others-waiting")
def test_notify_wakes_as_many_as_it_is_told(mp, scratch, patience):
    condition = mp.Condition()
    sleepers = Sleepers(scratch, condition, 5)
    with promise("condition.notify.wakes-at-most-n"):
        for number, woken in ((), 1), ((2,), 3):
            notify(condition, number)
            sleepers.waiting.journal.wait(woken, "ends of wait() once notify() was called")
            call = f"notify{number or '()'}, of 5 threads that wait, ends wait() in more"
            patience.never(lambda woken=woken: sleepers.ended() > woken, call)
    sleepers.end(patience)
    with promise("condition.notify.leaves-others-waiting"):
        # Now and then an implementation may wake more than it is told, but not each time.
        all_sleepers = [Sleepers(scratch, mp.Condition(), 3) for _ in range(3)]
        for sleepers in all_sleepers:
            notify(sleepers.waiting.condition, ())
        patience.never(
            lambda: all(sleepers.ended() == 3 for sleepers in all_sleepers),
            "notify(), each time that 3 threads wait, ends wait() in all of them",
        )
        for sleepers in all_sleepers:
            sleepers.end(patience)


@verifies("condition.notify.without-waiters-has-no-effect", "condition.notify.wakes-who-waits-after-a-timeout")
def test_notify_and_those_that_do_not_wait(mp, scratch, patience):
    timeout = patience.timeout
    with promise("condition.notify.without-waiters-has-no-effect"):
        for name in "notify", "notify_all":
            condition = mp.Condition()
            with condition:
                getattr(condition, name)()
                with idle():
                    answer = condition.wait(timeout)
            assert answer is False, f"wait({timeout}) after {name}() when nobody waited: {answer!r}, promised is False"
    with promise("condition.notify.wakes-who-waits-after-a-timeout"):
        condition = mp.Condition()
        for _ in range(2):
            with condition, idle():
                condition.wait(timeout)
        sleepers = Sleepers(scratch, condition, 1)
        Task(notify, condition, ()).wait("notify() after wait(timeout) has timed out ends")
        sleepers.waiting.journal.wait(1, "end of wait() once notify() was called, after two others had timed out")


@verifies("condition.wait.returns-true-when-a-thread-notifies", "condition.notify.keeps-the-lock")
def test_wait_blocks_until_another_thread_notifies(mp, scratch, patience):
    with promise("condition.wait.returns-true-when-a-thread-notifies"):
        condition = mp.Condition()
        waiting = Waiting(scratch, condition)
        thread = waiting.thread()
        patience.never(waiting.journal.read, "wait() returns before notify()")
        Task(notify, condition, ()).wait("notify() while a thread waits ends")
        thread.result("wait() ends once another thread has called notify()")
        answer = waiting.journal.read()[0]
        assert answer is True, f"wait() of a Condition that another thread notifies: {answer!r}, promised is True"
    with promise("condition.notify.keeps-the-lock"):
        condition = mp.Condition()
        waiting = Waiting(scratch, condition)
        thread = waiting.thread()
        acquired = condition.acquire(True, patience.awaiting)
        assert acquired, f"acquire() of a Condition while a thread waits: {acquired!r}, promised is True"
        condition.notify()
        patience.never(waiting.journal.read, "wait() returns while the thread that called notify() has the lock")
        condition.release()
        thread.result("wait() ends once it was notified and the lock was released")


@verifies("condition.notify_all.deprecated-name")
def test_whether_a_condition_has_the_deprecated_name_of_notify_all(mp, observe):
    has = hasattr(mp.Condition(), "notifyAll")
    observe("a Condition has notifyAll()" if has else "a Condition has no notifyAll()")


@verifies(
    "condition.wait_for.notifications-do-not-extend-the-timeout",
    "condition.wait_for.calls-the-predicate-with-the-lock",
)
def test_wait_for_that_is_notified(mp, patience):
    with promise("condition.wait_for.notifications-do-not-extend-the-timeout"):
        check_that_notifications_do_not_extend_the_timeout(mp.Condition(), patience)
    with promise("condition.wait_for.calls-the-predicate-with-the-lock"):
        condition = mp.Condition()
        answers = []

        def predicate():
            answers.append(in_a_thread(try_and_release, condition))
            if len(answers) == 1:
                Task(notify, condition)  # which it can once this thread waits
            return len(answers) == 2

        def wait_for():
            with condition:
                return condition.wait_for(predicate)

        Task(wait_for).result("wait_for(predicate) ends once it was notified and the predicate is true")
        assert answers == [False, False], (
            f"acquire(False) in another thread whenever wait_for() calls the predicate, before and after a wait:"
            f" {answers}, promised is [False, False]"
        )


def check_that_notifications_do_not_extend_the_timeout(condition, patience):
    timeout = 2 * patience.timeout
    over = threading.Event()
    notified = []
    end = time.monotonic() + patience.awaiting

    def notify_again_and_again():
        while not over.wait(timeout / 20) and time.monotonic() < end:
            notify(condition)
            notified.append(True)

    thread = Task(notify_again_and_again)
    call = f"wait_for(predicate, {timeout}) of a Condition that was notified every {timeout / 20} s"
    try:
        with patience.runs_out(timeout, call), condition:
            answer = condition.wait_for(lambda: False, timeout)
    finally:
        over.set()
    thread.result("the thread that notifies ends")
    if len(notified) < 2:
        did_not_arise("notifications while wait_for(predicate, timeout) blocks")
    assert answer is False, f"{call}: {answer!r}, promised is False"
