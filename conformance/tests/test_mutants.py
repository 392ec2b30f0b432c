"""Each test of the suite can fail: with the standard library broken in the right place, it does."""

from __future__ import annotations

import os

import mutants
import pytest
from mutants.matrix import try_widely
from mutants.trying import try_mutants, without_mutant

SECTIONS = mutants.sections()


def test_every_section_has_mutants():
    from mpconform.registry import load_registry

    assert list(load_registry().titles) == SECTIONS


@pytest.mark.parametrize("section", SECTIONS)
def test_each_tested_requirement_has_a_mutant_or_a_reason_why_not(section: str):
    assert without_mutant([section]) == []


@pytest.mark.parametrize("section", SECTIONS)
def test_a_reason_is_only_given_where_there_is_no_mutant(section: str):
    unseen = mutants.load(section).UNSEEN
    broken = {ident for mutant in mutants.MUTANTS.values() for ident in mutant.requirements}
    assert broken.isdisjoint(unseen)
    assert all(reason.strip() for reason in unseen.values())


@pytest.mark.parametrize("section", SECTIONS)
def test_each_mutant_is_noticed(section: str):
    outcomes = try_mutants([section], jobs=os.cpu_count() or 1)
    assert outcomes, f"no mutant of {section} was tried"
    survived = [f"{one.mutant} breaks {one.requirement}: {one.message}" for one in outcomes if not one.seen]
    assert not survived, "\n".join(survived)


def test_each_mutant_meets_the_other_tests_of_its_modules_too():
    outcomes, noticed = try_widely(["address_formats"], jobs=os.cpu_count() or 1)
    assert [one for one in outcomes if not one.seen] == []
    assert not {(one.requirement, one.mutant) for one in outcomes} & noticed.keys()
