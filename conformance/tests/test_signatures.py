"""Requirements that are made of a table: how they are read, and the comparison of signatures behind their tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import mpadapters
from mpconform.kit import cell
from mpconform.registry import RegistryError, testing
from mpconform.registry.lint import lint
from mpconform.registry.loading import load_section
from mpconform.sections.signatures.helpers import MISSING, deviations, places

TABLE = """
SIGNATURES = [
    Entry("lock", "multiprocessing.Lock", "()"),
    Entry("lock.acquire", "multiprocessing.Lock.acquire", "(block=True, timeout=None)"),
    Entry("lock.locked", "multiprocessing.Lock.locked", "()", since="3.14"),
    Entry("process_error", "multiprocessing.ProcessError", ""),
]
KEYWORD_CALLS = [KeywordCall("barrier", "multiprocessing.Barrier", "parties=1")]
"""

TESTS = '''from mpconform.kit import each, verifies_each
from mpconform.sections.signatures.table import KEYWORD_CALLS, SIGNATURES


@verifies_each("signature.{}", "entry")
@each("entry", SIGNATURES)
def test_it_takes(mp, entry):
    """It takes."""


@verifies_each("signature.{}.keyword-call", "entry")
@each("entry", KEYWORD_CALLS)
def test_it_is_called(mp, entry):
    """It is called."""
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a section that has a table."""
    folder = tmp_path / "signatures"
    folder.mkdir()
    (folder / "requirements.toml").write_text('title = "Names"\n')
    (folder / "account.toml").write_text("")
    (folder / "table.py").write_text(TABLE)
    (folder / "test_all.py").write_text(TESTS)
    return folder


def test_each_entry_of_a_table_makes_a_requirement(folder: Path):
    _, found = load_section(folder)
    assert {requirement.id: requirement.since for requirement in found} == {
        "signature.lock": "3.7",
        "signature.lock.acquire": "3.7",
        "signature.lock.locked": "3.14",
        "signature.process_error": "3.7",
        "signature.barrier.keyword-call": "3.7",
    }
    by_id = {requirement.id: requirement for requirement in found}
    assert "(block=True, timeout=None)" in by_id["signature.lock.acquire"].says
    assert by_id["signature.lock.acquire"].doc == "multiprocessing.Lock.acquire"
    assert by_id["signature.process_error"].says == "ProcessError exists in the package and in its contexts."


def test_the_tests_of_a_table_verify_the_requirement_of_each_entry(folder: Path):
    found = testing.tests_by_requirement(folder.parent)
    assert {ident: [test.name for test in tests] for ident, tests in found.items()} == {
        "signature.lock": ["test_it_takes"],
        "signature.lock.acquire": ["test_it_takes"],
        "signature.lock.locked": ["test_it_takes"],
        "signature.process_error": ["test_it_takes"],
        "signature.barrier.keyword-call": ["test_it_is_called"],
    }


def test_a_section_with_a_table_is_sound(folder: Path):
    assert [str(problem) for problem in lint(folder.parent)] == []


def test_a_table_that_nothing_tests_is_a_problem(folder: Path):
    (folder / "test_all.py").write_text(TESTS[: TESTS.rindex("@verifies_each")])
    [problem] = lint(folder.parent)
    assert problem.message.startswith("signature.barrier.keyword-call: is verified by no test")


def test_an_entry_that_is_no_literal_is_refused_with_its_line(folder: Path):
    (folder / "table.py").write_text(TABLE.replace('"multiprocessing.Lock.acquire"', "DOC"))
    with pytest.raises(RegistryError, match=r"table\.py:4: an entry has three plain strings"):
        load_section(folder)


def full(a: Any, b: Any = 1, *, c: Any = None) -> None: ...
def positional(a: Any, b: Any = 1, /, *, c: Any = None) -> None: ...
def swapped(b: Any, a: Any = 1, *, c: Any = None) -> None: ...
def other_default(a: Any, b: Any = 2, *, c: Any = None) -> None: ...
def no_default(a: Any, b: Any, *, c: Any = None) -> None: ...
def lacking(a: Any, *, c: Any = None) -> None: ...
def by_name(a: Any, *, b: Any = 1, c: Any = None) -> None: ...
def not_only_by_name(a: Any, b: Any = 1, c: Any = None) -> None: ...
def more(a: Any, b: Any = 1, extra: Any = None, *, c: Any = None, d: Any = 0) -> None: ...
def demanding(a: Any, b: Any = 1, *, c: Any = None, d: Any) -> None: ...
def anything(*args: Any, **kwargs: Any) -> None: ...
def several(a: Any, *args: Any, c: Any = None) -> None: ...


PROMISED = "(a, b=1, *, c=None)"


@pytest.mark.parametrize("function", [full, more, anything])
def test_a_signature_that_does_as_promised_has_no_deviation(function: Callable[..., Any]):
    assert deviations(function, PROMISED, False) == []


@pytest.mark.parametrize(
    ("function", "fault"),
    [
        (positional, "a cannot be given by name"),
        (swapped, "the parameter at place 1 is called b, promised is a"),
        (other_default, "b has the default 2, promised is 1"),
        (no_default, "b has no default, promised is 1"),
        (lacking, "b is missing"),
        (by_name, "b cannot be given by position"),
        (not_only_by_name, "c can be given by position, promised is by name only"),
        (demanding, "d is required, and is not documented"),
    ],
)
def test_each_kind_of_deviation_is_told(function: Callable[..., Any], fault: str):
    assert fault in deviations(function, PROMISED, False)


def test_a_default_that_is_not_documented_may_be_anything_but_must_be_there():
    assert deviations(other_default, "(a, b=..., *, c=...)", False) == []
    assert deviations(no_default, "(a, b=..., *, c=...)", False) == [
        "b is required, promised is that it can be left out"
    ]


def test_any_number_of_arguments_is_told_from_a_fixed_one():
    assert deviations(several, "(a, *args, c=None)", False) == []
    assert deviations(full, "(a, *args, c=None)", False) == ["*args is missing"]


def test_a_method_is_looked_at_without_its_self():
    class Owner:
        def method(self, a: Any) -> None: ...

    assert deviations(Owner.method, "(a)", True) == []
    assert deviations(Owner.method, "()", True) == ["a is required, and is not documented"]


def test_a_name_of_the_package_is_looked_for_in_package_and_context(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(cell.ADAPTER, mpadapters.find("stdlib").location)
    mp = SimpleNamespace(Pipe=full)
    found = list(places(mp, SimpleNamespace(), "multiprocessing.Pipe"))
    assert found == [("Pipe of a context", full, False), ("Pipe of the package", MISSING, False)]


def test_the_methods_of_what_a_factory_returns_are_looked_at():
    mp = SimpleNamespace(Lock=lambda: SimpleNamespace(acquire=full))
    assert list(places(mp, mp, "multiprocessing.Lock.acquire")) == [("Lock().acquire", full, False)]
