"""A backend whose ``Process.join`` leaves one descriptor open with each call."""

from __future__ import annotations

import os

from broken.wrapping import __version__, get_all_start_methods, wrap
from broken.wrapping import delegate as __getattr__

__all__ = ["__getattr__", "__version__", "get_all_start_methods", "get_context"]


class Broken:
    def join(self, timeout: float | None = None) -> None:
        super().join(timeout)
        os.open(os.devnull, os.O_RDONLY)


get_context = wrap(__name__, Broken)
