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


@verifies("simple_queue.put.adds-the-item", "simple_queue.get.removes-the-item")
def test_an_item_that_was_put_is_got_once(mp):
    with promise("simple_queue.put.adds-the-item"):
        queue = mp.SimpleQueue()
        queue.put(["an", "item"])
        item = take(queue)
        assert item == ["an", "item"], f"get() returned {item!r}, put() was given ['an', 'item']"
    with promise("simple_queue.get.removes-the-item"):
        queue = mp.SimpleQueue()
        put_many(queue, ["first", "second"])
        items = take_all(queue, 2)
        assert items == ["first", "second"], f"get() twice returned {items!r}, promised are ['first', 'second']"
        queue.put("third")
        item = take(queue)
        assert item == "third", f"get() after the items before were got returned {item!r}, put() was given 'third'"


@verifies("simple_queue.put.started-threads")
def test_whether_put_starts_a_thread(mp, observe):
    before = threading.enumerate()
    queue = mp.SimpleQueue()
    queue.put("item")
    new = [thread for thread in threading.enumerate() if thread not in before]
    take(queue)
    observe("put() leaves the sending to a thread" if new else "put() starts no thread: it sends the item itself")


@verifies("simple_queue.get.waits-for-an-item")
def test_get_waits_for_an_item(mp, patience):
    queue = mp.SimpleQueue()
    getting = [Task(queue.get), Task(queue.get)]

    def done():
        return [one for one in getting if one.is_done()]

    patience.never(done, "get() on an empty SimpleQueue returns before an item is put")
    Task(queue.put, "item").result("put() returns while other threads wait in get()")
    patience.until(done, "get() on an empty SimpleQueue returns once an item was put")
    patience.never(lambda: len(done()) > 1, "get() returns in two threads although one item was put")
    Task(queue.put, "another").result("put() returns while another thread waits in get()")
    items = sorted(one.result("get() returns once an item was put for it, too") for one in getting)
    assert items == ["another", "item"], f"get() in two threads returned {items!r}, put were 'item' and 'another'"


@verifies("simple_queue.empty.true-without-items", "simple_queue.empty.false-with-an-item")
def test_empty_tells_whether_there_are_items(mp, patience):
    with promise("simple_queue.empty.true-without-items"):
        queue = mp.SimpleQueue()
        answer = queue.empty()
        assert answer is True, f"empty() of a new SimpleQueue returned {answer!r}, promised is True"
        queue.put("item")
        take(queue)
        answer = queue.empty()
        assert answer is True, f"empty() of a SimpleQueue whose only item was got returned {answer!r}, promised is True"
    with promise("simple_queue.empty.false-with-an-item"):
        queue = mp.SimpleQueue()
        queue.put("item")
        call = "empty() of a SimpleQueue is False after put(), with an infinitesimal delay at most"
        with patience.at_once(call):
            patience.until(lambda: queue.empty() is False, call)
        take(queue)


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
    unused, used = mp.SimpleQueue(), mp.SimpleQueue()
    used.put("item")
    take(used)
    during = descriptors()
    unused.close()
    used.close()
    after = descriptors()
    assert after <= before, (
        f"{before} descriptors were open before SimpleQueue(), twice, {during} after it, {after} after close();"
        " promised is that close() releases them"
    )
