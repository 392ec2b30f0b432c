"""Mutants of queues: what they say of themselves."""

from __future__ import annotations

import time
from typing import Any

from mutants import mutant, replace
from mutants.pipes_and_queues.common import Queue


@mutant("queue.qsize.counts-items")
def qsize_counts_one_more() -> None:
    @replace(Queue, "qsize")
    def qsize(original: Any, self: Any) -> Any:
        return original(self) + 1


@mutant("queue.qsize.is-a-number-or-not-implemented")
def qsize_returns_nothing() -> None:
    Queue.qsize = lambda self: None


@mutant("queue.empty.false-soon-after-put")
def queues_are_always_empty() -> None:
    Queue.empty = lambda self: True


@mutant("queue.empty.true-without-items")
def empty_tells_the_opposite() -> None:
    @replace(Queue, "empty")
    def empty(original: Any, self: Any) -> bool:
        return not original(self)


@mutant("queue.qsize.counts-items")
def qsize_counts_what_this_process_did() -> None:
    counting()
    Queue.qsize = lambda self: getattr(self, "here", 0)


@mutant("queue.full.true-at-maxsize")
def full_counts_what_this_process_did() -> None:
    counting()
    Queue.full = lambda self: getattr(self, "here", 0) >= self._maxsize


def counting() -> None:
    """Count in ``here`` the items that this process has put and not got."""
    for name, change in ("put", 1), ("get", -1):

        @replace(Queue, name)
        def call(original: Any, self: Any, *args: Any, change: int = change, **kwargs: Any) -> Any:
            result = original(self, *args, **kwargs)
            self.here = getattr(self, "here", 0) + change
            return result


@mutant("queue.full.false-with-a-free-slot")
def full_tells_whether_there_are_items() -> None:
    Queue.full = lambda self: not self.empty()


@mutant("queue.full.false-with-a-free-slot")
def unbounded_queues_are_full() -> None:
    @replace(Queue, "full")
    def full(original: Any, self: Any) -> bool:
        return original(self) or self._maxsize > 1000


@mutant("queue.empty.true-without-items")
def a_queue_that_was_used_is_not_empty() -> None:
    @replace(Queue, "put")
    def put(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.empty = lambda: False


@mutant("queue.empty.false-soon-after-put")
def items_are_sent_too_late() -> None:
    @replace(Queue, "_feed")
    def feed(original: Any, buffer: Any, notempty: Any, send_bytes: Any, *args: Any) -> None:
        def late(data: Any) -> None:
            time.sleep(late())
            send_bytes(data)

        original(buffer, notempty, late, *args)

    Queue._feed = staticmethod(Queue._feed)


@mutant("queue.empty.false-soon-after-put")
def a_queue_from_which_an_item_was_got_is_empty() -> None:
    @replace(Queue, "get")
    def get(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        self.empty = lambda: True
        return original(self, *args, **kwargs)
