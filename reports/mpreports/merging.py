"""Shards of one cell made into one results file, as if one run had judged it all.

A shard is a run of a part of the suite. What it could not see is what the other shards found: a requirement may need
another one that was judged elsewhere. So the tests are taken from the shards as they are, and the requirements are
judged anew from all of them, by :mod:`mpreports.judging`, as a run does it. All that this takes is in the files.

What does not belong together is refused: a file that mixes two cells, or two states of the suite, says what is true
of neither.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mpreports.judging import UNTRIED, Judgement, by_requirement, judge
from mpreports.lines import Footer, Header, Requirement, Test, said_of
from mpreports.results import UNUSABLE, Results, ResultsError, ResultsWriter
from mpreports.swapping import swapped
from mpreports.verdicts import DEVIATIONS, Verdict, standing, worst

_JUDGED = ("verdict", "tests", "because", "observation", "standing")
"""The keys of a requirement that come from its tests; in all others the shards must agree."""


def merge(shards: Sequence[Results], ids: Sequence[str], path: Path) -> None:
    """Write to the path the results that these shards, at least one, make together.

    ``ids`` are the requirements of the suite that judged the shards, in the order of the document.

    Raises :class:`ResultsError` if the shards do not belong together or the file cannot be written; a file that was
    there is then left as it was.
    """
    _refuse_strangers(shards)
    tests = _tests(shards)
    requirements = _requirements(shards, ids, tests)
    whole = len(requirements) == len(ids)
    header = _header(shards, len(tests), whole=whole)
    lines: list[Header | Test | Requirement] = [header, *tests.values(), *requirements]
    footer: Footer = {
        "kind": "footer",
        "requirements": dict(Counter(entry["verdict"] for entry in requirements)),
        "tests": dict(Counter(test["verdict"] for test in tests.values())),
        "seconds": round(sum(shard.footer["seconds"] for shard in shards), 3),
        "ended": next((shard.footer["ended"] for shard in shards if shard.footer["ended"] is not None), None),
        "lines": len(lines),
    }
    try:
        with swapped(path) as beside:
            writer = ResultsWriter(beside)
            try:
                for line in [*lines, footer]:
                    writer.write(line)
            finally:
                writer.close()
    except OSError as error:
        raise ResultsError(f"{path}: cannot be written: {error.strerror or error}", UNUSABLE) from error


def _refuse_strangers(shards: Sequence[Results]) -> None:
    first = shards[0]
    for shard in shards[1:]:
        for (name, here), (_, there) in zip(_belonging(shard), _belonging(first), strict=True):
            if here != there:
                told = f"its {name} is {here!a}, and {there!a} in {first.path}"
                remedy = "merge shards of one cell, run with the same suite, edition and seed"
                raise ResultsError(f"{shard.path}: does not belong to the others: {told}; {remedy}", UNUSABLE)


def _belonging(shard: Results) -> Iterator[tuple[str, object]]:
    """Yield what must be the same in all shards, with a name for it."""
    yield from ((key.replace("_", " "), value) for key, value in shard.header["cell"].items())
    yield "suite version", shard.header["suite"]
    yield "edition", shard.header["edition"]
    yield "seed", shard.header["seed"]
    yield "seed of chaos", shard.header.get("chaos")


def _tests(shards: Sequence[Results]) -> dict[str, Test]:
    """Return the tests of all shards by name; one that several ran must have said the same in all."""
    tests: dict[str, Test] = {}
    origin: dict[str, Path] = {}
    for shard in shards:
        for test in shard.tests:
            name = test["test"]
            if name not in tests or tests[name]["verdict"] is Verdict.NOT_RUN:
                tests[name], origin[name] = test, shard.path
            elif test["verdict"] is not Verdict.NOT_RUN:
                for id_ in test["requirements"]:
                    here, there = (said_of(id_, one)["verdict"] for one in (test, tests[name]))
                    if here is not there:
                        told = f"by {name!a}, {id_!a} is {here}, and {there} in {origin[name]}"
                        raise ResultsError(f"{shard.path}: contradicts another shard: {told}; run both again", UNUSABLE)
    return tests


def _requirements(shards: Sequence[Results], ids: Sequence[str], tests: Mapping[str, Test]) -> list[Requirement]:
    """Return the requirements of all shards, judged by all tests, in the order of the document."""
    found: dict[str, list[Requirement]] = {id_: [] for id_ in ids}
    for shard in shards:
        for entry in shard.requirements:
            if entry["id"] not in found:
                unknown = f"this suite has no requirement {entry['id']!a}"
                raise ResultsError(f"{shard.path}: {unknown}; merge it with the suite that made it", UNUSABLE)
            same = found[entry["id"]]
            if same and _said(same[0]) != _said(entry):
                told = f"of {entry['id']!a} it does not say what another shard does"
                remedy = "run all with the same suite, adapter and expectations"
                raise ResultsError(f"{shard.path}: does not belong to the others: {told}; {remedy}", UNUSABLE)
            same.append(entry)

    first = {id_: entries[0] for id_, entries in found.items() if entries}
    exempt = {id_: (one["verdict"], one["because"]) for id_, one in first.items() if one["verdict"] in UNTRIED}
    needs = {id_: one["needs"] for id_, one in first.items()}
    judgements = judge(first, by_requirement(tests.values()), exempt, needs)
    for id_, because in _blocked(shards).items():
        if judgements[id_].verdict in DEVIATIONS:
            judgements[id_] = judgements[id_]._replace(verdict=Verdict.BLOCKED, because=because)
    return [_judged(first[id_], judgement) for id_, judgement in judgements.items()]


def _blocked(shards: Sequence[Results]) -> dict[str, str]:
    """Return which requirements do not pass and are blocked in a shard, and why: they are so in the whole too.

    A run knows all needs, and a file only those of the requirements that it holds: what lies between two that were
    chosen by their ids may be missing.
    """
    found: dict[str, str] = {}
    for shard in shards:
        told = by_requirement(shard.tests)
        for entry in shard.requirements:
            own = worst(one.judged.verdict for one in told.get(entry["id"], ()))
            if entry["verdict"] is Verdict.BLOCKED and own in DEVIATIONS:
                found.setdefault(entry["id"], entry["because"])
    return found


def _said(entry: Requirement) -> dict[str, Any]:
    """Return what must be the same in all shards that have the requirement."""
    said = {key: value for key, value in entry.items() if key not in _JUDGED}
    return said | {"without tests": entry["verdict"] if entry["verdict"] in UNTRIED else None}


def _judged(entry: Requirement, judgement: Judgement) -> Requirement:
    """Return the line of a requirement with this judgement on it."""
    merged = entry.copy()
    merged["verdict"], merged["because"] = judgement.verdict, judgement.because
    merged["observation"], merged["tests"] = judgement.observation, list(judgement.tests)
    expectation = merged["expectation"]
    merged["standing"] = standing(merged["verdict"], expectation["verdict"] if expectation else Verdict.PASS)
    return merged


def _header(shards: Sequence[Results], tests: int, *, whole: bool) -> Header:
    """Return the header; ``whole`` says that no requirement of the suite is missing."""
    header = shards[0].header.copy()
    header["started"] = min(shard.header["started"] for shard in shards)
    header["tests"] = tests
    selections = [shard.header["selection"] for shard in shards]
    header["selection"] = None if whole or None in selections else ", ".join(dict.fromkeys(filter(None, selections)))
    return header
