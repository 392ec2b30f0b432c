"""The adapter contract: what the suite asks of the shim that plugs a backend in.

An adapter of a package that mirrors the layout of ``multiprocessing`` sets two class attributes::

    class Billiard(Adapter):
        name = "billiard"
        package = "billiard"

One of another shape says in a line or two how it differs; adapters/README.md has a table of all shapes met so far.

Every child process of every test imports this module, so it imports next to nothing itself.
"""

from __future__ import annotations

import importlib
import os
import sys

from mpadapters.namespaces import Namespace

TYPE_CHECKING = False  # what typing.TYPE_CHECKING is, without the price of importing it
if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import ModuleType
    from typing import Any

START_METHODS = ("fork", "spawn", "forkserver")
"""The start methods that a cell can have."""

IN_ANOTHER_PROCESS = (
    "process.start.runs-run-in-another-process",
    "pool.workers.run-tasks-in-other-processes",
    "manager.call.server-is-another-process",
)
"""What a backend of threads does not keep. Whatever needs one of these is unsupported with it."""

OF_THE_PACKAGE = (
    "start_methods*",
    "get_all_start_methods*",
    "get_context*",
    "get_start_method*",
    "set_start_method*",
    "set_executable*",
    "set_forkserver_preload*",
    "freeze_support*",
    "namespace.threading.left-out",
    "exceptions.namespace.*",
    "base_manager.constructor.ctx-none-is-the-current-context",
    "pool.call.package-function-uses-the-default-context",
)
"""What is promised of the package itself, and of no context: above all, what chooses a start method."""

A_POOL = ("pool.*", "async_result.*", "timeout_error.*")
"""What a backend claims that offers a pool and nothing else."""

TOLD = "MPCONFORM_"
"""How each environment variable begins in which the suite tells its children something."""


_RUN: set[str] = set()
"""What was run in this process before a package was imported."""


class AdapterError(Exception):
    """A backend or its adapter cannot be used; the message is one line and names the remedy."""


class Adapter:
    """How the suite reaches one backend. A subclass is usually a few lines."""

    name: str = ""
    """What ``--backend`` takes and what reports show."""

    package: str = ""
    """The importable package that is judged."""

    install: str = ""
    """What pip installs to get the package; empty for what is not installed with pip."""

    before: str = ""
    """Python source that each process runs once before it imports the package: ``"from x import y; y.patch()"``."""

    preload: bool = False
    """Whether importing the backend is harmless: no process, thread, output or patch, no change of the environment.

    The harness then imports it once, before it forks the processes of the tests, which saves each of them the time.
    """

    methods: Mapping[str, str] = {}
    """What the backend calls its start methods: those that a cell can have, each with the backend's own name."""

    rest: tuple[str, ...] = ()
    """Packages that are asked, in turn, for a documented submodule that the backend's package lacks."""

    borrows: Mapping[str, str] = {}
    """Documented submodules that the backend takes from elsewhere although it has a module of that name.

    Each with the name of the other module: ``{"pool": "multiprocessing.pool"}``.
    """

    context_only: bool = False
    """Whether the backend has contexts and no functions of the package: what is promised of those is unsupported."""

    threads: bool = False
    """Whether threads stand in for processes: what needs a process of its own is unsupported."""

    supports: tuple[str, ...] = ("*",)
    """Globs of the requirement ids that the backend claims to keep; every other one is ``unsupported``.

    A glob covers the requirement ``signature.*`` of the same object too: ``listener*`` is also about
    ``signature.listener.accept``.
    """

    lacks: tuple[str, ...] = ()
    """Globs of ids that are left out of ``supports`` again; they cover signatures in the same way."""

    unsupported: str = "the backend does not offer this part of the API"
    """Why, for the reader of a report."""

    keeps: tuple[str, ...] = ()
    """Globs of what a process of the backend keeps by design, so that it is no leak.

    They are held against descriptors as ``/proc/self/fd`` shows them (``socket:*``, ``/dev/shm/pym-*``), the names of
    threads, the command lines of helper processes, and the names of temporary files. Of descriptors and of threads
    each glob allows one; name it twice to allow two. Of processes and files it allows any number.
    """

    aliases: Mapping[str, str] = {}
    """Where the backend has what is documented under another name: ``{"connection.Connection": "pipes.Channel"}``.

    Both are dotted names below the package, or below what :meth:`namespace` returns.
    """

    def module(self) -> ModuleType:
        """Import and return the package; raise :class:`AdapterError` if it cannot be imported."""
        try:
            if self.before and self.before not in _RUN:
                exec(self.before, {})
                _RUN.add(self.before)
            return importlib.import_module(self.package)
        except (Exception, SystemExit) as error:
            missing = error.name if isinstance(error, ModuleNotFoundError) else None
            if missing and (f"{self.package}.".startswith(f"{missing}.") or missing == self.install):
                remedy = (
                    f"python -m pip install {self.install}" if self.install else "install it, or put it on PYTHONPATH"
                )
                raise AdapterError(f"backend {self.name!r}: there is no package {missing!r} here: {remedy}") from None
            raise AdapterError(
                f"backend {self.name!r}: importing {self.package!r} failed with {error!r}: "
                f"make `python -c 'import {self.package}'` work first"
            ) from error

    def preload_modules(self) -> list[str]:
        """Import the package and its documented submodules, and return their names; no context is made.

        A submodule that is not there, or cannot be imported, is left out: the tests tell.
        """
        packages = (self.module(), *map(importlib.import_module, self.rest))
        names = [self.package]
        for name in Namespace.submodules:
            try:
                names.append(Namespace.submodule(name, *packages).__name__)
            except (ImportError, AttributeError):
                pass
        return names

    def warm_up(self, start_method: str) -> None:
        """Start what every program of this cell has running from the first process on that it starts.

        Called only if :attr:`preload` is true, and once in each process from which those of the tests are forked. The
        processes that it leaves running are there for all of them, and are no leak.
        """

    def version(self) -> str:
        """Return the version of the backend, for the results and for conditions of expectations.

        It is the ``__version__`` of the package or of the nearest package above it that has one, and that of the
        interpreter for the standard library.
        """
        self.module()
        above = self.package
        while above:
            if hasattr(sys.modules[above], "__version__"):
                return str(sys.modules[above].__version__)
            above = above.rpartition(".")[0]
        if self.package.partition(".")[0] in sys.stdlib_module_names:
            import platform  # slow to import, and no child needs it

            return platform.python_version()
        return "unknown"

    def start_methods(self) -> tuple[str, ...]:
        """Return the start methods under which the backend can be judged here, in the order of its preference."""
        if self.methods:
            return tuple(self.methods)
        offered = self._function("get_all_start_methods")()
        return tuple(method for method in offered if method in START_METHODS)

    def namespace(self, start_method: str) -> Any:
        """Return what ``get_context(start_method)`` would be, with the documented submodules as attributes."""
        self._function("get_context")
        method = self.methods.get(start_method, start_method)
        borrowed = {name: importlib.import_module(module) for name, module in self.borrows.items()}
        return Namespace(self.module(), method, *map(importlib.import_module, self.rest), **borrowed)

    def find(self, owner: Any, name: str) -> Any:
        """Return what is documented as ``name`` (``"connection.Connection.send"``) and is to be found below ``owner``.

        ``owner`` is the package or what :meth:`namespace` returned. A name in :attr:`aliases`, or one below such a
        name, is looked up where the backend has it. Raises ``AttributeError`` if it is not there.
        """
        for documented in sorted(self.aliases, key=len, reverse=True):
            if f"{name}.".startswith(f"{documented}."):
                name = self.aliases[documented] + name[len(documented) :]
                break
        for part in name.split("."):
            owner = getattr(owner, part)
        return owner

    def source(self, start_method: str) -> str:
        """Return Python source that binds ``package`` and ``mp``, to begin a script with.

        The script stands alone, without the suite, unless :meth:`namespace` or :meth:`module` is overridden and this
        is not.
        """
        if type(self).namespace is not Adapter.namespace or type(self).module is not Adapter.module:
            return (
                f"import mpadapters\n\nadapter = mpadapters.load({self.location!r})\n"
                f"package = adapter.module()\nmp = adapter.namespace({start_method!r})\n"
            )
        import inspect  # slow to import, and no child needs it

        method = self.methods.get(start_method, start_method)
        first = f"{self.before}\n\n" if self.before else ""
        arguments = ["package", repr(method), *(f"importlib.import_module({name!r})" for name in self.rest)]
        arguments += [f"{name}=importlib.import_module({module!r})" for name, module in self.borrows.items()]
        return (
            f"{first}import importlib\nfrom types import ModuleType\nfrom typing import Any\n\n"
            f"import {self.package} as package\n\n\n"
            f"{inspect.getsource(Namespace)}\n\nmp = Namespace({', '.join(arguments)})\n"
        )

    def start(self) -> None:
        """Start what must be running before the first test (a server, say). Called once for each run.

        It runs in a process of its own, which stays until :meth:`stop`. What it changes in ``os.environ`` (an
        address, say) is changed for the whole run. See :mod:`mpadapters.serving`.
        """

    def stop(self) -> None:
        """Stop what :meth:`start` started; called once in the same process, also after a failed run or start.

        If that process has died it is another one. Whatever is left below it afterwards is ended.
        """

    def environment(self) -> dict[str, str]:
        """Return the variables that a worker must get which inherits no environment, to find this cell and its backend.

        They are those in which the suite tells its children something, as they are at the moment of the call, and the
        import path of this process. A worker that has them can be sent whatever a child of this process could.
        """
        told = {name: value for name, value in os.environ.items() if name.startswith(TOLD)}
        return {**told, "PYTHONPATH": os.pathsep.join(os.path.abspath(path) for path in sys.path)}  # noqa: PTH100

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

        names = [requirement]
        if requirement.startswith("signature."):
            path = requirement.removeprefix("signature.")
            names += [path, f"{path}."]  # the second for globs of all that the object promises: "pool.*"

        def covered(globs: tuple[str, ...]) -> bool:
            return any(fnmatchcase(name, glob) for name in names for glob in globs)

        return covered(self.supports) and not (
            covered(self.lacks)
            or (self.threads and covered(IN_ANOTHER_PROCESS))
            or (self.context_only and covered(OF_THE_PACKAGE))
        )

    def _function(self, name: str) -> Any:
        """Return a function of the package that the defaults above build on; raise :class:`AdapterError` if missing."""
        module = self.module()
        if not hasattr(module, name):
            raise AdapterError(
                f"backend {self.name!r}: {self.package} has no {name}(), so it does not mirror the layout of "
                f"multiprocessing: write an adapter that says how to reach it (adapters/README.md)"
            )
        return getattr(module, name)
