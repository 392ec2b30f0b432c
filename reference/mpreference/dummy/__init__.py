"""The API of the package on threads of one process (`multiprocessing.dummy`).

No more than a wrapper around `threading` and `queue`: what is shared is simply shared, nothing is pickled, and what
is sent arrives as the very object. So there is nothing here that only processes have: start methods,
sentinels, keys, and ending a process from outside.

Rules
-----
* A :class:`Process` is a thread with the documented members of a process, its exit code among them.
* The thread that runs a process knows it: :func:`current_process`. Other threads belong to the main process.
* The synchronization primitives are those of `threading`.
"""

from __future__ import annotations

import array
import itertools
import os
import queue
import threading
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, Semaphore
from typing import TYPE_CHECKING, Any

from mpreference.dummy import connection
from mpreference.dummy.connection import Pipe
from mpreference.errors import AuthenticationError, BufferTooShort, ProcessError, TimeoutError  # noqa: A004
from mpreference.log import get_logger, log_to_stderr
from mpreference.process import exit_code

if TYPE_CHECKING:
    from mpreference.pool import ThreadPool

__all__ = [
    "Array",
    "AuthenticationError",
    "Barrier",
    "BoundedSemaphore",
    "BufferTooShort",
    "Condition",
    "Event",
    "JoinableQueue",
    "Lock",
    "Manager",
    "Namespace",
    "Pipe",
    "Pool",
    "Process",
    "ProcessError",
    "Queue",
    "RLock",
    "Semaphore",
    "SimpleQueue",
    "TimeoutError",
    "Value",
    "active_children",
    "connection",
    "cpu_count",
    "current_process",
    "dict",
    "freeze_support",
    "get_logger",
    "list",
    "log_to_stderr",
    "parent_process",
]

list = list  # noqa: A001
dict = dict  # noqa: A001


# Processes


class Process:
    """An activity in a thread of its own (`multiprocessing.Process`)."""

    def __init__(
        self,
        group: None = None,
        target: Callable[..., object] | None = None,
        name: str | None = None,
        args: Iterable[Any] = (),
        kwargs: Mapping[str, Any] = {},
        *,
        daemon: bool | None = None,
    ) -> None:
        if group is not None:
            raise ValueError(f"group must be None, not {group!r}: it exists only to be like threading.Thread")
        self._target = target
        self._args = tuple(args)
        self._kwargs = {**kwargs}
        self._parent = current_process()
        self._exitcode: int | None = None
        self._thread = threading.Thread(target=self._be, name=name or f"Process-{next(_numbers)}", daemon=daemon)

    def run(self) -> None:
        """Be the activity: call the target, if there is one (`multiprocessing.Process.run`)."""
        if self._target is not None:
            self._target(*self._args, **self._kwargs)

    def _be(self) -> None:
        _here.process = self
        try:
            self.run()
            self._exitcode = 0
        except SystemExit as asked:
            self._exitcode = exit_code(asked.code)
        except BaseException:
            self._exitcode = 1
            raise  # `threading` prints it
        finally:
            _running.discard(self)

    def start(self) -> None:
        """Start the thread, once (`multiprocessing.Process.start`)."""
        if self._thread.ident is not None:
            raise AssertionError(f"{self!r} was started already, and a process is started once")
        _running.add(self)
        self._thread.start()

    def join(self, timeout: float | None = None) -> None:
        """Block until the thread has ended, at most ``timeout`` seconds (`multiprocessing.Process.join`)."""
        if self._thread.ident is None:
            raise AssertionError(f"{self!r} was not started, so it cannot be joined")
        self._thread.join(timeout)

    def is_alive(self) -> bool:
        """Return whether the thread runs (`multiprocessing.Process.is_alive`)."""
        return self._thread.is_alive()

    def close(self) -> None:
        """Do nothing, for a thread holds nothing; ``ValueError`` while it runs (`multiprocessing.Process.close`)."""
        if self._thread.is_alive():
            raise ValueError("cannot close a process that still runs: call join() first")

    @property
    def name(self) -> str:
        """Its name, for the reader only (`multiprocessing.Process.name`)."""
        return self._thread.name

    @name.setter
    def name(self, name: str) -> None:
        self._thread.name = name

    @property
    def daemon(self) -> bool:
        """Whether the program ends without awaiting it; set before start() (`multiprocessing.Process.daemon`)."""
        return self._thread.daemon

    @daemon.setter
    def daemon(self, daemon: bool) -> None:
        if self._thread.ident is not None:
            raise AssertionError(f"{self!r} was started already: daemon is set before")
        self._thread.daemon = bool(daemon)

    @property
    def exitcode(self) -> int | None:
        """None until it has ended, 1 if it ended by an exception, else 0 (`multiprocessing.Process.exitcode`)."""
        return None if self._thread.is_alive() else self._exitcode

    @property
    def pid(self) -> int | None:
        """The process id, which all share, once it is started (`multiprocessing.Process.pid`)."""
        return None if self._thread.ident is None else os.getpid()

    def __repr__(self) -> str:
        state = "initial" if self._thread.ident is None else "started" if self.is_alive() else "stopped"
        return f"<{type(self).__name__} name={self.name!r} {state}>"


class _MainProcess(Process):
    """What all the threads belong to that were not started here."""

    def __init__(self) -> None:
        self._thread = threading.main_thread()
        self._exitcode = None


class _Here(threading.local):
    process: Process | None = None


_here = _Here()
_main = _MainProcess()
_numbers = itertools.count(1)
_running: set[Process] = set()


def current_process() -> Process:
    """Return the process whose thread calls (`multiprocessing.current_process`)."""
    return _here.process or _main


def parent_process() -> Process | None:
    """Return the process that made this one, None for the main process (`multiprocessing.parent_process`)."""
    return _here.process._parent if _here.process else None


def active_children() -> list[Process]:
    """Return those that this process made and that still run (`multiprocessing.active_children`)."""
    return [process for process in _running.copy() if process._parent is current_process()]


def freeze_support() -> None:
    """Do nothing: a thread is in no other program (`multiprocessing.freeze_support`)."""


def cpu_count() -> int:
    """Return the number of processors of the system (`multiprocessing.cpu_count`)."""
    number = os.cpu_count()
    if number is None:
        raise NotImplementedError("the number of processors cannot be determined here")
    return number


# Queues


class Queue(queue.Queue[Any]):
    """A queue between threads, with all methods of the three kinds of queues (`multiprocessing.Queue`).

    There is no thread that feeds it, so those about one do nothing.
    """

    _closed = False

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        """Put an item; raise ``queue.Full`` if there is no room within ``timeout``, ValueError after close()."""
        if self._closed:
            raise ValueError("the queue is closed")
        super().put(item, block, timeout)

    def close(self) -> None:
        """Put no more."""
        self._closed = True

    def join_thread(self) -> None:
        """Do nothing."""

    def cancel_join_thread(self) -> None:
        """Do nothing."""


JoinableQueue = Queue


class SimpleQueue(Queue):
    """A queue without a bound (`multiprocessing.SimpleQueue`)."""

    def __init__(self) -> None:
        super().__init__()


# Shared objects


def Value(typecode_or_type: Any, *args: Any, lock: Any = True) -> Any:  # noqa: N802 - documented names
    """Return a ctypes object with a lock (`multiprocessing.Value`)."""
    from mpreference import sharedctypes

    return _locked(sharedctypes.RawValue(typecode_or_type, *args), lock)


def Array(typecode_or_type: Any, size_or_initializer: int | Sequence[Any], *, lock: Any = True) -> Any:  # noqa: N802
    """Return a ctypes array with a lock (`multiprocessing.Array`)."""
    from mpreference import sharedctypes

    return _locked(sharedctypes.RawArray(typecode_or_type, size_or_initializer), lock)


def _locked(obj: Any, lock: Any) -> Any:
    from mpreference import sharedctypes

    if lock is False:
        return obj
    return sharedctypes.synchronized(obj, RLock() if lock is True or lock is None else lock)


class Namespace(types.SimpleNamespace):
    """Attributes, as many as are set (`multiprocessing.managers.Namespace`)."""


class Manager:
    """What makes objects for all threads (`multiprocessing.Manager`). It has no server, so there is none to start."""

    Barrier = Barrier
    BoundedSemaphore = BoundedSemaphore
    Condition = Condition
    Event = Event
    JoinableQueue = Queue
    Lock = staticmethod(Lock)
    Namespace = Namespace
    Queue = Queue
    RLock = staticmethod(RLock)
    Semaphore = Semaphore
    dict = dict
    list = list
    set = set

    def Array(self, typecode: str, sequence: Iterable[Any]) -> array.array[Any]:  # noqa: N802
        """Return an array (`multiprocessing.managers.SyncManager.Array`)."""
        return array.array(typecode, sequence)

    def Value(self, typecode: Any, value: Any) -> Any:  # noqa: N802, ARG002
        """Return an object with an attribute ``value`` (`multiprocessing.managers.SyncManager.Value`)."""
        return Namespace(value=value)

    def Pool(self, *args: Any, **kwargs: Any) -> ThreadPool:  # noqa: N802
        """Return a pool of threads."""
        return Pool(*args, **kwargs)

    def start(self) -> None:
        """Do nothing."""

    def shutdown(self) -> None:
        """Do nothing."""

    def __enter__(self) -> Manager:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: types.TracebackType | None
    ) -> None:
        self.shutdown()


def Pool(  # noqa: N802
    processes: int | None = None,
    initializer: Callable[..., object] | None = None,
    initargs: Iterable[Any] = (),
) -> ThreadPool:
    """Return a pool of worker threads (`multiprocessing.pool.ThreadPool`)."""
    from mpreference.pool import ThreadPool

    return ThreadPool(processes, initializer, initargs)
