"""The verdicts: their values, their signs, which count, and which outranks which."""

from __future__ import annotations

import itertools
import json

import pytest
from rich.cells import cell_len

from mpreports.verdicts import (
    AS_EXPECTED,
    DEVIATIONS,
    NOT_AS_EXPECTED,
    NOT_COMPLETE,
    SCORED,
    Verdict,
    exit_status,
    standing,
    worst,
)


def test_values_are_what_results_files_hold():
    values = "pass fail hang crash leak flaky blocked unsupported not-applicable observed untestable not-run"
    assert [verdict.value for verdict in Verdict] == values.split()
    assert json.dumps([Verdict.NOT_RUN]) == '["not-run"]'
    assert Verdict("not-run") is Verdict.NOT_RUN
    assert {"not-run": 1}[Verdict.NOT_RUN] == 1


def test_a_verdict_shows_as_its_value():
    assert str(Verdict.NOT_RUN) == f"{Verdict.NOT_RUN}" == "not-run"


def test_each_sign_is_its_own_and_one_column_wide():
    signs = [verdict.sign for verdict in Verdict]
    assert len(set(signs)) == len(signs), f"two verdicts share a sign: {signs}"
    wide = [sign for sign in signs if cell_len(sign) != 1]
    assert not wide, f"these signs are not one column wide: {wide}"


def test_each_meaning_is_one_line():
    for verdict in Verdict:
        assert verdict.meaning, f"{verdict} has no meaning"
        assert "\n" not in verdict.meaning, f"the meaning of {verdict} is more than a line"


def test_scored_are_the_deviations_and_pass():
    assert {str(verdict) for verdict in DEVIATIONS} == {"fail", "hang", "crash", "leak", "flaky"}
    assert {*DEVIATIONS, Verdict.PASS} == SCORED


@pytest.mark.parametrize("verdict", list(Verdict))
def test_worst_of_one_is_that_one(verdict):
    assert worst([verdict]) is verdict


def test_worst_of_none_is_not_run():
    assert worst([]) is Verdict.NOT_RUN


def test_a_pass_hides_nothing_that_was_not_tried():
    for verdict in (*DEVIATIONS, Verdict.NOT_RUN, Verdict.BLOCKED, Verdict.UNSUPPORTED):
        assert worst([Verdict.PASS, verdict]) is verdict, f"a pass hides {verdict}"


def test_a_deviation_outranks_everything_that_is_not_scored():
    for deviation, other in itertools.product(DEVIATIONS, set(Verdict) - DEVIATIONS):
        assert worst([other, deviation]) is deviation, f"{other} hides {deviation}"


def test_the_order_of_the_tests_does_not_matter():
    for pair in itertools.combinations(Verdict, 2):
        assert worst(pair) is worst(reversed(pair)), f"worst() of {pair} depends on their order"


@pytest.mark.parametrize(
    ("verdict", "expected", "due", "status"),
    [
        ("pass", "pass", "expected", AS_EXPECTED),
        ("fail", "pass", "worse", NOT_AS_EXPECTED),
        ("leak", "pass", "worse", NOT_AS_EXPECTED),
        ("flaky", "pass", "worse", NOT_AS_EXPECTED),
        ("fail", "fail", "expected", AS_EXPECTED),
        ("hang", "fail", "worse", NOT_AS_EXPECTED),
        ("leak", "fail", "worse", NOT_AS_EXPECTED),
        ("pass", "fail", "better", NOT_AS_EXPECTED),
        ("blocked", "fail", "unscored", AS_EXPECTED),
        ("observed", "pass", "unscored", AS_EXPECTED),
        ("unsupported", "fail", "unscored", AS_EXPECTED),
        ("not-run", "pass", "unscored", NOT_COMPLETE),
        ("not-run", "fail", "unscored", NOT_COMPLETE),
    ],
)
def test_how_a_verdict_stands_against_the_expected_one(verdict, expected, due, status):
    found = standing(Verdict(verdict), Verdict(expected))
    assert found == due
    kept = (Verdict.PASS, "expected")
    assert exit_status([kept, (Verdict(verdict), found), kept], complete=True) == status
    assert exit_status([(Verdict(verdict), found)], complete=False) == NOT_COMPLETE


@pytest.mark.parametrize("verdict", sorted(DEVIATIONS))
def test_every_deviation_can_be_expected(verdict):
    assert standing(verdict, verdict) == "expected"
    assert standing(verdict) == "worse"


def test_a_run_without_verdicts_is_as_expected_only_if_it_is_complete():
    assert exit_status([], complete=True) == AS_EXPECTED
    assert exit_status([], complete=False) == NOT_COMPLETE
