"""What the methods of a pool return: results that arrive later, one or many.

Each is a *job* of one or more tasks. Some thread of the pool calls ``put(index, outcome)`` for each task of it; the
outcome is what the task returned, or a `Failure`. The threads of the program wait and take.

===================  ===================================================================================
`AsyncResult`        the outcome of one task
`MapResult`          the list of the results of all chunks, or the first failure in the order of the items
`Stream`             the outcomes of chunks, in the order in which they come, for a `ResultIterator`
===================  ===================================================================================

Rules
-----
* Callbacks are called before the result becomes ready, so whoever has waited finds done what they do. What they
  raise is shown as what a thread raises, and changes nothing.
* A result keeps its pool from being collected until it is ready, an iterator until its end.
* Iterators are lazy: `Stream` tells how.
"""

from __future__ import annotations

import itertools
import sys
import threading
import time
from _thread import allocate_lock
from collections import deque
from queue import Empty, SimpleQueue

from mpreference.errors import TimeoutError  # noqa: A004 - the documented name
from mpreference.pool_tasks import SEPARATE, Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from mpreference.pool_crew import Crew

STOP = -1
"""In place of the index of a chunk: the pool was terminated."""


class AsyncResult:
    """The result of a call that may still run (`multiprocessing.pool.AsyncResult`)."""

    def __init__(
        self,
        pool: object,
        callback: Callable[[Any], object] | None,
        error_callback: Callable[[BaseException], object] | None,
    ) -> None:
        self._pool: object | None = pool
        self._callback = callback
        self._error_callback = error_callback
        self._outcome: Any = None
        self._ready = False
        self._pending = allocate_lock()  # held until the result is ready
        self._pending.acquire()

    def get(self, timeout: float | None = None) -> Any:
        """Return the result when it arrives, or raise what the call raised (`multiprocessing.pool.AsyncResult.get`).

        ``TimeoutError`` of the package if it does not arrive within ``timeout`` seconds.
        """
        self.wait(timeout)
        if not self._ready:
            raise TimeoutError(f"the result did not arrive within {timeout} seconds")
        if isinstance(self._outcome, Failure):
            raise self._outcome.error
        return self._outcome

    def wait(self, timeout: float | None = None) -> None:
        """Wait until the result is ready, at most ``timeout`` seconds (`multiprocessing.pool.AsyncResult.wait`)."""
        if not self._ready and self._pending.acquire(timeout=-1 if timeout is None else max(timeout, 0)):
            self._pending.release()

    def ready(self) -> bool:
        """Return whether the call has completed (`multiprocessing.pool.AsyncResult.ready`)."""
        return self._ready

    def successful(self) -> bool:
        """Return whether the call completed and raised nothing (`multiprocessing.pool.AsyncResult.successful`).

        ``ValueError`` if it has not completed.
        """
        if not self._ready:
            raise ValueError("the call has not completed: whether it succeeds is not known")
        return not isinstance(self._outcome, Failure)

    def put(self, index: int, outcome: Any) -> None:  # noqa: ARG002 - there is one task
        """Take the outcome of the task."""
        self._complete(outcome)

    def abandon(self) -> None:
        """Call nobody back."""
        self._callback = self._error_callback = None

    def _complete(self, outcome: Any) -> None:
        try:
            if isinstance(outcome, Failure):
                if self._error_callback is not None:
                    self._error_callback(outcome.error)
            elif self._callback is not None:
                self._callback(outcome)
        except BaseException:  # noqa: BLE001 - shown, and the pool goes on
            threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread())))
        self._outcome = outcome
        self._ready = True
        self._pool = self._callback = self._error_callback = None
        self._pending.release()


class MapResult(AsyncResult):
    """The results of ``chunks`` tasks as one list."""

    def __init__(
        self,
        pool: object,
        callback: Callable[[Any], object] | None,
        error_callback: Callable[[BaseException], object] | None,
        chunks: int,
    ) -> None:
        super().__init__(pool, callback, error_callback)
        self._outcomes: list[Any] = [None] * chunks
        self._arrivals = itertools.count(1)

    def put(self, index: int, outcome: Any) -> None:
        """Take the outcome of a chunk."""
        self._outcomes[index] = outcome
        if next(self._arrivals) == len(self._outcomes):  # to count is one step, whatever threads there are
            failures = (outcome for outcome in self._outcomes if isinstance(outcome, Failure))
            failure = next(failures, None)
            self._complete(failure or list(itertools.chain.from_iterable(self._outcomes)))
            self._outcomes = []


class Stream:
    """The way of the chunks of an iterable to the pool, and of their outcomes to an iterator.

    A thread reads the iterable: ``ahead`` chunks before any outcome was taken, and then as many as are taken. So a
    long iterable takes little memory, and one that takes its time holds nobody up. The bound is lifted when nobody is
    going to take outcomes, or somebody awaits the tasks themselves: when the iterator is gone, and when the pool
    is joined.
    """

    def __init__(self, ahead: int) -> None:
        self.arrived: SimpleQueue[tuple[int, list[Any] | None]] = SimpleQueue()
        """The index of a chunk, or `STOP`, and outcomes; or the number of all chunks and None."""
        self._room: SimpleQueue[int] = SimpleQueue()
        self._free = ahead
        self._bounded = True

    def feed(self, crew: Crew, function: Callable[[Any], Any], iterator: Iterator[Any], size: int) -> None:
        """Read the iterable in chunks of ``size`` items, and let the crew call the function with each item."""
        index = 0
        error: BaseException | None = None
        try:
            while error is None:
                while self._bounded and not self._free:
                    self._free += self._room.get()
                self._free -= 1
                chunk: list[Any] = []
                try:
                    chunk += itertools.islice(iterator, size)  # what comes before an error is there then
                except BaseException as raised:  # noqa: BLE001 - it comes after what was read before
                    error = raised
                if not chunk:
                    break
                crew.submit(self, index, (SEPARATE, function, chunk))
                index += 1
        except BaseException as raised:  # noqa: BLE001 - the pool was terminated
            error = raised
        if error is not None:
            self.put(index, Failure(error))
            index += 1
        self.arrived.put((index, None))
        crew.remove_stream(self)

    def lift(self) -> None:
        """Bound the reading no more."""
        self._bounded = False
        self._room.put(1)

    def put(self, index: int, outcome: Any) -> None:
        """Take the outcome of a chunk."""
        self.arrived.put((index, [outcome] if isinstance(outcome, Failure) else outcome))

    def abandon(self) -> None:
        """Call nobody back, as ever."""

    def stop(self, error: BaseException) -> None:
        """Let the iterator raise this next, and end."""
        self.arrived.put((STOP, [Failure(error)]))

    def allow(self, chunks: int) -> None:
        """Let so many more chunks be read."""
        self._room.put(chunks)


class ResultIterator:
    """The results of `imap` and `imap_unordered`, one by one (`multiprocessing.pool.Pool.imap`)."""

    def __init__(self, pool: object, stream: Stream, ordered: bool, batch: int) -> None:
        self._pool: object | None = pool
        self._stream = stream
        self._arrived = stream.arrived
        self._ordered = ordered
        self._batch = batch
        self._turn = allocate_lock()  # held by the thread that takes the next result
        self._outcomes: deque[Any] = deque()
        self._early: dict[int, list[Any]] = {}
        self._taken = 0
        self._total: int | None = None

    def __iter__(self) -> ResultIterator:
        return self

    def next(self, timeout: float | None = None) -> Any:
        """Return the next result when it arrives, or raise what the call raised. ``StopIteration`` at the end.

        ``TimeoutError`` of the package if it does not arrive within ``timeout`` seconds; it is still the next one then.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        if not self._turn.acquire(timeout=-1 if deadline is None else _left(deadline)):
            raise TimeoutError("another thread waits for the next result")
        try:
            if not self._outcomes:
                self._outcomes.extend(self._next_chunk(deadline))
            outcome = self._outcomes.popleft()
        finally:
            self._turn.release()
        if isinstance(outcome, Failure):
            raise outcome.error
        return outcome

    __next__ = next  # noqa: A003 - the documented name

    def _next_chunk(self, deadline: float | None) -> list[Any]:
        """Return the outcomes of the next chunk; in any order it is the next that arrives."""
        outcomes = self._early.pop(self._taken, None)
        while outcomes is None:
            if self._taken == self._total:
                self._pool = None
                raise StopIteration
            try:
                index, outcomes = self._arrived.get(True, None if deadline is None else _left(deadline))
            except Empty:
                raise TimeoutError("the next result did not arrive in time") from None
            if outcomes is None:
                self._total = index
            elif index == STOP:
                self._early.clear()
                self._total = self._taken + 1
            elif self._ordered and index != self._taken:
                self._early[index] = outcomes
                outcomes = None
        self._taken += 1
        if self._taken % self._batch == 0:  # seldom, as it wakes a thread
            self._stream.allow(self._batch)
        return outcomes

    def __del__(self) -> None:
        self._stream.lift()


def _left(deadline: float) -> float:
    """Return the seconds until a deadline."""
    return max(deadline - time.monotonic(), 0)
