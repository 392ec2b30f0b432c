"""Mutants of the dummy module."""

from __future__ import annotations

import copy
import multiprocessing
import multiprocessing.dummy
import multiprocessing.dummy.connection
import multiprocessing.pool
import os
import queue
import threading
from types import MappingProxyType
from typing import Any

from mutants import mutant, replace

DUMMY: Any = multiprocessing.dummy
"""The module, whose names are put in place one by one."""

POOL: Any = multiprocessing.pool
Connection: Any = multiprocessing.dummy.connection.Connection

UNSEEN = {"dummy.process.daemon-by-keyword": "the standard library itself breaks it"}


# Process


@mutant("dummy.process.runs-in-a-thread")
def a_process_takes_two_threads() -> None:
    @replace(DUMMY.DummyProcess, "run")
    def run(original: Any, self: Any) -> None:
        thread = threading.Thread(target=original, args=(self,))
        thread.start()
        thread.join()


@mutant("dummy.process.passes-the-objects-themselves")
def arguments_are_copied() -> None:
    @replace(DUMMY.DummyProcess, "__init__")
    def init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(
            self,
            *args,
            **{name: copy.deepcopy(value) for name, value in kwargs.items() if name == "kwargs"}
            | {name: value for name, value in kwargs.items() if name != "kwargs"},
        )


@mutant("dummy.process.name")
def the_name_is_ignored() -> None:
    @replace(DUMMY.DummyProcess, "__init__")
    def init(original: Any, self: Any, *args: Any, name: Any = None, **kwargs: Any) -> None:
        original(self, *args, **kwargs)


@mutant("dummy.process.daemon-is-settable")
def daemon_cannot_be_set() -> None:
    DUMMY.DummyProcess.daemon = property(lambda self: False, lambda self, flag: None)


@mutant("dummy.process.is_alive")
def a_started_process_is_alive_for_ever() -> None:
    DUMMY.DummyProcess.is_alive = lambda self: self.ident is not None


@mutant("dummy.process.join-waits")
def join_does_nothing() -> None:
    DUMMY.DummyProcess.join = lambda self, timeout=None: None


@mutant("dummy.process.exitcode")
def exitcode_is_zero() -> None:
    DUMMY.DummyProcess.exitcode = 0


@mutant("dummy.process.subclass-overrides-run")
def overridden_run_is_not_called() -> None:
    @replace(DUMMY.DummyProcess, "start")
    def start(original: Any, self: Any) -> None:
        self.run = lambda: DUMMY.DummyProcess.run(self)
        original(self)


@mutant("dummy.current_process.is-the-started-object")
def current_process_is_the_main_thread() -> None:
    DUMMY.current_process = threading.main_thread


@mutant("dummy.active_children.those-that-run")
def active_children_have_ended() -> None:
    children: list[Any] = []
    DUMMY.active_children = lambda: children

    @replace(DUMMY.DummyProcess, "start")
    def start(original: Any, self: Any) -> None:
        original(self)
        children.append(self)


@mutant("dummy.freeze_support.has-no-effect")
def freeze_support_returns_true() -> None:
    DUMMY.freeze_support = lambda: True


# Synchronization


@mutant("dummy.lock.excludes")
def a_lock_is_recursive() -> None:
    DUMMY.Lock = threading.RLock


@mutant("dummy.rlock.owner-acquires-again")
def an_rlock_is_a_semaphore() -> None:
    DUMMY.RLock = lambda: threading.Semaphore(2)


@mutant("dummy.semaphore.counts")
def a_semaphore_has_one_more() -> None:
    DUMMY.Semaphore = lambda value=1: threading.Semaphore(value + 1)


@mutant("dummy.bounded_semaphore.refuses-excess-release")
def a_bounded_semaphore_is_not_bounded() -> None:
    DUMMY.BoundedSemaphore = threading.Semaphore


@mutant("dummy.condition.notify-wakes")
def wait_returns_nothing() -> None:
    class Condition(threading.Condition):
        def wait(self, timeout: float | None = None) -> Any:
            super().wait(timeout)

    DUMMY.Condition = Condition


@mutant("dummy.event.set-wakes")
def an_event_is_set_from_the_first() -> None:
    class Event(threading.Event):
        def is_set(self) -> bool:
            return True

    DUMMY.Event = Event


@mutant("dummy.barrier.releases-all")
def a_barrier_returns_zero() -> None:
    class Barrier(threading.Barrier):
        def wait(self, timeout: float | None = None) -> int:
            super().wait(timeout)
            return 0

    DUMMY.Barrier = Barrier


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


# Pools


@mutant("dummy.pool.runs-tasks-in-threads")
def apply_runs_the_task_itself() -> None:
    @replace(multiprocessing.pool.Pool, "apply")
    def apply(original: Any, self: Any, function: Any, args: Any = ()) -> Any:
        return function(*args)


@mutant("dummy.pool.has-all-methods")
def starmap_does_not_unpack() -> None:
    multiprocessing.pool.Pool.starmap = multiprocessing.pool.Pool.map  # type: ignore[method-assign, assignment]


@mutant("dummy.pool.raises-the-exception")
def the_exception_is_copied() -> None:
    @replace(multiprocessing.pool.Pool, "apply")
    def apply(original: Any, *args: Any) -> Any:
        try:
            return original(*args)
        except ValueError as error:
            raise ValueError(*error.args) from None


@mutant("dummy.pool.is-a-thread-pool")
def the_pool_is_one_of_processes() -> None:
    DUMMY.Pool = multiprocessing.Pool


@mutant("dummy.thread_pool.is-a-pool")
def a_thread_pool_is_no_pool() -> None:
    POOL.ThreadPool = type("ThreadPool", (), {})


@mutant("dummy.thread_pool.number-of-threads")
def there_is_one_thread() -> None:
    @replace(multiprocessing.pool.ThreadPool, "__init__")
    def init(original: Any, self: Any, processes: int | None = None, *args: Any, **kwargs: Any) -> None:
        original(self, 1, *args, **kwargs)


@mutant("dummy.thread_pool.defaults-to-cpu-count")
def the_default_is_one_thread() -> None:
    @replace(multiprocessing.pool.ThreadPool, "__init__")
    def init(original: Any, self: Any, processes: int | None = None, *args: Any, **kwargs: Any) -> None:
        original(self, processes or 1, *args, **kwargs)


@mutant("dummy.thread_pool.defaults-to-process-cpu-count")
def the_default_is_that_of_the_system() -> None:
    @replace(multiprocessing.pool.ThreadPool, "__init__")
    def init(original: Any, self: Any, processes: int | None = None, *args: Any, **kwargs: Any) -> None:
        original(self, processes or os.cpu_count(), *args, **kwargs)


@mutant("dummy.thread_pool.initializer-in-each-thread")
def initargs_are_ignored() -> None:
    @replace(multiprocessing.pool.ThreadPool, "__init__")
    def init(
        original: Any, self: Any, processes: int | None = None, initializer: Any = None, initargs: Any = ()
    ) -> None:
        original(self, processes, initializer)


@mutant("dummy.thread_pool.refuses-other-arguments")
def other_arguments_are_ignored() -> None:
    @replace(multiprocessing.pool.ThreadPool, "__init__")
    def init(original: Any, self: Any, processes: int | None = None, **kwargs: Any) -> None:
        original(self, processes)


@mutant("dummy.thread_pool.with-statement-ends-it")
def the_with_statement_does_nothing() -> None:
    @replace(multiprocessing.pool.Pool, "__exit__")
    def leave(original: Any, self: Any, *args: Any) -> None:
        pass


@mutant("dummy.thread_pool.close-completes-and-ends-it")
def close_terminates() -> None:
    multiprocessing.pool.Pool.close = multiprocessing.pool.Pool.terminate  # type: ignore[method-assign]
