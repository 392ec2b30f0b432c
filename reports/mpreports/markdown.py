"""Markdown for the page of a CI job: what the outcome is, what changed, what deviates; 60 lines at most.

What comes out of a results file may hold anything. It is shown as code only, in a span whose fence is longer than
any run of backticks in it: no markup, HTML, address, mention or emoji means anything there. No tables are made, so
that a pipe means nothing either.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mpreports import differences
from mpreports.badge import outcome
from mpreports.comparison import KINDS, Comparison
from mpreports.lines import Requirement
from mpreports.links import documentation
from mpreports.results import Results
from mpreports.summary import closing_line, early_end, never_tried, title_of
from mpreports.text import one_line
from mpreports.verdicts import DEVIATIONS, UNEXPECTED

LINES = 60
"""How long the Markdown is at most."""


@dataclass(frozen=True)
class _Item:
    """Something to tell of one requirement of one backend, with all cells in which it is so."""

    words: str
    entry: Requirement
    runs: list[Results]

    def line(self, cells: Counter[str]) -> str:
        """Return the line of a list; ``cells`` is how many cells of each backend there are."""
        link = documentation(self.entry["doc"], self.runs[0].header["edition"])
        line = f"- {self.words} [{code(self.entry['id'])}]({link})"
        backend = _backend(self.runs[0])
        if len(self.runs) == 1 < cells.total():
            line += f" in {code(title_of(self.runs[0].header))}"
        elif cells.total() > 1:
            line += f" in {len(self.runs)} of {cells[backend]} cells of {code(backend)}"
        return line + (f": {code(self.entry['because'])}" if one_line(self.entry["because"]) else "")


def report_markdown(results: Sequence[Results], comparisons: Sequence[Comparison] = ()) -> str:
    """Return a summary of these runs, and of what changed if there is something to compare them with."""
    words, _ = outcome(results)
    lines = [f"## mpconform: {words}"]
    lines += _section("", [_closing(run) for run in results], 8)
    if comparisons:
        heading = f"Since the earlier run: {differences.closing_line(comparisons)}"
        lines += _section(heading, _changes(comparisons), 10)
    worse, better, known = (
        [(run, entry, _in_words(entry)) for run in results for entry in run.requirements if _sort(entry) == sort]
        for sort in ("worse", "better", "known")
    )
    for heading, found, limit in (
        ("Worse than expected", worse, 11),
        ("Better than expected, so that the expectation is stale", better, 4),
        ("Known deviations", known, 6),
    ):
        if found:
            count = len({(_backend(run), entry["id"]) for run, entry, _ in found})
            lines += _section(f"{heading}: {count}", _items(found, results), limit)
    missed = [code(id_) for id_ in never_tried(results)]
    if missed:
        more = f" and {len(missed) - 5} more" if len(missed) > 5 else ""
        lines += ["", f"Never tried, because what it takes did not arise in any cell: {', '.join(missed[:5])}{more}"]
    return "\n".join(lines) + "\n"


def difference_markdown(comparisons: Sequence[Comparison]) -> str:
    """Return what changed: at most ``LINES`` lines."""
    lines = [f"## mpconform: {differences.closing_line(comparisons)}"]
    cells = []
    for one in comparisons:
        before, after = (_named(run) if run else "no such cell" for run in (one.before, one.after))
        cells.append(f"- {before} → {after}: {differences.closing_line([one])}")
    lines += _section("", cells, 12)
    changes = _changes(comparisons)
    if changes:
        lines += _section("What changed", changes, 40)
    return "\n".join(lines) + "\n"


def _closing(run: Results) -> str:
    """Return the line of a run."""
    line = f"- {code(title_of(run.header))}: {closing_line(run.requirements)}"
    early = early_end(run, code)
    return f"{line}; {early}" if early else line


def _named(run: Results) -> str:
    return code(title_of(run.header)) + (" (ended early)" if run.footer["ended"] is not None else "")


def _sort(entry: Requirement) -> str:
    """Return ``worse``, ``better`` or ``known``, or nothing for what is no deviation."""
    if entry["standing"] in UNEXPECTED:
        return entry["standing"]
    return "known" if entry["verdict"] in DEVIATIONS else ""


def _in_words(entry: Requirement) -> str:
    """Return the verdict, and the expected one if that is another."""
    expectation = entry["expectation"]
    if expectation is None or expectation["verdict"] is entry["verdict"]:
        return str(entry["verdict"])
    return f"{entry['verdict']}, expected {expectation['verdict']}:"


def _changes(comparisons: Sequence[Comparison]) -> list[str]:
    found = []
    for kind in KINDS:
        for one in comparisons:
            run = one.after or one.before
            assert run is not None, "a comparison is of at least one run"
            found += [
                (run, change.requirement, f"{kind}: {differences.in_words(change)}") for change in one.of_kind(kind)
            ]
    return _items(found, [one.after for one in comparisons if one.before and one.after])


def _items(found: Iterable[tuple[Results, Requirement, str]], results: Iterable[Results]) -> list[str]:
    """Return one line for what is told of the same requirement of a backend in the same words, in the order given."""
    items: dict[tuple[str, str, str], _Item] = {}
    for run, entry, words in found:
        items.setdefault((_backend(run), entry["id"], words), _Item(words, entry, [])).runs.append(run)
    cells = Counter(map(_backend, results))
    return [item.line(cells) for item in items.values()]


def _backend(run: Results) -> str:
    return run.header["cell"]["backend"]


def _section(heading: str, lines: Sequence[str], limit: int) -> list[str]:
    """Return the lines below a heading, if there is one, and how many are left out."""
    more = len(lines) - limit
    kept = [*lines[:limit], f"- … and {more} more"] if more > 0 else lines
    return [*(["", f"### {heading}"] if heading else []), *(["", *kept] if kept else [])]


def code(text: str) -> str:
    """Return the first line of the text as Markdown that shows it, whatever it holds, and does nothing else."""
    line = one_line(text) or "?"
    fence = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    space = " " if "`" in line else ""  # a backtick at the end would lengthen the fence
    return f"{fence}{space}{line}{space}{fence}"
