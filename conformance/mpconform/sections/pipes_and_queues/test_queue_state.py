"""``Queue`` as a whole: its sizes, its methods, its exceptions, and what becomes of an item."""

from __future__ import annotations

import queue as standard
import threading

from mpconform.kit import Task, each, promise, raises, verifies
from mpconform.sections.pipes_and_queues.helpers import get_some, put_many, take, take_all

pickling_threads = []
"""The threads that pickled a ``NotesItsPickling``."""


class NotesItsPickling:
    def __reduce__(self):
        pickling_threads.append(threading.get_ident())
        return NotesItsPickling, ()


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
def test_items_that_a_child_puts_arrive_here(mp):
    queue = mp.Queue()
    child = mp.Process(target=put_many, args=(queue, range(300)))
    child.daemon = True
    child.start()
    items = take_all(queue, 300)
    child.join()
    with promise("queue.call.carries-items-from-a-child"):
        lost = sorted(set(range(300)) - set(items))
        assert not lost, f"a child put 0 to 299 on a Queue(); get() 300 times did not return {len(lost)}: {lost[:10]}"
    with promise("queue.order.fifo-of-one-producer"):
        wrong = next((place for place, item in enumerate(items) if item != place), None)
        assert wrong is None, f"get() number {wrong} returned item {items[wrong]}, promised is the order of putting"


@verifies("queue.call.carries-items-to-a-child")
def test_items_that_are_put_here_arrive_in_a_child(mp, journal):
    queue = mp.Queue()
    child = mp.Process(target=get_some, args=(queue, 2, journal))
    child.daemon = True
    child.start()
    queue.put("a")
    queue.put("b")
    items = journal.wait(1, "list of the items that the child got")[0]
    child.join()
    assert items == ["a", "b"], f"the child got {items!r}, put were ['a', 'b']"


@verifies("queue.qsize.counts-items")
def test_qsize_counts_the_items(mp, patience):
    queue = mp.Queue()
    assert queue.qsize() == 0, f"qsize() of a new queue returned {queue.qsize()!r}, promised is 0"
    for number in range(3):
        queue.put(number)
    patience.until(lambda: queue.qsize() == 3, "qsize() is 3 after three put()")
    take(queue)
    patience.until(lambda: queue.qsize() == 2, "qsize() is 2 after three put() and one get()")
    take_all(queue, 2)


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


@verifies("queue.empty.true-without-items")
def test_empty_is_true_without_items(mp, patience):
    queue = mp.Queue()
    answer = queue.empty()
    assert answer is True, f"empty() of a new queue returned {answer!r}, promised is True"
    queue.put("item")
    take(queue)
    patience.until(lambda: queue.empty() is True, "empty() is True after the only item was got")


@verifies("queue.empty.false-soon-after-put")
def test_empty_is_false_soon_after_put(mp, patience):
    queue = mp.Queue()
    queue.put("item")
    patience.until(lambda: queue.empty() is False, "empty() is False after put()")
    take(queue)


@verifies("queue.full.true-at-maxsize")
def test_full_is_true_at_maxsize(mp, patience):
    queue = mp.Queue(2)
    queue.put("first")
    queue.put("second")
    patience.until(lambda: queue.full() is True, "full() is True for a Queue(2) that holds two items")
    take_all(queue, 2)


@verifies("queue.full.false-with-a-free-slot")
def test_full_is_false_with_a_free_slot(mp, patience):
    queue = mp.Queue(2)
    queue.put("first")
    answer = queue.full()
    assert answer is False, f"full() of a Queue(2) that holds one item returned {answer!r}, promised is False"
    queue.put("second")
    take_all(queue, 2)
    patience.until(lambda: queue.full() is False, "full() is False after all items of a Queue(2) were got")


@verifies("queue.exceptions.not-in-the-package")
def test_the_exceptions_of_queues_are_not_in_the_package(mp, program):
    outcome = program(
        "for name in 'Empty', 'Full': print(name, hasattr(package, name), hasattr(mp, name))\nprint('done')"
    )
    assert outcome.output.splitlines() == ["Empty False False", "Full False False", "done"], (
        f"whether the package and its context have queue.Empty and queue.Full: {outcome.output!r} {outcome.errors!r},"
        " promised is that they are not available there"
    )


@verifies("queue.methods.those-of-the-standard-queue")
@each("name", ["qsize", "empty", "full", "put", "put_nowait", "get", "get_nowait"])
def test_a_queue_has_the_method_of_the_standard_queue(mp, name):
    found = getattr(mp.Queue(), name, None)
    assert callable(found), f"Queue().{name} is {found!r}, promised is a method as of queue.Queue"


@verifies("queue.methods.no-task_done-or-join")
@each("name", ["task_done", "join"])
def test_a_queue_lacks_the_methods_that_track_tasks(mp, name):
    assert not hasattr(mp.Queue(), name), f"Queue() has {name}(), promised is that only JoinableQueue has it"


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


@verifies("queue.item.time-of-pickling")
def test_which_thread_pickles_an_item(mp, observe):
    queue = mp.Queue()
    pickling_threads.clear()
    queue.put(NotesItsPickling())
    take(queue)
    assert pickling_threads, "put() and get() did not pickle the item, promised is that put() pickles it"
    here = pickling_threads[0] == threading.get_ident()
    observe("put() pickles the item " + ("before it returns" if here else "in the background thread"))
