"""``Queue`` as a whole: its sizes, its methods, its exceptions, and what becomes of an item."""

from __future__ import annotations

import queue as standard
import threading

from mpconform.kit import Task, backend, promise, raises, verifies
from mpconform.sections.pipes_and_queues.helpers import get_some, put_many, take, take_all

METHODS = "qsize", "empty", "full", "put", "put_nowait", "get", "get_nowait"

pickling_threads = []
"""The threads that pickled a ``NotesItsPickling``."""


class NotesItsPickling:
    def __reduce__(self):
        pickling_threads.append(threading.get_ident())
        return NotesItsPickling, ()


def put_in_a_grandchild(queue, items):
    grandchild = backend().Process(target=put_many, args=(queue, items))
    grandchild.start()
    grandchild.join()


def get_in_a_grandchild(queue, number, journal):
    grandchild = backend().Process(target=get_some, args=(queue, number, journal))
    grandchild.start()
    grandchild.join()


def put_and_tell(queue, items, latch):
    put_many(queue, items)
    latch.arrive()


@verifies("queue.call.maxsize-by-name")
def test_maxsize_can_be_given_by_name(mp):
    queue = mp.Queue(maxsize=1)
    queue.put("item")
    with raises(standard.Full, "put(obj, block=False) on a Queue(maxsize=1) that holds an item"):
        queue.put("one too many", block=False)
    take(queue)


@verifies("queue.call.unbounded-by-default")
def test_a_queue_without_maxsize_has_no_bound(mp):
    queue = mp.Queue()
    Task(put_many, queue, range(500)).result("put() of 500 items on a Queue() returns")
    items = take_all(queue, 500)
    assert items == list(range(500)), f"get() 500 times returned {items}, put on the Queue() were 0 to 499"


@verifies("queue.call.carries-items-from-a-child", "queue.order.fifo-of-one-producer")
def test_items_that_a_child_or_a_grandchild_puts_arrive_here(mp):
    items = [(number, b"x" * 100_000 if number % 50 == 0 else b"") for number in range(300)]
    for target, who in (put_many, "child"), (put_in_a_grandchild, "grandchild"):
        queue = mp.Queue()
        child = mp.Process(target=target, args=(queue, items))
        child.daemon = target is put_many  # a daemon may have no children
        child.start()
        came = take_all(queue, 300)
        child.join()
        with promise("queue.call.carries-items-from-a-child"):
            lost = [number for number, load in items if (number, load) not in came]
            assert not lost, f"a {who} put 300 items; get() 300 times did not return {len(lost)}: {lost[:10]}"
        with promise("queue.order.fifo-of-one-producer"):
            numbers = [number for number, _ in came]
            wrong = next((place for place, number in enumerate(numbers) if number != place), None)
            assert wrong is None, (
                f"get() number {wrong} returned item {numbers[wrong]} of a {who}, promised is the order of putting"
            )


@verifies("queue.call.carries-items-to-a-child")
def test_items_that_are_put_here_arrive_in_a_child_and_in_a_grandchild(mp, scratch):
    for target, who in (get_some, "child"), (get_in_a_grandchild, "grandchild"):
        queue, journal = mp.Queue(), scratch.journal()
        child = mp.Process(target=target, args=(queue, 2, journal))
        child.daemon = target is get_some  # a daemon may have no children
        child.start()
        queue.put("a")
        queue.put("b")
        items = journal.wait(1, f"list of the items that the {who} got")[0]
        child.join()
        assert items == ["a", "b"], f"the {who} got {items!r}, put were ['a', 'b']"


@verifies("queue.qsize.counts-items")
def test_qsize_counts_the_items_of_all_processes(mp, latch, patience):
    queue = mp.Queue()
    assert queue.qsize() == 0, f"qsize() of a new queue returned {queue.qsize()!r}, promised is 0"
    child = mp.Process(target=put_and_tell, args=(queue, ["a", "b"], latch))
    child.daemon = True
    child.start()
    latch.wait(1, "child that put two items")
    patience.until(lambda: queue.qsize() == 2, "qsize() is 2 after two put() in a child")
    queue.put("c")
    patience.until(lambda: queue.qsize() == 3, "qsize() is 3 after two put() in a child and one here")
    take(queue)
    patience.until(lambda: queue.qsize() == 2, "qsize() is 2 after three put() and one get()")
    take_all(queue, 2)
    patience.until(lambda: queue.qsize() == 0, "qsize() is 0 after three put() and three get()")
    child.join()


@verifies("queue.qsize.is-a-number-or-not-implemented")
def test_qsize_returns_a_number_or_says_that_it_cannot(mp):
    queue = mp.Queue()
    queue.put("item")
    take(queue)
    try:
        size = queue.qsize()
    except NotImplementedError:
        return
    assert isinstance(size, int), f"qsize() returned {size!r}, promised is a number or NotImplementedError"


@verifies("queue.empty.true-without-items", "queue.empty.false-soon-after-put")
def test_empty_tells_whether_there_are_items(mp, patience):
    with promise("queue.empty.true-without-items"):
        queue = mp.Queue()
        answer = queue.empty()
        assert answer is True, f"empty() of a new queue returned {answer!r}, promised is True"
        queue.put("item")
        take(queue)
        patience.until(lambda: queue.empty() is True, "empty() is True after the only item was got")
    with promise("queue.empty.false-soon-after-put"):
        queue = mp.Queue()
        for held in 0, 1:
            queue.put("item")
            call = (
                f"empty() after put() on a queue that holds {held} items is False, with an infinitesimal delay at most"
            )
            with patience.at_once(call):
                patience.until(lambda: queue.empty() is False, call)
        take(queue)
        call = "empty() after two put() and one get() is False, with an infinitesimal delay at most"
        with patience.at_once(call):
            patience.until(lambda: queue.empty() is False, call)
        take(queue)


@verifies("queue.full.true-at-maxsize", "queue.full.false-with-a-free-slot")
def test_full_tells_whether_a_slot_is_free(mp, latch, patience):
    with promise("queue.full.true-at-maxsize"):
        for queue in mp.Queue(2), mp.JoinableQueue(2):
            Task(put_many, queue, ["first", "second"]).result("put() of two items on a queue with two slots returns")
            patience.until(lambda queue=queue: queue.full() is True, "full() is True for Queue(2) with two items")
            take_all(queue, 2)
        queue = mp.Queue(1)
        child = mp.Process(target=put_and_tell, args=(queue, ["item"], latch))
        child.daemon = True
        child.start()
        latch.wait(1, "child that put an item")
        patience.until(lambda: queue.full() is True, "full() is True for a Queue(1) on which a child put an item")
        take(queue)
        child.join()
    with promise("queue.full.false-with-a-free-slot"):
        queue = mp.Queue(2)
        for held in range(2):
            answer = queue.full()
            assert answer is False, f"full() of a Queue(2) that holds {held} items returned {answer!r}, promised False"
            queue.put("item")
        take(queue)
        patience.until(lambda: queue.full() is False, "full() is False after one of two items of a Queue(2) was got")
        take(queue)
        unbounded = mp.Queue()
        unbounded.put("item")
        answer = unbounded.full()
        take(unbounded)
        assert answer is False, f"full() of a Queue() that holds one item returned {answer!r}, promised is False"


@verifies(
    "queue.exceptions.not-in-the-package",
    "queue.methods.those-of-the-standard-queue",
    "queue.methods.no-task_done-or-join",
)
def test_what_a_queue_and_the_package_have(mp, package):
    queue = mp.Queue()
    with promise("queue.exceptions.not-in-the-package"):
        for name in "Empty", "Full":
            found = [place for place in (package, mp) if place is not None and hasattr(place, name)]
            assert not found, f"{name} is in {found}, promised is that it is in the module queue only"
    with promise("queue.methods.those-of-the-standard-queue"):
        lacking = [name for name in METHODS if not callable(getattr(queue, name, None))]
        assert not lacking, f"Queue() has no methods {lacking}, which queue.Queue has"
    with promise("queue.methods.no-task_done-or-join"):
        found = [name for name in ("task_done", "join") if hasattr(queue, name)]
        assert not found, f"Queue() has {found}, promised is that only JoinableQueue has them"


@verifies("queue.methods.shutdown")
def test_whether_a_queue_has_the_method_shutdown(mp, observe):
    observe(f"Queue() {'has' if hasattr(mp.Queue(), 'shutdown') else 'lacks'} the method shutdown()")


@verifies("queue.item.is-a-copy")
def test_an_item_comes_back_as_a_copy(mp):
    queue = mp.Queue()
    item = ["a", ["b"]]
    queue.put(item)
    came = take(queue)
    assert came == item, f"get() returned {came!r}, put() was given {item!r}"
    assert came is not item, "get() returned the very object that was put, promised is that it goes through a pickle"
    assert came[1] is not item[1], "get() returned a copy that shares its parts with what was put, and no pickle of it"


@verifies("queue.item.time-of-pickling")
def test_which_thread_pickles_an_item(mp, observe):
    queue = mp.Queue()
    pickling_threads.clear()
    queue.put(NotesItsPickling())
    take(queue)
    assert pickling_threads, "put() and get() did not pickle the item, promised is that put() pickles it"
    here = pickling_threads[0] == threading.get_ident()
    observe("put() pickles the item " + ("before it returns" if here else "in the background thread"))
