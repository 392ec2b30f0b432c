"""``Queue.put`` and ``Queue.put_nowait``: blocking, timeouts, refusals; and the ``maxsize`` that they respect."""

from __future__ import annotations

import queue as standard
import time

from mpconform.kit import each, raises, verifies
from mpconform.kit.patience import GRANULARITY
from mpconform.sections.pipes_and_queues.helpers import accepted, take


def put_one_then(queue, arguments, latch, journal):
    """Fill a queue of one slot and put a second item with ``arguments``; note how the second put() ended."""
    queue.put("first")
    latch.arrive()
    try:
        queue.put("second", **arguments)
        journal.write("returned")
    except standard.Full:
        journal.write("raised Full")


def put_many(queue, items):
    for item in items:
        queue.put(item)


def full_queue(mp):
    queue = mp.Queue(1)
    queue.put("first")
    return queue


def check_that_put_waits(mp, latch, journal, patience, call, **arguments):
    """Check that put() on a full queue waits, and returns once another process takes an item out."""
    queue = mp.Queue(1)
    child = mp.Process(target=put_one_then, args=(queue, arguments, latch, journal), daemon=True)
    child.start()
    latch.wait(1, "return of put() on an empty queue")
    patience.never(journal.read, f"{call} on a full queue returns before a slot is free")
    taken = take(queue, patience)
    ended = journal.wait(1, f"end of {call} once get() freed a slot")[0]
    taken = [taken, take(queue, patience)]
    child.join()
    assert ended == "returned", f"{call} on a full queue {ended} although get() freed a slot, promised is that it puts"
    assert taken == ["first", "second"], f"get() twice returned {taken!r}, promised are ['first', 'second']"


@verifies("queue.put.adds-the-item")
def test_an_item_that_was_put_can_be_got(mp, patience):
    queue = mp.Queue()
    queue.put(["an", "item"])
    item = take(queue, patience)
    assert item == ["an", "item"], f"get() returned {item!r}, put() was given ['an', 'item']"


@verifies("queue.put.takes-obj-block-timeout")
def test_the_parameters_of_put_can_be_given_by_name(mp, patience):
    queue = mp.Queue(1)
    queue.put(obj="first", block=True, timeout=None)
    with raises(standard.Full, "put(obj='second', block=False) on a full queue"):
        queue.put(obj="second", block=False)
    item = take(queue, patience)
    assert item == "first", f"get() returned {item!r}, put(obj='first', block=True, timeout=None) came before"


@verifies("queue.put.takes-obj-block-timeout")
def test_the_parameters_of_put_can_be_given_in_order(mp, patience):
    queue = mp.Queue(1)
    queue.put("first", False)
    start = time.monotonic()
    with raises(standard.Full, "put('second', True, 0.05) on a full queue"):
        queue.put("second", True, 0.05)
    took = time.monotonic() - start
    take(queue, patience)
    assert took >= 0.05 - GRANULARITY, f"put('second', True, 0.05) raised Full after {took:.3f} s, before its timeout"


@verifies("queue.put.blocks-until-slot-is-free")
def test_put_with_block_true_waits_for_a_slot(mp, latch, journal, patience):
    check_that_put_waits(mp, latch, journal, patience, "put(obj, block=True, timeout=None)", block=True, timeout=None)


@verifies("queue.put.blocks-by-default")
def test_put_without_block_waits_for_a_slot(mp, latch, journal, patience):
    check_that_put_waits(mp, latch, journal, patience, "put(obj)")


@verifies("queue.put.timeout-uses-slot-freed-in-time")
def test_put_with_a_timeout_uses_a_slot_that_is_freed_in_time(mp, latch, journal, patience):
    timeout = patience.awaiting
    check_that_put_waits(mp, latch, journal, patience, f"put(obj, timeout={timeout})", timeout=timeout)


@verifies("queue.put.timeout-raises-full")
def test_put_raises_full_when_its_timeout_has_passed(mp, patience):
    queue = full_queue(mp)
    start = time.monotonic()
    with raises(standard.Full, "put('second', timeout=0.05) on a full queue"):
        queue.put("second", timeout=0.05)
    took = time.monotonic() - start
    take(queue, patience)
    assert took < 0.05 + patience.awaiting, (
        f"put('second', timeout=0.05) blocked {took:.3f} s, promised is at most 0.05"
    )


@verifies("queue.put.timeout-is-not-cut-short")
def test_put_does_not_raise_full_before_its_timeout(mp, patience):
    queue = full_queue(mp)
    timeout = patience.watching
    start = time.monotonic()
    with raises(standard.Full, f"put('second', timeout={timeout}) on a full queue"):
        queue.put("second", timeout=timeout)
    took = time.monotonic() - start
    take(queue, patience)
    assert took >= timeout - GRANULARITY, (
        f"put('second', timeout={timeout}) raised Full after {took:.3f} s; promised is only if no slot was free within"
        f" {timeout} s"
    )


@verifies("queue.put.timeout-not-positive")
def test_put_with_a_timeout_that_is_not_positive(mp, patience, observe):
    queue = full_queue(mp)
    answers = []
    for timeout in 0, -1:
        try:
            queue.put("second", timeout=timeout)
        except Exception as error:
            answers.append(f"raises {type(error).__name__} with timeout={timeout}")
        else:
            answers.append(f"returns with timeout={timeout}")
    observe(f"put() on a full queue {' and '.join(answers)}")
    take(queue, patience)


@verifies("queue.put.nonblocking-uses-free-slot")
def test_put_that_does_not_block_uses_a_free_slot(mp, patience):
    queue = mp.Queue(1)
    with accepted("put('item', block=False) on an empty Queue(1)"):
        queue.put("item", block=False)
    item = take(queue, patience)
    assert item == "item", f"get() returned {item!r}, put('item', block=False) on an empty queue came before"


@verifies("queue.put.nonblocking-raises-full")
def test_put_that_does_not_block_raises_full(mp, patience):
    queue = full_queue(mp)
    with raises(standard.Full, "put('second', block=False) on a full queue"):
        queue.put("second", block=False)
    take(queue, patience)


@verifies("queue.put.nonblocking-ignores-timeout")
def test_put_that_does_not_block_ignores_its_timeout(mp, patience):
    queue = full_queue(mp)
    timeout = patience.awaiting
    start = time.monotonic()
    with raises(standard.Full, f"put('second', False, {timeout}) on a full queue"):
        queue.put("second", False, timeout)
    took = time.monotonic() - start
    take(queue, patience)
    assert took < timeout, f"put('second', False, {timeout}) blocked {took:.3f} s, promised is that timeout is ignored"


@verifies("queue.put.refused-item-is-not-added")
def test_an_item_that_was_refused_is_not_on_the_queue(mp, patience):
    queue = full_queue(mp)
    with raises(standard.Full, "put('refused', block=False) on a full queue"):
        queue.put("refused", block=False)
    items = [take(queue, patience)]
    queue.put("next")
    items.append(take(queue, patience))
    assert items == ["first", "next"], f"get() twice returned {items!r}, promised are ['first', 'next']"


@verifies("queue.put.closed-raises-valueerror")
def test_put_on_a_closed_queue_raises_valueerror(mp):
    queue = mp.Queue()
    queue.close()
    with raises(ValueError, "put('item') after close()"):
        queue.put("item")


@verifies("queue.put_nowait.adds-the-item")
def test_put_nowait_adds_the_item(mp, patience):
    queue = mp.Queue(1)
    with accepted("put_nowait('item') on an empty Queue(1)"):
        queue.put_nowait("item")
    item = take(queue, patience)
    assert item == "item", f"get() returned {item!r}, put_nowait('item') on an empty queue came before"


@verifies("queue.put_nowait.raises-full")
def test_put_nowait_raises_full(mp, patience):
    queue = full_queue(mp)
    with raises(standard.Full, "put_nowait('second') on a full queue"):
        queue.put_nowait("second")
    take(queue, patience)


@verifies("queue.put_nowait.takes-obj")
def test_the_parameter_of_put_nowait_can_be_given_by_name(mp, patience):
    queue = mp.Queue()
    queue.put_nowait(obj="item")
    item = take(queue, patience)
    assert item == "item", f"get() returned {item!r}, put_nowait(obj='item') came before"


@verifies("queue.maxsize.bounds-items")
@each("maxsize", [1, 3])
def test_a_queue_takes_maxsize_items_and_no_more(mp, patience, maxsize):
    queue = mp.Queue(maxsize)
    for number in range(maxsize):
        with accepted(f"put(obj, block=False) on a Queue({maxsize}) that holds {number} items"):
            queue.put(number, block=False)
    with raises(standard.Full, f"put(obj, block=False) on a Queue({maxsize}) that holds {maxsize} items"):
        queue.put("one too many", block=False)
    for _ in range(maxsize):
        take(queue, patience)


@verifies("queue.maxsize.bounds-across-processes")
def test_a_queue_that_a_child_filled_is_full_here(mp, patience):
    queue = mp.Queue(2)
    child = mp.Process(target=put_many, args=(queue, ["a", "b"]), daemon=True)
    child.start()
    child.join()
    with raises(standard.Full, "put('c', block=False) on a Queue(2) on which a child put two items"):
        queue.put("c", block=False)
    for _ in range(2):
        take(queue, patience)


@verifies("queue.maxsize.get-frees-slot")
def test_get_frees_a_slot(mp, patience):
    queue = mp.Queue(1)
    for number in range(5):
        with accepted("put(obj, timeout=...) on a Queue(1) after get()"):
            queue.put(number, timeout=patience.awaiting)
        item = take(queue, patience)
        assert item == number, f"get() returned {item!r}, put({number}) on an empty Queue(1) came before"


@verifies("queue.maxsize.not-positive-is-unbounded")
@each("maxsize", [0, -1])
def test_a_maxsize_that_is_not_positive_is_no_bound(mp, patience, maxsize):
    queue = mp.Queue(maxsize)
    for number in range(200):
        with accepted(f"put(obj, block=False) on a Queue({maxsize}) that holds {number} items"):
            queue.put(number, block=False)
    for number in range(200):
        item = take(queue, patience)
        assert item == number, f"get() returned {item!r}, item {number} was put on the Queue({maxsize}) next"
