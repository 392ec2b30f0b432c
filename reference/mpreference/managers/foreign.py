"""How messages become bytes, and back, if the other end is one of the standard library.

Its messages name classes of the package ``multiprocessing``, which are never imported: here they are their namesakes
in this package. What is sent there has to be loadable without this package, so classes and functions of ours
are pickled as steps by which the other end finds their namesakes.
"""

from __future__ import annotations

import io

from mpreference import errors, pickling
from mpreference.managers.messages import passing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from mpreference.managers.links import Link
    from mpreference.managers.messages import Codec, Hold, Message

OURS = "mpreference"
THEIRS = "multiprocessing"


class _Foreign:
    """Pickles, to and from an end of the standard library."""

    def dumps(self, message: Message, link: Link, hold: Hold | None = None) -> bytes:
        outer = passing.message
        passing.message = link, hold, False
        buffer = io.BytesIO()
        try:
            _Pickler(buffer, pickling.PROTOCOL).dump(message)
        finally:
            passing.message = outer
        return buffer.getvalue()

    def loads(self, data: Any, link: Link) -> Any:  # noqa: ARG002
        return _Unpickler(io.BytesIO(data)).load()


FOREIGN: Codec = _Foreign()


class _Module:
    """A module at the other end."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        from importlib import import_module

        return import_module, (self.name,)


class _Pickler(pickling.Pickler):
    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, (type, _Function)) and obj.__module__.startswith(f"{OURS}."):
            inner = obj.__module__.startswith(f"{OURS}.managers.")
            return getattr, (_Module(f"{THEIRS}.managers" if inner else THEIRS), obj.__name__)
        return NotImplemented


_Function = type(lambda: None)


class _Unpickler(pickling.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        from importlib import import_module

        top, _, rest = module.partition(".")
        if top != THEIRS:
            return super().find_class(module, name)
        if hasattr(errors, name):  # these are in a module of another name there
            return getattr(errors, name)
        return getattr(import_module(f"{OURS}.{rest}" if rest else OURS), name)
