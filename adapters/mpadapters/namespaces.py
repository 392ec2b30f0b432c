"""What tests see as ``mp``: a backend under one start method.

Every child process of every test imports this module, so it imports next to nothing itself.
"""

from __future__ import annotations

import importlib

TYPE_CHECKING = False  # what typing.TYPE_CHECKING is, without the price of importing it
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any


class Namespace:
    """A backend under one start method: its context's attributes, and its documented submodules."""

    submodules = (
        "connection",
        "dummy",
        "managers",
        "pool",
        "process",
        "queues",
        "shared_memory",
        "sharedctypes",
        "synchronize",
    )

    def __init__(self, package: ModuleType, start_method: str, *rest: ModuleType, **borrowed: ModuleType) -> None:
        self.__dict__.update(borrowed)
        self.package = package
        self.context = package.get_context(start_method)
        self.rest = rest  # packages that are asked, in turn, for a submodule that the backend lacks

    def __getattr__(self, name: str) -> Any:
        if name in ("package", "context", "rest"):  # not set yet: whoever asks here would ask for ever
            raise AttributeError(name)
        try:
            return getattr(self.context, name)
        except AttributeError:
            if name not in self.submodules:
                raise
        return self.submodule(name, self.package, *self.rest)

    @staticmethod
    def submodule(name: str, *packages: ModuleType) -> Any:
        """Return the submodule of the first package that has it; raise ``AttributeError`` if none does."""
        for package in packages:
            if hasattr(package, name):
                return getattr(package, name)
            submodule = f"{package.__name__}.{name}"
            try:
                return importlib.import_module(submodule)
            except ModuleNotFoundError as error:
                if error.name not in (submodule, package.__name__):  # it is there, and what it imports is not
                    raise
        raise AttributeError(f"{packages[0].__name__} has no submodule {name!r}")


class Borrowing:
    """A module that is its own context, and what it is documented to have from elsewhere."""

    def __init__(self, module: ModuleType, **borrowed: Any) -> None:
        self.__dict__.update(borrowed)
        self.module = module

    def __getattr__(self, name: str) -> Any:
        if name == "module":  # not set yet: whoever asks here would ask for ever
            raise AttributeError(name)
        return getattr(self.module, name)


class PoolOnly:
    """A backend that offers a pool and nothing else, with what belongs to one: its exception and its module.

    ``connect()`` is called in each process before its first pool is made: connecting to a cluster, say, which is
    not for the process that forks the tests.
    """

    def __init__(self, package: ModuleType, start_method: str, connect: Callable[[], object] | None = None) -> None:
        self.package, self.start_method, self.connect = package, start_method, connect
        self.connected_in: int | None = None

    @property
    def Pool(self) -> Any:  # noqa: N802 - the documented name
        """The pool."""
        import os

        if self.connect and self.connected_in != os.getpid():
            self.connect()
            self.connected_in = os.getpid()
        return self.package.Pool

    @property
    def TimeoutError(self) -> type[Exception]:  # noqa: N802 - the documented name
        """What get() raises when it has waited too long: the package's own, or that of the standard library."""
        owner = self.package if hasattr(self.package, "TimeoutError") else importlib.import_module("multiprocessing")
        found: type[Exception] = owner.TimeoutError
        return found

    @property
    def pool(self) -> Any:
        """The module of the pool's classes."""
        return Namespace.submodule("pool", self.package)

    def get_context(self, method: str | None = None) -> PoolOnly:
        """Return this: there is one context, of the one start method."""
        if method not in (None, self.start_method):
            raise ValueError(f"cannot find context for {method!r}: there is {self.start_method!r} alone")
        return self

    def get_start_method(self, allow_none: bool = False) -> str:  # noqa: ARG002 - documented
        """Return the one start method."""
        return self.start_method
