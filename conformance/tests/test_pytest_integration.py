"""Plain pytest runs the suite as ``mpconform run`` does; and what a user does wrong is answered in one line."""

from __future__ import annotations

import re
import signal
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

if TYPE_CHECKING:
    from conftest import Ran, Suite

CRASHING = "process.start.runs-run"
PASSING = "process.run.invokes-target"
MIXED = ("--backend", "broken.crashes", "--requirement", CRASHING, "--requirement", PASSING)
"""Two tests, of which one crashes."""

CRASHING_TEST = "test_start_runs_the_target"
PASSING_TEST = "test_run_where_the_process_was_made"

EXPECTED = f"""
# a comment that stays
[[deviation]]
requirement = "{CRASHING}"
verdict = "{{verdict}}"
start_method = "fork"
reason = "it is broken on purpose"
proof = "look at it"
"""


def outcome(ran: Ran) -> str:
    """Return how many tests came out how, from the last line that pytest printed."""
    counted = re.findall(r"\d+ (?:passed|failed|skipped|xfailed|error)\b", ran.stdout.splitlines()[-1])
    return ", ".join(sorted(counted))


def test_k_selects_and_properties_run(suite: Suite) -> None:
    ran = suite.pytest("--backend", "stdlib", "-k", "object_through_a_pipe", "-q")
    assert (ran.status, ran.left, ran.files) == (0, [], []), ran
    assert ran.verdicts() == {"pipe.message.picklable-object-arrives-equal": "pass"}
    assert ran.read().header["selection"] == "-k object_through_a_pipe"


def test_lf_runs_only_what_failed_last(suite: Suite, tmp_path: Path) -> None:
    first = suite.pytest(*MIXED, folder=tmp_path)
    assert (first.status, outcome(first)) == (1, "1 failed, 1 passed"), first
    second = suite.pytest(*MIXED, "--lf", folder=tmp_path)
    assert second.status == 1
    assert [line["test"].rpartition("::")[2] for line in second.read().tests] == [CRASHING_TEST]


def test_x_stops_and_what_did_not_run_is_named(suite: Suite) -> None:
    ran = suite.pytest("--backend", "broken.crashes", "--requirement", "process.start.*", "-x")
    assert (ran.status, ran.left, ran.files) == (3, [], []), ran
    verdicts = [line["verdict"].value for line in ran.read().tests]
    assert verdicts[0] == "crash"
    assert set(verdicts[1:]) == {"not-run"}
    assert ran.read().footer["ended"] == "stopping after 1 failures"


def test_junit_xml_has_the_failure(suite: Suite, tmp_path: Path) -> None:
    ran = suite.pytest(*MIXED, "--junitxml", str(tmp_path / "junit.xml"), "-p", "no:xdist")
    assert ran.status == 1, ran
    cases = list(ElementTree.parse(tmp_path / "junit.xml").iter("testcase"))
    assert [(case.get("name"), case.find("failure") is not None) for case in cases] == [
        (PASSING_TEST, False),
        (CRASHING_TEST, True),
    ]
    failure = cases[1].find("failure")
    assert failure is not None
    assert "ended by SIGSEGV" in f"{failure.get('message')}{failure.text}"


@pytest.mark.parametrize("option", ["-n2", "-nauto", "--jobs=2"])
def test_tests_run_side_by_side_without_workers(suite: Suite, option: str) -> None:
    ran = suite.pytest(*MIXED, option)
    assert (ran.status, outcome(ran), ran.left, ran.files) == (1, "1 failed, 1 passed", [], []), ran
    assert ran.verdicts() == {PASSING: "pass", CRASHING: "crash"}
    assert "gw0" not in ran.stdout, "xdist has started workers"


@pytest.mark.parametrize(
    ("verdict", "status", "shown"),
    [("crash", 0, "1 passed, 1 xfailed"), ("hang", 1, "1 failed, 1 passed")],
    ids=["expected", "another-verdict-is-expected"],
)
def test_an_expected_deviation_is_an_xfail(suite: Suite, tmp_path: Path, verdict: str, status: int, shown: str) -> None:
    known = tmp_path / "known.toml"
    known.write_text(EXPECTED.format(verdict=verdict))
    ran = suite.pytest(*MIXED, "--expectations", str(known))
    assert (ran.status, outcome(ran)) == (status, shown), ran


def test_a_stale_expectation_is_no_success_until_it_is_updated(suite: Suite, tmp_path: Path) -> None:
    known = tmp_path / "known.toml"
    known.write_text(EXPECTED.format(verdict="crash"))
    stale = suite.judge("stdlib", [CRASHING], "--jobs", "1", "--expectations", str(known))
    assert stale.status == 1, stale
    assert [entry["standing"] for entry in stale.read().requirements] == ["better"]
    assert CRASHING in stale.stdout
    suite.judge("stdlib", [CRASHING], "--jobs", "1", "--expectations", str(known), "--update-expectations")
    assert CRASHING not in known.read_text()
    again = suite.judge("stdlib", [CRASHING], "--jobs", "1", "--expectations", str(known))
    assert again.status == 0, again


def test_updated_expectations_make_a_new_deviation_expected(suite: Suite, tmp_path: Path) -> None:
    arguments = ("--jobs", "1", "--expectations", str(tmp_path / "known.toml"))
    suite.judge("broken.crashes", [CRASHING, PASSING], *arguments, "--update-expectations")
    ran = suite.judge("broken.crashes", [CRASHING, PASSING], *arguments)
    assert ran.status == 0, ran
    assert {entry["id"]: entry["standing"] for entry in ran.read().requirements} == {
        PASSING: "expected",
        CRASHING: "expected",
    }


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (("run", "--backend", "stdlb"), "did you mean stdlib"),
        (("run", "--start-method", "frok"), "did you mean fork"),
        (("run", "--section", "pipes_and_quues"), "did you mean pipes_and_queues"),
        (("run", "--requirement", "quues.get.*"), "no requirement matches 'quues.get.*'"),
        (("run", "--requirement", "process.join.many-tmes"), "did you mean process.join.many-times"),
        (("run", "--edition", "three"), "three"),
        (("run", "--jobs", "0"), "--jobs"),
        (("run", "--patience", "0"), "--patience"),
        (("run", "--expectations", "nosuch.toml"), "nosuch.toml"),
        (("report", "nosuch.jsonl"), "nosuch.jsonl: no such file"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_wrong_usage_is_answered_in_one_line(suite: Suite, arguments: tuple[str, ...], answer: str) -> None:
    ran = suite.command(*arguments)
    assert (ran.status, ran.stdout) == (2, ""), ran
    [line] = ran.stderr.splitlines()
    assert line.startswith("mpconform: error: "), line
    assert answer in line
    written = [path.name for path in ran.results.parent.iterdir() if path.name not in ("stdout", "stderr")]
    assert written == [], "something was written all the same"


def test_malformed_expectations_are_wrong_usage(suite: Suite, tmp_path: Path) -> None:
    known = tmp_path / "known.toml"
    known.write_text("[[deviation]\n")
    ran = suite.judge("stdlib", [PASSING], "--expectations", str(known))
    assert (ran.status, ran.stdout) == (2, ""), ran
    assert len(ran.stderr.splitlines()) == 1, ran.stderr
    assert "known.toml" in ran.stderr
    assert not ran.results.exists()


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (("--backend", "stdlb"), "did you mean stdlib"),
        (("--backend", "stdlib", "--requirement", "process.join.many-tmes"), "did you mean process.join.many-times"),
        (("--backend", "stdlib", "--isolation", "frok"), "invalid choice: 'frok'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_wrong_usage_of_pytest_is_a_usage_error_of_pytest(
    suite: Suite, arguments: tuple[str, ...], answer: str
) -> None:
    ran = suite.pytest(*arguments)
    assert ran.status == pytest.ExitCode.USAGE_ERROR, ran
    assert answer in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not ran.results.exists()


def test_truncated_results_are_refused(suite: Suite, tmp_path: Path) -> None:
    ran = suite.judge("stdlib", [PASSING], "--jobs", "1")
    assert ran.status == 0, ran
    whole = ran.results.read_bytes()
    for name, kept in {"cut": whole[:-3], "no-footer": b"".join(whole.splitlines(keepends=True)[:-1])}.items():
        path = tmp_path / f"{name}.jsonl"
        path.write_bytes(kept)
        reported = suite.command("report", str(path))
        assert (reported.status, reported.stdout) == (3, ""), reported
        [line] = reported.stderr.splitlines()
        assert "is incomplete" in line


def test_a_signal_that_the_starter_of_the_suite_ignores_is_not_ignored_in_a_test(suite: Suite) -> None:
    requirement = "lock.acquire.interrupted-by-sigint"
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a shell does for what it runs in the background
    try:
        ran = suite.judge("stdlib", [requirement])
    finally:
        signal.signal(signal.SIGINT, before)
    assert ran.verdicts()[requirement] == "pass", ran


def test_what_cannot_be_collected_is_named_with_its_cause(suite: Suite, tmp_path: Path) -> None:
    (tmp_path / "test_wrong.py").write_text("import no_such_module_anywhere\n")
    ran = suite.judge("stdlib", [PASSING], "--", str(tmp_path / "test_wrong.py"))
    assert ran.status == 3, ran
    [line] = [line for line in ran.stderr.splitlines() if line.startswith("mpconform: error: ")]
    assert "a module of tests cannot be collected: " in line
    assert "No module named 'no_such_module_anywhere'" in line
