"""How much of the documentation is tested: the proof that nothing was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mpconform.registry.accounts import is_pending, load_accounts
from mpconform.registry.model import Registry, Requirement
from mpconform.registry.testing import TestRef


@dataclass(frozen=True, slots=True)
class Coverage:
    """The counts of one section.

    ``sentences`` is the sum of those that yield requirements, ``not_normative`` and ``pending_sentences``;
    ``requirements`` is the sum of ``tested``, ``observed``, ``untestable`` and ``pending_requirements``.
    """

    section: str
    title: str
    sentences: int
    not_normative: int
    requirements: int
    tested: int
    observed: int
    untestable: int
    pending_sentences: int
    pending_requirements: int

    @property
    def pending(self) -> int:
        """How much is still to be done: sentences without requirements, and requirements without tests."""
        return self.pending_sentences + self.pending_requirements


def standing(requirement: Requirement, tests: Mapping[str, Sequence[TestRef]]) -> str:
    """Return how a requirement is dealt with: ``tested``, ``observed``, ``untestable`` or ``pending``."""
    if requirement.untestable is not None:
        return "untestable"
    if not tests.get(requirement.id):
        return "pending"
    return "tested" if requirement.ambiguous is None else "observed"


def coverage(registry: Registry, tests: Mapping[str, Sequence[TestRef]]) -> list[Coverage]:
    """Return the counts of every section; ``tests`` is from ``tests_by_requirement``."""
    result = []
    accounts = load_accounts(registry)
    for section, title in registry.titles.items():
        account = accounts[section]
        requirements = [requirement for requirement in registry.requirements.values() if requirement.section == section]
        standings = [standing(requirement, tests) for requirement in requirements]
        result.append(
            Coverage(
                section=section,
                title=title,
                sentences=len(account),
                not_normative=sum(sentence.not_normative is not None for sentence in account),
                requirements=len(requirements),
                tested=standings.count("tested"),
                observed=standings.count("observed"),
                untestable=standings.count("untestable"),
                pending_sentences=sum(is_pending(sentence, registry) for sentence in account),
                pending_requirements=standings.count("pending"),
            )
        )
    return result
