"""``Event``: a flag of all processes that is set and cleared, and that any of them may wait for."""

from __future__ import annotations

import time

from mpconform.kit import Task, verifies
from mpconform.kit.patience import GRANULARITY
from mpconform.sections.synchronization_primitives.helpers import calls_in_a_child, in_a_thread, never, start_calls


@verifies("event.is_set.false-at-first")
def test_a_new_event_is_not_set(mp):
    answer = mp.Event().is_set()
    assert answer is False, f"is_set() of a new Event: {answer!r}, promised is False"


@verifies("event.is_set.deprecated-name")
def test_whether_an_event_has_the_deprecated_name_of_is_set(mp, observe):
    has = hasattr(mp.Event(), "isSet")
    observe("an Event has isSet()" if has else "an Event has no isSet()")


@verifies("event.set.sets-the-flag")
def test_set_sets_the_flag_for_all_processes(mp, scratch):
    event = mp.Event()
    there = calls_in_a_child(mp, event, [("set", {}), ("is_set", {})], scratch)[1]
    here = event.is_set()
    assert there is True, f"is_set() after set(): {there!r}, promised is True"
    assert here is True, f"is_set() after set() in a child: {here!r}, promised is True"


@verifies("event.set.wakes-waiters")
def test_set_wakes_all_that_wait(mp, latch, journal):
    event = mp.Event()
    child = start_calls(mp, event, [("wait", {})], latch, journal)
    threads = [Task(event.wait) for _ in range(2)]
    latch.wait(1, "child that calls wait()")
    never(lambda: journal.read() or any(thread.is_done() for thread in threads), "wait() of a new Event returns")
    event.set()
    answers = journal.wait(1, "end of wait() in a child, once set() was called")
    answers += [thread.result("wait() in a thread ends once set() was called") for thread in threads]
    child.join()
    assert answers == [True] * 3, f"wait() in a child and two threads, woken by set(): {answers}, promised is True"


@verifies("event.clear.resets-the-flag")
def test_clear_resets_the_flag_for_all_processes(mp, scratch):
    event = mp.Event()
    event.set()
    there = calls_in_a_child(mp, event, [("is_set", {}), ("clear", {}), ("is_set", {})], scratch)
    here = event.is_set()
    assert there[0] is True, f"is_set() in a child after set() in its parent: {there[0]!r}, promised is True"
    assert there[2] is False, f"is_set() after clear(): {there[2]!r}, promised is False"
    assert here is False, f"is_set() after clear() in a child: {here!r}, promised is False"


@verifies("event.clear.makes-wait-block-again")
def test_wait_blocks_again_after_clear(mp):
    event = mp.Event()
    event.set()
    event.clear()
    waiting = Task(event.wait)
    never(waiting.is_done, "wait() after set() and clear() returns")
    event.set()
    answer = waiting.result("wait() ends once set() was called again")
    assert answer is True, f"wait() after set(), clear() and set(): {answer!r}, promised is True"


@verifies("event.wait.blocks-until-set")
def test_wait_blocks_until_another_process_sets_the_flag(mp, scratch):
    event = mp.Event()
    waiting = Task(event.wait)
    never(waiting.is_done, "wait() of a new Event returns before set()")
    calls_in_a_child(mp, event, [("set", {})], scratch)
    answer = waiting.result("wait() ends once another process has called set()")
    assert answer is True, f"wait() of an Event that another process sets: {answer!r}, promised is True"


@verifies("event.wait.returns-at-once-when-set")
def test_wait_returns_at_once_if_the_flag_is_set(mp):
    event = mp.Event()
    event.set()
    answers = in_a_thread(lambda: [event.wait(), event.wait(), event.wait(0), event.wait(60)])
    assert answers == [True] * 4, f"wait() four times of an Event that is set: {answers}, promised is True"


@verifies("event.wait.returns-false-on-timeout")
def test_wait_returns_false_when_its_timeout_has_passed(mp, patience):
    event = mp.Event()
    start = time.monotonic()
    answer = event.wait(timeout=0.05)
    took = time.monotonic() - start
    assert answer is False, f"wait(timeout=0.05) of a new Event: {answer!r}, promised is False"
    assert took < 0.05 + patience.awaiting, f"wait(timeout=0.05) blocked {took:.3f} s, promised is at most 0.05"


@verifies("event.wait.timeout-is-not-cut-short")
def test_wait_does_not_return_false_before_its_timeout(mp):
    event = mp.Event()
    start = time.monotonic()
    answer = event.wait(0.125)
    took = time.monotonic() - start
    assert took >= 0.125 - GRANULARITY, (
        f"wait(0.125) of a new Event: {answer!r} after only {took:.3f} s, promised is 0.125"
    )


@verifies("event.wait.timeout-ends-with-set")
def test_wait_with_a_timeout_ends_when_the_flag_is_set(mp, patience):
    event = mp.Event()
    waiting = Task(event.wait, patience.awaiting)
    never(waiting.is_done, "wait(timeout) of a new Event returns before set() and before its timeout")
    event.set()
    start = time.monotonic()
    answer = waiting.result("wait(timeout) ends once set() was called")
    took = time.monotonic() - start
    assert answer is True, f"wait({patience.awaiting}) of an Event that is set meanwhile: {answer!r}, promised is True"
    assert took < patience.awaiting / 2, (
        f"wait({patience.awaiting}) returned {took:.3f} s after set(), promised is at once"
    )
