"""A backend whose ``Process.is_alive`` never returns; children can be started and joined all the same.

Which process hangs is written into the file that the environment names by ``HANGING``, if it does.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

from broken.wrapping import __version__, get_all_start_methods, wrap
from broken.wrapping import delegate as __getattr__

__all__ = ["__getattr__", "__version__", "get_all_start_methods", "get_context"]


class Broken:
    def is_alive(self) -> bool:
        if "HANGING" in os.environ:
            Path(os.environ["HANGING"]).write_text(f"{os.getpid()}\n")
        threading.Event().wait()
        return False


get_context = wrap(__name__, Broken)
