"""What must not hold up the results of other calls: odd exceptions, what cannot be pickled, callbacks that raise."""

from __future__ import annotations

from mpconform.kit import Task, promise, verifies
from mpconform.sections.process_pools.helpers import (
    CalledBack,
    Odd,
    Unpicklable,
    raise_it,
    raise_one_way,
    raise_with_unpicklable,
    return_unpicklable,
    running,
    settled,
    square,
)

BASE_EXCEPTIONS = [SystemExit("leaves"), KeyboardInterrupt(), Odd("odd")]


def fetched(pool, function, *args):
    """Begin to call a function in a worker, and to wait for its result."""
    return Task(lambda: pool.apply_async(function, args).get())


def check_others(others, after):
    """Check what became of calls of ``square`` with 0, 1, and so on, that were made after something odd."""
    for number, call in enumerate(others):
        assert call.is_done(), f"the result of square({number}), a call that was made after {after}, never comes"
        assert call.value == number * number, f"square({number}), called after {after}, {call.outcome()}"


@verifies(
    "async_result.get.raises-base-exceptions",
    "pool.apply_async.error_callback-receives-base-exceptions",
    "pool.map.raises-base-exceptions",
    "async_result.get.after-base-exceptions",
)
def test_exceptions_that_are_no_exception_are_raised_again(mp):
    with running(mp.Pool(2)) as pool:
        calls = [fetched(pool, raise_it, error) for error in BASE_EXCEPTIONS]
        called_back = CalledBack(pool, "apply_async", raise_it, (Odd("odd"),))
        mapped = Task(pool.map, raise_it, [SystemExit("leaves")])
        others = [fetched(pool, square, number) for number in range(3)]
        settled([*calls, mapped, *others])
        with promise("async_result.get.raises-base-exceptions"):
            for error, call in zip(BASE_EXCEPTIONS, calls, strict=True):
                what = f"get() of a call that raised {error!r}"
                assert call.is_done(), f"{what} waits for ever, promised is that it is raised again"
                assert type(call.error) is type(error) and call.error.args == error.args, (
                    f"{what} {call.outcome()}, promised is that it is raised again"
                )
        with promise("pool.apply_async.error_callback-receives-base-exceptions"):
            assert called_back.errors, "error_callback was not called when the function had raised Odd('odd')"
            [(args, _)] = called_back.errors
            assert isinstance(args[0], Odd), f"error_callback was called with {args!r}, raised was Odd('odd')"
        with promise("pool.map.raises-base-exceptions"):
            assert mapped.is_done(), "map() of a function that raised SystemExit waits for ever"
            assert isinstance(mapped.error, SystemExit), (
                f"map() of a function that raised SystemExit {mapped.outcome()}"
            )
        with promise("async_result.get.after-base-exceptions"):
            check_others(others, "some that raised SystemExit, KeyboardInterrupt and another BaseException")


@verifies("pool.imap.raises-base-exceptions")
def test_an_exception_that_is_no_exception_is_raised_by_an_iterator(mp):
    with running(mp.Pool(1)) as pool:
        call = Task(lambda: next(pool.imap(raise_it, [SystemExit("leaves")])))
        settled([call])
        assert call.is_done(), "next() of imap() of a function that raised SystemExit waits for ever"
        assert isinstance(call.error, SystemExit), (
            f"next() of imap() of a function that raised SystemExit {call.outcome()}"
        )


@verifies(
    "async_result.get.unpicklable-argument-raises",
    "async_result.get.unpicklable-result-raises",
    "async_result.get.unpicklable-exception-raises",
    "async_result.get.after-what-cannot-be-pickled",
)
def test_what_cannot_be_pickled_is_told_to_the_caller(mp):
    with running(mp.Pool(1)) as pool:
        calls = {
            "argument": fetched(pool, square, Unpicklable()),
            "result": fetched(pool, return_unpicklable, 3),
            "exception": fetched(pool, raise_with_unpicklable, 3),
        }
        others = [fetched(pool, square, number) for number in range(3)]
        settled([*calls.values(), *others])
        for what, call in calls.items():
            with promise(f"async_result.get.unpicklable-{what}-raises"):
                said = f"get() of a call whose {what} cannot be pickled"
                assert call.is_done(), f"{said} waits for ever"
                assert call.error, f"{said} {call.outcome()}, promised is that it raises an exception"
        with promise("async_result.get.after-what-cannot-be-pickled"):
            check_others(others, "some with an argument, a result and an exception that cannot be pickled")


@verifies("async_result.get.one-way-exception-raises", "async_result.get.after-a-one-way-exception")
def test_an_exception_that_cannot_be_unpickled_is_told_to_the_caller(mp):
    with running(mp.Pool(1)) as pool:
        call = fetched(pool, raise_one_way, 3)
        others = [fetched(pool, square, number) for number in range(3)]
        settled([call, *others])
        with promise("async_result.get.one-way-exception-raises"):
            said = "get() of a call that raised an exception that can be pickled, and not unpickled,"
            assert call.is_done(), f"{said} waits for ever"
            assert call.error, f"{said} {call.outcome()}, promised is that it raises an exception"
        with promise("async_result.get.after-a-one-way-exception"):
            check_others(others, "one that raised an exception that cannot be unpickled")


def raise_in_a_callback(value):
    raise RuntimeError(value)


@verifies("pool.apply_async.raising-callback-spares-others", "pool.apply_async.raising-error_callback-spares-others")
def test_results_come_after_a_callback_has_raised(mp):
    with running(mp.Pool(1)) as pool, running(mp.Pool(1)) as another:
        pool.apply_async(square, (3,), callback=raise_in_a_callback)
        another.apply_async(raise_it, (ValueError("odd"),), error_callback=raise_in_a_callback)
        others = {
            "callback": [fetched(pool, square, number) for number in range(3)],
            "error_callback": [fetched(another, square, number) for number in range(3)],
        }
        settled([*others["callback"], *others["error_callback"]])
        for name, calls in others.items():
            with promise(f"pool.apply_async.raising-{name}-spares-others"):
                check_others(calls, f"one whose {name} has raised an exception")
