"""``map`` and ``starmap``, and their asynchronous variants: many calls in chunks."""

from __future__ import annotations

from mpconform.kit import raises, verifies
from mpconform.sections.process_pools.helpers import (
    Callbacks,
    InThread,
    Refused,
    arrived,
    called_back,
    meet,
    pair,
    process_of,
    refuse_odd,
    refuse_pair,
    running,
    runs,
    square,
    square_of_task,
    square_when_open,
)


def broken_iterable():
    yield 1
    yield 2
    raise Refused("refused", "the third item")


@verifies("pool.map.returns-a-list")
def test_map_returns_a_list(mp):
    with running(mp.Pool(1)) as pool:
        answer = pool.map(square, range(3))
    assert type(answer) is list, f"map(square, range(3)) returned {answer!r} of type {type(answer)}"
    assert answer == [0, 1, 4], f"map(square, range(3)) returned {answer!r}"


@verifies("pool.map.blocks-until-result")
def test_map_returns_when_the_last_call_is_complete(mp, gate, latch):
    with running(mp.Pool(1)) as pool:
        call = InThread(pool.map, square_of_task, [(2,), (3, gate, latch)], 1)
        latch.wait(1, "task that map() runs")
        gate.open()
        answer = call.outcome("map() of two calls, one of which returns when a gate is open")
    assert answer == [4, 9], f"map() of the squares of 2 and 3, one of which was late, returned {answer!r}"


@verifies("pool.map.calls-func-once-per-item")
def test_map_calls_the_function_once_for_each_item(mp, journal):
    with running(mp.Pool(2)) as pool:
        pool.map(journal.write, range(30), chunksize=4)
        pool.close()
        pool.join()
    found = sorted(journal.read())
    assert found == list(range(30)), f"map(f, range(30), chunksize=4) called f with {found!r}"


@verifies("pool.map.runs-in-parallel")
def test_map_runs_chunks_at_the_same_time(mp, latch):
    with running(mp.Pool(2)) as pool:
        answer = pool.map(meet, [latch, latch], chunksize=1)
    assert answer == ["met", "met"], f"map() of two calls that wait for each other, on a Pool(2), returned {answer!r}"


@verifies("pool.map.raises-the-exception")
def test_map_raises_what_a_call_raises(mp):
    with running(mp.Pool(1)) as pool, raises(Refused, "map() of a function that raises for one item") as caught:
        pool.map(refuse_odd, [0, 2, 3, 4])
    assert caught.value.args == ("refused", 3), f"map() raised {caught.value!r}, the function Refused('refused', 3)"


@verifies("pool.map.several-failures")
def test_which_of_several_exceptions_map_raises(mp, observe):
    with running(mp.Pool(1)) as pool:
        with raises(Refused, "map() of a function that raises for two items") as caught:
            pool.map(refuse_odd, [0, 5, 3, 4], chunksize=1)
        pool.apply(square, (3,))  # so that nothing of the map is left when the pool ends
    observe(f"map() raises the exception of the {'first' if caught.value.args[1] == 5 else 'second'} call that failed")


@verifies("pool.map.iterable-error-is-raised")
def test_map_raises_what_the_iterable_raises(mp):
    with running(mp.Pool(1)) as pool, raises(Refused, "map() of an iterable that raises after two items"):
        pool.map(square, broken_iterable())


@verifies("pool.map.chunks-are-separate-tasks")
def test_each_chunk_of_map_is_a_task(mp):
    with running(mp.Pool(1, maxtasksperchild=1)) as pool:
        processes = pool.map(process_of, range(4), chunksize=2)
    assert len(set(processes)) > 1, (
        "map(f, range(4), chunksize=2) on a Pool(1, maxtasksperchild=1) ran in one process, promised is that the chunks"
        " are separate tasks"
    )


@verifies("pool.map.chunksize-sets-size")
def test_the_chunks_of_map_have_about_the_given_size(mp):
    with running(mp.Pool(1, maxtasksperchild=1)) as pool:
        sizes = runs(pool.map(process_of, range(12), chunksize=4))
    assert all(size <= 8 for size in sizes) and len(sizes) <= 6, (
        f"map(f, range(12), chunksize=4) ran chunks of the sizes {sizes}, promised is about 4"
    )


@verifies("pool.map_async.returns-async-result")
def test_map_async_returns_an_async_result(mp):
    with running(mp.Pool(1)) as pool:
        result = pool.map_async(square, range(3))
        arrived(mp, result, "map_async(square, range(3))")
        assert isinstance(result, mp.pool.AsyncResult), f"map_async() returned {result!r}, which is no AsyncResult"


@verifies("pool.map_async.returns-before-result")
def test_map_async_returns_while_calls_run(mp, gate):
    with running(mp.Pool(1)) as pool:
        call = InThread(pool.map_async, square_of_task, [(2,), (3, gate)])
        result = call.outcome("map_async() of a function that waits for a gate")
        gate.open()
        answer = arrived(mp, result, "map_async() of a function that waits for a gate, which is open now")
    assert answer == [4, 9], f"map_async() of the squares of 2 and 3, one of which was late, gave {answer!r}"


@verifies("pool.map_async.callback-receives-the-result")
def test_the_callback_of_map_async_is_called_once_with_all_results(mp):
    found = called_back(mp, "map_async", square, range(5), 2)
    found.check_success("map_async(square, range(5), 2)", [0, 1, 4, 9, 16])


@verifies("pool.map_async.callback-of-an-empty-map")
def test_the_callback_of_map_async_is_called_for_an_empty_iterable(mp, patience):
    with running(mp.Pool(1)) as pool:
        callbacks, later = Callbacks(), Callbacks()
        result = pool.map_async(square, [], callback=callbacks.succeeded)
        answer = arrived(mp, result, "map_async(square, [])")
        assert answer == [], f"get() of map_async(square, []) returned {answer!r}"
        pool.apply_async(square, (3,), callback=later.succeeded)
        patience.until(later.called, "the callback of a call after map_async(square, []) is called")
    callbacks.check_success("map_async(square, []), whose result has been ready for long", [])


@verifies("pool.map_async.success-skips-error_callback")
def test_the_error_callback_of_map_async_is_not_called_after_a_success(mp):
    found = called_back(mp, "map_async", square, range(5), 2)
    assert not found.errors, f"map_async(square, range(5), 2, error_callback=f): f was called with {found.errors!r}"


@verifies("pool.map_async.error_callback-receives-the-exception")
def test_the_error_callback_of_map_async_is_called_once_with_the_exception(mp):
    found = called_back(mp, "map_async", refuse_odd, [0, 2, 3, 4], 1)
    found.check_failure("map_async() of a function that raises for one item", 3)


@verifies("pool.map_async.failure-skips-callback")
def test_the_callback_of_map_async_is_not_called_after_a_failure(mp):
    found = called_back(mp, "map_async", refuse_odd, [0, 2, 3, 4], 1)
    assert not found.results, (
        f"map_async() of a function that raises for one item called callback with {found.results!r}"
    )


@verifies("pool.starmap.unpacks-elements")
def test_starmap_unpacks_the_elements(mp):
    with running(mp.Pool(1)) as pool:
        answer = pool.starmap(pair, [(1, 2), (3, 4)])
    assert answer == [("pair", 1, 2), ("pair", 3, 4)], (
        f"starmap(f, [(1, 2), (3, 4)]), where f returns ('pair', *args), returned {answer!r}"
    )


@verifies("pool.starmap.blocks-until-result")
def test_starmap_returns_when_the_last_call_is_complete(mp, gate, latch):
    with running(mp.Pool(1)) as pool:
        call = InThread(pool.starmap, square_when_open, [(2,), (3, gate, latch)], 1)
        latch.wait(1, "task that starmap() runs")
        gate.open()
        answer = call.outcome("starmap() of two calls, one of which returns when a gate is open")
    assert answer == [4, 9], f"starmap() of the squares of 2 and 3, one of which was late, returned {answer!r}"


@verifies("pool.starmap.raises-the-exception")
def test_starmap_raises_what_a_call_raises(mp):
    with running(mp.Pool(1)) as pool, raises(Refused, "starmap() of a function that raises") as caught:
        pool.starmap(refuse_pair, [(1, 2)])
    assert caught.value.args == ("refused", (1, 2)), (
        f"starmap() raised {caught.value!r}, the function Refused('refused', (1, 2))"
    )


@verifies("pool.starmap_async.returns-async-result")
def test_starmap_async_returns_an_async_result(mp):
    with running(mp.Pool(1)) as pool:
        result = pool.starmap_async(pair, [(1, 2)])
        arrived(mp, result, "starmap_async(f, [(1, 2)])")
        assert isinstance(result, mp.pool.AsyncResult), f"starmap_async() returned {result!r}, which is no AsyncResult"


@verifies("pool.starmap_async.result-equals-starmap")
def test_starmap_async_unpacks_the_elements(mp):
    with running(mp.Pool(1)) as pool:
        results = [pool.starmap_async(pair, elements, 2) for elements in ([(1, 2), [3, 4], "56"], [])]
        answers = [arrived(mp, result, "starmap_async()") for result in results]
    assert answers == [[("pair", 1, 2), ("pair", 3, 4), ("pair", "5", "6")], []], (
        f"starmap_async(f, [(1, 2), [3, 4], '56'], 2) and starmap_async(f, [], 2), where f returns ('pair', *args),"
        f" gave {answers!r}"
    )


@verifies("pool.starmap_async.returns-before-result")
def test_starmap_async_returns_while_calls_run(mp, gate):
    with running(mp.Pool(1)) as pool:
        call = InThread(pool.starmap_async, square_when_open, [(2,), (3, gate)])
        result = call.outcome("starmap_async() of a function that waits for a gate")
        gate.open()
        answer = arrived(mp, result, "starmap_async() of a function that waits for a gate, which is open now")
    assert answer == [4, 9], f"starmap_async() of the squares of 2 and 3, one of which was late, gave {answer!r}"


@verifies("pool.starmap_async.callback-receives-the-result")
def test_the_callback_of_starmap_async_is_called_once_with_all_results(mp):
    found = called_back(mp, "starmap_async", pair, [(1, 2), (3, 4)], 1)
    found.check_success("starmap_async(f, [(1, 2), (3, 4)], 1)", [("pair", 1, 2), ("pair", 3, 4)])
    assert not found.errors, f"starmap_async() of a function that returns called error_callback with {found.errors!r}"


@verifies("pool.starmap_async.error_callback-receives-the-exception")
def test_the_error_callback_of_starmap_async_is_called_once_with_the_exception(mp):
    found = called_back(mp, "starmap_async", refuse_pair, [(1, 2)])
    found.check_failure("starmap_async() of a function that raises", (1, 2))
    assert not found.results, f"starmap_async() of a function that raises called callback with {found.results!r}"
