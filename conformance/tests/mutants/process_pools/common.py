"""What the mutants of this section have in common."""

from __future__ import annotations

import multiprocessing
import multiprocessing.context
import multiprocessing.pool
from typing import Any

module: Any = multiprocessing.pool


BaseContext: Any = multiprocessing.context.BaseContext


Pool: Any = module.Pool


AsyncResult: Any = module.ApplyResult


MapResult: Any = module.MapResult


IMapIterator: Any = module.IMapIterator


OurTimeoutError: Any = multiprocessing.TimeoutError


LONG = 60.0


"""Seconds, more than any test takes."""


LATE = 4.0


"""Seconds, more than anything may be late on a busy machine."""


class Wrapped:
    """Another object in its place, which does the same."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)
