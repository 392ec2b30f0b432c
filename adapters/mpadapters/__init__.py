"""Adapters: the small shims through which the suite reaches the implementations that it judges.

Importing this package is cheap on purpose: every child of every test does it.
"""

from mpadapters.contract import Adapter, AdapterError, Namespace
from mpadapters.finding import find, load, names

__all__ = ["Adapter", "AdapterError", "Namespace", "find", "load", "names"]
