"""pytest's report of a test, made of what its sandboxes told: here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from mpconform.isolation.outcome import Outcome, last_failure
from mpreports.judging import Judged
from mpreports.verdicts import DEVIATIONS, Verdict, worst


def report_of(
    item: pytest.Item,
    attempts: Sequence[Outcome],
    judged: Mapping[str, Judged],
    reasons: Sequence[str | None],
    blocker: str | None,
) -> pytest.TestReport:
    """Return the report of a test: failed if a requirement deviates, xfailed if all that do are expected to.

    ``reasons`` has one entry for each requirement that deviates: why it is expected to, or None. A test whose
    failures only say that ``blocker`` is not met is skipped.
    """
    verdict = worst(one.verdict for one in judged.values()) if judged else worst(one.verdict for one in attempts)
    wrong = verdict in DEVIATIONS or verdict in (Verdict.NOT_RUN, Verdict.BLOCKED)
    decisive = last_failure(attempts) or attempts[-1]
    message = next((one.message for one in judged.values() if one.verdict is verdict), decisive.message)
    report = pytest.TestReport(
        nodeid=item.nodeid,
        location=item.location,
        keywords={},
        outcome="failed" if wrong else "passed",
        longrepr=(decisive.told() or f"{verdict}: {message}") if wrong else None,
        when="call",
        sections=_sections(decisive),
        duration=sum(attempt.seconds for attempt in attempts),
    )
    if wrong and (blocker is not None or verdict is Verdict.BLOCKED):
        report.outcome = "skipped"
        report.longrepr = (str(item.path), 0, f"blocked: {f'needs {blocker}' if blocker else message}")
    elif wrong and reasons and all(reason is not None for reason in reasons):
        report.outcome = "skipped"
        report.wasxfail = "; ".join(dict.fromkeys(filter(None, reasons)))
    return report


def _sections(outcome: Outcome) -> list[tuple[str, str]]:
    stacks = "\n\n".join(f"{stack['pid']} {stack['command']}\n{stack['stack']}" for stack in outcome.stacks)
    named = [("Stacks", stacks), ("Captured stdout", outcome.stdout), ("Captured stderr", outcome.stderr)]
    return [(title, text) for title, text in named if text]
