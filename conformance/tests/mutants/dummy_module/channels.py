"""Mutants of the dummy module: queues, pipes and managers."""

from __future__ import annotations

import multiprocessing.dummy.connection
import queue
import threading
import time
from types import MappingProxyType
from typing import Any

from mutants import mutant, replace
from mutants.dummy_module.threads import DUMMY, late, otherwise

Connection: Any = multiprocessing.dummy.connection.Connection


# Queues and pipes


@mutant("dummy.queue.carries-items-in-order")
def the_first_item_comes_second() -> None:
    class Queue(queue.Queue):  # type: ignore[type-arg]
        def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
            if item:
                super().put(item, block, timeout)
            if item == 1:
                super().put(0, block, timeout)

    DUMMY.Queue = DUMMY.JoinableQueue = Queue


@mutant("dummy.queue.operations-match-a-bounded-fifo")
def a_queue_is_a_stack() -> None:
    DUMMY.Queue = queue.LifoQueue


@mutant("dummy.joinable_queue.join-waits-for-task_done")
def join_of_a_queue_does_nothing() -> None:
    class Queue(queue.Queue):  # type: ignore[type-arg]
        def join(self) -> None:
            pass

    DUMMY.JoinableQueue = Queue


@mutant("dummy.joinable_queue.join-waits-for-task_done")
def join_of_a_queue_returns_after_the_first_task() -> None:
    class Queue(queue.Queue):  # type: ignore[type-arg]
        def join(self) -> None:
            with self.all_tasks_done:
                self.all_tasks_done.wait()

        def task_done(self) -> None:
            super().task_done()
            with self.all_tasks_done:
                self.all_tasks_done.notify_all()

    DUMMY.JoinableQueue = Queue


@mutant("dummy.pipe.carries-both-directions")
def the_ends_do_not_cross_over() -> None:
    @replace(DUMMY, "Pipe")
    def pipe(original: Any, duplex: bool = True) -> Any:
        there, back = queue.Queue[Any](), queue.Queue[Any]()
        return Connection(there, back), Connection(there, back)


@mutant("dummy.pipe.simplex-second-sends-to-first")
def the_first_sends_to_the_second() -> None:
    @replace(DUMMY, "Pipe")
    def pipe(original: Any, duplex: bool = True) -> Any:
        first, second = original()
        second.send = lambda item: None
        return first, second


@mutant("dummy.pipe.poll-tells-of-messages")
def poll_returns_true() -> None:
    Connection.poll = lambda self, timeout=0.0: True


@mutant("dummy.pipe.poll-tells-of-messages")
def poll_waits_too_long() -> None:
    otherwise(Connection, "poll", late)


@mutant("dummy.pipe.poll-tells-of-messages")
def poll_always_waits() -> None:
    @replace(Connection, "poll")
    def poll(original: Any, self: Any, timeout: float = 0.0) -> Any:
        if not timeout:
            time.sleep(late(0))
        return original(self, timeout)


@mutant("dummy.pipe.carries-bytes")
def bytes_are_cut() -> None:
    @replace(Connection, "__init__")
    def init(original: Any, self: Any, *args: Any) -> None:
        original(self, *args)
        self.send_bytes = lambda text: self.send(text[1:])


@mutant("dummy.pipe.in-a-with-statement")
def the_with_statement_gives_nothing() -> None:
    Connection.__enter__ = lambda self: None


@mutant("dummy.connection.client-reaches-listener")
def a_client_is_connected_to_nothing() -> None:
    @replace(multiprocessing.dummy.connection, "Client")
    def client(original: Any, address: Any) -> Any:
        original(address)
        return Connection(queue.Queue[Any](), queue.Queue[Any]())


# Managers


@mutant("dummy.manager.makes-containers")
def a_dict_cannot_be_changed() -> None:
    DUMMY.dict = lambda *args: MappingProxyType(dict(*args))


@mutant("dummy.manager.makes-what-the-package-does")
def there_is_no_semaphore() -> None:
    del DUMMY.Semaphore


@mutant("dummy.manager.makes-what-the-package-does")
def a_manager_makes_empty_values() -> None:
    @replace(DUMMY, "Value")
    def value(original: Any, typecode: Any, value: Any, lock: bool = True) -> Any:
        return original(typecode, None)


@mutant("dummy.manager.shutdown")
def there_is_no_shutdown() -> None:
    del DUMMY.shutdown


@mutant("dummy.value.is-shared")
def a_value_is_one_for_each_thread() -> None:
    class Value(threading.local):
        def __init__(self, typecode: str, value: Any) -> None:
            self.value = value

    DUMMY.Value = Value


@mutant("dummy.array.is-shared")
def an_array_cannot_be_changed() -> None:
    DUMMY.Array = lambda typecode, items: tuple(items)
