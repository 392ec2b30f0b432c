"""The background thread of a ``Queue``: when it runs, when it ends, and what waits for it.

``LARGE`` is more than any pipe holds, so the thread that sends it blocks until another process receives it.
"""

from __future__ import annotations

import gc
import threading

from mpconform.kit import Task, raises, verifies
from mpconform.sections.pipes_and_queues.helpers import get_some, take, take_all

LARGE = b"x" * 8_000_000


def put_large(queue, lifelines, latch):
    lifelines.hold()
    queue.put(LARGE)
    latch.arrive()


def put_large_and_join_thread(queue, journal):
    queue.put(LARGE)
    queue.close()
    journal.write("closed")
    queue.join_thread()
    journal.write("joined")


def cancel_and_join_thread(queue, journal):
    queue.put(LARGE)
    queue.cancel_join_thread()
    queue.close()
    queue.join_thread()
    journal.write("joined")


def put_large_and_cancel(queue, when, lifelines, latch):
    lifelines.hold()
    if when == "before":
        queue.cancel_join_thread()
    queue.put(LARGE)
    if when == "after":
        queue.cancel_join_thread()
    latch.arrive()


def close_at_once(queue, latch):
    queue.close()
    latch.arrive()


class NewThreads:
    """The threads that were started in this process since this object was made."""

    def __init__(self):
        self.old = threading.enumerate()

    def __call__(self):
        return [thread for thread in threading.enumerate() if thread not in self.old]


@verifies("queue.put.returns-before-the-item-is-flushed")
def test_put_returns_although_the_pipe_cannot_hold_the_item(mp):
    queue = mp.Queue()
    Task(queue.put, LARGE).result("put() of 8 MB returns while nobody gets")
    size = len(take(queue))
    assert size == len(LARGE), f"get() returned {size} bytes, put() was given {len(LARGE)}"


@verifies("queue.feeder.starts-with-first-put")
def test_the_first_put_starts_a_thread(mp, patience):
    new = NewThreads()
    queue = mp.Queue()
    assert new() == [], f"Queue() started {new()}, promised is that the first put() starts the thread"
    queue.put("item")
    patience.until(new, "the first put() starts a thread")
    take(queue)


@verifies("queue.feeder.is-one-thread")
def test_later_puts_start_no_more_threads(mp):
    new = NewThreads()
    queue = mp.Queue()
    for _ in range(5):
        queue.put("item")
    count = len(new())
    take_all(queue, 5)
    assert count == 1, f"five put() started {count} threads, promised is one for the queue"


@verifies("queue.close.feeder-quits")
def test_the_thread_quits_after_close(mp, patience):
    new = NewThreads()
    queue = mp.Queue()
    queue.put("item")
    take(queue)
    queue.close()
    patience.until(lambda: not new(), "the background thread quits after close()")


@verifies("queue.close.buffered-items-arrive")
def test_items_that_are_buffered_at_close_arrive(mp, journal):
    queue = mp.Queue()
    child = mp.Process(target=get_some, args=(queue, 100, journal))
    child.daemon = True
    child.start()
    for number in range(100):
        queue.put(number)
    queue.close()
    items = journal.wait(1, "list of the 100 items put before close()")[0]
    child.join()
    assert items == list(range(100)), f"after close() another process got {items!r}, put were 0 to 99"


@verifies("queue.close.concerns-this-process-only")
def test_close_in_a_child_leaves_the_queue_open_here(mp, latch):
    queue = mp.Queue()
    child = mp.Process(target=close_at_once, args=(queue, latch))
    child.daemon = True
    child.start()
    latch.wait(1, "child that closed the queue")
    queue.put("item")
    item = take(queue)
    child.join()
    assert item == "item", f"after close() in a child, get() here returned {item!r}, put() here was given 'item'"


@verifies("queue.close.called-by-garbage-collection")
def test_the_thread_quits_when_the_queue_is_garbage_collected(mp, patience):
    new = NewThreads()
    queue = mp.Queue()
    queue.put("item")
    take(queue)
    patience.until(new, "the first put() starts a thread")
    del queue
    gc.collect()
    patience.until(lambda: not new(), "the background thread quits after the queue was garbage collected")


@verifies("queue.join_thread.blocks-until-flushed")
def test_join_thread_blocks_until_all_is_flushed(mp, journal, patience):
    queue = mp.Queue()
    child = mp.Process(target=put_large_and_join_thread, args=(queue, journal))
    child.daemon = True
    child.start()
    journal.wait(1, "child that closed its queue")
    patience.never(lambda: "joined" in journal.read(), "join_thread() returns before 8 MB are flushed to the pipe")
    size = len(take(queue))
    journal.wait(2, "journal entries, the second after join_thread(), once all was flushed")
    child.join()
    assert size == len(LARGE), f"get() returned {size} bytes, put() was given {len(LARGE)}"


@verifies("queue.join_thread.thread-has-ended")
def test_the_thread_has_ended_when_join_thread_returns(mp):
    new = NewThreads()
    queue = mp.Queue()
    queue.put("item")
    take(queue)
    queue.close()
    queue.join_thread()
    assert new() == [], f"after join_thread() {new()} is running, promised is that the background thread has ended"


@verifies("queue.join_thread.only-after-close")
def test_join_thread_is_refused_before_close(mp):
    queue = mp.Queue()
    queue.put("item")
    take(queue)
    joining = Task(queue.join_thread)
    with raises(Exception, "join_thread() before close(), when it can not be used yet"):
        joining.result("join_thread() before close() raises")


@verifies("queue.cancel_join_thread.join_thread-returns-at-once")
def test_join_thread_returns_at_once_after_cancel_join_thread(mp, journal):
    queue = mp.Queue()
    child = mp.Process(target=cancel_and_join_thread, args=(queue, journal))
    child.daemon = True
    child.start()
    journal.wait(1, "return of join_thread(), after cancel_join_thread(), with 8 MB not flushed")
    child.join()


@verifies("queue.cancel_join_thread.lets-the-process-exit")
def test_a_child_that_cancelled_exits_without_flushing(mp, latch, scratch):
    started = []
    for when in ("before", "after"):
        queue, lifelines = mp.Queue(), scratch.lifelines()
        child = mp.Process(target=put_large_and_cancel, args=(queue, when, lifelines, latch))
        child.daemon = True
        child.start()
        started.append((when, queue, lifelines, child))
    latch.wait(2, "children called put() and cancel_join_thread(), which returned")
    for when, _, lifelines, child in started:
        lifelines.wait_until_ended(
            f"a child that called cancel_join_thread() {when} put() of 8 MB, which nobody gets, ends without flushing"
        )
        child.join()


@verifies("queue.exit.child-flushes-first")
def test_a_child_does_not_terminate_before_its_items_are_flushed(mp, lifelines, latch, patience):
    queue = mp.Queue()
    child = mp.Process(target=put_large, args=(queue, lifelines, latch))
    child.daemon = True
    child.start()
    latch.wait(1, "return of put() of 8 MB in a child")
    patience.never(lifelines.ended, "a child terminates although 8 MB that it put are not flushed")
    size = len(take(queue))
    lifelines.wait_until_ended("a child terminates when all that it put is flushed")
    child.join()
    assert size == len(LARGE), f"get() of an item put by a child at its end returned {size} bytes of {len(LARGE)}"


@verifies("queue.exit.managed-queue-does-not-hold-a-child")
def test_a_child_terminates_although_nobody_gets_from_a_managed_queue(mp, lifelines, latch):
    with mp.Manager() as manager:
        queue = manager.Queue()
        child = mp.Process(target=put_large, args=(queue, lifelines, latch))
        child.daemon = True
        child.start()
        latch.wait(1, "return of put() of 8 MB on a manager's queue in a child")
        lifelines.wait_until_ended("a child that put 8 MB on a manager's queue, from which nobody gets, terminates")
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
