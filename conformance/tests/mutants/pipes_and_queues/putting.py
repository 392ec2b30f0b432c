"""Mutants of queues: put() and put_nowait()."""

from __future__ import annotations

import multiprocessing
import multiprocessing.queues
import queue as standard
import threading
import time
from typing import Any

from mutants import mutant, replace
from mutants.pipes_and_queues.common import Queue, late, waits_otherwise, with_the_lock

# Queue: put.


@mutant("queue.put.adds-the-item", "queue.put_nowait.adds-the-item", "queue.put.nonblocking-uses-free-slot")
def items_are_put_as_text() -> None:
    @replace(Queue, "put")
    def put(original: Any, self: Any, obj: Any, *args: Any, **kwargs: Any) -> None:
        original(self, f"<{obj}>", *args, **kwargs)


@mutant("queue.put.takes-obj-block-timeout")
def put_takes_other_names() -> None:
    @replace(Queue, "put")
    def put(original: Any, self: Any, item: Any, wait: bool = True, seconds: Any = None) -> None:
        original(self, item, wait, seconds)


@mutant("queue.put.takes-obj-block-timeout")
def put_takes_timeout_before_block() -> None:
    @replace(Queue, "put")
    def put(original: Any, self: Any, obj: Any, timeout: Any = None, block: bool = True) -> None:
        original(self, obj, block, timeout)


@mutant(
    "queue.put.blocks-until-slot-is-free",
    "queue.put.blocks-by-default",
    "queue.put.timeout-is-not-cut-short",
    "queue.put.timeout-uses-slot-freed-in-time",
)
def put_never_blocks() -> None:
    @replace(Queue, "put")
    def put(original: Any, self: Any, obj: Any, block: bool = True, timeout: Any = None) -> None:
        original(self, obj, False)


@mutant("queue.put.timeout-raises-full", "queue.put.nonblocking-raises-full", "queue.put_nowait.raises-full")
def full_queues_raise_something_else() -> None:
    multiprocessing.queues.Full = OSError


@mutant("queue.put.nonblocking-ignores-timeout")
def put_always_takes_its_timeout() -> None:
    @replace(Queue, "put")
    def put(original: Any, self: Any, obj: Any, block: bool = True, timeout: Any = None) -> None:
        original(self, obj, timeout is not None or block, timeout)


@mutant("queue.put.refused-item-is-not-added")
def refused_items_are_added() -> None:
    @replace(Queue, "put")
    def put(original: Any, self: Any, obj: Any, block: bool = True, timeout: Any = None) -> None:
        if obj == "refused":
            self._buffer.append(obj)
            with self._notempty:
                self._notempty.notify()
        original(self, obj, block, timeout)


@mutant("queue.put.returns-before-the-item-is-flushed")
def put_sends_the_item_itself() -> None:
    def put(self: Any, obj: Any, *args: Any, **kwargs: Any) -> None:
        self._writer.send(obj)

    Queue.put = put


@mutant("queue.put.closed-raises-valueerror", "queue.get.closed-raises-valueerror")
def closed_queues_raise_something_else() -> None:
    for name in "put", "get":

        @replace(Queue, name)
        def call(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
            if self._closed:
                raise OSError("closed")
            return original(self, *args, **kwargs)


@mutant("queue.put_nowait.takes-obj")
def put_nowait_takes_another_name() -> None:
    Queue.put_nowait = lambda self, item: self.put(item, False)


@mutant("queue.maxsize.get-frees-slot")
def get_frees_no_slot() -> None:
    @replace(Queue, "get")
    def get(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        item = original(self, *args, **kwargs)
        self._sem.acquire()
        return item


# Bounds.


@mutant("queue.put.timeout-raises-full")
def put_waits_too_long() -> None:
    waits_otherwise("put", late)


@mutant("queue.put.timeout-raises-full")
def put_waits_for_whole_seconds() -> None:
    waits_otherwise("put", lambda timeout: int(late(timeout)) + 1)


@mutant("queue.put.timeout-is-not-cut-short")
def put_waits_half_its_timeout() -> None:
    waits_otherwise("put", lambda timeout: timeout / 2)


@mutant("queue.put.timeout-is-not-cut-short")
def put_waits_a_second_at_most() -> None:
    waits_otherwise("put", lambda timeout: min(timeout, 1))


@mutant("queue.put.timeout-raises-full")
def put_with_a_timeout_waits_for_other_puts() -> None:
    with_the_lock("put", lambda block, timeout: timeout is None or block)


@mutant("queue.put.nonblocking-raises-full", "queue.put.nonblocking-ignores-timeout")
def put_that_does_not_block_waits_for_other_puts() -> None:
    with_the_lock("put", lambda block, timeout: timeout is None or not block)


@mutant("queue.put.nonblocking-raises-full", "queue.put_nowait.raises-full")
def put_that_does_not_block_waits() -> None:
    @replace(Queue, "put")
    def put(original: Any, self: Any, obj: Any, block: bool = True, timeout: Any = None) -> None:
        original(self, obj, True, timeout if block else late())


@mutant("queue.put_nowait.raises-full")
def put_nowait_waits() -> None:
    Queue.put_nowait = lambda self, obj: self.put(obj, timeout=late())


@mutant("queue.put.nonblocking-ignores-timeout")
def a_negative_timeout_is_refused_by_put() -> None:
    @replace(Queue, "put")
    def put(original: Any, self: Any, obj: Any, block: bool = True, timeout: Any = None) -> None:
        if timeout is not None and timeout < 0:
            raise ValueError(timeout)
        original(self, obj, block, timeout)


@mutant("queue.put.refused-item-is-not-added")
def items_refused_after_a_timeout_are_added() -> None:
    @replace(Queue, "put")
    def put(original: Any, self: Any, obj: Any, block: bool = True, timeout: Any = None) -> None:
        try:
            original(self, obj, block, timeout)
        except standard.Full:
            if timeout is not None:
                self._buffer.append(obj)
                with self._notempty:
                    self._notempty.notify()
            raise


@mutant("queue.put.returns-before-the-item-is-flushed")
def put_waits_while_much_is_buffered() -> None:
    @replace(Queue, "put")
    def put(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        while len(self._buffer) > 0:
            time.sleep(0.01)


@mutant("queue.put.blocks-until-slot-is-free", "queue.put.blocks-by-default")
def put_gives_up_after_a_short_time() -> None:
    @replace(Queue, "put")
    def put(original: Any, self: Any, obj: Any, block: bool = True, timeout: Any = None) -> None:
        original(self, obj, block, 0.1 if timeout is None else timeout)


@mutant("queue.put.timeout-uses-slot-freed-in-time")
def put_with_a_timeout_looks_at_its_beginning_only() -> None:
    @replace(Queue, "put")
    def put(original: Any, self: Any, obj: Any, block: bool = True, timeout: Any = None) -> None:
        if not block or timeout is None:
            original(self, obj, block, timeout)
            return
        try:
            original(self, obj, False)
        except standard.Full:
            time.sleep(timeout)
            raise


@mutant("queue.put.closed-raises-valueerror")
def closed_queues_that_were_not_used_take_items() -> None:
    @replace(Queue, "put")
    def put(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        if not self._closed or self._thread is not None:
            original(self, *args, **kwargs)


@mutant("queue.put.closed-raises-valueerror")
def put_nowait_on_a_closed_queue_is_ignored() -> None:
    @replace(Queue, "put_nowait")
    def put_nowait(original: Any, self: Any, obj: Any) -> None:
        if not self._closed:
            original(self, obj)


# Items that cannot be pickled.


@mutant("queue.put.unpicklable-item-is-told")
def nobody_is_told_of_an_error() -> None:
    Queue._on_queue_feeder_error = staticmethod(lambda error, obj: None)


@mutant("queue.put.unpicklable-item-holds-back-no-other")
def the_thread_ends_with_an_error() -> None:
    def tell(error: BaseException, obj: Any) -> None:
        raise error

    Queue._on_queue_feeder_error = staticmethod(tell)


@mutant("queue.put.unpicklable-item-takes-no-slot")
def the_slot_is_not_given_back() -> None:
    @replace(Queue, "_feed")
    def feed(original: Any, *args: Any) -> None:
        original(*args[:-1], threading.Semaphore(0))

    Queue._feed = staticmethod(Queue._feed)
