"""What the mutants of this section have in common."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from functools import partial
from multiprocessing.synchronize import SemLock
from typing import Any

from mutants import replace


def method(kind: type[SemLock], name: str) -> Callable[[Callable[..., Any]], None]:
    """Put a function in the place of acquire or release of each instance; it gets the instance and what was there."""

    def put(function: Callable[..., Any]) -> None:
        @replace(kind, "_make_methods")
        def make(original: Any, self: Any) -> None:
            original(self)
            self.creator = os.getpid()
            setattr(self, name, partial(function, self, getattr(self, name)))

    return put


def unlock(primitive: SemLock) -> None:
    """Release it as the system's semaphore that it is, whoever has acquired it."""
    handle: int = primitive._semlock.handle  # type: ignore[attr-defined]
    ctypes.CDLL(None).sem_post(ctypes.c_void_p(handle))
