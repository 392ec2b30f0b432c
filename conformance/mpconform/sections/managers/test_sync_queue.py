"""The queue of a SyncManager."""

from __future__ import annotations

import queue as standard
import time

from mpconform.kit import Patience, raises, verifies
from mpconform.kit.deliveries import delivery_faults, order_faults
from mpconform.sections.managers.helpers import accepted, history

ITEMS = 40
"""Items of each of two producers, and as many for each of two consumers."""


def get_and_put(incoming, outgoing, items):
    """Get as many items as there are, and put the list of them; then put the items."""
    outgoing.put([incoming.get() for _ in items])
    for item in items:
        outgoing.put(item)


def produce(recorder, together, queue):
    """Put items."""
    for number in range(ITEMS):
        recorder.call("put", queue.put, (recorder.process, number))


def consume(recorder, together, queue):
    """Get items; one that does not come is no call of the history."""
    for _ in range(ITEMS):
        if recorder.call("get", queue.get, True, Patience().awaiting / 2) is standard.Empty:
            recorder.calls.pop()
            break


def finish_slowly(queue, number, journal):
    """Get items and call task_done() for them; but not at once."""
    for _ in range(number):
        queue.get()
    Patience().never(lambda: False, "nothing")
    for _ in range(number):
        journal.write("done")
        queue.task_done()


@verifies("sync_manager.queue.carries-items-between-processes")
def test_items_go_from_process_to_process_in_order(mp, patience):
    with mp.Manager() as manager:
        there, back = manager.Queue(), manager.Queue()
        for item in (1, "two", [3]):
            there.put(item)
        child = mp.Process(target=get_and_put, args=(there, back, [4, "five", [6]]), daemon=True)
        child.start()
        child.join()
        got, *put = [back.get(timeout=patience.awaiting / 4) for _ in range(4)]
    assert got == [1, "two", [3]], f"a child got {got} from a queue on which its parent had put 1, 'two', [3]"
    assert put == [4, "five", [6]], f"a child put 4, 'five', [6] on a queue, and its parent got {put}"


@verifies("sync_manager.queue.delivery-exactly-once")
def test_every_item_arrives_once_and_in_the_order_of_its_producer(mp, scratch):
    with mp.Manager() as manager:
        calls = history(mp, scratch, [produce, produce, consume, consume], manager.Queue())
    faults = delivery_faults(calls) + order_faults(calls)
    assert not faults, "two processes put and two get on a Queue() of a manager: " + "; ".join(faults[:5])


@verifies(
    "sync_manager.queue.maxsize-bounds-items",
    "sync_manager.queue.unbounded-by-default",
    "sync_manager.queue.empty-raises",
    "sync_manager.queue.tells-its-size",
)
def test_queue_that_one_process_uses(mp):
    with mp.Manager() as manager:
        queue = manager.Queue(2)
        with raises(standard.Empty, "get_nowait() from an empty Queue(2)"):
            queue.get_nowait()
        start = time.monotonic()
        with raises(standard.Empty, "get(timeout=0.05) from an empty Queue(2)"):
            queue.get(timeout=0.05)
        took = time.monotonic() - start
        found = []
        for item in ("one", "two", None):
            found.append((queue.qsize(), queue.empty(), queue.full()))
            if item:
                queue.put(item)
        with raises(standard.Full, "put_nowait() on a Queue(2) that holds two items"):
            queue.put_nowait("three")
        queue = manager.Queue()
        for number in range(500):
            with accepted(f"put_nowait() number {number + 1} on a Queue()"):
                queue.put_nowait(number)
    assert took >= 0.05, f"get(timeout=0.05) from an empty Queue(2) raised Empty after {took:.3f} s"
    expected = [(0, True, False), (1, False, False), (2, False, True)]
    assert found == expected, f"qsize(), empty(), full() of a Queue(2) with 0, 1, 2 items: {found}, promised {expected}"


@verifies("sync_manager.queue.join-waits-for-task_done")
def test_join_waits_until_another_process_has_done_all_tasks(mp, journal):
    with mp.Manager() as manager:
        queue = manager.Queue()
        for item in ("one", "two"):
            queue.put(item)
        child = mp.Process(target=finish_slowly, args=(queue, 2, journal), daemon=True)
        child.start()
        queue.join()
        found = journal.read()
        child.join()
    assert found == ["done", "done"], f"join() returned when {len(found)} of 2 tasks were done"
