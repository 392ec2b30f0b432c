"""A backend whose ``Process.join`` does not take its timeout by name: what it does then, ``BROKEN_KEYWORD`` says."""

from __future__ import annotations

import os
import threading

from broken.wrapping import __version__, get_all_start_methods, wrap
from broken.wrapping import delegate as __getattr__

__all__ = ["__getattr__", "__version__", "get_all_start_methods", "get_context"]


class Broken:
    def join(self, *args: float, **named: float) -> None:
        if named and os.environ["BROKEN_KEYWORD"] == "raises":
            raise TypeError("join() takes no timeout by name")
        if named and os.environ["BROKEN_KEYWORD"] == "hangs":
            threading.Event().wait()
        if named:
            os.abort()
        super().join(*args)


get_context = wrap(__name__, Broken)
