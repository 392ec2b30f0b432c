"""The search over linearizations, on histories known right and wrong."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable, Sequence
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpconform.kit.histories import Call, Recorder
from mpconform.kit.linearizability import linearization, shortest_unexplained, unexplained


def lock(locked: bool, call: Call) -> Iterable[bool]:
    """The model of a lock that is tried without waiting."""
    if call.operation == "acquire":
        return [True] if locked != call.result else []
    return [False] if locked else []


def register(value: int, call: Call) -> Iterable[int]:
    """The model of a variable."""
    if call.operation == "write":
        return [call.arguments[0]]
    return [value] if call.result == value else []


def acquire(result: bool, called: float, returned: float | None = None, process: str = "p") -> Call:
    return Call(process, "acquire", (), result, called, called if returned is None else returned)


def release(called: float, returned: float | None = None, process: str = "p") -> Call:
    return Call(process, "release", (), None, called, called if returned is None else returned)


def write(value: int, called: float, returned: float) -> Call:
    return Call("writer", "write", (value,), None, called, returned)


def read(value: int, called: float, returned: float) -> Call:
    return Call("reader", "read", (), value, called, returned)


RIGHT: dict[str, list[Call]] = {
    "nothing happened": [],
    "one after another": [acquire(True, 1), release(2), acquire(True, 3), release(4)],
    "listed in another order": [release(4), acquire(True, 3), release(2), acquire(True, 1)],
    "refused while it is held": [acquire(True, 1), acquire(False, 2), release(3)],
    "acquired before the overlapping release has returned": [acquire(True, 1), release(2, 5), acquire(True, 3, 4)],
    "refused during the overlapping release": [acquire(True, 1), release(2, 5), acquire(False, 3, 4)],
    "of two at once one is refused": [acquire(False, 1, 4), acquire(True, 2, 3)],
}
WRONG: dict[str, list[Call]] = {
    "acquired twice": [acquire(True, 1), acquire(True, 2)],
    "acquired twice at once": [acquire(True, 1, 4), acquire(True, 2, 3)],
    "refused although it is free": [acquire(False, 1)],
    "refused after the release has returned": [acquire(True, 1), release(2, 3), acquire(False, 4)],
    "acquired before the release was called": [acquire(True, 1), acquire(True, 2, 3), release(4)],
    "both of two at once are refused": [acquire(False, 1, 4), acquire(False, 2, 3)],
}


@pytest.mark.parametrize("calls", RIGHT.values(), ids=RIGHT)
def test_a_right_history_is_explained(calls: list[Call]):
    order = linearization(calls, False, lock)
    assert order is not None
    assert sorted(order) == sorted(calls)
    assert unexplained(calls, False, lock) is None


@pytest.mark.parametrize("calls", WRONG.values(), ids=WRONG)
def test_a_wrong_history_is_not_explained(calls: list[Call]):
    assert linearization(calls, False, lock) is None
    assert unexplained(calls, False, lock) is not None


def test_a_read_may_see_either_of_the_writes_that_overlap_it_but_not_the_one_before_them():
    writes = [write(1, 1, 2), write(2, 3, 6), write(3, 3, 6)]
    seen = [value for value in (0, 1, 2, 3) if linearization([*writes, read(value, 4, 5)], 0, register)]
    assert seen == [1, 2, 3]
    assert linearization([*writes, read(1, 7, 8)], 0, register) is None


def test_two_reads_one_after_the_other_do_not_see_the_writes_in_reverse():
    writes = [write(1, 1, 9)]
    assert linearization([*writes, read(0, 2, 3), read(1, 4, 5)], 0, register)
    assert linearization([*writes, read(1, 2, 3), read(0, 4, 5)], 0, register) is None


def test_a_pending_call_may_have_happened_or_not():
    pending = write(1, 1, math.inf)
    assert linearization([pending, read(0, 2, 3)], 0, register)
    assert linearization([pending, read(1, 2, 3)], 0, register)
    assert linearization([pending, read(2, 2, 3)], 0, register) is None


def test_a_model_may_leave_several_states_open():
    def bag(state: frozenset[int], call: Call) -> Iterable[frozenset[int]]:
        return (
            [state - {item} for item in state]
            if call.operation == "drop one"
            else ([state] if call.result in state else [])
        )

    dropped = Call("p", "drop one", (), None, 1, 2)
    has = [Call("p", "has", (item,), item, 3 + item, 3 + item) for item in (1, 2)]
    assert linearization([dropped, has[0]], frozenset({1, 2}), bag)
    assert linearization([dropped, *has], frozenset({1, 2}), bag) is None


def test_the_shortest_beginning_that_is_not_explained_is_shown():
    calls = [acquire(True, 1), release(2), acquire(True, 3), acquire(True, 4, 4.5, "q"), release(5), acquire(True, 6)]
    assert shortest_unexplained(calls, False, lock) == calls[:4]
    fault = unexplained(calls, False, lock)
    assert fault is not None
    assert fault.splitlines()[-1] == "  3000.000 to 3500.000 ms, q: acquire() -> True"
    assert len(fault.splitlines()) == 5


def test_a_call_that_has_not_returned_yet_is_shown_as_such():
    fault = unexplained([acquire(True, 1, 9), acquire(True, 2, 3), acquire(True, 4, 5)], False, lock)
    assert fault is not None
    assert "0.000 to not yet returned ms, p: acquire() -> True" in fault


def test_a_long_history_is_shown_from_where_it_matters():
    calls = [call for n in range(50) for call in (acquire(True, 2 * n), release(2 * n + 1))]
    fault = unexplained([*calls, release(100)], False, lock)
    assert fault is not None
    assert "(76 calls before these are explained)" in fault
    assert len(fault.splitlines()) < 30


def by_trying_all_orders(calls: Sequence[Call], initial: Any, after: Any) -> bool:
    for order in permutations(calls):
        if any(later.returned < earlier.called for n, earlier in enumerate(order) for later in order[n:]):
            continue
        states = [initial]
        for call in order:
            states = [following for state in states for following in after(state, call)]
        if states:
            return True
    return False


moments = st.lists(st.integers(0, 12), min_size=2, max_size=2, unique=True).map(sorted)
some_calls = st.one_of(
    st.builds(lambda value, times: write(value, *times), st.integers(1, 2), moments),
    st.builds(lambda value, times: read(value, *times), st.integers(0, 2), moments),
)


@given(st.lists(some_calls, max_size=5))
def test_it_agrees_with_trying_all_orders(calls: list[Call]):
    assert (linearization(calls, 0, register) is not None) == by_trying_all_orders(calls, 0, register)


@given(st.lists(some_calls, max_size=6))
def test_the_shortest_beginning_has_no_shorter_one(calls: list[Call]):
    shortest = shortest_unexplained(calls, 0, register)
    if shortest is None:
        assert linearization(calls, 0, register) is not None
        return
    last = max(call.returned for call in shortest if call.returned < math.inf)
    earlier = [call if call.returned < last else call._replace(returned=math.inf) for call in shortest]
    before = [call for call in earlier if call.called < last]
    assert linearization(shortest, 0, register) is None
    if not any(call.called == last for call in shortest):
        assert linearization(before, 0, register) is not None


def test_threads_on_a_lock_that_is_right_leave_an_explained_history_of_hundreds_of_calls():
    shared = threading.Lock()
    recorders = [Recorder(f"thread {n}") for n in range(3)]

    def work(recorder: Recorder) -> None:
        for _ in range(60):
            if recorder.call("acquire", shared.acquire, False):
                recorder.call("release", shared.release)

    threads = [threading.Thread(target=work, args=(recorder,)) for recorder in recorders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert unexplained([call for recorder in recorders for call in recorder.calls], False, lock) is None


def test_a_recorder_notes_what_was_raised_as_an_answer():
    recorder = Recorder("p")
    assert recorder.call("int", int, "one") is ValueError
    assert recorder.call("int", int, "1") == 1
    assert [str(call) for call in recorder.calls] == ["p: int('one') -> raised ValueError", "p: int('1') -> 1"]
    assert all(call.called <= call.returned for call in recorder.calls)


def test_calls_that_all_overlap_are_not_tried_in_every_order():
    overlapping = [Call(f"process {n}", "count", (), None, n, 100 + n) for n in range(12)]
    wrong = Call("p", "acquire", (), True, 200, 201)

    def after(state: int, call: Call) -> Iterable[int]:
        return [] if call is wrong else [state + 1]

    assert linearization([*overlapping, wrong], 0, after) is None  # which 12! orders would take hours to show
