"""The fixtures of the suite. A pytest plugin; the only room of the kit that needs pytest.

================  ============================================================================
``mp``            the backend in this cell: what ``multiprocessing.get_context(method)`` would be,
                  with the documented submodules as attributes
``package``       the top module of the backend, if it is one
``start_method``  the start method of this cell, a string
``gate``          a :class:`~mpconform.kit.Gate`
``latch``         a :class:`~mpconform.kit.Latch`
``journal``       a :class:`~mpconform.kit.Journal`
``lifelines``     :class:`~mpconform.kit.Lifelines`
``scratch``       makes more of them, and paths: a :class:`~mpconform.kit.Scratch`
``patience``      the :class:`~mpconform.kit.Patience` of this cell
``program``       runs a script as a fresh ``__main__``: a :class:`~mpconform.kit.program.Program`
``observe``       records the answer to a requirement that the documentation leaves open
================  ============================================================================

Those that a Hypothesis property may use have the scope of the session, which in a sandbox is one test.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

import mpadapters
from mpconform.kit import Gate, Journal, Latch, Lifelines, Patience, Scratch, backend
from mpconform.kit.cell import ADAPTER, SCRATCH, START_METHOD
from mpconform.kit.program import Program


@pytest.fixture(scope="session")
def mp() -> Any:
    """Return the backend in this cell."""
    return backend()


@pytest.fixture(scope="session")
def package() -> Any:
    """Return the top module of the backend."""
    return mpadapters.load(os.environ[ADAPTER]).module()


@pytest.fixture(scope="session")
def start_method() -> str:
    """Return the start method of this cell."""
    return os.environ[START_METHOD]


@pytest.fixture(scope="session")
def patience() -> Patience:
    """Return how long to wait in this cell."""
    return Patience()


@pytest.fixture(scope="session")
def scratch() -> Scratch:
    """Return a maker of gates, latches, journals and paths."""
    return Scratch(os.environ[SCRATCH])


@pytest.fixture
def gate(scratch: Scratch) -> Gate:
    """Return a gate."""
    return scratch.gate()


@pytest.fixture
def latch(scratch: Scratch) -> Latch:
    """Return a latch."""
    return scratch.latch()


@pytest.fixture
def journal(scratch: Scratch) -> Journal:
    """Return a journal."""
    return scratch.journal()


@pytest.fixture
def lifelines(scratch: Scratch) -> Lifelines:
    """Return lifelines."""
    return scratch.lifelines()


@pytest.fixture(scope="session")
def program(scratch: Scratch) -> Program:
    """Return a runner of scripts."""
    adapter = mpadapters.load(os.environ[ADAPTER])
    return Program(scratch, adapter.source(os.environ[START_METHOD]))


@pytest.fixture
def observe(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Return a function that records, as text, what the backend does where the documentation leaves it open."""

    def record(answer: str) -> None:
        record_property("observation", answer)

    return record
