"""Trying mutants: one run of the suite in which each test meets the mutants that it should notice."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import mutants
from mpconform.registry import Requirement, load_registry
from mpreports.results import read_results
from mpreports.verdicts import DEVIATIONS
from mutants.plugin import NAMED

HERE = Path(__file__).parent.parent

LIMIT = 3000
"""Seconds after which a run is given up."""

TRIES = 3
"""How often a mutant is tried, at most, until a test notices it."""

PATIENCE = "0.3"
"""A mutant that hangs costs the deadline of a test, twice; so these are shorter here."""


@dataclass(frozen=True)
class Outcome:
    """What the tests of one requirement said to one mutant that breaks it."""

    requirement: str
    mutant: str
    seen: bool
    message: str
    """What the first test that noticed it said, or what became of the tests that did not."""


def in_this_edition(requirement: Requirement) -> bool:
    """Return whether the running interpreter can show the requirement under some start method."""
    edition = "{}.{}".format(*sys.version_info)
    return requirement.not_applicable(edition, sys.platform, method_of(requirement)) is None


def method_of(requirement: Requirement) -> str:
    """Return the start method under which a requirement's mutants are tried: fork, which is fast, if it is promised."""
    methods = requirement.start_methods
    return "fork" if not methods or "fork" in methods else methods[0]


def tested(sections: Collection[str]) -> Iterator[Requirement]:
    """Yield the requirements of these sections that must have mutants: those that a test decides."""
    for requirement in load_registry().requirements.values():
        decided = requirement.untestable is None and requirement.ambiguous is None
        if requirement.section in sections and decided and in_this_edition(requirement):
            yield requirement


def without_mutant(sections: Collection[str]) -> list[str]:
    """Return the ids of tested requirements that no mutant breaks, and of which ``UNSEEN`` does not say why."""
    explained = {ident for section in sections for ident in getattr(mutants.load(section), "UNSEEN", {})}
    broken = {ident for mutant in mutants.MUTANTS.values() for ident in mutant.requirements}
    return [requirement.id for requirement in tested(sections) if requirement.id not in broken | explained]


def try_mutants(
    sections: Sequence[str], globs: Sequence[str] = (), method: str | None = None, jobs: int = 1
) -> list[Outcome]:
    """Try the mutants that break requirements of these sections, each with the tests of the requirement.

    What only a race shows may be missed by chance, so what no test noticed is tried again.
    """
    outcomes = try_once(sections, globs, method, jobs)
    for _ in range(TRIES - 1):
        missed = [outcome for outcome in outcomes if not outcome.seen]
        if not missed:
            break
        again = try_once(sections, [outcome.requirement for outcome in missed], method, jobs)
        seen = {(outcome.requirement, outcome.mutant): outcome for outcome in again if outcome.seen}
        outcomes = [seen.get((outcome.requirement, outcome.mutant), outcome) for outcome in outcomes]
    return outcomes


def try_once(sections: Sequence[str], globs: Sequence[str], method: str | None, jobs: int) -> list[Outcome]:
    """Try the mutants that break the requirements of these sections like any of the globs, or all."""
    for section in sections:
        mutants.load(section)
    registry = load_registry()
    claims: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for mutant in mutants.MUTANTS.values():
        for ident in mutant.requirements:
            requirement = registry.get(ident)
            wanted = not globs or any(fnmatchcase(ident, glob) for glob in globs)
            if requirement.section in sections and wanted and in_this_edition(requirement):
                claims[method or method_of(requirement)].append((ident, mutant.name))
    outcomes: list[Outcome] = []
    for chosen, pairs in claims.items():
        # Under fork the sections say which, and all of them is a shorter command line than each.
        wanted_ids = [ident for ident, _ in pairs] if globs or chosen != "fork" else []
        said = run(sections, wanted_ids, chosen, jobs)
        outcomes += [Outcome(*pair, *said.get(pair, (False, "no test met it"))) for pair in pairs]
    return outcomes


def run(
    sections: Sequence[str], globs: Sequence[str], method: str, jobs: int
) -> dict[tuple[str, str], tuple[bool, str]]:
    """Run the suite with mutants; return, for each requirement and mutant, whether it was noticed and what was said."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder, "results.jsonl")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "mutants.plugin", "--pyargs", "mpconform.sections"]
        command += ["--backend", "mutants.backend", "--start-method", method, "--results", str(results)]
        command += ["--patience", PATIENCE, "--no-confirm", "--jobs", str(jobs)]
        command += [f"--section={section}" for section in sections] + [f"--requirement={glob}" for glob in globs]
        path = os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH")]))
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("MPCONFORM_", "PYTEST_"))}
        environment["PYTHONPATH"] = path
        log = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, timeout=LIMIT)
        if log.returncode not in (0, 1):
            raise RuntimeError(f"pytest ended with status {log.returncode}: {log.stdout[-3000:]}\n{log.stderr[-3000:]}")
        said: dict[tuple[str, str], tuple[bool, str]] = {}
        for line in read_results(results).tests:
            named = NAMED.search(line["test"])
            if named is None:
                raise RuntimeError(f"no mutant in the name of {line['test']}")
            for ident in line["requirements"]:
                own = line["promises"].get(ident, line)
                if not said.get((ident, named[1]), (False, ""))[0]:
                    said[ident, named[1]] = (own["verdict"] in DEVIATIONS, f"{own['verdict']}: {own['message']}")
        return said
