"""The crew of a pool of processes.

One thread, the *minder*, does all that takes waiting: it receives answers, starts, buries and replaces workers, and
gives jobs their outcomes. A worker has two channels (:mod:`mpreference.pool_channels`) and one assignment at a time,
so it is always known who has what, and no assignment waits behind another one while a worker is idle. To give one to
an idle worker does not take waiting: whoever finds both does it at once, the thread that submits or the minder. An
assignment is pickled by the thread that submits it.

* A worker is idle when it says so: once it has started, and with each answer.
* Not only what is known to go wrong ends a worker. One that ends otherwise than it was told to is replaced, and its
  assignment fails with `WorkerLost`. But what it has not even read is given to another one: up to `TRIES` times in
  all, as reading it may be what kills.
* If `TRIES` workers in a row end before they are ready, the pool is broken: all that is outstanding fails. Their
  initializer raises, say, and what it raises is on standard error.
* To terminate is to send SIGTERM, and after `GRACE` seconds SIGKILL, to workers whatever they do. The minder, which
  they cannot hold up, sees them end.

That two tasks are sent ahead to each worker was tried: to run many small ones takes some 10 % less, and taking them
back from a worker that is busy for long takes a kind of pipe that can be read from both sides, and many more rules.
"""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from _thread import allocate_lock
from collections import deque
from functools import partial

from mpreference.pickling import dumps, loads
from mpreference.pool_channels import channels
from mpreference.pool_crew import CLOSED, ENDED, ENDING, RUNNING, TERMINATED, Assignment, Crew
from mpreference.pool_tasks import Failure, WorkerLost
from mpreference.pool_worker import work
from mpreference.waiting import readable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from mpreference.context import BaseContext
    from mpreference.pool_channels import Inbox, Outbox
    from mpreference.pool_results import AsyncResult, Stream
    from mpreference.pool_tasks import Task
    from mpreference.process import BaseProcess

TRIES = 3
"""How often the same is tried in vain."""

GRACE = 5.0
"""Seconds that a worker has from SIGTERM to SIGKILL."""


class Worker:
    """A worker process, as the minder sees it."""

    def __init__(self, process: BaseProcess, tasks: Outbox, answers: Inbox, left: int | None) -> None:
        self.process = process
        self.tasks = tasks
        self.answers = answers
        self.left = left
        """How many tasks it may still get, None for any number."""
        self.ready = False
        """Whether it has started."""
        self.assignment: Assignment | None = None
        self.sending = allocate_lock()
        """Held by the thread that gives it an assignment."""


class ProcessCrew(Crew):
    """``size`` processes of a context, each of which does at most ``tasks`` tasks unless that is None."""

    def __init__(
        self,
        size: int,
        initializer: Callable[..., object] | None,
        initargs: Iterable[Any],
        tasks: int | None,
        context: BaseContext,
    ) -> None:
        super().__init__()
        self._size = size
        self._arguments = initializer, initargs
        self._tasks = tasks
        self._context = context
        self._number = 0
        self._workers: list[Worker] = []
        self._idle: list[Worker] = []
        self._waiting: deque[Assignment] = deque()
        self._unsent: deque[Worker] = deque()
        """Those to whom the minder has to send the rest of an assignment."""
        self._answers: deque[tuple[Assignment, memoryview | Failure]] = deque()
        """What the minder has to finish."""
        self._dead: list[Worker] = []
        """Whom the minder has to bury."""
        self._failed_starts = 0
        self._deadline: float | None = None
        """When those who are left get SIGKILL."""
        self._poll = select.poll()
        self._watched: dict[int, Callable[[], object]] = {}
        """What the minder does when a descriptor is ready."""
        self._bell, self._bell_rope = os.pipe()
        os.set_blocking(self._bell, False)
        os.set_blocking(self._bell_rope, False)
        self._watch(self._bell, select.POLLIN, partial(os.read, self._bell, 4096))
        self._minder = threading.Thread(target=self._mind, name="pool-minder", daemon=True)
        try:
            for _ in range(size):
                self._hire()
            self._minder.start()
        except BaseException:
            self._state = TERMINATED
            for worker in list(self._workers):
                worker.process.kill()
                self._bury(worker)
            self._close_up()
            raise

    # Submitting

    def submit(self, job: AsyncResult | Stream, index: int, task: Task) -> None:
        try:
            assignment = Assignment(job, index, dumps(task))
        except Exception as error:  # noqa: BLE001 - it is raised where the result is asked for
            with self._lock:
                self._check_takes(job)
                self._answers.append((Assignment(job, index, None), Failure(error)))
            self._ring()
        else:
            with self._lock:
                if self._state != RUNNING:
                    self._check_takes(job)
                self._waiting.append(assignment)
            if self._idle:
                self._give()

    def _give(self) -> None:
        """Give assignments that wait to workers that are idle."""
        while True:
            worker = None
            try:
                with self._lock:
                    if not self._waiting or not self._idle or self._state >= TERMINATED:
                        return
                    worker = self._idle.pop()
                    worker.sending.acquire()
                    worker.assignment = assignment = self._waiting.popleft()
                if worker.left is not None:
                    worker.left -= 1
                complete = worker.tasks.send(assignment.task)
                worker.sending.release()
                if not complete:
                    self._unsent.append(worker)
                    self._ring()
            except BaseException:  # as Ctrl-C: what the worker has got is not known
                if worker is not None:
                    worker.process.kill()
                raise

    # Ending

    def terminate(self, wait: bool = True) -> None:
        if self._creator != os.getpid():
            return
        with self._lock:
            if self._state < TERMINATED:
                self._state = TERMINATED
                self._deadline = time.monotonic() + GRACE
                for worker in self._workers:
                    worker.process.terminate()
        self._ring()
        if wait and threading.current_thread() is not self._minder:
            self._minder.join(2 * GRACE)  # bounded, because a callback may hold it up

    def _look(self) -> None:
        self._ring()

    def _wait(self) -> None:
        self._minder.join()

    def _ring(self) -> None:
        """Wake the minder."""
        with self._lock:
            if self._state != ENDED:
                try:
                    os.write(self._bell_rope, b"!")
                except BlockingIOError:
                    pass  # it has been rung often enough

    def _is_done(self) -> bool:
        if self._streams or self._waiting or self._answers:
            return False
        return all(worker.assignment is None for worker in self._workers)

    def _close_up(self) -> None:
        """Be ended, when there are no more workers."""
        self._end([*self._waiting, *(assignment for assignment, _ in self._answers)])
        with self._lock:
            os.close(self._bell)
            os.close(self._bell_rope)

    # The minder

    def _mind(self) -> None:
        try:
            while self._workers:
                for descriptor, _ in self._poll.poll(None if self._deadline is None else self._patience()):
                    self._watched[descriptor]()
                while self._dead:
                    self._bury(self._dead.pop())
                if self._waiting:
                    self._give()
                while self._unsent:
                    self._watch_for_room(self._unsent.popleft())
                while self._answers:
                    assignment, answer = self._answers.popleft()
                    outcome = answer if isinstance(answer, Failure) else _outcome(answer)
                    assignment.job.put(assignment.index, outcome)
                if self._state != RUNNING or len(self._workers) < self._size:
                    self._advance()
        except BaseException as error:  # noqa: BLE001 - not foreseen: then nobody is to wait for ever
            self._error = error
            for worker in self._workers:
                worker.process.kill()
                if worker.assignment is not None:
                    self._waiting.append(worker.assignment)
        self._close_up()

    def _watch(self, descriptor: int, event: int, act: Callable[[], object]) -> None:
        self._watched[descriptor] = act
        self._poll.register(descriptor, event)

    def _unwatch(self, descriptor: int) -> None:
        if self._watched.pop(descriptor, None) is not None:
            self._poll.unregister(descriptor)

    def _patience(self) -> float:
        """Return the milliseconds until the deadline."""
        return max((self._deadline or 0) - time.monotonic(), 0) * 1000

    def _hire(self) -> None:
        """Start a worker."""
        self._number += 1
        tasks, answers, tasks_there, answers_there = channels()
        try:
            process: BaseProcess = self._context.Process(  # type: ignore[attr-defined] # each kind has its own
                target=work,
                name=f"PoolWorker-{self._number}",
                args=(tasks_there, answers_there, *self._arguments),
                daemon=True,
            )
            process.start()
        except BaseException:
            tasks.close()
            answers.close()
            raise
        finally:
            tasks_there.close()
            answers_there.close()
        worker = Worker(process, tasks, answers, self._tasks)
        with self._lock:
            self._workers.append(worker)
            if self._state == TERMINATED:
                process.terminate()
        self._watch(answers.descriptor, select.POLLIN, partial(self._receive, worker))
        self._watch(process.sentinel, select.POLLIN, partial(self._dead.append, worker))

    def _receive(self, worker: Worker) -> None:
        """Receive what a worker sends: that it is ready, or an answer. It is idle then."""
        try:
            message = worker.answers.receive()
        except EOFError:
            self._unwatch(worker.answers.descriptor)  # its sentinel will tell
            return
        if message is None:
            return
        if worker.assignment is not None:
            self._answers.append((worker.assignment, message))
            worker.assignment = None
        else:
            worker.ready = True
            self._failed_starts = 0
        if worker.left == 0:
            worker.tasks.send(b"")
        else:
            self._idle.append(worker)

    def _watch_for_room(self, worker: Worker) -> None:
        """Send the rest of an assignment when there is room for it."""
        if worker in self._workers:
            self._watch(worker.tasks.descriptor, select.POLLOUT, partial(self._resume, worker))

    def _resume(self, worker: Worker) -> None:
        if worker.tasks.resume():
            self._unwatch(worker.tasks.descriptor)

    def _bury(self, worker: Worker) -> None:
        """See a worker out, and think of what it leaves."""
        worker.process.join()
        while worker.answers.descriptor in self._watched and readable(worker.answers.descriptor, 0):
            self._receive(worker)
        with self._lock:
            self._workers.remove(worker)
            if worker in self._idle:
                self._idle.remove(worker)
        worker.sending.acquire(timeout=1)  # bounded: a thread that was interrupted has not released it
        code = worker.process.exitcode
        unread = worker.tasks.unread()
        for descriptor in (worker.tasks.descriptor, worker.answers.descriptor, worker.process.sentinel):
            self._unwatch(descriptor)
        worker.tasks.close()
        worker.answers.close()
        worker.process.close()
        self._mourn(worker, unread, _how_it_ended(code))

    def _mourn(self, worker: Worker, unread: bool, how: str) -> None:
        assignment = worker.assignment
        if assignment is not None:
            assignment.losses += 1
            if self._state == TERMINATED or (unread and assignment.losses < TRIES):
                self._waiting.appendleft(assignment)
            else:
                self._answers.append((assignment, Failure(WorkerLost(f"the worker that had this task {how}"))))
        elif not worker.ready and self._state < ENDING:
            self._failed_starts += 1
            if self._failed_starts == TRIES:
                self._break(WorkerLost(f"{TRIES} workers in a row ended before they were ready; the last one {how}"))

    def _break(self, error: BaseException) -> None:
        """End because of an error."""
        self._error = error
        self.terminate(wait=False)

    def _advance(self) -> None:
        """Do what the state asks for."""
        if self._state == CLOSED:
            with self._lock:
                if self._is_done():
                    self._state = ENDING
                    for worker in self._workers:
                        if worker.left != 0:  # else it was told before
                            worker.tasks.send(b"")
        try:
            while len(self._workers) < self._size and self._state < ENDING:
                self._hire()
        except Exception as error:  # noqa: BLE001 - whatever it is, it would be so again
            self._break(error)
        if self._deadline is not None and time.monotonic() >= self._deadline:
            self._deadline = None
            for worker in self._workers:
                worker.process.kill()


def _outcome(answer: memoryview) -> Any:
    try:
        return loads(answer)
    except Exception as error:  # noqa: BLE001 - it is raised where the result is asked for
        return Failure(error)


def _how_it_ended(code: int | None) -> str:
    if code is None or code >= 0:
        return f"has ended with exit code {code}"
    return f"was ended by signal {-code}, {signal.strsignal(-code)}"
