"""``Queue`` as a whole: its sizes, its methods, its exceptions, and what becomes of an item."""

from __future__ import annotations

import threading

from mpconform.kit import each, verifies
from mpconform.sections.pipes_and_queues.helpers import accepted, take

pickling_threads = []
"""The threads that pickled a ``NotesItsPickling``."""


class NotesItsPickling:
    def __reduce__(self):
        pickling_threads.append(threading.get_ident())
        return NotesItsPickling, ()


def put_many(queue, items):
    for item in items:
        queue.put(item)


def get_some(queue, number, journal):
    journal.write([queue.get() for _ in range(number)])


@verifies("queue.call.maxsize-by-name")
def test_maxsize_can_be_given_by_name(mp, patience):
    queue = mp.Queue(maxsize=1)
    queue.put("item")
    patience.until(queue.full, "full() is True for a Queue(maxsize=1) that holds an item")
    take(queue, patience)


@verifies("queue.call.unbounded-by-default")
def test_a_queue_without_maxsize_has_no_bound(mp, patience):
    queue = mp.Queue()
    for number in range(500):
        with accepted(f"put(obj, block=False) on a Queue() that holds {number} items"):
            queue.put(number, block=False)
    for number in range(500):
        item = take(queue, patience)
        assert item == number, f"get() returned {item!r}, item {number} was put on the Queue() next"


@verifies("queue.call.carries-items-from-a-child")
def test_items_that_a_child_puts_arrive_here(mp, patience):
    queue = mp.Queue()
    child = mp.Process(target=put_many, args=(queue, ["a", "b"]), daemon=True)
    child.start()
    items = [take(queue, patience) for _ in range(2)]
    child.join()
    assert items == ["a", "b"], f"get() twice returned {items!r}, the child put ['a', 'b']"


@verifies("queue.call.carries-items-to-a-child")
def test_items_that_are_put_here_arrive_in_a_child(mp, journal):
    queue = mp.Queue()
    child = mp.Process(target=get_some, args=(queue, 2, journal), daemon=True)
    child.start()
    queue.put("a")
    queue.put("b")
    items = journal.wait(1, "list of the items that the child got")[0]
    child.join()
    assert items == ["a", "b"], f"the child got {items!r}, put were ['a', 'b']"


@verifies("queue.order.fifo-of-one-producer")
def test_items_of_one_process_come_in_the_order_of_putting(mp, patience):
    queue = mp.Queue()
    child = mp.Process(target=put_many, args=(queue, range(300)), daemon=True)
    child.start()
    items = [take(queue, patience) for _ in range(300)]
    child.join()
    wrong = next((place for place, item in enumerate(items) if item != place), None)
    assert wrong is None, f"get() number {wrong} returned item {items[wrong]}, promised is the order of putting"


@verifies("queue.qsize.counts-items")
def test_qsize_counts_the_items(mp, patience):
    queue = mp.Queue()
    assert queue.qsize() == 0, f"qsize() of a new queue returned {queue.qsize()!r}, promised is 0"
    for number in range(3):
        queue.put(number)
    patience.until(lambda: queue.qsize() == 3, "qsize() is 3 after three put()")
    take(queue, patience)
    patience.until(lambda: queue.qsize() == 2, "qsize() is 2 after three put() and one get()")
    for _ in range(2):
        take(queue, patience)


@verifies("queue.qsize.is-a-number-or-not-implemented")
def test_qsize_returns_a_number_or_says_that_it_cannot(mp, patience):
    queue = mp.Queue()
    queue.put("item")
    take(queue, patience)
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
    take(queue, patience)
    patience.until(lambda: queue.empty() is True, "empty() is True after the only item was got")


@verifies("queue.empty.false-soon-after-put")
def test_empty_is_false_soon_after_put(mp, patience):
    queue = mp.Queue()
    queue.put("item")
    patience.until(lambda: queue.empty() is False, "empty() is False after put()")
    take(queue, patience)


@verifies("queue.full.true-at-maxsize")
def test_full_is_true_at_maxsize(mp, patience):
    queue = mp.Queue(2)
    queue.put("first")
    queue.put("second")
    patience.until(lambda: queue.full() is True, "full() is True for a Queue(2) that holds two items")
    for _ in range(2):
        take(queue, patience)


@verifies("queue.full.false-with-a-free-slot")
def test_full_is_false_with_a_free_slot(mp, patience):
    queue = mp.Queue(2)
    queue.put("first")
    answer = queue.full()
    assert answer is False, f"full() of a Queue(2) that holds one item returned {answer!r}, promised is False"
    queue.put("second")
    for _ in range(2):
        take(queue, patience)
    patience.until(lambda: queue.full() is False, "full() is False after all items of a Queue(2) were got")


@verifies("queue.exceptions.not-in-the-package")
@each("name", ["Empty", "Full"])
def test_the_exceptions_of_queues_are_not_in_the_package(mp, program, name):
    outcome = program(f"print(hasattr(package, {name!r}), hasattr(mp, {name!r}))")
    assert outcome.output.split() == ["False", "False"], (
        f"hasattr({name!r}) of the package and of its context printed {outcome.output!r} {outcome.errors!r}, promised"
        f" is that queue.{name} is not available there"
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
def test_an_item_comes_back_as_a_copy(mp, patience):
    queue = mp.Queue()
    item = ["a", ["b"]]
    queue.put(item)
    came = take(queue, patience)
    assert came == item, f"get() returned {came!r}, put() was given {item!r}"
    assert came is not item, "get() returned the very object that was put, promised is that it goes through a pickle"


@verifies("queue.item.time-of-pickling")
def test_which_thread_pickles_an_item(mp, patience, observe):
    queue = mp.Queue()
    pickling_threads.clear()
    queue.put(NotesItsPickling())
    take(queue, patience)
    assert pickling_threads, "put() and get() did not pickle the item, promised is that put() pickles it"
    here = pickling_threads[0] == threading.get_ident()
    observe("put() pickles the item " + ("before it returns" if here else "in the background thread"))
