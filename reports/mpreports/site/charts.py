"""The numbers behind the pictures; the templates draw them."""

from __future__ import annotations

from dataclasses import dataclass

from mpreports.site.model import Counts
from mpreports.verdicts import DEVIATIONS, Verdict

LEAST = 4.0
"""The narrowest part of a bar, in percent: one deviation in a thousand must be seen."""

_LEFT_TO_RIGHT = sorted(Verdict, key=lambda verdict: verdict != Verdict.PASS and verdict not in DEVIATIONS)


@dataclass(frozen=True)
class Part:
    """A part of a bar; the numbers are percent of the bar."""

    verdict: Verdict
    start: float
    width: float


def parts(counts: Counts) -> list[Part]:
    """Return the bar that shows the shares of the verdicts: the scored ones first."""
    total = sum(counts.values())
    widths = {verdict: max(LEAST, 100 * counts[verdict] / total) for verdict in _LEFT_TO_RIGHT if counts.get(verdict)}
    shrink = 100 / sum(widths.values()) if widths else 0
    made: list[Part] = []
    start = 0.0
    for verdict, width in widths.items():
        made.append(Part(verdict, round(start, 1), round(width * shrink, 1)))
        start += width * shrink
    return made


def described(counts: Counts) -> str:
    """Return the counts in words."""
    return ", ".join(f"{number} {verdict}" for verdict, number in counts.items()) or "nothing judged"
