"""What the mutants of this section have in common."""

from __future__ import annotations

import multiprocessing
import multiprocessing.context
import multiprocessing.process
from collections.abc import Callable
from typing import Any

from mutants import replace

PACKAGE: Any = multiprocessing
CONTEXTS: Any = multiprocessing.context
BaseContext: Any = multiprocessing.context.BaseContext
BaseProcess: Any = multiprocessing.process.BaseProcess


def instead_of(name: str) -> Callable[[Callable[..., Any]], None]:
    """Put a function in the place of one of the package, of that name, which contexts have as well."""
    original = getattr(multiprocessing, name)

    def put(function: Callable[..., Any]) -> None:
        def instead(*args: Any, **kwargs: Any) -> Any:
            return function(original, *args, **kwargs)

        setattr(multiprocessing, name, instead)
        setattr(BaseContext, name, staticmethod(instead))

    return put


def started() -> list[Any]:
    """Return a list to which every process object is added when it is started, from now on."""
    found: list[Any] = []

    @replace(BaseProcess, "start")
    def start(original: Any, self: Any) -> None:
        original(self)
        found.append(self)

    return found
