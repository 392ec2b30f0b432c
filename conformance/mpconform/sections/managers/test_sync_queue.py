"""The queue of a SyncManager."""

from __future__ import annotations

import queue as standard

from mpconform.kit import Patience, promise, raises, verifies, works
from mpconform.kit.deliveries import delivery_faults, order_faults
from mpconform.sections.managers.helpers import Others, call_method, history, in_child, managed

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
            call = f"put('three', timeout={patience.timeout}) on a Queue(2) that holds two items"
            with patience.runs_out(patience.timeout, call), raises(standard.Full, call):
                queue.put("three", timeout=patience.timeout)
            found = [queue.get() for _ in range(2)]
            assert found == ["one", "two"], (
                f"a Queue(2) on which 'one' and 'two' were put, and 'three' not, gave {found}"
            )
        with promise("sync_manager.queue.unbounded-by-default"):
            queue = manager.Queue()
            for number in range(500):
                with works(f"put_nowait() number {number + 1} on a Queue()"):
                    queue.put_nowait(number)
        with promise("sync_manager.queue.empty-raises"):
            queue = manager.Queue(2)
            with raises(standard.Empty, "get_nowait() from an empty Queue(2)"):
                queue.get_nowait()
            with raises(standard.Empty, "get(False) from an empty Queue(2)"), patience.at_once("get(False)"):
                queue.get(False)
            call = f"get(timeout={patience.timeout}) from an empty Queue(2)"
            with patience.runs_out(patience.timeout, call), raises(standard.Empty, call):
                queue.get(timeout=patience.timeout)


@verifies(
    "sync_manager.queue.get-waits-for-an-item",
    "sync_manager.queue.put-waits-for-room",
    "sync_manager.queue.join-waits-for-task_done",
)
def test_calls_that_wait_for_another_process(mp, scratch, patience):
    with managed(mp) as manager:
        queues = empty, full, tasks = manager.Queue(), manager.Queue(1), manager.Queue()
        others = Others(mp, scratch, *queues)
        with promise("sync_manager.queue.get-waits-for-an-item"):
            getter = others.begin(call_method, empty, "get")
            patience.never(getter.is_free, "get() from an empty Queue() returns")
            empty.put("item")
            found = getter.answer("get() that returned after put()")
            assert found == "item", f"get() that waited until another process put 'item' returned {found!r}"
        with promise("sync_manager.queue.put-waits-for-room"):
            full.put("first")
            putter = others.begin(call_method, full, "put", "second")
            patience.never(putter.is_free, "put() on a full Queue(1) returns")
            found = [
                full.get(),
                putter.answer("put() that returned after get()"),
                full.get(True, patience.awaiting / 2),
            ]
            assert found == ["first", None, "second"], (
                f"get(), a put() that waited for it in another process, and get() gave {found},"
                f" promised 'first', None, 'second'"
            )
        with promise("sync_manager.queue.join-waits-for-task_done"):
            with patience.at_once("join() of a Queue() on which nothing was put"):
                tasks.join()
            for item in ("one", "two"):
                tasks.put(item)
            joiner = others.begin(call_method, tasks, "join")
            got = [tasks.get(), tasks.get()]
            patience.never(joiner.is_free, f"join() returns when {got} were got and neither is done")
            tasks.task_done()
            patience.never(joiner.is_free, "join() returns when one of two tasks is done")
            tasks.task_done()
            found = joiner.answer("join() that returned after the last task_done()")
            assert found is None, f"join() after the last task_done() of another process returned {found!r}"
        others.end()
