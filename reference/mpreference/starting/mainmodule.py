"""Giving a child that is not forked the main module of its parent.

What a program defines in its main module is pickled by reference to ``__main__``, so a child has to have that module
too. The child runs it under the name ``__mp_main__``, which is why a program starts its children below
``if __name__ == "__main__":``. Then both names mean that module, there and in the parent, so that what the
child pickles finds its way back.

======================  ==========================================================================
the program is          the child
======================  ==========================================================================
a script                runs its file at once
``-m package.module``   runs that module at once
``-m package``, a zip   runs ``__main__.py`` when something of it is needed: such a file seldom
file or a folder        has a guard, so to run it may be to start the whole program again
``-c``, interactive     has no main module: there is no file that it could be had from
======================  ==========================================================================
"""

from __future__ import annotations

import io
import os
import sys
from types import CodeType, ModuleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Description = tuple[str, str]

NAME = "__mp_main__"

_restored: Description | None = None


def describe() -> Description | None:
    """Return how a child gets the main module of this process: a kind and a name or path, or None for not at all."""
    main = sys.modules.get("__main__")
    if main is None:
        return None
    if sys.modules.setdefault(NAME, main) is main and _restored is not None:
        return _restored
    spec = getattr(main, "__spec__", None)
    path = getattr(main, "__file__", None)
    if spec is not None and spec.name != "__main__":
        return ("package" if spec.name.endswith(".__main__") else "module"), spec.name
    if path is None:
        return None
    path = os.path.abspath(path)
    if spec is not None:
        return "archive", os.path.dirname(path)
    return ("script", path) if os.path.exists(path) else None


def restore(description: Description | None) -> None:
    """Make the main module that was described the one of this process; raise whatever running it raises."""
    global _restored
    if description is None or description == _restored:
        return  # there is none, or the fork server has it already
    module = _Later(description) if description[0] in ("package", "archive") else ModuleType(NAME)
    sys.modules["__main__"] = sys.modules[NAME] = module
    if not isinstance(module, _Later):
        _run(module, description)
    _restored = description


def _run(module: ModuleType, description: Description) -> None:
    """Run the file that was described in the name space of ``module``."""
    kind, place = description
    code: CodeType | None
    if kind == "script":
        module.__file__ = place
        with io.open_code(place) as file:
            code = compile(file.read(), place, "exec")
    else:
        import importlib.machinery
        import importlib.util

        if kind == "archive":
            spec = importlib.machinery.PathFinder.find_spec("__main__", [place])
        else:
            spec = importlib.util.find_spec(place)
        if spec is None or spec.loader is None:
            raise ImportError(f"a child cannot find the main module of its parent: {place}")
        module.__spec__, module.__loader__, module.__package__ = spec, spec.loader, spec.parent
        module.__file__ = spec.origin
        code = spec.loader.get_code(spec.name)  # type: ignore[attr-defined]
    assert code is not None
    exec(code, module.__dict__)


class _Later(ModuleType):
    """A main module that runs its file when something is asked of it that it does not have."""

    def __init__(self, description: Description) -> None:
        super().__init__(NAME)
        self.__dict__["_description"] = description

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("__") and "_description" in self.__dict__:
            _run(self, self.__dict__.pop("_description"))
            return getattr(self, name)
        raise AttributeError(f"the main module has no attribute {name!r}")
