"""What a pool and its workers say to each other: tasks, and what becomes of them.

A task is a tuple ``(kind, function, given)``:

============  ==================  =====================================================
kind          given               what becomes of it
============  ==================  =====================================================
``CALL``      ``(args, kwds)``    ``function(*args, **kwds)``
``EACH``      a list of items     a list: ``function(item)`` for each
``SPREAD``    a list of items     a list: ``function(*item)`` for each
``SEPARATE``  a list of items     as ``EACH``, with a :class:`Failure` for those that fail
============  ==================  =====================================================

What a task raises becomes a `Failure`. It goes through a pipe as the exception itself and the text of its
traceback, which the exception has as its ``__cause__`` when it arrives. An exception that cannot travel is
replaced by one that can, and tells of it; so does a result.
"""

from __future__ import annotations

from mpreference import pickling
from mpreference.errors import ProcessError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Task = tuple[int, Callable[..., Any], Any]

CALL, EACH, SPREAD, SEPARATE = range(4)


class WorkerLost(ProcessError):
    """The worker ended in the middle of the task: it was killed, or the task has called `os._exit`."""


class NotPicklable(ProcessError):
    """The task has completed, and what it returned or raised cannot be sent back."""


class RemoteTraceback(Exception):
    """Where in a worker an exception was raised: the ``__cause__`` of that exception. ``args[0]`` is the text."""

    def __str__(self) -> str:
        return f"in a worker process\n\n{self.args[0]}"


class Failure:
    """In place of a result: what was raised instead."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __reduce__(self) -> tuple[Callable[..., Failure], tuple[Any, str]]:
        import traceback

        error = self.error
        text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        try:
            data = pickling.dumps(error)
            pickling.loads(data)  # some exceptions can be taken apart, and not be put together again
        except Exception as reason:  # noqa: BLE001 - whatever it is, it goes into the message
            known = NotPicklable(f"the task raised a {type(error).__name__}, which cannot be sent: {reason!r}")
            data = pickling.dumps(known)
        return _received, (data, text)


def _received(data: bytes, text: str) -> Failure:
    error: BaseException = pickling.loads(data)
    error.__cause__ = RemoteTraceback(text)
    return Failure(error)


def perform(task: Task) -> Any:
    """Do a task and return its result; raise what it raises."""
    kind, function, given = task
    if kind == CALL:
        args, kwds = given
        return function(*args, **kwds)
    if kind == EACH:
        return [function(item) for item in given]
    if kind == SPREAD:
        return [function(*item) for item in given]
    return [_attempt(function, item) for item in given]


def _attempt(function: Callable[..., Any], item: Any) -> Any:
    try:
        return function(item)
    except Exception as error:  # noqa: BLE001 - it is raised where the result is asked for
        return Failure(error)
