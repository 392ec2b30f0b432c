"""A backend whose children never end: ``Process.run`` waits for ever once it has called the target."""

from __future__ import annotations

import threading

from broken.wrapping import __version__, get_all_start_methods, wrap
from broken.wrapping import delegate as __getattr__

__all__ = ["__getattr__", "__version__", "get_all_start_methods", "get_context"]


class Broken:
    def run(self) -> None:
        super().run()
        wait_for_ever()


def wait_for_ever() -> None:
    threading.Event().wait()


get_context = wrap(__name__, Broken)
