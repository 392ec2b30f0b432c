"""Several producers and several consumers at once: every item arrives once, in the order of its producer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

from mpconform.kit import Gate, Journal, Latch, Overdue, Scratch, Task, promise, verifies
from mpconform.kit.deliveries import Item, bound_faults, delivery_faults, order_faults
from mpconform.kit.histories import Call, Recorder
from mpconform.sections.pipes_and_queues.helpers import put_many, take, take_all

PRODUCERS = 2
CONSUMERS = 2
ITEMS = 200
"""Items of each producer, and as many for each consumer."""

LOAD = 100_000
"""Bytes of each tenth item: more than a pipe holds, so that a producer is in the middle of it when another begins."""

END = ("the end", 0)


class Round(NamedTuple):
    """One use of a queue: all begin together, and each call is noted as soon as it has returned."""

    queue: Any
    ready: Latch
    gate: Gate
    done: Latch
    journal: Journal

    def calls(self) -> list[Call]:
        """Return the calls so far."""
        return self.journal.read()

    def is_over(self) -> bool:
        """Return whether all have made all of their calls."""
        return self.done.count() == PRODUCERS + CONSUMERS


def a_round(scratch: Scratch, queue: Any) -> Round:
    """Return a round in which the queue carries items."""
    return Round(queue, scratch.latch(), scratch.gate(), scratch.latch(), scratch.journal())


def load_of(item: Item) -> bytes:
    """Return the bytes that go with an item, which no other has."""
    if item == END or item[1] % 10:
        return b""
    name = repr(item).encode()
    return (name * (LOAD // len(name) + 1))[:LOAD]


def put(queue: Any, item: Item) -> None:
    """Put an item with its load."""
    queue.put((item, load_of(item)))


def get(queue: Any) -> Item:
    """Get an item; it is another one if its load is not its own."""
    item: Item
    item, load = queue.get()
    if load != load_of(item):
        return f"{item[0]}, with {len(load)} bytes that are not its own", item[1]
    return item


def record(one: Round, process: str, operation: str, function: Callable[..., Any], items: list[Any]) -> None:
    """Call the function with each of the items, or without one; note the calls."""
    recorder = Recorder(process)
    one.ready.arrive()
    one.gate.wait()
    for arguments in items:
        recorder.call(operation, function, *arguments)
        one.journal.write(recorder.calls.pop())
    one.done.arrive()


def produce(rounds: list[Round], producer: str) -> None:
    """Put all items of one producer, in each round."""
    items = [((producer, number),) for number in range(ITEMS)]
    for one in rounds:
        record(one, producer, "put", partial(put, one.queue), items)


def consume(rounds: list[Round]) -> None:
    """Get as many items as one producer puts, in each round."""
    for one in rounds:
        record(one, "consumer", "get", partial(get, one.queue), [()] * ITEMS)


def play(mp: Any, rounds: list[Round]) -> None:
    """Run the producers and the consumers, round after round. A round that does not come to its end is the last."""
    children = [mp.Process(target=produce, args=(rounds, f"producer {n}")) for n in range(PRODUCERS)]
    children += [mp.Process(target=consume, args=(rounds,)) for _ in range(CONSUMERS)]
    for child in children:
        child.daemon = True
        child.start()
    for one in rounds:
        try:
            one.ready.wait(PRODUCERS + CONSUMERS, "processes are ready")
            one.gate.open()
            one.done.wait(PRODUCERS + CONSUMERS, "processes have made all of their calls")
        except Overdue:
            return  # what is missing is told by the calls that were made
    with suppress(Overdue):
        Task(lambda: [child.join() for child in children]).wait()  # they have flushed then what they put


def left_on(queue: Any) -> list[Call]:
    """Return as calls of get() what is left on a queue when all are done: nothing, if each item came once."""
    put(queue, END)
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
    one = a_round(scratch, mp.SimpleQueue())
    play(mp, [one])
    with promise("simple_queue.delivery.exactly-once"):
        check_delivery(one, "SimpleQueue()")
    with promise("simple_queue.order.fifo-per-producer"):
        check_order(one, "SimpleQueue()")


@verifies("queue.delivery.of-threads-that-begin-at-once")
def test_several_threads_make_their_first_put_at_once(mp, patience):
    for round_number in range(10):
        queue, together = mp.Queue(), threading.Barrier(4)

        def produce_here(name, queue=queue, together=together):
            together.wait(patience.awaiting)
            put_many(queue, [(name, number) for number in range(5)])

        putting = [Task(produce_here, name) for name in "abcd"]
        for one in putting:
            one.result("put() five times, in a thread where others put as well, returns")
        items = take_all(queue, 20)
        for name in "abcd":
            came = [number for other, number in items if other == name]
            assert came == list(range(5)), (
                f"of four threads that put 0 to 4 at once on a new queue, number {round_number}, the items {came} of"
                " one were got; promised is each once, in the order of putting"
            )
