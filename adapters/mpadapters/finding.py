"""Finding an adapter by name: a built-in one, one of another distribution, a class, or any importable module."""

from __future__ import annotations

import importlib

from mpadapters.builtin import BUILTIN, MORE
from mpadapters.contract import Adapter, AdapterError

TYPE_CHECKING = False  # what typing.TYPE_CHECKING is, without the price of importing it
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

ENTRY_POINTS = "mpconform.adapters"
"""The entry-point group in which other distributions name their adapter classes."""


class ModuleAdapter(Adapter):
    """Any importable module that mirrors the layout of ``multiprocessing``; it needs no adapter of its own."""

    def __init__(self, module: str) -> None:
        self.name = self.package = module

    def expectations_file(self) -> Path | None:
        """Return None: a module with no adapter has no place for a file; ``--expectations`` names one."""
        return None

    @property
    def location(self) -> str:
        """The text from which :func:`load` makes this adapter again."""
        return f"{super().location}={self.package}"


def entry_points() -> dict[str, str]:
    """Return the adapters that installed distributions offer: name to ``module:Class``."""
    from importlib.metadata import entry_points as installed  # slow to import, and no child needs it

    return {point.name: f"{point.module}:{point.attr}" for point in installed(group=ENTRY_POINTS)}


def names() -> list[str]:
    """Return the names that :func:`find` knows, built-in ones first."""
    builtin = [*(adapter.name for adapter in BUILTIN), *MORE]
    return builtin + sorted(name for name in entry_points() if name not in builtin)


def find(name: str) -> Adapter:
    """Return the adapter with this name, the one at ``module:Class``, or one for the importable module of this name.

    Raises :class:`AdapterError`, with the close matches, if there is none.
    """
    if ":" in name:
        return load(name)
    for adapter in BUILTIN:
        if adapter.name == name:
            return adapter()
    if name in MORE:
        return load(MORE[name])
    offered = entry_points()
    if name in offered:
        return load(offered[name])
    if _importable(name):
        return ModuleAdapter(name)
    from difflib import get_close_matches  # slow to import, and no child needs it

    close = get_close_matches(name, names(), n=3)
    hint = (
        f"did you mean {' or '.join(close)}?" if close else f"known are {', '.join(names())}, and any importable module"
    )
    raise AdapterError(f"no backend {name!r}: {hint}")


def _importable(name: str) -> bool:
    """Return whether there is a module of this name; it is not imported, but for the parents of a dotted name."""
    from importlib.util import find_spec  # slow to import, and no child needs it

    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):  # there is no such parent, or the name is no name
        return False
    except Exception as error:
        parent = name.rpartition(".")[0]
        raise AdapterError(
            f"backend {name!r}: importing {parent!r} failed with {error!r}: "
            f"make `python -c 'import {parent}'` work first"
        ) from error


def load(location: str) -> Adapter:
    """Return the adapter at ``module:Class`` or ``module:Class=argument``.

    Raises :class:`AdapterError` if there is no such class or it is no adapter.
    """
    path, _, argument = location.partition("=")
    module, _, name = path.partition(":")
    try:
        made: Any = importlib.import_module(module)
        for part in name.split("."):
            made = getattr(made, part)
        adapter = made(argument) if argument else made()
    except Exception as error:
        raise AdapterError(
            f"adapter {location!r} cannot be made ({error!r}): it must name a class, as module:Class, "
            f"that needs no argument"
        ) from error
    if not isinstance(adapter, Adapter):
        raise AdapterError(f"adapter {location!r} is no subclass of mpadapters.Adapter: derive it from that")
    return adapter
