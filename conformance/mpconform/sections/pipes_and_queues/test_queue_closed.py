"""What a closed ``Queue`` refuses, and what it still does."""

from __future__ import annotations

from mpconform.kit import Task, promise, raises, verifies
from mpconform.sections.pipes_and_queues.helpers import get_some, put_many, take

BLOB = b"x" * 100_000
"""More than a pipe holds, so that a few of them are surely buffered when the queue is closed."""


def get_sizes(queue, latch, gate, number, journal):
    """Get so many items once the gate is open, and note their sizes."""
    latch.arrive()
    gate.wait()
    journal.write([len(queue.get()) for _ in range(number)])


def close_one_and_use_the_other(closed_here, closed_there, latch, gate, journal):
    closed_here.close()
    latch.arrive()
    gate.wait()
    put_many(closed_there, ["a", "b"])
    get_some(closed_there, 2, journal)


def closed_queues(mp):
    """Return closed queues, named by how they were used before."""
    unused, used, joinable = mp.Queue(), mp.Queue(), mp.JoinableQueue()
    for queue in used, joinable:
        queue.put("item")
        take(queue)
    for queue in unused, used, joinable:
        queue.close()
    return {"a Queue()": unused, "a Queue() that was used": used, "a JoinableQueue() that was used": joinable}


@verifies("queue.put.closed-raises-valueerror", "queue.get.closed-raises-valueerror")
def test_a_closed_queue_refuses_items(mp, patience):
    timeout = patience.timeout
    ways = {
        "queue.put.closed-raises-valueerror": {
            "put('item')": lambda queue: queue.put("item"),
            "put('item', block=False)": lambda queue: queue.put("item", block=False),
            f"put('item', timeout={timeout})": lambda queue: queue.put("item", timeout=timeout),
            "put_nowait('item')": lambda queue: queue.put_nowait("item"),
        },
        "queue.get.closed-raises-valueerror": {
            "get()": lambda queue: queue.get(),
            "get(block=False)": lambda queue: queue.get(block=False),
            f"get(timeout={timeout})": lambda queue: queue.get(timeout=timeout),
            "get_nowait()": lambda queue: queue.get_nowait(),
        },
    }
    for ident, calls in ways.items():
        with promise(ident):
            for what, queue in closed_queues(mp).items():
                for call, function in calls.items():
                    calling = Task(function, queue)
                    with raises(ValueError, f"{call} after close() of {what}"):
                        calling.result(f"{call} after close() of {what} raises")


@verifies("queue.close.buffered-items-arrive")
def test_items_that_are_buffered_at_close_arrive(mp, latch, gate, journal):
    queue = mp.Queue()
    child = mp.Process(target=get_sizes, args=(queue, latch, gate, 10, journal))
    child.daemon = True
    child.start()
    latch.wait(1, "child that has the queue")
    sizes = [len(BLOB) + number for number in range(10)]
    put_many(queue, [BLOB + bytes(number) for number in range(10)])
    queue.close()
    gate.open()
    came = journal.wait(1, "list of the 10 items of 100 kB put before close()")[0]
    child.join()
    assert came == sizes, f"after close() another process got items of {came} bytes, put were some of {sizes}"


@verifies("queue.close.concerns-this-process-only")
def test_close_in_one_process_leaves_the_queue_open_in_another(mp, latch, gate, journal):
    closed_there, closed_here = mp.Queue(), mp.Queue()
    child = mp.Process(target=close_one_and_use_the_other, args=(closed_there, closed_here, latch, gate, journal))
    child.daemon = True
    child.start()
    latch.wait(1, "child that closed the queue")
    closed_there.put("item")
    item = take(closed_there)
    closed_here.close()
    gate.open()
    items = journal.wait(1, "list of two items that a child put and got after close() in its parent")[0]
    child.join()
    assert item == "item", f"after close() in a child, get() here returned {item!r}, put() here was given 'item'"
    assert items == ["a", "b"], f"after close() here, a child put 'a' and 'b' and got {items!r}"
