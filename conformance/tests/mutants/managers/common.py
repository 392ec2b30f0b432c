"""What the mutants of this section have in common."""

from __future__ import annotations

import multiprocessing.managers as managers
from collections.abc import Callable
from typing import Any

from mutants import replace

Registration = dict[str, Any]

TOO_LONG = 3.0
"""Seconds that a mutant waits too long: more than a call that need not wait is allowed on a busy machine."""


def changed_registrations(change: Callable[[type, str, Registration], None]) -> None:
    """Let ``change`` alter the arguments of every register() from now on."""
    original = managers.BaseManager.register.__func__  # type: ignore[attr-defined]
    names = ("callable", "proxytype", "exposed", "method_to_typeid", "create_method")

    def register(cls: type, typeid: str, *args: Any, **kwargs: Any) -> None:
        arguments = {"create_method": True, **dict(zip(names, args, strict=False)), **kwargs}
        change(cls, typeid, arguments)
        original(cls, typeid, **arguments)

    managers.BaseManager.register = classmethod(register)  # type: ignore[method-assign, assignment]


def made_by(typeid: str, make: Callable[..., Any]) -> None:
    """Let a method of SyncManager create what ``make`` returns."""
    registry: Any = managers.SyncManager._registry  # type: ignore[attr-defined]
    registry[typeid] = (make, *registry[typeid][1:])


def with_arguments(change: Callable[[dict[str, Any]], None]) -> None:
    """Let ``change`` alter the arguments of every new manager."""
    names = ("address", "authkey", "serializer", "ctx")

    @replace(managers.BaseManager, "__init__")
    def init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        arguments = {**dict(zip(names, args, strict=False)), **kwargs}
        change(arguments)
        original(self, **arguments)
