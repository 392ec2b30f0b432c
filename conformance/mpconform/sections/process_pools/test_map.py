"""``map``, ``starmap``, and what their asynchronous variants give: many calls."""

from __future__ import annotations

from mpconform.kit import Task, promise, raises, verifies
from mpconform.sections.process_pools.helpers import (
    Refused,
    arrived,
    meet,
    pair,
    refuse_odd,
    refuse_pair,
    returned,
    running,
    square,
)


def broken_iterable():
    yield 1
    yield 2
    raise Refused("refused", "the third item")


@verifies(
    "pool.starmap.unpacks-elements",
    "pool.starmap_async.result-equals-starmap",
    "pool.map.returns-a-list",
    "pool.map.calls-func-once-per-item",
    "pool.map.runs-in-parallel",
)
def test_maps_call_once_for_each_item_and_in_parallel_and_return_a_list(mp, journal, latch, patience):
    with running(mp.Pool(2)) as pool:
        with promise("pool.starmap.unpacks-elements"):
            call = "starmap(f, [(1, 2), (3, 4)]), where f returns ('pair', *args),"
            answer = returned(Task(pool.starmap, pair, [(1, 2), (3, 4)]), call)
            assert answer == [("pair", 1, 2), ("pair", 3, 4)], f"{call} returned {answer!r}"
        with promise("pool.starmap_async.result-equals-starmap"):
            results = [pool.starmap_async(pair, elements, 2) for elements in ([(1, 2), [3, 4], "56"], [])]
            answers = [arrived(result, "starmap_async()") for result in results]
            assert answers == [[("pair", 1, 2), ("pair", 3, 4), ("pair", "5", "6")], []], (
                f"starmap_async(f, [(1, 2), [3, 4], '56'], 2) and starmap_async(f, [], 2), where f returns ('pair',"
                f" *args), gave {answers!r}"
            )
        with promise("pool.map.returns-a-list"):
            answer = pool.map(square, range(3))
            assert type(answer) is list, f"map(square, range(3)) returned {answer!r} of type {type(answer)}"
            assert answer == [0, 1, 4], f"map(square, range(3)) returned {answer!r}"
        with promise("pool.map.calls-func-once-per-item"):
            call = "map(f, range(30), chunksize=4)"
            pool.map(journal.write, range(30), chunksize=4)
            patience.never(lambda: len(journal.read()) > 30, f"{call} calls f more than 30 times")
            found = sorted(journal.read())
            assert found == list(range(30)), f"{call} called f with {found!r}"
        with promise("pool.map.runs-in-parallel"):
            answer = returned(Task(pool.map, meet, [latch, latch], 1), "map() of two calls that wait for each other")
            assert answer == ["met", "met"], (
                f"map() of two calls that wait for each other, on a Pool(2), returned {answer!r}"
            )


FAILING = {
    "map": lambda pool: pool.map(refuse_odd, [0, 2, 3, 4]),
    "map_async": lambda pool: pool.map_async(refuse_odd, [0, 2, 3, 4]).get(),
    "starmap": lambda pool: pool.starmap(refuse_pair, [(3, 3)]),
    "starmap_async": lambda pool: pool.starmap_async(refuse_pair, [(3, 3)]).get(),
}
"""Calls of which one call of the function raises ``Refused``, with an argument of 3 or two."""


@verifies(
    "pool.map.iterable-error-is-raised",
    "pool.map.raises-the-exception",
    "pool.map_async.raises-the-exception",
    "pool.starmap.raises-the-exception",
    "pool.starmap_async.raises-the-exception",
    "pool.map.several-failures",
)
def test_what_a_call_or_the_iterable_raises_is_raised(mp):
    with running(mp.Pool(1)) as pool:
        call = "map() of an iterable that raises after two items"
        with promise("pool.map.iterable-error-is-raised"), raises(Refused, call):
            Task(pool.map, square, broken_iterable()).result(f"{call} comes to its end")
        for method, function in FAILING.items():
            with promise(f"pool.{method}.raises-the-exception"):
                call = f"{method}() of a function that raises for one item" + ", and get()" * method.endswith("async")
                with raises(Refused, call) as caught:
                    Task(function, pool).result(f"{call} comes to its end")
                assert caught.value.args in [("refused", 3), ("refused", (3, 3))], (
                    f"{call} raised {caught.value!r}, the function Refused('refused', ...) with its arguments"
                )
        with promise("pool.map.several-failures"):
            call = "map() of a function that raises for two of four items"
            with raises(Refused, call) as caught:
                Task(pool.map, refuse_odd, [0, 5, 3, 4], 1).result(f"{call} comes to its end")
            assert caught.value.args in [("refused", 5), ("refused", 3)], (
                f"{call} raised {caught.value!r}, the function Refused('refused', 5) and Refused('refused', 3)"
            )
        arrived(pool.apply_async(square, (3,)), "a last call")  # so that nothing else is left when the pool ends


@verifies("pool.map.which-of-several-failures")
def test_which_of_several_exceptions_map_raises(mp, observe):
    with running(mp.Pool(1)) as pool:
        with raises(Refused, "map() of a function that raises for two items") as caught:
            pool.map(refuse_odd, [0, 5, 3, 4], chunksize=1)
        pool.map(square, (3,))  # so that nothing of the other map is left when the pool ends
    observe(f"map() raises the exception of the {'first' if caught.value.args[1] == 5 else 'second'} call that failed")
