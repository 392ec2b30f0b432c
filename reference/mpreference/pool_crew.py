"""Who does the work of a pool: a *crew*. This is what those of processes and of threads have in common.

A crew has *assignments*, those that wait and those that a worker has, and the streams that still read their
iterables. Its state only goes forward:

==============  =============================================================================
``RUNNING``     takes assignments
``CLOSED``      takes only those of streams that were begun before
``ENDING``      was closed, and all is done: the workers are told to go
``TERMINATED``  ends its workers
``ENDED``       whatever was not done has failed
==============  =============================================================================

The lock is held for moments: never while anything waits, or while code of the program runs. The thread that holds it
may take it again, as a pool may be collected, and so terminated, in the middle of anything.
"""

from __future__ import annotations

import os
import threading

from mpreference import finalizers
from mpreference.errors import ProcessError
from mpreference.pool_tasks import Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from mpreference.pool_results import AsyncResult, Stream
    from mpreference.pool_tasks import Task

RUNNING, CLOSED, ENDING, TERMINATED, ENDED = range(5)


class Assignment:
    """A task for a worker, in the form that the crew needs, and where in which job its outcome goes."""

    __slots__ = ("index", "job", "losses", "task")

    def __init__(self, job: AsyncResult | Stream, index: int, task: Any) -> None:
        self.job = job
        self.index = index
        self.task = task
        self.losses = 0
        """How many workers were lost that had it."""


class Crew:
    """What has to do with the state, whoever works."""

    def __init__(self) -> None:
        self._creator = os.getpid()
        self._lock = threading.RLock()
        self._state = RUNNING
        self._error: BaseException | None = None
        """Why the crew cannot go on, if that is why it ends."""
        self._streams: set[Stream] = set()
        self._at_exit = finalizers.Finalizer(None, self.terminate, priority=finalizers.POOLS)

    @property
    def state(self) -> int:
        """The state."""
        return self._state

    # For the pool

    def check_running(self) -> None:
        """Raise ``ValueError`` unless assignments are taken."""
        self._check_creator()
        if self._state != RUNNING:
            raise ValueError("the pool takes no more tasks: it was closed or terminated") from self._error

    def submit(self, job: AsyncResult | Stream, index: int, task: Task) -> None:
        """Have a task done; the job gets its outcome."""
        raise NotImplementedError

    def add_stream(self, stream: Stream) -> None:
        """Take the tasks of a stream from now on, until it is removed."""
        self._check_creator()
        with self._lock:
            self.check_running()
            self._streams.add(stream)

    def remove_stream(self, stream: Stream) -> None:
        """Expect no more tasks of a stream."""
        with self._lock:
            self._streams.discard(stream)
        self._look()

    def close(self) -> None:
        """Take no more assignments; end when all are done."""
        self._check_creator()
        with self._lock:
            self._state = max(self._state, CLOSED)
        self._look()

    def terminate(self, wait: bool = True) -> None:
        """End now; do not wait for that if ``wait`` is false. Does nothing in a forked copy of the creator."""
        raise NotImplementedError

    def join(self) -> None:
        """Wait until nothing is left."""
        self._check_creator()
        if self._state == RUNNING:
            raise ValueError("join() waits for the end of a pool: call close() or terminate() first")
        with self._lock:
            streams = list(self._streams)
        for stream in streams:
            stream.lift()
        self._wait()

    def _check_creator(self) -> None:
        if self._creator != os.getpid():
            raise RuntimeError(f"a pool is for the process that has created it, which has the pid {self._creator}")

    # What a crew of some kind defines

    def _look(self) -> None:
        """Look whether it is time to end."""
        raise NotImplementedError

    def _wait(self) -> None:
        """Wait until nothing is left."""
        raise NotImplementedError

    # And what it uses

    def _check_takes(self, job: AsyncResult | Stream) -> None:
        """Raise ``ValueError`` unless assignments of this job are taken. For those who hold the lock."""
        if self._state != RUNNING and not (self._state == CLOSED and job in self._streams):
            self.check_running()

    def _end(self, left: Iterable[Assignment]) -> None:
        """Be ended: what is left fails."""
        with self._lock:
            self._state = ENDED
            streams = list(self._streams)
        self._at_exit.cancel()
        error = self._error or ProcessError("the pool was terminated before the task was done")
        for assignment in left:
            if self._error is None:
                assignment.job.abandon()
            assignment.job.put(assignment.index, Failure(error))
        for stream in streams:
            stream.stop(error)
            stream.lift()
