"""Mutants of apply, map, imap and their kin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mutants import mutant, replace
from mutants.process_pools.common import (
    AsyncResult,
    Pool,
    module,
)

# apply and apply_async.


def apply_is(function: Callable[..., Any]) -> None:
    """Put a function in the place of apply; it gets the original with its arguments filled in."""

    @replace(Pool, "apply")
    def apply(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        return function(lambda: original(self, *args, **kwargs))


@mutant("pool.apply.returns-the-result")
def apply_returns_nothing() -> None:
    apply_is(lambda call: call() and None)


@mutant("pool.apply.without-arguments")
def apply_passes_none_by_default() -> None:
    @replace(Pool, "apply")
    def apply(original: Any, self: Any, func: Any, args: Any = (None,), kwds: Any = {}) -> Any:  # noqa: B006
        return original(self, func, args, kwds)


@mutant("pool.apply.blocks-until-result")
def apply_gives_up() -> None:
    @replace(Pool, "apply")
    def apply(original: Any, self: Any, *args: Any) -> Any:
        result = self.apply_async(*args)
        return result.get() if result.ready() else None


@mutant("pool.apply.runs-in-one-worker")
def apply_runs_the_function_twice() -> None:
    apply_is(lambda call: (call(), call())[0])


def returning_errors(call: Callable[[], Any]) -> Any:
    """Return the result of a call, or its exception."""
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - whatever the call raises
        return error


@mutant("pool.apply.raises-the-exception")
def apply_returns_the_exception() -> None:
    apply_is(returning_errors)


@mutant("pool.apply.picklable-object-arrives-equal")
def apply_takes_false_for_nothing() -> None:
    apply_is(lambda call: call() or None)


@mutant(
    "pool.apply_async.returns-async-result",
    "pool.map_async.returns-async-result",
    "pool.starmap_async.returns-async-result",
)
def another_class_is_called_async_result() -> None:
    module.AsyncResult = type("AsyncResult", (), {})


def asynchronous(change: Callable[[Any, Callable[[], Any]], Any]) -> None:
    """Change what the asynchronous methods return."""
    for name in ("apply_async", "map_async", "starmap_async"):

        @replace(Pool, name)
        def method(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
            return change(self, lambda: original(self, *args, **kwargs))


@mutant(
    "pool.apply_async.returns-before-result",
    "pool.map_async.returns-before-result",
    "pool.starmap_async.returns-before-result",
)
def asynchronous_methods_wait() -> None:
    def change(pool: Any, call: Any) -> Any:
        result = call()
        result.wait()
        return result

    asynchronous(change)


@mutant("pool.apply_async.passes-arguments")
def apply_async_forgets_keyword_arguments() -> None:
    @replace(Pool, "apply_async")
    def apply_async(original: Any, self: Any, func: Any, args: Any = (), kwds: Any = None) -> Any:
        return original(self, func, args)


@mutant("pool.apply_async.results-belong-to-their-calls")
def some_results_are_those_of_the_call_before() -> None:
    results: list[Any] = []

    def change(pool: Any, call: Any) -> Any:
        results.append(call())
        return results[-2] if len(results) % 50 == 0 else results[-1]

    asynchronous(change)


def callbacks_are(change: Callable[[Any, Any], tuple[Any, Any]]) -> None:
    """Change the two callbacks of a result."""

    @replace(AsyncResult, "__init__")
    def init(original: Any, self: Any, pool: Any, callback: Any, error_callback: Any) -> None:
        if callback and error_callback:
            callback, error_callback = change(callback, error_callback)
        original(self, pool, callback, error_callback)


@mutant(
    "pool.apply_async.callback-receives-the-result",
    "pool.map_async.callback-receives-the-result",
    "pool.starmap_async.callback-receives-the-result",
)
def callback_is_called_twice() -> None:
    callbacks_are(lambda callback, error_callback: (lambda value: (callback(value), callback(value)), error_callback))


@mutant(
    "pool.apply_async.error_callback-receives-the-exception",
    "pool.map_async.error_callback-receives-the-exception",
    "pool.starmap_async.error_callback-receives-the-exception",
)
def error_callback_receives_a_text() -> None:
    callbacks_are(lambda callback, error_callback: (callback, lambda error: error_callback(str(error))))


@mutant("pool.apply_async.failure-skips-callback", "pool.map_async.failure-skips-callback")
def callback_is_called_after_a_failure() -> None:
    callbacks_are(lambda callback, error_callback: (callback, lambda error: (error_callback(error), callback(error))))


@mutant("pool.apply_async.success-skips-error_callback", "pool.map_async.success-skips-error_callback")
def error_callback_is_called_after_a_success() -> None:
    callbacks_are(
        lambda callback, error_callback: (lambda value: (callback(value), error_callback(value)), error_callback)
    )


# map and starmap.


def result_is(change: Callable[[Any], Any], *names: str) -> None:
    """Change the result of methods of a pool."""
    for name in names:

        @replace(Pool, name)
        def method(original: Any, *args: Any, **kwargs: Any) -> Any:
            return change(original(*args, **kwargs))


def iterable_is(change: Callable[[Any], Any], *names: str) -> None:
    """Change the iterable that methods of a pool take."""
    for name in names:

        @replace(Pool, name)
        def method(original: Any, self: Any, func: Any, iterable: Any, *args: Any, **kwargs: Any) -> Any:
            return original(self, func, change(iterable), *args, **kwargs)


@mutant(
    "pool.map.equals-builtin-map",
    "pool.map_async.result-equals-map",
    "pool.imap.equals-builtin-map",
    "pool.imap_unordered.one-worker-keeps-order",
    "pool.starmap.any-iterables",
    "pool.starmap_async.result-equals-starmap",
)
def the_order_is_reversed() -> None:
    iterable_is(
        lambda iterable: list(iterable)[::-1],
        "map",
        "map_async",
        "imap",
        "imap_unordered",
        "starmap",
        "starmap_async",
    )


@mutant("pool.imap_unordered.same-results-in-any-order")
def the_last_of_many_items_is_forgotten() -> None:
    iterable_is(lambda iterable: list(iterable)[:9], "imap_unordered")


@mutant("pool.map.returns-a-list")
def map_returns_a_tuple() -> None:
    result_is(tuple, "map")


@mutant("pool.map.blocks-until-result", "pool.starmap.blocks-until-result")
def map_does_not_wait_for_the_last_chunk() -> None:
    for name in ("map", "starmap"):

        @replace(Pool, name)
        def method(original: Any, self: Any, *args: Any, name: str = name) -> Any:
            result = getattr(self, name + "_async")(*args)
            result.wait(0)
            return list(result._value)


@mutant("pool.map.calls-func-once-per-item")
def map_runs_everything_twice() -> None:
    @replace(Pool, "map")
    def method(original: Any, *args: Any, **kwargs: Any) -> Any:
        original(*args, **kwargs)
        return original(*args, **kwargs)


@mutant("pool.map.runs-in-parallel", "pool.map.chunks-are-separate-tasks", "pool.map.chunksize-sets-size")
def map_makes_one_chunk() -> None:
    @replace(Pool, "map")
    def method(original: Any, self: Any, func: Any, iterable: Any, chunksize: Any = None) -> Any:
        return original(self, func, iterable, 1000)


@mutant(
    "pool.map.chunksize-sets-size",
    "pool.imap.chunksize-sets-size",
    "pool.imap_unordered.chunksize-sets-size",
    "pool.map_async.chunksize-sets-size",
    "pool.starmap.chunksize-sets-size",
    "pool.starmap_async.chunksize-sets-size",
)
def chunks_have_one_item() -> None:
    for name in ("map", "map_async", "starmap", "starmap_async", "imap", "imap_unordered"):

        @replace(Pool, name)
        def method(original: Any, self: Any, func: Any, iterable: Any, chunksize: Any = None) -> Any:
            return original(self, func, iterable, 1)


@mutant(
    "pool.imap.chunksize-sets-size",
    "pool.imap_unordered.chunksize-sets-size",
    "pool.map_async.chunksize-sets-size",
    "pool.starmap.chunksize-sets-size",
    "pool.starmap_async.chunksize-sets-size",
)
def there_is_one_chunk() -> None:
    for name in ("map_async", "starmap", "starmap_async", "imap", "imap_unordered"):

        @replace(Pool, name)
        def method(original: Any, self: Any, func: Any, iterable: Any, chunksize: Any = None) -> Any:
            return original(self, func, iterable, 1000)


@mutant("pool.map.raises-the-exception", "pool.starmap.raises-the-exception")
def map_returns_the_exception() -> None:
    for name in ("map", "starmap"):

        @replace(Pool, name)
        def method(original: Any, *args: Any) -> Any:
            return returning_errors(lambda: original(*args))


def until_it_raises(iterable: Any) -> Iterator[Any]:
    """Give what an iterable gives, and end where it raises."""
    try:
        yield from iterable
    except Exception:  # noqa: BLE001 - whatever the iterable raises
        pass


@mutant(
    "pool.map.iterable-error-is-raised",
    "pool.imap.iterable-error-is-raised",
    "pool.imap_unordered.iterable-error-is-raised",
)
def errors_of_the_iterable_are_lost() -> None:
    iterable_is(until_it_raises, "map", "imap", "imap_unordered")


@mutant("pool.starmap.unpacks-elements")
def starmap_does_not_unpack() -> None:
    Pool.starmap = Pool.map
