"""The results file: written line by line as reports come in, in the one process that sees them all."""

from __future__ import annotations

import platform
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

import mpconform
from mpadapters.expectations import Expectation
from mpadapters.probing import Probe
from mpconform.harness import judging
from mpconform.harness.folders import run_folder
from mpconform.harness.ledger import left_in_shared_memory, shared_memory
from mpconform.harness.supervision import Attempt, last_failure
from mpconform.registry import Registry, Requirement
from mpconform.registry.testing import tests_by_requirement
from mpreports.lines import SCHEMA
from mpreports.results import ResultsError, ResultsWriter
from mpreports.verdicts import NOT_COMPLETE, Verdict


def test_line(
    test: str,
    requirements: list[str],
    verdict: Verdict,
    message: str,
    attempts: Sequence[Attempt] = (),
    reproducer: str = "",
    traceback: str = "",
    observation: str | None = None,
) -> dict[str, Any]:
    """Return the line of one test; its dossier is that of the last attempt that did not pass."""
    bad = last_failure(attempts)
    return {
        "kind": "test",
        "test": test,
        "requirements": requirements,
        "verdict": verdict.value,
        "seconds": round(sum(attempt.seconds for attempt in attempts), 6),
        "message": message,
        "attempts": [
            {"verdict": str(attempt.verdict), "seconds": round(attempt.seconds, 6), "message": attempt.message}
            for attempt in attempts
        ],
        "dossier": bad
        and {
            "stacks": bad.stacks,
            "ledger": {kind: bad.ledger.get(kind, []) for kind in ("processes", "threads", "descriptors", "files")},
            "output": {"stdout": bad.stdout, "stderr": bad.stderr},
            "traceback": traceback,
            "reproducer": reproducer,
        },
        "observation": observation,
    }


class Recorder:
    """The plugin that writes results and decides the exit status; lives where pytest's terminal does."""

    def __init__(
        self,
        path: Path | None,
        registry: Registry,
        cell: judging.Cell,
        probe: Probe,
        expectations: list[Expectation],
        selection: str | None,
        chosen: Callable[[Requirement], bool],
        seed: int,
    ) -> None:
        self.writer = ResultsWriter(path) if path else None
        self.registry = registry
        self.cell = cell
        self.probe = probe
        self.expectations = expectations
        self.selection = selection
        self.chosen = chosen
        self.seed = seed
        self.started = time.monotonic()
        self.shared_before = shared_memory()
        self.collected: list[str] = []
        self.results: dict[str, dict[str, Any]] = {}
        self.broken = False
        self.judgements: list[judging.Judgement] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note what is to be run, without xdist."""
        self._expect([item.nodeid for item in session.items])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: object, ids: list[str]) -> None:
        """Note what is to be run, with xdist: every worker says the same."""
        self._expect(ids)

    def _expect(self, ids: list[str]) -> None:
        if not self.collected and ids:
            self.collected = list(ids)
            self._write(self._header())

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note that something could not be collected: the run cannot be complete then."""
        self.broken = self.broken or report.failed

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write the line of one test."""
        line: dict[str, Any] | None = getattr(report, "mpconform", None)
        if line is not None and line["test"] not in self.results:
            self.results[line["test"]] = line
            self._write(line)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Judge, close the results file and decide the exit status, unless pytest itself has given up."""
        if session.config.option.collectonly:
            return
        given_up = exitstatus in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR) and not self._stopped(
            session
        )
        if self.broken or given_up or not self.collected:
            if self.writer:
                self.writer.close()
            if self.broken or given_up:
                session.exitstatus = NOT_COMPLETE
            return
        not_run = self._not_run()
        for test, ids in not_run.items():
            self._write(test_line(test, ids, Verdict.NOT_RUN, "the run ended before it"))
        self.judgements = judging.judge(
            self.registry,
            self.cell,
            self.results.values(),
            not_run,
            self.expectations,
            whole=self.selection is None,
            chosen=self.chosen,
        )
        for judgement in self.judgements:
            self._write(judgement.as_line(self.registry.titles[judgement.requirement.section]))
        self._write(self._footer(not_run))
        if self.writer:
            self.writer.close()
        session.exitstatus = judging.exit_status(self.judgements, complete=not not_run)

    def pytest_unconfigure(self) -> None:
        """Remove the folder of the run: every worker is gone by now."""
        shutil.rmtree(run_folder(), ignore_errors=True)

    @staticmethod
    def _stopped(session: pytest.Session) -> bool:
        """Return whether the run ended early because it was told to: ``-x`` or ``--maxfail``."""
        return bool(session.shouldfail)

    def _not_run(self) -> dict[str, list[str]]:
        """Return the tests that should have run and did not, with their requirements."""
        missing = [test for test in self.collected if test not in self.results]
        requirements: dict[str, list[str]] = {}
        for id_, tests in tests_by_requirement(self.registry.root).items() if missing else ():
            for test in tests:
                requirements.setdefault(
                    f"{test.file.relative_to(self.registry.root).as_posix()}::{test.name}", []
                ).append(id_)
        return {test: requirements.get(test.partition("[")[0], []) for test in missing}

    def _write(self, line: Mapping[str, Any]) -> None:
        if self.writer:
            try:
                self.writer.write(line)
            except ResultsError as error:
                pytest.exit(str(error), NOT_COMPLETE)

    def _header(self) -> dict[str, Any]:
        return {
            "kind": "header",
            "schema": SCHEMA,
            "suite": mpconform.__version__,
            "cell": {
                "backend": self.probe.name,
                "backend_version": self.probe.version,
                "start_method": self.cell.start_method,
                "python": platform.python_version(),
                "implementation": platform.python_implementation(),
                "platform": sys.platform,
            },
            "edition": self.cell.edition,
            "seed": self.seed,
            "started": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "tests": len(self.collected),
            "selection": self.selection,
        }

    def _footer(self, not_run: Mapping[str, Any]) -> dict[str, Any]:
        tests = Counter(result["verdict"] for result in self.results.values())
        tests.update({Verdict.NOT_RUN.value: len(not_run)} if not_run else {})
        return {
            "kind": "footer",
            "requirements": dict(Counter(judgement.verdict.value for judgement in self.judgements)),
            "tests": dict(tests),
            "seconds": round(time.monotonic() - self.started, 3),
            "left": left_in_shared_memory(self.shared_before),
            "lines": 1 + len(self.results) + len(not_run) + len(self.judgements),
        }
