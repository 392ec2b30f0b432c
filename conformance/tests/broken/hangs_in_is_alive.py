"""A backend whose ``Process.is_alive`` never returns; children can be started and joined all the same."""

from __future__ import annotations

import threading

from broken.wrapping import __version__, get_all_start_methods, wrap
from broken.wrapping import delegate as __getattr__

__all__ = ["__getattr__", "__version__", "get_all_start_methods", "get_context"]


class Broken:
    def is_alive(self) -> bool:
        threading.Event().wait()
        return False


get_context = wrap(__name__, Broken)
