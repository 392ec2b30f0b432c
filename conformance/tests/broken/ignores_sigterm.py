"""A backend whose children ignore SIGTERM, so that ``Process.terminate`` does nothing."""

from __future__ import annotations

import signal

from broken.wrapping import __version__, get_all_start_methods, wrap
from broken.wrapping import delegate as __getattr__

__all__ = ["__getattr__", "__version__", "get_all_start_methods", "get_context"]


class Broken:
    def run(self) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        super().run()


get_context = wrap(__name__, Broken)
