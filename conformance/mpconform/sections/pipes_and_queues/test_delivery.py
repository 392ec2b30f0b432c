"""Several producers and several consumers at once: every item arrives once, in the order of its producer."""

from __future__ import annotations

import queue as standard

from mpconform.kit import each, verifies
from mpconform.kit.deliveries import bound_faults, delivery_faults, order_faults
from mpconform.kit.histories import Recorder

PRODUCERS = 2
CONSUMERS = 2
ITEMS = 200
"""Items of each producer, and as many for each consumer."""


def produce(queue, gate, producer, load, journal):
    recorder = Recorder(producer)
    gate.wait()
    for number in range(ITEMS):
        recorder.call("put", lambda item: queue.put((item, b"x" * load)), (producer, number))
    journal.write(recorder.calls)


def get(recorder, queue, **timeout):
    """Get an item and return it; None if there is none, which is no call of the history."""
    item = recorder.call("get", lambda: queue.get(**timeout)[0])
    if item is standard.Empty:
        recorder.calls.pop()
        return None  # the checker names the items that are missing
    assert not isinstance(item, type), f"get() raised {item.__name__}"
    return item


def consume(queue, gate, timeout, journal):
    recorder = Recorder()
    gate.wait()
    for _ in range(ITEMS):
        if get(recorder, queue, **timeout) is None:
            break
    journal.write(recorder.calls)


def history(mp, scratch, queue, load, **timeout):
    """Run the producers and the consumers on ``queue`` and return all calls that they made."""
    gate, journal = scratch.gate(), scratch.journal()
    children = [
        mp.Process(target=produce, args=(queue, gate, f"producer {n}", load, journal), daemon=True)
        for n in range(PRODUCERS)
    ]
    children += [
        mp.Process(target=consume, args=(queue, gate, timeout, journal), daemon=True) for _ in range(CONSUMERS)
    ]
    for child in children:
        child.start()
    gate.open()
    for child in children:
        child.join()
    return [call for calls in journal.read() for call in calls]


def check(faults, what):
    assert not faults, f"{PRODUCERS} processes put and {CONSUMERS} get on a {what}: " + "; ".join(faults[:5])


def left_on(queue):
    """Return the calls that get what is left on a queue when all are done: nothing, if each item came once."""
    recorder = Recorder()
    queue.put((("the end", 0), b""))
    while get(recorder, queue) != ("the end", 0):
        pass
    return recorder.calls[:-1]


@verifies("queue.delivery.exactly-once")
def test_every_item_on_a_queue_arrives_once(mp, scratch, patience):
    queue = mp.Queue()
    calls = history(mp, scratch, queue, 0, timeout=patience.awaiting / 2)
    check(delivery_faults(calls + left_on(queue)), "Queue()")


@verifies("queue.order.fifo-per-producer")
def test_the_items_of_each_producer_on_a_queue_arrive_in_order(mp, scratch, patience):
    queue = mp.Queue()
    check(order_faults(history(mp, scratch, queue, 0, timeout=patience.awaiting / 2)), "Queue()")


@verifies("queue.maxsize.holds-under-concurrency")
def test_a_queue_in_use_never_holds_more_than_maxsize_items(mp, scratch, patience):
    queue = mp.Queue(3)
    check(bound_faults(history(mp, scratch, queue, 0, timeout=patience.awaiting / 2), 3), "Queue(3)")


@verifies("joinable_queue.delivery.exactly-once")
def test_every_item_on_a_joinable_queue_arrives_once(mp, scratch, patience):
    queue = mp.JoinableQueue()
    calls = history(mp, scratch, queue, 0, timeout=patience.awaiting / 2)
    check(delivery_faults(calls + left_on(queue)), "JoinableQueue()")


@verifies("joinable_queue.order.fifo-per-producer")
def test_the_items_of_each_producer_on_a_joinable_queue_arrive_in_order(mp, scratch, patience):
    queue = mp.JoinableQueue()
    check(order_faults(history(mp, scratch, queue, 0, timeout=patience.awaiting / 2)), "JoinableQueue()")


@verifies("simple_queue.delivery.exactly-once")
@each("load", [0, 100_000])
def test_every_item_on_a_simple_queue_arrives_once(mp, scratch, load):
    queue = mp.SimpleQueue()
    calls = history(mp, scratch, queue, load)
    check(delivery_faults(calls + left_on(queue)), f"SimpleQueue(), items of {load} bytes")


@verifies("simple_queue.order.fifo-per-producer")
def test_the_items_of_each_producer_on_a_simple_queue_arrive_in_order(mp, scratch):
    queue = mp.SimpleQueue()
    check(order_faults(history(mp, scratch, queue, 0)), "SimpleQueue()")
