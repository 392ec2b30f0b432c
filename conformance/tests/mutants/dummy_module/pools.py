"""Mutants of the dummy module: pools."""

from __future__ import annotations

import multiprocessing
import multiprocessing.pool
import os
import time
from typing import Any

from mutants import mutant, replace
from mutants.dummy_module.threads import DUMMY, late, otherwise

POOL: Any = multiprocessing.pool
"""The module, whose classes are changed one by one."""

ThreadPool: Any = multiprocessing.pool.ThreadPool
Pool: Any = multiprocessing.pool.Pool


@mutant("dummy.pool.runs-tasks-in-threads")
def apply_runs_the_task_itself() -> None:
    @replace(Pool, "apply")
    def apply(original: Any, self: Any, function: Any, args: Any = ()) -> Any:
        return function(*args)


@mutant("dummy.pool.has-all-methods")
def starmap_does_not_unpack() -> None:
    Pool.starmap = Pool.map


@mutant("dummy.pool.raises-the-exception")
def the_exception_is_copied() -> None:
    @replace(Pool, "apply")
    def apply(original: Any, *args: Any) -> Any:
        try:
            return original(*args)
        except ValueError as error:
            raise ValueError(*error.args) from None


@mutant("dummy.pool.is-a-thread-pool")
def the_pool_is_one_of_processes() -> None:
    DUMMY.Pool = multiprocessing.Pool


@mutant("dummy.thread_pool.is-a-pool")
def a_thread_pool_is_no_pool() -> None:
    POOL.ThreadPool = type("ThreadPool", (), {})


@mutant("dummy.thread_pool.number-of-threads")
def there_is_one_thread() -> None:
    @replace(ThreadPool, "__init__")
    def init(original: Any, self: Any, processes: int | None = None, *args: Any, **kwargs: Any) -> None:
        original(self, 1, *args, **kwargs)


@mutant("dummy.thread_pool.defaults-to-cpu-count")
def the_default_is_one_thread() -> None:
    @replace(ThreadPool, "__init__")
    def init(original: Any, self: Any, processes: int | None = None, *args: Any, **kwargs: Any) -> None:
        original(self, processes or 1, *args, **kwargs)


@mutant("dummy.thread_pool.defaults-to-process-cpu-count")
def the_default_is_that_of_the_system() -> None:
    @replace(ThreadPool, "__init__")
    def init(original: Any, self: Any, processes: int | None = None, *args: Any, **kwargs: Any) -> None:
        original(self, processes or os.cpu_count(), *args, **kwargs)


@mutant("dummy.thread_pool.initializer-in-each-thread")
def initargs_are_ignored() -> None:
    @replace(ThreadPool, "__init__")
    def init(
        original: Any, self: Any, processes: int | None = None, initializer: Any = None, initargs: Any = ()
    ) -> None:
        original(self, processes, initializer)


@mutant("dummy.thread_pool.refuses-other-arguments")
def other_arguments_are_ignored() -> None:
    @replace(ThreadPool, "__init__")
    def init(original: Any, self: Any, processes: int | None = None, **kwargs: Any) -> None:
        original(self, processes)


@mutant("dummy.thread_pool.with-statement-ends-it")
def the_with_statement_does_nothing() -> None:
    @replace(Pool, "__exit__")
    def leave(original: Any, self: Any, *args: Any) -> None:
        pass


@mutant("dummy.thread_pool.close-completes-and-ends-it")
def close_terminates() -> None:
    Pool.close = Pool.terminate


@mutant("dummy.pool.timeouts-run-out")
def results_wait_too_long() -> None:
    otherwise(multiprocessing.pool.ApplyResult, "wait", late)


@mutant("dummy.pool.timeouts-run-out")
def results_wait_half_their_timeout() -> None:
    otherwise(multiprocessing.pool.ApplyResult, "wait", lambda timeout: timeout / 2)


@mutant("dummy.pool.timeouts-run-out")
def next_waits_too_long() -> None:
    otherwise(multiprocessing.pool.IMapIterator, "next", late)


@mutant("dummy.pool.timeouts-run-out")
def results_raise_the_other_timeout_error() -> None:
    POOL.TimeoutError = TimeoutError


def another_number(change: Any) -> None:
    """Start another number of threads than is given or, if none is, promised."""

    @replace(ThreadPool, "__init__")
    def init(original: Any, self: Any, processes: int | None = None, *args: Any, **kwargs: Any) -> None:
        original(self, change(processes), *args, **kwargs)


@mutant("dummy.thread_pool.number-of-threads")
def there_is_one_thread_more() -> None:
    another_number(lambda processes: processes and processes + 1)


@mutant("dummy.thread_pool.defaults-to-cpu-count")
def the_default_is_one_thread_more() -> None:
    another_number(lambda processes: processes or (os.cpu_count() or 1) + 1)


@mutant("dummy.thread_pool.defaults-to-cpu-count")
def the_default_is_what_the_process_may_use() -> None:
    another_number(lambda processes: processes or len(os.sched_getaffinity(0)))


@mutant("dummy.thread_pool.initializer-in-each-thread")
def the_initializer_is_called_twice() -> None:
    calls_the_initializer(lambda initializer: lambda *args: (initializer(*args), initializer(*args)))


@mutant("dummy.thread_pool.initializer-in-each-thread")
def the_initializer_is_called_in_one_thread() -> None:
    def once(initializer: Any) -> Any:
        pending = [initializer]
        return lambda *args: pending and pending.pop()(*args)

    calls_the_initializer(once)


def calls_the_initializer(how: Any) -> None:
    """Call something that is made of the initializer in its place."""

    @replace(ThreadPool, "__init__")
    def init(
        original: Any, self: Any, processes: int | None = None, initializer: Any = None, initargs: Any = ()
    ) -> None:
        original(self, processes, initializer and how(initializer), initargs)


@mutant("dummy.thread_pool.with-statement-ends-it")
def the_with_statement_leaves_the_threads() -> None:
    @replace(Pool, "__exit__")
    def leave(original: Any, self: Any, *args: Any) -> None:
        self._state = multiprocessing.pool.CLOSE  # type: ignore[attr-defined]


@mutant("dummy.thread_pool.close-completes-and-ends-it", "dummy.thread_pool.with-statement-ends-it")
def one_method_takes_tasks_for_ever() -> None:
    @replace(Pool, "starmap_async")
    def starmap_async(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        return DUMMY.Pool(1).map_async(int, [])


@mutant("dummy.thread_pool.close-completes-and-ends-it")
def join_does_not_wait_for_tasks() -> None:
    Pool.join = lambda self: None


@mutant("dummy.thread_pool.close-completes-and-ends-it")
def join_does_not_wait_for_the_end_of_threads() -> None:
    @replace(POOL, "worker")
    def worker(original: Any, *args: Any) -> None:
        original(*args)
        time.sleep(0.5)

    @replace(ThreadPool, "Process")
    def process(original: Any, ctx: Any, *args: Any, **kwargs: Any) -> Any:
        made = original(ctx, *args, **kwargs)
        made.join = lambda timeout=None: None
        return made

    ThreadPool.Process = staticmethod(ThreadPool.Process)
