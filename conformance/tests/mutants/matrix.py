"""What each pass is worth: which mutants the tests of a requirement notice, and what else fails on each mutant.

Every test meets the mutants of its whole module. That finds most tests that fail for what they do not verify, for a
sixth of what a section's worth of mutants would cost. What fails because it needs what is broken is no such test; and
what is told here failed twice.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import mpconform
import mutants
from mpconform.registry import load_registry
from mpreports.judging import Judged, Judgement, Tested, by_requirement, judge
from mpreports.lines import Test
from mpreports.text import one_line
from mpreports.verdicts import DEVIATIONS, Verdict
from mutants.plugin import NONE
from mutants.trying import Outcome, claims, outcome_of, run, tested, try_again

MANY = 12
"""How many requirements the text names that fail on one mutant: one that breaks everything tells nothing of each."""

Noticed = dict[tuple[str, str], str]
"""What was said by requirement and mutant, of what notices a mutant that does not name it."""


def try_widely(sections: Sequence[str], jobs: int) -> tuple[list[Outcome], Noticed]:
    """Try the mutants of these sections with all tests of the modules concerned."""
    outcomes: list[Outcome] = []
    noticed: Noticed = {}
    for section in sections:
        met = run([section], [], "fork", jobs, wide=True)
        pairs = [pair for those in claims([section]).values() for pair in those]
        first = [outcome_of(ident, name, met.get(name, [])) for ident, name in pairs]
        outcomes += try_again(first, [section], None, jobs)
        found = by_the_way(met)
        if found:
            ids = sorted({ident for ident, _ in found})
            again = run([section], ids, "fork", jobs, wide=True, only=",".join({name for _, name in found}))
            noticed |= {pair: said for pair, said in by_the_way(again).items() if pair in found}
    return outcomes, noticed


def by_the_way(met: Mapping[str, Sequence[Test]]) -> Noticed:
    """Return what fails with a mutant, passes without one, and is not said to break or to need what is broken."""
    bare = {ident for ident, one in judged(met.get(NONE, ())).items() if one.verdict in DEVIATIONS}
    found: Noticed = {}
    for name in met.keys() - {NONE}:
        broken = mutants.MUTANTS[name].requirements
        for ident, one in judged(met[name], broken).items():
            if one.verdict in DEVIATIONS and ident not in bare and ident not in broken:
                found[ident, name] = f"{one.verdict}: {one.because}"
    return found


def judged(lines: Sequence[Test], broken: Sequence[str] = ()) -> dict[str, Judgement]:
    """Return the verdict on each requirement in these lines, where these others are known to be broken."""
    tests = by_requirement(lines)
    for ident in broken:
        tests.setdefault(ident, []).append(Tested("", Judged(Verdict.FAIL)))
    return judge(tests, tests, {}, load_registry().needs)


def account(sections: Sequence[str], outcomes: Sequence[Outcome], noticed: Noticed) -> dict[str, Any]:
    """Return the account of the teeth of these sections, sorted, as it is written to a file."""
    by_requirement: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_requirement[outcome.requirement].append(outcome)
    unseen = {ident: why for section in sections for ident, why in mutants.load(section).UNSEEN.items()}
    others: dict[str, list[dict[str, str]]] = defaultdict(list)
    for (ident, name), said in sorted(noticed.items()):
        others[name].append({"requirement": ident, "said": said})
    names = {outcome.mutant for outcome in outcomes}
    return {
        "kind": "teeth",
        "schema": 1,
        "suite": mpconform.__version__,
        "python": "{}.{}.{}".format(*sys.version_info),
        "platform": sys.platform,
        "requirements": [
            {
                "requirement": requirement.id,
                "mutants": [
                    {
                        "mutant": one.mutant,
                        "clause": mutants.MUTANTS[one.mutant].clause,
                        "caught": one.seen,
                        "said": one.message,
                    }
                    for one in sorted(by_requirement[requirement.id], key=lambda one: one.mutant)
                ],
                "without": unseen.get(requirement.id),
            }
            for requirement in sorted(tested(sections), key=lambda one: one.id)
        ],
        "mutants": [
            {
                "mutant": name,
                "clause": mutants.MUTANTS[name].clause,
                "breaks": sorted(mutants.MUTANTS[name].requirements),
                "noticed": others[name],
            }
            for name in sorted(names)
        ],
    }


def write(path: Path, teeth: Mapping[str, Any]) -> None:
    """Write the account: as JSON if the file is called so, else as a text to be read."""
    text = json.dumps(teeth, indent=1) if path.suffix == ".json" else "\n".join(lines(teeth))
    path.write_text(text + "\n", encoding="utf-8")


def lines(teeth: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of the account as a text."""
    yield "WHAT EACH REQUIREMENT CATCHES"
    for entry in teeth["requirements"]:
        yield ""
        yield f"{entry['requirement']}  {sum(one['caught'] for one in entry['mutants'])} of {len(entry['mutants'])}"
        if entry["without"]:
            yield f"    no mutant: {entry['without']}"
        for one in entry["mutants"]:
            yield f"    {'caught  ' if one['caught'] else 'SURVIVED'}  {one['mutant']}: {one['clause']}"
            yield f"              {one_line(one['said'], 300)}"
    yield ""
    yield "WHAT ELSE FAILS ON A MUTANT, THOUGH IT NAMES AND NEEDS NOTHING THAT IS BROKEN"
    for entry in teeth["mutants"]:
        if entry["noticed"]:
            yield ""
            yield f"{entry['mutant']}: {entry['clause']}"
            yield f"    breaks {', '.join(entry['breaks'])}"
            for one in entry["noticed"][:MANY]:
                yield f"    {one['requirement']}  {one_line(one['said'], 300)}"
            if len(entry["noticed"]) > MANY:
                yield f"    and {len(entry['noticed']) - MANY} more"
