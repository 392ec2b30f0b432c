"""The fixtures of the suite: what a test is given for each of its arguments.

================  ============================================================================
``mp``            the backend in this cell: what ``multiprocessing.get_context(method)`` would be,
                  with the documented submodules as attributes
``package``       the top module of the backend; None if it has contexts and no functions of the package
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

A sandbox makes them by itself: pytest's way to a fixture touches a thousand pages of memory, which a fork then copies.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable

import mpadapters
from mpconform.kit.cell import ADAPTER, SCRATCH, START_METHOD, backend
from mpconform.kit.gates import Scratch
from mpconform.kit.patience import Patience
from mpconform.kit.program import Program

TYPE_CHECKING = False  # what typing.TYPE_CHECKING is, without the price of importing it
if TYPE_CHECKING:
    from typing import Any


class Given:
    """What one test is given, each thing made when it is first asked for."""

    def __init__(self) -> None:
        self.made: dict[str, Any] = {}
        self.observation: str | None = None

    def __getitem__(self, name: str) -> Any:
        if name not in self.made:
            self.made[name] = FIXTURES[name](self)
        return self.made[name]

    def observe(self, answer: str) -> None:
        """Record, as text, what the backend does where the documentation leaves it open."""
        self.observation = answer


def _adapter() -> mpadapters.Adapter:
    return mpadapters.load(os.environ[ADAPTER])


FIXTURES: dict[str, Callable[[Given], Any]] = {
    "mp": lambda _: backend(),
    "package": lambda _: None if _adapter().context_only else _adapter().module(),
    "start_method": lambda _: os.environ[START_METHOD],
    "patience": lambda _: Patience(),
    "scratch": lambda _: Scratch(os.environ.get(SCRATCH) or tempfile.mkdtemp(prefix="mpc-")),
    "gate": lambda given: given["scratch"].gate(),
    "latch": lambda given: given["scratch"].latch(),
    "journal": lambda given: given["scratch"].journal(),
    "lifelines": lambda given: given["scratch"].lifelines(),
    "program": lambda given: Program(given["scratch"], _adapter().source(os.environ[START_METHOD])),
    "observe": lambda given: given.observe,
}
"""How each is made."""
