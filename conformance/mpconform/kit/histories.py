"""Histories: what several processes called on one object at the same time, and what came back.

Each process keeps a :class:`Recorder`, which notes when every call began and when it returned. The test puts the
notes of all processes together and asks a checker whether some order of the calls, one after another, explains them:
:mod:`mpconform.kit.linearizability` for anything with a sequential model, :mod:`mpconform.kit.deliveries` for what
queues promise. The clock is ``time.monotonic``, which is the same in every process of one machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple


class Call(NamedTuple):
    """One call that returned, with its times in seconds; of one that raised, ``result`` is the exception's class."""

    process: str
    operation: str
    arguments: tuple[Any, ...]
    result: Any
    called: float
    returned: float

    def __str__(self) -> str:
        arguments = ", ".join(map(repr, self.arguments))
        result = f"raised {self.result.__name__}" if isinstance(self.result, type) else repr(self.result)
        return f"{self.process}: {self.operation}({arguments}) -> {result}"


class Recorder:
    """Makes the calls of one process, or of one thread, and notes them. ``calls`` is picklable."""

    def __init__(self, process: str = "") -> None:
        self.process = process
        self.calls: list[Call] = []

    def call(self, operation: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """Note ``function(*arguments)`` under the name ``operation``; return what it returns, or its exception's class.

        An exception is an answer like any other: whether it may come is for the checker to say.
        """
        called = time.monotonic()
        try:
            result = function(*arguments)
        except Exception as error:  # noqa: BLE001 - see above
            result = type(error)
        self.calls.append(Call(self.process, operation, arguments, result, called, time.monotonic()))
        return result
