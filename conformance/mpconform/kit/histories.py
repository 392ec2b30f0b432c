"""Histories of a queue that several processes use at once, and what is wrong with one.

Each process keeps a :class:`Recorder`, which notes when every ``put`` and ``get`` was called and when
it returned; the test puts the notes of all processes together and asks the checkers below whether some
sequential order of the calls explains them. A checker returns, a line each, how the history breaks its
rule; an empty list if it keeps it. The clock is ``time.monotonic``, which is the same in
every process of one machine.

An item is the pair of its producer's name and its number: 0 for the first item of that producer, 1 for
the second, and so on.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Any, NamedTuple

Item = tuple[str, int]


class Call(NamedTuple):
    """One call of ``put`` or ``get`` that returned, with its times in seconds."""

    operation: str
    item: Item
    called: float
    returned: float


class Recorder:
    """Makes the calls of one process and notes them. ``calls`` is picklable."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def put(self, queue: Any, producer: str, number: int, load: bytes = b"") -> None:
        """Put the item, which weighs as much as ``load``, on the queue."""
        called = time.monotonic()
        queue.put((producer, number, load))
        self.calls.append(Call("put", (producer, number), called, time.monotonic()))

    def get(self, queue: Any, **timeout: float) -> None:
        """Get an item from the queue; ``timeout`` is passed on."""
        called = time.monotonic()
        producer, number, _ = queue.get(**timeout)
        self.calls.append(Call("get", (producer, number), called, time.monotonic()))


def name(item: Item) -> str:
    """Return the item in words."""
    producer, number = item
    return f"item {number} of {producer}"


def delivery_faults(calls: Sequence[Call]) -> list[str]:
    """Every item that was put is got, once, not before its ``put`` was called; and nothing else is got."""
    puts = {call.item: call for call in calls if call.operation == "put"}
    gets = [call for call in calls if call.operation == "get"]
    times = Counter(call.item for call in gets)
    faults = [f"{name(item)} was put and never got" for item in sorted(puts) if not times[item]]
    for item, number in sorted(times.items()):
        if item not in puts:
            faults.append(f"{name(item)} was got and never put")
        elif number > 1:
            faults.append(f"{name(item)} was got {number} times")
    for call in gets:
        if call.item in puts and call.returned < puts[call.item].called:
            faults.append(f"{name(call.item)} was got before it was put")
    return faults


def order_faults(calls: Sequence[Call]) -> list[str]:
    """The items of one producer are got in the order of their numbers.

    Two calls that overlap may have happened in either order; so the order is wrong only if the ``get`` of
    the later item had returned before the ``get`` of the earlier one was called.
    """
    gets = sorted((call for call in calls if call.operation == "get"), key=lambda call: call.item)
    faults = []
    for _, of_one in groupby(gets, key=lambda call: call.item[0]):
        latest: Call | None = None  # of the items so far, the one whose get was called last
        for call in of_one:
            if latest and call.item != latest.item and call.returned < latest.called:
                faults.append(f"{name(call.item)} was got before item {latest.item[1]}, which was put earlier")
            if latest is None or call.called > latest.called:
                latest = call
    return faults


def bound_faults(calls: Sequence[Call], maxsize: int) -> list[str]:
    """The queue never holds more than ``maxsize`` items.

    An item is surely inside between the return of its ``put`` and the call of its ``get``.
    """
    changes = [(call.returned, 1) if call.operation == "put" else (call.called, -1) for call in calls]
    inside = most = 0
    for _, change in sorted(changes):  # at equal times, the item that leaves goes first
        inside += change
        most = max(most, inside)
    return [f"the queue held {most} items, its maxsize is {maxsize}"] if most > maxsize else []
