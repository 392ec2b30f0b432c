"""What several modules of this section share: what workers run, and how a test waits for a pool.

Light, because workers import it.
"""

from __future__ import annotations

import os
import select
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from typing import Any

from mpconform.kit import Gate, Journal, Latch, Overdue, Patience, Task

GRANULARITY = 0.01
"""Seconds by which clocks may disagree."""

SUBMITTING = ("apply", "apply_async", "map", "map_async", "imap", "imap_unordered", "starmap", "starmap_async")
"""The methods that submit tasks."""

given: Any = "nothing"
"""In a worker: what its initializer was called with. In the test's process: what the test set it to."""

held: list[socket.socket] = []
"""In a worker: its lifelines, kept open until it ends."""


class Refused(Exception):
    """What tasks raise."""


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


def process_of(item: Any) -> int:
    return os.getpid()


def note(journal: Journal, item: Any) -> None:
    journal.write(item)


def note_process(journal: Journal) -> None:
    journal.write(os.getpid())


def note_process_and_wait(journal: Journal, gate: Gate) -> int:
    journal.write(os.getpid())
    gate.wait()
    return os.getpid()


def arrive_and_return_when_open(latch: Latch, gate: Gate, value: Any) -> Any:
    latch.arrive()
    gate.wait()
    return value


def wait_and_note(latch: Latch, gate: Gate, journal: Journal) -> None:
    """Wait for the gate longer than any test takes: only the end of its process ends this task before."""
    latch.arrive()
    for _ in range(10):
        try:
            gate.wait()
            journal.write("went on after the gate opened")
            return
        except Overdue:
            pass


def return_when_open(gate: Gate, value: Any) -> Any:
    gate.wait()
    return value


def square_when_open(number: int, gate: Gate | None = None, latch: Latch | None = None) -> int:
    """Return the square of a number: at once, or after arriving and when the gate is open."""
    if latch:
        latch.arrive()
    if gate:
        gate.wait()
    return number * number


def square_of_task(task: tuple[Any, ...]) -> int:
    return square_when_open(*task)


def refuse_when_open(gate: Gate) -> None:
    gate.wait()
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


def hold_lifeline(address: tuple[str, int]) -> None:
    held.append(socket.create_connection(address))


# How a test waits


def end(pool: Any) -> None:
    pool.terminate()
    pool.join()


@contextmanager
def running(pool: Any) -> Iterator[Any]:
    """Give the pool to the block; terminate and join it afterwards, so that it leaves nothing behind.

    A block must leave no task that may complete just then: a worker that is killed while it sends a result can make
    terminate() wait for ever. If the block fails, the pool's end is not waited for: what failed is what counts.
    """
    try:
        yield pool
    except BaseException:
        InThread(end, pool).join(Patience().awaiting / 8)
        raise
    end(pool)


def arrived(mp: Any, result: Any, call: str) -> Any:
    """Return what ``result.get()`` returns; complain of ``call``, which gave the result, if nothing comes."""
    awaiting = Patience().awaiting
    try:
        return result.get(awaiting)
    except mp.TimeoutError:
        raise AssertionError(f"{call}: the result did not arrive within {awaiting:.1f} s") from None


def upcoming(mp: Any, iterator: Any, call: str) -> Any:
    """Return the next result of an ``iterator`` of chunksize 1; complain of ``call`` if none comes."""
    awaiting = Patience().awaiting
    try:
        return iterator.next(awaiting)
    except mp.TimeoutError:
        raise AssertionError(f"{call}: the next result did not come within {awaiting:.1f} s") from None


class Callbacks:
    """A callback and an error callback that keep what they are called with."""

    def __init__(self) -> None:
        self.results: list[Any] = []
        self.errors: list[Any] = []

    def succeeded(self, *args: Any, **kwargs: Any) -> None:
        self.results.append((args, kwargs))

    def failed(self, *args: Any, **kwargs: Any) -> None:
        self.errors.append((args, kwargs))

    def called(self) -> list[Any]:
        return self.results + self.errors

    def check_success(self, call: str, result: Any) -> None:
        """Check that the callback was called once, with the result and nothing else."""
        assert self.results == [((result,), {})], (
            f"{call}: callback was called with {self.results!r} (args, kwargs), promised is once, with {result!r}"
        )

    def check_failure(self, call: str, argument: Any) -> None:
        """Check that the error callback was called once, with ``Refused("refused", argument)`` and nothing else."""
        assert len(self.errors) == 1, f"{call}: error_callback was called with {self.errors!r}, promised is once"
        args, kwargs = self.errors[0]
        assert len(args) == 1 and not kwargs, (
            f"{call}: error_callback was called with {args!r} {kwargs!r}, promised is one argument"
        )
        assert isinstance(args[0], Refused) and args[0].args == ("refused", argument), (
            f"{call}: error_callback was called with {args[0]!r}, raised was Refused('refused', {argument!r})"
        )


def called_back(mp: Any, method: str, *args: Any) -> Callbacks:
    """Return the callbacks of a call of a method of a pool once one was called and a second call is all over."""
    first, second, patience = Callbacks(), Callbacks(), Patience()
    with running(mp.Pool(1)) as pool:
        getattr(pool, method)(*args, callback=first.succeeded, error_callback=first.failed)
        patience.until(first.called, f"callback or error_callback of {method}() is called")
        pool.apply_async(same, (1,), callback=second.succeeded)
        patience.until(second.called, "the callback of a second call is called")
    return first


def runs(values: list[Any]) -> list[int]:
    """Return the lengths of the runs of equal neighbours."""
    return [len(list(run)) for _, run in groupby(values)]


class InThread(Task):
    """A call that may block, made in a thread."""

    def outcome(self, call: str) -> Any:
        """Return what the call returned; complain of ``call`` if it has raised or does not return."""
        self.wait(f"{call} returns")
        if self.error:
            raise AssertionError(f"{call}: raised {self.error!r}") from self.error
        return self.value


class Lifelines:
    """Connections that workers hold, which the system closes when they end: a worker's end is seen at once.

    ``hold_lifeline`` in a worker, as its initializer with ``address`` for its argument, makes one.
    """

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(Patience().awaiting)
        self.address = self.listener.getsockname()
        self.connections: list[socket.socket] = []

    def __enter__(self) -> Lifelines:
        return self

    def __exit__(self, *exception: object) -> None:
        for connection in [self.listener, *self.connections]:
            connection.close()

    def wait(self, number: int) -> None:
        """Block until that many workers hold one."""
        while len(self.connections) < number:
            try:
                self.connections.append(self.listener.accept()[0])
            except TimeoutError:
                raise AssertionError(
                    f"{len(self.connections)} workers called their initializer, awaited are {number}"
                ) from None

    def ended(self) -> int:
        """Return how many of the workers that held one have ended."""
        return len(select.select(self.connections, [], [], 0)[0])  # nothing is ever sent, so readable is closed
