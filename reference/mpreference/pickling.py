"""How objects become bytes, and back.

One pickler for every message and for what a child is started with. Types that need special care have an
entry in its dispatch table, which is one for the whole class. What is not found there is looked up in the table
of `copyreg`, which other packages add to at any time.

Making a pickler takes as long as pickling a small object. So one is used again, by whoever comes next. After a failure
it is dropped, and after a large message, too: the table of what it met does not get smaller, and is cleared each time.
"""

from __future__ import annotations

import copyreg

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

SMALL = 1 << 14
"""Bytes of a message after which its pickler is used again."""


class Pickler(_Pickler):
    """The pickler."""

    dispatch_table = _Table()


class _Reusable:
    """A pickler, and what it has written of a message."""

    def __init__(self) -> None:
        self.parts: list[Any] = []
        self.write = self.parts.append
        pickler = Pickler(self, PROTOCOL)
        self.dump, self.forget = pickler.dump, pickler.clear_memo


_free: list[_Reusable] = []
"""Those that nobody uses now. Threads, and what is pickled while something is pickled, each take one of their own."""


def dumps(obj: object) -> bytes:
    """Return the object as bytes; raise whatever its pickling raises."""
    try:
        pickler = _free.pop()
    except IndexError:
        pickler = _Reusable()
    pickler.dump(obj)
    parts = pickler.parts
    data: bytes = parts[0] if len(parts) == 1 else b"".join(parts)
    if len(data) <= SMALL:
        pickler.forget()
        parts.clear()
        _free.append(pickler)
    return data


def register(kind: type, reduce: Callable[[Any], Any]) -> None:
    """Pickle objects of exactly this type as the tuple that ``reduce(obj)`` returns."""
    Pickler.dispatch_table[kind] = reduce
