"""``Event``: a flag of all processes that is set and cleared, and that any of them may wait for."""

from __future__ import annotations

from mpconform.kit import Task, promise, verifies
from mpconform.sections.synchronization_primitives.helpers import Blocked, Calls, child_that_does_at_once, let_go


@verifies(
    "event.is_set.false-at-first",
    "event.wait.returns-at-once-when-set",
    "event.wait.returns-false-on-timeout",
    "event.wait.timeout-is-not-cut-short",
)
def test_an_event_in_one_thread(mp, patience):
    with promise("event.is_set.false-at-first"):
        answer = mp.Event().is_set()
        assert answer is False, f"is_set() of a new Event: {answer!r}, promised is False"
    with promise("event.wait.returns-at-once-when-set"):
        event = mp.Event()
        event.set()
        waiting = Task(lambda: [event.wait(), event.wait(), event.wait(0), event.wait(60), event.is_set()])
        with patience.at_once("wait() four times of an Event that is set"):
            answers = waiting.result("wait() four times of an Event that is set ends")
        assert answers == [True] * 5, (
            f"wait() four times of an Event that is set, then is_set(): {answers}, promised is True"
        )
    with promise("event.wait.returns-false-on-timeout"):
        for timeout in patience.timeout, 0:
            call = f"wait(timeout={timeout}) of a new Event"
            with patience.no_later(timeout, call):
                answer = wait_of_a_new(mp.Event(), timeout)
            assert answer is False, f"{call}: {answer!r}, promised is False"
    with promise("event.wait.timeout-is-not-cut-short"):
        timeout = 2 * patience.timeout  # far more than a clock may be coarse
        with patience.no_sooner(timeout, f"wait(timeout={timeout}) of a new Event"):
            wait_of_a_new(mp.Event(), timeout)


def wait_of_a_new(event, timeout):
    return event.wait(timeout=timeout)


@verifies("event.is_set.deprecated-name")
def test_whether_an_event_has_the_deprecated_name_of_is_set(mp, observe):
    has = hasattr(mp.Event(), "isSet")
    observe("an Event has isSet()" if has else "an Event has no isSet()")


@verifies("event.set.wakes-threads", "event.clear.makes-wait-block-again", "event.wait.timeout-ends-with-set")
def test_an_event_of_several_threads(mp, patience):
    new, cleared, timed = mp.Event(), mp.Event(), mp.Event()
    cleared.set()
    cleared.clear()
    timeout = 2 * patience.awaiting
    call = "wait() of a new Event in one of three threads"
    lets_go = [new.set, lambda: None, lambda: None]  # once
    threads = [Blocked(call, new.wait, "set()", let_it_go) for let_it_go in lets_go]
    after_clear = Blocked("wait() after set() and clear()", cleared.wait, "set()", cleared.set)
    with_timeout = Blocked(f"wait({timeout}) of a new Event", lambda: timed.wait(timeout), "set()", timed.set)
    let_go(patience, *threads, after_clear, with_timeout)
    with promise("event.set.wakes-threads"):
        for thread in threads:
            thread.judge()
    with promise("event.clear.makes-wait-block-again"):
        after_clear.judge()
    with promise("event.wait.timeout-ends-with-set"):
        with_timeout.judge()


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
    waits = [Calls(scratch, awaited, "wait") for _ in range(2)]
    with child_that_does_at_once(mp, scratch, set_later, set_now, clear, *waits):
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
            check_that_set_wakes_all(awaited, waits, patience)


def check_that_set_wakes_all(event, waits, patience):
    """Two threads of a child wait for the event, and threads of this process do."""
    threads = [Task(event.wait) for _ in range(2)]
    for wait in waits:
        wait.begun.wait(1, "thread of a child that calls wait()")
    patience.never(
        lambda: any(wait.journal.read() for wait in waits) or any(thread.is_done() for thread in threads),
        "wait() of a new Event returns",
    )
    event.set()
    answers = [wait.answers()[0] for wait in waits]
    answers += [thread.result("wait() in a thread ends once set() was called") for thread in threads]
    assert answers == [True] * 4, (
        f"wait() in two threads of a child and two here, woken by set(): {answers}, promised is True"
    )
