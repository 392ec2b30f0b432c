"""Mutants of process pools."""

from __future__ import annotations

import builtins
import multiprocessing
import multiprocessing.context
import multiprocessing.pool
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

from mutants import mutant, replace

UNSEEN = {
    "pool.map_async.callback-of-an-empty-map": "the standard library itself breaks it",
}

module: Any = multiprocessing.pool
BaseContext: Any = multiprocessing.context.BaseContext
Pool: Any = module.Pool
AsyncResult: Any = module.ApplyResult
IMapIterator: Any = module.IMapIterator
OurTimeoutError: Any = multiprocessing.TimeoutError

LONG = 60.0
"""Seconds, more than any test takes."""


class Wrapped:
    """Another object in its place, which does the same."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


# The pool and its workers.


@mutant("pool.workers.run-tasks-in-other-processes")
def apply_calls_the_function_here() -> None:
    @replace(Pool, "apply")
    def apply(original: Any, self: Any, func: Any, args: Any = (), kwds: Any = {}) -> Any:  # noqa: B006
        return func(*args, **kwds)


@mutant("pool.call.returns-a-pool")
def the_function_pool_returns_something_else() -> None:
    @replace(BaseContext, "Pool")
    def pool(original: Any, *args: Any, **kwargs: Any) -> Any:
        return Wrapped(original(*args, **kwargs))


@mutant("pool.call.uses-its-own-context", "pool.call.package-function-uses-the-default-context")
def pools_are_always_spawned() -> None:
    def pool(*args: Any, **kwargs: Any) -> Any:
        return Pool(*args, **kwargs, context=multiprocessing.get_context("spawn"))

    BaseContext.Pool = lambda self, *args, **kwargs: pool(*args, **kwargs)
    multiprocessing.Pool = pool


def pool_is_made_with(change: Callable[[dict[str, Any]], None]) -> None:
    """Change the arguments of the class Pool."""

    @replace(Pool, "__init__")
    def init(
        original: Any,
        self: Any,
        processes: Any = None,
        initializer: Any = None,
        initargs: Any = (),
        maxtasksperchild: Any = None,
        context: Any = None,
    ) -> None:
        given = {
            "processes": processes,
            "initializer": initializer,
            "initargs": initargs,
            "maxtasksperchild": maxtasksperchild,
            "context": context,
        }
        change(given)
        original(self, **given)


@mutant("pool.context.starts-the-workers")
def context_is_ignored() -> None:
    pool_is_made_with(lambda given: given.update(context=None))


@mutant("pool.processes.number-of-workers")
def one_worker_more() -> None:
    pool_is_made_with(lambda given: given.update(processes=given["processes"] + 1))


@mutant("pool.processes.number-of-workers")
def one_worker_less() -> None:
    pool_is_made_with(lambda given: given.update(processes=given["processes"] - 1))


@mutant("pool.processes.defaults-to-cpu-count")
def one_worker_too_many_by_default() -> None:
    pool_is_made_with(lambda given: given.update(processes=given["processes"] or (os.cpu_count() or 1) + 1))


@mutant("pool.processes.defaults-to-process-cpu-count")
def a_worker_for_each_processor_whether_it_may_be_used_or_not() -> None:
    pool_is_made_with(lambda given: given.update(processes=given["processes"] or os.cpu_count()))


@mutant("pool.initializer.no-arguments-by-default")
def initializer_gets_none_by_default() -> None:
    pool_is_made_with(lambda given: given.update(initargs=given["initargs"] or (None,)))


@mutant("pool.maxtasksperchild.none-keeps-workers")
def workers_are_replaced_now_and_then() -> None:
    pool_is_made_with(lambda given: given.update(maxtasksperchild=given["maxtasksperchild"] or 10))


def workers_run(change: Callable[..., None]) -> None:
    """Call ``change`` in the place of what workers run; under fork, they inherit it."""

    @replace(module, "worker")
    def worker(
        original: Any, inqueue: Any, outqueue: Any, initializer: Any, initargs: Any, maxtasks: Any, wrap: Any
    ) -> None:
        def run(initializer: Any = initializer, initargs: Any = initargs, maxtasks: Any = maxtasks) -> None:
            original(inqueue, outqueue, initializer, initargs, maxtasks, wrap)

        change(run, initializer, initargs, maxtasks)


@mutant("pool.initializer.called-once-in-each-worker")
def initializer_is_called_twice() -> None:
    def change(run: Any, initializer: Any, initargs: Any, maxtasks: Any) -> None:
        initializer(*initargs)
        run()

    workers_run(change)


@mutant("pool.initializer.precedes-tasks")
def initializer_is_called_at_the_end() -> None:
    def change(run: Any, initializer: Any, initargs: Any, maxtasks: Any) -> None:
        run(initializer=None)
        initializer(*initargs)

    workers_run(change)


@mutant("pool.initializer.none-calls-nothing")
def initargs_without_an_initializer_are_an_error() -> None:
    def change(run: Any, initializer: Any, initargs: Any, maxtasks: Any) -> None:
        if initializer is None and initargs:
            raise TypeError("nothing to call")
        run()

    workers_run(change)


@mutant("pool.initializer.called-in-replacements")
def replacements_call_no_initializer() -> None:
    original = Pool._maintain_pool

    def maintain(*args: Any) -> None:
        original(*args[:6], None, *args[7:])

    Pool._maintain_pool = staticmethod(maintain)


@mutant("pool.maxtasksperchild.worker-is-replaced")
def spent_workers_are_not_replaced() -> None:
    Pool._maintain_pool = staticmethod(lambda *args: None)


@mutant("pool.maxtasksperchild.limits-tasks-of-a-worker")
def workers_run_one_task_more() -> None:
    workers_run(lambda run, initializer, initargs, maxtasks: run(maxtasks=maxtasks + 1))


@mutant("pool.maxtasksperchild.spent-worker-exits")
def spent_workers_stay() -> None:
    def change(run: Any, initializer: Any, initargs: Any, maxtasks: Any) -> None:
        run()
        time.sleep(LONG)

    workers_run(change)


@mutant("pool.gc.calls-terminate")
def nothing_happens_when_the_pool_is_collected() -> None:
    @replace(Pool, "__init__")
    def init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self._terminate.cancel()


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


@mutant("pool.map.chunksize-sets-size", "pool.imap.chunksize-sets-size", "pool.imap_unordered.chunksize-sets-size")
def chunks_have_one_item() -> None:
    for name in ("map", "imap", "imap_unordered"):

        @replace(Pool, name)
        def method(original: Any, self: Any, func: Any, iterable: Any, chunksize: Any = None) -> Any:
            return original(self, func, iterable, 1)


@mutant("pool.imap.chunksize-sets-size", "pool.imap_unordered.chunksize-sets-size")
def there_is_one_chunk() -> None:
    for name in ("imap", "imap_unordered"):

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


@mutant("pool.map.iterable-error-is-raised", "pool.imap.iterable-error-is-raised")
def errors_of_the_iterable_are_lost() -> None:
    iterable_is(until_it_raises, "map", "imap")


@mutant("pool.starmap.unpacks-elements")
def starmap_does_not_unpack() -> None:
    Pool.starmap = Pool.map


# imap and imap_unordered.


@mutant("pool.imap.returns-an-iterator", "pool.imap_unordered.returns-an-iterator")
def imap_waits_for_all_results() -> None:
    result_is(lambda iterator: iter(list(iterator)), "imap", "imap_unordered")


@mutant("pool.imap.returns-an-iterator", "pool.imap_unordered.returns-an-iterator")
def imap_returns_what_can_be_iterated_over_and_is_no_iterator() -> None:
    class Iterable(Wrapped):
        def __iter__(self) -> Any:
            return iter(self.inner)

    result_is(Iterable, "imap", "imap_unordered")


def next_is(function: Callable[..., Any]) -> None:
    """Put a function in the place of next() of the iterators; it gets the original first."""
    original = IMapIterator.next

    def instead(self: Any, timeout: Any = None) -> Any:
        return function(original, self, timeout)

    IMapIterator.next = IMapIterator.__next__ = instead


@mutant("pool.imap.yields-results-as-they-come")
def results_are_held_back_until_all_are_there() -> None:
    def function(original: Any, self: Any, timeout: Any) -> Any:
        end = time.monotonic() + (LONG if timeout is None else timeout)
        while self._index != self._length:
            if time.monotonic() > end:
                raise OurTimeoutError
            time.sleep(0.01)
        return original(self, timeout)

    next_is(function)


@mutant("pool.imap.yields-before-the-iterable-ends")
def imap_reads_the_iterable_first() -> None:
    iterable_is(list, "imap")


@mutant("pool.imap.keeps-order")
def imap_is_unordered() -> None:
    Pool.imap = Pool.imap_unordered


@mutant("pool.imap.raises-the-exception", "pool.imap_unordered.raises-the-exception")
def next_returns_the_exception() -> None:
    def function(original: Any, self: Any, timeout: Any) -> Any:
        try:
            return original(self, timeout)
        except StopIteration:
            raise
        except Exception as error:  # noqa: BLE001 - whatever the call raised
            return error

    next_is(function)


@mutant("pool.imap.chunksize-defaults-to-one")
def imap_makes_chunks_of_three_by_default() -> None:
    @replace(Pool, "imap")
    def method(original: Any, self: Any, func: Any, iterable: Any, chunksize: Any = 3) -> Any:
        return original(self, func, iterable, chunksize)


@mutant("pool.imap.next-blocks-without-timeout")
def next_does_not_wait_by_default() -> None:
    next_is(lambda original, self, timeout: original(self, timeout or 0))


@mutant("pool.imap.next-timeout-raises", "pool.imap_unordered.next-timeout-raises")
def next_raises_the_built_in_timeout_error() -> None:
    def function(original: Any, self: Any, timeout: Any) -> Any:
        try:
            return original(self, timeout)
        except OurTimeoutError:
            raise builtins.TimeoutError from None

    next_is(function)


@mutant("pool.imap.next-timeout-is-not-cut-short", "pool.imap.next-timeout-returns-result-in-time")
def next_with_a_timeout_does_not_wait() -> None:
    next_is(lambda original, self, timeout: original(self, None if timeout is None else 0))


@mutant("pool.imap.result-survives-a-timeout")
def next_leaves_out_the_result_that_was_late() -> None:
    late: list[Any] = []

    def function(original: Any, self: Any, timeout: Any) -> Any:
        try:
            while late:
                late.pop()
                original(self, timeout)
            return original(self, timeout)
        except OurTimeoutError:
            late.append(None)
            raise

    next_is(function)


# close, terminate, join, with.


@mutant("pool.close.refuses-tasks")
def a_closed_pool_takes_tasks() -> None:
    Pool._check_running = lambda self: None


@mutant("pool.close.refuses-tasks")
def a_closed_pool_takes_tasks_of_imap() -> None:
    @replace(Pool, "imap")
    def imap(original: Any, self: Any, *args: Any) -> Any:
        return iter(()) if self._state != module.RUN else original(self, *args)


@mutant("pool.close.completes-submitted-tasks")
def close_terminates() -> None:
    Pool.close = Pool.terminate


@mutant("pool.close.workers-exit")
def close_only_shuts_the_door() -> None:
    @replace(Pool, "close")
    def close(original: Any, self: Any) -> None:
        self._state = module.CLOSE


def first_terminate_is(function: Callable[[Any], None]) -> None:
    """Put a function in the place of the first call of terminate(); the second is that of the test, to clean up."""
    called: list[Any] = []

    @replace(Pool, "terminate")
    def terminate(original: Any, self: Any) -> None:
        called.append(None)
        if len(called) == 1:
            function(self)
        else:
            original(self)


@mutant("pool.terminate.stops-workers", "pool.terminate.abandons-running-task")
def terminate_only_closes() -> None:
    first_terminate_is(lambda pool: pool.close())


@mutant("pool.terminate.abandons-waiting-tasks")
def terminate_lets_workers_be_replaced() -> None:
    def function(pool: Any) -> None:
        for worker in list(pool._pool):
            worker.terminate()
        time.sleep(1.0)  # for a replacement to begin a task

    first_terminate_is(function)


@mutant("pool.join.waits-for-workers")
def join_does_not_wait() -> None:
    Pool.join = lambda self: None


@mutant("pool.join.returns-after-terminate")
def join_waits_for_all_results() -> None:
    called: list[Any] = []

    @replace(Pool, "join")
    def join(original: Any, self: Any) -> None:
        if not called:
            called.append(None)
            while self._cache:
                time.sleep(0.01)
        original(self)


@mutant("pool.enter.returns-the-pool")
def enter_returns_another_object() -> None:
    Pool.__enter__ = lambda self: Wrapped(self)


@mutant("pool.exit.calls-terminate")
def exit_closes() -> None:
    Pool.__exit__ = lambda self, *args: self.close()


@mutant("pool.exit.calls-terminate")
def exit_does_nothing_after_an_exception() -> None:
    Pool.__exit__ = lambda self, *args: None if args[0] else self.terminate()


# AsyncResult.


def get_is(function: Callable[..., Any]) -> None:
    """Put a function in the place of get(); it gets the original first."""

    @replace(AsyncResult, "get")
    def get(original: Any, self: Any, timeout: Any = None) -> Any:
        return function(original, self, timeout)


@mutant("async_result.get.returns-the-result")
def get_returns_nothing() -> None:
    get_is(lambda original, self, timeout: original(self, timeout) and None)


@mutant("async_result.get.blocks-until-result")
def get_does_not_wait_by_default() -> None:
    get_is(lambda original, self, timeout: original(self, timeout or 0))


@mutant("async_result.get.timeout-raises")
def get_raises_the_built_in_timeout_error() -> None:
    def function(original: Any, self: Any, timeout: Any) -> Any:
        try:
            return original(self, timeout)
        except OurTimeoutError:
            raise builtins.TimeoutError from None

    get_is(function)


@mutant("async_result.get.timeout-is-not-cut-short", "async_result.get.timeout-returns-result-in-time")
def get_with_a_timeout_does_not_wait() -> None:
    get_is(lambda original, self, timeout: original(self, None if timeout is None else 0))


@mutant("async_result.get.result-survives-a-timeout")
def get_gives_up_for_good() -> None:
    def function(original: Any, self: Any, timeout: Any) -> Any:
        try:
            return original(self, timeout) if not hasattr(self, "late") else None
        except OurTimeoutError:
            self.late = True
            raise

    get_is(function)


@mutant("async_result.get.raises-the-exception")
def get_raises_another_exception() -> None:
    def function(original: Any, self: Any, timeout: Any) -> Any:
        try:
            return original(self, timeout)
        except Exception as error:
            raise RuntimeError("the call failed") from error

    get_is(function)


def wait_is(function: Callable[..., Any]) -> None:
    """Put a function in the place of wait(); it gets the original first. get() does not use it."""
    original = AsyncResult.wait
    original_get = AsyncResult.get

    def get(self: Any, timeout: Any = None) -> Any:
        original(self, timeout)
        return original_get(self, timeout)

    def wait(self: Any, timeout: Any = None) -> None:
        function(original, self, timeout)

    AsyncResult.get, AsyncResult.wait = get, wait


@mutant("async_result.wait.blocks-until-result")
def wait_does_not_wait_by_default() -> None:
    wait_is(lambda original, self, timeout: original(self, timeout or 0))


@mutant("async_result.wait.timeout-bounds-wait")
def wait_ignores_its_timeout() -> None:
    wait_is(lambda original, self, timeout: original(self))


@mutant("async_result.wait.timeout-bounds-wait")
def wait_is_cut_short() -> None:
    wait_is(lambda original, self, timeout: original(self, timeout and timeout / 100))


@mutant("async_result.wait.timeout-ends-early")
def wait_spends_its_timeout() -> None:
    wait_is(lambda original, self, timeout: time.sleep(timeout))


@mutant("async_result.wait.returns-after-failure")
def wait_raises_what_the_call_raised() -> None:
    def function(original: Any, self: Any, timeout: Any) -> None:
        original(self, timeout)
        if not self._success:
            raise self._value

    wait_is(function)


@mutant("async_result.ready.false-while-running")
def ready_is_always_true() -> None:
    AsyncResult.ready = lambda self: True


@mutant("async_result.ready.true-after-completion")
def a_failure_is_never_ready() -> None:
    @replace(AsyncResult, "ready")
    def ready(original: Any, self: Any) -> bool:
        return bool(original(self)) and self._success


@mutant("async_result.successful.true-after-return", "async_result.successful.false-after-exception")
def successful_is_the_other_way_round() -> None:
    @replace(AsyncResult, "successful")
    def successful(original: Any, self: Any) -> bool:
        return not original(self)


@mutant("async_result.successful.raises-valueerror-until-ready")
def successful_raises_assertion_error() -> None:
    @replace(AsyncResult, "successful")
    def successful(original: Any, self: Any) -> bool:
        try:
            return bool(original(self))
        except ValueError:
            raise AssertionError from None


@mutant("pool.example.from-the-documentation")
def the_timeout_of_next_has_another_name() -> None:
    original = IMapIterator.next

    def instead(self: Any, seconds: Any = None) -> Any:
        return original(self, seconds)

    IMapIterator.next = instead
