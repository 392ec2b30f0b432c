"""How objects become bytes, and back.

One pickler for every message and for what a child is started with. Types that need special care have an
entry in its dispatch table, which is one for the whole class: making a pickler for a message is cheap.
What is not found there is looked up in the table of `copyreg`, which other packages add to at any time.
"""

from __future__ import annotations

import copyreg
import io

try:  # what pickle has of its own takes longer to import than all else in a child
    from _pickle import Pickler as _Pickler
    from _pickle import Unpickler, load, loads
except ImportError:  # an interpreter that has it in Python only
    from pickle import Pickler as _Pickler
    from pickle import Unpickler, load, loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["PROTOCOL", "Pickler", "Unpickler", "dumps", "load", "loads", "register"]


class _Table(dict):  # type: ignore[type-arg] # what it holds has no name at run time
    def __missing__(self, kind: type) -> Callable[[Any], Any]:
        if kind.__module__ == "socket":
            from mpreference import sharing  # noqa: F401 - registers sockets; who sends none does without

            found: Callable[[Any], Any] | None = self.get(kind)
            if found is not None:
                return found
        return copyreg.dispatch_table[kind]


PROTOCOL = 5


class Pickler(_Pickler):
    """The pickler."""

    dispatch_table = _Table()


def dumps(obj: object) -> bytes:
    """Return the object as bytes; raise whatever its pickling raises."""
    buffer = io.BytesIO()
    Pickler(buffer, PROTOCOL).dump(obj)
    return buffer.getvalue()  # which copies nothing of a large object


def register(kind: type, reduce: Callable[[Any], Any]) -> None:
    """Pickle objects of exactly this type as the tuple that ``reduce(obj)`` returns."""
    Pickler.dispatch_table[kind] = reduce
