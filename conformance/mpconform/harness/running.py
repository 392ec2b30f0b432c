"""Running the collected tests, each in a sandbox, and confirming what went wrong.

A test that does not pass is run again: at once if that was expected of it, else alone, after every worker is
done with its own tests, and one worker at a time; until then nothing is reported of it. A test that needs a
requirement whose test has gone wrong is put off too: once that is confirmed, the test is blocked and need not run.

====================  ======================================================================
phase                 what holds the others back
====================  ======================================================================
tests                 nothing
confirmation          every worker's tests are done: each holds ``tests`` shared until then
what was put off      every worker has confirmed: each holds ``confirmations`` until then
====================  ======================================================================

With ``-x`` and ``--maxfail`` a failure is confirmed at once, and nothing is put off.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mpadapters.expectations import Expectation, expected
from mpconform.harness import judging, recording
from mpconform.harness.folders import run_folder
from mpconform.harness.forking import ForkServer, ServerDied
from mpconform.harness.reproducer import chosen_values, standalone
from mpconform.harness.spawning import TOLD, FreshInterpreters
from mpconform.harness.supervision import Abandoned, Attempt, last_failure
from mpconform.kit import marks
from mpconform.registry import Registry
from mpreports.verdicts import BLOCKING, DEVIATIONS, Verdict


class Runner:
    """The plugin that runs tests; lives in every process that collects."""

    def __init__(
        self, config: pytest.Config, registry: Registry, judged: judging.Cell, expectations: list[Expectation]
    ) -> None:
        self.registry = registry
        self.judged = judged
        self.expectations = expectations
        self.repeat: int = config.option.repeat
        self.at_once = bool(config.option.maxfail)
        self.sandboxes: ForkServer | FreshInterpreters | None = None
        self.suspects: list[tuple[pytest.Item, list[Attempt]]] = []
        self.put_off: list[pytest.Item] = []
        self.shared = Shared()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Iterator[None]:
        """Run what pytest or xdist hands out, then confirm, then run what was put off."""
        if session.config.option.collectonly or not session.items:
            return (yield)
        self.sandboxes = self._sandboxes(session)
        try:
            with self.shared.joining("confirmations"):
                with self.shared.joining("tests"):
                    result = yield
                with self.shared.alone("tests"):
                    for item, attempts in self.suspects:
                        self._settle(item, attempts)
            with self.shared.alone("confirmations"):
                for item in self.put_off:
                    self._run_put_off(item)
        finally:
            self.sandboxes.close()
        return result

    def _sandboxes(self, session: pytest.Session) -> ForkServer | FreshInterpreters:
        option = session.config.option
        if option.isolation == "fork" or (option.isolation == "auto" and sys.platform == "linux"):
            return ForkServer(session.items)
        options = ["-p", "no:xdist", "-p", "no:cacheprovider", "-q", "--no-header", "--capture=no", "--isolation=none"]
        options += [f"--rootdir={session.config.rootpath}", f"--backend={option.backend}"]
        seed = session.config.getoption("--hypothesis-seed", None)
        options += [f"--hypothesis-seed={seed}"] if seed else []
        options += [f"--start-method={self.judged.start_method}", f"--edition={self.judged.edition}"]
        options += [f"--patience={option.patience}"]
        return FreshInterpreters(session.items, session.config.stash[TOLD], options)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool:
        """Run one test in a sandbox."""
        if not self.at_once and self.shared.any_suspect(self._needed(requirements_of(item))):
            self.put_off.append(item)
            return True
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        attempts = [self._attempt(item) for _ in range(self.repeat)]
        failure = last_failure(attempts)
        if failure is not None:
            self.shared.suspect(requirements_of(item))
        if failure is None or self.at_once or self._expected(item, Verdict(failure.verdict)):
            self._settle(item, attempts)
        else:
            self.suspects.append((item, attempts))
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    def _attempt(self, item: pytest.Item) -> Attempt:
        assert self.sandboxes is not None
        try:
            return self.sandboxes.run(item.session.items.index(item))
        except ServerDied as error:
            return Attempt(Verdict.NOT_RUN, str(error))
        except Abandoned:
            os._exit(1)  # the controller is gone, and with it everyone who could read a report

    def _settle(self, item: pytest.Item, attempts: list[Attempt]) -> None:
        """Report a test, and run it again before that if it went wrong."""
        if last_failure(attempts) is not None:
            attempts.append(self._attempt(item))
        verdict = self._report(item, attempts)
        if verdict in BLOCKING:
            self.shared.confirm(requirements_of(item))

    def _expected(self, item: pytest.Item, verdict: Verdict) -> list[str]:
        """Return why each of the requirements of a test, of which this verdict is expected, has it."""
        wanted = [expected(self.expectations, id_) for id_ in requirements_of(item)]
        return [one.reason for one in wanted if one is not None and one.verdict == verdict]

    def _run_put_off(self, item: pytest.Item) -> None:
        needed = self.shared.confirmed(self._needed(requirements_of(item)))
        if needed is not None:
            self._log(item, Verdict.BLOCKED, f"needs {needed}, which is not met", [])
            return
        attempts = [self._attempt(item) for _ in range(self.repeat)]
        self._settle(item, attempts)

    def _needed(self, ids: Sequence[str]) -> list[str]:
        """Return the requirements that these need, directly or not."""
        found: list[str] = []
        rest = [needed for id_ in ids for needed in self.registry.get(id_).needs]
        while rest:
            id_ = rest.pop()
            if id_ not in found:
                found.append(id_)
                rest.extend(self.registry.get(id_).needs)
        return found

    def _report(self, item: pytest.Item, attempts: list[Attempt]) -> Verdict:
        observing = any(self.registry.get(id_).ambiguous is not None for id_ in requirements_of(item))
        verdict = judging.verdict_of((attempt.verdict for attempt in attempts), observing)
        bad = last_failure(attempts)
        message = bad.message if bad else ""
        if verdict == Verdict.NOT_RUN:
            message = next(attempt.message for attempt in attempts if attempt.verdict == Verdict.NOT_RUN)
        if verdict == Verdict.FLAKY:
            passed = sum(attempt.verdict == Verdict.PASS for attempt in attempts)
            message = f"passed {passed} of {len(attempts)} times; else: {message}"
        self._log(item, verdict, message, attempts)
        return verdict

    def _log(self, item: pytest.Item, verdict: Verdict, message: str, attempts: list[Attempt]) -> None:
        """Give pytest one report of a test."""
        bad = last_failure(attempts)
        last = bad or (attempts[-1] if attempts else None)
        inner = _inner_report(item, last)
        traceback = inner.longreprtext if inner and bad else ""
        observation = dict(inner.user_properties).get("observation") if inner else None
        line = recording.test_line(
            item.nodeid,
            list(requirements_of(item)),
            verdict,
            message,
            attempts,
            standalone(item, self.judged, self.registry, verdict) if verdict in DEVIATIONS else "",
            traceback,
            None if observation is None else str(observation),
        )
        report = pytest.TestReport(
            nodeid=item.nodeid,
            location=item.location,
            keywords={},
            outcome="passed" if bad is None and verdict != Verdict.BLOCKED else "failed",
            longrepr=None if bad is None else (inner.longrepr if inner and inner.longrepr else f"{verdict}: {message}"),
            when="call",
            sections=_sections(last),
            duration=sum(attempt.seconds for attempt in attempts),
        )
        report.mpconform = line  # type: ignore[attr-defined]
        if verdict == Verdict.BLOCKED:
            report.outcome = "skipped"
            report.longrepr = (str(item.path), 0, f"blocked: {message}")
        elif verdict in DEVIATIONS:
            for reason in self._expected(item, verdict):
                report.outcome = "skipped"
                report.wasxfail = reason
        for plugin in item.config.pluginmanager.get_plugins():
            if type(plugin).__name__ == "WorkerInteractor":
                # xdist sends a report as that of the test whose turn it is; this one may come later than its turn.
                plugin.item_index = item.session.items.index(item)
        item.ihook.pytest_runtest_logreport(report=report)


def requirements_of(item: pytest.Item) -> tuple[str, ...]:
    """Return the ids of the requirements that a test verifies."""
    return marks.requirements_of(item.function, chosen_values(item)) if isinstance(item, pytest.Function) else ()


def _inner_report(item: pytest.Item, attempt: Attempt | None) -> pytest.TestReport | None:
    if attempt is None or attempt.report is None:
        return None
    report: Any = item.config.hook.pytest_report_from_serializable(config=item.config, data=dict(attempt.report))
    return report if isinstance(report, pytest.TestReport) else None


def _sections(attempt: Attempt | None) -> list[tuple[str, str]]:
    if attempt is None:
        return []
    stacks = "\n\n".join(f"{stack['pid']} {stack['command']}\n{stack['stack']}" for stack in attempt.stacks)
    named = [("Stacks", stacks), ("Captured stdout", attempt.stdout), ("Captured stderr", attempt.stderr)]
    return [(title, text) for title, text in named if text]


class Shared:
    """What the workers of one run tell each other: a folder of locks and of marks named by requirement."""

    @property
    def folder(self) -> Path:
        """The folder of the run; made again if a server that was killed took it for its own."""
        return run_folder()

    @contextmanager
    def joining(self, phase: str) -> Iterator[None]:
        """Be one of the workers that are in this phase."""
        with self._locked(phase, alone=False):
            yield

    @contextmanager
    def alone(self, phase: str) -> Iterator[None]:
        """Await that no worker is in this phase any more, and keep the others waiting."""
        with self._locked(phase, alone=True):
            yield

    @contextmanager
    def _locked(self, name: str, *, alone: bool) -> Iterator[None]:
        try:
            import fcntl
        except ImportError:  # no such locks on Windows: there a failure may be run again while others run
            yield
            return
        with open(self.folder / name, "wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
            yield

    def suspect(self, ids: Sequence[str]) -> None:
        """Mark requirements as not met so far."""
        for id_ in ids:
            (self.folder / f"{id_}.suspect").touch()

    def confirm(self, ids: Sequence[str]) -> None:
        """Mark requirements as not met for sure."""
        for id_ in ids:
            (self.folder / f"{id_}.confirmed").touch()

    def any_suspect(self, ids: Sequence[str]) -> bool:
        """Return whether one of these is marked as not met, so far or for sure."""
        return any((self.folder / f"{id_}.suspect").exists() for id_ in ids)

    def confirmed(self, ids: Sequence[str]) -> str | None:
        """Return one of these that is marked as not met for sure, if any is."""
        return next((id_ for id_ in ids if (self.folder / f"{id_}.confirmed").exists()), None)
