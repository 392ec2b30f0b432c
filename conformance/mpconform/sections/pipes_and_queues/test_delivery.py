"""Several producers and several consumers at once: every item arrives once, in the order of its producer."""

from __future__ import annotations

import queue as standard

from mpconform.kit import each, verifies
from mpconform.kit.histories import Recorder, queue_faults

PRODUCERS = 2
CONSUMERS = 2
ITEMS = 200
"""Items of each producer, and as many for each consumer."""


def produce(queue, gate, producer, load, journal):
    recorder = Recorder()
    gate.wait()
    for number in range(ITEMS):
        recorder.put(queue, producer, number, load)
    journal.write(recorder.calls)


def consume(queue, gate, timeout, journal):
    recorder = Recorder()
    gate.wait()
    try:
        for _ in range(ITEMS):
            recorder.get(queue, **timeout)
    except standard.Empty:
        pass  # the checker names the items that are missing
    journal.write(recorder.calls)


def history(mp, scratch, queue, load, **timeout):
    """Run the producers and the consumers on ``queue`` and return all calls that they made."""
    gate, journal = scratch.gate(), scratch.journal()
    children = [mp.Process(target=produce, args=(queue, gate, f"producer {n}", load, journal)) for n in range(PRODUCERS)]
    children += [mp.Process(target=consume, args=(queue, gate, timeout, journal)) for _ in range(CONSUMERS)]
    for child in children:
        child.start()
    gate.open()
    for child in children:
        child.join()
    return [call for calls in journal.read() for call in calls]


def check(faults, what):
    assert not faults, f"{PRODUCERS} processes put and {CONSUMERS} get on a {what}: " + "; ".join(faults[:5])


@verifies("queue.delivery.exactly-once", "queue.order.fifo-per-producer")
@each("maxsize", [0, 3])
def test_queue(mp, scratch, patience, maxsize):
    queue = mp.Queue(maxsize)
    calls = history(mp, scratch, queue, b"", timeout=patience.awaiting / 2)
    check(queue_faults(calls, maxsize), f"Queue({maxsize})")


@verifies("joinable_queue.delivery.exactly-once", "joinable_queue.order.fifo-per-producer")
def test_joinable_queue(mp, scratch, patience):
    queue = mp.JoinableQueue()
    calls = history(mp, scratch, queue, b"", timeout=patience.awaiting / 2)
    check(queue_faults(calls), "JoinableQueue()")


@verifies("simple_queue.delivery.exactly-once", "simple_queue.order.fifo-per-producer")
@each("load", [0, 10_000])
def test_simple_queue(mp, scratch, load):
    queue = mp.SimpleQueue()
    check(queue_faults(history(mp, scratch, queue, b"x" * load)), f"SimpleQueue(), items of {load} bytes")
