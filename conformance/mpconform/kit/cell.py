"""The cell that this process works for, told to every child through the environment.

The harness sets these variables before the first test; children inherit them under every start
method, which is what lets a child find its backend by one call.
"""

from __future__ import annotations

import functools
import os

TYPE_CHECKING = False  # what typing.TYPE_CHECKING is, without the price of importing it
if TYPE_CHECKING:
    from typing import Any

ADAPTER = "MPCONFORM_ADAPTER"
"""The adapter's location, as :func:`mpadapters.load` takes it."""

START_METHOD = "MPCONFORM_START_METHOD"
"""The start method of the cell: ``fork``, ``spawn`` or ``forkserver``."""

LATENCY = "MPCONFORM_LATENCY"
"""Seconds that the cell takes to start and join one child, measured by the harness."""

PATIENCE = "MPCONFORM_PATIENCE"
"""The factor that all patience is multiplied by; 1 if it is not set."""

CHAOS = "MPCONFORM_CHAOS"
"""The seed of the chaos that the tests are run under; not set if there is none."""

SCRATCH = "MPCONFORM_SCRATCH"
"""The folder of this test's gates, journals and programs; not where the backend keeps its files."""

RUN = "MPCONFORM_RUN"
"""A value that is the same in every process of one run, so that a stray one can be told."""


@functools.cache
def backend() -> Any:
    """Return the backend of this cell: the namespace that the fixture ``mp`` is.

    Raises ``KeyError`` outside of a run.
    """
    import mpadapters

    return mpadapters.load(os.environ[ADAPTER]).namespace(os.environ[START_METHOD])


def documented(owner: Any, name: str) -> Any:
    """Return what is documented as ``name``, with dots, below the package or ``mp``, wherever this backend has it.

    Raises ``AttributeError`` if it is not there.
    """
    import mpadapters

    return mpadapters.load(os.environ[ADAPTER]).find(owner, name)
