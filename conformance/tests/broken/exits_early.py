"""A backend whose ``Process.is_alive`` ends the interpreter at once, with status 0."""

from __future__ import annotations

import os

from broken.wrapping import __version__, get_all_start_methods, wrap
from broken.wrapping import delegate as __getattr__

__all__ = ["__getattr__", "__version__", "get_all_start_methods", "get_context"]


class Broken:
    def is_alive(self) -> bool:
        os._exit(0)


get_context = wrap(__name__, Broken)
