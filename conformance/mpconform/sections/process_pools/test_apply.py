"""``apply`` and ``apply_async``: one call in one worker."""

from __future__ import annotations

import os
import threading

from mpconform.kit import raises, verifies
from mpconform.sections.process_pools.helpers import (
    InThread,
    Refused,
    arguments,
    arrive_and_return_when_open,
    arrived,
    called_back,
    note,
    refuse,
    return_when_open,
    running,
    square,
)


@verifies("pool.apply.returns-the-result")
def test_apply_returns_what_the_function_returns(mp):
    with running(mp.Pool(1)) as pool:
        answer = pool.apply(arguments, ("a", ["b"]), {"c": 1, "d": None})
    assert answer == (("a", ["b"]), {"c": 1, "d": None}), (
        f"apply(f, ('a', ['b']), {{'c': 1, 'd': None}}), where f returns its arguments, returned {answer!r}"
    )


@verifies("pool.apply.without-arguments")
def test_apply_calls_without_arguments_that_are_not_given(mp):
    with running(mp.Pool(1)) as pool:
        answers = [pool.apply(arguments), pool.apply(arguments, ("a",)), pool.apply(arguments, kwds={"c": 1})]
    assert answers == [((), {}), (("a",), {}), ((), {"c": 1})], (
        f"apply(f), apply(f, ('a',)) and apply(f, kwds={{'c': 1}}), where f returns its arguments, returned {answers!r}"
    )


@verifies("pool.apply.blocks-until-result")
def test_apply_returns_when_the_call_is_complete(mp, gate, latch):
    with running(mp.Pool(1)) as pool:
        call = InThread(pool.apply, arrive_and_return_when_open, (latch, gate, "late"))
        latch.wait(1, "task that apply() runs")
        gate.open()
        answer = call.outcome("apply() of a function that returns when a gate is open")
    assert answer == "late", f"apply() of a function that waits and returns 'late' returned {answer!r}"


@verifies("pool.apply.runs-in-one-worker")
def test_apply_runs_the_function_once(mp, journal):
    with running(mp.Pool(2)) as pool:
        for number in range(5):
            pool.apply(note, (journal, number))
        pool.close()
        pool.join()
    assert journal.read() == list(range(5)), (
        f"apply() of 5 functions, one after another, on a Pool(2): those that ran are {journal.read()}"
    )


@verifies("pool.apply.raises-the-exception")
def test_apply_raises_what_the_function_raises(mp):
    with running(mp.Pool(1)) as pool, raises(Refused, "apply() of a function that raises Refused") as caught:
        pool.apply(refuse, (7,))
    assert caught.value.args == ("refused", 7), f"apply() raised {caught.value!r}, the function Refused('refused', 7)"


@verifies("pool.apply_async.returns-async-result")
def test_apply_async_returns_an_async_result(mp):
    with running(mp.Pool(1)) as pool:
        result = pool.apply_async(os.getpid)
        arrived(mp, result, "apply_async(os.getpid)")
        assert isinstance(result, mp.pool.AsyncResult), f"apply_async() returned {result!r}, which is no AsyncResult"


@verifies("pool.apply_async.returns-before-result")
def test_apply_async_returns_while_the_call_runs(mp, gate):
    with running(mp.Pool(1)) as pool:
        call = InThread(pool.apply_async, return_when_open, (gate, "late"))
        result = call.outcome("apply_async() of a function that waits for a gate")
        gate.open()
        answer = arrived(mp, result, "apply_async() of a function that waits for a gate, which is open now")
    assert answer == "late", f"get() returned {answer!r}, the function returned 'late'"


@verifies("pool.apply_async.passes-arguments")
def test_apply_async_passes_the_arguments(mp):
    with running(mp.Pool(1)) as pool:
        results = [
            pool.apply_async(arguments),
            pool.apply_async(arguments, ("a",)),
            pool.apply_async(arguments, ["a", "b"], {"c": 1}),
        ]
        answers = [arrived(mp, result, "apply_async() of a function that returns its arguments") for result in results]
    assert answers == [((), {}), (("a",), {}), (("a", "b"), {"c": 1})], (
        f"apply_async(f), apply_async(f, ('a',)) and apply_async(f, ['a', 'b'], {{'c': 1}}), where f returns its"
        f" arguments, gave {answers!r}"
    )


@verifies("pool.apply_async.results-belong-to-their-calls")
def test_each_of_many_results_is_that_of_its_call(mp):
    results = []

    def submit(numbers):
        for number in numbers:
            results.append((number, pool.apply_async(square, (number,))))

    with running(mp.Pool(2)) as pool:
        threads = [InThread(submit, range(start, 300, 3)) for start in range(3)]
        for thread in threads:
            thread.outcome("100 apply_async() in each of three threads")
        for number, result in reversed(results):
            answer = arrived(mp, result, f"apply_async(square, ({number},)), one of 300")
            assert answer == number * number, f"apply_async(square, ({number},)), one of 300: get() returned {answer!r}"


@verifies("pool.apply_async.callback-receives-the-result")
def test_the_callback_is_called_once_with_the_result(mp):
    called_back(mp, "apply_async", square, (3,)).check_success("apply_async(square, (3,))", 9)


@verifies("pool.apply_async.success-skips-error_callback")
def test_the_error_callback_is_not_called_after_a_success(mp):
    found = called_back(mp, "apply_async", square, (3,))
    assert not found.errors, f"apply_async(square, (3,), error_callback=f): f was called with {found.errors!r}"


@verifies("pool.apply_async.error_callback-receives-the-exception")
def test_the_error_callback_is_called_once_with_the_exception(mp):
    called_back(mp, "apply_async", refuse, (7,)).check_failure("apply_async() of a function that raises", 7)


@verifies("pool.apply_async.failure-skips-callback")
def test_the_callback_is_not_called_after_a_failure(mp):
    found = called_back(mp, "apply_async", refuse, (7,))
    assert not found.results, f"apply_async() of a function that raises called callback with {found.results!r}"


@verifies("pool.apply_async.ready-during-callback")
def test_whether_a_result_is_ready_while_its_callback_runs(mp, patience, observe):
    results, answers, submitted = [], [], threading.Event()

    def look(value):
        submitted.wait(patience.awaiting)
        answers.append(results[0].ready())

    with running(mp.Pool(1)) as pool:
        results.append(pool.apply_async(square, (3,), callback=look))
        submitted.set()
        patience.until(lambda: answers, "the callback of apply_async() is called")
    observe(f"ready() returns {answers[0]} while the callback runs")
