"""What the site shows, computed from results: plain values, in the order in which they are shown.

Nothing here is HTML. Texts of a results file are passed on as they are, and are made fit to be shown when a
template shows them; only what becomes an address or a file name is made safe here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from mpreports.judging import never_arisen
from mpreports.lines import Header, Requirement, Test
from mpreports.links import documentation, documentation_of, slug
from mpreports.results import UNUSABLE, Results, ResultsError
from mpreports.summary import closing_line, early_end
from mpreports.text import one_line
from mpreports.verdicts import DEVIATIONS, SCORED, UNEXPECTED, Verdict

Counts = dict[Verdict, int]
"""How many requirements got each verdict; those that occur, in the order of the verdicts."""

COVERAGE = ("tested", "observed", "untestable", "undecided")
"""What can become of a requirement over all cells."""


@dataclass(frozen=True, eq=False)
class Column:
    """One column of the matrix: one cell."""

    results: Results
    anchor: str
    backend: str
    version: str
    method: str
    python: str
    """The version, after the name of the implementation unless that is CPython."""
    platform: str

    @property
    def header(self) -> Header:
        """The first line of the results file."""
        return self.results.header

    @property
    def name(self) -> str:
        """The cell in one line."""
        return f"{self.backend} {self.version}, {self.method}, {self.python}, {self.platform}"

    @property
    def minor(self) -> str:
        """Python without its patch release: what one filters by."""
        return re.sub(r"(\d+\.\d+)\.\S*$", r"\1", self.python)

    @cached_property
    def closing(self) -> str:
        """The run in one line."""
        return closing_line(self.results.requirements)

    @property
    def early(self) -> str:
        """What ended the run before all was done, in one line; empty if nothing did."""
        return early_end(self.results)

    @cached_property
    def counts(self) -> Counts:
        """The verdicts of the whole cell."""
        return count(self.results.requirements)

    @cached_property
    def tests(self) -> dict[str, Test]:
        """The tests by name."""
        return {test["test"]: test for test in self.results.tests}

    @cached_property
    def seconds(self) -> dict[str, float]:
        """How long the tests of each section took, all together."""
        sections = {test: entry["section"] for entry in self.results.requirements for test in entry["tests"]}
        spent: dict[str, float] = {}
        for test in self.results.tests:
            section = sections.get(test["test"], "")
            spent[section] = spent.get(section, 0) + test["seconds"]
        return spent


@dataclass(frozen=True, eq=False)
class Row:
    """One requirement, over all cells."""

    entry: Requirement
    """As the results that hold the most requirements have it."""
    slug: str
    """The name of its page, without the suffix."""
    link: str
    """The place in the public documentation."""
    via: str
    """What other documentation makes the promise; empty if none does."""
    via_link: str
    """The place in that."""
    entries: list[Requirement | None]
    """One for each cell; None where the results of the cell do not have the requirement."""

    @cached_property
    def verdicts(self) -> list[Verdict]:
        """The verdicts that occur, each once, in the order of the verdicts."""
        found = {entry["verdict"] for entry in self.entries if entry is not None}
        return [verdict for verdict in Verdict if verdict in found]

    @property
    def tests(self) -> list[str]:
        """The tests that verify it in any cell."""
        return list(dict.fromkeys(test for entry in self.entries if entry is not None for test in entry["tests"]))

    @cached_property
    def coverage(self) -> tuple[str, str]:
        """What became of the requirement over all cells, one of :data:`COVERAGE`, and why, if that is to be told."""
        if any(verdict in SCORED for verdict in self.verdicts):
            return "tested", ""
        if Verdict.OBSERVED in self.verdicts:
            return "observed", "the documentation leaves it open"
        reasons = list(dict.fromkeys(one_line(entry["because"]) for entry in self.entries if entry is not None))
        account = "untestable" if Verdict.UNTESTABLE in self.verdicts else "undecided"
        return account, "; ".join(reasons)

    @cached_property
    def never_arisen(self) -> str:
        """What did not arise in any cell, so that the requirement was never tried; empty if it was."""
        return never_arisen(entry for entry in self.entries if entry is not None)

    @property
    def uniform(self) -> bool:
        """Whether every cell has the requirement, and all have the same verdict and standing."""
        return len({entry and (entry["verdict"], entry["standing"]) for entry in self.entries}) == 1


@dataclass(frozen=True)
class Section:
    """One section of the documentation."""

    name: str
    anchor: str
    title: str
    rows: list[Row]

    @cached_property
    def coverage(self) -> Counter[str]:
        """How many requirements each account of :data:`COVERAGE` is true of."""
        return Counter(row.coverage[0] for row in self.rows)

    @cached_property
    def counts(self) -> list[Counts]:
        """The verdicts of each cell in this section."""
        columns = zip(*(row.entries for row in self.rows), strict=True)
        return [count([entry for entry in column if entry is not None]) for column in columns]


@dataclass(frozen=True)
class Line:
    """One line of the table of a requirement's verdicts: the cells that only the start method divides."""

    column: Column
    """The first of them."""
    indexes: list[int | None]
    """For each start method the number of the cell; None where no cell was judged under it."""


@dataclass(frozen=True)
class Head:
    """A head over one or more columns of the matrix."""

    text: str
    note: str
    span: int


@dataclass(frozen=True)
class Facet:
    """Something to filter the matrix by."""

    key: str
    """Its name in the address."""
    title: str
    options: dict[str, str]
    """What is shown for each value."""


@dataclass(frozen=True)
class Site:
    """Everything that the site shows."""

    columns: list[Column]
    sections: list[Section]
    backends: dict[str, str]
    """The name of each backend's page, without the suffix."""

    @property
    def rows(self) -> list[Row]:
        """All requirements, in the order of the documentation."""
        return [row for section in self.sections for row in section.rows]

    @cached_property
    def verdicts(self) -> list[Verdict]:
        """The verdicts that occur anywhere."""
        return [verdict for verdict in Verdict if any(verdict in column.counts for column in self.columns)]

    @property
    def editions(self) -> list[str]:
        """The editions of the documentation that the cells were judged by."""
        return sorted({one_line(column.header["edition"], 60) for column in self.columns}, key=_by_numbers)

    @property
    def longest(self) -> float:
        """The seconds of the section that took longest in any cell; never zero."""
        return max(seconds for column in self.columns for seconds in [*column.seconds.values(), 0.001])

    @cached_property
    def methods(self) -> list[str]:
        """The start methods, in the order of the cells."""
        return list(dict.fromkeys(column.header["cell"]["start_method"] for column in self.columns))

    @cached_property
    def lines(self) -> list[Line]:
        """The cells as lines of one cell for each start method."""
        found: dict[tuple[str, ...], Line] = {}
        for index, column in enumerate(self.columns):
            named = column.header["cell"]
            key = (named["backend"], named["backend_version"], named["implementation"], named["python"],
                   named["platform"], column.header["edition"])  # fmt: skip
            line = found.setdefault(key, Line(column, [None] * len(self.methods)))
            line.indexes[self.methods.index(named["start_method"])] = index
        return list(found.values())

    @cached_property
    def heads(self) -> list[list[Head]]:
        """The three lines of heads over the columns: backend, Python, start method."""
        lines = []
        for depth in (1, 2, 3):
            names = [_heads(column)[:depth] for column in self.columns]
            lines.append([Head(*name[-1], len(list(same))) for name, same in groupby(names)])
        return lines

    @cached_property
    def facets(self) -> list[Facet]:
        """What the matrix can be filtered by; what all cells or all rows have is no choice."""
        entries = [entry for row in self.rows for entry in row.entries if entry is not None]
        standings = {entry["standing"] for entry in entries}
        levels = {row.entry["level"] for row in self.rows}
        facets = [
            _facet("backend", "backend", [column.backend for column in self.columns]),
            _facet("method", "start method", [column.method for column in self.columns]),
            _facet("python", "Python", [column.minor for column in self.columns]),
            _facet("platform", "platform", [column.platform for column in self.columns]),
            Facet("section", "section", {section.anchor: section.title for section in self.sections}),
            _facet("level", "level", [level for level in ("must", "should", "may") if level in levels]),
            Facet("verdict", "verdict", {str(verdict): f"{verdict.sign} {verdict}" for verdict in self.verdicts}),
            _facet("standing", "expectation", [word for word in UNEXPECTED if word in standings]),
        ]
        return [facet for facet in facets if len(facet.options) > (0 if facet.key == "standing" else 1)]


def _heads(column: Column) -> list[tuple[str, str]]:
    """Return the heads over the cell, each a text and a note."""
    edition = column.header["edition"]
    note = "" if edition == column.minor else f", edition {one_line(edition, 60)}"
    return [(column.backend, column.version), (column.python, column.platform + note), (column.method, "")]


def _facet(key: str, title: str, values: list[str]) -> Facet:
    return Facet(key, title, {value: value for value in values})


def build_site(results: Sequence[Results]) -> Site:
    """Return what a site about these runs shows.

    The cells of one backend stand together, lower versions first; other than that, what was given first comes first.
    Raises :class:`ResultsError` if two runs are of the same cell.
    """
    _refuse_twins(results)
    runs = _in_order(results)
    taken: set[str] = set()
    columns = [_column(run, taken) for run in runs]

    # The order of the document is that of the run that has most of it.
    found = [{entry["id"]: entry for entry in run.requirements} for run in runs]
    rows: dict[str, list[Row]] = {}
    titles: dict[str, str] = {}
    seen: set[str] = set()
    pages: set[str] = set()
    for run in sorted(runs, key=lambda run: -len(run.requirements)):
        for entry in run.requirements:
            if entry["id"] in seen:
                continue
            seen.add(entry["id"])
            entries = [entries.get(entry["id"]) for entries in found]
            edition = run.header["edition"]
            link = documentation(entry["doc"], edition)
            via = entry.get("via") or ""
            via_link = documentation_of(via, edition) if via else ""
            row = Row(entry, slug(entry["id"], pages), link, via, via_link, entries)
            rows.setdefault(entry["section"], []).append(row)
            titles.setdefault(entry["section"], one_line(entry["title"]) or entry["section"])

    anchors: set[str] = set()
    sections = [Section(name, slug(name, anchors), titles[name], members) for name, members in rows.items()]
    names: set[str] = set()
    backends = dict.fromkeys(column.backend for column in columns)
    return Site(columns, sections, {name: slug(name, names) for name in backends})


def count(entries: Sequence[Requirement]) -> Counts:
    """Return how many of the requirements got each verdict."""
    counts = Counter(entry["verdict"] for entry in entries)
    return {verdict: counts[verdict] for verdict in Verdict if counts[verdict]}


def some_cells(columns: Sequence[Column], among: Sequence[Column]) -> str:
    """Return in words which of the cells these are: all, all of some backends, or each by its name."""
    told = []
    for backend, same in groupby(columns, lambda column: column.backend):
        names = [column.name for column in same]
        if len(names) == 1 or len(names) < sum(column.backend == backend for column in among):
            told += names
        else:
            told.append(f"{_all(len(names))} of {backend}")
    return _all(len(columns)) if 1 < len(columns) == len(among) else "; ".join(told)


def _all(number: int) -> str:
    return "both cells" if number == 2 else f"all {number} cells"


def deviating(counts: Counts) -> int:
    """Return how many requirements are not kept."""
    return sum(number for verdict, number in counts.items() if verdict in DEVIATIONS)


def scored(counts: Counts) -> int:
    """Return how many requirements are kept or not."""
    return sum(number for verdict, number in counts.items() if verdict in SCORED)


def _refuse_twins(results: Sequence[Results]) -> None:
    """Raise if two runs are of the same cell, judged by the same edition of the documentation."""
    seen: dict[tuple[str, ...], Results] = {}
    for run in results:
        key = (*map(str, run.header["cell"].values()), run.header["edition"])
        if key in seen:
            remedy = "take one of them away, or compare the two with --compare"
            raise ResultsError(f"{run.path}: is of the same cell as {seen[key].path}: {remedy}", UNUSABLE)
        seen[key] = run


def _in_order(results: Sequence[Results]) -> list[Results]:
    """Return the runs with those of the same backend, of its same version, and so on, beside each other."""
    cells = [run.header["cell"] for run in results]
    backends, platforms, implementations, methods = (
        list(dict.fromkeys(names))
        for names in zip(
            *((cell["backend"], cell["platform"], cell["implementation"], cell["start_method"]) for cell in cells),
            strict=True,
        )
    )

    def place(run: Results) -> tuple[object, ...]:
        cell = run.header["cell"]
        return (
            backends.index(cell["backend"]),
            _by_numbers(cell["backend_version"]),
            platforms.index(cell["platform"]),
            implementations.index(cell["implementation"]),
            _by_numbers(cell["python"]),
            methods.index(cell["start_method"]),
        )

    return sorted(results, key=place)


def _by_numbers(version: str) -> list[tuple[int, str]]:
    """Return what to sort versions by, so that 3.9 comes before 3.10."""
    # A longer number is a larger one; int() would refuse to read a very long one.
    return [(len(part), part) for part in re.split(r"0*([0-9]+)", version)]


def _column(run: Results, taken: set[str]) -> Column:
    cell = run.header["cell"]
    backend, version, method, python, platform = (
        one_line(cell[key], 60) or "unnamed"
        for key in ("backend", "backend_version", "start_method", "python", "platform")
    )
    if cell["implementation"] != "CPython":
        python = f"{one_line(cell['implementation'], 60)} {python}"
    anchor = slug(f"{backend}-{version}-{method}-{python}-{platform}", taken)
    return Column(run, anchor, backend, version, method, python, platform)
