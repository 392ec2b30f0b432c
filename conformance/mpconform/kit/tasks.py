"""A call in a thread of its own, for a test in which one process is at both ends of what may block."""

from __future__ import annotations

import threading
from collections.abc import Callable

from mpconform.kit.patience import Overdue, Patience
from mpconform.kit.places import idle

TYPE_CHECKING = False  # what typing.TYPE_CHECKING is, without the price of importing it
if TYPE_CHECKING:
    from typing import Any


class Task:
    """A call that has begun, and what comes of it.

    ``value`` is what it returned, ``error`` what it raised; both are None before its end. The thread is a daemon: a
    call that never ends holds nothing up. It is made by what ``threading`` is by then: a backend may patch that.
    """

    def __init__(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        self.call = function, args, kwargs
        self.value: Any = None
        self.error: BaseException | None = None
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self) -> None:
        """Make the call and note what comes of it."""
        function, args, kwargs = self.call
        try:
            self.value = function(*args, **kwargs)
        except BaseException as error:  # noqa: BLE001 - it is raised again where the result is asked for
            self.error = error

    def is_done(self) -> bool:
        """Return whether the call has returned or raised."""
        return not self.thread.is_alive()

    def join(self, timeout: float | None = None) -> None:
        """Block until the call has returned or raised, or the timeout is over."""
        self.thread.join(timeout)

    def wait(self, what: str = "") -> None:
        """Block until the call has returned or raised; raise ``Overdue``, naming ``what``, if it does neither."""
        awaiting = Patience().awaiting
        self.join(0.25)
        with idle():
            self.join(awaiting)
        if not self.is_done():
            what = what or f"{getattr(self.call[0], '__name__', self.call[0])}() returns or raises"
            raise Overdue(f"{what}: not within {awaiting:.1f} s")

    def outcome(self) -> str:
        """Return in words what came of the call, once it has ended."""
        self.wait()
        return f"raised {self.error!r}" if self.error is not None else f"returned {self.value!r}"

    def result(self, what: str = "") -> Any:
        """Return what the call returned, or raise what it raised; raise ``Overdue``, naming ``what``, if it goes on."""
        self.wait(what)
        if self.error is not None:
            raise self.error
        return self.value
