"""Mutants of queues: the feeder thread, and the ends of queues and of processes."""

from __future__ import annotations

import multiprocessing
import multiprocessing.queues
import threading
import time
from typing import Any

from mutants import mutant, replace
from mutants.pipes_and_queues.common import Queue, late
from mutants.pipes_and_queues.items import in_bursts

# Queue: the feeder thread.


@mutant("queue.feeder.is-one-thread")
def each_put_starts_a_thread() -> None:
    @replace(Queue, "put")
    def put(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        threading.Thread(target=time.sleep, args=(2,), daemon=True).start()


@mutant("queue.close.feeder-quits", "queue.close.called-by-garbage-collection")
def another_thread_stays() -> None:
    @replace(Queue, "_start_thread")
    def start(original: Any, self: Any) -> None:
        original(self)
        threading.Thread(target=threading.Event().wait, daemon=True).start()


@mutant("queue.close.buffered-items-arrive")
def close_drops_what_is_buffered() -> None:
    @replace(Queue, "close")
    def close(original: Any, self: Any) -> None:
        self._buffer.clear()
        original(self)

    in_bursts(Queue)


@mutant("queue.close.concerns-this-process-only")
def close_closes_for_all() -> None:
    @replace(Queue, "close")
    def close(original: Any, self: Any) -> None:
        self._sem.acquire()
        original(self)

    @replace(Queue, "put")
    def put(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        if self._sem._semlock._get_value() != self._maxsize:
            raise ValueError("closed")
        original(self, *args, **kwargs)


@mutant("queue.join_thread.blocks-until-flushed", "queue.join_thread.thread-has-ended")
def join_thread_does_not_wait() -> None:
    @replace(Queue, "_feed")
    def feed(original: Any, *args: Any) -> None:
        original(*args)
        time.sleep(0.2)

    Queue._feed = staticmethod(Queue._feed)
    Queue.join_thread = lambda self: None


@mutant("queue.join_thread.only-after-close")
def join_thread_is_always_allowed() -> None:
    Queue.join_thread = lambda self: None


@mutant("queue.cancel_join_thread.join_thread-returns-at-once", "queue.cancel_join_thread.lets-the-process-exit")
def cancel_join_thread_does_nothing() -> None:
    Queue.cancel_join_thread = lambda self: None


@mutant("queue.exit.child-flushes-first")
def children_never_flush() -> None:
    @replace(Queue, "put")
    def put(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        self.cancel_join_thread()
        original(self, *args, **kwargs)


@mutant("queue.exit.managed-queue-does-not-hold-a-child")
def managed_queues_are_plain_queues() -> None:
    multiprocessing.managers.SyncManager.Queue = lambda self, maxsize=0: multiprocessing.Queue(maxsize)


# Close.


@mutant("queue.close.buffered-items-arrive")
def close_drops_all_but_the_first_item() -> None:
    @replace(Queue, "close")
    def close(original: Any, self: Any) -> None:
        while len(self._buffer) > 1:
            self._buffer.pop()
        original(self)


@mutant("queue.close.concerns-this-process-only")
def close_in_the_parent_closes_for_all() -> None:
    @replace(Queue, "close")
    def close(original: Any, self: Any) -> None:
        if multiprocessing.parent_process() is None:
            self._rlock.acquire()
        original(self)


@mutant("queue.close.called-by-garbage-collection")
def garbage_collection_drops_what_is_buffered() -> None:
    at_collection(lambda original, buffer, notempty: (buffer.clear(), original(buffer, notempty)))


@mutant("queue.close.called-by-garbage-collection")
def garbage_collection_tells_the_thread_nothing() -> None:
    at_collection(lambda original, buffer, notempty: None)


def at_collection(instead: Any) -> None:
    """Do something else than to tell the thread, unless close() was called."""
    closed: list[Any] = []

    @replace(Queue, "close")
    def close(original: Any, self: Any) -> None:
        closed.append(self._buffer)
        original(self)

    @replace(Queue, "_finalize_close")
    def finalize(original: Any, buffer: Any, notempty: Any) -> None:
        if any(buffer is one for one in closed):
            original(buffer, notempty)
        else:
            instead(original, buffer, notempty)

    Queue._finalize_close = staticmethod(Queue._finalize_close)


@mutant("queue.join_thread.blocks-until-flushed", "queue.exit.child-flushes-first")
def the_thread_is_awaited_for_a_short_time() -> None:
    Queue._finalize_join = staticmethod(lambda reference: reference() and reference().join(0.1))


@mutant("queue.join_thread.only-after-close")
def join_thread_before_close_waits() -> None:
    @replace(Queue, "join_thread")
    def join_thread(original: Any, self: Any) -> None:
        if not self._closed:
            threading.Event().wait()
        original(self)


@mutant("queue.cancel_join_thread.join_thread-returns-at-once")
def join_thread_waits_a_while_although_it_was_cancelled() -> None:
    @replace(Queue, "join_thread")
    def join_thread(original: Any, self: Any) -> None:
        original(self)
        if self._joincancelled:
            self._thread.join(late())


@mutant("queue.cancel_join_thread.join_thread-returns-at-once", "queue.cancel_join_thread.lets-the-process-exit")
def cancel_join_thread_before_put_does_nothing() -> None:
    @replace(Queue, "cancel_join_thread")
    def cancel(original: Any, self: Any) -> None:
        if self._thread is not None:
            original(self)


@mutant("queue.cancel_join_thread.lets-the-process-exit")
def the_main_process_cannot_cancel() -> None:
    @replace(Queue, "cancel_join_thread")
    def cancel(original: Any, self: Any) -> None:
        if multiprocessing.parent_process() is not None:
            original(self)


# The exit of a process.


def ends_without_flushing(kind: type[BaseException]) -> None:
    """Let a child flush nothing if its target raises this."""
    used: list[Any] = []

    @replace(Queue, "put")
    def put(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        used.append(self)
        original(self, *args, **kwargs)

    @replace(multiprocessing.process.BaseProcess, "run")
    def run(original: Any, self: Any) -> None:
        try:
            original(self)
        except kind:
            for queue in used:
                queue.cancel_join_thread()
            raise


@mutant("queue.exit.child-flushes-first")
def a_child_that_calls_exit_does_not_flush() -> None:
    ends_without_flushing(SystemExit)


@mutant("queue.exit.child-flushes-first")
def a_child_that_raises_does_not_flush() -> None:
    ends_without_flushing(ValueError)
