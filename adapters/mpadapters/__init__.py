"""Adapters: the small shims through which the suite reaches the implementations that it judges.

Importing this package is cheap on purpose: every child of every test does it.
"""

from mpadapters.contract import A_POOL, Adapter, AdapterError
from mpadapters.finding import find, load, names
from mpadapters.namespaces import Namespace, PoolOnly

__all__ = ["A_POOL", "Adapter", "AdapterError", "Namespace", "PoolOnly", "find", "load", "names"]
