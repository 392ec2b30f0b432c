"""Mutants of imap and imap_unordered."""

from __future__ import annotations

import builtins
import time
from collections.abc import Callable
from typing import Any

from mutants import mutant, replace
from mutants.process_pools.calls import iterable_is, result_is
from mutants.process_pools.common import LATE, LONG, IMapIterator, OurTimeoutError, Pool, Wrapped


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


@mutant(
    "pool.imap.yields-results-as-they-come",
    "pool.imap_unordered.yields-results-as-they-come",
)
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


@mutant(
    "pool.imap.chunksize-defaults-to-one",
    "pool.imap_unordered.chunksize-defaults-to-one",
)
def imap_makes_chunks_of_three_by_default() -> None:
    for name in ("imap", "imap_unordered"):

        @replace(Pool, name)
        def method(original: Any, self: Any, func: Any, iterable: Any, chunksize: Any = 3) -> Any:
            return original(self, func, iterable, chunksize)


@mutant(
    "pool.imap.next-blocks-without-timeout",
    "pool.imap_unordered.next-blocks-without-timeout",
)
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


@mutant(
    "pool.imap.next-timeout-is-not-cut-short",
    "pool.imap.next-timeout-returns-result-in-time",
    "pool.imap_unordered.next-timeout-is-not-cut-short",
    "pool.imap_unordered.next-timeout-returns-result-in-time",
)
def next_with_a_timeout_does_not_wait() -> None:
    next_is(lambda original, self, timeout: original(self, None if timeout is None else 0))


@mutant(
    "pool.imap.result-survives-a-timeout",
    "pool.imap_unordered.result-survives-a-timeout",
)
def next_leaves_out_the_result_that_was_late() -> None:
    def function(original: Any, self: Any, timeout: Any) -> Any:
        try:
            while getattr(self, "late", 0):
                self.late -= 1
                original(self, timeout)
            return original(self, timeout)
        except OurTimeoutError:
            self.late = getattr(self, "late", 0) + 1
            raise

    next_is(function)


@mutant("pool.imap.next-timeout-raises", "pool.imap_unordered.next-timeout-raises")
def next_times_out_late() -> None:
    next_is(lambda original, self, timeout: original(self, None if timeout is None else timeout + LATE))


@mutant("pool.imap.next-timeout-raises", "pool.imap_unordered.next-timeout-raises")
def a_timeout_of_zero_is_none_for_next() -> None:
    next_is(lambda original, self, timeout: original(self, timeout or None))
