"""What the marks of the kit say of a test that pytest has collected."""

from __future__ import annotations

import pytest

from mpconform.kit import marks


def requirements_of(item: pytest.Item) -> tuple[str, ...]:
    """Return the ids of the requirements that a test verifies."""
    return marks.requirements_of(item.function) if isinstance(item, pytest.Function) else ()


def chosen_values(item: pytest.Function) -> dict[str, int]:
    """Return which of the values that ``each`` marks give a test gets: their arguments and places."""
    # Not callspec.indices: with several parameters, those count the combinations.
    return {
        argument: next(place for place, value in enumerate(values) if value is item.callspec.params[argument])
        for argument, values in getattr(item.function, marks.EACH, ())
    }
