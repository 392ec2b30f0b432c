"""A backend whose ``Process.start`` leaves a temporary file and whose ``Process.join`` leaves a thread behind."""

from __future__ import annotations

import tempfile
import threading

from broken.wrapping import __version__, get_all_start_methods, wrap
from broken.wrapping import delegate as __getattr__

__all__ = ["__getattr__", "__version__", "get_all_start_methods", "get_context"]


class Broken:
    def start(self) -> None:
        with tempfile.NamedTemporaryFile(prefix="litter-", delete=False):
            super().start()

    def join(self, timeout: float | None = None) -> None:
        super().join(timeout)
        threading.Thread(target=threading.Event().wait, name="litter", daemon=True).start()


get_context = wrap(__name__, Broken)
