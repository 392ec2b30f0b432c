"""What the modules of this section share."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread, current_thread
from typing import Any

from mpconform.kit import Patience


class Elsewhere:
    """A call of ``target`` in a process of the module, which ends with this process if it does not end before."""

    thread: Thread

    def __init__(self, dummy: Any, target: Callable[..., Any], *args: Any) -> None:
        self.ended = False
        self.process = dummy.Process(target=self.call, args=(target, args))
        self.process.daemon = True
        self.process.start()

    def call(self, target: Callable[..., Any], args: tuple[Any, ...]) -> None:
        """Call the target and note that it has ended, however it does."""
        self.thread = current_thread()
        try:
            target(*args)
        finally:
            self.ended = True

    def wait(self, what: str = "the target in a process of the module ends") -> None:
        """Block until the target has ended: that is asked of the target and its thread, not of the process."""
        Patience().until(lambda: self.ended, what)
        Thread.join(self.thread)
