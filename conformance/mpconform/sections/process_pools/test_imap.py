"""``imap`` and ``imap_unordered``: results that come one by one."""

from __future__ import annotations

import time

from mpconform.kit import raises, verifies
from mpconform.sections.process_pools.helpers import (
    GRANULARITY,
    InThread,
    Refused,
    process_of,
    refuse,
    refuse_odd,
    running,
    runs,
    square,
    square_of_task,
    upcoming,
)


class Slow:
    """An iterable of numbers that counts what was read, and gives the rest when its gate is open."""

    def __init__(self, before, gate, after):
        self.before, self.gate, self.after = before, gate, after
        self.read = 0

    def __iter__(self):
        for number in range(self.before + self.after):
            if number == self.before:
                self.gate.wait()
            self.read += 1
            yield number


def check_iterator_before_results(mp, gate, method):
    with running(mp.Pool(1)) as pool:
        iterator = InThread(getattr(pool, method), square_of_task, [(3, gate)]).outcome(
            f"{method}() of a function that waits for a gate"
        )
        assert iter(iterator) is iterator, f"{method}() returned {iterator!r}, which is no iterator"
        gate.open()
        answer = list(iterator)
    assert answer == [9], f"the iterator that {method}() returned for [3] gave {answer!r}, promised is [9]"


def check_size_of_chunks(mp, method):
    with running(mp.Pool(1, maxtasksperchild=1)) as pool:
        sizes = runs(list(getattr(pool, method)(process_of, range(12), chunksize=4)))
    assert all(size <= 8 for size in sizes) and 1 < len(sizes) <= 6, (
        f"{method}(f, range(12), chunksize=4) on a Pool(1, maxtasksperchild=1) ran chunks of the sizes {sizes},"
        " promised is about 4"
    )


@verifies("pool.imap.returns-an-iterator")
def test_imap_returns_an_iterator_while_the_calls_run(mp, gate):
    check_iterator_before_results(mp, gate, "imap")


@verifies("pool.imap.yields-results-as-they-come")
def test_imap_gives_results_while_later_calls_run(mp, gate):
    with running(mp.Pool(1)) as pool:
        iterator = pool.imap(square_of_task, [(2,), (3,), (4, gate)])
        answers = [upcoming(mp, iterator, "imap() of three calls, the third of which runs") for _ in range(2)]
        gate.open()
        answers += iterator
    assert answers == [4, 9, 16], f"imap() of the squares of 2, 3 and 4 gave {answers!r}"


@verifies("pool.imap.yields-before-the-iterable-ends")
def test_imap_gives_results_while_the_iterable_is_read(mp, gate):
    with running(mp.Pool(1)) as pool:
        iterator = InThread(pool.imap, square, Slow(2, gate, 1)).outcome("imap() of an iterable that waits for a gate")
        answers = [upcoming(mp, iterator, "imap() of an iterable that waits after two items") for _ in range(2)]
        gate.open()
        answers += iterator
    assert answers == [0, 1, 4], f"imap() of the squares of 0, 1 and 2 gave {answers!r}"


@verifies("pool.imap.read-ahead")
def test_how_far_imap_reads_ahead(mp, gate, patience, observe):
    gate.open()
    items = Slow(0, gate, 100)
    with running(mp.Pool(1)) as pool:
        iterator = pool.imap(square, items)
        try:
            patience.never(lambda: items.read == 100, "all items are read")
        except AssertionError:
            observe("imap() reads all of 100 items before any result is asked for")
        else:
            observe("imap() reads some of 100 items and waits until results are asked for")
        list(iterator)


@verifies("pool.imap.keeps-order")
def test_imap_does_not_give_a_result_before_an_earlier_one(mp, gate, patience, latch):
    with running(mp.Pool(2)) as pool:
        iterator = pool.imap(square_of_task, [(2, gate), (3,), (4, None, latch)])
        latch.wait(1, "third call, of which the first waits for a gate")
        with raises(mp.TimeoutError, "next(timeout) when the first call runs and the second is complete"):
            iterator.next(patience.watching)
        gate.open()
        answers = list(iterator)
    assert answers == [4, 9, 16], f"imap() of the squares of 2, 3 and 4, the first of which was late, gave {answers!r}"


@verifies("pool.imap.raises-the-exception")
def test_next_of_imap_raises_what_the_call_raises(mp):
    with running(mp.Pool(1)) as pool:
        iterator = pool.imap(refuse_odd, [0, 3])
        answer = upcoming(mp, iterator, "imap() of two calls, the second of which raises")
        assert answer == 0, f"the first call returned 0, imap() gave {answer!r}"
        with raises(Refused, "next() when the call for the second item has raised Refused") as caught:
            upcoming(mp, iterator, "imap() of two calls, the second of which raises")
    assert caught.value.args == ("refused", 3), f"next() raised {caught.value!r}, the function Refused('refused', 3)"


@verifies("pool.imap.after-an-exception")
def test_what_imap_gives_after_an_exception(mp, observe):
    with running(mp.Pool(1)) as pool:
        iterator = pool.imap(refuse_odd, [3, 4])
        with raises(Refused, "next() when the call for the first item has raised Refused"):
            upcoming(mp, iterator, "imap() of two calls, the first of which raises")
        try:
            answer = upcoming(mp, iterator, "imap() of two calls, the first of which raised")
        except (Exception, AssertionError) as error:
            observe(f"after next() has raised the exception of a call, it raises {type(error).__name__}")
        else:
            later = "the next result" if answer == 4 else repr(answer)
            observe(f"after next() has raised the exception of a call, it returns {later}")


@verifies("pool.imap.iterable-error-is-raised")
def test_next_of_imap_raises_what_the_iterable_raises(mp):
    def broken():
        yield 2
        raise Refused("refused", "the second item")

    with running(mp.Pool(1)) as pool:
        iterator = pool.imap(square, broken())
        answer = upcoming(mp, iterator, "imap() of an iterable that raises after one item")
        assert answer == 4, f"imap() of an iterable that gives 2 and raises gave {answer!r}, promised is 4"
        with raises(Refused, "next() when the iterable has raised Refused"):
            upcoming(mp, iterator, "imap() of an iterable that raised after one item")


@verifies("pool.imap.chunksize-sets-size")
def test_the_chunks_of_imap_have_about_the_given_size(mp):
    check_size_of_chunks(mp, "imap")


@verifies("pool.imap.chunksize-defaults-to-one")
def test_each_item_of_imap_is_a_task(mp):
    with running(mp.Pool(1, maxtasksperchild=1)) as pool:
        processes = list(pool.imap(process_of, range(3)))
    assert len(set(processes)) == 3, (
        f"imap(f, range(3)) on a Pool(1, maxtasksperchild=1) ran in the processes {processes}, promised is a task for"
        " each item"
    )


@verifies("pool.imap.next-blocks-without-timeout")
def test_next_of_imap_waits_for_the_result(mp, gate, latch):
    with running(mp.Pool(1)) as pool:
        iterator = pool.imap(square_of_task, [(3, gate, latch)])
        call = InThread(iterator.next)
        latch.wait(1, "call that imap() makes")
        gate.open()
        answer = call.outcome("next() of the iterator of imap()")
    assert answer == 9, f"next() of the iterator of imap() returned {answer!r}, the result is 9"


@verifies("pool.imap.next-timeout-raises")
def test_next_of_imap_raises_when_its_timeout_has_passed(mp, gate):
    with running(mp.Pool(1)) as pool:
        iterator = pool.imap(square_of_task, [(3, gate)])
        with raises(mp.TimeoutError, "next(timeout=0.05) of imap() while the call runs (TimeoutError of the package)"):
            iterator.next(timeout=0.05)
        gate.open()
        list(iterator)


@verifies("pool.imap.next-timeout-is-not-cut-short")
def test_next_of_imap_does_not_raise_before_its_timeout(mp, gate, patience):
    timeout = patience.watching
    with running(mp.Pool(1)) as pool:
        iterator = pool.imap(square_of_task, [(3, gate)])
        start = time.monotonic()
        with raises(mp.TimeoutError, f"next({timeout}) of imap() while the call runs"):
            iterator.next(timeout)
        took = time.monotonic() - start
        gate.open()
        list(iterator)
    assert took >= timeout - GRANULARITY, f"next({timeout}) of imap() raised TimeoutError after {took:.3f} s"


@verifies("pool.imap.next-timeout-returns-result-in-time")
def test_next_of_imap_returns_a_result_that_comes_in_time(mp, gate, latch, patience):
    with running(mp.Pool(1)) as pool:
        iterator = pool.imap(square_of_task, [(3, gate, latch)])
        call = InThread(iterator.next, patience.awaiting)
        latch.wait(1, "call that imap() makes")
        gate.open()
        answer = call.outcome(f"next({patience.awaiting}) of the iterator of imap()")
    assert answer == 9, f"next({patience.awaiting}) of the iterator of imap() returned {answer!r}, the result is 9"


@verifies("pool.imap.result-survives-a-timeout")
def test_next_of_imap_returns_a_late_result_after_a_timeout(mp, gate):
    with running(mp.Pool(1)) as pool:
        iterator = pool.imap(square_of_task, [(2, gate), (3,)])
        for _ in range(2):
            with raises(mp.TimeoutError, "next(0.02) of imap() while the call runs"):
                iterator.next(0.02)
        gate.open()
        answers = list(iterator)
    assert answers == [4, 9], f"imap() of the squares of 2 and 3 gave {answers!r} after next() had timed out twice"


@verifies("pool.imap_unordered.returns-an-iterator")
def test_imap_unordered_returns_an_iterator_while_the_calls_run(mp, gate):
    check_iterator_before_results(mp, gate, "imap_unordered")


@verifies("pool.imap_unordered.order-of-readiness")
def test_whether_imap_unordered_gives_what_is_ready_first(mp, gate, patience, observe):
    with running(mp.Pool(2)) as pool:
        iterator = pool.imap_unordered(square_of_task, [(2, gate), (3,)])
        try:
            iterator.next(patience.awaiting / 4)
        except mp.TimeoutError:
            observe("a result waits for that of an earlier item")
        else:
            observe("a result that is ready comes before that of an earlier item that is not")
        gate.open()
        list(iterator)


@verifies("pool.imap_unordered.raises-the-exception")
def test_next_of_imap_unordered_raises_what_the_call_raises(mp):
    with running(mp.Pool(1)) as pool:
        iterator = pool.imap_unordered(refuse, [3])
        with raises(Refused, "next() of imap_unordered() when the call has raised Refused") as caught:
            upcoming(mp, iterator, "imap_unordered() of a call that raises")
    assert caught.value.args == ("refused", 3), f"next() raised {caught.value!r}, the function Refused('refused', 3)"


@verifies("pool.imap_unordered.chunksize-sets-size")
def test_the_chunks_of_imap_unordered_have_about_the_given_size(mp):
    check_size_of_chunks(mp, "imap_unordered")


@verifies("pool.imap_unordered.next-timeout-raises")
def test_next_of_imap_unordered_raises_when_its_timeout_has_passed(mp, gate):
    with running(mp.Pool(1)) as pool:
        iterator = pool.imap_unordered(square_of_task, [(3, gate)])
        with raises(mp.TimeoutError, "next(timeout=0.02) of imap_unordered() (TimeoutError of the package)"):
            iterator.next(timeout=0.02)
        gate.open()
        answer = upcoming(mp, iterator, "imap_unordered() of a call that was late")
    assert answer == 9, f"next() of imap_unordered() returned {answer!r} after a timeout, the result is 9"
