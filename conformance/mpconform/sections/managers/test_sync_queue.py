"""The queue of a SyncManager."""

from __future__ import annotations

import queue as standard
import threading
import time

from mpconform.kit import Patience, idle, promise, raises, verifies, works
from mpconform.kit.deliveries import delivery_faults, order_faults
from mpconform.sections.managers.helpers import history, in_child, managed

ITEMS = 40
"""Items of each of two producers, and as many for each of two consumers."""


def get_and_put(incoming, outgoing, items):
    """Put the items; return as many items as there are of them."""
    for item in items:
        outgoing.put(item)
    return [incoming.get() for _ in items]


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


def finish_later(queue, number, gate, journal):
    """Get items, and call task_done() for them once the gate is open."""
    for _ in range(number):
        queue.get()
    gate.wait("the tasks may be done")
    for _ in range(number):
        journal.write("done")
        queue.task_done()


@verifies("sync_manager.queue.carries-items-between-processes", "sync_manager.queue.delivery-exactly-once")
def test_items_go_from_process_to_process_once_and_in_order(mp, scratch, patience):
    with managed(mp) as manager:
        with promise("sync_manager.queue.carries-items-between-processes"):
            incoming, outgoing = manager.Queue(), manager.Queue()
            for item in (1, "two", [3]):
                incoming.put(item)
            got = in_child(mp, scratch, get_and_put, incoming, outgoing, [4, "five", [6]])
            put = [outgoing.get(timeout=patience.awaiting / 4) for _ in range(3)]
            assert got == [1, "two", [3]], f"a child got {got} from a queue on which its parent had put 1, 'two', [3]"
            assert put == [4, "five", [6]], f"a child put 4, 'five', [6] on a queue, and its parent got {put}"
        with promise("sync_manager.queue.delivery-exactly-once"):
            calls = history(mp, scratch, [produce, produce, consume, consume], manager.Queue())
            faults = delivery_faults(calls) + order_faults(calls)
            assert not faults, "two processes put and two get on a Queue() of a manager: " + "; ".join(faults[:5])


@verifies(
    "sync_manager.queue.tells-its-size",
    "sync_manager.queue.maxsize-bounds-items",
    "sync_manager.queue.unbounded-by-default",
    "sync_manager.queue.empty-raises",
)
def test_queue_that_one_process_uses(mp, patience):
    with managed(mp) as manager:
        with promise("sync_manager.queue.tells-its-size"):
            queue = manager.Queue(2)
            found = []
            for item in ("one", "two", None):
                found.append((queue.qsize(), queue.empty(), queue.full()))
                if item:
                    queue.put(item)
            expected = [(0, True, False), (1, False, False), (2, False, True)]
            assert found == expected, (
                f"qsize(), empty(), full() of a Queue(2) with 0, 1, 2 items: {found}, promised {expected}"
            )
        with promise("sync_manager.queue.maxsize-bounds-items"):
            queue = manager.Queue(2)
            for item in ("one", "two"):
                with works(f"put_nowait({item!r}), one of two, on a Queue(2)"):
                    queue.put_nowait(item)
            with raises(standard.Full, "put_nowait() on a Queue(2) that holds two items"):
                queue.put_nowait("three")
        with promise("sync_manager.queue.unbounded-by-default"):
            queue = manager.Queue()
            for number in range(500):
                with works(f"put_nowait() number {number + 1} on a Queue()"):
                    queue.put_nowait(number)
        with promise("sync_manager.queue.empty-raises"):
            queue = manager.Queue(2)
            with raises(standard.Empty, "get_nowait() from an empty Queue(2)"):
                queue.get_nowait()
            start = time.monotonic()
            with raises(standard.Empty, f"get(timeout={patience.timeout}) from an empty Queue(2)"):
                queue.get(timeout=patience.timeout)
            took = time.monotonic() - start
            assert took >= patience.timeout, (
                f"get(timeout={patience.timeout}) from an empty Queue(2) raised Empty after {took:.3f} s"
            )


@verifies("sync_manager.queue.join-waits-for-task_done")
def test_join_waits_until_another_process_has_done_all_tasks(mp, gate, journal, patience):
    with managed(mp) as manager:
        queue = manager.Queue()
        for item in ("one", "two"):
            queue.put(item)
        child = mp.Process(target=finish_later, args=(queue, 2, gate, journal))
        child.daemon = True
        child.start()
        timer = threading.Timer(patience.watching, gate.open)
        timer.start()
        with idle():
            queue.join()
        found = journal.read()
        timer.join()
        child.join()
    assert found == ["done", "done"], f"join() returned when {len(found)} of 2 tasks were done"
