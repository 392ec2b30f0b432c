"""The standard library, with the mutant that the environment names applied to it."""

from __future__ import annotations

import importlib
import multiprocessing
from multiprocessing import get_all_start_methods
from typing import Any

from mpadapters import Namespace
from mutants import apply

__version__ = "1.0"
__all__ = ["__version__", "get_all_start_methods", "get_context"]


def get_context(method: str | None = None) -> Any:
    """Return the context of the standard library."""
    apply()
    return multiprocessing.get_context(method)


def __getattr__(name: str) -> Any:
    """Return whatever else the package has, its submodules too."""
    if name.startswith("__"):
        raise AttributeError(name)
    apply()
    if name in Namespace.submodules:
        return importlib.import_module(f"multiprocessing.{name}")
    return getattr(multiprocessing, name)
