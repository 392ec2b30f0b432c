"""The adapter contract: what the suite asks of the shim that plugs a backend in.

An adapter of a package that mirrors the layout of ``multiprocessing`` sets two class attributes::

    class Billiard(Adapter):
        name = "billiard"
        package = "billiard"

One of another shape overrides what differs:

==========================  ===================================================================
backend                     what its adapter overrides
==========================  ===================================================================
offers only a pool          ``supports = ("pool.*", "async_result.*")`` and ``namespace``
only a context object       ``namespace``
takes the rest from         ``namespace``, returning ``Namespace(package, method, others...)``
another package
needs a server              ``start`` and ``stop``
lacks a start method        ``start_methods``
==========================  ===================================================================

Every child process of every test imports this module, so it imports next to nothing itself.
"""

from __future__ import annotations

import importlib
import sys

TYPE_CHECKING = False  # what typing.TYPE_CHECKING is, without the price of importing it
if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType
    from typing import Any

START_METHODS = ("fork", "spawn", "forkserver")
"""The start methods that a cell can have."""


class AdapterError(Exception):
    """A backend or its adapter cannot be used; the message is one line and names the remedy."""


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

    def __init__(self, package: ModuleType, start_method: str, *rest: ModuleType) -> None:
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
        for package in (self.package, *self.rest):
            if hasattr(package, name):
                return getattr(package, name)
            submodule = f"{package.__name__}.{name}"
            try:
                return importlib.import_module(submodule)
            except ModuleNotFoundError as error:
                if error.name != submodule:  # the submodule is there, and what it imports is not
                    raise
        raise AttributeError(f"{self.package.__name__} has no submodule {name!r}")


class Adapter:
    """How the suite reaches one backend. A subclass is usually a few lines."""

    name: str = ""
    """What ``--backend`` takes and what reports show."""

    package: str = ""
    """The importable package that is judged."""

    install: str = ""
    """What pip installs to get the package; empty for what is not installed with pip."""

    supports: tuple[str, ...] = ("*",)
    """Globs of the requirement ids that the backend claims to keep; every other one is ``unsupported``."""

    lacks: tuple[str, ...] = ()
    """Globs of ids that are left out of ``supports`` again."""

    unsupported: str = "the backend does not offer this part of the API"
    """Why, for the reader of a report."""

    keeps: tuple[str, ...] = ()
    """Globs of files that a process of the backend may keep open for good, one of each glob.

    They are no leak. To name them here only saves time: what is not named is found to be kept by running a test twice.
    """

    def module(self) -> ModuleType:
        """Import and return the package; raise :class:`AdapterError` if it cannot be imported."""
        try:
            return importlib.import_module(self.package)
        except (Exception, SystemExit) as error:
            missing = error.name if isinstance(error, ModuleNotFoundError) else None
            if missing and f"{self.package}.".startswith(f"{missing}."):
                remedy = (
                    f"python -m pip install {self.install}" if self.install else "install it, or put it on PYTHONPATH"
                )
                raise AdapterError(f"backend {self.name!r}: there is no package {missing!r} here: {remedy}") from None
            raise AdapterError(
                f"backend {self.name!r}: importing {self.package!r} failed with {error!r}: "
                f"make `python -c 'import {self.package}'` work first"
            ) from error

    def version(self) -> str:
        """Return the version of the backend, for the results and for conditions of expectations."""
        return str(getattr(self.module(), "__version__", "unknown"))

    def start_methods(self) -> tuple[str, ...]:
        """Return the start methods under which the backend can be judged here, in the order of its preference."""
        offered = self._function("get_all_start_methods")()
        return tuple(method for method in offered if method in START_METHODS)

    def namespace(self, start_method: str) -> Any:
        """Return what ``get_context(start_method)`` would be, with the documented submodules as attributes."""
        self._function("get_context")
        return Namespace(self.module(), start_method)

    def source(self, start_method: str) -> str:
        """Return Python source that binds ``package`` and ``mp``, to begin a script with.

        The script stands alone, without the suite, unless :meth:`namespace` is overridden and this is not.
        """
        if type(self).namespace is not Adapter.namespace:
            return (
                f"import mpadapters\n\nadapter = mpadapters.load({self.location!r})\n"
                f"package = adapter.module()\nmp = adapter.namespace({start_method!r})\n"
            )
        import inspect  # slow to import, and no child needs it

        return (
            f"import importlib\nfrom types import ModuleType\nfrom typing import Any\n\n"
            f"import {self.package} as package\n\n\n"
            f"{inspect.getsource(Namespace)}\n\nmp = Namespace(package, {start_method!r})\n"
        )

    def start(self) -> None:
        """Start what must be running before the first test (a server, say). Called once for each run.

        What children have to know of it (an address, say) goes into ``os.environ``, which they inherit.
        """

    def stop(self) -> None:
        """Stop what :meth:`start` started; called once, also after a failed run and after a failed start."""

    def expectations_file(self) -> Path | None:
        """Return where the backend's known deviations are kept, be there a file yet or not; None for nowhere."""
        from pathlib import Path  # slow to import, and no child needs it

        file = getattr(sys.modules[type(self).__module__], "__file__", None)
        return Path(file).parent / "expected" / f"{self.name}.toml" if file else None

    def expectations(self) -> Path | None:
        """Return the file of the backend's known deviations, or None if it has none."""
        path = self.expectations_file()
        return path if path and path.exists() else None

    @property
    def location(self) -> str:
        """The text from which :func:`mpadapters.load` makes this adapter again, in any process."""
        return f"{type(self).__module__}:{type(self).__qualname__}"

    def claims(self, requirement: str) -> bool:
        """Return whether the backend claims to keep the requirement with this id."""
        from fnmatch import fnmatchcase  # slow to import, and no child needs it

        supported = any(fnmatchcase(requirement, glob) for glob in self.supports)
        return supported and not any(fnmatchcase(requirement, glob) for glob in self.lacks)

    def _function(self, name: str) -> Any:
        """Return a function of the package that the defaults above build on; raise :class:`AdapterError` if missing."""
        module = self.module()
        if not hasattr(module, name):
            raise AdapterError(
                f"backend {self.name!r}: {self.package} has no {name}(), so it does not mirror the layout of "
                f"multiprocessing: write an adapter that says how to reach it (adapters/README.md)"
            )
        return getattr(module, name)
