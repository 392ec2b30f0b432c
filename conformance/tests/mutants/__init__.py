"""Mutants: the standard library with one thing broken, to see that each test of the suite can fail.

``mutants.backend`` is a backend that is the standard library, until a **mutant** is applied to it: a function that
changes the standard library in place, in the sandbox of one test. Each mutant names the requirements that it breaks; a
test of each must then fail. A module for each section holds its mutants, or a package where they are many::

    import multiprocessing.process

    from mutants import mutant, replace

    @mutant("process.join.returns-none-after-exit")
    def join_returns_the_exit_code():
        @replace(multiprocessing.process.BaseProcess, "join")
        def join(original, self, timeout=None):
            original(self, timeout)
            return self.exitcode

    UNSEEN = {"process.sentinel.waitable-on-windows": "there is no Windows here"}

The first line of its docstring says which clause of the promise it breaks, where its name does not. Where a test could
fail for another reason than the one that is wrong, ``@mutant(..., says="join\\(\\) returned")`` is a pattern that the
message must hold: what fails without it has not noticed the mutant.

``replace`` puts a function in the place of another, which it gets as its first argument; plain assignments do as well.
``UNSEEN`` says of the requirements that no mutant breaks why not. A mutant that names several requirements is tried
with the tests of each. It is applied before the test begins, and in every child that asks for its backend
(``mp`` and ``package`` in programs, ``backend()`` in a child); under fork it is in every child anyway.

``python -m mutants`` in this package's parent folder tries them all and says which survive; with ``--matrix FILE`` it
also tells what else fails on each of them (:mod:`mutants.matrix`). ``--help`` says more.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from mpconform.registry import SECTIONS

CHOSEN = "MPCONFORM_TESTS_MUTANT"
"""The environment variable that names the mutant to apply, as ``section:name``."""

MUTANTS: dict[str, Mutant] = {}
"""All mutants that were loaded, by their names ``section:function``."""


@dataclass(frozen=True)
class Mutant:
    """One way to break the standard library."""

    name: str
    requirements: tuple[str, ...]
    change: Callable[[], None]
    says: re.Pattern[str] | None = None
    """What the message of a test that notices it must hold."""

    @property
    def clause(self) -> str:
        """Which clause of the promise it breaks, in one line."""
        words = (self.change.__doc__ or "").strip()
        return words.splitlines()[0] if words else self.change.__name__.replace("_", " ")


def mutant(*requirements: str, says: str | None = None) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Register a function, which changes the standard library in place, as what breaks these requirements.

    ``says`` is a regular expression that the message of a test which notices it holds.
    """
    if not requirements:
        raise ValueError("a mutant names the requirements that it breaks")
    if says == "":
        raise ValueError("says holds nothing, which every message does")
    try:
        pattern = None if says is None else re.compile(says, re.DOTALL)
    except re.error as error:
        raise ValueError(f"says is no regular expression: {error}") from None

    def register(change: Callable[[], None]) -> Callable[[], None]:
        name = f"{change.__module__.split('.')[1]}:{change.__name__}"
        if name in MUTANTS:
            raise ValueError(f"two mutants are called {name}")
        MUTANTS[name] = Mutant(name, requirements, change, pattern)
        return change

    return register


def replace(owner: Any, name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Put a function in the place of an attribute of ``owner``; it gets what was there as its first argument."""
    original = getattr(owner, name)

    def put(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(original)
        def instead(*args: Any, **kwargs: Any) -> Any:
            return function(original, *args, **kwargs)

        setattr(owner, name, instead)
        return instead

    return put


def sections() -> list[str]:
    """Return the sections that have mutants."""
    rooms = {module.name for module in pkgutil.iter_modules(__path__)}
    return [section for section in SECTIONS if section in rooms]


def load(section: str) -> Any:
    """Return the module, or the package, with the mutants of a section."""
    return importlib.import_module(f"mutants.{section}")


def apply() -> None:
    """Apply the mutant that the environment names to this process, unless it was applied already."""
    global applied
    name = os.environ.get(CHOSEN)
    if name and name != applied:
        applied = name  # before the change: it may start what comes here again
        load(name.partition(":")[0])
        MUTANTS[name].change()


applied: str | None = None
