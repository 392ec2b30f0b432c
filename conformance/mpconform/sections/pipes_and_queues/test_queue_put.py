"""``Queue.put`` and ``Queue.put_nowait``: blocking, timeouts, refusals; and the ``maxsize`` that they respect."""

from __future__ import annotations

import queue as standard
import time

from mpconform.kit import Task, each, idle, raises, verifies, works
from mpconform.kit.patience import GRANULARITY
from mpconform.sections.pipes_and_queues.helpers import put_many, take, take_all


def put_two(queue, latch, journal):
    """Fill a queue of one slot and put a second item; note how the second put() ended."""
    queue.put("first")
    latch.arrive()
    try:
        queue.put("second", block=True, timeout=None)
        journal.write("returned")
    except standard.Full:
        journal.write("raised Full")


def put_many_and_tell(queue, items, latch):
    put_many(queue, items)
    latch.arrive()


def full_queue(mp):
    queue = mp.Queue(1)
    queue.put("first")
    return queue


def check_that_put_waits(mp, patience, call, **arguments):
    """Check that put() on a full queue waits, and returns once an item is taken out."""
    queue = full_queue(mp)
    putting = Task(queue.put, "second", **arguments)
    patience.never(putting.is_done, f"{call} on a full queue ends before a slot is free")
    taken = [take(queue)]
    with works(f"{call} on a full queue, from which an item is then got"):
        putting.result(f"{call} ends once get() freed a slot")
    taken.append(take(queue))
    assert taken == ["first", "second"], f"get() twice returned {taken!r}, promised are ['first', 'second']"


@verifies("queue.put.adds-the-item")
def test_an_item_that_was_put_can_be_got(mp):
    queue = mp.Queue()
    queue.put(["an", "item"])
    item = take(queue)
    assert item == ["an", "item"], f"get() returned {item!r}, put() was given ['an', 'item']"


@verifies("queue.put.takes-obj-block-timeout")
def test_the_parameters_of_put_can_be_given_by_name(mp):
    queue = mp.Queue(1)
    queue.put(obj="first", block=True, timeout=None)
    with raises(standard.Full, "put(obj='second', block=False) on a full queue"):
        queue.put(obj="second", block=False)
    item = take(queue)
    assert item == "first", f"get() returned {item!r}, put(obj='first', block=True, timeout=None) came before"


@verifies("queue.put.takes-obj-block-timeout")
def test_the_parameters_of_put_can_be_given_in_order(mp, patience):
    queue = mp.Queue(1)
    timeout = patience.timeout
    queue.put("first", False)
    start = time.monotonic()
    with idle(), raises(standard.Full, f"put('second', True, {timeout}) on a full queue"):
        queue.put("second", True, timeout)
    took = time.monotonic() - start
    take(queue)
    assert took >= timeout - GRANULARITY, (
        f"put('second', True, {timeout}) raised Full after {took:.3f} s, before its timeout"
    )


@verifies("queue.put.blocks-until-slot-is-free")
def test_put_with_block_true_waits_for_a_slot(mp, latch, journal, patience):
    queue = mp.Queue(1)
    call = "put(obj, block=True, timeout=None)"
    child = mp.Process(target=put_two, args=(queue, latch, journal))
    child.daemon = True
    child.start()
    latch.wait(1, "return of put() on an empty queue")
    patience.never(journal.read, f"{call} on a full queue returns before a slot is free")
    taken = [take(queue)]
    ended = journal.wait(1, f"end of {call} once get() freed a slot")[0]
    taken.append(take(queue))
    child.join()
    assert ended == "returned", f"{call} on a full queue {ended} although get() freed a slot, promised is that it puts"
    assert taken == ["first", "second"], f"get() twice returned {taken!r}, promised are ['first', 'second']"


@verifies("queue.put.blocks-by-default")
def test_put_without_block_waits_for_a_slot(mp, patience):
    check_that_put_waits(mp, patience, "put(obj)")


@verifies("queue.put.timeout-uses-slot-freed-in-time")
def test_put_with_a_timeout_uses_a_slot_that_is_freed_in_time(mp, patience):
    timeout = 10 * patience.awaiting
    check_that_put_waits(mp, patience, f"put(obj, timeout={timeout})", timeout=timeout)


@verifies("queue.put.timeout-raises-full")
def test_put_raises_full_when_its_timeout_has_passed(mp, patience):
    queue = full_queue(mp)
    timeout = patience.timeout
    start = time.monotonic()
    with idle(), raises(standard.Full, f"put('second', timeout={timeout}) on a full queue"):
        queue.put("second", timeout=timeout)
    took = time.monotonic() - start
    take(queue)
    assert took < timeout + patience.awaiting, (
        f"put('second', timeout={timeout}) blocked {took:.3f} s, promised is at most {timeout}"
    )


@verifies("queue.put.timeout-is-not-cut-short")
def test_put_does_not_raise_full_before_its_timeout(mp, patience):
    queue = full_queue(mp)
    timeout = patience.timeout
    start = time.monotonic()
    with idle(), raises(standard.Full, f"put('second', timeout={timeout}) on a full queue"):
        queue.put("second", timeout=timeout)
    took = time.monotonic() - start
    take(queue)
    assert took >= timeout - GRANULARITY, (
        f"put('second', timeout={timeout}) raised Full after {took:.3f} s; promised is only if no slot was free within"
        f" {timeout} s"
    )


@verifies("queue.put.timeout-not-positive")
def test_put_with_a_timeout_that_is_not_positive(mp, observe):
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
    take(queue)


@verifies("queue.put.nonblocking-uses-free-slot")
def test_put_that_does_not_block_uses_a_free_slot(mp):
    queue = mp.Queue(1)
    with works("put('item', block=False) on an empty Queue(1)"):
        queue.put("item", block=False)
    item = take(queue)
    assert item == "item", f"get() returned {item!r}, put('item', block=False) on an empty queue came before"


@verifies("queue.put.nonblocking-raises-full")
def test_put_that_does_not_block_raises_full(mp):
    queue = full_queue(mp)
    with raises(standard.Full, "put('second', block=False) on a full queue"):
        queue.put("second", block=False)
    take(queue)


@verifies("queue.put.nonblocking-ignores-timeout")
def test_put_that_does_not_block_ignores_its_timeout(mp, patience):
    queue = full_queue(mp)
    timeout = patience.awaiting
    start = time.monotonic()
    with idle(), raises(standard.Full, f"put('second', False, {timeout}) on a full queue"):
        queue.put("second", False, timeout)
    took = time.monotonic() - start
    take(queue)
    assert took < timeout, f"put('second', False, {timeout}) blocked {took:.3f} s, promised is that timeout is ignored"


@verifies("queue.put.refused-item-is-not-added")
def test_an_item_that_was_refused_is_not_on_the_queue(mp):
    queue = full_queue(mp)
    with raises(standard.Full, "put('refused', block=False) on a full queue"):
        queue.put("refused", block=False)
    items = [take(queue)]
    queue.put("next")
    items.append(take(queue))
    assert items == ["first", "next"], f"get() twice returned {items!r}, promised are ['first', 'next']"


@verifies("queue.put.closed-raises-valueerror")
def test_put_on_a_closed_queue_raises_valueerror(mp):
    queue = mp.Queue()
    queue.close()
    with raises(ValueError, "put('item') after close()"):
        queue.put("item")


@verifies("queue.put_nowait.adds-the-item")
def test_put_nowait_adds_the_item(mp):
    queue = mp.Queue(1)
    with works("put_nowait('item') on an empty Queue(1)"):
        queue.put_nowait("item")
    item = take(queue)
    assert item == "item", f"get() returned {item!r}, put_nowait('item') on an empty queue came before"


@verifies("queue.put_nowait.raises-full")
def test_put_nowait_raises_full(mp):
    queue = full_queue(mp)
    with raises(standard.Full, "put_nowait('second') on a full queue"):
        queue.put_nowait("second")
    take(queue)


@verifies("queue.put_nowait.takes-obj")
def test_the_parameter_of_put_nowait_can_be_given_by_name(mp):
    queue = mp.Queue()
    queue.put_nowait(obj="item")
    item = take(queue)
    assert item == "item", f"get() returned {item!r}, put_nowait(obj='item') came before"


@verifies("queue.maxsize.bounds-items")
@each("maxsize", [1, 3])
def test_a_queue_takes_maxsize_items_and_no_more(mp, maxsize):
    queue = mp.Queue(maxsize)
    Task(put_many, queue, range(maxsize)).result(f"put() of {maxsize} items on a Queue({maxsize}) returns")
    with raises(standard.Full, f"put(obj, block=False) on a Queue({maxsize}) that holds {maxsize} items"):
        queue.put("one too many", block=False)
    take_all(queue, maxsize)


@verifies("queue.maxsize.bounds-across-processes")
def test_a_queue_that_a_child_filled_is_full_here(mp, latch):
    queue = mp.Queue(2)
    child = mp.Process(target=put_many_and_tell, args=(queue, ["a", "b"], latch))
    child.daemon = True
    child.start()
    latch.wait(1, "child that put two items")
    with raises(standard.Full, "put('c', block=False) on a Queue(2) on which a child put two items"):
        queue.put("c", block=False)
    take_all(queue, 2)
    child.join()


@verifies("queue.maxsize.get-frees-slot")
def test_get_frees_a_slot(mp):
    queue = mp.Queue(1)
    for number in range(5):
        Task(queue.put, number).result(f"put({number}) on a Queue(1), from which all items were got, returns")
        item = take(queue)
        assert item == number, f"get() returned {item!r}, put({number}) on an empty Queue(1) came before"


@verifies("queue.maxsize.not-positive-is-unbounded")
@each("maxsize", [0, -1])
def test_a_maxsize_that_is_not_positive_is_no_bound(mp, maxsize):
    queue = mp.Queue(maxsize)
    Task(put_many, queue, range(200)).result(f"put() of 200 items on a Queue({maxsize}) returns")
    items = take_all(queue, 200)
    assert items == list(range(200)), f"get() 200 times returned {items}, put on the Queue({maxsize}) were 0 to 199"
