"""Mutants of queues: what they carry, and how much."""

from __future__ import annotations

import copy
import multiprocessing
import multiprocessing.connection
import multiprocessing.context
import multiprocessing.managers
import multiprocessing.queues
import queue as standard
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


# Between processes and threads.


def in_grandchildren(name: str, instead: Any) -> None:
    """Let a call do something else in a process that is a child of a child."""

    @replace(Queue, name)
    def call(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        if len(multiprocessing.current_process()._identity) > 1:
            return instead(original, self, *args, **kwargs)
        return original(self, *args, **kwargs)


@mutant("queue.call.carries-items-from-a-child")
def items_of_grandchildren_are_lost() -> None:
    in_grandchildren("put", lambda original, self, *args, **kwargs: original(self, None))


@mutant("queue.call.carries-items-to-a-child")
def grandchildren_get_nothing() -> None:
    in_grandchildren("get", lambda original, self, *args, **kwargs: (original(self, *args, **kwargs), None)[1])


@mutant("queue.order.fifo-of-one-producer")
def a_small_item_overtakes_a_large_one() -> None:
    held: list[Any] = []

    @replace(Queue, "put")
    def put(original: Any, self: Any, obj: Any, *args: Any, **kwargs: Any) -> None:
        if len(repr(obj)) > 50_000:
            held.append(obj)
            return
        original(self, obj, *args, **kwargs)
        while held:
            original(self, held.pop(), *args, **kwargs)


@mutant("queue.maxsize.bounds-across-processes")
def items_of_a_child_take_no_slot() -> None:
    @replace(Queue, "put")
    def put(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        if multiprocessing.parent_process() is not None:
            self._sem.release()


class NoLock:
    """Locks nobody out."""

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:
        return True

    def release(self) -> None:
        pass

    def __enter__(self) -> None:
        pass

    def __exit__(self, *ignored: object) -> None:
        pass


def without_lock(kind: Any, name: str) -> None:
    """Let processes write or read at the same time."""

    @replace(kind, "__init__")
    def init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        setattr(self, name, NoLock())


@mutant("queue.delivery.exactly-once", "joinable_queue.delivery.exactly-once")
def writers_mix_their_messages() -> None:
    without_lock(Queue, "_wlock")


@mutant("queue.delivery.exactly-once", "joinable_queue.delivery.exactly-once")
def readers_read_parts_of_messages() -> None:
    without_lock(Queue, "_rlock")


@mutant("simple_queue.delivery.exactly-once")
def writers_mix_their_messages_on_a_simple_queue() -> None:
    without_lock(SimpleQueue, "_wlock")


@mutant("simple_queue.delivery.exactly-once")
def readers_read_parts_of_messages_on_a_simple_queue() -> None:
    without_lock(SimpleQueue, "_rlock")


@mutant("queue.delivery.of-threads-that-begin-at-once")
def each_of_several_first_puts_starts_a_thread() -> None:
    def put(self: Any, obj: Any, block: bool = True, timeout: Any = None) -> None:
        if self._thread is None:
            time.sleep(0.001)
            self._start_thread()
        with self._notempty:
            self._buffer.append(obj)
            self._notempty.notify()

    Queue.put = put


@mutant("queue.item.is-a-copy")
def items_are_copied_at_the_surface() -> None:
    class Copying(standard.Queue):  # type: ignore[type-arg]
        def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
            super().put(copy.copy(item), block, timeout)

    BaseContext.Queue = lambda self, maxsize=0: Copying(maxsize)
