"""Mutants of AsyncResult."""

from __future__ import annotations

import builtins
import time
from collections.abc import Callable
from typing import Any

from mutants import mutant, replace
from mutants.process_pools.common import (
    LATE,
    AsyncResult,
    IMapIterator,
    MapResult,
    OurTimeoutError,
)


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
    wait_is(lambda original, self, timeout: time.sleep(min(timeout, 1.5)))


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


@mutant("async_result.get.timeout-raises")
def get_times_out_late() -> None:
    get_is(lambda original, self, timeout: original(self, None if timeout is None else timeout + LATE))


@mutant("async_result.get.timeout-raises")
def a_timeout_of_zero_is_none_for_get() -> None:
    get_is(lambda original, self, timeout: original(self, timeout or None))


@mutant("async_result.get.timeout-returns-result-in-time")
def get_without_time_raises_whatever_is_there() -> None:
    def function(original: Any, self: Any, timeout: Any) -> Any:
        if timeout == 0:
            raise OurTimeoutError
        return original(self, timeout)

    get_is(function)


@mutant("async_result.get.again")
def get_takes_the_result_away() -> None:
    def function(original: Any, self: Any, timeout: Any) -> Any:
        result = original(self, timeout)
        self._value = None
        return result

    get_is(function)


@mutant("async_result.wait.timeout-bounds-wait")
def wait_is_too_long() -> None:
    wait_is(lambda original, self, timeout: original(self, timeout and timeout + LATE))


@mutant("async_result.wait.timeout-ends-early")
def wait_takes_a_second_even_if_the_result_is_there() -> None:
    wait_is(lambda original, self, timeout: (original(self, timeout), time.sleep(LATE)))


@mutant("async_result.ready.true-after-completion")
def ready_is_late() -> None:
    @replace(AsyncResult, "_set")
    def set_result(original: Any, self: Any, *args: Any) -> None:
        self.since = time.monotonic()
        original(self, *args)

    @replace(AsyncResult, "ready")
    def ready(original: Any, self: Any) -> bool:
        return bool(original(self)) and time.monotonic() > self.since + 0.3


@mutant("async_result.successful.true-after-return")
def no_map_is_successful() -> None:
    MapResult.successful = lambda self: False


@mutant("async_result.successful.raises-valueerror-until-ready")
def what_did_not_fail_yet_is_successful() -> None:
    AsyncResult.successful = lambda self: getattr(self, "_success", True)


@mutant("async_result.ready.false-while-running", "pool.map.blocks-until-result", "pool.starmap.blocks-until-result")
def a_map_is_complete_with_its_first_chunk() -> None:
    @replace(MapResult, "_set")
    def set_chunk(original: Any, self: Any, *args: Any) -> None:
        original(self, *args)
        self._event.set()


@mutant("pool.map.several-failures")
def a_second_failure_is_not_counted() -> None:
    @replace(MapResult, "_set")
    def set_chunk(original: Any, self: Any, index: Any, outcome: Any) -> None:
        if outcome[0] or self._success:
            original(self, index, outcome)


@mutant("pool.map_async.raises-the-exception", "pool.starmap_async.raises-the-exception")
def get_of_a_map_returns_the_exception() -> None:
    original = MapResult.get

    def get(self: Any, timeout: Any = None) -> Any:
        try:
            return original(self, timeout)
        except Exception as error:  # noqa: BLE001 - whatever the call raised
            return error

    MapResult.get = get
