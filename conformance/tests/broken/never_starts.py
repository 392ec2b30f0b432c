"""A backend whose ``Process.start`` raises: the root of half of the suite is broken, and nothing else."""

from __future__ import annotations

from broken.wrapping import __version__, get_all_start_methods, wrap
from broken.wrapping import delegate as __getattr__

__all__ = ["__getattr__", "__version__", "get_all_start_methods", "get_context"]


class Broken:
    def start(self) -> None:
        raise OSError("no process can be started")


get_context = wrap(__name__, Broken)
