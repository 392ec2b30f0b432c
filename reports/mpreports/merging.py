"""Shards of one cell made into one results file, as if one run had judged it all.

A shard is a run of a part of the suite. What it could not see is what the other shards found: a requirement may need
another one that was judged elsewhere. So the tests are taken from the shards as they are, and the requirements are
judged anew from all of them, by the rules in :mod:`mpreports.verdicts`.

What does not belong together is refused: a file that mixes two cells, or two states of the suite, says what is true
of neither.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mpreports.lines import Footer, Header, Requirement, Test
from mpreports.results import UNUSABLE, Results, ResultsError, ResultsWriter
from mpreports.swapping import swapped
from mpreports.verdicts import Verdict, standing, unmet, worst

_WITHOUT_TESTS = frozenset({Verdict.UNTESTABLE, Verdict.NOT_APPLICABLE, Verdict.UNSUPPORTED})
"""The verdicts that do not come from tests."""

_JUDGED = ("verdict", "tests", "because", "observation", "standing")
"""The keys of a requirement that come from its tests; in all others the shards must agree."""


def merge(shards: Sequence[Results], needs: Mapping[str, Sequence[str]], path: Path) -> None:
    """Write to the path the results that these shards, at least one, make together.

    ``needs`` holds all requirements of the suite that judged the shards, in the order of the document, and for each
    the ids of those that it cannot do without.

    Raises :class:`ResultsError` if the shards do not belong together or the file cannot be written; a file that was
    there is then left as it was.
    """
    _refuse_strangers(shards)
    tests = _tests(shards)
    requirements = _requirements(shards, needs, tests)
    whole = [entry["id"] for entry in requirements] == list(needs)
    header = _header(shards, len(tests), whole=whole)
    lines: list[Header | Test | Requirement] = [header, *tests.values(), *requirements]
    footer: Footer = {
        "kind": "footer",
        "requirements": dict(Counter(entry["verdict"] for entry in requirements)),
        "tests": dict(Counter(test["verdict"] for test in tests.values())),
        "seconds": round(sum(shard.footer["seconds"] for shard in shards), 3),
        "left": list(dict.fromkeys(name for shard in shards for name in shard.footer["left"])),
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


def _tests(shards: Sequence[Results]) -> dict[str, Test]:
    """Return the tests of all shards by name; one that several ran must have got the same verdict in all."""
    tests: dict[str, Test] = {}
    origin: dict[str, Path] = {}
    for shard in shards:
        for test in shard.tests:
            name = test["test"]
            if name in tests and tests[name]["verdict"] is not test["verdict"]:
                told = f"{name!a} is {test['verdict']}, and {tests[name]['verdict']} in {origin[name]}"
                raise ResultsError(f"{shard.path}: contradicts another shard: {told}; run both again", UNUSABLE)
            tests.setdefault(name, test)
            origin.setdefault(name, shard.path)
    return tests


def _requirements(
    shards: Sequence[Results], needs: Mapping[str, Sequence[str]], tests: Mapping[str, Test]
) -> list[Requirement]:
    """Return the requirements of all shards, judged by all tests, in the order of the document."""
    found: dict[str, list[Requirement]] = {}
    for shard in shards:
        for entry in shard.requirements:
            if entry["id"] not in needs:
                unknown = f"this suite has no requirement {entry['id']!a}"
                raise ResultsError(f"{shard.path}: {unknown}; merge it with the suite that made it", UNUSABLE)
            same = found.setdefault(entry["id"], [])
            if same and _said(same[0]) != _said(entry):
                told = f"of {entry['id']!a} it does not say what another shard does"
                remedy = "run all with the same suite, adapter and expectations"
                raise ResultsError(f"{shard.path}: does not belong to the others: {told}; {remedy}", UNUSABLE)
            same.append(entry)

    merged = [_judge(found[id_], tests) for id_ in needs if id_ in found]
    tested = {entry["id"]: entry["verdict"] for entry in merged}
    for entry in merged:
        root = unmet(entry["id"], needs, tested)
        if root is not None:
            entry["verdict"] = Verdict.BLOCKED
            entry["because"] = f"needs {root}, which is {tested[root]}"
        expectation = entry["expectation"]
        entry["standing"] = standing(entry["verdict"], expectation["verdict"] if expectation else Verdict.PASS)
    return merged


def _said(entry: Requirement) -> dict[str, Any]:
    """Return what must be the same in all shards that have the requirement."""
    said = {key: value for key, value in entry.items() if key not in _JUDGED}
    return said | {"without tests": entry["verdict"] if entry["verdict"] in _WITHOUT_TESTS else None}


def _judge(entries: Sequence[Requirement], tests: Mapping[str, Test]) -> Requirement:
    """Return one requirement as all its tests have it, whatever it needs."""
    merged = entries[0].copy()
    merged["tests"] = list(dict.fromkeys(name for entry in entries for name in entry["tests"]))
    own = [tests[name] for name in merged["tests"] if name in tests]
    if own and merged["verdict"] not in _WITHOUT_TESTS:
        verdict = worst(test["verdict"] for test in own)
        reasons = [entry["because"] for entry in entries if entry["verdict"] is verdict]
        reasons += [test["message"] for test in own if test["verdict"] is verdict]
        observations = [test["observation"] for test in own if test["observation"] is not None]
        merged["verdict"], merged["because"] = verdict, reasons[0]
        merged["observation"] = observations[0] if observations else None
    return merged


def _header(shards: Sequence[Results], tests: int, *, whole: bool) -> Header:
    """Return the header; ``whole`` says that no requirement of the suite is missing."""
    header = shards[0].header.copy()
    header["started"] = min(shard.header["started"] for shard in shards)
    header["tests"] = tests
    selections = [shard.header["selection"] for shard in shards]
    header["selection"] = None if whole or None in selections else ", ".join(dict.fromkeys(filter(None, selections)))
    return header
