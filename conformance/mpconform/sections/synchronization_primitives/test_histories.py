"""Several processes and threads at once: some order of their calls, one after another, explains what came back."""

from __future__ import annotations

import random
import time
from pathlib import Path

from mpconform.kit import Patience, Task, did_not_arise, promise, verifies
from mpconform.kit.histories import Recorder
from mpconform.kit.linearizability import unexplained
from mpconform.sections.synchronization_primitives.helpers import THREADS, start_together

ROUNDS = 12


def in_threads(use, name):
    """Call ``use`` with a recorder in each of some threads, and return all calls that they recorded."""
    recorders = [Recorder(f"{name}, thread {number}") for number in range(THREADS)]
    for thread in [Task(use, recorder) for recorder in recorders]:
        thread.result("a thread that uses the primitive, as others do, ends")
    return [call for recorder in recorders for call in recorder.calls]


def in_a_child(use, primitive, begun, journal):
    journal.write(in_threads(lambda recorder: use(recorder, primitive, begun), "child"))


def history(mp, use, primitive, scratch):
    """Use the primitive in a child and here, in threads of each, and return all calls."""
    begun, journal = scratch.latch(), scratch.journal()
    child = mp.Process(target=in_a_child, args=(use, primitive, begun, journal))
    child.daemon = True
    child.start()
    begun.wait(THREADS, "threads of a child that use the primitive")
    calls = in_threads(lambda recorder: use(recorder, primitive, begun), "parent")
    of_the_child = journal.wait(1, "child that has used the primitive")[0]
    child.join()
    if not (starts_before_the_end_of(calls, of_the_child) and starts_before_the_end_of(of_the_child, calls)):
        did_not_arise("two processes use the primitive at the same time")
    return calls + of_the_child


def starts_before_the_end_of(calls, others):
    return min(call.called for call in calls) < max(call.returned for call in others)


def keep_busy(begun):
    """Spend a moment in which others may come in between, also the other thread: each look at a file lets it run."""
    end = time.monotonic() + 0.0003
    while time.monotonic() < end:
        begun.count()


def use_exclusively(recorder, primitive, begun):
    """Acquire, sometimes without blocking, keep it for a moment, and release."""
    start_together(begun)
    for number in range(ROUNDS):
        arguments = (False,) if number % 3 == 2 else ()
        if recorder.call("acquire", primitive.acquire, *arguments) is True:
            keep_busy(begun)
            recorder.call("release", primitive.release)


def after_of_places(places):
    """Return the model of a lock or semaphore: its state is how many of its places are free."""

    def after(free, call):
        if call.operation == "release":
            return [free + 1] if call.result is None and free < places else []
        if call.result is True:
            return [free - 1] if free else []
        return [0] if call.result is False and not free and call.arguments else []

    return after


def after_of_recursion(state, call):
    """The model of an RLock: its state is the owner and the recursion level."""
    owner, level = state
    mine = owner == call.process
    if call.operation == "release":
        return [(owner, level - 1) if level > 1 else (None, 0)] if call.result is None and mine else []
    if call.result is True:
        return [(call.process, level + 1)] if mine or not level else []
    return [state] if call.result is False and level and not mine and call.arguments else []


def use_recursively(recorder, lock, begun):
    start_together(begun)
    for number in range(ROUNDS):
        arguments = (False,) if number % 3 == 2 else ()
        if recorder.call("acquire", lock.acquire, *arguments) is True:
            recorder.call("acquire", lock.acquire)
            recorder.call("release", lock.release)
            keep_busy(begun)
            recorder.call("release", lock.release)


def use_flag(recorder, event, begun):
    chance = random.Random(recorder.process)
    calls = [("set", event.set), ("clear", event.clear), ("is_set", event.is_set), ("wait", event.wait, 0)]
    start_together(begun)
    for _ in range(2 * ROUNDS):
        recorder.call(*chance.choice(calls))
        begun.count()  # which lets the other thread run


def after_of_flag(flag, call):
    if call.operation in ("set", "clear"):
        return [call.operation == "set"] if call.result is None else []
    return [flag] if call.result is flag else []


def use_barrier(recorder, barrier, begun):
    start_together(begun)
    for _ in range(2 * ROUNDS):
        recorder.call("wait", barrier.wait, Patience().awaiting)


def take_turns(condition, path, me, timeout, journal):
    """Wait for each of this party's turns, which a file tells, and hand on to the other."""
    turn = Path(path)
    for number in range(me, 100, 2):
        with condition:
            while int(turn.read_text()) != number:
                if not condition.wait(timeout):
                    journal.write(f"party {me}: wait() was not notified of turn {number} within {timeout} s")
                    return
            turn.write_text(str(number + 1))
            condition.notify()
    journal.write("done")


ITEMS = 60
ROOM = 1
CHILDREN = 3


def put_or_take(condition, path, change):
    """Put items into a store with little room, the number in a file, or take them out of it."""
    stock = Path(path)
    for _ in range(ITEMS):
        with condition:
            while not 0 <= int(stock.read_text()) + change <= ROOM:
                condition.wait()
            stock.write_text(str(int(stock.read_text()) + change))
            condition.notify_all()


def put_and_take(condition, path, begun, ended):
    """Do both at once, in threads, once all processes do, and arrive at the latch with each that comes to its end."""
    start_together(begun, CHILDREN + 1)
    threads = [Task(put_or_take, condition, path, change) for change in (1, -1)]
    for thread in threads:
        thread.result("a thread that puts items into a store, or takes them out, is always woken and ends")
        ended.arrive()


def check(fault, what):
    assert fault is None, (
        f"two processes, {THREADS} threads each, use {what}, promised is that one order explains it: {fault}"
    )


@verifies("lock.acquire.excludes-all-others")
def test_a_lock_in_use_is_never_acquired_twice(mp, scratch):
    check(unexplained(history(mp, use_exclusively, mp.Lock(), scratch), 1, after_of_places(1)), "a Lock")


@verifies("rlock.acquire.excludes-all-others")
def test_an_rlock_in_use_never_has_two_owners(mp, scratch):
    calls = history(mp, use_recursively, mp.RLock(), scratch)
    check(unexplained(calls, (None, 0), after_of_recursion), "an RLock")


@verifies("semaphore.acquire.excludes-more-than-value")
def test_a_semaphore_in_use_is_never_acquired_more_often_than_its_value(mp, scratch):
    calls = history(mp, use_exclusively, mp.Semaphore(2), scratch)
    check(unexplained(calls, 2, after_of_places(2)), "a Semaphore(2)")


@verifies("bounded_semaphore.acquire.excludes-more-than-value")
def test_a_bounded_semaphore_in_use_is_never_acquired_more_often_than_its_value(mp, scratch):
    calls = history(mp, use_exclusively, mp.BoundedSemaphore(2), scratch)
    check(unexplained(calls, 2, after_of_places(2)), "a BoundedSemaphore(2)")


@verifies("event.operations.match-a-flag")
def test_an_event_in_use_is_one_flag(mp, scratch):
    check(unexplained(history(mp, use_flag, mp.Event(), scratch), False, after_of_flag), "an Event")


@verifies("barrier.wait.returns-a-different-number-to-each", "barrier.wait.passes-one-generation-at-a-time")
def test_a_barrier_in_use_is_passed_one_round_at_a_time(mp, scratch):
    parties = 2 * THREADS
    calls = history(mp, use_barrier, mp.Barrier(parties), scratch)
    by_party = {}
    for call in calls:
        by_party.setdefault(call.process, []).append(call)
    assert len(by_party) == parties, (
        f"{parties} parties were to pass a Barrier, promised is that all do, these did: {sorted(by_party)}"
    )
    rounds = list(enumerate(zip(*by_party.values(), strict=True)))
    with promise("barrier.wait.returns-a-different-number-to-each"):
        for number, passed in rounds:
            answers = [call.result for call in passed]
            assert set(answers) == set(range(parties)), (
                f"wait() of {parties} parties in round {number}: {answers}, promised are different numbers"
            )
    with promise("barrier.wait.passes-one-generation-at-a-time"):
        for number, passed in rounds:
            broken = [call for call in passed if isinstance(call.result, type)]
            assert not broken, f"wait() in round {number} of a Barrier({parties}): {broken[0]}"
            early = min(passed, key=lambda call: call.returned)
            late = max(passed, key=lambda call: call.called)
            assert late.called <= early.returned, (
                f"in round {number} of a Barrier({parties}), wait() of {early.process} returned (promised: after all)"
                f" {late.called - early.returned:.6f} s before {late.process} called it"
            )


@verifies("condition.notify.loses-no-wake-up")
def test_who_takes_turns_by_a_condition_is_always_woken(mp, scratch, journal, patience):
    condition, timeout = mp.Condition(), patience.awaiting
    path = scratch.path("turn")
    Path(path).write_text("0")
    child = mp.Process(target=take_turns, args=(condition, path, 0, timeout, journal))
    child.daemon = True
    child.start()
    take_turns(condition, path, 1, timeout, journal)
    ends = journal.wait(2, "processes that take turns and come to their end")
    child.join()
    assert ends == ["done", "done"], (
        f"two processes notify each other of their turns, promised is that each is woken: {ends}"
    )
    turn = Path(path).read_text()
    assert turn == "100", f"two processes were to take 100 turns, promised is that all are woken, they took {turn}"


@verifies("condition.notify_all.loses-no-wake-up")
def test_no_wake_up_is_lost_among_many_that_wait_and_notify(mp, scratch):
    condition, path = mp.Condition(), scratch.path("stock")
    begun, ended = scratch.latch(), scratch.latch()
    Path(path).write_text("0")
    arguments = (condition, path, begun, ended)
    children = [mp.Process(target=put_and_take, args=arguments, daemon=True) for _ in range(CHILDREN)]
    for child in children:
        child.start()
    begun.wait(CHILDREN, "children that use a store")
    put_and_take(*arguments)
    ended.wait(2 * CHILDREN + 2, "threads of several processes that put items into a store and take them out")
    for child in children:
        child.join()
    left = Path(path).read_text()
    assert left == "0", f"{left} items are left in a store into which as many were put as were taken out"
