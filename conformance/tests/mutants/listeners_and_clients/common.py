"""What the mutants of this section have in common."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
from typing import Any

from mutants import replace

connection: Any = multiprocessing.connection
"""What is changed; for a type checker, it has no names but the documented ones."""

SLOW = 2.2
"""Seconds after which a mutant looks again that should be woken: more than a test watches, and is let to take."""


class Wrapped:
    """A connection in a box: no instance of Connection."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __enter__(self) -> Wrapped:
        return self

    def __exit__(self, *_: object) -> None:
        self.inner.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


def after_init(change: Any) -> None:
    """Call ``change(listener)`` at the end of the constructor of each listener."""

    @replace(connection.Listener, "__init__")
    def init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        change(self)
