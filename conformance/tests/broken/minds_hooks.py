"""A backend that starts no child while somebody else's hook would see what its threads raise."""

from __future__ import annotations

import sys
import threading

from broken.wrapping import __version__, get_all_start_methods, wrap
from broken.wrapping import delegate as __getattr__

__all__ = ["__getattr__", "__version__", "get_all_start_methods", "get_context"]


class Minds:
    def start(self) -> None:
        if threading.excepthook is not threading.__excepthook__ or sys.unraisablehook is not sys.__unraisablehook__:
            raise RuntimeError(f"the hooks are {threading.excepthook} and {sys.unraisablehook}")
        super().start()  # type: ignore[misc]


get_context = wrap(__name__, process=Minds)
