"""A backend whose ``Process.start`` also leaves a helper process behind.

The helper is in a session of its own, out of reach of whoever ends process groups, and ends by itself after a minute.
"""

from __future__ import annotations

import subprocess
import sys

from broken.wrapping import __version__, get_all_start_methods, wrap
from broken.wrapping import delegate as __getattr__

__all__ = ["__getattr__", "__version__", "get_all_start_methods", "get_context"]

HELPERS = []
"""The helpers, kept so that nothing is said about them when they would be collected."""


class Broken:
    def start(self) -> None:
        super().start()
        helper = subprocess.Popen(
            [sys.executable, "-S", "-c", "import time; time.sleep(60)"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        HELPERS.append(helper)


get_context = wrap(__name__, Broken)
