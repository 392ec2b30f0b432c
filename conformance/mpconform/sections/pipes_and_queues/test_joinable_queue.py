"""``JoinableQueue``: a ``Queue`` that counts unfinished tasks."""

from __future__ import annotations

import queue as standard

from mpconform.kit import Task, promise, raises, verifies, works
from mpconform.sections.pipes_and_queues.helpers import put_many, take, take_all


def join_when_open(queue, gate, latch, journal):
    gate.wait()
    latch.arrive()
    queue.join()
    journal.write("joined")


def finish(queue, number, gate, latch):
    """Get so many items and, once the gate is open, say that each is done with, counted just before that."""
    for _ in range(number):
        queue.get()
    gate.wait()
    for _ in range(number):
        latch.arrive()
        queue.task_done()


@verifies("joinable_queue.call.is-a-queue", "joinable_queue.call.maxsize-by-name", "joinable_queue.put.adds-the-item")
def test_a_joinable_queue_is_a_queue(mp):
    with promise("joinable_queue.call.is-a-queue"):
        queue = mp.JoinableQueue()
        assert isinstance(queue, type(mp.Queue())), f"JoinableQueue() returned {queue!r}, which is no instance of Queue"
    with promise("joinable_queue.call.maxsize-by-name"):
        queue = mp.JoinableQueue(maxsize=2)
        put_many(queue, ["first", "second"])
        with raises(standard.Full, "put('third', block=False) on a JoinableQueue(maxsize=2) that holds two items"):
            queue.put("third", block=False)
        take_all(queue, 2)
    with promise("joinable_queue.put.adds-the-item"):
        queue = mp.JoinableQueue()
        put_many(queue, range(50))
        items = take_all(queue, 50)
        assert items == list(range(50)), f"get() 50 times returned {items!r}, put were 0 to 49 in order"


@verifies("joinable_queue.task_done.accepted-once-per-item", "joinable_queue.task_done.too-often-raises-valueerror")
def test_task_done_is_accepted_once_for_each_item(mp):
    with promise("joinable_queue.task_done.accepted-once-per-item"):
        queue = mp.JoinableQueue()
        for round_number in range(3):
            put_many(queue, range(2))
            for number in range(2):
                take(queue)
                with works(f"task_done() for item {number} of round {round_number}"):
                    queue.task_done()
    with promise("joinable_queue.task_done.too-often-raises-valueerror"):
        with raises(ValueError, "task_done() on a queue on which nothing was put"):
            mp.JoinableQueue().task_done()
        queue = mp.JoinableQueue()
        put_many(queue, range(3))
        for _ in range(3):
            take(queue)
            queue.task_done()
        with raises(ValueError, "task_done() for the fourth time after three put()"):
            queue.task_done()
        put_many(queue, ["another"])
        take(queue)
        queue.task_done()
        with raises(ValueError, "task_done() for the fifth time after four put()"):
            queue.task_done()


@verifies("joinable_queue.join.returns-when-nothing-is-unfinished")
def test_join_returns_at_once_when_nothing_is_unfinished(mp, patience):
    queue = mp.JoinableQueue()
    call = "join() on a queue on which nothing was put"
    for _ in range(2):
        with patience.at_once(call):
            Task(queue.join).result(f"{call} returns")
    queue.put("item")
    take(queue)
    queue.task_done()
    call = "join() after task_done() for the only item"
    for _ in range(2):
        with patience.at_once(call):
            Task(queue.join).result(f"{call} returns")


@verifies("joinable_queue.join.blocks-until-items-are-got", "joinable_queue.join.blocks-until-tasks-are-done")
def test_join_blocks_while_something_is_unfinished(mp, patience):
    with promise("joinable_queue.join.blocks-until-items-are-got"):
        queue = mp.JoinableQueue()
        queue.put("item")
        joining = Task(queue.join)
        patience.never(joining.is_done, "join() returns although an item is on the queue")
        take(queue)
        queue.task_done()
        joining.result("join() returns after get() and task_done()")
    with promise("joinable_queue.join.blocks-until-tasks-are-done"):
        queue = mp.JoinableQueue()
        put_many(queue, ["a", "b"])
        take_all(queue, 2)
        joining = Task(queue.join)
        patience.never(
            joining.is_done, "join() returns although task_done() was not called for two items that were got"
        )
        queue.task_done()
        patience.never(joining.is_done, "join() returns although task_done() was not called for one of two items")
        queue.task_done()
        joining.result("join() returns after task_done() for both items")


@verifies("joinable_queue.join.counts-items-added-later")
def test_join_blocks_again_after_another_put(mp, patience):
    queue = mp.JoinableQueue()
    for number in range(2):
        queue.put(number)
        joining = Task(queue.join)
        if number:
            patience.never(joining.is_done, "join() returns although an item was put after the count had become zero")
        take(queue)
        queue.task_done()
        joining.result(f"join() returns after task_done() for item {number}, the only one")


@verifies("joinable_queue.join.counts-tasks-of-all-processes", "joinable_queue.task_done.too-often-raises-valueerror")
def test_join_returns_when_children_have_done_all_tasks(mp, gate, latch, patience):
    queue = mp.JoinableQueue()
    put_many(queue, range(40))
    children = [mp.Process(target=finish, args=(queue, 20, gate, latch)) for _ in range(2)]
    for child in children:
        child.daemon = True
        child.start()
    with promise("joinable_queue.join.counts-tasks-of-all-processes"):
        counting = Task(lambda: (queue.join(), latch.count()))
        patience.never(counting.is_done, "join() returns although two children called task_done() for none of 40 items")
        gate.open()
        _, count = counting.result("join() returns after two children called task_done() for 40 items in all")
        assert count == 40, f"join() returned when children had called task_done() {count} times, promised is 40 times"
    gate.open()
    latch.wait(40, "calls of task_done() in children")
    for child in children:
        child.join()
    call = "task_done() after it was called in children for all items"
    with promise("joinable_queue.task_done.too-often-raises-valueerror"), raises(ValueError, call):
        queue.task_done()


@verifies("joinable_queue.join.resumes-every-waiter")
def test_all_processes_that_wait_in_join_resume(mp, gate, latch, journal, patience):
    queue = mp.JoinableQueue()
    children = [mp.Process(target=join_when_open, args=(queue, gate, latch, journal)) for _ in range(2)]
    for child in children:
        child.daemon = True
        child.start()
    queue.put("item")
    gate.open()
    latch.wait(2, "children that call join()")
    joining = Task(queue.join)
    patience.never(lambda: journal.read() or joining.is_done(), "join() returns although an item is on the queue")
    take(queue)
    queue.task_done()
    journal.wait(2, "returns of join(), in two processes that wait for the same task")
    joining.result("join() returns here too, where others wait for the same task")
    for child in children:
        child.join()
