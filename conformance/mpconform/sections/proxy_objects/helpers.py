"""The types that the tests of this section share through a manager; light, because its process and children import it.

They are registered with ``SyncManager``, which is what ``Manager()`` starts, so that the process of the manager is
started as the cell says.
"""

from __future__ import annotations

import gc
import os
import weakref
from typing import Any, ClassVar

from mpconform.kit import Gate, Latch


class Strict(Exception):
    """An exception that can be pickled and not unpickled: it is made with more than it keeps in ``args``."""

    def __init__(self, first: object, second: object) -> None:
        super().__init__(first)


class Refused(Exception):
    """An exception of ours."""


class Servant:
    """Has a method for everything that a test wants done in the manager's process."""

    def __init__(self) -> None:
        self.held = [1, [2]]
        self.called: list[str] = []

    def echo(self, value: Any) -> Any:
        return value

    def arguments(self, *args: Any, **kwds: Any) -> Any:
        return args, kwds

    def pid(self) -> int:
        return os.getpid()

    def hold(self, value: Any) -> None:
        self.held = value

    def what_is_held(self) -> Any:
        return self.held

    def fail(self, error: Exception) -> None:
        raise error

    def fail_with_what_cannot_be_pickled(self) -> None:
        raise ValueError(Unpicklable())

    def fail_with_what_cannot_be_unpickled(self) -> None:
        raise Strict(1, 2)

    def leave(self) -> None:
        raise SystemExit(3)

    def stay(self, latch: Latch, gate: Gate) -> str:
        latch.arrive()
        gate.wait("the call may end")
        return "stayed"

    def what_cannot_be_pickled(self) -> Any:
        return Unpicklable()

    def hidden(self) -> None:
        self.called.append("hidden")

    def _private(self) -> None:
        self.called.append("_private")

    def what_was_called(self) -> list[str]:
        return self.called


class Shape:
    """A value whose str() is something else than its repr()."""

    def __init__(self, corners: int) -> None:
        self.corners = corners

    def grow(self) -> None:
        self.corners += 1

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Shape) and other.corners == self.corners

    def __hash__(self) -> int:
        return self.corners

    def __repr__(self) -> str:
        return f"Shape({self.corners})"

    def __str__(self) -> str:
        return f"something with {self.corners} corners"


class Unpicklable:
    """Refuses to be pickled."""

    def name(self) -> str:
        return "unpicklable"

    def __reduce__(self) -> Any:
        raise TypeError("this object cannot be pickled")


class Unreadable:
    """Can be pickled, and refuses to be unpickled."""

    def __reduce__(self) -> Any:
        return refuse, ()


def refuse() -> None:
    raise ValueError("this object cannot be unpickled")


class Tracked:
    """Is found in ``living`` as long as it exists in this process."""

    living: ClassVar[weakref.WeakValueDictionary[str, Tracked]] = weakref.WeakValueDictionary()

    def __init__(self, label: str) -> None:
        self.label = label
        self.living[label] = self

    def name(self) -> str:
        return self.label


class Probe:
    """Looks, in the manager's process, for what is tracked there."""

    def living(self) -> list[str]:
        """Return the labels of all that exist, once the garbage is collected."""
        gc.collect()
        return sorted(Tracked.living)


def manager_of(mp: Any, *types: type, **more: Any) -> Any:
    """Return a started manager that also has these types, by their names; ``more`` is for register()."""
    for kind in types:
        mp.managers.SyncManager.register(kind.__name__, kind, **more)
    return mp.Manager()


class Maker:
    """A way to create one of the shared objects that a manager offers."""

    def __init__(self, name: str, *args: object) -> None:
        self.name = name
        self.args = args

    def __call__(self, manager: Any) -> Any:
        return getattr(manager, self.name)(*self.args)


MAKERS = [
    Maker("list", [1]),
    Maker("dict", {"a": 1}),
    Maker("Namespace"),
    Maker("Value", "i", 7),
    Maker("Array", "i", [1, 2]),
    Maker("Queue"),
    Maker("Lock"),
    Maker("RLock"),
    Maker("Semaphore"),
    Maker("BoundedSemaphore"),
    Maker("Condition"),
    Maker("Event"),
    Maker("Barrier", 2),
    Maker("Shape", 3),
]
"""Of every type that a SyncManager of the base edition creates, and of one that is registered."""
