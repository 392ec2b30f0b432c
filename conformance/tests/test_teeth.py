"""What is made of mutants and what the tests said to them: whether they were noticed, and what else fails."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import mutants
import pytest
from click.testing import CliRunner
from mutants import matrix, plugin, touched
from mutants.__main__ import main
from mutants.trying import Outcome, outcome_of

from mpreports.teeth import read_teeth
from mpreports.verdicts import Verdict

START, JOIN = "process.start.runs-run", "process.join.returns-none-after-exit"
PID = "process.pid.none-before-start"
"""Of these the second needs the first, and the third needs nothing."""

for section in mutants.sections():
    mutants.load(section)  # now, so that it is not the made-up ones that the real ones are added to


@pytest.fixture(autouse=True)
def no_other_mutant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mutants, "MUTANTS", {})


def make(name: str, *requirements: str, says: str | None = None, doc: str = "") -> str:
    """Register a mutant; return its name."""

    def change() -> None:
        raise NotImplementedError

    change.__name__, change.__doc__, change.__module__ = name, doc, "mutants.made_up.here"
    mutants.mutant(*requirements, says=says)(change)
    return f"made_up:{name}"


def line(verdict: str, *ids: str, message: str = "why") -> Any:
    """Return the line of a test of these requirements."""
    said = {"verdict": Verdict(verdict), "message": message, "promises": {}, "observation": None}
    return {"test": f"test of {ids[0]}", "requirements": list(ids), **said}


# Mutants


def test_a_mutant_says_which_clause_it_breaks() -> None:
    told = make("join_returns_the_code", JOIN, doc='Break "and returns None".\n\nMore.')
    assert mutants.MUTANTS[told].clause == 'Break "and returns None".'
    assert mutants.MUTANTS[make("join_returns_one", JOIN)].clause == "join returns one"


@pytest.mark.parametrize(
    ("ids", "says", "message"),
    [
        ([], None, "a mutant names the requirements that it breaks"),
        ([JOIN], "", "says holds nothing, which every message does"),
        ([JOIN], "join(", "says is no regular expression: missing"),
    ],
)
def test_a_wrong_mutant_is_refused(ids: list[str], says: str | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        mutants.mutant(*ids, says=says)


@pytest.mark.parametrize(
    ("says", "lines", "seen", "message"),
    [
        (None, [line("fail", JOIN)], True, "fail: why"),
        (None, [line("pass", JOIN, message="")], False, "pass: "),
        (None, [line("fail", START)], False, "no test met it"),
        (None, [line("pass", JOIN), line("hang", JOIN, message="slow")], True, "hang: slow"),
        (r"returned \d", [line("fail", JOIN, message="join() returned 0")], True, "fail: join() returned 0"),
        (r"returned \d", [line("fail", JOIN)], False, r"fails without saying 'returned \\d': fail: why"),
        (r"a\Z", [line("fail", JOIN), line("fail", JOIN, message="b\na")], True, "fail: b\na"),
        ("^hang", [line("hang", JOIN)], True, "hang: why"),
        ("why", [line("pass", JOIN)], False, "pass: why"),
    ],
)
def test_what_is_noticed(says: str | None, lines: list[Any], seen: bool, message: str) -> None:
    name = make("it", JOIN, says=says)
    assert outcome_of(JOIN, name, lines) == Outcome(JOIN, name, seen, message)


# Which tests meet which mutants


def test_a_test_meets_the_mutants_of_its_module() -> None:
    [joining], [starting] = plugin.files()[JOIN], plugin.files()[START]
    assert joining != starting
    joins, starts = make("joins", JOIN), make("starts", START)
    assert plugin.meets(joins, [JOIN], joining)
    assert plugin.meets(joins, [PID], joining), "a test of its module is to meet it"
    assert not plugin.meets(joins, [START], starting), "a test of another module met it"
    assert plugin.meets(starts, [START], starting)
    assert not plugin.meets(starts, [JOIN], starting), "nothing could be said: it needs what is broken"
    assert plugin.meets(starts, [JOIN, PID], starting)
    assert plugin.meets(make("both", START, JOIN), [JOIN], joining)


# What else fails


def test_what_needs_what_is_broken_is_not_told() -> None:
    name = make("starts", START)
    assert matrix.by_the_way({name: [line("fail", START), line("fail", JOIN)]}) == {}
    assert matrix.by_the_way({name: [line("fail", JOIN)]}) == {}, "it is so wherever the tests of what it needs are"


def test_what_fails_without_a_mutant_too_is_not_told() -> None:
    name = make("joins", JOIN)
    met = {name: [line("fail", PID), line("leak", START), line("pass", JOIN)], plugin.NONE: [line("fail", PID)]}
    assert matrix.by_the_way(met) == {(START, name): "leak: why"}


@pytest.fixture
def teeth() -> dict[str, Any]:
    joins, starts = make("joins", JOIN, doc="It returns none."), make("starts", START, JOIN)
    outcomes = [
        Outcome(START, starts, True, "hang: why"),
        Outcome(JOIN, starts, False, "pass: "),
        Outcome(JOIN, joins, True, "fail: no\nnone"),
    ]
    return matrix.account(["process_and_exceptions"], outcomes, {(PID, joins): "fail: 3"})


def test_the_account_is_sorted_and_can_be_read_by_the_reports(teeth: dict[str, Any], tmp_path: Path) -> None:
    matrix.write(tmp_path / "teeth.json", teeth)
    read = read_teeth(tmp_path / "teeth.json")
    assert read.account == teeth == json.loads((tmp_path / "teeth.json").read_text())
    ids = [bites["requirement"] for bites in teeth["requirements"]]
    assert ids == sorted(ids)
    assert {JOIN, START, PID} < set(ids)
    assert [one["mutant"] for one in read.bites[JOIN]["mutants"]] == ["made_up:joins", "made_up:starts"]
    assert [one["caught"] for one in read.bites[JOIN]["mutants"]] == [True, False]
    assert read.bites[PID]["mutants"] == []
    assert [mutant["mutant"] for mutant in teeth["mutants"]] == ["made_up:joins", "made_up:starts"]
    assert [mutant["noticed"] for mutant in teeth["mutants"]] == [[{"requirement": PID, "said": "fail: 3"}], []]


def test_the_account_as_a_text(teeth: dict[str, Any], tmp_path: Path) -> None:
    matrix.write(tmp_path / "teeth.txt", teeth)
    text = (tmp_path / "teeth.txt").read_text()
    assert f"\n{JOIN}  1 of 2\n    caught    made_up:joins: It returns none.\n              fail: no\n" in text
    assert "\n    SURVIVED  made_up:starts: starts\n              pass:\n" in text
    assert text.endswith(f"\nmade_up:joins: It returns none.\n    breaks {JOIN}\n    {PID}  fail: 3\n")


def test_of_what_fails_everywhere_some_is_told(teeth: dict[str, Any]) -> None:
    teeth["mutants"][0]["noticed"] *= matrix.MANY + 2
    *_, last, more = matrix.lines(teeth)
    assert (last, more) == (f"    {PID}  fail: 3", "    and 2 more")


# The command


def test_the_account_is_of_whole_sections(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["--matrix", str(tmp_path / "x"), "-r", "a.*"])
    assert result.exit_code == 2
    assert "--matrix is of whole sections" in result.output


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Put made-up answers in the place of runs; give what was asked for."""
    name = make("joins", JOIN)
    asked: list[Any] = []

    def run(sections: list[str], globs: list[str], method: str, jobs: int, **rest: Any) -> Any:
        asked.append((sections, globs, rest))
        others = [line("fail", PID)] if len(asked) == 1 else [line("pass", PID)]
        return {name: [line("fail", JOIN), *others, line("fail", START)], plugin.NONE: []}

    monkeypatch.setattr(matrix, "run", run)
    return asked


def test_what_else_fails_is_tried_twice(tried: list[Any]) -> None:
    outcomes, noticed = matrix.try_widely(["process_and_exceptions"], 2)
    assert [outcome.seen for outcome in outcomes] == [True]
    assert noticed == {(START, "made_up:joins"): "fail: why"}
    assert tried == [
        (["process_and_exceptions"], [], {"wide": True}),
        (["process_and_exceptions"], [PID, START], {"wide": True, "only": "made_up:joins"}),
    ]


# Which sections a change touches

ALL = ["process_pools", "managers", "signatures"]


@pytest.mark.parametrize(
    ("paths", "sections"),
    [
        (["conformance/mpconform/sections/managers/test_manager.py"], ["managers"]),
        (["conformance/tests/mutants/signatures.py", "README.md"], ["signatures"]),
        (["conformance/tests/mutants/managers/made.py", "conformance/tests/mutants/process_pools.py"], ALL[:2]),
        (["conformance/mpconform/sections/gone/test_x.py", "conformance/mpconform/sections/__init__.py"], []),
        (["conformance/mpconform/cli/running.py", "reference/mpreference/managers.py"], []),
        (["conformance/mpconform/kit/gates.py"], ALL),
        (["conformance/tests/mutants/trying.py"], ALL),
    ],
)
def test_what_a_change_touches(paths: list[str], sections: list[str]) -> None:
    assert touched.sections_of(paths, ALL) == sections


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Make a repository whose branch has left ``main``, which has gone on."""

    def git(*arguments: str) -> None:
        command = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *arguments]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60)

    def change(section: str) -> None:
        folder = tmp_path / touched.SECTIONS / section
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "test_it.py").write_text(section)

    git("init", "-b", "main")
    change("process_pools")
    for step, section in [("-b branch", "managers"), ("main", "process_pools/more"), ("branch", "")]:
        git("add", ".")
        git("commit", "--allow-empty", "-m", "x")
        git("checkout", *step.split())
        if section:
            change(section)
    return tmp_path


def test_a_change_is_what_the_branch_has_done_committed_or_not(checkout: Path) -> None:
    assert touched.touched("main", ALL, checkout) == ["managers"]
    (checkout / touched.SECTIONS / "process_pools" / "test_it.py").write_text("not committed")
    assert touched.touched("main", ALL, checkout) == ["process_pools", "managers"]
    (checkout / touched.MUTANTS).mkdir(parents=True)
    (checkout / touched.MUTANTS / "signatures.py").write_text("not even added")
    assert touched.touched("main", ALL, checkout / touched.SECTIONS) == ALL


def test_a_commit_that_is_not_there_is_told() -> None:
    result = CliRunner().invoke(main, ["--since", "no-such-branch"])
    assert result.exit_code == 1
    assert "Error: git merge-base no-such-branch HEAD: " in result.output
    assert "Not a valid object name" in result.output


def test_without_a_change_nothing_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mutants.__main__.touched", lambda commit, sections: [])
    result = CliRunner().invoke(main, ["--since", "main"])
    assert (result.exit_code, result.output) == (0, "touched since main: no section\n")
