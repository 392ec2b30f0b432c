"""Which requirements no test of a cell decides: what does not apply, what is not offered, and what needs either."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from mpadapters import A_POOL, Adapter
from mpadapters.cell import Cell
from mpadapters.contract import IN_ANOTHER_PROCESS, OF_THE_PACKAGE
from mpconform.plugin.options import exempted
from mpconform.registry import Registry, Requirement, load_registry

CELL = Cell("whole", "1.0", "spawn", "3.11.4", "CPython", "linux")


class Whole(Adapter):
    name = "whole"


class OnlyPool(Adapter):
    name = "only-pool"
    supports = ("pool.*",)
    unsupported = "there is nothing but a pool"


def requirement(id_: str, **changes: Any) -> Requirement:
    values: dict[str, Any] = {
        "id": id_,
        "section": "managers",
        "says": f"{id_} is kept.",
        "doc": "multiprocessing.Process",
        "level": "must",
        "since": "3.7",
        "until": None,
        "platforms": (),
        "start_methods": (),
        "needs": (),
        "check": "it",
        "untestable": None,
        "ambiguous": None,
    }
    return Requirement(**(values | changes))


def found(requirements: list[Requirement], adapter: Adapter | None = None) -> dict[str, tuple[str, str]]:
    registry = Registry(Path(), {"managers": "Managers"}, {one.id: one for one in requirements})
    exempt = exempted(registry, adapter or Whole(), CELL, "3.11")
    return {id_: (str(verdict), reason) for id_, (verdict, reason) in exempt.items()}


def test_each_says_why() -> None:
    requirements = [
        requirement("a.b.plain"),
        requirement("a.b.dark", untestable="nobody can see it", since="3.12"),
        requirement("a.b.late", since="3.12"),
        requirement("a.b.forked", start_methods=("fork",)),
    ]
    assert found(requirements) == {
        "a.b.dark": ("untestable", "nobody can see it"),
        "a.b.late": ("not-applicable", "promised since edition 3.12, this is 3.11"),
        "a.b.forked": ("not-applicable", "promised under fork, this is spawn"),
    }


def test_what_is_not_offered_and_what_needs_it() -> None:
    requirements = [
        requirement("pool.map.it", needs=("pool.start.it",)),
        requirement("pool.start.it"),
        requirement("pool.worker.pid", needs=("pool.start.it", "process.start.it")),
        requirement("process.start.it"),
        requirement("process.start.late", since="3.12"),
    ]
    assert found(requirements, OnlyPool()) == {
        "pool.worker.pid": (
            "unsupported",
            "needs process.start.it, which is unsupported: there is nothing but a pool",
        ),
        "process.start.it": ("unsupported", "there is nothing but a pool"),
        "process.start.late": ("not-applicable", "promised since edition 3.12, this is 3.11"),
    }


@pytest.mark.parametrize("globs", [OF_THE_PACKAGE, IN_ANOTHER_PROCESS, A_POOL], ids=["package", "process", "pool"])
def test_what_adapters_name_by_a_word_is_what_the_suite_has(globs: tuple[str, ...]) -> None:
    ids = load_registry().requirements
    known = [*ids, *(id_.removeprefix("signature.") for id_ in ids)]  # a glob covers the signature of its object too
    assert [glob for glob in globs if not any(fnmatchcase(id_, glob) for id_ in known)] == []
