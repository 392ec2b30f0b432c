"""The crew of a pool of threads.

Threads take assignments from one queue. They share everything with the program, so nothing is pickled, and nobody
can end one of them: `terminate` lets those that run a task run it to its end, for which nobody waits but `join`.
"""

from __future__ import annotations

import os
import threading
from queue import SimpleQueue

from mpreference.pool_crew import CLOSED, ENDED, Assignment, Crew
from mpreference.pool_tasks import Failure, perform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from mpreference.pool_results import AsyncResult, Stream
    from mpreference.pool_tasks import Task


class ThreadCrew(Crew):
    """``size`` threads."""

    def __init__(self, size: int, initializer: Callable[..., object] | None, initargs: Iterable[Any]) -> None:
        super().__init__()
        self._arguments = initializer, initargs
        self._waiting: SimpleQueue[Assignment | None] = SimpleQueue()
        """None is for a thread to go."""
        self._outstanding: set[Assignment] = set()
        self._threads = [
            threading.Thread(target=self._work, name=f"pool-thread-{number + 1}", daemon=True) for number in range(size)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, job: AsyncResult | Stream, index: int, task: Task) -> None:
        assignment = Assignment(job, index, task)
        with self._lock:
            self._check_takes(job)
            self._outstanding.add(assignment)
        self._waiting.put(assignment)

    def terminate(self, wait: bool = True) -> None:  # noqa: ARG002 - there is nothing that could be waited for
        if self._creator == os.getpid():
            self._stop(None)

    def _look(self) -> None:
        with self._lock:
            done = self._state == CLOSED and not self._outstanding and not self._streams
        if done:
            self._stop(None)

    def _stop(self, error: BaseException | None) -> None:
        with self._lock:
            if self._state == ENDED:
                return
            self._error = error
            self._state = ENDED
            left, self._outstanding = self._outstanding, set()
        self._end(left)
        for _ in self._threads:
            self._waiting.put(None)

    def _wait(self) -> None:
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        """Be a worker."""
        initializer, initargs = self._arguments
        try:
            if initializer is not None:
                initializer(*initargs)
        except BaseException as error:
            self._stop(error)
            raise
        while (assignment := self._waiting.get()) and self._state != ENDED:
            try:
                outcome = perform(assignment.task)
            except BaseException as error:  # noqa: BLE001 - it is raised where the result is asked for
                outcome = Failure(error)
            with self._lock:
                wanted = assignment in self._outstanding
                self._outstanding.discard(assignment)
            if wanted:
                assignment.job.put(assignment.index, outcome)
            del assignment, outcome  # which may be large
            self._look()
