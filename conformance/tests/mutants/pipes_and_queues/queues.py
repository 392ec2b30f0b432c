"""Mutants of queues."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import multiprocessing.context
import multiprocessing.managers
import multiprocessing.queues
import queue as standard
import threading
import time
from typing import Any

from mutants import mutant, replace
from mutants.pipes_and_queues.common import BaseContext, JoinableQueue, Queue, SimpleQueue

# Queue: items.


@mutant("queue.call.maxsize-by-name", "joinable_queue.call.maxsize-by-name")
def maxsize_by_name_is_ignored() -> None:
    for name in "Queue", "JoinableQueue":

        @replace(BaseContext, name)
        def queue(original: Any, self: Any, *maxsize: Any, **ignored: Any) -> Any:
            return original(self, *maxsize)


@mutant("queue.call.unbounded-by-default", "queue.maxsize.not-positive-is-unbounded")
def queues_are_never_unbounded() -> None:
    bounded_by(lambda maxsize: maxsize if maxsize > 0 else 100)


@mutant("queue.maxsize.bounds-items", "queue.full.true-at-maxsize", "queue.maxsize.bounds-across-processes")
def queues_have_one_slot_more() -> None:
    bounded_by(lambda maxsize: maxsize + 1 if maxsize > 0 else maxsize)


@mutant("queue.maxsize.holds-under-concurrency")
def queues_have_more_slots() -> None:
    bounded_by(lambda maxsize: maxsize * 10)


@mutant("queue.full.false-with-a-free-slot")
def queues_have_one_slot_less() -> None:
    bounded_by(lambda maxsize: maxsize - 1)


def bounded_by(bound: Any) -> None:
    """Take another bound than the given one."""

    @replace(Queue, "__init__")
    def init(original: Any, self: Any, maxsize: int = 0, *, ctx: Any) -> None:
        original(self, bound(maxsize), ctx=ctx)


@mutant("queue.call.carries-items-from-a-child", "queue.call.carries-items-to-a-child")
def items_of_another_process_are_lost() -> None:
    original = Queue.get
    main = multiprocessing.current_process()

    def get(self: Any, *args: Any, **kwargs: Any) -> Any:
        item = original(self, *args, **kwargs)
        return None if multiprocessing.parent_process() is not None or self.made_in is main else item

    Queue.get = get
    Queue.made_in = main


@mutant("queue.exceptions.not-in-the-package")
def the_exceptions_are_in_the_package() -> None:
    multiprocessing.Empty, multiprocessing.Full = standard.Empty, standard.Full


@mutant("queue.methods.those-of-the-standard-queue")
def a_method_is_missing() -> None:
    Queue.qsize = Queue.put_nowait = Queue.get_nowait = Queue.full = Queue.empty = Queue.put = Queue.get = None


@mutant("queue.methods.no-task_done-or-join")
def every_queue_tracks_tasks() -> None:
    BaseContext.Queue = BaseContext.JoinableQueue


@mutant("queue.order.fifo-of-one-producer", "queue.operations.match-a-bounded-fifo")
def the_last_item_comes_first() -> None:
    @replace(Queue, "put")
    def put(original: Any, self: Any, obj: Any, *args: Any, **kwargs: Any) -> None:
        original(self, obj, *args, **kwargs)
        with self._notempty:
            if len(self._buffer) > 1:
                self._buffer.rotate(1)

    in_bursts(Queue)


def in_bursts(kind: Any) -> None:
    """Let the feeder sleep before it begins, so that items gather in the buffer."""

    @replace(kind, "_feed")
    def feed(original: Any, *args: Any) -> None:
        time.sleep(0.05)
        original(*args)

    kind._feed = staticmethod(kind._feed)


@mutant("queue.order.fifo-per-producer", "joinable_queue.order.fifo-per-producer", "joinable_queue.put.adds-the-item")
def items_overtake_each_other() -> None:
    swapping(Queue)
    swapping(JoinableQueue)


@mutant("simple_queue.order.fifo-of-one-producer", "simple_queue.order.fifo-per-producer")
def items_on_a_simple_queue_overtake_each_other() -> None:
    swapping(SimpleQueue)


def swapping(kind: Any) -> None:
    """Let every ninth of ten items of a process come after the tenth."""
    held: list[Any] = []

    @replace(kind, "put")
    def put(original: Any, self: Any, obj: Any, *args: Any, **kwargs: Any) -> None:
        held.append(obj)
        if len(held) % 10 != 9:
            original(self, held[-1], *args, **kwargs)
        if len(held) % 10 == 0:
            original(self, held[-2], *args, **kwargs)


@mutant("queue.delivery.exactly-once", "joinable_queue.delivery.exactly-once")
def an_item_comes_twice() -> None:
    doubling(Queue)
    doubling(JoinableQueue)


@mutant("simple_queue.delivery.exactly-once")
def an_item_on_a_simple_queue_comes_twice() -> None:
    doubling(SimpleQueue)


def doubling(kind: Any) -> None:
    """Let the item with number 7 come twice."""

    @replace(kind, "put")
    def put(original: Any, self: Any, obj: Any, *args: Any, **kwargs: Any) -> None:
        for _ in range(2 if "7)" in repr(obj)[:30] else 1):
            original(self, obj, *args, **kwargs)


@mutant("queue.item.picklable-object-arrives-equal")
def true_becomes_one_on_a_queue() -> None:
    @replace(Queue, "get")
    def get(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        item = original(self, *args, **kwargs)
        return 1 if item is True else item


@mutant("queue.item.is-a-copy")
def items_are_not_copied() -> None:
    thread_queue()


def thread_queue() -> None:
    """Make queues that pass the very objects on, within one process."""
    BaseContext.Queue = lambda self, maxsize=0: standard.Queue(maxsize)


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


@mutant("queue.put.returns-before-the-item-is-flushed", "queue.feeder.starts-with-first-put")
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


# Queue: get and state.


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
