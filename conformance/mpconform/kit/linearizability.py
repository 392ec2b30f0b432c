"""Whether some order of the calls of a history, one after another, explains what each of them returned.

The object is described by a **sequential model**: its state at first, any hashable value, and a function
``after(state, call)`` that gives every state in which the object may be once the call has happened in ``state`` and
returned what it did; none at all if it cannot return that. A lock, say::

    def after(locked, call):
        if call.operation == "acquire":
            if call.result:
                return [] if locked else [True]
            return [True] if locked else []
        return [False] if locked and call.result is None else []

    fault = unexplained(calls, False, after)
    assert fault is None, f"two processes use a Lock: {fault}"

Each call must seem to happen at one moment between its beginning and its return. So a call may come next if no other
call that is still to come had returned before it began. The search goes through these in depth, and never
twice through the same calls done with the same state. It is meant for histories of up to some hundred calls of a
few processes: its time grows with how many calls overlap.

Two things follow for models: a call that blocks is one that can only return once the state allows it, and a call
such as ``Condition.wait``, which happens at two moments, is to be recorded as two.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from mpconform.kit.histories import Call

After = Callable[[Any, Call], Iterable[Any]]

LINES = 25
"""How many calls a message shows at most."""


def linearization(calls: Sequence[Call], initial: Any, after: After) -> list[Call] | None:
    """Return the calls in an order that explains them, or None if there is none.

    A call whose ``returned`` is infinite is pending: it may have happened already or not.
    """
    calls = sorted(calls, key=lambda call: call.called)
    required = sum(1 << place for place, call in enumerate(calls) if call.returned < math.inf)
    seen = {(0, initial)}
    stack: list[tuple[int, Any, Any]] = [(0, initial, None)]  # calls done, the state after them, the way there
    while stack:
        done, state, way = stack.pop()
        if done & required == required:
            return path(way)
        for place in reversed(possible_next(calls, done)):
            for following in after(state, calls[place]):
                reached = (done | 1 << place, following)
                if reached not in seen:
                    seen.add(reached)
                    stack.append((*reached, (calls[place], way)))
    return None


def possible_next(calls: Sequence[Call], done: int) -> list[int]:
    """Return the places of the calls, which are sorted by their beginning, that may happen next."""
    found = []
    earliest_return = math.inf
    for place in range((done + 1 & ~done).bit_length() - 1, len(calls)):  # all before the first zero bit are done
        call = calls[place]
        if done >> place & 1:
            continue
        if call.called > earliest_return:
            break
        earliest_return = min(earliest_return, call.returned)
        found.append(place)
    return sorted(found, key=lambda place: calls[place].returned)


def path(way: Any) -> list[Call]:
    """Return the calls on a way, which is linked from its end."""
    found = []
    while way is not None:
        call, way = way
        found.append(call)
    return found[::-1]


def up_to(calls: Sequence[Call], end: float) -> list[Call]:
    """Return the history as it was at the time ``end``: what had not returned by then is pending."""
    begun = [call for call in calls if call.called <= end]
    return [call if call.returned <= end else call._replace(returned=math.inf) for call in begun]


def shortest_unexplained(calls: Sequence[Call], initial: Any, after: After) -> list[Call] | None:
    """Return the shortest beginning of a history that no order explains, or None if an order explains the whole."""
    if linearization(calls, initial, after) is not None:
        return None
    ends = sorted(call.returned for call in calls)
    low, high = 0, len(ends) - 1
    while low < high:  # what explains a history explains each beginning of it
        middle = (low + high) // 2
        if linearization(up_to(calls, ends[middle]), initial, after) is None:
            high = middle
        else:
            low = middle + 1
    return up_to(calls, ends[low])


def unexplained(calls: Sequence[Call], initial: Any, after: After) -> str | None:
    """Return None if some order explains the history, or else its shortest beginning that none explains, in words."""
    shortest = shortest_unexplained(calls, initial, after)
    if shortest is None:
        return None
    start = min(call.called for call in shortest)
    lines = []
    for call in sorted(shortest, key=lambda call: call.returned):
        until = "not yet returned" if call.returned == math.inf else f"{1000 * (call.returned - start):.3f}"
        lines.append(f"  {1000 * (call.called - start):.3f} to {until} ms, {call}")
    left_out = len(lines) - LINES
    if left_out > 0:
        lines[:left_out] = [f"  ({left_out} calls before these are explained)"]
    return "no order of these calls, one after another, explains what they returned:\n" + "\n".join(lines)
