"""What a child was given and gives to a child of its own is still one thing of all processes."""

from __future__ import annotations

from contextlib import suppress

from mpconform.kit import Overdue, Task, promise, verifies
from mpconform.sections.synchronization_primitives.helpers import (
    Calls,
    Waiting,
    grandchild_that_does_at_once,
    notify,
)


@verifies(
    "lock.acquire.blocks-in-a-grandchild",
    "rlock.acquire.blocks-in-a-grandchild",
    "semaphore.acquire.blocks-in-a-grandchild",
    "bounded_semaphore.acquire.blocks-in-a-grandchild",
    "condition.wait.blocks-in-a-grandchild",
    "event.wait.blocks-in-a-grandchild",
    "barrier.wait.blocks-in-a-grandchild",
)
def test_what_a_grandchild_was_given_by_a_child(mp, scratch, patience):
    acquired = {
        "lock": mp.Lock(),
        "rlock": mp.RLock(),
        "semaphore": mp.Semaphore(1),
        "bounded_semaphore": mp.BoundedSemaphore(1),
    }
    for primitive in acquired.values():
        primitive.acquire()
    condition, event, barrier = mp.Condition(), mp.Event(), mp.Barrier(2)
    calls = {f"{name}.acquire": Calls(scratch, primitive, "acquire") for name, primitive in acquired.items()}
    calls["condition.wait"] = Waiting(scratch, condition)
    calls["event.wait"] = Calls(scratch, event, "wait")
    calls["barrier.wait"] = Calls(scratch, barrier, "wait")
    going = {f"{name}.acquire": primitive.release for name, primitive in acquired.items()}
    going["condition.wait"] = lambda: Task(notify, condition, ())  # which blocks if the other one keeps the lock
    going["event.wait"] = event.set
    going["barrier.wait"] = lambda: Task(barrier.wait)

    def all_have_ended():
        return all(call.journal.read() for call in calls.values())

    with grandchild_that_does_at_once(mp, scratch, *calls.values()):
        for name, call in calls.items():
            call.begun.wait(1, f"grandchild that calls {name}")
        with suppress(AssertionError):  # there is nothing left to watch: each is judged below
            patience.never(all_have_ended, "all calls end")
        early = {name: call.journal.read() for name, call in calls.items()}
        for name in calls:
            if not early[name]:
                going[name]()
        with suppress(Overdue):
            patience.until(all_have_ended, "all calls end once they are let go")
        for name, call in calls.items():
            with promise(f"{name}.blocks-in-a-grandchild"):
                assert not early[name], f"{name}() in a grandchild: {early[name]} at once, promised is to block"
                answers = call.journal.read()
                if not answers:
                    raise Overdue(f"{name}() in a grandchild ends once it was let go: it does not")
                promised = (0, 1) if name == "barrier.wait" else (True,)
                assert any(answers[0] is one for one in promised), (
                    f"{name}() in a grandchild: {answers[0]!r} once it was let go, promised is one of {promised}"
                )
