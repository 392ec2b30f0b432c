"""Work that finalizers leave.

When an object is collected, Python calls back in the middle of whatever the thread is doing. That may be the very step
which the work of the callback must not come into, and to wait for a lock there would be to wait for oneself. So such
work goes into a backlog. It is done at once if nothing is in its way; and if something is, by that, afterwards.
"""

from __future__ import annotations

import threading
from collections import deque

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Backlog:
    """Calls to be made, one after another, and none while somebody is in a ``with`` block of this."""

    def __init__(self) -> None:
        self._calls: deque[tuple[Callable[..., object], tuple[Any, ...]]] = deque()
        self._lock = threading.Lock()

    def add(self, work: Callable[..., object], *args: Any) -> None:
        """Have ``work(*args)`` called, now or soon.

        What it returns is let go of when others may come in again: it may be an object that does anything in its end.
        """
        self._calls.append((work, args))
        self._settle()

    def _settle(self) -> None:
        while self._calls and self._lock.acquire(blocking=False):
            let_go = []
            try:
                while self._calls:
                    work, args = self._calls.popleft()
                    let_go.append(work(*args))
            finally:
                self._lock.release()
            let_go.clear()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()
        self._settle()
