"""The exit of a process that has put items on a queue: what it waits for, however it comes to its end."""

from __future__ import annotations

import sys

from mpconform.kit import Task, idle, verifies
from mpconform.sections.pipes_and_queues.helpers import LARGE, Unpicklable, put_many, take

ENDS = "returns", "calls sys.exit(3)", "raises ValueError"
"""How the target of a child ends, each of which lets the process exit in order."""


def put_and_end(queue, items, how, lifelines, latch):
    """Put the items and end in one of the ways."""
    lifelines.hold()
    put_many(queue, items)
    latch.arrive()
    if how == "calls sys.exit(3)":
        sys.exit(3)
    if how == "raises ValueError":
        raise ValueError("which ends this process")


def put_on_while_exiting(queue, lifelines, latch):
    """Put items of which the last but one cannot be pickled, while the first fills the pipe."""
    lifelines.hold()
    queue.put(LARGE)
    try:
        queue.put(Unpicklable())
    except Exception:
        pass  # which is in order: it is not on the queue, then
    queue.put("last")
    latch.arrive()


@verifies("queue.exit.child-flushes-first")
def test_a_child_does_not_terminate_before_its_items_are_flushed(mp, scratch, latch, patience):
    started = []
    for how in ENDS:
        queue, lifelines = mp.Queue(), scratch.lifelines()
        child = mp.Process(target=put_and_end, args=(queue, [LARGE, LARGE], how, lifelines, latch))
        child.daemon = True
        child.start()
        started.append((how, queue, lifelines, child))
    latch.wait(len(ENDS), "children whose put() of 2 MB, twice, returned")
    patience.never(
        lambda: [how for how, _, lifelines, _ in started if lifelines.ended()],
        "a child terminates although 4 MB that it put are not flushed",
    )
    for how, queue, lifelines, child in started:
        sizes = [len(take(queue))]
        assert not lifelines.ended(), f"a child whose target {how} terminated although the second item is not flushed"
        sizes.append(len(take(queue)))
        lifelines.wait_until_ended(f"a child whose target {how} terminates when all that it put is flushed")
        child.join()
        assert sizes == [len(LARGE)] * 2, f"get() of two items of a child whose target {how} returned {sizes} bytes"


@verifies("queue.exit.unpicklable-item-holds-back-no-other")
def test_a_child_flushes_what_follows_an_item_that_cannot_be_pickled(mp, lifelines, latch, patience):
    queue = mp.Queue()
    child = mp.Process(target=put_on_while_exiting, args=(queue, lifelines, latch))
    child.daemon = True
    child.start()
    latch.wait(1, "child whose put() of all items returned or raised")
    patience.never(lifelines.ended, "a child terminates although what it put is not flushed")
    take(queue)
    getting = Task(queue.get)
    patience.until(lambda: getting.is_done() or lifelines.ended(), "the last item arrives, or its producer terminates")
    with idle():
        getting.join(2 * patience.watching)
    assert getting.is_done(), "a child terminated, and what it put after an item that cannot be pickled is lost"
    item = getting.result()
    child.join()
    assert item == "last", f"get() of what a child put after an item that cannot be pickled returned {item!r}"


@verifies("queue.exit.managed-queue-does-not-hold-a-child")
def test_a_child_terminates_although_nobody_gets_from_a_managed_queue(mp, lifelines, latch):
    with mp.Manager() as manager:
        queue = manager.Queue()
        child = mp.Process(target=put_and_end, args=(queue, [LARGE], "returns", lifelines, latch))
        child.daemon = True
        child.start()
        latch.wait(1, "return of put() of 2 MB on a manager's queue in a child")
        lifelines.wait_until_ended("a child that put 2 MB on a manager's queue, from which nobody gets, terminates")
        child.join()


@verifies("queue.exit.creator-with-items-not-flushed")
def test_whether_the_creator_of_a_queue_joins_its_thread_on_exit(program, patience, observe):
    running = program.start(
        f"""
        queue = mp.Queue()
        queue.put(b"x" * {len(LARGE)})
        print("put", flush=True)
        """
    )
    running.wait_for("put", "the program puts its item")
    try:
        patience.never(lambda: running.process.poll() is not None, "the program ends")
    except AssertionError:
        observe(f"a creator that exits with items not flushed ends, with status {running.process.returncode}")
    else:
        observe("a creator that exits with items not flushed does not end until they are")
    running.process.kill()
    running.process.wait()
