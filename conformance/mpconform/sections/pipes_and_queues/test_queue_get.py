"""``Queue.get`` and ``Queue.get_nowait``: what they return, blocking, timeouts, refusals."""

from __future__ import annotations

import os
import queue as standard
import signal
from contextlib import contextmanager

from mpconform.kit import Task, did_not_arise, idle, promise, raises, verifies, works
from mpconform.sections.pipes_and_queues.helpers import take, take_all

HIGH = 1024
"""What ``select`` cannot wait for: a descriptor from here on."""


def get_one(queue, latch, journal):
    """Call get() and note how it ended."""
    latch.arrive()
    try:
        journal.write(("returned", queue.get(block=True, timeout=None)))
    except standard.Empty:
        journal.write("raised Empty")


def hold_and_get(queue, lifelines, journal):
    lifelines.hold()
    journal.write(queue.get())


def check_that_get_waits(mp, patience, call, **arguments):
    """Check that get() on an empty queue waits, and returns the item that is then put."""
    queue = mp.Queue()
    getting = Task(queue.get, **arguments)
    patience.never(getting.is_done, f"{call} on an empty queue ends before an item is put")
    queue.put("item")
    with works(f"{call} on an empty queue on which an item is then put"):
        item = getting.result(f"{call} ends once an item was put")
    assert item == "item", f"{call} returned {item!r}, promised is that it returns 'item'"


def item_available(queue, patience):
    """Return once the queue has an item for a get() that does not block: put() may take a moment to get it there."""
    patience.until(lambda: not queue.empty(), "empty() is False after put()")


@contextmanager
def somebody_waiting(queue):
    """Let another thread wait in get() while the block runs, and give it an item afterwards."""
    getting = Task(queue.get)
    getting.join(0.05)
    try:
        yield
    finally:
        queue.put("for the other one")
        getting.wait("get() in another thread ends once an item was put")


@contextmanager
def high_descriptors():
    """Let so many descriptors be open while the block runs that new ones are high."""
    try:
        import resource
    except ImportError:
        did_not_arise("a descriptor that is too high for select(): this system has no limit to raise")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = HIGH + 100
    if 0 <= hard < wanted:
        did_not_arise(f"a descriptor that is too high for select(): {hard} may be open here")
    if 0 <= soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    opened = [os.open(os.devnull, os.O_RDONLY)]
    try:
        while opened[-1] < HIGH:
            opened.append(os.dup(opened[0]))
        yield
    finally:
        for descriptor in opened:
            os.close(descriptor)


@verifies("queue.get.removes-the-item")
def test_get_removes_the_item(mp):
    queue = mp.Queue()
    queue.put("first")
    queue.put("second")
    items = take_all(queue, 2)
    assert items == ["first", "second"], f"get() twice returned {items!r}, promised are ['first', 'second']"
    with raises(standard.Empty, "get(block=False) after all items were got"):
        queue.get(block=False)


@verifies("queue.get.takes-block-timeout")
def test_the_parameters_of_get_by_name_and_in_order(mp, patience):
    queue = mp.Queue()
    queue.put("item")
    item = Task(queue.get, block=True, timeout=None).result("get(block=True, timeout=None) of an item returns")
    assert item == "item", f"get(block=True, timeout=None) returned {item!r}, put() was given 'item'"
    with raises(standard.Empty, "get(block=False, timeout=None) on an empty queue"):
        queue.get(block=False, timeout=None)
    timeout = patience.timeout
    for call, getting in (
        (f"get(True, {timeout})", lambda: queue.get(True, timeout)),
        (f"get(block=True, timeout={timeout})", lambda: queue.get(block=True, timeout=timeout)),
    ):
        with (
            patience.runs_out(timeout, f"{call} on an empty queue"),
            raises(standard.Empty, f"{call} on an empty queue"),
        ):
            getting()


@verifies("queue.get.blocks-until-item")
def test_get_with_block_true_waits_for_an_item(mp, scratch, patience):
    queue = mp.Queue()
    call = "get(block=True, timeout=None)"
    latch, journal = scratch.latch(), scratch.journal()
    children = [mp.Process(target=get_one, args=(queue, latch, journal)) for _ in range(2)]
    for child in children:
        child.daemon = True
        child.start()
    latch.wait(2, "children that call get()")
    patience.never(journal.read, f"{call} on an empty queue ends before an item is put")
    queue.put("item")
    ended = journal.wait(1, f"end of {call} once an item was put")
    assert ended[0] == ("returned", "item"), f"{call} ended with {ended[0]!r}, promised is that it returns 'item'"
    patience.never(lambda: journal.read()[1:], f"{call} in one of two processes ends, although the other got the item")
    queue.put("another")
    ended = journal.wait(2, f"end of {call} in the other process once another item was put")
    for child in children:
        child.join()
    assert ended[1] == ("returned", "another"), f"{call} ended with {ended[1]!r}, promised is that it returns 'another'"


@verifies("queue.get.blocks-by-default", "queue.get.timeout-takes-item-put-in-time")
def test_get_waits_for_an_item(mp, patience):
    with promise("queue.get.blocks-by-default"):
        check_that_get_waits(mp, patience, "get()")
    with promise("queue.get.timeout-takes-item-put-in-time"):
        timeout = 10 * patience.awaiting
        check_that_get_waits(mp, patience, f"get(timeout={timeout})", timeout=timeout)


@verifies("queue.get.timeout-raises-empty", "queue.get.timeout-is-not-cut-short")
def test_get_raises_empty_when_its_timeout_has_passed(mp, patience):
    timeout = patience.timeout
    call = f"get(timeout={timeout}) on an empty queue"
    with promise("queue.get.timeout-raises-empty"):
        queue = mp.Queue()
        with patience.no_later(timeout, call), raises(standard.Empty, call):
            queue.get(timeout=timeout)
        queue.put("item")
        item = take(queue)
        assert item == "item", f"get() after one that timed out returned {item!r}, put() was given 'item'"
        others = f"{call} on which another thread waits without a timeout"
        with somebody_waiting(queue), patience.no_later(timeout, others), raises(standard.Empty, others):
            Task(queue.get, timeout=timeout).result(f"{others} ends")
    with promise("queue.get.timeout-is-not-cut-short"):
        queue = mp.Queue()
        for _ in range(2):
            with patience.runs_out(timeout, call), raises(standard.Empty, call):
                queue.get(timeout=timeout)
        longer = timeout + 1
        call = f"get(timeout={longer}) on an empty queue"
        with patience.runs_out(longer, call), raises(standard.Empty, call):
            queue.get(timeout=longer)


@verifies("queue.get.timeout-raises-empty")
def test_get_has_a_timeout_where_descriptors_are_high(mp, patience):
    timeout = patience.timeout
    call = f"get(timeout={timeout}) on an empty queue that was made when descriptors up to {HIGH} were in use"
    with high_descriptors():
        queue = mp.Queue()
        with idle(), raises(standard.Empty, call):
            queue.get(timeout=timeout)
        queue.put("item")
        with works("get(timeout=...) of an item, with high descriptors"):
            item = queue.get(timeout=patience.awaiting)
        assert item == "item", f"get() with high descriptors returned {item!r}, put() was given 'item'"


@verifies("queue.get.timeout-not-positive")
def test_get_with_a_timeout_that_is_not_positive(mp, observe):
    queue = mp.Queue()
    answers = []
    for timeout in 0, -1:
        try:
            item = queue.get(timeout=timeout)
        except Exception as error:
            answers.append(f"raises {type(error).__name__} with timeout={timeout}")
        else:
            answers.append(f"returns {item!r} with timeout={timeout}")
    observe(f"get() on an empty queue {' and '.join(answers)}")


@verifies("queue.get.nonblocking-returns-available-item", "queue.get_nowait.returns-available-item")
def test_get_that_does_not_block_returns_an_item_that_is_there(mp, patience):
    calls = {
        "queue.get.nonblocking-returns-available-item": {
            "get(block=False)": lambda queue: queue.get(block=False),
            "get(False)": lambda queue: queue.get(False),
        },
        "queue.get_nowait.returns-available-item": {"get_nowait()": lambda queue: queue.get_nowait()},
    }
    for ident, ways in calls.items():
        with promise(ident):
            for call, get in ways.items():
                queue = mp.Queue()
                queue.put("item")
                item_available(queue, patience)
                with works(f"{call} once empty() is False"):
                    item = get(queue)
                assert item == "item", f"{call} returned {item!r}, put() was given 'item'"


@verifies(
    "queue.get.nonblocking-raises-empty", "queue.get.nonblocking-ignores-timeout", "queue.get_nowait.raises-empty"
)
def test_get_that_does_not_block_raises_empty_at_once(mp, patience):
    def check(call, get):
        queue = mp.Queue()
        call = f"{call} on an empty queue"
        with patience.at_once(call), raises(standard.Empty, call):
            get(queue)
        call += " on which another thread waits"
        with somebody_waiting(queue), patience.at_once(call), raises(standard.Empty, call):
            Task(get, queue).result(f"{call} ends")

    with promise("queue.get.nonblocking-raises-empty"):
        check("get(block=False)", lambda queue: queue.get(block=False))
    with promise("queue.get.nonblocking-ignores-timeout"):
        for timeout in patience.awaiting, 0, -1:
            check(f"get(False, {timeout})", lambda queue, timeout=timeout: queue.get(False, timeout))
            queue = mp.Queue()
            queue.put("item")
            item_available(queue, patience)
            with works(f"get(False, {timeout}) once empty() is False"):
                item = queue.get(False, timeout)
            assert item == "item", f"get(False, {timeout}) returned {item!r}, put() was given 'item'"
    with promise("queue.get_nowait.raises-empty"):
        check("get_nowait()", lambda queue: queue.get_nowait())


@verifies("queue.get.after-a-consumer-was-killed")
def test_get_after_another_process_was_killed_in_get(mp, lifelines, journal, patience, observe):
    queue = mp.Queue()
    child = mp.Process(target=hold_and_get, args=(queue, lifelines, journal))
    child.daemon = True
    child.start()
    [pid] = lifelines.wait(1, "child that calls get()")
    patience.never(journal.read, "get() on an empty queue ends before an item is put")
    os.kill(pid, signal.SIGKILL)
    lifelines.wait_until_ended("the child that was killed ends")
    child.join()
    queue.put("item")
    try:
        with idle():
            item = queue.get(timeout=2 * patience.watching)
    except Exception as error:
        observe(f"after a process was killed in get(), get() of an item raises {type(error).__name__}")
    else:
        observe(f"after a process was killed in get(), get() of an item returns {item!r}")
