"""``Queue.put`` and ``Queue.put_nowait``: blocking, timeouts, refusals; and the ``maxsize`` that they respect."""

from __future__ import annotations

import queue as standard
from contextlib import contextmanager

from mpconform.kit import Task, promise, raises, verifies, works
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


@contextmanager
def somebody_waiting(queue):
    """Let another thread wait in put() on the full queue of one slot while the block runs, and empty it afterwards."""
    putting = Task(queue.put, "of the other one")
    putting.join(0.05)
    try:
        yield
    finally:
        take(queue)
        putting.wait("put() in another thread ends once a slot is free")
        if putting.error is None:
            take(queue)


@verifies("queue.put.adds-the-item")
def test_an_item_that_was_put_can_be_got(mp):
    queue = mp.Queue()
    queue.put(["an", "item"])
    item = take(queue)
    assert item == ["an", "item"], f"get() returned {item!r}, put() was given ['an', 'item']"


@verifies("queue.put.takes-obj-block-timeout")
def test_the_parameters_of_put_by_name_and_in_order(mp, patience):
    queue = mp.Queue(1)
    queue.put(obj="first", block=True, timeout=None)
    with raises(standard.Full, "put(obj='second', block=False) on a full queue"):
        queue.put(obj="second", block=False)
    item = take(queue)
    assert item == "first", f"get() returned {item!r}, put(obj='first', block=True, timeout=None) came before"
    timeout = patience.timeout
    queue.put("first", False)
    for call, putting in (
        (f"put('second', True, {timeout})", lambda: queue.put("second", True, timeout)),
        (f"put(obj='second', timeout={timeout})", lambda: queue.put(obj="second", timeout=timeout)),
    ):
        with patience.runs_out(timeout, f"{call} on a full queue"), raises(standard.Full, f"{call} on a full queue"):
            putting()
    take(queue)


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


@verifies("queue.put.blocks-by-default", "queue.put.timeout-uses-slot-freed-in-time")
def test_put_waits_for_a_slot(mp, patience):
    with promise("queue.put.blocks-by-default"):
        check_that_put_waits(mp, patience, "put(obj)")
    with promise("queue.put.timeout-uses-slot-freed-in-time"):
        timeout = 10 * patience.awaiting
        check_that_put_waits(mp, patience, f"put(obj, timeout={timeout})", timeout=timeout)


@verifies("queue.put.timeout-raises-full", "queue.put.timeout-is-not-cut-short")
def test_put_raises_full_when_its_timeout_has_passed(mp, patience):
    timeout = patience.timeout
    call = f"put('second', timeout={timeout}) on a full queue"
    with promise("queue.put.timeout-raises-full"):
        queue = full_queue(mp)
        with patience.no_later(timeout, call), raises(standard.Full, call):
            queue.put("second", timeout=timeout)
        others = f"{call} on which another thread waits without a timeout"
        with somebody_waiting(queue), patience.no_later(timeout, others), raises(standard.Full, others):
            Task(queue.put, "second", timeout=timeout).result(f"{others} ends")
        with works("put('third', timeout=...) on an empty Queue(1), after others that timed out"):
            queue.put("third", timeout=patience.awaiting)
        item = take(queue)
        assert item == "third", f"get() returned {item!r}, put('third') after others that timed out came before"
    with promise("queue.put.timeout-is-not-cut-short"):
        queue = full_queue(mp)
        for _ in range(2):
            with patience.runs_out(timeout, call), raises(standard.Full, call):
                queue.put("second", timeout=timeout)
        longer = timeout + 1
        call = f"put('second', timeout={longer}) on a full queue"
        with patience.runs_out(longer, call), raises(standard.Full, call):
            queue.put("second", timeout=longer)
        take(queue)


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


@verifies("queue.put.nonblocking-uses-free-slot", "queue.put_nowait.adds-the-item", "queue.put_nowait.takes-obj")
def test_put_that_does_not_block_uses_a_free_slot(mp):
    def check(call, put):
        queue = mp.Queue(1)
        with works(f"{call} on an empty Queue(1)"):
            put(queue)
        item = take(queue)
        assert item == "item", f"get() returned {item!r}, {call} on an empty queue came before"

    with promise("queue.put.nonblocking-uses-free-slot"):
        check("put('item', block=False)", lambda queue: queue.put("item", block=False))
    with promise("queue.put_nowait.adds-the-item"):
        check("put_nowait('item')", lambda queue: queue.put_nowait("item"))
    with promise("queue.put_nowait.takes-obj"):
        check("put_nowait(obj='item')", lambda queue: queue.put_nowait(obj="item"))


@verifies("queue.put.nonblocking-raises-full", "queue.put.nonblocking-ignores-timeout", "queue.put_nowait.raises-full")
def test_put_that_does_not_block_raises_full_at_once(mp, patience):
    def check(call, put):
        queue = full_queue(mp)
        call = f"{call} on a full queue"
        with patience.at_once(call), raises(standard.Full, call):
            put(queue)
        call += " on which another thread waits"
        with somebody_waiting(queue), patience.at_once(call), raises(standard.Full, call):
            Task(put, queue).result(f"{call} ends")

    with promise("queue.put.nonblocking-raises-full"):
        check("put('second', block=False)", lambda queue: queue.put("second", block=False))
    with promise("queue.put.nonblocking-ignores-timeout"):
        for timeout in patience.awaiting, 0, -1:
            check(
                f"put('second', False, {timeout})", lambda queue, timeout=timeout: queue.put("second", False, timeout)
            )
            queue = mp.Queue(1)
            with works(f"put('item', False, {timeout}) on an empty Queue(1)"):
                queue.put("item", False, timeout)
            take(queue)
    with promise("queue.put_nowait.raises-full"):
        check("put_nowait('second')", lambda queue: queue.put_nowait("second"))


@verifies("queue.put.refused-item-is-not-added")
def test_an_item_that_was_refused_is_not_on_the_queue(mp, patience):
    for call, put in (
        ("put('refused', block=False)", lambda queue: queue.put("refused", block=False)),
        ("put_nowait('refused')", lambda queue: queue.put_nowait("refused")),
        ("put('refused', timeout=...)", lambda queue: queue.put("refused", timeout=patience.timeout)),
    ):
        queue = full_queue(mp)
        with raises(standard.Full, f"{call} on a full queue"):
            put(queue)
        items = [take(queue)]
        queue.put("next")
        items.append(take(queue))
        assert items == ["first", "next"], f"after {call} on a full queue get() twice returned {items!r}"


@verifies("queue.maxsize.bounds-items")
def test_a_queue_takes_maxsize_items_and_no_more(mp):
    for maxsize in 1, 3:
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
def test_a_maxsize_that_is_not_positive_is_no_bound(mp):
    for maxsize in 0, -1:
        queue = mp.Queue(maxsize)
        Task(put_many, queue, range(200)).result(f"put() of 200 items on a Queue({maxsize}) returns")
        items = take_all(queue, 200)
        assert items == list(range(200)), f"get() 200 times returned {items}, put on the Queue({maxsize}) were 0 to 199"
