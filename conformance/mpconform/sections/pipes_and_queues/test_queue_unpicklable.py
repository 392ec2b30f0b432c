"""Items that cannot be pickled: somebody is told, and all other items arrive."""

from __future__ import annotations

import queue as standard
from pathlib import Path

from mpconform.kit import Task, did_not_arise, idle, promise, verifies
from mpconform.sections.pipes_and_queues.helpers import Unpicklable, errors_written_to

ARRIVED = "the object itself arrived"


def put_unpicklable(queue):
    """Put what cannot be pickled; return how put() told of that, if it did."""
    try:
        queue.put(Unpicklable())
    except Exception as error:
        return f"put() raised {error!r}"
    return ""


def get_all(queue, number, told):
    """Return the next items; a get() that raises is one that tells of the item which is not there."""
    items = []
    while len(items) < number and len(told) < 3:
        try:
            item = queue.get()
        except Exception as error:
            told.append(f"get() raised {error!r}")
        else:
            if isinstance(item, Unpicklable):
                told.append(ARRIVED)
            else:
                items.append(item)
    return items


def check(kind, make, patience, path):
    """Put what cannot be pickled among other items, and judge the two promises about it."""
    queue, told = make(), []
    with errors_written_to(path):
        queue.put("before")
        told.append(put_unpicklable(queue))
        queue.put("after")
        getting = Task(get_all, queue, 2, told)
        with idle():
            getting.join(patience.awaiting)
        with promise(f"{kind}.put.unpicklable-item-is-told"):
            if ARRIVED in told:
                did_not_arise(f"an object that a {kind} cannot carry: it does not pickle")
            patience.until(
                lambda: any(told) or Path(path).stat().st_size,
                f"put() or get() of an item that cannot be pickled on a {kind} raises, or something is printed of it",
            )
    with promise(f"{kind}.put.unpicklable-item-holds-back-no-other"):
        if ARRIVED in told:
            did_not_arise(f"an object that a {kind} cannot carry: it does not pickle")
        call = f"get() twice on a {kind} on which an object that cannot be pickled was put between two items"
        assert getting.is_done(), f"{call} waits for ever, promised are the two items"
        assert getting.value == ["before", "after"], f"{call} {getting.outcome()}, promised are the two items"


@verifies("queue.put.unpicklable-item-is-told", "queue.put.unpicklable-item-holds-back-no-other")
def test_an_item_that_cannot_be_pickled_is_put_on_a_queue(mp, patience, scratch):
    check("queue", mp.Queue, patience, scratch.path())


@verifies("queue.put.unpicklable-item-takes-no-slot")
def test_an_item_that_cannot_be_pickled_takes_no_slot(mp, patience, scratch):
    queue = mp.Queue(1)
    with errors_written_to(scratch.path()):
        for number in range(2):
            put_unpicklable(queue)
            call = "put() with a timeout on a Queue(1) on which only what cannot be pickled was put"
            try:
                with idle():
                    queue.put(number, timeout=patience.awaiting / 2)
            except standard.Full:
                arrived = Task(get_all, queue, 1, told := [])
                arrived.join(patience.timeout)
                if ARRIVED in told:
                    did_not_arise("an object that a queue cannot carry: it does not pickle")
                raise AssertionError(f"{call}: raised Full, promised is that a slot is free") from None
            items = Task(get_all, queue, 1, []).result("get() of the item on a Queue(1) returns")
            assert items == [number], f"get() of the only item of a Queue(1), {number}, returned {items!r}"


@verifies("simple_queue.put.unpicklable-item-is-told", "simple_queue.put.unpicklable-item-holds-back-no-other")
def test_an_item_that_cannot_be_pickled_is_put_on_a_simple_queue(mp, patience, scratch):
    check("simple_queue", mp.SimpleQueue, patience, scratch.path())


@verifies("joinable_queue.join.after-an-unpicklable-item")
def test_join_after_an_item_that_cannot_be_pickled(mp, patience, scratch, observe):
    queue = mp.JoinableQueue()
    with errors_written_to(scratch.path()):
        said = put_unpicklable(queue) or "put() returned"
        queue.put("item")
        Task(get_all, queue, 1, []).result("get() of the item after one that cannot be pickled returns")
        queue.task_done()
        joining = Task(queue.join)
        with idle():
            joining.join(patience.watching)
        raised = "" if said == "put() returned" else "put() raised; "
        observe(raised + f"join() {'returns' if joining.is_done() else 'blocks'} when all other items are done with")
