"""What changed, in the terminal and as JSON: cell by cell, worst first, one closing line.

As in the summary no line is wrapped, so that a pipe gets the same words as a terminal.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.console import Console

from mpreports.comparison import KINDS, Change, Comparison, Kind
from mpreports.links import documentation
from mpreports.results import Results
from mpreports.summary import early_end, say, title_of
from mpreports.text import one_line
from mpreports.verdicts import DEVIATIONS

_STYLES: dict[Kind, str] = {"worse": "red", "better": "green", "appeared": "", "vanished": ""}


def print_differences(comparisons: Sequence[Comparison], console: Console) -> None:
    """Print what changed in each cell, and all of it in one line."""
    for comparison in comparisons:
        for line, run in (("before", comparison.before), ("after", comparison.after)):
            say(console, _head(line, run, console), "bold")
            if run is not None and run.header["selection"] is not None:
                say(console, f"        only a part of the suite was chosen: {one_line(run.header['selection'])}")
            if run is not None and run.footer["ended"] is not None:
                say(console, f"        {early_end(run)}")
        say(console)
        for kind in KINDS:
            _print_changes(kind, comparison.of_kind(kind), console)
    say(console, closing_line(comparisons), "bold")


def _head(line: str, run: Results | None, console: Console) -> str:
    ascii_only = console.options.ascii_only
    return f"{line + ':':<8}" + ("no such cell" if run is None else title_of(run.header, ascii_only=ascii_only))


def _print_changes(kind: Kind, changes: Sequence[Change], console: Console) -> None:
    if not changes:
        return
    say(console, f"{kind}: {len(changes)}", "bold")
    arrow = "->" if console.options.ascii_only else "→"
    for change in changes:
        say(console, f"  {one_line(change.requirement['id'])}: {in_words(change, arrow)}", _STYLES[kind])
        if change.after in DEVIATIONS or kind == "worse":
            say(console, f"      {one_line(change.requirement['because']) or 'no message'}")
    say(console)


def in_words(change: Change, arrow: str = "→") -> str:
    """Return the verdict before and after."""
    return f"{change.before or 'not there'} {arrow} {change.after or 'not there'}"


def closing_line(comparisons: Sequence[Comparison]) -> str:
    """Return the comparison in one line: how many changes there are of each kind, and what could not be compared."""
    counts = counted(comparisons)
    line = ", ".join(f"{counts[kind]} {kind}" for kind in KINDS if counts[kind]) or "nothing changed"
    compared = sum(1 for one in comparisons if one.before and one.after)
    if len(comparisons) > 1:
        line += f" in {compared} cell{'' if compared == 1 else 's'}"
    for side, gone in (("before", [one.after for one in comparisons]), ("after", [one.before for one in comparisons])):
        if None in gone:
            line += f"; {gone.count(None)} only {side}"
    for side, runs in (("before", [one.before for one in comparisons]), ("after", [one.after for one in comparisons])):
        ended = sum(run is not None and run.footer["ended"] is not None for run in runs)
        if ended:
            line += f"; {ended} ended early {side}"
    return line


def counted(comparisons: Sequence[Comparison]) -> Counter[Kind]:
    """Return how many changes there are of each kind; one requirement counts once for each cell."""
    return Counter(change.kind for comparison in comparisons for change in comparison.changes)


def as_json(comparisons: Sequence[Comparison]) -> str:
    """Return the comparison for another program, as JSON in pure ASCII."""
    counts = counted(comparisons)
    cells = [
        {
            "before": one.before and _about(one.before),
            "after": one.after and _about(one.after),
            "changes": [_change(change, one) for change in one.changes],
        }
        for one in comparisons
    ]
    return json.dumps({**{kind: counts[kind] for kind in KINDS}, "cells": cells}, indent=2)


def _about(run: Results) -> dict[str, Any]:
    header = run.header
    return {
        "file": str(run.path),
        "cell": header["cell"],
        "suite": header["suite"],
        "edition": header["edition"],
        "selection": header["selection"],
        "ended": run.footer["ended"],
    }


def _change(change: Change, comparison: Comparison) -> dict[str, Any]:
    run = comparison.after or comparison.before
    assert run is not None, "a change is between two runs"
    entry = change.requirement
    return {
        "requirement": entry["id"],
        "kind": change.kind,
        "before": change.before,
        "after": change.after,
        "because": entry["because"] if change.after else "",
        "link": documentation(entry["doc"], run.header["edition"]),
    }
