"""Pools of workers, which take tasks and give results (`multiprocessing.pool`).

The parts of a pool, from the program to the workers::

    Pool, ThreadPool            the methods                                    this module
    AsyncResult, iterators      what they return                               pool_results
    a crew                      what is outstanding, and who does it           pool_crew, pool_processes, pool_threads
    channels                    messages between the crew and a worker         pool_channels
    work()                      what a worker process does                     pool_worker
    tasks, failures             what they say to each other                    pool_tasks

What the documentation leaves open
----------------------------------
* A task of which the worker is killed fails with `WorkerLost`, and the worker is replaced; so is one whose task has
  raised `SystemExit`.
* A result or an exception that cannot be pickled fails the task with `NotPicklable`. An argument that cannot be pickled
  fails it with whatever its pickling raised, as if the worker had raised it.
* An exception of a task has a `RemoteTraceback` as its ``__cause__``: where in the worker it was raised.
* `map` raises the failure of the first item that has one, when all chunks are done; the rest of a chunk is not
  run after a failure. `imap` gives what it can: other items of the chunk, and what comes after.
* `imap` reads its iterable in a thread, `AHEAD` chunks for each worker ahead of the results that were taken.
* After `terminate` nobody waits in vain: what was not done fails with `ProcessError`. Nobody is called back for it.
* A pool whose workers cannot start, as their initializer raises, ends; all that was submitted fails.
* Workers are daemonic, and named ``PoolWorker-N``.
"""

from __future__ import annotations

import operator
import os
import threading

from mpreference.finalizers import Finalizer
from mpreference.pool_crew import CLOSED, RUNNING, Crew
from mpreference.pool_processes import ProcessCrew
from mpreference.pool_results import AsyncResult, MapResult, ResultIterator, Stream
from mpreference.pool_tasks import CALL, EACH, SPREAD, NotPicklable, RemoteTraceback, WorkerLost
from mpreference.pool_threads import ThreadCrew

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, NoReturn

    from mpreference.context import BaseContext

__all__ = ["AsyncResult", "NotPicklable", "Pool", "RemoteTraceback", "ThreadPool", "WorkerLost"]

CHUNKS = 4
"""Into how many chunks for each worker `map` chops an iterable, if it is not told."""

AHEAD = 64
"""How many chunks for each worker `imap` reads ahead."""


class Pool:
    """A pool of worker processes (`multiprocessing.pool.Pool`).

    ``processes`` is their number; None is that of the processors (since 3.13 of those that this process may use).
    Each calls ``initializer(*initargs)`` first, if there is one, and is replaced after ``maxtasksperchild`` tasks,
    unless that is None. ``context`` starts them; None is the default context.
    """

    def __init__(
        self,
        processes: int | None = None,
        initializer: Callable[..., object] | None = None,
        initargs: Iterable[Any] = (),
        maxtasksperchild: int | None = None,
        context: BaseContext | None = None,
    ) -> None:
        if maxtasksperchild is not None:
            maxtasksperchild = _positive(maxtasksperchild, "maxtasksperchild")
        if context is None:
            from mpreference.context import default

            context = default
        self._check(initializer)
        size = _number_of_workers(processes)
        crew = ProcessCrew(size, initializer, initargs, maxtasksperchild, context.get_context())
        self._employ(crew, size)

    def _check(self, initializer: object) -> None:
        if initializer is not None and not callable(initializer):
            raise TypeError(f"initializer is a callable or None, not {initializer!r}")

    def _employ(self, crew: Crew, size: int) -> None:
        self._crew = crew
        self._size = size
        Finalizer(self, _discard, (crew,))

    # One call

    def apply(self, func: Callable[..., Any], args: Iterable[Any] = (), kwds: Mapping[str, Any] = {}) -> Any:
        """Return what ``func(*args, **kwds)`` returns in a worker (`multiprocessing.pool.Pool.apply`)."""
        return self.apply_async(func, args, kwds).get()

    def apply_async(
        self,
        func: Callable[..., Any],
        args: Iterable[Any] = (),
        kwds: Mapping[str, Any] = {},
        callback: Callable[[Any], object] | None = None,
        error_callback: Callable[[BaseException], object] | None = None,
    ) -> AsyncResult:
        """Let a worker call ``func(*args, **kwds)``, and return its result-to-be.

        ``callback`` is called with what it returns, or ``error_callback`` with what it raises
        (`multiprocessing.pool.Pool.apply_async`). ``ValueError``, here and below, if the pool was closed.
        """
        self._crew.check_running()
        result = AsyncResult(self, callback, error_callback)
        self._crew.submit(result, 0, (CALL, func, (args, kwds)))
        return result

    # Many calls, all results at once

    def map(self, func: Callable[[Any], Any], iterable: Iterable[Any], chunksize: int | None = None) -> list[Any]:
        """Return a list of ``func(item)`` for each item (`multiprocessing.pool.Pool.map`).

        The workers get chunks of about ``chunksize`` items; without one, each gets some `CHUNKS` chunks.
        """
        results: list[Any] = self.map_async(func, iterable, chunksize).get()
        return results

    def map_async(
        self,
        func: Callable[[Any], Any],
        iterable: Iterable[Any],
        chunksize: int | None = None,
        callback: Callable[[list[Any]], object] | None = None,
        error_callback: Callable[[BaseException], object] | None = None,
    ) -> AsyncResult:
        """Begin a `map` and return its result-to-be (`multiprocessing.pool.Pool.map_async`).

        ``callback`` is called with the list, or ``error_callback`` with what `map` would raise.
        """
        return self._map(EACH, func, iterable, chunksize, callback, error_callback)

    def starmap(
        self, func: Callable[..., Any], iterable: Iterable[Iterable[Any]], chunksize: int | None = None
    ) -> list[Any]:
        """Return a list of ``func(*item)`` for each item (`multiprocessing.pool.Pool.starmap`)."""
        results: list[Any] = self.starmap_async(func, iterable, chunksize).get()
        return results

    def starmap_async(
        self,
        func: Callable[..., Any],
        iterable: Iterable[Iterable[Any]],
        chunksize: int | None = None,
        callback: Callable[[list[Any]], object] | None = None,
        error_callback: Callable[[BaseException], object] | None = None,
    ) -> AsyncResult:
        """Begin a `starmap` and return its result-to-be (`multiprocessing.pool.Pool.starmap_async`)."""
        return self._map(SPREAD, func, iterable, chunksize, callback, error_callback)

    def _map(
        self,
        kind: int,
        func: Callable[..., Any],
        iterable: Iterable[Any],
        chunksize: int | None,
        callback: Callable[[list[Any]], object] | None,
        error_callback: Callable[[BaseException], object] | None,
    ) -> AsyncResult:
        self._crew.check_running()
        items = list(iterable)
        if chunksize is None:
            chunksize = len(items) // (CHUNKS * self._size) + 1
        chunksize = _positive(chunksize, "chunksize")
        # One chunk at least: what is empty takes the way of all others.
        chunks = [items[start : start + chunksize] for start in range(0, max(len(items), 1), chunksize)]
        result = MapResult(self, callback, error_callback, len(chunks))
        for index, chunk in enumerate(chunks):
            self._crew.submit(result, index, (kind, func, chunk))
        return result

    # Many calls, one result after another

    def imap(self, func: Callable[[Any], Any], iterable: Iterable[Any], chunksize: int = 1) -> ResultIterator:
        """Return an iterator over ``func(item)`` for each item (`multiprocessing.pool.Pool.imap`).

        Its method ``next(timeout)`` raises ``TimeoutError`` of the package if the next result does not come in time.
        """
        return self._imap(func, iterable, chunksize, ordered=True)

    def imap_unordered(self, func: Callable[[Any], Any], iterable: Iterable[Any], chunksize: int = 1) -> ResultIterator:
        """Return such an iterator that gives results as they come (`multiprocessing.pool.Pool.imap_unordered`)."""
        return self._imap(func, iterable, chunksize, ordered=False)

    def _imap(
        self, func: Callable[[Any], Any], iterable: Iterable[Any], chunksize: int, ordered: bool
    ) -> ResultIterator:
        items = iter(iterable)
        chunksize = _positive(chunksize, "chunksize")
        ahead = AHEAD * self._size
        stream = Stream(ahead)
        crew = self._crew
        crew.add_stream(stream)
        feeder = threading.Thread(
            target=stream.feed, args=(crew, func, items, chunksize), name="pool-feeder", daemon=True
        )
        try:
            feeder.start()
        except RuntimeError:  # there can be no more threads
            crew.remove_stream(stream)
            raise
        return ResultIterator(self, stream, ordered, ahead // 4)

    # The end

    def close(self) -> None:
        """Take no more tasks; the workers exit when all are completed (`multiprocessing.pool.Pool.close`)."""
        self._crew.close()

    def terminate(self) -> None:
        """Stop the workers immediately, whatever they do (`multiprocessing.pool.Pool.terminate`)."""
        self._crew.terminate()

    def join(self) -> None:
        """Wait for the workers to exit, after `close` or `terminate` (`multiprocessing.pool.Pool.join`).

        ``ValueError`` before.
        """
        self._crew.join()

    def __enter__(self) -> Pool:
        self._crew.check_running()
        return self

    def __exit__(self, *exception: object) -> None:
        self.terminate()

    def __reduce__(self) -> NoReturn:
        raise TypeError("a pool is for the process that has created it: it cannot be pickled")

    def __repr__(self) -> str:
        state = {RUNNING: "running", CLOSED: "closed"}.get(self._crew.state, "ended")
        return f"<{type(self).__name__} {state}, workers: {self._size}>"


class ThreadPool(Pool):
    """A pool of threads with the same methods (`multiprocessing.pool.ThreadPool`)."""

    def __init__(
        self,
        processes: int | None = None,
        initializer: Callable[..., object] | None = None,
        initargs: Iterable[Any] = (),
    ) -> None:
        self._check(initializer)
        size = _number_of_workers(processes)
        self._employ(ThreadCrew(size, initializer, initargs), size)


def _number_of_workers(processes: int | None) -> int:
    if processes is not None:
        return _positive(processes, "processes")
    count: Callable[[], int | None] = getattr(os, "process_cpu_count", os.cpu_count)
    return count() or 1


def _positive(number: int, name: str) -> int:
    if operator.index(number) < 1:
        raise ValueError(f"{name} is at least 1, not {number}")
    return operator.index(number)


def _discard(crew: Crew) -> None:
    """End the crew of a pool that nobody has any more."""
    forgotten = crew.state == RUNNING
    crew.terminate(wait=False)
    if forgotten:
        import warnings

        warnings.warn("a pool was neither closed nor terminated", ResourceWarning, stacklevel=2)
