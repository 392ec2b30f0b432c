"""Expectations files: reading them, their conditions, which entry decides, and what every mistake is told."""

from __future__ import annotations

import platform
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from mpadapters.cell import Cell
from mpadapters.expectations import (
    Expectation,
    Expectations,
    ExpectationsError,
    expected,
    load_expectations,
    stale,
)

VERDICTS = ("fail", "hang", "crash", "leak", "flaky")
IDS = ("queue.get.timeout-raises-empty", "queue.put.blocks", "process.join.returns-none-after-exit")
CELL = Cell("some", "4.2.1", "fork", "3.11.7", "CPython", "linux")

GOOD = """\
[[deviation]]
requirement = "queue.put.blocks"
verdict = "hang"
reason = "it polls"
link = "https://example.org/1"
"""


def load(tmp_path: Path, text: str) -> Expectations:
    """Return what is expected by a file with this text."""
    path = tmp_path / "known.toml"
    path.write_text(text, encoding="utf-8")
    return load_expectations(path, VERDICTS, IDS)


def entry(requirement: str = "queue.put.blocks", verdict: str = "hang", **conditions: object) -> Expectation:
    """Return an entry."""
    return Expectation(requirement, verdict, "a reason", "https://example.org/1", **conditions)  # type: ignore[arg-type]


def test_an_entry_with_all_keys(tmp_path: Path) -> None:
    text = GOOD + (
        'proof = "mpconform reproduce queue.put.blocks"\npython = ">=3.12"\nplatform = ["linux", "darwin"]\n'
        'start_method = "spawn"\nversion = "<5"\n'
    )
    assert load(tmp_path, text).entries == (
        Expectation(
            requirement="queue.put.blocks",
            verdict="hang",
            reason="it polls",
            link="https://example.org/1",
            python=">=3.12",
            platform=("linux", "darwin"),
            start_method=("spawn",),
            version="<5",
            proof="mpconform reproduce queue.put.blocks",
        ),
    )


def test_a_cell_is_what_a_results_header_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "plan9")
    assert asdict(Cell.here("some", "4.2.1", "fork")) == {
        "backend": "some",
        "backend_version": "4.2.1",
        "start_method": "fork",
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "platform": "plan9",
    }


def test_a_cause_is_a_text_that_several_entries_may_share(tmp_path: Path) -> None:
    text = GOOD + 'cause = "everything polls"\n'
    both = text + text.replace("queue.put.blocks", "queue.get.timeout-raises-empty")
    assert [entry.cause for entry in load(tmp_path, both).entries] == ["everything polls"] * 2
    assert load(tmp_path, GOOD).entries[0].cause == ""


def test_an_empty_file_expects_nothing(tmp_path: Path) -> None:
    assert load(tmp_path, "# nothing yet\n").entries == ()


def test_a_proof_stands_in_for_a_link(tmp_path: Path) -> None:
    (only,) = load(tmp_path, GOOD.replace('link = "https://example.org/1"', 'proof = "run this"')).entries
    assert (only.link, only.proof) == ("", "run this")


def test_a_glob_is_fine_if_it_matches_something(tmp_path: Path) -> None:
    (only,) = load(tmp_path, GOOD.replace("queue.put.blocks", "queue.*")).entries
    assert only.is_glob


ENTRY = "{path}, entry 1 ('queue.put.blocks'): "


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            GOOD.replace("reason", "reasn"),
            ENTRY + "unknown key 'reasn': did you mean reason?",
            id="unknown-key",
        ),
        pytest.param(
            GOOD + 'zzz = "1"',
            ENTRY + "unknown key 'zzz': known are requirement, verdict, reason, link, proof, cause, python, platform, "
            "start_method, version",
            id="key-like-no-other",
        ),
        pytest.param(
            GOOD.replace('reason = "it polls"\n', ""),
            ENTRY + "key 'reason' is missing: add reason = \"...\"",
            id="no-reason",
        ),
        pytest.param(
            '[[deviation]]\nverdict = "fail"',
            "{path}, entry 1: key 'requirement' is missing: add requirement = \"...\"",
            id="no-requirement",
        ),
        pytest.param(
            GOOD.replace("it polls", "  "),
            ENTRY + "key 'reason' is empty: fill it in or leave it out",
            id="empty-reason",
        ),
        pytest.param(
            GOOD.replace('link = "https://example.org/1"\n', ""),
            ENTRY + "neither 'link' nor 'proof': add a link to the issue, or the command that shows the deviation",
            id="no-link-no-proof",
        ),
        pytest.param(
            GOOD.replace("https://example.org/1", "example.org/1"),
            ENTRY + "link 'example.org/1' is no address: begin it with https:// or http://",
            id="no-address",
        ),
        pytest.param(
            GOOD.replace('"hang"', "3"),
            ENTRY + "key 'verdict' is 3: write it as a text, in quotes",
            id="verdict-is-no-text",
        ),
        pytest.param(
            GOOD.replace('"hang"', '"hnag"'),
            ENTRY + "no verdict 'hnag': did you mean hang?",
            id="unknown-verdict",
        ),
        pytest.param(
            GOOD.replace("queue.put.blocks", "queue.put.block"),
            "{path}, entry 1 ('queue.put.block'): 'queue.put.block' is no requirement: did you mean queue.put.blocks?",
            id="unknown-id",
        ),
        pytest.param(
            GOOD.replace("queue.put.blocks", "zzz.*"),
            "{path}, entry 1 ('zzz.*'): 'zzz.*' glob matches no requirement: `mpconform list` shows all ids",
            id="glob-of-nothing",
        ),
        pytest.param(
            GOOD + 'python = "3.12"',
            ENTRY + 'python \'3.12\' is no version specifier: write it like ">=3.12" or ">=3.11,<3.13"',
            id="no-specifier",
        ),
        pytest.param(
            GOOD + "platform = []",
            ENTRY + "key 'platform' is []: write a text or a list of them, or leave it out",
            id="empty-list",
        ),
        pytest.param(
            GOOD + 'start_method = ["fork", 1]',
            ENTRY + "key 'start_method' is ['fork', 1]: write a text or a list of them, or leave it out",
            id="list-of-something-else",
        ),
        pytest.param(
            GOOD + 'start_method = "spwan"',
            ENTRY + "no start method 'spwan': did you mean spawn?",
            id="unknown-start-method",
        ),
        pytest.param(
            GOOD + GOOD.replace("hang", "hung"),
            "{path}, entry 2 ('queue.put.blocks'): no verdict 'hung': did you mean hang?",
            id="second-entry",
        ),
        pytest.param(
            GOOD.replace("[[deviation]]", "[deviation]"),
            "{path}: deviation is no list of tables: begin each with [[deviation]], in two brackets",
            id="one-bracket",
        ),
        pytest.param(
            GOOD.replace("deviation", "deviations"),
            "{path}: unknown key 'deviations': each known deviation is a [[deviation]] table",
            id="another-table",
        ),
        pytest.param(
            GOOD + "reason\n",
            "{path}, line 6: is not TOML: Expected '=' after a key in a key/value pair",
            id="malformed",
        ),
        pytest.param(GOOD + 'python = "', "{path}, line 6: is not TOML: *", id="malformed-at-the-end"),
    ],
)
def test_a_mistake_is_told_in_one_exact_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ExpectationsError) as caught:
        load(tmp_path, text)
    told = str(caught.value)
    wanted = message.replace("{path}", str(tmp_path / "known.toml"))
    assert "\n" not in told, f"more than one line: {told!r}"
    if wanted.endswith("*"):
        assert told.startswith(wanted[:-1])
    else:
        assert told == wanted


def test_a_file_that_is_not_there_is_told_with_the_one_that_is(tmp_path: Path) -> None:
    (tmp_path / "billiard.toml").touch()
    with pytest.raises(ExpectationsError, match=r"biliard\.toml: no such file: did you mean .*/billiard\.toml\?"):
        load_expectations(tmp_path / "biliard.toml", VERDICTS, IDS)
    with pytest.raises(ExpectationsError, match=r"zzz\.toml: no such file: --update-expectations creates it"):
        load_expectations(tmp_path / "zzz.toml", VERDICTS, IDS)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ExpectationsError, match=r"cannot be read \(Is a directory\): make it a readable file"):
        load_expectations(tmp_path, VERDICTS, IDS)


def test_another_encoding_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    path.write_bytes(b"# one\n# \xff\n")
    with pytest.raises(ExpectationsError, match=r"known\.toml, line 2: is not UTF-8: save the file in that encoding"):
        load_expectations(path, VERDICTS, IDS)


@pytest.mark.parametrize(
    ("conditions", "holds"),
    [
        ({}, True),
        ({"python": ">=3.11"}, True),
        ({"python": ">=3.12"}, False),
        ({"python": ">=3.10,<3.12"}, True),
        ({"platform": ("linux",)}, True),
        ({"platform": ("darwin", "win32")}, False),
        ({"start_method": ("spawn", "fork")}, True),
        ({"start_method": ("spawn",)}, False),
        ({"version": "==4.2.*"}, True),
        ({"version": ">4.2.1"}, False),
        ({"python": ">=3.11", "platform": ("linux",), "start_method": ("spawn",)}, False),
    ],
    ids=str,
)
def test_an_entry_holds_in_the_cells_that_meet_all_conditions(conditions: dict[str, object], holds: bool) -> None:
    assert entry(**conditions).holds_in(CELL) is holds
    assert Expectations(Path("x"), (entry(**conditions),)).for_cell(CELL) == ([entry(**conditions)] if holds else [])


@pytest.mark.parametrize(
    ("python", "holds"), [("3.14.0rc1", True), ("3.14.0a2+", True), ("3.13.9", False), ("3.14.1", True)]
)
def test_a_python_that_is_not_released_counts_as_its_release(python: str, holds: bool) -> None:
    cell = replace(CELL, python=python)
    assert entry(python=">=3.14").holds_in(cell) is holds


@pytest.mark.parametrize(("version", "holds"), [("5.0rc1", True), ("5.1", False), ("unknown", False), ("", False)])
def test_a_backend_version_that_is_none_meets_no_specifier(version: str, holds: bool) -> None:
    cell = replace(CELL, backend_version=version)
    assert entry(version="<5.1").holds_in(cell) is holds


def test_the_very_id_decides_over_a_glob_and_the_first_glob_over_the_next() -> None:
    wide, narrow, exact = entry("*", "fail"), entry("queue.*", "leak"), entry("queue.put.blocks", "hang")
    assert expected([wide, narrow, exact], "queue.put.blocks") is exact
    assert expected([narrow, wide], "queue.get.x") is narrow
    assert expected([wide, narrow], "queue.get.x") is wide
    assert expected([narrow, exact], "process.join.x") is None


def test_two_entries_of_one_cell_must_not_be_about_the_same_id() -> None:
    known = Expectations(
        Path("known.toml"),
        (entry("queue.*"), entry(start_method=("spawn",)), entry(), entry(verdict="fail", platform=("linux",))),
    )
    with pytest.raises(ExpectationsError) as caught:
        known.for_cell(CELL)
    assert str(caught.value) == (
        "known.toml: entries 3 and 4 ('queue.put.blocks') both hold in this cell (fork, Python 3.11.7, linux): "
        "merge them, or make their conditions exclude each other"
    )


def test_an_entry_is_stale_when_what_it_decides_was_found_to_be_otherwise() -> None:
    glob, exact, unjudged = entry("queue.*", "fail"), entry("queue.put.blocks", "hang"), entry("pool.x.y", "fail")
    entries = [glob, exact, unjudged]
    assert stale(entries, {"queue.put.blocks": "hang", "queue.get.x": "fail"}) == []
    assert stale(entries, {"queue.put.blocks": "pass", "queue.get.x": "fail"}) == [exact]
    assert stale(entries, {"queue.put.blocks": "hang", "queue.get.x": "fail", "queue.get.y": "pass"}) == [glob]
