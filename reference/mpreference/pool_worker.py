"""What a worker process of a pool does: it answers one task after another.

::

    starts, calls the initializer
    sends an empty message           "ready"
    receives a task                  or an empty message, "go": it returns, and the process ends
    performs it
    sends what became of it          and so on

Rules
-----
* It ends when its parent has ended: at once while it waits, otherwise after its task, of which nobody wants to know.
* All that a task raises is sent. After `SystemExit` the worker ends, as any process would; a handler of a signal may
  have raised it.
* Ctrl-C goes to all processes of a terminal. In a task it is an exception like others, between tasks a reason to go.
"""

from __future__ import annotations

from mpreference.pickling import dumps, loads
from mpreference.pool_tasks import Failure, NotPicklable, perform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from mpreference.pool_channels import Inbox, Outbox


def work(tasks: Inbox, answers: Outbox, initializer: Callable[..., object] | None, initargs: Iterable[Any]) -> None:
    """Be a worker."""
    if initializer is not None:
        initializer(*initargs)
    try:
        _send(answers, b"")
        while task := _receive(tasks):
            answer, leaving = _answer(task)
            _send(answers, answer)
            if leaving is not None:
                raise leaving
            del task, answer  # which may be large
    except (EOFError, KeyboardInterrupt):
        pass


def _receive(tasks: Inbox) -> memoryview:
    """Wait for a message."""
    while (message := tasks.receive()) is None:
        pass
    return message


def _send(answers: Outbox, message: bytes) -> None:
    complete = answers.send(message)
    while not complete:  # a signal came between
        complete = answers.resume()


def _answer(message: memoryview) -> tuple[bytes, SystemExit | None]:
    """Return the bytes of what becomes of a task, and what it has raised if that is to end the worker."""
    try:
        result = perform(loads(message))
    except SystemExit as error:
        return dumps(Failure(error)), error
    except BaseException as error:  # noqa: BLE001 - it is raised where the result is asked for
        return dumps(Failure(error)), None
    try:
        return dumps(result), None
    except Exception as reason:  # noqa: BLE001 - that, too
        lost = NotPicklable(f"the task returned a {type(result).__name__}, which cannot be sent: {reason!r}")
        lost.__cause__ = reason
        return dumps(Failure(lost)), None
