"""``Queue.get`` and ``Queue.get_nowait``: what they return, blocking, timeouts, refusals."""

from __future__ import annotations

import os
import queue as standard
import signal
import time

from mpconform.kit import Task, idle, raises, verifies, works
from mpconform.kit.patience import GRANULARITY
from mpconform.sections.pipes_and_queues.helpers import take_all


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
def test_the_parameters_of_get_can_be_given_by_name(mp):
    queue = mp.Queue()
    queue.put("item")
    item = queue.get(block=True, timeout=None)
    assert item == "item", f"get(block=True, timeout=None) returned {item!r}, put() was given 'item'"
    with raises(standard.Empty, "get(block=False, timeout=None) on an empty queue"):
        queue.get(block=False, timeout=None)


@verifies("queue.get.takes-block-timeout")
def test_the_parameters_of_get_can_be_given_in_order(mp, patience):
    queue = mp.Queue()
    timeout = patience.timeout
    start = time.monotonic()
    with idle(), raises(standard.Empty, f"get(True, {timeout}) on an empty queue"):
        queue.get(True, timeout)
    took = time.monotonic() - start
    assert took >= timeout - GRANULARITY, f"get(True, {timeout}) raised Empty after {took:.3f} s, before its timeout"


@verifies("queue.get.blocks-until-item")
def test_get_with_block_true_waits_for_an_item(mp, latch, journal, patience):
    queue = mp.Queue()
    call = "get(block=True, timeout=None)"
    child = mp.Process(target=get_one, args=(queue, latch, journal))
    child.daemon = True
    child.start()
    latch.wait(1, "child that calls get()")
    patience.never(journal.read, f"{call} on an empty queue ends before an item is put")
    queue.put("item")
    ended = journal.wait(1, f"end of {call} once an item was put")[0]
    child.join()
    assert ended == ("returned", "item"), f"{call} ended with {ended!r}, promised is that it returns 'item'"


@verifies("queue.get.blocks-by-default")
def test_get_without_block_waits_for_an_item(mp, patience):
    check_that_get_waits(mp, patience, "get()")


@verifies("queue.get.timeout-takes-item-put-in-time")
def test_get_with_a_timeout_takes_an_item_that_is_put_in_time(mp, patience):
    timeout = 10 * patience.awaiting
    check_that_get_waits(mp, patience, f"get(timeout={timeout})", timeout=timeout)


@verifies("queue.get.timeout-raises-empty")
def test_get_raises_empty_when_its_timeout_has_passed(mp, patience):
    queue = mp.Queue()
    timeout = patience.timeout
    start = time.monotonic()
    with idle(), raises(standard.Empty, f"get(timeout={timeout}) on an empty queue"):
        queue.get(timeout=timeout)
    took = time.monotonic() - start
    assert took < timeout + patience.awaiting, (
        f"get(timeout={timeout}) blocked {took:.3f} s, promised is at most {timeout}"
    )


@verifies("queue.get.timeout-is-not-cut-short")
def test_get_does_not_raise_empty_before_its_timeout(mp, patience):
    queue = mp.Queue()
    timeout = patience.timeout
    start = time.monotonic()
    with idle(), raises(standard.Empty, f"get(timeout={timeout}) on an empty queue"):
        queue.get(timeout=timeout)
    took = time.monotonic() - start
    assert took >= timeout - GRANULARITY, (
        f"get(timeout={timeout}) raised Empty after {took:.3f} s; promised is only if no item came within {timeout} s"
    )


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


@verifies("queue.get.nonblocking-returns-available-item")
def test_get_that_does_not_block_returns_an_item_that_is_there(mp, patience):
    queue = mp.Queue()
    queue.put("item")
    item_available(queue, patience)
    item = queue.get(block=False)
    assert item == "item", f"get(block=False) returned {item!r}, put() was given 'item'"


@verifies("queue.get.nonblocking-raises-empty")
def test_get_that_does_not_block_raises_empty(mp):
    queue = mp.Queue()
    with raises(standard.Empty, "get(block=False) on an empty queue"):
        queue.get(block=False)


@verifies("queue.get.nonblocking-ignores-timeout")
def test_get_that_does_not_block_ignores_its_timeout(mp, patience):
    queue = mp.Queue()
    timeout = patience.awaiting
    start = time.monotonic()
    with idle(), raises(standard.Empty, f"get(False, {timeout}) on an empty queue"):
        queue.get(False, timeout)
    took = time.monotonic() - start
    assert took < timeout, f"get(False, {timeout}) blocked {took:.3f} s, promised is that timeout is ignored"


@verifies("queue.get.closed-raises-valueerror")
def test_get_on_a_closed_queue_raises_valueerror(mp):
    queue = mp.Queue()
    queue.close()
    with raises(ValueError, "get(block=False) after close()"):
        queue.get(block=False)


@verifies("queue.get_nowait.returns-available-item")
def test_get_nowait_returns_an_item_that_is_there(mp, patience):
    queue = mp.Queue()
    queue.put("item")
    item_available(queue, patience)
    item = queue.get_nowait()
    assert item == "item", f"get_nowait() returned {item!r}, put() was given 'item'"


@verifies("queue.get_nowait.raises-empty")
def test_get_nowait_raises_empty(mp):
    queue = mp.Queue()
    with raises(standard.Empty, "get_nowait() on an empty queue"):
        queue.get_nowait()


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
