"""A backend whose listeners know no Unix sockets, as its adapter says."""

from __future__ import annotations

import multiprocessing.connection
import types
from typing import Any

from broken.wrapping import __version__, get_all_start_methods, wrap
from broken.wrapping import delegate as __getattr__
from mpadapters import Adapter

__all__ = ["NoUnix", "__getattr__", "__version__", "connection", "get_all_start_methods", "get_context"]


class Listener(multiprocessing.connection.Listener):
    def __init__(self, address: Any = None, family: str | None = None, backlog: int = 1, authkey: Any = None) -> None:
        if family == "AF_UNIX" or isinstance(address, str):
            raise ValueError("there are no Unix sockets here")
        super().__init__(address, family, backlog, authkey)


connection = types.ModuleType("connection")
vars(connection).update(vars(multiprocessing.connection))
connection.Listener = Listener  # type: ignore[attr-defined]

get_context = wrap(__name__)


class NoUnix(Adapter):
    """Says that there are none."""

    name = "no_unix"
    package = "broken.no_unix"
    lacks = ("listener.family.af_unix",)
    unsupported = "there are no Unix sockets"
