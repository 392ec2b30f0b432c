"""What a test says of itself, kept as plain attributes so that a child needs no pytest to import it."""

from __future__ import annotations

TYPE_CHECKING = False  # what typing.TYPE_CHECKING is, without the price of importing it
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeVar

    Test = TypeVar("Test", bound=Callable[..., Any])

VERIFIES = "mpconform_verifies"
EACH = "mpconform_each"


def verifies(*requirements: str) -> Callable[[Test], Test]:
    """Mark a test as one that verifies the requirements with these ids."""

    def mark(test: Test) -> Test:
        setattr(test, VERIFIES, requirements)
        return test

    return mark


def verifies_each(template: str, table: Iterable[Any]) -> Callable[[Test], Test]:
    """Mark a test that judges each entry of a table in a :func:`.promise` block of its own.

    The id of an entry's requirement is ``template`` with the ``name`` of the entry in it.
    """
    return verifies(*(template.format(entry.name) for entry in table))


def each(name: str, values: Iterable[Any]) -> Callable[[Test], Test]:
    """Run a test once for each of ``values``, given to it as the argument ``name``."""

    def mark(test: Test) -> Test:
        setattr(test, EACH, [*getattr(test, EACH, ()), (name, list(values))])
        return test

    return mark


def requirements_of(test: Callable[..., Any]) -> tuple[str, ...]:
    """Return the ids that a test verifies."""
    ids: tuple[str, ...] = getattr(test, VERIFIES, ())
    return ids
