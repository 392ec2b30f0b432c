"""Running the collected tests, each in a sandbox, confirming what went wrong, and reporting to pytest.

====================  ==========================================================================
step                  what is run
====================  ==========================================================================
all                   each test, if possible once what it needs has been tried; but not yet what
                      needs something that hung or crashed, or may be about to: that would most
                      likely do the same
confirmation          what went wrong and was not expected to, each alone: a verdict that
                      changes is flaky
the rest              what was held back, if what it needs turned out to be there
====================  ==========================================================================

Under chaos a suspect is run again four times, each time by the schedule under which it went wrong: what it passes
in between is ``flaky``, since seen once is seen.

With ``-x`` and ``--maxfail`` a failure is confirmed at once. What ends a run early, by Ctrl-C or by the time limit,
keeps nothing from being reported: what went wrong and could not be confirmed is told as that.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from compileall import compile_dir
from importlib.util import find_spec
from typing import Any

import pytest

from mpadapters.expectations import Expectation, expected
from mpconform.isolation import processes
from mpconform.isolation.folders import run_folder
from mpconform.isolation.fresh import ALONE, TOLD, Plan, start_server
from mpconform.isolation.outcome import Outcome, last_failure
from mpconform.isolation.server import Server, fork_server
from mpconform.kit import cell
from mpconform.plugin import fate
from mpconform.plugin.items import requirements_of
from mpconform.plugin.recording import Recorder
from mpconform.plugin.reports import report_of
from mpconform.plugin.scheduling import Choice, OutOfTime, Scheduler, first_that
from mpconform.registry import Registry
from mpreports.judging import Judged, settle, unmet
from mpreports.verdicts import BLOCKING, DEVIATIONS, NOT_COMPLETE, Verdict, worst

STUCK = (Verdict.HANG, Verdict.CRASH)
"""What a root does that keeps the tests of what needs it from being run at all."""

HOPE = 1.5
"""Seconds that what a test needs may be under way before it is taken to hang, perhaps."""


def compile_all() -> None:
    """Compile what children import, once: in a checkout each of a thousand children would do so, if none may write."""
    for package in ("mpadapters", "mpconform.kit", "mpconform.sections"):
        spec = find_spec(package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            compile_dir(folder, quiet=2)


CONFIRMED_UNDER_CHAOS = 4
"""How often a suspect is run again under chaos, where the same schedule need not meet the same processes again."""


class Runner:
    """The plugin that runs the tests."""

    def __init__(
        self,
        config: pytest.Config,
        registry: Registry,
        expectations: Sequence[Expectation],
        recorder: Recorder,
        besides: Sequence[int] = (),
    ) -> None:
        self.registry = registry
        self.needs = registry.needs
        self.expectations = expectations
        self.recorder = recorder
        self.besides = besides
        self.jobs: int = config.option.jobs
        self.repeat: int = config.option.repeat
        self.confirming: bool = config.option.confirm
        self.chaos: int | None = config.option.chaos
        self.confirmations = 1 if self.chaos is None else CONFIRMED_UNDER_CHAOS
        self.at_once = bool(config.option.maxfail)
        self.items: list[pytest.Item] = []
        self.ids: list[tuple[str, ...]] = []
        """The requirements that each item verifies and that are tried in this cell."""
        self.needed: list[list[str]] = []
        """What these need, directly or not."""
        self.untried: list[list[str]] = []
        """What of that was not tried when it was last looked at."""
        self.attempts: dict[int, list[Outcome]] = {}
        """What is known of each item that has not been reported yet."""
        self.schedules: Counter[int] = Counter()
        """How many schedules of chaos each item has had."""
        self.pending: Counter[str] = Counter()
        """How many tests of each requirement have still to be run."""
        self.found: dict[str, dict[int, Verdict]] = {}
        """What the items that verify each requirement have said of it so far."""
        self.verdicts: dict[str, Verdict] = {}
        """The worst of that."""

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Generator[None, Any, Any]:
        """Let pytest keep what it makes of the tests for the next run, which then begins two seconds sooner."""
        before = sys.dont_write_bytecode
        sys.dont_write_bytecode = False
        try:
            return (yield)
        finally:
            sys.dont_write_bytecode = before

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Run all that was collected."""
        if session.config.option.collectonly or not session.items:
            return None
        if session.testsfailed and not session.config.option.continue_on_collection_errors:
            return None  # pytest tells
        self.items = session.items
        exempt = self.recorder.exempt
        self.ids = [tuple(id_ for id_ in requirements_of(item) if id_ not in exempt) for item in self.items]
        self.needed = [self._needed(ids) for ids in self.ids]
        self.untried = [list(needed) for needed in self.needed]
        self.pending.update(id_ for ids in self.ids for id_ in ids)
        limit: float | None = session.config.option.time_limit
        scheduler = Scheduler(self._starter(session), self.jobs, limit, self.besides, self._schedule)
        try:
            self._calibrate(scheduler)
            self._run_all(session, scheduler)
        except OutOfTime:
            raise session.Interrupted(f"the time limit of {limit:g} s is over") from None
        finally:
            scheduler.close()
            for index in sorted(self.attempts):
                self._report(index, unconfirmed=True)
        return True

    def _starter(self, session: pytest.Session) -> Callable[[memoryview], Server]:
        """Return what starts a server."""
        option = session.config.option
        compile_all()
        processes.adopt_orphans()  # what a server leaves behind, if it is killed, comes to this process
        if option.isolation == "fork" or (option.isolation == "auto" and sys.platform == "linux"):
            adapter = self.recorder.subject.adapter
            if adapter.preload:
                adapter.preload_modules()
            method = self.recorder.cell.start_method
            warm_up = (lambda: adapter.warm_up(method)) if adapter.preload else (lambda: None)
            return lambda flag: fork_server(self.items, flag, warm_up)
        arguments = [*ALONE, "-p", "no:cacheprovider", "-q", "--no-header", "--capture=no"]
        arguments += ["--isolation=none", f"--rootdir={session.config.rootpath}", f"--backend={option.backend}"]
        arguments += [f"--seed={option.seed}"]
        arguments += [f"--chaos={self.chaos}"] if self.chaos is not None else []
        arguments += [f"--start-method={self.recorder.cell.start_method}", f"--edition={self.recorder.edition}"]
        arguments += [f"--patience={option.patience}"]
        tests = [f"{item.path}::{item.nodeid.partition('::')[2]}" for item in self.items]
        plan = Plan(session.config.stash[TOLD], arguments, tests)
        return lambda flag: start_server(plan, run_folder())

    def _calibrate(self, scheduler: Scheduler) -> None:
        told = scheduler.calibrate()
        if "unreachable" in told:
            message = f"backend {self.recorder.subject.adapter.name!r}: {told['unreachable']}"
            fate.tell(message, NOT_COMPLETE)
            pytest.exit(message, NOT_COMPLETE)
        os.environ[cell.LATENCY] = str(told["latency"])

    def _schedule(self, index: int) -> str | None:
        """Return the name of the schedule of chaos for the next run of an item: a new one, or that of its failure."""
        if self.chaos is None:
            return None
        attempts = self.attempts.get(index, [])
        bad = last_failure(attempts)
        if bad is not None and bad.schedule and len(attempts) >= self.repeat:
            return bad.schedule
        self.schedules[index] += 1
        test = self.items[index].nodeid.rpartition("/")[2].replace(" ", "")
        return f"{self.chaos} {test} {self.schedules[index]}"

    # The steps

    def _run_all(self, session: pytest.Session, scheduler: Scheduler) -> None:
        # What is known to deviate may take all the time that there is, so it had better not begin last.
        known = {one: any(expected(self.expectations, id_) for id_ in ids) for one, ids in enumerate(self.ids)}
        order = sorted(known, key=lambda index: not known[index])
        left = [index for index in order for _ in range(self.repeat)]

        def choose(items: Sequence[int]) -> int | None:
            ready = first_that(lambda index: self._settled(index) and not self._stuck(index))(items)
            if ready is not None or self.at_once:  # with -x what fails is reported at once: what it needs must be known
                return ready
            lasting = {id_ for one in scheduler.lasting(HOPE) for id_ in self.ids[one]}
            return first_that(lambda index: lasting.isdisjoint(self.needed[index]) and not self._stuck(index))(items)

        self._run(session, scheduler, left, choose)
        self._confirm(session, scheduler)
        self._run(session, scheduler, left, first_that(lambda index: not self._stuck(index)))
        self._confirm(session, scheduler)
        for index in dict.fromkeys(left):
            if index not in self.attempts:
                root = next(id_ for id_ in self.needed[index] if self.verdicts.get(id_) in STUCK)
                self.attempts[index] = [Outcome(Verdict.BLOCKED, f"needs {root}, which is {self.verdicts[root]}")]
            self._report(index)

    def _run(self, session: pytest.Session, scheduler: Scheduler, left: list[int], choose: Choice) -> None:
        """Run what is left and can be chosen; report at once what needs no confirmation."""
        for index, outcome in scheduler.run(left, choose):
            self._take(index, outcome)
            if self.at_once and index in self.attempts and self._suspect(index):
                self._confirm(session, scheduler)
            if session.shouldfail:
                raise session.Failed(session.shouldfail)
            if session.shouldstop:
                raise session.Interrupted(session.shouldstop)

    def _take(self, index: int, outcome: Outcome) -> None:
        """Add an outcome to what is known of an item, and report the item if it is done and not suspect."""
        attempts = self.attempts.setdefault(index, [])
        attempts.append(outcome)
        if len(attempts) == self.repeat:
            self.pending.subtract(self.ids[index])
            self._note(index)
            if not self._suspect(index):
                self._report(index)

    def _confirm(self, session: pytest.Session, scheduler: Scheduler) -> None:
        """Run each suspect again, alone, unless what it needs is missing for sure; report it.

        What hangs does so side by side: it is given so long that it does not matter who else is there.
        """
        done = [index for index in sorted(self.attempts) if len(self.attempts[index]) >= self.repeat]
        hanging = [index for index in done if self._suspect(index) and self.attempts[index][-1].verdict is Verdict.HANG]
        unblocked = first_that(lambda index: self._blocked_by(index) is None)
        for index, outcome in scheduler.run(hanging * self.confirmations, unblocked):
            if index in hanging:
                self.attempts[index].append(outcome)
                self._note(index)
            else:
                self._take(index, outcome)
        for index in done:
            if index not in hanging and self._suspect(index) and self._blocked_by(index) is None:
                for other, outcome in scheduler.run(
                    [index] * self.confirmations, first_that(lambda _: True), alone=True
                ):
                    if other == index:
                        self.attempts[index].append(outcome)
                        self._note(index)
                    else:
                        self._take(other, outcome)
            self._report(index)

    # What is known

    def _needed(self, ids: Sequence[str]) -> list[str]:
        """Return the requirements that these need, directly or not, and that are none of these themselves."""
        found: list[str] = []
        rest = [needed for id_ in ids for needed in self.needs[id_]]
        while rest:
            id_ = rest.pop()
            if id_ not in found:
                found.append(id_)
                rest.extend(self.needs[id_])
        return [id_ for id_ in found if id_ not in ids]

    def _settled(self, index: int) -> bool:
        """Return whether all that an item needs has been tried."""
        untried = self.untried[index]
        while untried and not self.pending[untried[-1]]:
            untried.pop()
        return not untried

    def _stuck(self, index: int) -> bool:
        """Return whether something that an item needs hangs or crashes, as far as is known."""
        return any(self.verdicts.get(id_) in STUCK for id_ in self.needed[index])

    def _blocked_by(self, index: int) -> str | None:
        """Return what is missing by other tests, if each promise that an item does not keep needs such a thing."""
        ids = self.ids[index]
        wrong = [id_ for id_, one in self.judged(index).items() if one.verdict in DEVIATIONS | {Verdict.BLOCKED}]
        roots = [unmet(id_, self.needs, self.verdicts, ids) for id_ in wrong]
        return roots[0] if roots and all(root is not None and root not in ids for root in roots) else None

    def _suspect(self, index: int) -> bool:
        """Return whether an item went wrong in a way that has to be confirmed."""
        if not self.confirming or last_failure(self.attempts[index]) is None:
            return False
        return any(
            judged.verdict in DEVIATIONS and not self._expected(id_, judged.verdict)
            for id_, judged in self.judged(index).items()
        )

    def _expected(self, id_: str, verdict: Verdict) -> str | None:
        """Return why a requirement is expected to have this verdict, if it is."""
        wanted = expected(self.expectations, id_)
        return wanted.reason if wanted is not None and wanted.verdict == verdict else None

    def judged(self, index: int) -> Mapping[str, Judged]:
        """Return what all attempts of an item say of each of its requirements."""
        ids = self.ids[index]
        each = [outcome.judged(ids) for outcome in self.attempts[index]]
        return {
            id_: settle([one[id_] for one in each], observing=self.registry.get(id_).ambiguous is not None)
            for id_ in ids
        }

    def _note(self, index: int) -> None:
        """Keep in mind what an item, which has been run, says of its requirements."""
        for id_, judged in self.judged(index).items():
            self.found.setdefault(id_, {})[index] = judged.verdict
            self.verdicts[id_] = worst(self.found[id_].values())

    # What is told

    def _report(self, index: int, *, unconfirmed: bool = False) -> None:
        """Report an item to pytest and to the results; what is known of it is forgotten."""
        item, attempts = self.items[index], self.attempts[index]
        judged = self.judged(index)
        if unconfirmed:
            judged = {
                id_: one._replace(message=f"not confirmed, because the run ended before: {one.message}")
                if one.verdict in DEVIATIONS
                else one
                for id_, one in judged.items()
            }
        blocker = self._blocked_by(index)
        del self.attempts[index]
        reasons = [
            self._expected(id_, one.verdict) for id_, one in judged.items() if one.verdict in BLOCKING | DEVIATIONS
        ]
        report = report_of(item, attempts, judged, reasons, blocker)
        report.mpconform = self.recorder.test_line(item, judged, attempts)  # type: ignore[attr-defined]
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        item.ihook.pytest_runtest_logreport(report=report)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
