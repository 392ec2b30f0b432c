"""A pass is a pass: what a broken root leaves standing, what it blocks, and what it has nothing to do with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from mpconform.registry import load_registry

if TYPE_CHECKING:
    from conftest import Ran, Suite

ROOT = "process.start.runs-run"

REQUIREMENTS = load_registry().requirements


def needs(id_: str) -> Iterator[str]:
    """Yield what a requirement needs, directly or not."""
    for needed in REQUIREMENTS[id_].needs:
        yield needed
        yield from needs(needed)


@pytest.fixture(scope="module")
def ran(suite: Suite) -> Ran:
    """Return a run of a section with a backend that breaks the root of most of it, and one section beside it."""
    sections = ("--section", "process_and_exceptions", "--section", "address_formats")
    return suite.judge("broken.never_starts", [], *sections, "--jobs", "2", "--", "--no-confirm")


def test_the_root_is_accused(ran: Ran) -> None:
    assert (ran.status, ran.left, ran.files) == (1, [], []), ran
    assert ran.verdicts()[ROOT] == "fail"
    assert "no process can be started" in ran.because(ROOT)


def test_nothing_that_needs_it_is_accused(ran: Ran) -> None:
    accused = [id_ for id_, verdict in ran.verdicts().items() if verdict == "fail" and ROOT in needs(id_)]
    assert accused == []


def test_what_is_blocked_needs_it_and_says_so(ran: Ran) -> None:
    blocked = [id_ for id_, verdict in ran.verdicts().items() if verdict == "blocked"]
    assert len(blocked) > 20
    for id_ in blocked:
        because = ran.because(id_)
        if because.startswith("the test did not come to it: "):
            continue
        root = because.removeprefix("needs ").partition(",")[0]
        assert root in needs(id_), f"{id_}: {because}"
        assert ran.verdicts().get(root) == "fail", f"{id_}: {because}"


def test_what_passes_without_it_passes(ran: Ran) -> None:
    passed = {id_ for id_, verdict in ran.verdicts().items() if verdict == "pass"}
    assert "process.run.invokes-target" in passed
    assert "process.pid.none-before-start" in passed
    assert any(id_.startswith("address") for id_ in passed), "the other section has nothing to do with it"


def test_what_is_known_to_be_blocked_is_not_tried_twice(ran: Ran, suite: Suite) -> None:
    ids = [ROOT, "process.exitcode.zero-after-run-returns"]
    confirmed = suite.judge("broken.never_starts", ids, "--jobs", "2")
    assert [len(confirmed.test(id_)["attempts"]) for id_ in ids] == [2, 1]
    assert confirmed.verdicts(ids) == {ids[0]: "fail", ids[1]: "blocked"}


def test_a_test_of_what_a_failed_root_is_needed_for_runs_and_may_pass(suite: Suite) -> None:
    source = f"""
    @verifies({ROOT!r})
    def test_root():
        raise AssertionError("broken")

    @verifies("process.join.blocks-until-terminated")
    def test_passes():
        pass

    @verifies("process.join.returns-none-after-exit")
    def test_fails():
        raise AssertionError("broken too")
    """
    ran = suite.tests(source)
    assert ran.status == 1, ran
    assert ran.verdicts() == {
        ROOT: "fail",
        "process.join.blocks-until-terminated": "pass",
        "process.join.returns-none-after-exit": "blocked",
    }


@pytest.mark.parametrize(("end", "verdict"), [("time.sleep(600)", "hang"), ("os.abort()", "crash")])
def test_what_needs_a_root_that_hangs_or_crashes_is_not_run(suite: Suite, end: str, verdict: str) -> None:
    source = f"""
    @verifies({ROOT!r})
    def test_root():
        {end}

    @verifies("process.join.blocks-until-terminated")
    def test_needing():
        pass
    """
    ran = suite.tests(source, "--patience", "0.1")
    assert ran.verdicts() == {ROOT: verdict, "process.join.blocks-until-terminated": "blocked"}
    assert ran.because("process.join.blocks-until-terminated") == f"needs {ROOT}, which is {verdict}"
    assert ran.test("process.join.blocks-until-terminated")["attempts"] == []
