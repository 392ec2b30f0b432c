"""A backend whose ``Process.join`` never returns, timeout or not."""

from __future__ import annotations

import threading

from broken.wrapping import __version__, get_all_start_methods, wrap
from broken.wrapping import delegate as __getattr__

__all__ = ["__getattr__", "__version__", "get_all_start_methods", "get_context"]


class Broken:
    def join(self, timeout: float | None = None) -> None:
        threading.Event().wait()


get_context = wrap(__name__, Broken)
