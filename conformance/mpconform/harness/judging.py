"""From what happened to what it means: verdicts of tests, verdicts of requirements, and the exit status."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mpadapters import Adapter
from mpadapters.expectations import Expectation, expected
from mpconform.registry import Registry, Requirement
from mpreports.verdicts import Standing, Verdict, standing, unmet, worst
from mpreports.verdicts import exit_status as status_of


@dataclass(frozen=True)
class Cell:
    """What one run judges, as far as applicability goes."""

    adapter: Adapter
    start_method: str
    edition: str
    platform: str

    def exempt(self, requirement: Requirement) -> tuple[Verdict, str] | None:
        """Return the verdict, and the reason for it, on a requirement that is not tried in this cell; else None."""
        if requirement.untestable is not None:
            return Verdict.UNTESTABLE, requirement.untestable
        reason = requirement.not_applicable(self.edition, self.platform, self.start_method)
        if reason is not None:
            return Verdict.NOT_APPLICABLE, reason
        if not self.adapter.claims(requirement.id):
            return Verdict.UNSUPPORTED, self.adapter.unsupported
        return None


@dataclass
class Judgement:
    """The verdict on one requirement, and where it comes from."""

    requirement: Requirement
    verdict: Verdict
    because: str = ""
    observation: str | None = None
    tests: list[str] = field(default_factory=list)
    expectation: Expectation | None = None

    @property
    def standing(self) -> Standing:
        """How the verdict compares with the expectation, or with a pass where there is none."""
        return standing(self.verdict, Verdict(self.expectation.verdict) if self.expectation else Verdict.PASS)

    def as_line(self, title: str) -> dict[str, Any]:
        """Return it as a line of the results file."""
        wanted = self.expectation
        return {
            "kind": "requirement",
            "id": self.requirement.id,
            "section": self.requirement.section,
            "title": title,
            "says": self.requirement.says,
            "doc": self.requirement.doc,
            "level": self.requirement.level,
            "check": self.requirement.check,
            "verdict": self.verdict.value,
            "tests": self.tests,
            "because": self.because,
            "observation": self.observation,
            "standing": self.standing,
            "expectation": wanted
            and {
                "requirement": wanted.requirement,
                "verdict": wanted.verdict,
                "reason": wanted.reason,
                "link": wanted.link,
            },
        }


def verdict_of(attempts: Iterable[str], observing: bool) -> Verdict:
    """Return the verdict on a test from those of all its attempts; a pass of a test that observes is ``observed``.

    An attempt that could not be made tells nothing of the backend, and so neither does the test.
    """
    verdicts = {Verdict(attempt) for attempt in attempts}
    if Verdict.NOT_RUN in verdicts:
        return Verdict.NOT_RUN
    if len(verdicts) > 1:
        return Verdict.FLAKY
    verdict = verdicts.pop()
    return Verdict.OBSERVED if verdict == Verdict.PASS and observing else verdict


def judge(
    registry: Registry,
    cell: Cell,
    results: Iterable[Mapping[str, Any]],
    not_run: Mapping[str, Collection[str]],
    expectations: list[Expectation],
    *,
    whole: bool,
    chosen: Callable[[Requirement], bool],
) -> list[Judgement]:
    """Return the judgement on each requirement that the run had to do with, in the order of the registry.

    ``results`` are the test lines of the results file; ``not_run`` names the tests that should have run and
    did not, with their requirements. ``whole`` says that nothing was selected: then requirements without a
    test that ran are judged too. ``chosen`` tells of which requirements all tests were asked for: those that no test
    can decide in this cell are judged if they are among them.
    """
    by_requirement: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for result in results:
        for id_ in result["requirements"]:
            by_requirement[id_].append(result)
    missed: dict[str, list[str]] = defaultdict(list)
    for test, ids in not_run.items():
        for id_ in ids:
            missed[id_].append(test)
    judgements = {}
    for requirement in registry.requirements.values():
        exempt = cell.exempt(requirement)
        tried, untried = by_requirement[requirement.id], missed[requirement.id]
        if exempt is not None:
            if chosen(requirement):
                judgements[requirement.id] = Judgement(requirement, *exempt)
        elif tried or untried or whole:
            judgements[requirement.id] = _from_tests(requirement, tried, untried)
    needs = {requirement.id: requirement.needs for requirement in registry.requirements.values()}
    tested = {id_: judgement.verdict for id_, judgement in judgements.items()}
    for judgement in judgements.values():
        root = unmet(judgement.requirement.id, needs, tested)
        if root is not None:
            judgement.verdict = Verdict.BLOCKED
            judgement.because = f"needs {root}, which is {tested[root].value}"
        judgement.expectation = expected(expectations, judgement.requirement.id)
    return list(judgements.values())


def _from_tests(requirement: Requirement, tried: list[Mapping[str, Any]], untried: list[str]) -> Judgement:
    verdicts = [Verdict(result["verdict"]) for result in tried]
    verdict = worst(verdicts + [Verdict.NOT_RUN] * len(untried))
    because = next((result["message"] for result in tried if result["verdict"] == verdict), "")
    if verdict == Verdict.NOT_RUN and not because:
        because = "its tests did not run"
    return Judgement(
        requirement,
        verdict,
        because,
        next((result["observation"] for result in tried if result["observation"] is not None), None),
        [result["test"] for result in tried] + untried,
    )


def exit_status(judgements: Iterable[Judgement], *, complete: bool) -> int:
    """Return the exit status of a run: that of :func:`mpreports.verdicts.exit_status`."""
    outcomes = [(judgement.verdict, judgement.standing) for judgement in judgements]
    return status_of(outcomes, complete=complete)
