"""Contexts: the whole API, bound to one start method or to the one that the program chooses.

A context has every name of the package as a method or a class. The package's own names are those of the
*default context*, which takes its start method when that is first needed or from `set_start_method`. What is
made by a context keeps it, to make further objects of the same kind with.

Each method imports its room when it is called: a program pays for what it uses.
"""

from __future__ import annotations

import os
import sys

from mpreference import errors, process

TYPE_CHECKING = False  # as typing has it, which takes longer to import than all of this package
if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Sequence
    from typing import Any

    from mpreference import managers, pool, queues, synchronize
    from mpreference.starting.handles import Handle
    from mpreference.streams import Connection

METHODS = ("fork", "spawn", "forkserver")
if sys.version_info >= (3, 14) and sys.platform != "darwin":
    METHODS = ("forkserver", "spawn", "fork")
elif sys.platform == "darwin":
    METHODS = ("spawn", "fork", "forkserver")
"""The start methods of this platform, the default one first."""


class BaseContext:
    """All of the API but the start method (`multiprocessing.get_context`)."""

    ProcessError = errors.ProcessError
    BufferTooShort = errors.BufferTooShort
    TimeoutError = errors.TimeoutError
    AuthenticationError = errors.AuthenticationError

    current_process = staticmethod(process.current_process)
    parent_process = staticmethod(process.parent_process)
    active_children = staticmethod(process.active_children)

    # Start methods

    def get_start_method(self, allow_none: bool = False) -> str | None:
        """Return the name of the start method (`multiprocessing.get_start_method`)."""
        raise NotImplementedError

    def set_start_method(self, method: str | None, force: bool = False) -> None:  # noqa: ARG002
        """Refuse: a context that has a start method keeps it (`multiprocessing.set_start_method`)."""
        raise ValueError("the start method of a context is fixed: use that of the package, or get_context(method)")

    def get_context(self, method: str | None = None) -> BaseContext:
        """Return the context with this start method, or this one (`multiprocessing.get_context`)."""
        return self if method is None else _context(method)

    def get_all_start_methods(self) -> list[str]:
        """Return the start methods of this platform, the default first (`multiprocessing.get_all_start_methods`)."""
        return list(METHODS)

    def set_executable(self, executable: str | bytes | os.PathLike[str]) -> None:
        """Set the interpreter that spawned children run (`multiprocessing.set_executable`)."""
        from mpreference.starting import spawn

        spawn.set_executable(executable)

    def set_forkserver_preload(self, module_names: list[str]) -> None:
        """Name modules that the fork server imports first (`multiprocessing.set_forkserver_preload`)."""
        from mpreference.starting import forkserver

        forkserver.set_forkserver_preload(module_names)

    # Miscellaneous

    def cpu_count(self) -> int:
        """Return the number of processors of the system (`multiprocessing.cpu_count`)."""
        number = os.cpu_count()
        if number is None:
            raise NotImplementedError("the number of processors cannot be determined here")
        return number

    def freeze_support(self) -> None:
        """Be a child if a frozen program was started as one, else do nothing (`multiprocessing.freeze_support`)."""
        if getattr(sys, "frozen", False):
            from mpreference.starting import child

            child.run_if_frozen_child()

    def get_logger(self) -> logging.Logger:
        """Return the logger of the package (`multiprocessing.get_logger`)."""
        from mpreference import log

        return log.get_logger()

    def log_to_stderr(self, level: int | str | None = None) -> logging.Logger:
        """Let the logger write to standard error, and return it (`multiprocessing.log_to_stderr`)."""
        from mpreference import log

        return log.log_to_stderr(level)

    # Pipes and queues

    def Pipe(self, duplex: bool = True) -> tuple[Connection, Connection]:  # noqa: N802 - documented names, all of these
        """Return the two ends of a pipe (`multiprocessing.Pipe`)."""
        from mpreference.streams import Pipe

        return Pipe(duplex)

    def Queue(self, maxsize: int = 0) -> queues.Queue:  # noqa: N802
        """Return a queue (`multiprocessing.Queue`)."""
        from mpreference.queues import Queue

        return Queue(maxsize, ctx=self)

    def JoinableQueue(self, maxsize: int = 0) -> queues.JoinableQueue:  # noqa: N802
        """Return a queue whose tasks can be awaited (`multiprocessing.JoinableQueue`)."""
        from mpreference.queues import JoinableQueue

        return JoinableQueue(maxsize, ctx=self)

    def SimpleQueue(self) -> queues.SimpleQueue:  # noqa: N802
        """Return a queue that is little more than a locked pipe (`multiprocessing.SimpleQueue`)."""
        from mpreference.queues import SimpleQueue

        return SimpleQueue(ctx=self)

    # Synchronization

    def Lock(self) -> synchronize.Lock:  # noqa: N802
        """Return a lock (`multiprocessing.Lock`)."""
        from mpreference.synchronize import Lock

        return Lock(ctx=self)

    def RLock(self) -> synchronize.RLock:  # noqa: N802
        """Return a lock that its owner may acquire again (`multiprocessing.RLock`)."""
        from mpreference.synchronize import RLock

        return RLock(ctx=self)

    def Semaphore(self, value: int = 1) -> synchronize.Semaphore:  # noqa: N802
        """Return a semaphore (`multiprocessing.Semaphore`)."""
        from mpreference.synchronize import Semaphore

        return Semaphore(value, ctx=self)

    def BoundedSemaphore(self, value: int = 1) -> synchronize.BoundedSemaphore:  # noqa: N802
        """Return a semaphore that refuses to exceed its first value (`multiprocessing.BoundedSemaphore`)."""
        from mpreference.synchronize import BoundedSemaphore

        return BoundedSemaphore(value, ctx=self)

    def Condition(self, lock: Any = None) -> synchronize.Condition:  # noqa: N802
        """Return a condition (`multiprocessing.Condition`)."""
        from mpreference.synchronize import Condition

        return Condition(lock, ctx=self)

    def Event(self) -> synchronize.Event:  # noqa: N802
        """Return an event (`multiprocessing.Event`)."""
        from mpreference.synchronize import Event

        return Event(ctx=self)

    def Barrier(  # noqa: N802
        self, parties: int, action: Callable[[], object] | None = None, timeout: float | None = None
    ) -> synchronize.Barrier:
        """Return a barrier (`multiprocessing.Barrier`)."""
        from mpreference.synchronize import Barrier

        return Barrier(parties, action, timeout, ctx=self)

    # Shared state

    def RawValue(self, typecode_or_type: Any, *args: Any) -> Any:  # noqa: N802
        """Return a ctypes object in shared memory (`multiprocessing.sharedctypes.RawValue`)."""
        from mpreference.sharedctypes import RawValue

        return RawValue(typecode_or_type, *args)

    def RawArray(self, typecode_or_type: Any, size_or_initializer: int | Sequence[Any]) -> Any:  # noqa: N802
        """Return a ctypes array in shared memory (`multiprocessing.sharedctypes.RawArray`)."""
        from mpreference.sharedctypes import RawArray

        return RawArray(typecode_or_type, size_or_initializer)

    def Value(self, typecode_or_type: Any, *args: Any, lock: Any = True) -> Any:  # noqa: N802
        """Return a ctypes object in shared memory, with a lock (`multiprocessing.Value`)."""
        from mpreference.sharedctypes import Value

        return Value(typecode_or_type, *args, lock=lock, ctx=self)

    def Array(self, typecode_or_type: Any, size_or_initializer: int | Sequence[Any], *, lock: Any = True) -> Any:  # noqa: N802
        """Return a ctypes array in shared memory, with a lock (`multiprocessing.Array`)."""
        from mpreference.sharedctypes import Array

        return Array(typecode_or_type, size_or_initializer, lock=lock, ctx=self)

    def Manager(self) -> managers.SyncManager:  # noqa: N802
        """Return a manager whose server runs (`multiprocessing.Manager`)."""
        from mpreference.managers import SyncManager

        manager = SyncManager(ctx=self)
        manager.start()
        return manager

    # Pools

    def Pool(  # noqa: N802
        self,
        processes: int | None = None,
        initializer: Callable[..., object] | None = None,
        initargs: Sequence[Any] = (),
        maxtasksperchild: int | None = None,
    ) -> pool.Pool:
        """Return a pool of worker processes (`multiprocessing.pool.Pool`)."""
        from mpreference.pool import Pool

        return Pool(processes, initializer, initargs, maxtasksperchild, context=self)


def launch(method: str, child: process.BaseProcess) -> Handle:
    """Start a child by this method."""
    if method == "fork":
        from mpreference.starting import fork

        return fork.launch(child)
    if method == "spawn":
        from mpreference.starting import spawn

        return spawn.launch(child)
    from mpreference.starting import forkserver

    return forkserver.launch(child)


class Process(process.BaseProcess):
    """The process of the package: it is started by the program's start method (`multiprocessing.Process`)."""

    def _launch(self) -> Handle:
        return launch(default.start_method(), self)


class ForkProcess(process.BaseProcess):
    """A process that is forked."""

    def _launch(self) -> Handle:
        return launch("fork", self)


class SpawnProcess(process.BaseProcess):
    """A process that is spawned."""

    def _launch(self) -> Handle:
        return launch("spawn", self)


class ForkServerProcess(process.BaseProcess):
    """A process that is forked by the fork server."""

    def _launch(self) -> Handle:
        return launch("forkserver", self)


class FixedContext(BaseContext):
    """A context with a start method of its own."""

    def __init__(self, method: str, kind: type[process.BaseProcess]) -> None:
        self._method = method
        self.Process = kind

    def get_start_method(self, allow_none: bool = False) -> str:  # noqa: ARG002 - it has one in any case
        """Return the name of the start method."""
        return self._method

    def __reduce__(self) -> tuple[Callable[[str], BaseContext], tuple[str]]:
        return _context, (self._method,)


class DefaultContext(BaseContext):
    """The context of the package itself: its start method is chosen once by the program, or is the default."""

    Process = Process

    def __init__(self) -> None:
        self._method: str | None = None

    def start_method(self) -> str:
        """Return the start method, which is the default one from now on if none was set."""
        if self._method is None:
            self._method = METHODS[0]
        return self._method

    def get_start_method(self, allow_none: bool = False) -> str | None:
        """Return the name of the start method; None if none was set and ``allow_none``."""
        return self._method if allow_none else self.start_method()

    def set_start_method(self, method: str | None, force: bool = False) -> None:
        """Set the start method, once; None is for the default one, or with ``force`` for none yet."""
        if self._method is not None and not force:
            raise RuntimeError(f"the start method was set already, to {self._method!r}")
        if method is None:
            self._method = None if force else METHODS[0]
        else:
            _context(method)
            self._method = method

    def get_context(self, method: str | None = None) -> BaseContext:
        """Return the context with this start method, or with the program's."""
        return _context(self.start_method() if method is None else method)

    def __reduce__(self) -> str:
        return "default"


def _context(method: str) -> BaseContext:
    """Return the context with this start method; raise ``ValueError`` if there is none."""
    if method not in _contexts:
        raise ValueError(f"there is no start method {method!r}: there are {', '.join(METHODS)}")
    return _contexts[method]


_contexts: dict[str, BaseContext] = {
    "fork": FixedContext("fork", ForkProcess),
    "spawn": FixedContext("spawn", SpawnProcess),
    "forkserver": FixedContext("forkserver", ForkServerProcess),
}
default = DefaultContext()
