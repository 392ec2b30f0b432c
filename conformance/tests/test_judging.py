"""From attempts to verdicts on tests, from those to verdicts on requirements, and to an exit status."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mpconform.harness.judging import (
    Cell,
    Judgement,
    exit_status,
    judge,
    verdict_of,
)

from mpadapters import Adapter
from mpadapters.expectations import Expectation
from mpconform.registry import Registry, Requirement
from mpreports.verdicts import AS_EXPECTED, DEVIATIONS, NOT_AS_EXPECTED, NOT_COMPLETE, Verdict


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


def result(id_: str, verdict: str, test: str = "", message: str = "", observation: str | None = None) -> dict[str, Any]:
    """Return what matters of the line of a test that verifies one requirement."""
    test = test or f"test_{id_}"
    return {"test": test, "requirements": [id_], "verdict": verdict, "message": message, "observation": observation}


def judged(
    requirements: list[Requirement],
    results: list[dict[str, Any]],
    *,
    not_run: dict[str, list[str]] | None = None,
    expectations: list[Expectation] | None = None,
    whole: bool = False,
    chosen: bool = False,
    adapter: Adapter | None = None,
    start_method: str = "spawn",
    edition: str = "3.11",
    platform: str = "linux",
) -> dict[str, Judgement]:
    """Judge the results and return the judgements by requirement."""
    registry = Registry(Path(), {"managers": "Managers"}, {one.id: one for one in requirements})
    cell = Cell(adapter or Whole(), start_method, edition, platform)
    judgements = judge(
        registry, cell, results, not_run or {}, expectations or [], whole=whole, chosen=lambda one: whole or chosen
    )
    return {judgement.requirement.id: judgement for judgement in judgements}


def expectation(id_: str, verdict: str) -> Expectation:
    return Expectation(id_, verdict, "because of it", "https://example.org/1", None, (), (), None)


@pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.FAIL, Verdict.HANG, Verdict.CRASH, Verdict.LEAK])
def test_attempts_that_agree_give_their_verdict(verdict: Verdict) -> None:
    assert verdict_of([verdict], observing=False) == verdict
    assert verdict_of([verdict.value, verdict.value], observing=False) == verdict


@pytest.mark.parametrize("attempts", [["fail", "pass"], ["pass", "leak"], ["hang", "fail"], ["pass", "pass", "crash"]])
def test_attempts_that_differ_are_flaky(attempts: list[str]) -> None:
    assert verdict_of(attempts, observing=False) == Verdict.FLAKY
    assert verdict_of(attempts, observing=True) == Verdict.FLAKY


def test_a_test_that_observes_passes_as_observed() -> None:
    assert verdict_of(["pass", "pass"], observing=True) == Verdict.OBSERVED
    assert verdict_of(["fail", "fail"], observing=True) == Verdict.FAIL


@pytest.mark.parametrize(
    ("verdicts", "worst"),
    [
        (["pass"], "pass"),
        (["pass", "fail", "pass"], "fail"),
        (["leak", "hang", "fail"], "hang"),
        (["hang", "crash"], "crash"),
        (["pass", "flaky"], "flaky"),
        (["pass", "blocked"], "blocked"),
        (["pass", "not-run"], "not-run"),
        (["fail", "not-run"], "fail"),
        (["observed"], "observed"),
    ],
)
def test_the_worst_of_several_tests_counts(verdicts: list[str], worst: str) -> None:
    results = [result("a.b.one", verdict, f"test_{number}", verdict) for number, verdict in enumerate(verdicts)]
    judgement = judged([requirement("a.b.one")], results)["a.b.one"]
    assert judgement.verdict == worst
    assert judgement.because == worst, "the reason is the message of the test that decided"
    assert judgement.tests == [f"test_{number}" for number in range(len(verdicts))]


def test_a_test_of_two_requirements_counts_for_both() -> None:
    both = result("a.b.one", "fail") | {"requirements": ["a.b.one", "a.b.two"]}
    found = judged([requirement("a.b.one"), requirement("a.b.two")], [both])
    assert [judgement.verdict for judgement in found.values()] == ["fail", "fail"]


def test_a_test_that_did_not_run_outranks_one_that_passed() -> None:
    found = judged([requirement("a.b.one")], [result("a.b.one", "pass")], not_run={"test_more": ["a.b.one"]})
    judgement = found["a.b.one"]
    assert (judgement.verdict, judgement.because) == ("not-run", "its tests did not run")
    assert judgement.tests == ["test_a.b.one", "test_more"]
    assert exit_status(found.values(), complete=True) == NOT_COMPLETE


def test_a_test_that_failed_outranks_one_that_did_not_run() -> None:
    found = judged(
        [requirement("a.b.one")], [result("a.b.one", "fail", message="oh")], not_run={"test_more": ["a.b.one"]}
    )
    assert (found["a.b.one"].verdict, found["a.b.one"].because) == ("fail", "oh")


def test_a_requirement_without_a_test_that_ran_is_judged_in_a_whole_run_only() -> None:
    requirements = [requirement("a.b.one"), requirement("a.b.two")]
    results = [result("a.b.one", "pass")]
    assert list(judged(requirements, results)) == ["a.b.one"]
    found = judged(requirements, results, whole=True)
    assert found["a.b.two"].verdict == "not-run"


def test_a_chosen_part_has_what_no_test_can_decide_and_not_what_no_test_was_run_for() -> None:
    requirements = [requirement("a.b.one", untestable="nobody can see it"), requirement("a.b.two")]
    assert judged(requirements, []) == {}
    assert list(judged(requirements, [], chosen=True)) == ["a.b.one"]


def test_judgements_come_in_the_order_of_the_registry() -> None:
    requirements = [requirement(f"a.b.{name}") for name in ("z", "a", "m")]
    results = [result(f"a.b.{name}", "pass") for name in ("a", "m", "z")]
    assert list(judged(requirements, results)) == ["a.b.z", "a.b.a", "a.b.m"]


def test_an_observation_is_kept_and_not_scored() -> None:
    found = judged(
        [requirement("a.b.one", ambiguous="which")], [result("a.b.one", "observed", observation="raises OSError")]
    )
    judgement = found["a.b.one"]
    assert (judgement.verdict, judgement.observation, judgement.standing) == ("observed", "raises OSError", "unscored")
    assert exit_status(found.values(), complete=True) == AS_EXPECTED


EXEMPT: list[tuple[dict[str, Any], dict[str, Any], str, str]] = [
    ({"untestable": "nobody can see it"}, {}, "untestable", "nobody can see it"),
    ({"since": "3.12"}, {}, "not-applicable", "promised since edition 3.12, this is 3.11"),
    ({"since": "3.8", "until": "3.9"}, {}, "not-applicable", "promised until edition 3.9, this is 3.11"),
    ({"platforms": ("win32", "darwin")}, {}, "not-applicable", "promised on win32, darwin, this is linux"),
    ({"start_methods": ("fork",)}, {}, "not-applicable", "promised under fork, this is spawn"),
    ({}, {"adapter": OnlyPool()}, "unsupported", "there is nothing but a pool"),
]


@pytest.mark.parametrize(("changes", "cell", "verdict", "because"), EXEMPT)
def test_what_is_not_tried_in_a_cell(changes: dict[str, Any], cell: dict[str, Any], verdict: str, because: str) -> None:
    requirements = [requirement("a.b.one", **changes)]
    found = judged(requirements, [], whole=True, **cell)
    assert (found["a.b.one"].verdict, found["a.b.one"].because) == (verdict, because)
    assert found["a.b.one"].standing == "unscored"
    assert exit_status(found.values(), complete=True) == AS_EXPECTED
    assert judged(requirements, [], **cell) == {}, "of what was selected, nothing is said of what is not tried"


@pytest.mark.parametrize(
    ("changes", "cell"),
    [
        ({"since": "3.8", "until": "3.11"}, {}),
        ({"since": "3.9"}, {"edition": "3.10"}),  # not as text: "3.10" sorts before "3.9"
        ({"platforms": ("linux",)}, {}),
        ({"platforms": ("freebsd",)}, {"platform": "freebsd14"}),
        ({"start_methods": ("fork", "spawn")}, {}),
    ],
)
def test_what_is_tried_in_a_cell(changes: dict[str, Any], cell: dict[str, Any]) -> None:
    found = judged([requirement("a.b.one", **changes)], [result("a.b.one", "pass")], whole=True, **cell)
    assert found["a.b.one"].verdict == "pass"


def test_a_part_of_the_api_that_the_adapter_claims_is_tried() -> None:
    found = judged([requirement("pool.map.order")], [result("pool.map.order", "fail")], adapter=OnlyPool())
    assert found["pool.map.order"].verdict == "fail"


CHAIN = [
    requirement("a.top.it", needs=("a.middle.it",)),  # in the registry before what it needs
    requirement("a.middle.it", needs=("a.bottom.it",)),
    requirement("a.bottom.it"),
]


@pytest.mark.parametrize("verdict", ["fail", "hang", "crash"])
def test_what_needs_something_broken_is_blocked_directly_or_not(verdict: str) -> None:
    results = [result("a.bottom.it", verdict), result("a.middle.it", "fail"), result("a.top.it", "fail")]
    found = judged(CHAIN, results)
    assert {id_: str(judgement.verdict) for id_, judgement in found.items()} == {
        "a.top.it": "blocked",
        "a.middle.it": "blocked",
        "a.bottom.it": verdict,
    }
    assert found["a.middle.it"].because == f"needs a.bottom.it, which is {verdict}"
    assert found["a.top.it"].because == f"needs a.bottom.it, which is {verdict}", "the root of the trouble is named"


def test_a_pass_without_what_it_needs_is_blocked_too() -> None:
    results = [result("a.bottom.it", "fail"), result("a.middle.it", "pass"), result("a.top.it", "pass")]
    found = judged(CHAIN, results)
    assert [str(judgement.verdict) for judgement in found.values()] == ["blocked", "blocked", "fail"]
    assert found["a.top.it"].standing == "unscored"


def test_tests_that_were_not_tried_for_a_need_are_blocked() -> None:
    needed = "needs a.bottom.it, which is not met"
    results = [result("a.bottom.it", "fail"), result("a.middle.it", "blocked", message=needed)]
    found = judged(CHAIN, results)
    assert (found["a.middle.it"].verdict, found["a.middle.it"].because) == (
        "blocked",
        "needs a.bottom.it, which is fail",
    )


@pytest.mark.parametrize("verdict", ["leak", "flaky", "pass", "not-run"])
def test_what_needs_something_that_works_after_all_is_not_blocked(verdict: str) -> None:
    results = [result("a.bottom.it", verdict), result("a.middle.it", "pass"), result("a.top.it", "fail")]
    found = judged(CHAIN, results)
    assert (found["a.middle.it"].verdict, found["a.top.it"].verdict) == ("pass", "fail")


def test_a_need_that_is_not_tried_in_this_cell_blocks_nothing() -> None:
    requirements = [requirement("a.top.it", needs=("a.b.gone",)), requirement("a.b.gone", until="3.8")]
    found = judged(requirements, [result("a.top.it", "pass")], whole=True)
    assert (found["a.top.it"].verdict, found["a.b.gone"].verdict) == ("pass", "not-applicable")


@pytest.mark.parametrize("middle", [[], [result("a.middle.it", "observed", observation="so")]])
def test_what_is_not_scored_passes_the_trouble_on(middle: list[dict[str, Any]]) -> None:
    found = judged(CHAIN, [result("a.bottom.it", "fail"), *middle, result("a.top.it", "pass")])
    assert found["a.top.it"].verdict == "blocked"


def test_the_trouble_may_come_with_any_of_several_needs() -> None:
    requirements = [
        requirement("a.top.it", needs=("a.b.one", "a.b.two")),
        requirement("a.b.one"),
        requirement("a.b.two"),
    ]
    results = [result("a.top.it", "fail"), result("a.b.one", "pass"), result("a.b.two", "hang")]
    assert judged(requirements, results)["a.top.it"].because == "needs a.b.two, which is hang"


def test_an_observation_is_not_blocked() -> None:
    results = [result("a.bottom.it", "fail"), result("a.middle.it", "observed", observation="so")]
    assert judged(CHAIN, results)["a.middle.it"].verdict == "observed"


@pytest.mark.parametrize(
    ("verdict", "expected", "standing", "status"),
    [
        ("pass", None, "expected", AS_EXPECTED),
        ("fail", None, "worse", NOT_AS_EXPECTED),
        ("leak", None, "worse", NOT_AS_EXPECTED),
        ("flaky", None, "worse", NOT_AS_EXPECTED),
        ("fail", "fail", "expected", AS_EXPECTED),
        ("hang", "fail", "worse", NOT_AS_EXPECTED),
        ("pass", "fail", "better", NOT_AS_EXPECTED),
        ("blocked", "fail", "unscored", AS_EXPECTED),
        ("observed", None, "unscored", AS_EXPECTED),
    ],
)
def test_standing_and_exit_status(verdict: str, expected: str | None, standing: str, status: int) -> None:
    known = [expectation("a.b.*", expected)] if expected else []
    found = judged([requirement("a.b.one")], [result("a.b.one", verdict)], expectations=known)
    assert found["a.b.one"].standing == standing
    assert exit_status(found.values(), complete=True) == status


@pytest.mark.parametrize("verdict", sorted(DEVIATIONS))
def test_every_deviation_can_be_expected(verdict: Verdict) -> None:
    found = judged(
        [requirement("a.b.one")],
        [result("a.b.one", verdict.value)],
        expectations=[expectation("a.b.one", verdict.value)],
    )
    assert exit_status(found.values(), complete=True) == AS_EXPECTED


def test_one_bad_verdict_among_good_ones_decides_the_exit_status() -> None:
    requirements = [requirement("a.b.one"), requirement("a.b.two"), requirement("a.b.three")]
    results = [result("a.b.one", "pass"), result("a.b.two", "fail"), result("a.b.three", "pass")]
    assert exit_status(judged(requirements, results).values(), complete=True) == NOT_AS_EXPECTED


@pytest.mark.parametrize("verdict", ["pass", "fail"])
def test_a_run_that_is_not_complete_is_never_as_expected(verdict: str) -> None:
    found = judged([requirement("a.b.one")], [result("a.b.one", verdict)])
    assert exit_status(found.values(), complete=False) == NOT_COMPLETE
    assert exit_status([], complete=False) == NOT_COMPLETE


def test_a_judgement_as_a_line_of_the_results_file() -> None:
    found = judged(
        [requirement("a.b.one", level="should", check="whether a() counts")],
        [result("a.b.one", "fail", message="a() returned 2")],
        expectations=[expectation("a.b.*", "fail")],
    )
    assert found["a.b.one"].as_line("Managers") == {
        "kind": "requirement",
        "id": "a.b.one",
        "section": "managers",
        "title": "Managers",
        "says": "a.b.one is kept.",
        "doc": "multiprocessing.Process",
        "level": "should",
        "check": "whether a() counts",
        "verdict": "fail",
        "tests": ["test_a.b.one"],
        "because": "a() returned 2",
        "observation": None,
        "standing": "expected",
        "expectation": {
            "requirement": "a.b.*",
            "verdict": "fail",
            "reason": "because of it",
            "link": "https://example.org/1",
        },
    }
