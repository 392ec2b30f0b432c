"""A backend whose ``Process.start`` crashes the interpreter: it reads what is at address 0."""

from __future__ import annotations

import ctypes

from broken.wrapping import __version__, get_all_start_methods, wrap
from broken.wrapping import delegate as __getattr__

__all__ = ["__getattr__", "__version__", "get_all_start_methods", "get_context"]


class Broken:
    def start(self) -> None:
        ctypes.string_at(0)


get_context = wrap(__name__, Broken)
