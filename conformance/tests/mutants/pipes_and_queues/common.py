"""What the mutants of this section have in common."""

from __future__ import annotations

import inspect
import multiprocessing
import multiprocessing.connection
import multiprocessing.context
import multiprocessing.managers
import multiprocessing.queues
import threading
from collections.abc import Callable
from typing import Any

from mpconform.kit import Patience
from mutants import replace

BaseContext: Any = multiprocessing.context.BaseContext


Connection: Any = multiprocessing.connection.Connection


Queue: Any = multiprocessing.queues.Queue


SimpleQueue: Any = multiprocessing.queues.SimpleQueue


JoinableQueue: Any = multiprocessing.queues.JoinableQueue


THREADS = threading.RLock()
"""What the calls of one process wait for in :func:`with_the_lock`."""


def late(timeout: float = 0) -> float:
    """Return a time that is later than any allowance for a timeout."""
    return timeout + Patience().allowance + 0.5


def waits_otherwise(name: str, timeout: Callable[[float], float]) -> None:
    """Let put() or get() wait for another time than it is told."""

    @replace(Queue, name)
    def call(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        given = inspect.signature(original).bind(self, *args, **kwargs)
        if given.arguments.get("timeout") is not None and given.arguments.get("block", True):
            given.arguments["timeout"] = timeout(given.arguments["timeout"])
        return original(*given.args, **given.kwargs)


def with_the_lock(name: str, concerned: Callable[[bool, Any], bool]) -> None:
    """Let calls of put() or get() with such a ``block`` and ``timeout`` wait for each other."""

    @replace(Queue, name)
    def call(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        given = inspect.signature(original).bind(self, *args, **kwargs).arguments
        if not concerned(given.get("block", True), given.get("timeout")):
            return original(self, *args, **kwargs)
        with THREADS:
            return original(self, *args, **kwargs)
