"""The pytest plugin that applies mutants: each test runs once for each mutant of the requirements that it verifies."""

from __future__ import annotations

import os
import re

import pytest

import mutants
from mpconform.kit import marks

MUTANT = "mutant="
"""What the parameter begins with that names the mutant in the name of a test."""

NAMED = re.compile(MUTANT + r"(\w+:\w+)")


def pytest_configure() -> None:
    """Load the mutants."""
    for section in mutants.sections():
        mutants.load(section)


def pytest_mpconform_sandbox(item: pytest.Item) -> None:
    """Break the standard library, in the sandbox that this runs in."""
    os.environ[mutants.CHOSEN] = NAMED.search(item.name)[1]
    mutants.apply()


@pytest.fixture(autouse=True)
def mutant(request: pytest.FixtureRequest) -> str:
    """Return the name of the mutant."""
    return request.param


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make one test of each mutant that breaks what the test verifies."""
    ids = set(marks.requirements_of(metafunc.function))
    names = [name for name, mutant in mutants.MUTANTS.items() if ids.intersection(mutant.requirements)]
    metafunc.parametrize("mutant", names, indirect=True, ids=[f"{MUTANT}{name}" for name in names])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out the tests without a mutant."""
    items[:] = [item for item in items if NAMED.search(item.name)]
