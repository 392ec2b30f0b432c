"""``callback`` and ``error_callback`` of the asynchronous methods."""

from __future__ import annotations

import threading

from mpconform.kit import promise, verifies
from mpconform.sections.process_pools.helpers import (
    CalledBack,
    arrived,
    called_back,
    pair,
    refuse,
    refuse_odd,
    refuse_pair,
    running,
    same,
    square,
)


@verifies(
    "pool.apply_async.callback-receives-the-result",
    "pool.apply_async.success-skips-error_callback",
    "pool.apply_async.error_callback-receives-the-exception",
    "pool.apply_async.failure-skips-callback",
    "pool.map_async.callback-receives-the-result",
    "pool.map_async.success-skips-error_callback",
    "pool.map_async.error_callback-receives-the-exception",
    "pool.map_async.failure-skips-callback",
    "pool.starmap_async.callback-receives-the-result",
    "pool.starmap_async.error_callback-receives-the-exception",
)
def test_the_callback_is_called_once_with_the_result_or_the_error_callback_with_the_exception(mp):
    with running(mp.Pool(1)) as pool:
        of_apply, of_map, of_starmap, failing_apply, failing_map, failing_starmap = called_back(
            pool,
            ("apply_async", square, (3,)),
            ("map_async", square, range(5), 2),
            ("starmap_async", pair, [(1, 2), (3, 4)], 1),
            ("apply_async", refuse, (7,)),
            ("map_async", refuse_odd, [0, 2, 3, 4], 1),
            ("starmap_async", refuse_pair, [(1, 2)]),
        )
    with promise("pool.apply_async.callback-receives-the-result"):
        of_apply.check_success(9)
    with promise("pool.apply_async.success-skips-error_callback"):
        assert not of_apply.errors, (
            f"apply_async(square, (3,), error_callback=f): f was called with {of_apply.errors!r}"
        )
    with promise("pool.map_async.callback-receives-the-result"):
        of_map.check_success([0, 1, 4, 9, 16])
    with promise("pool.map_async.success-skips-error_callback"):
        assert not of_map.errors, (
            f"map_async(square, range(5), 2, error_callback=f): f was called with {of_map.errors!r}"
        )
    with promise("pool.starmap_async.callback-receives-the-result"):
        of_starmap.check_success([("pair", 1, 2), ("pair", 3, 4)])
        assert not of_starmap.errors, (
            f"starmap_async() of a function that returns called error_callback with {of_starmap.errors!r}"
        )
    with promise("pool.apply_async.error_callback-receives-the-exception"):
        failing_apply.check_failure(7)
    with promise("pool.apply_async.failure-skips-callback"):
        assert not failing_apply.results, (
            f"apply_async() of a function that raises called callback with {failing_apply.results!r}"
        )
    with promise("pool.map_async.error_callback-receives-the-exception"):
        failing_map.check_failure(3)
    with promise("pool.map_async.failure-skips-callback"):
        assert not failing_map.results, (
            f"map_async() of a function that raises for one item called callback with {failing_map.results!r}"
        )
    with promise("pool.starmap_async.error_callback-receives-the-exception"):
        failing_starmap.check_failure((1, 2))
        assert not failing_starmap.results, (
            f"starmap_async() of a function that raises called callback with {failing_starmap.results!r}"
        )


@verifies("pool.map_async.callback-of-an-empty-map")
def test_the_callback_of_map_async_is_called_for_an_empty_iterable(mp, patience):
    results = []
    with running(mp.Pool(1)) as pool:
        result = pool.map_async(square, [], callback=results.append)
        answer = arrived(result, "map_async(square, [])")
        assert answer == [], f"get() of map_async(square, []) returned {answer!r}"
        later = CalledBack(pool, "apply_async", same, (1,))
        patience.until(later.is_over, "the callback of a call after map_async(square, []) is called")
    assert results == [[]], (
        f"map_async(square, [], callback=f), whose result has been ready for long: f was called with {results!r} in"
        " turn, promised is once, with []"
    )


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
