"""What the page of a backend shows: what it promises, where it deviates and why, and what has changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from mpreports.comparison import Comparison
from mpreports.lines import Expectation, Header
from mpreports.links import safe_link
from mpreports.results import Results
from mpreports.site.model import Column, Row, Site
from mpreports.text import one_line
from mpreports.verdicts import DEVIATIONS, UNEXPECTED, Verdict


@dataclass(frozen=True)
class Lack:
    """What the adapter says that the backend does not offer, for one reason."""

    reason: str
    rows: list[Row]
    columns: list[Column]


@dataclass(frozen=True)
class Deviation:
    """A requirement that the backend does not keep, or not as was expected."""

    row: Row
    verdicts: list[Verdict]
    standings: list[str]
    """Those that need attention: worse, better."""
    columns: list[Column]
    because: str
    """What the first of the cells says."""


@dataclass(frozen=True)
class Reason:
    """Deviations for the same reason: that of an expectation, or none."""

    expectation: Expectation | None
    link: str | None
    """The expectation's link, if it is one that a page may link to."""
    deviations: list[Deviation]


@dataclass(frozen=True)
class Changed:
    """A cell in which something changed against an earlier run."""

    column: Column
    comparison: Comparison


@dataclass(frozen=True)
class Backend:
    """All that the page of one backend shows."""

    name: str
    columns: list[Column]
    lacks: list[Lack]
    reasons: list[Reason]
    """Those without an expectation first."""
    changed: list[Changed]
    unchanged: list[Column]
    """Those that were compared, and nothing changed."""
    new: list[Column]
    """Those that there is nothing to compare with."""
    gone: list[Header]
    """What the earlier runs are of that there is no later one of."""


def build_backend(name: str, site: Site, comparisons: Sequence[Comparison]) -> Backend:
    """Return what the page of this backend shows."""
    indexes = [index for index, column in enumerate(site.columns) if column.backend == name]
    lacks: dict[str, Lack] = {}
    reasons: dict[str, Reason] = {}
    for row in site.rows:
        told: dict[str, Deviation] = {}
        for index in indexes:
            column, entry = site.columns[index], row.entries[index]
            if entry is None:
                continue
            if entry["verdict"] == Verdict.UNSUPPORTED:
                lack = lacks.setdefault(entry["because"], Lack(entry["because"], [], []))
                _add(lack.rows, row)
                _add(lack.columns, column)
            if entry["verdict"] in DEVIATIONS or entry["standing"] in UNEXPECTED:
                expectation = entry["expectation"]
                why = f"{expectation['reason']}\n{expectation['link']}" if expectation else ""
                link = safe_link(expectation["link"]) if expectation else None
                reason = reasons.setdefault(why, Reason(expectation, link, []))
                if why not in told:
                    told[why] = Deviation(row, [], [], [], one_line(entry["because"]))
                    reason.deviations.append(told[why])
                deviation = told[why]
                _add(deviation.verdicts, entry["verdict"])
                deviation.columns.append(column)
                if entry["standing"] in UNEXPECTED:
                    _add(deviation.standings, entry["standing"])
    columns = [site.columns[index] for index in indexes]
    compared = [Changed(column, one) for column in columns for one in comparisons if one.after is column.results]
    ordered = sorted(reasons.values(), key=lambda reason: reason.expectation is not None)
    return Backend(
        name=name,
        columns=columns,
        lacks=list(lacks.values()),
        reasons=ordered,
        changed=[one for one in compared if one.comparison.changes],
        unchanged=[one.column for one in compared if one.comparison.before and not one.comparison.changes],
        new=[one.column for one in compared if one.comparison.before is None],
        gone=[one.before.header for one in comparisons if one.before and one.after is None and _of(one.before, name)],
    )


def _of(run: Results, backend: str) -> bool:
    return one_line(run.header["cell"]["backend"], 60) == backend


T = TypeVar("T")


def _add(members: list[T], one: T) -> None:
    """Append, unless it is there."""
    if one not in members:
        members.append(one)
