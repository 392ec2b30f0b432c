"""What is wrong with a history of a queue: items lost, doubled, out of order, or too many at once.

A queue is no object with one sequential model: items of different producers may overtake each other. So there is
a checker for each promise. It returns, a line each, how the history breaks its rule; an empty list if it keeps it.

An item is the pair of its producer's name and its number: 0 for the first item of that producer, 1 for the second,
and so on. The calls are ``put``, with the item as argument, and ``get``, with the item as result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from mpconform.kit.histories import Call

Item = tuple[str, int]


def item_of(call: Call) -> Item:
    """Return the item that a call put or got."""
    item: Item = call.arguments[0] if call.operation == "put" else call.result
    return item


def name(item: Item) -> str:
    """Return the item in words."""
    producer, number = item
    return f"item {number} of {producer}"


def delivery_faults(calls: Sequence[Call]) -> list[str]:
    """Every item that was put is got, once, not before its ``put`` was called; and nothing else is got."""
    puts = {item_of(call): call for call in calls if call.operation == "put"}
    gets = [call for call in calls if call.operation == "get"]
    times = Counter(item_of(call) for call in gets)
    faults = [f"{name(item)} was put and never got" for item in sorted(puts) if not times[item]]
    for item, number in sorted(times.items()):
        if item not in puts:
            faults.append(f"{name(item)} was got and never put")
        elif number > 1:
            faults.append(f"{name(item)} was got {number} times")
    for call in gets:
        item = item_of(call)
        if item in puts and call.returned < puts[item].called:
            faults.append(f"{name(item)} was got before it was put")
    return faults


def order_faults(calls: Sequence[Call]) -> list[str]:
    """The items of one producer are got in the order of their numbers.

    Two calls that overlap may have happened in either order; so the order is wrong only if the ``get`` of
    the later item had returned before the ``get`` of the earlier one was called.
    """
    gets = sorted((call for call in calls if call.operation == "get"), key=item_of)
    faults = []
    for _, of_one in groupby(gets, key=lambda call: item_of(call)[0]):
        latest: Call | None = None  # of the items so far, the one whose get was called last
        for call in of_one:
            if latest and item_of(call) != item_of(latest) and call.returned < latest.called:
                earlier = item_of(latest)[1]
                faults.append(f"{name(item_of(call))} was got before item {earlier}, which was put earlier")
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
