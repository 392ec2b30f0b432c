"""How tests of this section watch calls that wait, and what a process does meanwhile."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from mpconform.kit import GRANULARITY, Gate, Late, Patience, Task
from mpconform.sections.process_pools.helpers import all_done, settled


@contextmanager
def stopped(process: int) -> Iterator[None]:
    """Keep a process from doing anything, so from exiting, while the block runs; where signals can do that.

    One that has ended by then, or does so in spite of it, is left alone.
    """
    stop, go_on = getattr(signal, "SIGSTOP", None), getattr(signal, "SIGCONT", None)
    if stop:
        with suppress(ProcessLookupError):
            os.kill(process, stop)
    try:
        yield
    finally:
        if go_on:
            with suppress(ProcessLookupError):
                os.kill(process, go_on)


class Timed:
    """A call with a timeout that is to run out, in a thread of its own: how long it takes, and what comes of it."""

    def __init__(self, name: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        self.timeout = [*args, *kwargs.values()][0]
        self.call = f"{name}({self.timeout:g}) while the call runs"
        self.took = 0.0
        self.task = Task(self.make, function, *args, **kwargs)

    def make(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        start = time.monotonic()
        try:
            return function(*args, **kwargs)
        finally:
            self.took = time.monotonic() - start

    def check_end(self, patience: Patience) -> None:
        """Check that it came to an end, and not later than its timeout and a small allowance; raise ``Late`` if so."""
        assert self.task.is_done(), f"{self.call}: goes on, promised is to wait {self.timeout:g} s at most"
        if self.took > self.timeout + patience.allowance:
            raise Late(f"{self.call}: done after {self.took:.3f} s, promised is {self.timeout:g} s at most")

    def check_error(self, kind: type[Exception]) -> None:
        """Check that it raised an exception of this class."""
        error = self.task.error
        assert isinstance(error, kind), (
            f"{self.call}: {self.task.outcome()}, promised is {kind.__module__}.{kind.__name__}"
        )

    def check_wait(self) -> None:
        """Check that it has waited for all of its timeout."""
        assert self.took >= self.timeout - GRANULARITY, (
            f"{self.call}: {self.task.outcome()} after {self.took:.3f} s, promised is to wait {self.timeout:g} s"
        )


class Blocking:
    """Calls that are promised to block until a gate is open, all watched at the same time.

    The name of each is how a failure writes it.
    """

    def __init__(self, calls: dict[str, Task], gate: Gate) -> None:
        self.calls = calls
        tasks = list(calls.values())
        try:
            Patience().never(lambda: all_done(tasks), "all of the calls are done")
        except AssertionError:
            pass  # check() tells which
        self.early = [name for name, task in calls.items() if task.is_done()]
        gate.open()
        settled(tasks)

    def check_end(self, name: str) -> None:
        """Check that the call blocked until the gate was open and then returned, whatever it is."""
        task = self.calls[name]
        came = task.outcome() if task.is_done() else "goes on"
        assert name not in self.early, f"{name} {came} while the task ran, promised is that it blocks"
        assert task.is_done() and not task.error, (
            f"{name} {came} when the task was complete, promised is that it returns"
        )

    def check(self, name: str, promised: object) -> None:
        """Check that the call blocked until the gate was open and then returned what is promised."""
        self.check_end(name)
        task = self.calls[name]
        assert task.value == promised, f"{name} {task.outcome()} when the task was complete, promised is {promised!r}"
