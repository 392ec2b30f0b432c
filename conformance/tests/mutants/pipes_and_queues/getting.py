"""Mutants of queues: get() and get_nowait()."""

from __future__ import annotations

import multiprocessing
import multiprocessing.queues
import queue as standard
import threading
import time
from typing import Any

from mutants import mutant, replace
from mutants.pipes_and_queues.common import Queue, late, waits_otherwise, with_the_lock

# Queue: get.


@mutant("queue.get.removes-the-item")
def get_leaves_the_item() -> None:
    @replace(Queue, "get")
    def get(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        self.item = getattr(self, "item", None) or original(self, *args, **kwargs)
        return self.item


@mutant("queue.get.takes-block-timeout")
def get_takes_other_names() -> None:
    @replace(Queue, "get")
    def get(original: Any, self: Any, wait: bool = True, seconds: Any = None) -> Any:
        return original(self, wait, seconds)


@mutant("queue.get.takes-block-timeout")
def get_takes_timeout_before_block() -> None:
    @replace(Queue, "get")
    def get(original: Any, self: Any, timeout: Any = None, block: bool = True) -> Any:
        return original(self, block, 0.001 if timeout is True else timeout)


@mutant(
    "queue.get.blocks-until-item",
    "queue.get.blocks-by-default",
    "queue.get.timeout-is-not-cut-short",
    "queue.get.timeout-takes-item-put-in-time",
)
def get_never_blocks() -> None:
    @replace(Queue, "get")
    def get(original: Any, self: Any, block: bool = True, timeout: Any = None) -> Any:
        return original(self, False)


@mutant("queue.get.timeout-raises-empty", "queue.get.nonblocking-raises-empty", "queue.get_nowait.raises-empty")
def empty_queues_raise_something_else() -> None:
    multiprocessing.queues.Empty = OSError


@mutant("queue.get.nonblocking-returns-available-item", "queue.get_nowait.returns-available-item")
def get_that_does_not_block_finds_nothing() -> None:
    @replace(Queue, "get")
    def get(original: Any, self: Any, block: bool = True, timeout: Any = None) -> Any:
        if not block:
            raise standard.Empty
        return original(self, block, timeout)


@mutant("queue.get.nonblocking-ignores-timeout")
def get_always_takes_its_timeout() -> None:
    @replace(Queue, "get")
    def get(original: Any, self: Any, block: bool = True, timeout: Any = None) -> Any:
        return original(self, timeout is not None or block, timeout)


# Bounds.


@mutant("queue.get.timeout-raises-empty")
def get_waits_too_long() -> None:
    waits_otherwise("get", late)


@mutant("queue.get.timeout-raises-empty")
def get_waits_for_whole_seconds() -> None:
    waits_otherwise("get", lambda timeout: int(late(timeout)) + 1)


@mutant("queue.get.timeout-is-not-cut-short")
def get_waits_half_its_timeout() -> None:
    waits_otherwise("get", lambda timeout: timeout / 2)


@mutant("queue.get.timeout-is-not-cut-short")
def get_waits_a_second_at_most() -> None:
    waits_otherwise("get", lambda timeout: min(timeout, 1))


@mutant("queue.get.timeout-raises-empty")
def get_with_a_timeout_waits_for_other_gets() -> None:
    with_the_lock("get", lambda block, timeout: timeout is None or block)


@mutant("queue.get.timeout-raises-empty")
def get_that_timed_out_keeps_the_lock() -> None:
    @replace(Queue, "get")
    def get(original: Any, self: Any, block: bool = True, timeout: Any = None) -> Any:
        try:
            return original(self, block, timeout)
        except standard.Empty:
            if timeout is not None:
                self._rlock.acquire(False)
            raise


@mutant("queue.get.timeout-raises-empty")
def get_waits_with_select() -> None:
    import select

    @replace(Queue, "get")
    def get(original: Any, self: Any, block: bool = True, timeout: Any = None) -> Any:
        if block and timeout is not None:
            select.select([self._reader], [], [], 0)
        return original(self, block, timeout)


@mutant("queue.get.nonblocking-raises-empty", "queue.get.nonblocking-ignores-timeout")
def get_that_does_not_block_waits_for_other_gets() -> None:
    with_the_lock("get", lambda block, timeout: timeout is None or not block)


@mutant("queue.get.nonblocking-raises-empty", "queue.get_nowait.raises-empty")
def get_that_does_not_block_waits() -> None:
    @replace(Queue, "get")
    def get(original: Any, self: Any, block: bool = True, timeout: Any = None) -> Any:
        return original(self, True, timeout if block else late())


@mutant("queue.get_nowait.raises-empty")
def get_nowait_waits() -> None:
    Queue.get_nowait = lambda self: self.get(timeout=late())


@mutant("queue.get.nonblocking-ignores-timeout")
def a_negative_timeout_is_refused_by_get() -> None:
    @replace(Queue, "get")
    def get(original: Any, self: Any, block: bool = True, timeout: Any = None) -> Any:
        if timeout is not None and timeout < 0:
            raise ValueError(timeout)
        return original(self, block, timeout)


@mutant("queue.get.blocks-until-item")
def get_looks_for_an_item_and_then_takes_it() -> None:
    @replace(Queue, "get")
    def get(original: Any, self: Any, block: bool = True, timeout: Any = None) -> Any:
        if block and timeout is None:
            self._reader.poll(None)
            time.sleep(0.02)
            block = False
        return original(self, block, timeout)


@mutant("queue.get.blocks-until-item", "queue.get.blocks-by-default")
def get_gives_up_after_a_short_time() -> None:
    @replace(Queue, "get")
    def get(original: Any, self: Any, block: bool = True, timeout: Any = None) -> Any:
        return original(self, block, 0.1 if timeout is None else timeout)


@mutant("queue.get.timeout-takes-item-put-in-time")
def get_with_a_timeout_looks_at_its_beginning_only() -> None:
    @replace(Queue, "get")
    def get(original: Any, self: Any, block: bool = True, timeout: Any = None) -> Any:
        if not block or timeout is None:
            return original(self, block, timeout)
        try:
            return original(self, False)
        except standard.Empty:
            time.sleep(timeout)
            raise


@mutant("queue.get.closed-raises-valueerror")
def get_with_a_timeout_finds_a_closed_queue_empty() -> None:
    @replace(Queue, "get")
    def get(original: Any, self: Any, block: bool = True, timeout: Any = None) -> Any:
        if self._closed and timeout is not None:
            raise standard.Empty
        return original(self, block, timeout)


@mutant("queue.get.closed-raises-valueerror")
def get_on_a_closed_queue_waits() -> None:
    @replace(Queue, "get")
    def get(original: Any, self: Any, block: bool = True, timeout: Any = None) -> Any:
        if self._closed and block and timeout is None:
            threading.Event().wait()
        return original(self, block, timeout)


@mutant("queue.get.removes-the-item")
def the_last_item_is_got_again() -> None:
    @replace(Queue, "get")
    def get(original: Any, self: Any, block: bool = True, timeout: Any = None) -> Any:
        if not block and hasattr(self, "last"):
            return self.last
        self.last = original(self, block, timeout)
        return self.last
