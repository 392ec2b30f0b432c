"""``imap`` and ``imap_unordered``: results that come one by one."""

from __future__ import annotations

from mpconform.kit import Task, promise, raises, verifies
from mpconform.sections.process_pools.helpers import (
    Refused,
    arrived,
    refuse,
    refuse_odd,
    returned,
    running,
    settled,
    square,
    square_of_task,
    upcoming,
)
from mpconform.sections.process_pools.watching import Timed

NAMES = ("imap", "imap_unordered")


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


@verifies("pool.imap.returns-an-iterator", "pool.imap_unordered.returns-an-iterator")
def test_imap_and_imap_unordered_return_an_iterator_while_the_calls_run(mp, gate):
    with running(mp.Pool(1)) as pool:
        imap, imap_unordered = (
            Task(method, square_of_task, [(3, gate)]) for method in (pool.imap, pool.imap_unordered)
        )
        settled([imap, imap_unordered])
        early = [call for call in (imap, imap_unordered) if call.is_done()]
        gate.open()

        def check(call, name):
            assert call in early, f"{name} of a function that waits for a gate does not return while the call runs"
            iterator = returned(call, name)
            assert iter(iterator) is iterator, f"{name} returned {iterator!r}, which is no iterator"
            answer = returned(Task(list, iterator), f"list() of what {name} returned")
            assert answer == [9], f"the iterator that {name} returned for [3] gave {answer!r}, promised is [9]"

        with promise("pool.imap.returns-an-iterator"):
            check(imap, "imap()")
        with promise("pool.imap_unordered.returns-an-iterator"):
            check(imap_unordered, "imap_unordered()")


@verifies("pool.imap.yields-results-as-they-come", "pool.imap_unordered.yields-results-as-they-come")
def test_iterators_give_results_while_later_calls_run(mp, gate):
    with running(mp.Pool(2)) as pool:
        iterators = {name: getattr(pool, name)(square_of_task, [(2,), (3,), (4, gate)]) for name in NAMES}
        firsts = {name: Task(lambda it=iterator: [next(it), next(it)]) for name, iterator in iterators.items()}
        settled(list(firsts.values()))
        early = [name for name, first in firsts.items() if first.is_done()]
        gate.open()
        for name, first in firsts.items():
            with promise(f"pool.{name}.yields-results-as-they-come"):
                call = f"next(), twice, of {name}() of three calls, the third of which waits for a gate"
                assert name in early, f"{call} does not return while that call runs"
                answers = returned(first, call)
                answers += returned(Task(list, iterators[name]), f"list() of what {name}() returned")
                assert sorted(answers) == [4, 9, 16], f"{name}() of the squares of 2, 3 and 4 gave {answers!r}"


@verifies("pool.imap.yields-before-the-iterable-ends")
def test_imap_gives_results_while_the_iterable_is_read(mp, gate):
    with running(mp.Pool(1)) as pool:
        call = "imap() of an iterable that waits for a gate after two items"
        iterator = returned(Task(pool.imap, square, Slow(2, gate, 1)), call)
        answers = [upcoming(iterator, call) for _ in range(2)]
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
        call = Task(next, iterator)
        patience.never(call.is_done, "next() is done when the first call runs and the second is complete")
        gate.open()
        answers = [returned(call, "next() when all calls are complete"), *iterator]
    assert answers == [4, 9, 16], f"imap() of the squares of 2, 3 and 4, the first of which was late, gave {answers!r}"


@verifies(
    "pool.imap.raises-the-exception",
    "pool.imap_unordered.raises-the-exception",
)
def test_next_raises_what_the_call_raises(mp):
    with running(mp.Pool(1)) as pool:
        with promise("pool.imap.raises-the-exception"):
            iterator = pool.imap(refuse_odd, [0, 3])
            answer = upcoming(iterator, "imap() of two calls, the second of which raises")
            assert answer == 0, f"the first call returned 0, imap() gave {answer!r}"
            with raises(Refused, "next() when the call for the second item has raised Refused") as caught:
                upcoming(iterator, "imap() of two calls, the second of which raises")
            assert caught.value.args == ("refused", 3), (
                f"next() raised {caught.value!r}, the function Refused('refused', 3)"
            )
        with promise("pool.imap_unordered.raises-the-exception"):
            iterator = pool.imap_unordered(refuse, [3])
            with raises(Refused, "next() of imap_unordered() when the call has raised Refused") as caught:
                upcoming(iterator, "imap_unordered() of a call that raises")
            assert caught.value.args == ("refused", 3), (
                f"next() raised {caught.value!r}, the function Refused('refused', 3)"
            )


def broken_iterable():
    yield 2
    raise Refused("refused", "the second item")


@verifies("pool.imap.iterable-error-is-raised", "pool.imap_unordered.iterable-error-is-raised")
def test_next_raises_what_the_iterable_raises(mp):
    with running(mp.Pool(1)) as pool:
        with promise("pool.imap.iterable-error-is-raised"):
            call = "imap() of an iterable that raises after one item"
            iterator = returned(Task(pool.imap, square, broken_iterable()), call)
            answer = upcoming(iterator, call)
            assert answer == 4, f"imap() of an iterable that gives 2 and raises gave {answer!r}, promised is 4"
            with raises(Refused, "next() of imap() when the iterable has raised Refused"):
                upcoming(iterator, call)
        with promise("pool.imap_unordered.iterable-error-is-raised"):
            call = "imap_unordered() of an iterable that raises after one item"
            iterator = returned(Task(pool.imap_unordered, square, broken_iterable()), call)
            with raises(Refused, "next(), twice, of imap_unordered() when the iterable has raised Refused"):
                for _ in range(2):  # before the result or after it
                    upcoming(iterator, call)
        arrived(pool.apply_async(square, (3,)), "a last call")  # so that nothing else is left when the pool ends


@verifies("pool.imap.after-an-exception")
def test_what_imap_gives_after_an_exception(mp, observe):
    with running(mp.Pool(1)) as pool:
        iterator = pool.imap(refuse_odd, [3, 4])
        with raises(Refused, "next() when the call for the first item has raised Refused"):
            upcoming(iterator, "imap() of two calls, the first of which raises")
        try:
            answer = upcoming(iterator, "imap() of two calls, the first of which raised")
        except (Exception, AssertionError) as error:
            observe(f"after next() has raised the exception of a call, it raises {type(error).__name__}")
        else:
            later = "the next result" if answer == 4 else repr(answer)
            observe(f"after next() has raised the exception of a call, it returns {later}")


@verifies(
    "pool.imap.next-timeout-raises",
    "pool.imap.next-timeout-is-not-cut-short",
    "pool.imap.result-survives-a-timeout",
    "pool.imap_unordered.next-timeout-raises",
    "pool.imap_unordered.next-timeout-is-not-cut-short",
    "pool.imap_unordered.result-survives-a-timeout",
)
def test_next_raises_when_its_timeout_has_passed(mp, gate, patience):
    with running(mp.Pool(1)) as pool:
        iterators = {name: getattr(pool, name)(square_of_task, [(2, gate), (3,)]) for name in NAMES}
        limited = {
            name: Timed(f"{name}().next", iterator.next, timeout=patience.timeout)
            for name, iterator in iterators.items()
        }
        settled([call.task for call in limited.values()])
        at_once = {name: Timed(f"{name}().next", iterator.next, 0) for name, iterator in iterators.items()}
        settled([call.task for call in at_once.values()])
        gate.open()
        for name, iterator in iterators.items():
            with promise(f"pool.{name}.next-timeout-raises"):
                for call in limited[name], at_once[name]:
                    call.check_end(patience)
                    call.check_error(mp.TimeoutError)
            with promise(f"pool.{name}.next-timeout-is-not-cut-short"):
                limited[name].check_error(mp.TimeoutError)
                limited[name].check_wait()
            with promise(f"pool.{name}.result-survives-a-timeout"):
                limited[name].check_error(mp.TimeoutError)
                answers = returned(Task(list, iterator), f"list() of what {name}() gave, whose calls are complete")
                assert answers == [4, 9], f"{name}() of the squares of 2 and 3 gave {answers!r} after next() timed out"


@verifies("pool.imap_unordered.order-of-readiness")
def test_whether_imap_unordered_gives_what_is_ready_first(mp, gate, latch, patience, observe):
    with running(mp.Pool(2)) as pool:
        iterator = pool.imap_unordered(square_of_task, [(2, gate), (3,), (4, None, latch)])
        call = Task(next, iterator)
        latch.wait(1, "third call, of which the first waits for a gate")
        try:
            patience.never(call.is_done, "next() is done")
        except AssertionError:
            observe("a result that is ready comes before that of an earlier item that is not")
        else:
            observe("a result waits for that of an earlier item")
        gate.open()
        call.wait()
        list(iterator)
