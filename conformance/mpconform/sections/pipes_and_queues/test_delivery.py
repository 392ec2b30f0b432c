"""Several producers and several consumers at once: every item arrives once, in the order of its producer."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from mpconform.kit import Gate, Journal, Latch, Overdue, Scratch, promise, verifies
from mpconform.kit.deliveries import bound_faults, delivery_faults, order_faults
from mpconform.kit.histories import Call, Recorder
from mpconform.sections.pipes_and_queues.helpers import take

PRODUCERS = 2
CONSUMERS = 2
ITEMS = 200
"""Items of each producer, and as many for each consumer."""

END = ("the end", 0)


class Round(NamedTuple):
    """One use of a queue: all begin together, and each call is noted as soon as it has returned."""

    queue: Any
    load: int
    gate: Gate
    latch: Latch
    journal: Journal

    def calls(self) -> list[Call]:
        """Return the calls so far."""
        return self.journal.read()

    def is_over(self) -> bool:
        """Return whether all have made all of their calls."""
        return self.latch.count() == PRODUCERS + CONSUMERS


def a_round(scratch: Scratch, queue: Any, load: int = 0) -> Round:
    """Return a round in which the queue carries items with a load of so many bytes."""
    return Round(queue, load, scratch.gate(), scratch.latch(), scratch.journal())


def record(one: Round, process: str, operation: str, function: Callable[..., Any], items: list[Any]) -> None:
    """Call the function with each of the items, or without one; note the calls."""
    recorder = Recorder(process)
    one.gate.wait()
    for arguments in items:
        recorder.call(operation, function, *arguments)
        one.journal.write(recorder.calls.pop())
    one.latch.arrive()


def produce(rounds: list[Round], producer: str) -> None:
    """Put all items of one producer, in each round."""
    for one in rounds:
        queue, load = one.queue, b"x" * one.load
        items = [((producer, number),) for number in range(ITEMS)]
        record(one, producer, "put", lambda item, queue=queue, load=load: queue.put((item, load)), items)


def consume(rounds: list[Round]) -> None:
    """Get as many items as one producer puts, in each round."""
    for one in rounds:
        queue = one.queue
        record(one, "consumer", "get", lambda queue=queue: queue.get()[0], [()] * ITEMS)


def play(mp: Any, rounds: list[Round]) -> None:
    """Run the producers and the consumers, round after round. A round that does not come to its end is the last."""
    children = [mp.Process(target=produce, args=(rounds, f"producer {n}")) for n in range(PRODUCERS)]
    children += [mp.Process(target=consume, args=(rounds,)) for _ in range(CONSUMERS)]
    for child in children:
        child.daemon = True
        child.start()
    for one in rounds:
        one.gate.open()
        try:
            one.latch.wait(PRODUCERS + CONSUMERS, "processes have made all of their calls")
        except Overdue:
            return  # what is missing is told by the calls that were made
    for child in children:
        child.join()  # they have flushed now what they put


def left_on(queue: Any) -> list[Call]:
    """Return as calls of get() what is left on a queue when all are done: nothing, if each item came once."""
    queue.put((END, b""))
    calls = []
    while (item := take(queue)[0]) != END:
        calls.append(Call("afterwards", "get", (), item, time.monotonic(), time.monotonic()))
    return calls


def check(one: Round, what: str, find: Callable[[list[Call]], list[str]], calls: list[Call]) -> None:
    """Check that the calls have no faults, raised nothing, and are all that were to be made."""
    what = f"{PRODUCERS} processes put and {CONSUMERS} get on a {what}"
    raised = [str(call) for call in calls if isinstance(call.result, type)]
    assert not raised, f"{what}: {'; '.join(raised[:5])}"
    faults = find(calls)
    assert not faults, f"{what}: {'; '.join(faults[:5])}"
    assert one.is_over(), f"{what}: of {2 * PRODUCERS * ITEMS} calls only {len(calls)} have come to their end"


def check_delivery(one: Round, what: str) -> None:
    """Check that each item was got once, and nothing is left."""
    check(one, what, delivery_faults, one.calls() + (left_on(one.queue) if one.is_over() else []))


def check_order(one: Round, what: str) -> None:
    """Check that the items of each producer were got in their order."""
    check(one, what, order_faults, one.calls())


@verifies("queue.delivery.exactly-once", "queue.order.fifo-per-producer", "queue.maxsize.holds-under-concurrency")
def test_several_processes_put_on_a_queue_and_get(mp, scratch):
    unbounded, bounded = a_round(scratch, mp.Queue()), a_round(scratch, mp.Queue(3))
    play(mp, [unbounded, bounded])
    with promise("queue.delivery.exactly-once"):
        check_delivery(unbounded, "Queue()")
    with promise("queue.order.fifo-per-producer"):
        check_order(unbounded, "Queue()")
    with promise("queue.maxsize.holds-under-concurrency"):
        check(bounded, "Queue(3)", lambda calls: bound_faults(calls, 3), bounded.calls())


@verifies("joinable_queue.delivery.exactly-once", "joinable_queue.order.fifo-per-producer")
def test_several_processes_put_on_a_joinable_queue_and_get(mp, scratch):
    one = a_round(scratch, mp.JoinableQueue())
    play(mp, [one])
    with promise("joinable_queue.delivery.exactly-once"):
        check_delivery(one, "JoinableQueue()")
    with promise("joinable_queue.order.fifo-per-producer"):
        check_order(one, "JoinableQueue()")


@verifies("simple_queue.delivery.exactly-once", "simple_queue.order.fifo-per-producer")
def test_several_processes_put_on_a_simple_queue_and_get(mp, scratch):
    small, large = a_round(scratch, mp.SimpleQueue()), a_round(scratch, mp.SimpleQueue(), 100_000)
    play(mp, [small, large])
    with promise("simple_queue.delivery.exactly-once"):
        check_delivery(small, "SimpleQueue()")
        check_delivery(large, "SimpleQueue(), items of 100000 bytes")
    with promise("simple_queue.order.fifo-per-producer"):
        check_order(small, "SimpleQueue()")
