"""What several modules of this section share: what workers run, and how a test waits for a pool.

Light, because workers import it. Nothing here asks more of a backend than a pool: some have nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from typing import Any

from mpconform.kit import Gate, Journal, Latch, Overdue, Patience, Task, idle, works

SUBMITTING = ("apply", "apply_async", "map", "map_async", "imap", "imap_unordered", "starmap", "starmap_async")
"""The methods that submit tasks."""

given: Any = "nothing"
"""In a worker: what its initializer was called with. In the test's process: what the test set it to."""


class Refused(Exception):
    """What tasks raise."""


class Odd(BaseException):
    """What tasks raise that is no ``Exception``."""


class Unpicklable:
    """What cannot be pickled, however well a backend may pickle functions and the like."""

    def __reduce__(self) -> Any:
        raise TypeError("this cannot be pickled")


class OneWay(Exception):
    """What tasks raise that can be pickled, and cannot be unpickled: it is made of more than it keeps."""

    def __init__(self, one: Any, two: Any) -> None:
        super().__init__(one)


# What workers run


def square(number: int) -> int:
    return number * number


def tag(item: Any) -> tuple[str, Any]:
    """Return the item in such a way that one that went through no function can be told."""
    return "tagged", item


def pair(left: Any, right: Any) -> tuple[str, Any, Any]:
    return "pair", left, right


def same(item: Any) -> Any:
    return item


def arguments(*args: Any, **kwargs: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return args, kwargs


def refuse(item: Any) -> None:
    raise Refused("refused", item)


def refuse_pair(left: Any, right: Any) -> None:
    raise Refused("refused", (left, right))


def refuse_odd(number: int) -> int:
    if number % 2:
        raise Refused("refused", number)
    return number


def raise_it(error: BaseException) -> None:
    raise error


def raise_one_way(item: Any) -> None:
    raise OneWay("refused", item)


def raise_with_unpicklable(item: Any) -> None:
    """Raise what cannot be pickled."""
    raise Refused(Unpicklable(), item)


def return_unpicklable(item: Any) -> Any:
    """Return what cannot be pickled."""
    return Unpicklable(), item


def process_of(item: Any) -> int:
    return os.getpid()


def note(journal: Journal, item: Any) -> None:
    journal.write(item)


def stay(gate: Gate) -> None:
    """Wait for the gate longer than any test takes: only the end of its process ends this before."""
    for _ in range(9):
        try:
            gate.wait()
            return
        except Overdue:
            pass
    raise Overdue("the gate opens")


def note_process(journal: Journal, gate: Gate | None = None) -> None:
    """Note which process this is, and wait until the gate is open if there is one."""
    journal.write(os.getpid())
    if gate:
        stay(gate)


def arrive_and_return_when_open(latch: Latch, gate: Gate, value: Any) -> Any:
    latch.arrive()
    stay(gate)
    return value


def wait_and_note(latch: Latch, gate: Gate, journal: Journal) -> None:
    latch.arrive()
    stay(gate)
    journal.write("went on after the gate opened")


def return_when_open(gate: Gate, value: Any) -> Any:
    stay(gate)
    return value


def square_when_open(number: int, gate: Gate | None = None, latch: Latch | None = None) -> int:
    """Return the square of a number: at once, or after arriving and when the gate is open."""
    if latch:
        latch.arrive()
    if gate:
        stay(gate)
    return number * number


def square_of_task(task: tuple[Any, ...]) -> int:
    return square_when_open(*task)


def refuse_when_open(gate: Gate) -> None:
    stay(gate)
    raise Refused("refused", "late")


def meet(latch: Latch) -> str:
    """Return once two processes are here."""
    latch.arrive()
    latch.wait(2, "tasks that run at the same time")
    return "met"


def remember(*args: Any) -> None:
    """Keep what an initializer is called with."""
    global given
    given = args


def remembered() -> Any:
    return given


def process_and_remembered() -> tuple[int, Any]:
    return os.getpid(), given


def start_method_of_this_worker(creator: int) -> str:
    """Return how this process was started from the process ``creator``, which has called :func:`remember`.

    A forked one finds what that has remembered, and the others do not; that of a server has another parent.
    """
    if given != "nothing":
        return "fork"
    return "spawn" if os.getppid() == creator else "forkserver"


# How a test waits


def end(pool: Any) -> None:
    pool.terminate()
    pool.join()


@contextmanager
def running(pool: Any) -> Iterator[Any]:
    """Give the pool to the block; terminate and join it afterwards, so that it leaves nothing behind.

    Whether that works is judged by the tests of terminate() and join(), and by no other.
    A block must leave no task that may complete just then: a worker that is killed while it sends a result can make
    terminate() wait for ever. If the block fails, the pool's end is not waited for: what failed is what counts.
    """
    try:
        yield pool
    except BaseException:
        Task(end, pool).join(Patience().awaiting / 8)
        raise
    ending = Task(end, pool)
    ending.join(0.25)
    with idle():
        ending.join(Patience().awaiting)


def returned(task: Task, call: str) -> Any:
    """Return what a task returned; complain of ``call``, which it makes, if it raises or does not return."""
    with works(call):
        return task.result(f"{call} returns")


def arrived(result: Any, call: str) -> Any:
    """Return what ``result.get()`` returns, or raise what it raises; complain of ``call``, which gave the result."""
    return Task(result.get).result(f"{call}: the result arrives")


def upcoming(iterator: Any, call: str) -> Any:
    """Return the next result of an ``iterator``, or raise what it raises; complain of ``call``, which gave it."""
    return Task(next, iterator).result(f"{call}: the next result comes")


def all_done(tasks: list[Task]) -> bool:
    return all(task.is_done() for task in tasks)


def settled(tasks: list[Task]) -> None:
    """Wait for all of the tasks together, and no longer than for one."""
    try:
        Patience().until(lambda: all_done(tasks), "all of some calls come to their end")
    except Overdue:
        pass  # the test looks at each of them


# Callbacks


class CalledBack:
    """A call of a method of a pool, and what its callback and its error callback are called with."""

    def __init__(self, pool: Any, method: str, *args: Any) -> None:
        self.method = method
        self.results: list[Any] = []
        self.errors: list[Any] = []
        self.problem: Exception | None = None
        try:
            getattr(pool, method)(*args, callback=self.succeeded, error_callback=self.failed)
        except Exception as error:  # it concerns this call alone
            self.problem = error

    def succeeded(self, *args: Any, **kwargs: Any) -> None:
        self.results.append((args, kwargs))

    def failed(self, *args: Any, **kwargs: Any) -> None:
        self.errors.append((args, kwargs))

    def is_over(self) -> bool:
        return bool(self.problem or self.results or self.errors)

    def check_success(self, result: Any) -> None:
        """Check that the callback was called once, with the result and nothing else."""
        assert not self.problem, f"{self.method}() raised {self.problem!r}"
        assert self.results == [((result,), {})], (
            f"{self.method}() of a function that returns: callback was called with {self.results!r} (args, kwargs),"
            f" promised is once, with {result!r}"
        )

    def check_failure(self, argument: Any) -> None:
        """Check that the error callback was called once, with ``Refused("refused", argument)`` and nothing else."""
        call = f"{self.method}() of a function that raises"
        assert not self.problem, f"{call} raised {self.problem!r} itself"
        assert len(self.errors) == 1, f"{call}: error_callback was called with {self.errors!r}, promised is once"
        args, kwargs = self.errors[0]
        assert len(args) == 1 and not kwargs, (
            f"{call}: error_callback was called with {args!r} {kwargs!r}, promised is one argument"
        )
        assert isinstance(args[0], Refused) and args[0].args == ("refused", argument), (
            f"{call}: error_callback was called with {args[0]!r}, raised was Refused('refused', {argument!r})"
        )


def called_back(pool: Any, *calls: tuple[Any, ...]) -> list[CalledBack]:
    """Make calls, each a method with its arguments; return them once each has called back and all is over."""
    made = [CalledBack(pool, *call) for call in calls]
    try:
        Patience().until(lambda: all(call.is_over() for call in made), "a callback of each call is called")
        last = CalledBack(pool, "apply_async", same, (1,))
        Patience().until(last.is_over, "the callback of a last call is called")  # so that none comes a second time
    except Overdue:
        pass  # the test looks at each of them
    return made


def runs(values: list[Any]) -> list[int]:
    """Return the lengths of the runs of equal neighbours."""
    return [len(list(run)) for _, run in groupby(values)]
