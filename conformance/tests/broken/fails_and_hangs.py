"""A backend whose ``Pipe`` raises and whose ``Process.is_alive`` never returns."""

from __future__ import annotations

from broken.hangs_in_is_alive import Broken
from broken.wrapping import __version__, get_all_start_methods, wrap
from broken.wrapping import delegate as __getattr__

__all__ = ["__getattr__", "__version__", "get_all_start_methods", "get_context"]


def pipe(duplex: bool = True) -> object:
    raise OSError("Pipe() fails")


get_context = wrap(__name__, Broken, Pipe=pipe)
