"""``JoinableQueue``: a ``Queue`` that counts unfinished tasks."""

from __future__ import annotations

import queue as standard

from mpconform.kit import Task, raises, verifies, works
from mpconform.sections.pipes_and_queues.helpers import take, take_all


def join_when_open(queue, gate, latch, journal):
    gate.wait()
    latch.arrive()
    queue.join()
    journal.write("joined")


def finish(queue, number):
    for _ in range(number):
        queue.get()
        queue.task_done()


@verifies("joinable_queue.call.is-a-queue")
def test_a_joinable_queue_is_a_queue(mp):
    queue = mp.JoinableQueue()
    assert isinstance(queue, type(mp.Queue())), f"JoinableQueue() returned {queue!r}, which is no instance of Queue"


@verifies("joinable_queue.call.maxsize-by-name")
def test_maxsize_can_be_given_by_name_and_bounds_the_queue(mp):
    queue = mp.JoinableQueue(maxsize=1)
    queue.put("first")
    with raises(standard.Full, "put('second', block=False) on a JoinableQueue(maxsize=1) that holds an item"):
        queue.put("second", block=False)
    take(queue)


@verifies("joinable_queue.put.adds-the-item")
def test_items_come_in_the_order_of_putting(mp):
    queue = mp.JoinableQueue()
    for number in range(50):
        queue.put(number)
    items = take_all(queue, 50)
    assert items == list(range(50)), f"get() 50 times returned {items!r}, put were 0 to 49 in order"


@verifies("joinable_queue.task_done.too-often-raises-valueerror")
def test_task_done_without_any_item_raises_valueerror(mp):
    with raises(ValueError, "task_done() on a queue on which nothing was put"):
        mp.JoinableQueue().task_done()


@verifies("joinable_queue.task_done.too-often-raises-valueerror")
def test_task_done_more_often_than_items_were_put_raises_valueerror(mp):
    queue = mp.JoinableQueue()
    for number in range(3):
        queue.put(number)
    for _ in range(3):
        take(queue)
        queue.task_done()
    with raises(ValueError, "task_done() for the fourth time after three put()"):
        queue.task_done()


@verifies("joinable_queue.task_done.accepted-once-per-item")
def test_task_done_is_accepted_once_for_each_item(mp):
    queue = mp.JoinableQueue()
    for round_number in range(3):
        for number in range(2):
            queue.put(number)
        for number in range(2):
            take(queue)
            with works(f"task_done() for item {number} of round {round_number}"):
                queue.task_done()


@verifies("joinable_queue.join.returns-when-nothing-is-unfinished")
def test_join_returns_at_once_on_a_new_queue(mp):
    Task(mp.JoinableQueue().join).result("join() on a queue on which nothing was put returns")


@verifies("joinable_queue.join.blocks-until-items-are-got")
def test_join_blocks_while_items_are_on_the_queue(mp, patience):
    queue = mp.JoinableQueue()
    queue.put("item")
    joining = Task(queue.join)
    patience.never(joining.is_done, "join() returns although an item is on the queue")
    take(queue)
    queue.task_done()
    joining.result("join() returns after get() and task_done()")


@verifies("joinable_queue.join.blocks-until-tasks-are-done")
def test_join_blocks_until_task_done_was_called_for_every_item(mp, patience):
    queue = mp.JoinableQueue()
    queue.put("a")
    queue.put("b")
    take_all(queue, 2)
    joining = Task(queue.join)
    patience.never(joining.is_done, "join() returns although task_done() was not called for two items that were got")
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


@verifies("joinable_queue.join.counts-tasks-of-all-processes")
def test_join_returns_when_children_have_done_all_tasks(mp):
    queue = mp.JoinableQueue()
    children = [mp.Process(target=finish, args=(queue, 20)) for _ in range(2)]
    for child in children:
        child.daemon = True
        child.start()
    for number in range(40):
        queue.put(number)
    Task(queue.join).result("join() returns after two children called task_done() for 40 items in all")
    for child in children:
        child.join()


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
    patience.never(journal.read, "join() returns although an item is on the queue")
    take(queue)
    queue.task_done()
    journal.wait(2, "returns of join(), in two processes that wait for the same task")
    for child in children:
        child.join()
