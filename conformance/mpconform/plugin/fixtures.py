"""The fixtures of the kit as fixtures of pytest, for the collection and for tests that run in no sandbox."""

from __future__ import annotations

from typing import Any

import pytest

from mpconform.kit.fixtures import FIXTURES, Given


@pytest.fixture
def given() -> Given:
    """Return what one test is given."""
    return Given()


def fixture(wanted: str) -> Any:
    """Return the fixture of pytest that gives a test one of the fixtures of the kit."""

    @pytest.fixture(name=wanted)
    def made(given: Given) -> Any:
        return given[wanted]

    return made


globals().update({name: fixture(name) for name in FIXTURES})
