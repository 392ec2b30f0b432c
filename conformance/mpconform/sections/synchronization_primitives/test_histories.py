"""Several processes and threads at once: some order of their calls, one after another, explains what came back."""

from __future__ import annotations

import random
import time
from pathlib import Path

from mpconform.kit import Patience, Task, promise, verifies
from mpconform.kit.histories import Recorder
from mpconform.kit.linearizability import unexplained

ROUNDS = 12
THREADS = 2
"""Of each process; there are two."""


def start_together(gate):
    """Wait for the gate, and a little longer, until presumably everybody has noticed that it is open."""
    gate.wait()
    start, latest = Path(gate.path).stat().st_mtime + 0.02, time.monotonic() + 0.02
    while time.time() < start and time.monotonic() < latest:
        pass


def in_threads(use, name):
    """Call ``use`` with a recorder in each of some threads, and return all calls that they recorded."""
    recorders = [Recorder(f"{name}, thread {number}") for number in range(THREADS)]
    for thread in [Task(use, recorder) for recorder in recorders]:
        thread.result("a thread that uses the primitive, as others do, ends")
    return [call for recorder in recorders for call in recorder.calls]


def in_a_child(use, primitive, latch, gate, journal):
    latch.arrive()
    journal.write(in_threads(lambda recorder: use(recorder, primitive, gate), "child"))


def history(mp, use, primitive, scratch):
    """Use the primitive in a child and here, in threads of each, and return all calls."""
    latch, gate, journal = scratch.latch(), scratch.gate(), scratch.journal()
    child = mp.Process(target=in_a_child, args=(use, primitive, latch, gate, journal))
    child.daemon = True
    child.start()
    latch.wait(1, "child that uses the primitive")
    gate.open()
    calls = in_threads(lambda recorder: use(recorder, primitive, gate), "parent")
    calls += journal.wait(1, "child that has used the primitive")[0]
    child.join()
    return calls


def keep_busy(gate):
    """Spend a moment in which others may come in between, also the other thread: each look at the gate lets it run."""
    end = time.monotonic() + 0.0005
    while time.monotonic() < end:
        gate.is_open()


def use_exclusively(recorder, primitive, gate):
    """Acquire, sometimes without blocking, keep it for a moment, and release."""
    start_together(gate)
    for number in range(ROUNDS):
        arguments = (False,) if number % 3 == 2 else ()
        if recorder.call("acquire", primitive.acquire, *arguments) is True:
            keep_busy(gate)
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


def use_recursively(recorder, lock, gate):
    start_together(gate)
    for number in range(ROUNDS // 2):
        arguments = (False,) if number % 3 == 2 else ()
        if recorder.call("acquire", lock.acquire, *arguments) is True:
            recorder.call("acquire", lock.acquire)
            recorder.call("release", lock.release)
            keep_busy(gate)
            recorder.call("release", lock.release)


def use_flag(recorder, event, gate):
    chance = random.Random(recorder.process)
    calls = [("set", event.set), ("clear", event.clear), ("is_set", event.is_set), ("wait", event.wait, 0)]
    start_together(gate)
    for _ in range(2 * ROUNDS):
        recorder.call(*chance.choice(calls))
        keep_busy(gate)


def after_of_flag(flag, call):
    if call.operation in ("set", "clear"):
        return [call.operation == "set"] if call.result is None else []
    return [flag] if call.result is flag else []


def use_barrier(recorder, barrier, gate):
    start_together(gate)
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


ITEMS = 100
ROOM = 3


def put_or_take(condition, path, change):
    """Put items into a store with little room, the number in a file, or take them out of it."""
    stock = Path(path)
    for _ in range(ITEMS):
        with condition:
            while not 0 <= int(stock.read_text()) + change <= ROOM:
                condition.wait()
            stock.write_text(str(int(stock.read_text()) + change))
            condition.notify_all()


def put_and_take(condition, path, latch):
    """Do both at once, in threads, and arrive at the latch with each that comes to its end."""
    threads = [Task(put_or_take, condition, path, change) for change in (1, -1)]
    for thread in threads:
        thread.result("a thread that puts items into a store, or takes them out, is always woken and ends")
        latch.arrive()


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


@verifies("condition.notify_all.wakes-all")
def test_no_wake_up_is_lost_among_many_that_wait_and_notify(mp, scratch, latch):
    condition, path = mp.Condition(), scratch.path("stock")
    Path(path).write_text("0")
    child = mp.Process(target=put_and_take, args=(condition, path, latch))
    child.daemon = True
    child.start()
    put_and_take(condition, path, latch)
    latch.wait(4, "threads of two processes that put items into a store and take them out, to the end")
    child.join()
    left = Path(path).read_text()
    assert left == "0", f"{left} items are left in a store into which as many were put as were taken out"
