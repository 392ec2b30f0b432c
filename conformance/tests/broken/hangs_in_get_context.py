"""A backend whose ``get_context()`` never returns."""

from __future__ import annotations

import time

from broken.wrapping import __version__, get_all_start_methods
from broken.wrapping import delegate as __getattr__

__all__ = ["__getattr__", "__version__", "get_all_start_methods", "get_context"]


def get_context(method: str | None = None) -> None:
    """Do not come back."""
    time.sleep(600)
