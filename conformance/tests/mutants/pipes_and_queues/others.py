"""Mutants of pipes, simple and joinable queues."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import multiprocessing.context
import multiprocessing.managers
import multiprocessing.queues
import os
import queue as standard
import socket
import threading
import time
from typing import Any

from mutants import mutant, replace
from mutants.pipes_and_queues.common import BaseContext, Connection, JoinableQueue, SimpleQueue, late

# Pipe.


def pipe_is(made: Any) -> None:
    """Return something else than the two ends of a pipe."""

    @replace(BaseContext, "Pipe")
    def pipe(original: Any, self: Any, duplex: bool = True) -> Any:
        return made(*original(self, duplex))


@mutant("pipe.call.returns-pair")
def pipe_returns_three() -> None:
    pipe_is(lambda first, second: (first, second, None))


@mutant("pipe.call.returns-connection-objects")
def the_ends_are_of_another_class() -> None:
    multiprocessing.connection.Connection = type("Connection", (), {})


@mutant("pipe.call.duplex-by-name")
def duplex_has_another_name() -> None:
    @replace(BaseContext, "Pipe")
    def pipe(original: Any, self: Any, two_way: bool = True) -> Any:
        return original(self, two_way)


@mutant("pipe.call.duplex-by-default")
def pipes_are_simplex_by_default() -> None:
    @replace(BaseContext, "Pipe")
    def pipe(original: Any, self: Any, duplex: bool = False) -> Any:
        return original(self, duplex)


@mutant("pipe.call.connects-two-processes")
def messages_to_another_process_are_lost() -> None:
    original = Connection.send
    sender = multiprocessing.current_process()
    Connection.send = lambda self, it: original(self, it) if multiprocessing.current_process() is sender else None


@mutant("pipe.duplex.carries-both-directions")
def one_direction_is_missing() -> None:
    @replace(BaseContext, "Pipe")
    def pipe(original: Any, self: Any, duplex: bool = True) -> Any:
        return original(self, False)


@mutant("pipe.duplex.directions-are-separate")
def an_end_receives_what_it_sent() -> None:
    @replace(Connection, "send")
    def send(original: Any, self: Any, item: Any) -> None:
        original(self, item)
        self.echo = [*getattr(self, "echo", []), item]

    @replace(Connection, "recv")
    def recv(original: Any, self: Any) -> Any:
        echo = getattr(self, "echo", [])
        return echo.pop() if echo else original(self)


@mutant("pipe.simplex.second-sends-to-first")
def the_ends_change_places() -> None:
    pipe_is(lambda first, second: (second, first))


@mutant("pipe.simplex.first-cannot-send", "pipe.simplex.second-cannot-receive")
def all_pipes_are_duplex() -> None:
    @replace(BaseContext, "Pipe")
    def pipe(original: Any, self: Any, duplex: bool = True) -> Any:
        return original(self, True)


@mutant("pipe.message.picklable-object-arrives-equal", "simple_queue.item.picklable-object-arrives-equal")
def true_becomes_one() -> None:
    @replace(multiprocessing.connection._ForkingPickler, "loads")
    def loads(original: Any, data: Any) -> Any:
        item = original(data)
        return 1 if item is True else item


# SimpleQueue.


@mutant("simple_queue.call.carries-items-between-processes", "simple_queue.put.adds-the-item")
def a_simple_queue_carries_text() -> None:
    @replace(SimpleQueue, "put")
    def put(original: Any, self: Any, obj: Any) -> None:
        original(self, f"<{obj}>")


@mutant("simple_queue.get.removes-the-item")
def get_leaves_the_item_on_a_simple_queue() -> None:
    @replace(SimpleQueue, "get")
    def get(original: Any, self: Any) -> Any:
        self.item = getattr(self, "item", None) or original(self)
        return self.item


@mutant("simple_queue.get.waits-for-an-item")
def get_returns_none_from_an_empty_simple_queue() -> None:
    @replace(SimpleQueue, "get")
    def get(original: Any, self: Any) -> Any:
        return None if self.empty() else original(self)


@mutant("simple_queue.empty.true-without-items", "simple_queue.empty.false-with-an-item")
def empty_of_a_simple_queue_tells_the_opposite() -> None:
    @replace(SimpleQueue, "empty")
    def empty(original: Any, self: Any) -> bool:
        return not original(self)


@mutant("simple_queue.empty.closed-raises-oserror")
def a_closed_simple_queue_is_empty() -> None:
    @replace(SimpleQueue, "empty")
    def empty(original: Any, self: Any) -> bool:
        return self._reader.closed or original(self)


@mutant("simple_queue.close.releases-descriptors")
def close_of_a_simple_queue_does_nothing() -> None:
    SimpleQueue.close = lambda self: None


# JoinableQueue.


@mutant("joinable_queue.call.is-a-queue")
def a_joinable_queue_is_no_queue() -> None:
    BaseContext.JoinableQueue = lambda self, maxsize=0: standard.Queue(maxsize)


@mutant("joinable_queue.task_done.accepted-once-per-item")
def task_done_counts_twice() -> None:
    @replace(JoinableQueue, "task_done")
    def task_done(original: Any, self: Any) -> None:
        original(self)
        original(self)


@mutant("joinable_queue.task_done.too-often-raises-valueerror")
def task_done_too_often_is_ignored() -> None:
    @replace(JoinableQueue, "task_done")
    def task_done(original: Any, self: Any) -> None:
        try:
            original(self)
        except ValueError:
            pass  # which is what is broken here


@mutant("joinable_queue.join.returns-when-nothing-is-unfinished", "joinable_queue.join.counts-tasks-of-all-processes")
def join_of_a_queue_never_returns() -> None:
    JoinableQueue.join = lambda self: threading.Event().wait()


@mutant(
    "joinable_queue.join.blocks-until-items-are-got",
    "joinable_queue.join.blocks-until-tasks-are-done",
    "joinable_queue.join.counts-items-added-later",
    "joinable_queue.join.counts-tasks-of-all-processes",
    "joinable_queue.join.resumes-every-waiter",
)
def join_of_a_queue_returns_at_once() -> None:
    JoinableQueue.join = lambda self: None


@mutant("joinable_queue.join.resumes-every-waiter")
def one_waiter_is_resumed() -> None:
    @replace(JoinableQueue, "__init__")
    def init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self._cond.notify_all = self._cond.notify


# More of pipes.


@mutant("pipe.call.returns-pair")
def both_ends_are_one_object() -> None:
    pipe_is(lambda first, second: (first, first))


@mutant("pipe.call.returns-connection-objects")
def the_ends_of_a_simplex_pipe_are_of_another_class() -> None:
    @replace(BaseContext, "Pipe")
    def pipe(original: Any, self: Any, duplex: bool = True) -> Any:
        first, second = original(self, duplex)
        return (first, second) if duplex else (first, type("Sender", (), {"send": second.send})())


@mutant("pipe.call.duplex-by-name")
def duplex_by_name_is_ignored() -> None:
    @replace(BaseContext, "Pipe")
    def pipe(original: Any, self: Any, *args: Any, **ignored: Any) -> Any:
        return original(self, *args)


@mutant("pipe.call.connects-two-processes")
def messages_of_a_grandchild_are_lost() -> None:
    @replace(Connection, "send")
    def send(original: Any, self: Any, item: Any) -> None:
        if len(multiprocessing.current_process()._identity) < 2:
            original(self, item)


@mutant("pipe.duplex.carries-both-directions")
def pipes_have_the_default_timeout_of_sockets() -> None:
    @replace(BaseContext, "Pipe")
    def pipe(original: Any, self: Any, duplex: bool = True) -> Any:
        ends = original(self, duplex)
        if socket.getdefaulttimeout() is not None:
            for end in ends:
                os.set_blocking(end.fileno(), False)
        return ends


@mutant("pipe.duplex.carries-both-directions", "pipe.simplex.second-sends-to-first")
def the_second_message_comes_first() -> None:
    @replace(Connection, "send")
    def send(original: Any, self: Any, item: Any) -> None:
        self.items = [*getattr(self, "items", []), item]
        if len(self.items) == 2:
            original(self, item)
            original(self, self.items[0])
        elif len(self.items) > 2:
            original(self, item)


@mutant("pipe.simplex.first-cannot-send", "pipe.simplex.second-cannot-receive")
def only_objects_are_refused() -> None:
    @replace(BaseContext, "Pipe")
    def pipe(original: Any, self: Any, duplex: bool = True) -> Any:
        def refuse(*ignored: Any) -> None:
            raise OSError("the wrong end")

        first, second = original(self, True)
        if not duplex:
            first.send = second.recv = refuse
        return first, second


@mutant("pipe.simplex.second-cannot-receive")
def the_second_end_receives_nothing() -> None:
    @replace(Connection, "recv")
    def recv(original: Any, self: Any) -> Any:
        return original(self) if self.readable else None


# More of simple queues.


@mutant("simple_queue.get.waits-for-an-item")
def get_of_two_that_wait_returns_none_in_one() -> None:
    lock = threading.Lock()

    @replace(SimpleQueue, "get")
    def get(original: Any, self: Any) -> Any:
        self._reader.poll(None)
        time.sleep(0.02)
        with lock:
            return original(self) if self._reader.poll(0) else None


@mutant("simple_queue.empty.false-with-an-item")
def items_on_a_simple_queue_come_too_late() -> None:
    @replace(SimpleQueue, "put")
    def put(original: Any, self: Any, obj: Any) -> None:
        threading.Timer(late(), original, (self, obj)).start()


@mutant("simple_queue.empty.true-without-items")
def a_simple_queue_that_was_used_is_not_empty() -> None:
    @replace(SimpleQueue, "get")
    def get(original: Any, self: Any) -> Any:
        self.empty = lambda: False
        return original(self)


@mutant("simple_queue.close.releases-descriptors")
def close_of_a_simple_queue_closes_one_end() -> None:
    SimpleQueue.close = lambda self: self._reader.close()


@mutant("simple_queue.put.unpicklable-item-is-told")
def errors_of_a_simple_queue_are_swallowed() -> None:
    @replace(SimpleQueue, "put")
    def put(original: Any, self: Any, obj: Any) -> None:
        try:
            original(self, obj)
        except RuntimeError:
            pass  # which is what is broken here


@mutant("simple_queue.put.unpicklable-item-holds-back-no-other")
def an_error_leaves_a_simple_queue_locked() -> None:
    @replace(SimpleQueue, "put")
    def put(original: Any, self: Any, obj: Any) -> None:
        try:
            original(self, obj)
        except RuntimeError:
            self._rlock.acquire(False)
            raise


# More of joinable queues.


@mutant("joinable_queue.task_done.too-often-raises-valueerror")
def task_done_too_often_is_noticed_on_a_new_queue_only() -> None:
    @replace(JoinableQueue, "task_done")
    def task_done(original: Any, self: Any) -> None:
        try:
            original(self)
        except ValueError:
            if self._thread is None:
                raise


@mutant("joinable_queue.join.returns-when-nothing-is-unfinished")
def join_of_a_queue_looks_each_second() -> None:
    @replace(JoinableQueue, "join")
    def join(original: Any, self: Any) -> None:
        time.sleep(late())
        original(self)


@mutant("joinable_queue.join.returns-when-nothing-is-unfinished")
def join_of_a_queue_that_was_used_waits() -> None:
    @replace(JoinableQueue, "join")
    def join(original: Any, self: Any) -> None:
        original(self)
        if self._thread is not None:
            time.sleep(late())


@mutant("joinable_queue.join.blocks-until-tasks-are-done", "joinable_queue.join.counts-tasks-of-all-processes")
def join_of_a_queue_waits_until_all_is_got() -> None:
    def join(self: Any) -> None:
        while self.qsize():
            time.sleep(0.001)

    JoinableQueue.join = join


@mutant("joinable_queue.join.blocks-until-tasks-are-done")
def join_of_a_queue_returns_after_the_first_task() -> None:
    @replace(JoinableQueue, "task_done")
    def task_done(original: Any, self: Any) -> None:
        original(self)
        with self._cond:
            self._cond.notify_all()


@mutant("joinable_queue.join.blocks-until-items-are-got")
def join_of_a_queue_does_not_count_what_is_on_it() -> None:
    @replace(JoinableQueue, "join")
    def join(original: Any, self: Any) -> None:
        if not self.qsize():
            original(self)


@mutant("joinable_queue.join.counts-items-added-later")
def join_of_a_queue_that_was_joined_returns_at_once() -> None:
    @replace(JoinableQueue, "join")
    def join(original: Any, self: Any) -> None:
        if not hasattr(self, "joined"):
            original(self)
        self.joined = True
