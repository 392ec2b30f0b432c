"""Mutants of the pool, its workers and its end."""

from __future__ import annotations

import multiprocessing
import multiprocessing.context
import multiprocessing.pool
import os
import select
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

from mutants import mutant, replace
from mutants.process_pools.common import (
    LONG,
    BaseContext,
    Pool,
    Wrapped,
    module,
)

# The pool and its workers.


@mutant("pool.workers.run-tasks-in-other-processes")
def apply_async_calls_the_function_here() -> None:
    @replace(Pool, "apply_async")
    def apply_async(original: Any, self: Any, func: Any, args: Any = (), *more: Any, **named: Any) -> Any:
        func(*args)
        return original(self, len, ((),))


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


@mutant("pool.workers.run-tasks")
def workers_take_no_task() -> None:
    workers_run(lambda run, initializer, initargs, maxtasks: time.sleep(LONG))


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


@mutant(
    "pool.maxtasksperchild.worker-is-replaced",
    "async_result.get.after-base-exceptions",
)
def spent_workers_are_not_replaced() -> None:
    Pool._maintain_pool = staticmethod(lambda *args: None)


@mutant(
    "pool.maxtasksperchild.limits-tasks-of-a-worker",
    "pool.maxtasksperchild.several-workers",
)
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


@mutant("pool.context.starts-the-workers")
def a_server_is_never_used() -> None:
    def change(given: dict[str, Any]) -> None:
        if given["context"].get_start_method() == "forkserver":
            given["context"] = multiprocessing.get_context("spawn")

    pool_is_made_with(change)


@mutant("pool.call.in-a-child")
def children_have_no_pools() -> None:
    def change(given: dict[str, Any]) -> None:
        if multiprocessing.parent_process() is not None:
            raise AssertionError("a child process has no pool")

    pool_is_made_with(change)


@mutant("pool.call.in-threads")
def one_pool_is_made_at_a_time() -> None:
    making: list[Any] = []

    @replace(Pool, "__init__")
    def init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        if making:
            raise RuntimeError("another thread makes a pool")
        making.append(self)
        original(self, *args, **kwargs)
        making.remove(self)


def pool_is_made_after(look: Callable[[Any], None]) -> None:
    """Look at a pool when it has been made."""

    @replace(Pool, "__init__")
    def init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        try:
            look(self)
        except BaseException:
            self.terminate()
            raise


@mutant("pool.call.many-descriptors")
def results_are_awaited_with_select() -> None:
    pool_is_made_after(lambda pool: select.select([pool._outqueue._reader], [], [], 0))


@mutant("pool.call.no-standard-streams")
def standard_output_is_flushed_without_a_look() -> None:
    pool_is_made_after(lambda pool: sys.stdout.flush())


@mutant("pool.call.default-timeout-of-sockets")
def a_socket_is_expected_to_block() -> None:
    def look(pool: Any) -> None:
        here, there = socket.socketpair()
        with here, there:
            if there.gettimeout() is not None:
                there.recv(1)

    pool_is_made_after(look)


@mutant("pool.context.none-sets-the-start-method")
def no_context_is_that_for_fork() -> None:
    pool_is_made_with(lambda given: given.update(context=given["context"] or multiprocessing.get_context("fork")))
