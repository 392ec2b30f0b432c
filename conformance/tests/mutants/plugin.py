"""The pytest plugin that applies mutants: each test runs once for each mutant of the requirements that it verifies.

Where the environment says so (``WIDE``), it runs for each mutant that breaks what any test of its module verifies, and
once without a mutant; but not where all that it verifies needs what the mutant breaks, so that nothing could be said.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path

import pytest

import mutants
from mpconform.kit import marks
from mpconform.registry import Registry, load_registry
from mpconform.registry.testing import tests_by_requirement

WIDE = "MPCONFORM_TESTS_WIDE"
"""The environment variable that is not empty if a test is to meet the mutants of its whole module."""

ONLY = "MPCONFORM_TESTS_ONLY"
"""The environment variable with the names of the mutants that are tried, with commas between; empty is all."""

MUTANT = "mutant="
"""What the parameter begins with that names the mutant in the name of a test."""

NAMED = re.compile(MUTANT + r"(\w+:\w+)")

NONE = "no:mutant"
"""The name of the standard library as it is."""


def pytest_configure() -> None:
    """Load the mutants."""
    for section in mutants.sections():
        mutants.load(section)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let no test be blocked: what one mutant breaks says nothing of what needs it with another."""
    runner = session.config.pluginmanager.get_plugin("mpconform-runner")
    runner.needs = dict.fromkeys(runner.needs, ())


def pytest_mpconform_sandbox(item: pytest.Item) -> None:
    """Break the standard library, in the sandbox that this runs in."""
    name = NAMED.search(item.name)[1]
    if name != NONE:
        os.environ[mutants.CHOSEN] = name
        mutants.apply()


@pytest.fixture(autouse=True)
def mutant(request: pytest.FixtureRequest) -> str:
    """Return the name of the mutant."""
    return request.param


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make one test of each mutant that the test is to meet."""
    ids = marks.requirements_of(metafunc.function)
    only = [name for name in os.environ.get(ONLY, "").split(",") if name]
    if os.environ.get(WIDE):
        names = [] if only else [NONE]
        names += [name for name in mutants.MUTANTS if meets(name, ids, Path(metafunc.module.__file__))]
    else:
        names = [name for name, one in mutants.MUTANTS.items() if set(ids).intersection(one.requirements)]
    names = [name for name in names if not only or name in only]
    metafunc.parametrize("mutant", names, indirect=True, ids=[f"{MUTANT}{name}" for name in names])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out the tests without a mutant."""
    items[:] = [item for item in items if NAMED.search(item.name)]


def meets(name: str, ids: Collection[str], file: Path) -> bool:
    """Return whether a test in this file, which verifies these requirements, can tell something of a mutant."""
    broken = set(mutants.MUTANTS[name].requirements)
    if broken.intersection(ids):
        return True
    in_file = any(file in files().get(ident, ()) for ident in broken)
    return in_file and not all(needed(ident) & broken for ident in ids)


@cache
def registry() -> Registry:
    """Return the registry."""
    return load_registry()


@cache
def files() -> dict[str, set[Path]]:
    """Return the files with tests of each requirement."""
    return {ident: {test.file for test in tests} for ident, tests in tests_by_requirement(registry().root).items()}


@cache
def needed(ident: str) -> frozenset[str]:
    """Return what a requirement needs, directly or not."""
    needs: Iterable[str] = registry().get(ident).needs
    return frozenset(needs).union(*(needed(one) for one in needs))
