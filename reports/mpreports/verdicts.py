"""The verdicts: what one cell does about one requirement, and the rules by which one follows from another.

Each has a sign, so that a report can be read without colour, and a meaning of one line. The order
of the members is the order in which reports show them.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Literal


class Verdict(str, Enum):
    """What one cell does about one requirement; equal to its value, which is what results files hold."""

    sign: str
    meaning: str

    def __new__(cls, value: str, sign: str = "", meaning: str = "") -> Verdict:
        member = str.__new__(cls, value)
        member._value_ = value
        member.sign = sign
        member.meaning = meaning
        return member

    def __str__(self) -> str:
        return str(self.value)

    PASS = "pass", "✓", "does what is promised"
    FAIL = "fail", "✗", "does something else than is promised"
    HANG = "hang", "∞", "was not done by the deadline and had to be ended"
    CRASH = "crash", "☠", "the process of the test died"
    LEAK = "leak", "↯", "does what is promised, but leaves something behind"
    FLAKY = "flaky", "≈", "the verdict changed when the test was run again"
    BLOCKED = "blocked", "⊘", "does not pass, but something that it needs is not met: nothing is said of it"
    UNSUPPORTED = "unsupported", "∅", "not tried: the backend does not offer it, or what it needs, as its adapter says"
    NOT_APPLICABLE = "not-applicable", "·", "nothing is promised in this cell"
    OBSERVED = "observed", "○", "the documentation leaves it open; what the backend does is recorded"
    UNTESTABLE = "untestable", "?", "no test can tell"
    NOT_RUN = "not-run", "□", "its tests did not run, so nothing is known"


DEVIATIONS = frozenset({Verdict.FAIL, Verdict.HANG, Verdict.CRASH, Verdict.LEAK, Verdict.FLAKY})
"""The verdicts that say that the backend does not keep the promise."""

SCORED = DEVIATIONS | {Verdict.PASS}
"""The verdicts that say whether the backend keeps the promise; no other one counts for or against it."""

BLOCKING = frozenset({Verdict.FAIL, Verdict.HANG, Verdict.CRASH, Verdict.BLOCKED})
"""The verdicts on a requirement that keep those that need it from being judged. A leak or a flake does not."""

AS_EXPECTED = 0
NOT_AS_EXPECTED = 1
NOT_COMPLETE = 3

Standing = Literal["expected", "worse", "better", "unscored"]
"""How a verdict compares with the one that was expected."""

UNEXPECTED: tuple[Standing, ...] = ("worse", "better")
"""The standings that need attention."""

_WORST_FIRST = (
    Verdict.CRASH,
    Verdict.HANG,
    Verdict.FAIL,
    Verdict.LEAK,
    Verdict.FLAKY,
    # What did not run outranks a pass: a promise that was tried in part must not look kept.
    Verdict.NOT_RUN,
    Verdict.BLOCKED,
    Verdict.UNSUPPORTED,
    Verdict.PASS,
    # These say nothing against a pass.
    Verdict.OBSERVED,
    Verdict.UNTESTABLE,
    Verdict.NOT_APPLICABLE,
)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict on a requirement whose tests got these; ``NOT_RUN`` if there are none."""
    return min(verdicts, key=_WORST_FIRST.index, default=Verdict.NOT_RUN)


def standing(verdict: Verdict, expected: Verdict = Verdict.PASS) -> Standing:
    """Return how the verdict compares with the expected one."""
    if verdict is Verdict.PASS:
        return "expected" if expected is Verdict.PASS else "better"
    if verdict in DEVIATIONS:
        return "expected" if expected is verdict else "worse"
    return "unscored"


def exit_status(outcomes: Iterable[tuple[Verdict, Standing]], *, complete: bool) -> int:
    """Return the exit status of a run with these verdicts and their standings: see the constants above.

    What is not complete is never called as expected.
    """
    found = list(outcomes)
    if not complete or any(verdict is Verdict.NOT_RUN for verdict, _ in found):
        return NOT_COMPLETE
    if any(standing in UNEXPECTED for _, standing in found):
        return NOT_AS_EXPECTED
    return AS_EXPECTED
