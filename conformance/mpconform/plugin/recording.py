"""The results file: written line by line as tests are done; requirements are judged at the end."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, cast

import pytest

import mpconform
from mpadapters.cell import Cell
from mpadapters.expectations import Expectation, expected
from mpconform.isolation.folders import run_folder
from mpconform.isolation.outcome import Outcome, last_failure
from mpconform.plugin import fate
from mpconform.plugin.items import chosen_values, requirements_of
from mpconform.registry import Registry, Requirement
from mpconform.reproducing.script import Subject, script
from mpreports.judging import Judged, Judgement, by_requirement, judge
from mpreports.lines import SCHEMA, Test
from mpreports.results import ResultsError, ResultsWriter
from mpreports.verdicts import DEVIATIONS, NOT_COMPLETE, Standing, Verdict, exit_status, standing, worst

KINDS = ("processes", "threads", "descriptors", "files", "names")
"""What a ledger holds, in the order in which it is shown."""


class Recorder:
    """The plugin that writes results and decides the exit status; lives where pytest's terminal does."""

    def __init__(
        self,
        path: Path | None,
        registry: Registry,
        subject: Subject,
        cell: Cell,
        edition: str,
        exempt: Mapping[str, tuple[Verdict, str]],
        expectations: Sequence[Expectation],
        selection: str | None,
        chosen: Callable[[Requirement], bool],
    ) -> None:
        self.writer = ResultsWriter(path) if path else None
        self.registry = registry
        self.subject = subject
        self.cell = cell
        self.edition = edition
        self.exempt = exempt
        self.expectations = expectations
        self.selection = selection
        self.chosen = chosen
        self.started = time.monotonic()
        self.collected: list[pytest.Item] = []
        self.lines: dict[str, dict[str, Any]] = {}
        """The lines of the tests that are done, by test."""
        self.broken = False
        self.ended: str | None = None
        """What ended the run before all was done, in words."""

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note what is to be run."""
        self.collected = list(session.items)
        if self.collected and not session.config.option.collectonly:
            self._write(self._header())

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Tell that something could not be collected: the run cannot be complete then."""
        if report.failed and not self.broken:
            self.broken = True
            why = report.longreprtext.strip().splitlines()[-1].removeprefix("E").strip()
            fate.tell(f"{report.nodeid or 'a module of tests'} cannot be collected: {why}", NOT_COMPLETE)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write the line of one test."""
        line: dict[str, Any] | None = getattr(report, "mpconform", None)
        if line is not None and line["test"] not in self.lines:
            self.lines[line["test"]] = line
            self._write(line)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Note what has ended the run."""
        if self.ended is None:
            self.ended = str(excinfo.value) or "it was interrupted"

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Judge, close the results file and decide the exit status, unless there is nothing that could be judged."""
        if session.config.option.collectonly:
            return
        if session.shouldfail:
            self.ended = self.ended or str(session.shouldfail)
        if self.broken or exitstatus == pytest.ExitCode.INTERNAL_ERROR or not self.collected:
            if self.writer:
                self.writer.close()
            if self.broken or exitstatus == pytest.ExitCode.INTERNAL_ERROR:
                session.exitstatus = NOT_COMPLETE
            return
        missing = [item for item in self.collected if item.nodeid not in self.lines]
        for item in missing:
            message = f"the run ended before it: {self.ended}" if self.ended else "the run ended before it"
            ids = [id_ for id_ in requirements_of(item) if id_ not in self.exempt]
            judged = {id_: Judged(Verdict.NOT_RUN, message) for id_ in ids}
            line = self.test_line(item, judged, [Outcome(Verdict.NOT_RUN, message)])
            self.lines[item.nodeid] = line
            self._write(line)
        judgements = self._judgements()
        for id_, judgement in judgements.items():
            self._write(self._requirement_line(self.registry.get(id_), judgement))
        self._write(self._footer(judgements))
        if self.writer:
            self.writer.close()
        outcomes = [(one.verdict, self._standing(id_, one.verdict)) for id_, one in judgements.items()]
        session.exitstatus = exit_status(outcomes, complete=not missing and self.ended is None)

    def pytest_unconfigure(self) -> None:
        """Remove the folder of the run: every server is gone by now."""
        shutil.rmtree(run_folder(), ignore_errors=True)

    def _judgements(self) -> dict[str, Judgement]:
        """Return the judgement on each requirement that the run had to do with, in the order of the registry.

        If requirements were asked for, those that their tests verify besides are left out: other tests of them did
        not run.
        """
        tests = by_requirement(cast("list[Test]", list(self.lines.values())))
        known = self.registry.requirements
        asked = {id_ for id_, requirement in known.items() if self.chosen(requirement)}
        untried = asked.intersection(self.exempt)
        ids = [id_ for id_ in known if id_ in tests or id_ in untried or self.selection is None]
        judgements = judge(ids, tests, self.exempt, self.registry.needs)
        return {id_: one for id_, one in judgements.items() if id_ in asked} if asked else judgements

    def _standing(self, id_: str, verdict: Verdict) -> Standing:
        wanted = expected(self.expectations, id_)
        return standing(verdict, Verdict(wanted.verdict) if wanted else Verdict.PASS)

    def test_line(self, item: pytest.Item, judged: Mapping[str, Judged], attempts: Sequence[Outcome]) -> dict[str, Any]:
        """Return the line of one test; its dossier is that of the last attempt that did not pass."""
        verdict = worst(one.verdict for one in judged.values()) if judged else attempts[-1].verdict
        worst_one = next((one for one in judged.values() if one.verdict is verdict), Judged(verdict))
        bad = last_failure(attempts)
        apart = any((one.verdict, one.message) != (verdict, worst_one.message) for one in judged.values())
        return {
            "kind": "test",
            "test": item.nodeid,
            "requirements": list(judged),
            "verdict": verdict.value,
            "seconds": round(sum(attempt.seconds for attempt in attempts), 6),
            "message": worst_one.message,
            "promises": {
                id_: {"verdict": one.verdict.value, "message": one.message} for id_, one in judged.items() if apart
            },
            "attempts": [
                {
                    "verdict": worst(one.verdict for one in attempt.judged(list(judged)).values()).value
                    if judged
                    else attempt.verdict.value,
                    "seconds": round(attempt.seconds, 6),
                    "message": attempt.short(),
                }
                for attempt in attempts
                if attempt.verdict not in (Verdict.BLOCKED, Verdict.NOT_RUN) or attempt.seconds
            ],
            "dossier": self._dossier(item, verdict, bad) if bad and verdict in DEVIATIONS else None,
            "observation": next((one.observation for one in judged.values() if one.observation is not None), None),
        }

    def _dossier(self, item: pytest.Item, verdict: Verdict, bad: Outcome) -> dict[str, Any]:
        assert isinstance(item, pytest.Function)
        return {
            "stacks": bad.stacks,
            "ledger": {kind: bad.ledger.get(kind, []) for kind in KINDS},
            "output": {"stdout": bad.stdout, "stderr": bad.stderr},
            "traceback": bad.told(),
            "reproducer": script(
                item.function, chosen_values(item), self.subject, self.registry, verdict, bad.schedule
            ),
        }

    def _requirement_line(self, requirement: Requirement, judgement: Judgement) -> dict[str, Any]:
        wanted = expected(self.expectations, requirement.id)
        return {
            "kind": "requirement",
            "id": requirement.id,
            "section": requirement.section,
            "title": self.registry.titles[requirement.section],
            "says": requirement.says,
            "doc": requirement.doc,
            "via": requirement.via,
            "level": requirement.level,
            "check": requirement.check,
            "needs": list(requirement.needs),
            "verdict": judgement.verdict.value,
            "tests": list(judgement.tests),
            "because": judgement.because,
            "observation": judgement.observation,
            "standing": self._standing(requirement.id, judgement.verdict),
            "expectation": wanted
            and {
                "requirement": wanted.requirement,
                "verdict": wanted.verdict,
                "reason": wanted.reason,
                "link": wanted.link,
            },
        }

    def _write(self, line: Mapping[str, Any]) -> None:
        if self.writer:
            try:
                self.writer.write(line)
            except ResultsError as error:
                fate.tell(str(error), NOT_COMPLETE)
                pytest.exit(str(error), NOT_COMPLETE)

    def _header(self) -> dict[str, Any]:
        return {
            "kind": "header",
            "schema": SCHEMA,
            "suite": mpconform.__version__,
            "cell": asdict(self.cell),
            "edition": self.edition,
            "seed": self.subject.seed,
            "started": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "tests": len(self.collected),
            "selection": self.selection,
            **({} if self.subject.chaos is None else {"chaos": self.subject.chaos}),
        }

    def _footer(self, judgements: Mapping[str, Judgement]) -> dict[str, Any]:
        return {
            "kind": "footer",
            "requirements": dict(Counter(one.verdict.value for one in judgements.values())),
            "tests": dict(Counter(line["verdict"] for line in self.lines.values())),
            "seconds": round(time.monotonic() - self.started, 3),
            "ended": self.ended,
            "lines": 1 + len(self.lines) + len(judgements),
        }
