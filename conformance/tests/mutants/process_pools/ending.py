"""Mutants of what ends a pool: close, terminate, join, the with statement."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from mutants import mutant, replace
from mutants.process_pools.common import LONG, IMapIterator, Pool, Wrapped, module


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


@mutant(
    "pool.terminate.stops-workers",
    "pool.terminate.abandons-running-task",
    "pool.terminate.after-a-failing-initializer",
)
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


@mutant("pool.exit.calls-terminate")
def exit_swallows_the_exception() -> None:
    @replace(Pool, "__exit__")
    def leave(original: Any, self: Any, *args: Any) -> bool:
        original(self, *args)
        return True


@mutant("pool.close.spent-workers-are-replaced")
def workers_of_a_closed_pool_are_not_replaced() -> None:
    @replace(Pool, "close")
    def close(original: Any, self: Any) -> None:
        original(self)
        Pool._maintain_pool = staticmethod(lambda *args: None)


@mutant("pool.close.completes-submitted-tasks")
def close_forgets_iterators() -> None:
    @replace(Pool, "close")
    def close(original: Any, self: Any) -> None:
        original(self)
        for job in list(self._cache.values()):
            if isinstance(job, IMapIterator):
                job._set_length(0)


@mutant("pool.terminate.stops-workers-immediately")
def terminate_lets_workers_go_on_for_a_while() -> None:
    @replace(Pool, "terminate")
    def terminate(original: Any, self: Any) -> None:
        time.sleep(LONG / 10)
        original(self)


def second_call_raises(name: str) -> None:
    """Let the second call of a method of a pool raise an exception."""
    called: list[Any] = []

    @replace(Pool, name)
    def method(original: Any, self: Any) -> None:
        called.append(None)
        if len(called) == 2:
            raise ValueError("it was called before")
        original(self)


@mutant("pool.terminate.again")
def a_second_terminate_raises() -> None:
    second_call_raises("terminate")


@mutant("pool.terminate.a-closed-pool")
def terminate_does_nothing_to_a_closed_pool() -> None:
    called: list[Any] = []

    @replace(Pool, "terminate")
    def terminate(original: Any, self: Any) -> None:
        called.append(None)
        if self._state != module.CLOSE or len(called) > 1:
            original(self)


@mutant("pool.join.again")
def a_second_join_raises() -> None:
    second_call_raises("join")


@mutant("pool.join.waits-for-workers")
def join_waits_for_tasks_and_not_for_workers() -> None:
    def join(self: Any) -> None:
        while self._cache:
            time.sleep(0.01)

    Pool.join = join


@mutant("pool.join.waits-after-terminate")
def nobody_waits_for_terminated_workers() -> None:
    def function(pool: Any) -> None:
        for worker in list(pool._pool):
            worker.terminate()

    first_terminate_is(function)
    Pool.join = lambda self: None


@mutant("pool.join.after-an-empty-map")
def maps_of_nothing_stay_outstanding() -> None:
    @replace(module.MapResult, "__init__")
    def init(original: Any, self: Any, pool: Any, chunksize: Any, length: int, *args: Any, **kwargs: Any) -> None:
        original(self, pool, chunksize, length, *args, **kwargs)
        if length == 0:
            pool._cache[self._job] = self
