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
from mpreports.lines import Test, said_of
from mpreports.results import read_results
from mpreports.verdicts import DEVIATIONS
from mutants.plugin import NAMED, ONLY, WIDE

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
    return try_again(try_once(sections, globs, method, jobs), sections, method, jobs)


def try_again(outcomes: list[Outcome], sections: Sequence[str], method: str | None, jobs: int) -> list[Outcome]:
    """Return the outcomes with those of what no test noticed replaced, if a test notices it when it is tried again."""
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
    outcomes: list[Outcome] = []
    for chosen, pairs in claims(sections, globs, method).items():
        # Under fork the sections say which, and all of them is a shorter command line than each.
        wanted_ids = [ident for ident, _ in pairs] if globs or chosen != "fork" else []
        met = run(sections, wanted_ids, chosen, jobs)
        outcomes += [outcome_of(ident, name, met.get(name, [])) for ident, name in pairs]
    return outcomes


def claims(
    sections: Sequence[str], globs: Sequence[str] = (), method: str | None = None
) -> dict[str, list[tuple[str, str]]]:
    """Return which requirement each mutant is to break, by the start method under which it is tried."""
    for section in sections:
        mutants.load(section)
    registry = load_registry()
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for mutant in mutants.MUTANTS.values():
        for ident in mutant.requirements:
            requirement = registry.get(ident)
            wanted = not globs or any(fnmatchcase(ident, glob) for glob in globs)
            if requirement.section in sections and wanted and in_this_edition(requirement):
                found[method or method_of(requirement)].append((ident, mutant.name))
    return found


def outcome_of(ident: str, name: str, lines: Sequence[Test]) -> Outcome:
    """Return what the tests of one requirement say to a mutant; ``lines`` are those of the tests that met it."""
    told = [said_of(ident, line) for line in lines if ident in line["requirements"]]
    messages = [f"{said['verdict']}: {said['message']}" for said in told]
    pattern = mutants.MUTANTS[name].says
    for said, message in zip(told, messages, strict=True):
        if said["verdict"] in DEVIATIONS and (pattern is None or pattern.search(message)):
            return Outcome(ident, name, True, message)
    last = messages[-1] if messages else "no test met it"
    if pattern is not None and any(said["verdict"] in DEVIATIONS for said in told):
        last = f"fails without saying {pattern.pattern!r}: {last}"
    return Outcome(ident, name, False, last)


def run(
    sections: Sequence[str], globs: Sequence[str], method: str, jobs: int, *, wide: bool = False, only: str = ""
) -> dict[str, list[Test]]:
    """Run the suite with mutants; return the lines of the tests that met each of them.

    A test meets the mutants that break what it verifies; with ``wide``, those too that break what another test of its
    module verifies, and none at all. ``only`` names those to which this is confined, with commas between.
    """
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder, "results.jsonl")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "mutants.plugin", "--pyargs", "mpconform.sections"]
        command += ["--backend", "mutants.backend", "--start-method", method, "--results", str(results)]
        command += ["--patience", PATIENCE, "--no-confirm", "--jobs", str(jobs)]
        command += [f"--section={section}" for section in sections] + [f"--requirement={glob}" for glob in globs]
        path = os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH")]))
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("MPCONFORM_", "PYTEST_"))}
        environment |= {"PYTHONPATH": path, WIDE: "1" if wide else "", ONLY: only}
        log = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, timeout=LIMIT)
        if log.returncode not in (0, 1):
            raise RuntimeError(f"pytest ended with status {log.returncode}: {log.stdout[-3000:]}\n{log.stderr[-3000:]}")
        met: dict[str, list[Test]] = defaultdict(list)
        for line in read_results(results).tests:
            named = NAMED.search(line["test"])
            if named is None:
                raise RuntimeError(f"no mutant in the name of {line['test']}")
            met[named[1]].append(line)
        return met
