"""The checker of queue histories, on histories known right and wrong."""

from __future__ import annotations

import queue
import threading

from hypothesis import given, settings
from hypothesis import strategies as st

from mpconform.kit.deliveries import bound_faults, delivery_faults, order_faults
from mpconform.kit.histories import Call, Recorder


def put(number: int, called: float, returned: float | None = None, producer: str = "p") -> Call:
    return Call(producer, "put", ((producer, number),), None, called, called if returned is None else returned)


def get(number: int, called: float, returned: float | None = None, producer: str = "p") -> Call:
    return Call("consumer", "get", (), (producer, number), called, called if returned is None else returned)


def test_a_history_in_order_has_no_faults():
    calls = [put(0, 1), put(1, 2), get(0, 3), get(1, 4)]
    assert delivery_faults(calls) + order_faults(calls) + bound_faults(calls, 2) == []


def test_the_order_in_which_calls_are_listed_does_not_matter():
    calls = [get(1, 4), get(0, 3), put(1, 2), put(0, 1)]
    assert delivery_faults(calls) + order_faults(calls) + bound_faults(calls, 2) == []


def test_an_empty_history_has_no_faults():
    assert delivery_faults([]) + order_faults([]) + bound_faults([], 1) == []


def test_a_lost_item_is_a_fault():
    assert delivery_faults([put(0, 1), put(1, 2), get(0, 3)]) == ["item 1 of p was put and never got"]


def test_a_duplicated_item_is_a_fault():
    assert delivery_faults([put(0, 1), get(0, 2), get(0, 3)]) == ["item 0 of p was got 2 times"]


def test_an_invented_item_is_a_fault():
    assert delivery_faults([get(7, 2)]) == ["item 7 of p was got and never put"]


def test_an_item_got_before_it_was_put_is_a_fault():
    assert delivery_faults([put(0, 5), get(0, 1, 2)]) == ["item 0 of p was got before it was put"]


def test_a_get_may_be_called_before_the_put_that_ends_its_wait():
    assert delivery_faults([put(0, 5), get(0, 1, 6)]) == []


def test_items_of_one_producer_in_the_wrong_order_are_a_fault():
    faults = order_faults([put(0, 1), put(1, 2), get(1, 3), get(0, 4)])
    assert faults == ["item 1 of p was got before item 0, which was put earlier"]


def test_every_item_that_overtook_is_named():
    faults = order_faults([put(0, 1), put(1, 1), put(2, 1), get(1, 3), get(2, 4), get(0, 5)])
    assert [fault.split(" was ")[0] for fault in faults] == ["item 1 of p", "item 2 of p"]


def test_gets_that_overlap_may_have_happened_in_either_order():
    assert order_faults([put(0, 1), put(1, 2), get(1, 3, 5), get(0, 4, 6)]) == []


def test_a_get_that_was_called_early_does_not_hide_one_that_was_called_late():
    faults = order_faults([put(0, 1), put(1, 1), put(2, 1), get(0, 9, 10), get(1, 2, 11), get(2, 3, 4)])
    assert faults == ["item 2 of p was got before item 0, which was put earlier"]


def test_items_of_two_producers_may_come_in_any_order():
    calls = [put(0, 1, producer="p"), put(0, 2, producer="q"), get(0, 3, producer="q"), get(0, 4, producer="p")]
    assert order_faults(calls) == []


def test_more_items_than_maxsize_are_a_fault():
    calls = [put(0, 1), put(1, 2), put(2, 3), get(0, 4), get(1, 5), get(2, 6)]
    assert bound_faults(calls, 2) == ["the queue held 3 items, its maxsize is 2"]
    assert bound_faults(calls, 3) == []


def test_a_put_that_waits_for_a_slot_counts_from_its_return():
    assert bound_faults([put(0, 1), put(1, 2, 4), get(0, 3, 5), get(1, 6)], 1) == []


@settings(deadline=None)
@given(st.integers(1, 3), st.integers(0, 8), st.integers(0, 3))
def test_threads_on_a_queue_that_is_right_leave_no_faults(producers: int, items: int, maxsize: int):
    shared: queue.Queue[object] = queue.Queue(maxsize)
    recorders = [Recorder() for _ in range(producers + 1)]

    def produce(index: int) -> None:
        for number in range(items):
            recorders[index].call("put", shared.put, (f"producer {index}", number))

    threads = [threading.Thread(target=produce, args=(index,)) for index in range(producers)]
    for thread in threads:
        thread.start()
    for _ in range(producers * items):
        recorders[-1].call("get", shared.get, True, 10)
    for thread in threads:
        thread.join()
    calls = [call for recorder in recorders for call in recorder.calls]
    assert len(calls) == 2 * producers * items
    assert delivery_faults(calls) + order_faults(calls) + (bound_faults(calls, maxsize) if maxsize else []) == []


@given(st.permutations(range(6)))
def test_one_consumer_must_get_one_producers_items_in_the_order_of_their_numbers(order: list[int]):
    calls = [put(number, number) for number in range(6)]
    calls += [get(number, 10 + place) for place, number in enumerate(order)]
    assert (order_faults(calls) == []) == (order == sorted(order))
