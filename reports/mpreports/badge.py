"""The badge: the outcome of a backend in a few words, as the JSON that shields.io makes a badge of.

There is no percentage on it: a share of promises says nothing of which ones are broken. What counts is whether
the backend does what is expected of it, and how many requirements deviate in at least one cell.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypedDict

from mpreports.lines import Requirement
from mpreports.links import slug
from mpreports.results import Results
from mpreports.swapping import swapped
from mpreports.text import one_line
from mpreports.verdicts import DEVIATIONS, Verdict


class Badge(TypedDict):
    """The JSON of a badge; shields.io describes the keys (https://shields.io/badges/endpoint-badge)."""

    schemaVersion: int  # the name is not ours
    label: str
    message: str
    color: str


def outcome(runs: Sequence[Results]) -> tuple[str, str]:
    """Return the outcome of these runs in a few words, and the colour that a badge has for it.

    A requirement of a backend counts once, in however many cells.
    """
    worse = _count(runs, lambda entry: entry["standing"] == "worse")
    missed = _count(runs, lambda entry: entry["verdict"] is Verdict.NOT_RUN)
    ended = any(run.footer["ended"] is not None for run in runs)
    better = _count(runs, lambda entry: entry["standing"] == "better")
    known = _count(runs, lambda entry: entry["verdict"] in DEVIATIONS)
    parts = []
    if worse:
        parts.append(f"{worse} worse than expected")
    if missed:
        parts.append(f"{missed} did not run")
    elif ended:
        parts.append("ended early")
    if better:
        parts.append(f"{better} better than expected")
    if parts:
        words, colour = ", ".join(parts), "red" if worse else "lightgrey" if missed or ended else "yellow"
    elif known:
        words, colour = f"{known} known deviation{'' if known == 1 else 's'}", "yellowgreen"
    elif any(run.requirements for run in runs):
        words, colour = "as expected", "brightgreen"
    else:
        words, colour = "nothing was judged", "lightgrey"
    if any(run.header["selection"] is not None for run in runs):
        words += " (part of the suite)"
    return words, colour


def _count(runs: Sequence[Results], counts: Callable[[Requirement], bool]) -> int:
    return len({(run.header["cell"]["backend"], one["id"]) for run in runs for one in run.requirements if counts(one)})


def badges(results: Sequence[Results]) -> dict[str, Badge]:
    """Return a badge for each backend, by the backend's name made fit for a file."""
    backends: dict[str, list[Results]] = {}
    for run in results:
        backends.setdefault(run.header["cell"]["backend"], []).append(run)
    taken: set[str] = set()
    made: dict[str, Badge] = {}
    for backend, runs in backends.items():
        message, colour = outcome(runs)
        label = f"mpconform: {one_line(backend, 60)}"
        made[slug(backend, taken)] = {"schemaVersion": 1, "label": label, "message": message, "color": colour}
    return made


def write_badges(results: Sequence[Results], path: Path) -> list[Path]:
    """Write the badge of the only backend to a file ending in ``.json``, or one for each into a folder.

    Returns what was written. Raises ``ValueError`` if several backends are to go into one file, and ``OSError`` if it
    cannot be written; what was there before is then left as it was.
    """
    made = badges(results)
    files = {path / f"{name}.json": badge for name, badge in made.items()}
    if path.suffix == ".json":
        if len(made) != 1:
            raise ValueError(f"{len(made)} backends do not go into one badge; name a folder")
        files = dict.fromkeys([path], *made.values())
    for file, badge in files.items():
        with swapped(file) as beside:
            beside.write_text(json.dumps(badge, indent=2) + "\n", encoding="ascii")
    return list(files)
