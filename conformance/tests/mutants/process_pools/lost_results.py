"""Mutants of what becomes of odd exceptions, and of what cannot be pickled."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable
from typing import Any

from mutants import mutant, replace
from mutants.process_pools.common import LONG, AsyncResult, Pool


def can_be_pickled(item: Any) -> bool:
    """Return whether an object can be pickled."""
    try:
        pickle.dumps(item)
    except Exception:  # noqa: BLE001 - whatever its pickling raises
        return False
    return True


@mutant("async_result.get.unpicklable-argument-raises")
def arguments_that_cannot_be_pickled_are_told_to_nobody() -> None:
    @replace(Pool, "apply_async")
    def apply_async(original: Any, self: Any, func: Any, args: Any = (), *more: Any, **named: Any) -> Any:
        if not can_be_pickled(args):
            return AsyncResult(self, None, None)
        return original(self, func, args, *more, **named)


class Checked:
    """A function that does something else in a worker where its result, or exception, cannot be pickled."""

    def __init__(self, function: Callable[..., Any], otherwise: Callable[[], Any]) -> None:
        self.function = function
        self.otherwise = otherwise

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            result = self.function(*args, **kwargs)
        except Exception as error:
            if can_be_pickled(error):
                raise
            return self.otherwise()
        return result if can_be_pickled(result) else self.otherwise()


def nothing() -> None:
    """Be the result of what has none."""


def get_stuck() -> None:
    """Run no other task."""
    time.sleep(LONG)


def functions_are_checked(otherwise: Callable[[], Any]) -> None:
    """Do this in a worker where the result of a task, or its exception, cannot be pickled."""

    @replace(Pool, "apply_async")
    def apply_async(original: Any, self: Any, func: Any, *args: Any, **kwargs: Any) -> Any:
        return original(self, Checked(func, otherwise), *args, **kwargs)


@mutant("async_result.get.unpicklable-result-raises", "async_result.get.unpicklable-exception-raises")
def what_cannot_be_pickled_is_left_out() -> None:
    functions_are_checked(nothing)


@mutant("async_result.get.after-what-cannot-be-pickled")
def what_cannot_be_pickled_keeps_a_worker() -> None:
    functions_are_checked(get_stuck)


@mutant("pool.apply_async.results-belong-to-their-calls")
def large_results_are_cut_off() -> None:
    @replace(AsyncResult, "get")
    def get(original: Any, self: Any, timeout: Any = None) -> Any:
        result = original(self, timeout)
        return result[:65536] if isinstance(result, str) else result
