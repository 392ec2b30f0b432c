"""What there is to tell of a requirement beyond its verdicts: the reasons and dossiers, each told once.

Cells that say the same stand together. Of the same failure of a backend in several cells the first cell's dossier is
shown, and a script or a list of stacks that is on the page already is only pointed at: with sixty cells a page would
be a hundred copies of itself otherwise.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from mpreports.lines import Attempt, Dossier, Expectation, Requirement, Test, said_of
from mpreports.links import safe_link
from mpreports.site.model import Column, Row
from mpreports.verdicts import DEVIATIONS, UNEXPECTED, Verdict

_NUMBER = re.compile(r"0x[0-9a-f]+|\d+(\.\d+)?")


@dataclass(frozen=True)
class TestShown:
    """A test that did not pass, as its group shows it."""

    test: Test
    verdict: Verdict
    """What it says of the requirement."""
    message: str
    attempts: list[Attempt]
    """Those of a test whose attempts differ from each other."""
    dossier: Dossier | None
    script: str
    """The fragment of the script, on this page; empty if there is none."""
    repeated: bool
    """Whether the script is further up on the page."""


@dataclass(frozen=True)
class Group:
    """Cells that give the same verdict for the same reason."""

    verdict: Verdict
    standing: str
    because: str
    """The reason, unless a test's message says it already."""
    expectation: Expectation | None
    link: str | None
    """The expectation's link, if it is one that a page may link to."""
    columns: list[Column]
    tests: list[TestShown]

    @property
    def deviates(self) -> bool:
        """Whether the promise is not kept."""
        return self.verdict in DEVIATIONS

    @property
    def unexpected(self) -> bool:
        """Whether the verdict is worse or better than expected."""
        return self.standing in UNEXPECTED


@dataclass(frozen=True)
class Answer:
    """What some cells do where the documentation leaves it open."""

    text: str
    columns: list[Column]


def groups(row: Row, columns: Sequence[Column]) -> list[Group]:
    """Return what the cells say of the requirement, other than that they keep it: deviations first."""
    members: dict[str, list[tuple[Column, Requirement]]] = {}
    for column, entry in zip(columns, row.entries, strict=True):
        if entry is not None and not _needs_no_word(entry):
            members.setdefault(_same(column, entry), []).append((column, entry))
    scripts: dict[str, str] = {}
    found = [_group([column for column, _ in those], those[0][1], scripts) for those in members.values()]
    return sorted(found, key=lambda group: not (group.deviates or group.unexpected))


def answers(row: Row, columns: Sequence[Column]) -> list[Answer]:
    """Return the distinct answers of the cells."""
    found: dict[str, list[Column]] = {}
    for column, entry in zip(columns, row.entries, strict=True):
        if entry is not None and entry["observation"] is not None:
            found.setdefault(entry["observation"], []).append(column)
    return [Answer(text, those) for text, those in found.items()]


def _needs_no_word(entry: Requirement) -> bool:
    if entry["verdict"] == Verdict.OBSERVED:
        return not entry["because"]
    return entry["verdict"] == Verdict.PASS and entry["standing"] not in UNEXPECTED


def _same(column: Column, entry: Requirement) -> str:
    """Return a text that is the same for cells of one group; each backend's deviations stand for themselves.

    The numbers in what they say, such as those of processes and addresses in memory, are other ones each time.
    """
    deviates = entry["verdict"] in DEVIATIONS
    said = [entry["because"]]
    for name in _told(column, entry):
        told = said_of(entry["id"], column.tests[name])
        said += [name, told["verdict"], told["message"]]
    if deviates:
        said = [_NUMBER.sub("0", text) for text in said]
    backend = column.backend if deviates else ""
    return json.dumps((backend, entry["verdict"], entry["standing"], entry["expectation"], said))


def _told(column: Column, entry: Requirement) -> list[str]:
    """Return the names of the tests that a group tells of: those that did not pass, and have something to say."""
    if entry["verdict"] is Verdict.BLOCKED:
        return []  # whatever its tests did, nothing is said of it but what blocks it
    silent = (Verdict.PASS, Verdict.BLOCKED)
    tests = [name for name in entry["tests"] if name in column.tests]
    return [name for name in tests if said_of(entry["id"], column.tests[name])["verdict"] not in silent]


def _group(columns: list[Column], entry: Requirement, scripts: dict[str, str]) -> Group:
    tests = []
    for name in _told(columns[0], entry):
        test = columns[0].tests[name]
        told = said_of(entry["id"], test)
        text = test["dossier"]["reproducer"] if test["dossier"] else ""
        repeated = text in scripts
        script = scripts.setdefault(text, f"script-{len(scripts) + 1}") if text else ""
        tests.append(
            TestShown(test, told["verdict"], told["message"], _attempts(test), test["dossier"], script, repeated)
        )
    expectation = entry["expectation"]
    return Group(
        verdict=entry["verdict"],
        standing=entry["standing"],
        because="" if any(shown.message == entry["because"] for shown in tests) else entry["because"],
        expectation=expectation,
        link=safe_link(expectation["link"]) if expectation else None,
        columns=columns,
        tests=tests,
    )


def _attempts(test: Test) -> list[Attempt]:
    """Return the attempts, unless they all say what the test says, or it says several things."""
    if test["promises"]:
        return []  # each is the worst of what that run said, and so of other requirements too
    said = {(attempt["verdict"], _NUMBER.sub("0", attempt["message"])) for attempt in test["attempts"]}
    return [] if said <= {(test["verdict"], _NUMBER.sub("0", test["message"]))} else test["attempts"]
