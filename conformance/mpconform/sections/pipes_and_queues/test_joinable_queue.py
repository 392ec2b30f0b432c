"""``JoinableQueue``: a ``Queue`` that counts unfinished tasks."""

from __future__ import annotations

import queue as standard

from mpconform.kit import raises, verifies
from mpconform.sections.pipes_and_queues.helpers import take


def put_and_join(queue, items, journal):
    for item in items:
        queue.put(item)
    journal.write("put")
    queue.join()
    journal.write("joined")


def join_only(queue, latch, journal):
    latch.arrive()
    queue.join()
    journal.write("joined")


def join_when_open(queue, gate, latch, journal):
    gate.wait()
    join_only(queue, latch, journal)


def finish(queue, number):
    for _ in range(number):
        queue.get()
        queue.task_done()


def joined(journal):
    """Return a function that tells whether join() has returned in a child."""
    return lambda: "joined" in journal.read()


@verifies("joinable_queue.call.is-a-queue")
def test_a_joinable_queue_is_a_queue(mp):
    queue = mp.JoinableQueue()
    assert isinstance(queue, type(mp.Queue())), f"JoinableQueue() returned {queue!r}, which is no instance of Queue"


@verifies("joinable_queue.call.maxsize-by-name")
def test_maxsize_can_be_given_by_name_and_bounds_the_queue(mp, patience):
    queue = mp.JoinableQueue(maxsize=1)
    queue.put("first")
    with raises(standard.Full, "put('second', block=False) on a JoinableQueue(maxsize=1) that holds an item"):
        queue.put("second", block=False)
    take(queue, patience)


@verifies("joinable_queue.put.adds-the-item")
def test_items_come_in_the_order_of_putting(mp, patience):
    queue = mp.JoinableQueue()
    for number in range(50):
        queue.put(number)
    items = [take(queue, patience) for _ in range(50)]
    assert items == list(range(50)), f"get() 50 times returned {items!r}, put were 0 to 49 in order"


@verifies("joinable_queue.task_done.too-often-raises-valueerror")
def test_task_done_without_any_item_raises_valueerror(mp):
    with raises(ValueError, "task_done() on a queue on which nothing was put"):
        mp.JoinableQueue().task_done()


@verifies("joinable_queue.task_done.too-often-raises-valueerror")
def test_task_done_more_often_than_items_were_put_raises_valueerror(mp, patience):
    queue = mp.JoinableQueue()
    for number in range(3):
        queue.put(number)
    for _ in range(3):
        take(queue, patience)
        queue.task_done()
    with raises(ValueError, "task_done() for the fourth time after three put()"):
        queue.task_done()


@verifies("joinable_queue.task_done.accepted-once-per-item")
def test_task_done_is_accepted_once_for_each_item(mp, patience):
    queue = mp.JoinableQueue()
    for round_number in range(3):
        for number in range(2):
            queue.put(number)
        for number in range(2):
            take(queue, patience)
            try:
                queue.task_done()
            except ValueError as error:
                raise AssertionError(
                    f"task_done() for item {number} of round {round_number} raised {error!r}, promised is one per item"
                ) from error


@verifies("joinable_queue.join.returns-when-nothing-is-unfinished")
def test_join_returns_at_once_on_a_new_queue(mp, latch, journal):
    queue = mp.JoinableQueue()
    child = mp.Process(target=join_only, args=(queue, latch, journal), daemon=True)
    child.start()
    journal.wait(1, "return of join() on a queue on which nothing was put")
    child.join()


@verifies("joinable_queue.join.blocks-until-items-are-got")
def test_join_blocks_while_items_are_on_the_queue(mp, journal, patience):
    queue = mp.JoinableQueue()
    child = mp.Process(target=put_and_join, args=(queue, ["item"], journal), daemon=True)
    child.start()
    journal.wait(1, "child that put an item")
    patience.never(joined(journal), "join() returns although an item is on the queue")
    take(queue, patience)
    queue.task_done()
    patience.until(joined(journal), "join() returns after get() and task_done()")
    child.join()


@verifies("joinable_queue.join.blocks-until-tasks-are-done")
def test_join_blocks_until_task_done_was_called_for_every_item(mp, journal, patience):
    queue = mp.JoinableQueue()
    child = mp.Process(target=put_and_join, args=(queue, ["a", "b"], journal), daemon=True)
    child.start()
    take(queue, patience)
    take(queue, patience)
    journal.wait(1, "child that put two items")
    patience.never(joined(journal), "join() returns although task_done() was not called for two items that were got")
    queue.task_done()
    patience.never(joined(journal), "join() returns although task_done() was not called for one of two items")
    queue.task_done()
    patience.until(joined(journal), "join() returns after task_done() for both items")
    child.join()


@verifies("joinable_queue.join.counts-items-added-later")
def test_join_blocks_again_after_another_put(mp, journal, patience):
    queue = mp.JoinableQueue()
    queue.put("first")
    take(queue, patience)
    queue.task_done()
    queue.join()
    child = mp.Process(target=put_and_join, args=(queue, ["second"], journal), daemon=True)
    child.start()
    journal.wait(1, "child that put another item")
    patience.never(joined(journal), "join() returns although an item was put after the count had dropped to zero")
    take(queue, patience)
    queue.task_done()
    patience.until(joined(journal), "join() returns after task_done() for the later item")
    child.join()


@verifies("joinable_queue.join.counts-tasks-of-all-processes")
def test_join_returns_when_children_have_done_all_tasks(mp, journal, patience):
    queue = mp.JoinableQueue()
    consumers = [mp.Process(target=finish, args=(queue, 20), daemon=True) for _ in range(2)]
    producer = mp.Process(target=put_and_join, args=(queue, range(40), journal), daemon=True)
    for child in [producer, *consumers]:
        child.start()
    patience.until(joined(journal), "join() returns after two processes called task_done() for 40 items in all")
    for child in [producer, *consumers]:
        child.join()


@verifies("joinable_queue.join.resumes-every-waiter")
def test_all_processes_that_wait_in_join_resume(mp, gate, latch, journal, patience):
    queue = mp.JoinableQueue()
    children = [mp.Process(target=join_when_open, args=(queue, gate, latch, journal), daemon=True) for _ in range(2)]
    for child in children:
        child.start()
    queue.put("item")
    gate.open()
    latch.wait(2, "children that call join()")
    patience.never(journal.read, "join() returns although an item is on the queue")
    take(queue, patience)
    queue.task_done()
    journal.wait(2, "returns of join(), in two processes that wait for the same task")
    for child in children:
        child.join()
