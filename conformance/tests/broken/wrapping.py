"""Wrapping the contexts of the standard library, with one thing or another replaced."""

from __future__ import annotations

import importlib
import multiprocessing
import sys
from collections.abc import Callable, Collection
from multiprocessing import get_all_start_methods
from typing import Any

__version__ = "1.0"
__all__ = ["__version__", "delegate", "get_all_start_methods", "wrap"]


class Context:
    """A context of the standard library in which some names are replaced and some are missing."""

    def __init__(self, context: Any, replaced: dict[str, Any], lacks: Collection[str], others: dict[str, Any]) -> None:
        self._context = context
        self._replaced = replaced
        self._lacks = lacks
        self._others = others

    def get_context(self, method: str | None = None) -> Context:
        """Return this context, or the one for another start method."""
        return self if method is None else self._others[method]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name in self._lacks:
            raise AttributeError(f"the context has no {name!r}")
        if name in self._replaced:
            return self._replaced[name]
        return getattr(self._context, name)


def wrap(
    module: str, process: type | None = None, lacks: Collection[str] = (), **replaced: Any
) -> Callable[..., Context]:
    """Return the ``get_context`` of the backend that is the module with this name.

    ``process`` is mixed into the process class of each context; the mixture is put into the module, so that a
    spawned child finds it there by name. ``replaced`` are other names of a context, ``lacks`` those that it has not.
    """
    contexts: dict[str, Context] = {}
    for method in get_all_start_methods():
        context: Any = multiprocessing.get_context(method)
        names = dict(replaced)
        if process is not None:
            mixture = type(f"{method.capitalize()}Process", (process, context.Process), {"__module__": module})
            setattr(sys.modules[module], mixture.__name__, mixture)
            names["Process"] = mixture
        contexts[method] = Context(context, names, lacks, contexts)

    def get_context(method: str | None = None) -> Context:
        return contexts[method or multiprocessing.get_start_method()]

    return get_context


def delegate(name: str) -> Any:
    """Return a submodule or another attribute of the standard library's package: a module's ``__getattr__``."""
    if name in ("connection", "dummy", "managers", "pool", "queues", "shared_memory", "sharedctypes", "synchronize"):
        return importlib.import_module(f"multiprocessing.{name}")
    if name.startswith("__"):
        raise AttributeError(name)
    return getattr(multiprocessing, name)
