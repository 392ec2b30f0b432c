"""Cleaning up: once for each thing, in one order, and only in the process that the thing belongs to.

A :class:`Finalizer` calls its callback once, at the first of these:

* it is called itself (``close()`` and ``terminate()`` do that);
* the object that it was made for is collected;
* the process ends, if the finalizer has a priority: the highest priority first, and among equals the newest first.

The order at the end of a process is that of the constants below: pools and managers go first, for they
still need queues and children; then what is buffered is flushed, while the children that read it live;
then daemonic children are terminated and the others awaited; files go last.

A forked child inherits the objects and not the duties: the registry is emptied there.
"""

from __future__ import annotations

import atexit
import itertools
import os
import weakref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

POOLS = 50
MANAGERS = 40
FEEDERS = 30
CHILDREN = 20
FILES = 10

_registry: dict[int, Finalizer] = {}
_numbers = itertools.count()


class Finalizer:
    """Calls ``callback(*args, **kwargs)`` once; see above for when. The callback must not refer to ``obj``."""

    def __init__(
        self,
        obj: object | None,
        callback: Callable[..., object],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        priority: int | None = None,
    ) -> None:
        if obj is None and priority is None:
            raise ValueError("a finalizer without an object needs a priority")
        self.priority = priority
        self.number = next(_numbers)
        self._call: tuple[Callable[..., object], Sequence[Any], Mapping[str, Any]] | None = (
            callback,
            args,
            kwargs or {},
        )
        self._reference = None if obj is None else weakref.ref(obj, self)
        _registry[self.number] = self

    def __call__(self, _reference: object = None) -> object:
        """Call back now, unless that was done or cancelled, or the thing belongs to another process."""
        mine = _registry.pop(self.number, None) is self
        call, self._call, self._reference = self._call, None, None
        if not mine or call is None:
            return None
        callback, args, kwargs = call
        return callback(*args, **kwargs)

    def cancel(self) -> None:
        """Never call back."""
        if _registry.get(self.number) is self:
            del _registry[self.number]
        self._call = self._reference = None

    @property
    def alive(self) -> bool:
        """Whether the callback is still to be called by this process."""
        return _registry.get(self.number) is self


def run_finalizers(minimum: int = 0) -> None:
    """Run what has at least this priority, in the order of ending; also what is registered meanwhile.

    What one of them raises is shown, as for any exit handler, and does not keep the others from running.
    """
    while True:
        due = [entry for entry in list(_registry.values()) if entry.priority is not None and entry.priority >= minimum]
        if not due:
            return
        try:
            max(due, key=lambda entry: (entry.priority, entry.number))()
        except Exception:  # noqa: BLE001 - shown below
            import sys
            import traceback

            if sys.stderr is not None:
                traceback.print_exc()


atexit.register(run_finalizers)
os.register_at_fork(after_in_child=_registry.clear)
