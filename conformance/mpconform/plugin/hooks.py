"""The hooks that other plugins may implement."""

from __future__ import annotations

import pytest


def pytest_mpconform_sandbox(item: pytest.Item) -> None:
    """Called in the sandbox of a test, before the test."""
