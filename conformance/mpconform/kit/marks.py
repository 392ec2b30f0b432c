"""What a test says of itself, kept as plain attributes so that a child needs no pytest to import it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

Test = TypeVar("Test", bound=Callable[..., Any])

VERIFIES = "mpconform_verifies"
VERIFIES_EACH = "mpconform_verifies_each"
EACH = "mpconform_each"


def verifies(*requirements: str) -> Callable[[Test], Test]:
    """Mark a test as one that verifies the requirements with these ids."""

    def mark(test: Test) -> Test:
        setattr(test, VERIFIES, requirements)
        return test

    return mark


def verifies_each(template: str, argument: str) -> Callable[[Test], Test]:
    """Mark a test that runs for :func:`each` entry of a table as one that verifies the entry's own requirement.

    Its id is ``template`` with the ``name`` of the value of ``argument`` in it.
    """

    def mark(test: Test) -> Test:
        setattr(test, VERIFIES_EACH, (template, argument))
        return test

    return mark


def each(name: str, values: Iterable[Any]) -> Callable[[Test], Test]:
    """Run a test once for each of ``values``, given to it as the argument ``name``."""

    def mark(test: Test) -> Test:
        setattr(test, EACH, [*getattr(test, EACH, ()), (name, list(values))])
        return test

    return mark


def requirements_of(test: Callable[..., Any], chosen: Mapping[str, int]) -> tuple[str, ...]:
    """Return the ids that a test verifies when it gets these of its values; ``chosen`` are their places."""
    ids: tuple[str, ...] = getattr(test, VERIFIES, ())
    if hasattr(test, VERIFIES_EACH):
        template, argument = getattr(test, VERIFIES_EACH)
        entry = dict(getattr(test, EACH))[argument][chosen[argument]]
        ids = (*ids, template.format(entry.name))
    return ids
