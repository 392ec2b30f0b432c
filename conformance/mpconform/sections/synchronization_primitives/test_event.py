"""``Event``: a flag of all processes that is set and cleared, and that any of them may wait for."""

from __future__ import annotations

import time

from mpconform.kit import Task, idle, promise, verifies
from mpconform.kit.patience import GRANULARITY
from mpconform.sections.synchronization_primitives.helpers import Calls, child_that_does_at_once, in_a_thread


@verifies("event.is_set.false-at-first")
def test_a_new_event_is_not_set(mp):
    answer = mp.Event().is_set()
    assert answer is False, f"is_set() of a new Event: {answer!r}, promised is False"


@verifies("event.is_set.deprecated-name")
def test_whether_an_event_has_the_deprecated_name_of_is_set(mp, observe):
    has = hasattr(mp.Event(), "isSet")
    observe("an Event has isSet()" if has else "an Event has no isSet()")


@verifies(
    "event.wait.blocks-until-set", "event.set.sets-the-flag", "event.clear.resets-the-flag", "event.set.wakes-waiters"
)
def test_an_event_is_one_flag_of_all_processes(mp, scratch, patience):
    later, unset, cleared, awaited = (mp.Event() for _ in range(4))
    cleared.set()
    gate = scratch.gate()
    set_later = Calls(scratch, later, "set", after=gate)
    set_now = Calls(scratch, unset, "set", "is_set")
    clear = Calls(scratch, cleared, "is_set", "clear", "is_set")
    wait = Calls(scratch, awaited, "wait")
    with child_that_does_at_once(mp, scratch, set_later, set_now, clear, wait):
        with promise("event.wait.blocks-until-set"):
            waiting = Task(later.wait)
            patience.never(waiting.is_done, "wait() of a new Event returns before set()")
            gate.open()
            answer = waiting.result("wait() ends once another process has called set()")
            assert answer is True, f"wait() of an Event that another process sets: {answer!r}, promised is True"
        with promise("event.set.sets-the-flag"):
            there, here = set_now.answers()[1], unset.is_set()
            assert there is True, f"is_set() after set(): {there!r}, promised is True"
            assert here is True, f"is_set() after set() in a child: {here!r}, promised is True"
        with promise("event.clear.resets-the-flag"):
            before, _, there = clear.answers()
            here = cleared.is_set()
            assert before is True, f"is_set() in a child after set() in its parent: {before!r}, promised is True"
            assert there is False, f"is_set() after clear(): {there!r}, promised is False"
            assert here is False, f"is_set() after clear() in a child: {here!r}, promised is False"
        with promise("event.set.wakes-waiters"):
            check_that_set_wakes_all(awaited, wait, patience)


def check_that_set_wakes_all(event, wait, patience):
    """A child waits for the event, and threads of this process do."""
    threads = [Task(event.wait) for _ in range(2)]
    wait.begun.wait(1, "child that calls wait()")
    patience.never(
        lambda: wait.journal.read() or any(thread.is_done() for thread in threads), "wait() of a new Event returns"
    )
    event.set()
    answers = [*wait.answers(), *(thread.result("wait() in a thread ends once set() was called") for thread in threads)]
    assert answers == [True] * 3, f"wait() in a child and two threads, woken by set(): {answers}, promised is True"


@verifies("event.set.wakes-threads")
def test_set_wakes_all_threads_that_wait(mp, patience):
    event = mp.Event()
    threads = [Task(event.wait) for _ in range(2)]
    patience.never(lambda: any(thread.is_done() for thread in threads), "wait() of a new Event returns before set()")
    event.set()
    answers = [thread.result("wait() in a thread ends once set() was called") for thread in threads]
    assert answers == [True, True], f"wait() in two threads, woken by set(): {answers}, promised is True"


@verifies("event.clear.makes-wait-block-again")
def test_wait_blocks_again_after_clear(mp, patience):
    event = mp.Event()
    event.set()
    event.clear()
    waiting = Task(event.wait)
    patience.never(waiting.is_done, "wait() after set() and clear() returns")
    event.set()
    answer = waiting.result("wait() ends once set() was called again")
    assert answer is True, f"wait() after set(), clear() and set(): {answer!r}, promised is True"


@verifies("event.wait.returns-at-once-when-set")
def test_wait_returns_at_once_if_the_flag_is_set(mp):
    event = mp.Event()
    event.set()
    answers = in_a_thread(lambda: [event.wait(), event.wait(), event.wait(0), event.wait(60)])
    assert answers == [True] * 4, f"wait() four times of an Event that is set: {answers}, promised is True"


def timed_wait(event, timeout):
    """Return what ``wait(timeout)`` returns, and how long it took."""
    start = time.monotonic()
    with idle():
        answer = event.wait(timeout=timeout)
    return answer, time.monotonic() - start


@verifies("event.wait.returns-false-on-timeout")
def test_wait_returns_false_when_its_timeout_has_passed(mp, patience):
    timeout = patience.timeout
    answer, took = timed_wait(mp.Event(), timeout)
    call = f"wait(timeout={timeout}) of a new Event"
    assert answer is False, f"{call}: {answer!r}, promised is False"
    assert took < timeout + patience.awaiting, f"{call} blocked {took:.3f} s, promised is at most its timeout"


@verifies("event.wait.timeout-is-not-cut-short")
def test_wait_does_not_return_false_before_its_timeout(mp, patience):
    timeout = 2 * patience.timeout  # far more than a clock may be coarse
    answer, took = timed_wait(mp.Event(), timeout)
    assert took >= timeout - GRANULARITY, (
        f"wait(timeout={timeout}) of a new Event: {answer!r} after only {took:.3f} s, promised is after its timeout"
    )


@verifies("event.wait.timeout-ends-with-set")
def test_wait_with_a_timeout_ends_when_the_flag_is_set(mp, patience):
    event, timeout = mp.Event(), 2 * patience.awaiting
    waiting = Task(event.wait, timeout)
    patience.never(waiting.is_done, "wait(timeout) of a new Event returns before set() and before its timeout")
    event.set()
    answer = waiting.result(f"wait({timeout}) ends once set() was called")
    assert answer is True, f"wait({timeout}) of an Event that is set meanwhile: {answer!r}, promised is True"
