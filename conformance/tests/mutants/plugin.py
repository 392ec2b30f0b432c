"""The pytest plugin that applies mutants: each test runs once for each mutant of the requirements that it verifies."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from mpconform.harness.running import requirements_of

import mutants
from mpconform.kit import marks

MUTANT = "mutant="
"""What the parameter begins with that names the mutant in the name of a test."""


def pytest_configure() -> None:
    """Load the mutants."""
    for section in mutants.sections():
        mutants.load(section)


@pytest.fixture(scope="session", autouse=True)
def mutant(request: pytest.FixtureRequest) -> None:
    """Break the standard library, in the sandbox that this runs in."""
    os.environ[mutants.CHOSEN] = request.param
    mutants.apply()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make one test of each mutant that breaks what the test verifies."""
    ids = verified(metafunc.function)
    names = [name for name, mutant in mutants.MUTANTS.items() if ids.intersection(mutant.requirements)]
    metafunc.parametrize("mutant", names, indirect=True, ids=[f"{MUTANT}{name}" for name in names])


def verified(test: Callable[..., Any]) -> set[str]:
    """Return the ids that a test verifies with any of its values."""
    if not hasattr(test, marks.VERIFIES_EACH):
        return set(marks.requirements_of(test, {}))
    _, argument = getattr(test, marks.VERIFIES_EACH)
    places = range(len(dict(getattr(test, marks.EACH))[argument]))
    return {ident for place in places for ident in marks.requirements_of(test, {argument: place})}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out the tests without a mutant, and the entries of a table that the mutant does not break."""
    items[:] = [item for item in items if isinstance(item, pytest.Function) and breaks(item)]


def breaks(item: pytest.Function) -> bool:
    """Return whether the mutant of a test breaks what it verifies."""
    name = item.callspec.params.get("mutant")
    return name in mutants.MUTANTS and not set(requirements_of(item)).isdisjoint(mutants.MUTANTS[name].requirements)
