"""The background thread of a ``Queue``: when it ends, and what waits for it.

That there is a thread which ``threading`` knows is not promised: where none shows, what is said of its end is not
applicable.
"""

from __future__ import annotations

import gc
import threading
import time

from mpconform.kit import Late, Task, did_not_arise, raises, verifies
from mpconform.sections.pipes_and_queues.helpers import LARGE, get_some, put_many, take, take_all


def put_large_and_join_thread(queue, journal):
    queue.put(LARGE)
    queue.close()
    journal.write("closed")
    queue.join_thread()
    journal.write("joined")


def put_large_and_cancel(queue, when, lifelines, journal):
    """Note how long join_thread() took after cancel_join_thread(), which is called before or after put()."""
    lifelines.hold()
    if when == "before":
        queue.cancel_join_thread()
    queue.put(LARGE)
    if when == "after":
        queue.cancel_join_thread()
    queue.close()
    start = time.monotonic()
    queue.join_thread()
    journal.write(time.monotonic() - start)


def cancel_and_end(queue, when, lifelines, latch):
    lifelines.hold()
    if when == "before":
        queue.cancel_join_thread()
    queue.put(LARGE)
    if when == "after":
        queue.cancel_join_thread()
    latch.arrive()


def get_when_open(queue, latch, gate, number, journal):
    latch.arrive()
    gate.wait()
    get_some(queue, number, journal)


class NewThreads:
    """The threads that were started in this process since this object was made."""

    def __init__(self):
        self.old = threading.enumerate()

    def __call__(self):
        return [thread for thread in threading.enumerate() if thread not in self.old]

    def of_a_put(self):
        """Return the threads, of which a put() that has returned should have started one."""
        return self() or did_not_arise("a background thread that threading.enumerate() shows after put()")


@verifies("queue.put.returns-before-the-item-is-flushed")
def test_put_returns_although_the_pipe_cannot_hold_the_item(mp):
    queue = mp.Queue()
    Task(put_many, queue, [LARGE, LARGE]).result("put() of 2 MB, twice, returns while nobody gets")
    sizes = [len(item) for item in take_all(queue, 2)]
    assert sizes == [len(LARGE)] * 2, f"get() twice returned {sizes} bytes, put() was given {len(LARGE)} each time"


@verifies("queue.feeder.starts-with-first-put")
def test_when_a_thread_is_started(mp, observe):
    new = NewThreads()
    queue = mp.Queue()
    made = len(new())
    queue.put("item")
    put = len(new())
    take(queue)
    observe(f"threading.enumerate() shows {made} more threads after Queue(), and {put} after the first put()")


@verifies("queue.feeder.is-one-thread")
def test_later_puts_start_no_more_threads(mp):
    new = NewThreads()
    queue = mp.Queue()
    queue.put("item")
    first = new.of_a_put()
    put_many(queue, ["item"] * 4)
    more = [thread for thread in new() if thread not in first]
    take_all(queue, 5)
    assert more == [], f"after the first put() four others started {more}, promised is that the first starts the thread"


@verifies("queue.close.feeder-quits")
def test_the_thread_quits_after_close(mp, patience):
    new = NewThreads()
    queue = mp.Queue()
    queue.put("item")
    take(queue)
    new.of_a_put()
    queue.close()
    patience.until(lambda: not new(), "the background thread quits after close()")


@verifies("queue.close.called-by-garbage-collection")
def test_what_was_put_on_a_queue_that_is_garbage_collected_arrives(mp, latch, gate, journal):
    queue = mp.Queue()
    child = mp.Process(target=get_when_open, args=(queue, latch, gate, 2, journal))
    child.daemon = True
    child.start()
    latch.wait(1, "child that has the queue")
    put_many(queue, [LARGE, "last"])
    del queue
    gc.collect()
    gate.open()
    items = journal.wait(1, "list of the items that a child gets from a queue that was collected in its parent")[0]
    child.join()
    assert items == [LARGE, "last"], f"of a queue that was garbage collected a child got {items!r:.80}"


@verifies("queue.close.called-by-garbage-collection")
def test_the_thread_quits_when_the_queue_is_garbage_collected(mp, patience):
    new = NewThreads()
    queue = mp.Queue()
    queue.put("item")
    take(queue)
    new.of_a_put()
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
    patience.never(lambda: "joined" in journal.read(), "join_thread() returns before 2 MB are flushed to the pipe")
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
    new.of_a_put()
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
def test_join_thread_returns_at_once_after_cancel_join_thread(mp, scratch, patience):
    held = []
    for when in "before", "after":
        queue, lifelines, journal = mp.Queue(), scratch.lifelines(), scratch.journal()
        child = mp.Process(target=put_large_and_cancel, args=(queue, when, lifelines, journal))
        child.daemon = True
        child.start()
        held.append((when, queue, child, journal))
    for when, _, child, journal in held:
        call = f"join_thread() after cancel_join_thread(), which was called {when} put() of 2 MB that nobody gets"
        took = journal.wait(1, f"return of {call}")[0]
        if took > patience.allowance:
            raise Late(f"{call}: done after {took:.3f} s, promised is not to wait")
        child.join()


@verifies("queue.cancel_join_thread.lets-the-process-exit")
def test_a_process_that_cancelled_exits_without_flushing(mp, scratch, latch, program):
    main = program.start(
        f"""
        queue = mp.Queue()
        queue.put(b"x" * {len(LARGE)})
        queue.cancel_join_thread()
        """
    )
    started = []
    for when in "before", "after":
        queue, lifelines = mp.Queue(), scratch.lifelines()
        child = mp.Process(target=cancel_and_end, args=(queue, when, lifelines, latch))
        child.daemon = True
        child.start()
        started.append((when, queue, lifelines, child))
    latch.wait(2, "children called put() and cancel_join_thread(), which returned")
    for when, _, lifelines, child in started:
        lifelines.wait_until_ended(
            f"a child that called cancel_join_thread() {when} put() of 2 MB, which nobody gets, ends without flushing"
        )
        child.join()
        assert child.exitcode == 0, f"a child that called cancel_join_thread() has exit code {child.exitcode}"
    outcome = main.outcome()
    assert outcome.status == 0, f"a main process that called cancel_join_thread() ended with {outcome}"
