"""``SimpleQueue``: a locked pipe with ``put``, ``get``, ``empty`` and, later, ``close``."""

from __future__ import annotations

import threading
from pathlib import Path

from mpconform.kit import Task, promise, raises, verifies
from mpconform.sections.pipes_and_queues.helpers import put_many, take, take_all


def double_and_count(incoming, outgoing):
    outgoing.put(2 * incoming.get())
    put_many(outgoing, range(300))


def descriptors():
    """Return how many descriptors this process has open, and one for the look."""
    return len(list(Path("/dev/fd").iterdir()))


@verifies("simple_queue.call.carries-items-between-processes", "simple_queue.order.fifo-of-one-producer")
def test_items_go_to_a_child_and_come_back(mp):
    there, back = mp.SimpleQueue(), mp.SimpleQueue()
    child = mp.Process(target=double_and_count, args=(there, back))
    child.daemon = True
    child.start()
    there.put("ab")
    with promise("simple_queue.call.carries-items-between-processes"):
        item = take(back)
        assert item == "abab", f"the child that was to double 'ab' put {item!r} on the queue back"
    with promise("simple_queue.order.fifo-of-one-producer"):
        items = take_all(back, 300)
        wrong = next((place for place, item in enumerate(items) if item != place), None)
        assert wrong is None, f"get() number {wrong} returned item {items[wrong]}, promised is the order of putting"
    child.join()


@verifies("simple_queue.put.adds-the-item")
def test_an_item_that_was_put_can_be_got(mp):
    queue = mp.SimpleQueue()
    queue.put(["an", "item"])
    item = queue.get()
    assert item == ["an", "item"], f"get() returned {item!r}, put() was given ['an', 'item']"


@verifies("simple_queue.put.started-threads")
def test_whether_put_starts_a_thread(mp, observe):
    before = threading.enumerate()
    queue = mp.SimpleQueue()
    queue.put("item")
    new = [thread for thread in threading.enumerate() if thread not in before]
    queue.get()
    observe("put() leaves the sending to a thread" if new else "put() starts no thread: it sends the item itself")


@verifies("simple_queue.get.removes-the-item")
def test_get_removes_the_item(mp):
    queue = mp.SimpleQueue()
    queue.put("first")
    queue.put("second")
    items = [queue.get(), queue.get()]
    assert items == ["first", "second"], f"get() twice returned {items!r}, promised are ['first', 'second']"


@verifies("simple_queue.get.waits-for-an-item")
def test_get_waits_for_an_item(mp, patience):
    queue = mp.SimpleQueue()
    getting = Task(queue.get)
    patience.never(getting.is_done, "get() on an empty SimpleQueue returns before an item is put")
    Task(queue.put, "item").result("put() returns while another thread waits in get()")
    item = getting.result("get() on an empty SimpleQueue returns once an item was put")
    assert item == "item", f"get() returned {item!r}, put() was given 'item'"


@verifies("simple_queue.empty.true-without-items")
def test_empty_is_true_without_items(mp):
    answer = mp.SimpleQueue().empty()
    assert answer is True, f"empty() of a new SimpleQueue returned {answer!r}, promised is True"


@verifies("simple_queue.empty.false-with-an-item")
def test_empty_is_false_with_an_item(mp):
    queue = mp.SimpleQueue()
    queue.put("item")
    answer = queue.empty()
    queue.get()
    assert answer is False, f"empty() of a SimpleQueue that holds an item returned {answer!r}, promised is False"


@verifies("simple_queue.empty.closed-raises-oserror")
def test_empty_raises_oserror_after_close(mp):
    queue = mp.SimpleQueue()
    queue.close()
    with raises(OSError, "empty() of a SimpleQueue after close()"):
        queue.empty()


@verifies("simple_queue.close.releases-descriptors")
def test_close_releases_the_descriptors(mp):
    mp.SimpleQueue().close()  # what only the first one of a process opens stays open
    before = descriptors()
    queue = mp.SimpleQueue()
    during = descriptors()
    queue.close()
    after = descriptors()
    assert after == before, (
        f"{before} descriptors were open before SimpleQueue(), {during} after it, {after} after close(); promised is"
        " that close() releases them"
    )
