"""What the page shows, computed from results: plain values in the order in which they are shown.

Nothing here is HTML. Texts are passed on as they are; the page makes them fit to be shown.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from mpreports.lines import Expectation, Requirement, Test
from mpreports.results import Results
from mpreports.summary import closing_line
from mpreports.text import one_line
from mpreports.verdicts import DEVIATIONS, Verdict


@dataclass(frozen=True)
class CellView:
    """One column of the matrix."""

    anchor: str
    results: Results
    closing: str
    counts: dict[Verdict, int]
    """By verdict, in the order of the verdicts; those that occur."""


@dataclass(frozen=True)
class Judgement:
    """What one cell does about one requirement."""

    anchor: str
    cell: CellView
    entry: Requirement
    tests: list[Test]
    summary: str
    """The verdict and what it is about, in one line."""
    mark: str
    """A word below the verdict, where the verdict alone would mislead; mostly empty."""
    because: str
    """Why the verdict is what it is, unless a test's message says it already."""
    expectation: Expectation | None
    link: str | None
    """The expectation's link, if it is one that a page may link to."""


@dataclass(frozen=True)
class Row:
    """One requirement, over all cells."""

    anchor: str
    entry: Requirement
    """As the results that hold the most requirements have it."""
    link: str
    """The place in the public documentation."""
    judgements: list[Judgement | None]
    """One for each cell; None where the results of the cell do not have the requirement."""
    find: str
    """What the text filter looks into."""
    deviates: bool
    """Whether any cell deviates, or does not do what was expected of it."""


@dataclass(frozen=True)
class Section:
    """One section of the documentation."""

    title: str
    rows: list[Row]


@dataclass(frozen=True)
class Page:
    """Everything that the page shows."""

    cells: list[CellView]
    sections: list[Section]
    verdicts: list[Verdict]
    """The verdicts that occur anywhere."""


def build_page(results: Sequence[Results]) -> Page:
    """Return what a page about these runs shows; the cells are in the order given."""
    taken: set[str] = set()
    cells = []
    for run in results:
        counts = Counter(entry["verdict"] for entry in run.requirements)
        by_verdict = {verdict: counts[verdict] for verdict in Verdict if counts[verdict]}
        cell = run.header["cell"]
        name = "-".join([cell["backend"], cell["start_method"], cell["python"], cell["platform"]])
        cells.append(CellView(_anchor(name, taken), run, closing_line(run.requirements), by_verdict))

    # The order of the document is that of the run that has most of it.
    longest_first = sorted(results, key=lambda run: -len(run.requirements))
    rows: dict[str, list[Row]] = {}
    seen: set[str] = set()
    entries = [{entry["id"]: entry for entry in run.requirements} for run in results]
    tests = [{test["test"]: test for test in run.tests} for run in results]
    for run in longest_first:
        for entry in run.requirements:
            if entry["id"] in seen:
                continue
            seen.add(entry["id"])
            anchor = _anchor(entry["id"], taken)
            judgements = [
                _judge(anchor, cell, found[entry["id"]], known) if entry["id"] in found else None
                for cell, found, known in zip(cells, entries, tests, strict=True)
            ]
            row = _row(anchor, entry, judgements, documentation(entry["doc"], run.header["edition"]))
            rows.setdefault(entry["title"], []).append(row)

    occurring = [verdict for verdict in Verdict if any(verdict in cell.counts for cell in cells)]
    return Page(cells, [Section(title, members) for title, members in rows.items()], occurring)


def _judge(row: str, cell: CellView, entry: Requirement, tests: dict[str, Test]) -> Judgement:
    expectation = entry["expectation"]
    own = [tests[name] for name in entry["tests"] if name in tests]
    summary = f"{entry['verdict']}: {one_line(entry['because']) or entry['verdict'].meaning}"
    mark = ""
    if entry["standing"] in ("worse", "better"):
        mark = f"{entry['standing']} than expected"
    elif entry["verdict"] in DEVIATIONS:
        mark = "expected" if entry["standing"] == "expected" else "not scored"
    return Judgement(
        anchor=f"{row}--{cell.anchor}",
        cell=cell,
        entry=entry,
        tests=own,
        summary=summary,
        mark=mark,
        because="" if any(test["message"] == entry["because"] for test in own) else entry["because"],
        expectation=expectation,
        link=safe_link(expectation["link"]) if expectation else None,
    )


def _row(anchor: str, entry: Requirement, judgements: list[Judgement | None], link: str) -> Row:
    find = [entry["id"], entry["says"], entry["title"], entry["doc"], entry["level"]]
    deviates = False
    for judgement in judgements:
        if judgement is not None:
            find.append(judgement.entry["verdict"])
            odd = judgement.entry["standing"] in ("worse", "better")
            deviates = deviates or odd or judgement.entry["verdict"] in DEVIATIONS
    return Row(anchor, entry, link, judgements, " ".join(dict.fromkeys(find)).lower(), deviates)


def _anchor(name: str, taken: set[str]) -> str:
    """Return a fragment for the name, which is the name itself where that can be; no two are the same.

    It never holds a colon, which the template's own fragments do, nor two hyphens in a row.
    """
    anchor = base = re.sub(r"[^A-Za-z0-9._]+", "-", name).strip("-") or "unnamed"
    number = 1
    while anchor in taken:
        number += 1
        anchor = f"{base}-{number}"
    taken.add(anchor)
    return anchor


def documentation(doc: str, edition: str) -> str:
    """Return the address of an anchor such as ``multiprocessing.Process.join`` in that edition of the documentation."""
    module, hash_, fragment = doc.partition("#")
    if not hash_:
        module, fragment = "multiprocessing", doc
        if doc.startswith("multiprocessing.shared_memory"):  # the one submodule that has a page of its own
            module = "multiprocessing.shared_memory"
    edition = edition if re.fullmatch(r"3\.\d{1,2}", edition) else "3"
    page = f"https://docs.python.org/{edition}/library/{quote(module, errors='replace')}.html"
    return f"{page}#{quote(fragment, errors='replace')}"


def safe_link(text: str | None) -> str | None:
    """Return the text if it is an ``http`` or ``https`` address and nothing else, so that a page may link to it."""
    if text is None or re.search(r"[^\x21-\x7e]", text):
        return None
    try:
        parts = urlsplit(text)
    except ValueError:  # such as an unclosed bracket
        return None
    return text if parts.scheme in ("http", "https") and parts.netloc else None
