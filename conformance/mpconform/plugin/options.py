"""The options, and setting the plugin up. Without ``--backend`` it does nothing: it may live beside other suites."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import uuid
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

import mpadapters
from mpadapters import AdapterError
from mpadapters.cell import Cell
from mpadapters.expectations import Expectation, ExpectationsError, load_expectations
from mpadapters.probing import Probe, probe
from mpadapters.serving import serving
from mpconform.isolation import chaos, processes
from mpconform.isolation.folders import run_folder
from mpconform.isolation.fresh import TOLD
from mpconform.kit import cell
from mpconform.plugin import fate, fixtures, hooks
from mpconform.plugin.recording import Recorder
from mpconform.plugin.running import Runner
from mpconform.plugin.selection import Marks, Selection, chosen, words
from mpconform.registry import Registry, RegistryError, load_registry
from mpconform.reproducing.script import Subject
from mpreports.judging import exemptions
from mpreports.results import ResultsError
from mpreports.verdicts import DEVIATIONS, NOT_COMPLETE, Verdict

FRONT = "MPCONFORM_FRONT"
"""The pid of the ``mpconform run`` that this pytest works for, and without which it has no reason to live."""


PROBE = "MPCONFORM_PROBE"
"""What ``mpconform run`` has found out about the backend, as JSON."""

WRONG_USAGE = 2


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the suite."""
    group = parser.getgroup("mpconform", "conformance of multiprocessing backends")
    group.addoption(
        "--backend",
        metavar="NAME",
        help="the backend to judge: one of `mpconform backends` or any module; nothing here has an effect without it",
    )
    group.addoption("--start-method", metavar="METHOD", help="fork, spawn or forkserver (default: its first one)")
    group.addoption(
        "--section",
        action="append",
        default=[],
        metavar="SLUG",
        help="only this section, of `mpconform list`; repeatable",
    )
    group.addoption(
        "--requirement",
        action="append",
        default=[],
        metavar="GLOB",
        help="only the requirements with such an id, as 'queue.get.*'; repeatable",
    )
    group.addoption(
        "--edition", metavar="X.Y", help="edition of the documentation to judge by (default: this Python's)"
    )
    group.addoption(
        "--results", metavar="FILE", help="write the results to this file, as JSON Lines, for `mpconform report`"
    )
    group.addoption(
        "--expectations", metavar="FILE", help="known deviations, as TOML (default: those that come with the adapter)"
    )
    group.addoption("--repeat", type=int, default=1, metavar="N", help="run each test N times; what differs is flaky")
    group.addoption(
        "--seed", type=int, default=0, metavar="N", help="vary the examples of the properties; 0 gives the same ones"
    )
    group.addoption(
        "--chaos",
        type=int,
        nargs="?",
        const=chaos.ANY,
        metavar="SEED",
        help="starve one process of a test at a time, for short and for long, as the seed says (default: any); Linux",
    )
    group.addoption(
        "--no-confirm",
        dest="confirm",
        action="store_false",
        help="do not run again, alone, what goes wrong unexpectedly",
    )
    group.addoption(
        "--jobs",
        type=int,
        default=1,
        metavar="N",
        help="how many tests compute side by side; those that only wait do not count (default: 1; "
        "xdist's -n N is taken for it)",
    )
    group.addoption(
        "--time-limit",
        type=float,
        metavar="SECONDS",
        help="end the run after this time (default: never); what is known by then is written",
    )
    group.addoption(
        "--patience",
        type=float,
        default=1.0,
        metavar="FACTOR",
        help="make all waits this many times as long: more on a slow machine, less to see hangs sooner",
    )
    group.addoption(
        "--isolation",
        choices=["auto", "fork", "fresh", "none"],
        default="auto",
        help="what each test runs in: whichever is safe here (the default), a fork, a fresh interpreter (slow), or "
        "this very process, without verdicts",
    )


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Add the hooks of :mod:`mpconform.plugin.hooks`."""
    pluginmanager.add_hookspecs(hooks)


@pytest.hookimpl(wrapper=True)
def pytest_cmdline_main(config: pytest.Config) -> Iterator[None]:
    """Let ``-n`` be ``--jobs``: sandboxes are spread over the cores without xdist's workers."""
    option = config.option
    number = getattr(option, "numprocesses", None)
    if option.backend and number:
        option.jobs = number if isinstance(number, int) else os.cpu_count() or 1
        option.numprocesses, option.dist, option.tx = None, "no", []
    return (yield)


def pytest_configure(config: pytest.Config) -> None:
    """Set the cell up in this process, and register the parts of the plugin."""
    if not config.option.backend:
        return
    if FRONT in os.environ and TOLD not in config.stash:
        processes.die_with(int(os.environ[FRONT]))
        if hasattr(signal, "SIGBREAK"):  # what the front sends on Windows in place of Ctrl-C
            signal.signal(signal.SIGBREAK, signal.default_int_handler)
    try:
        setup(config)
    except (AdapterError, RegistryError, ExpectationsError, ResultsError) as error:
        fate.tell(str(error), getattr(error, "exit_status", WRONG_USAGE))
        raise pytest.UsageError(str(error)) from None


def pytest_internalerror(excinfo: pytest.ExceptionInfo[BaseException]) -> None:
    """Tell what broke the run: an error that is no test's."""
    fate.tell(f"the run itself is broken: {excinfo.exconly()}", NOT_COMPLETE)


def setup(config: pytest.Config) -> None:
    """Do what ``pytest_configure`` has to; raise the errors of the adapters, the registry and the expectations."""
    option = config.option
    service = serving(mpadapters.find(option.backend))
    config.add_cleanup(lambda: service.__exit__(None, None, None))
    service.__enter__()
    probed = what_is_known(config)
    config.stash[TOLD] = asdict(probed)
    method = option.start_method or probed.start_methods[0]
    if method not in probed.start_methods:
        raise AdapterError(
            f"backend {probed.name!r} has no start method {method!r} here: it has {', '.join(probed.start_methods)}"
        )
    edition = option.edition or "{}.{}".format(*sys.version_info)
    registry = load_registry()
    adapter = mpadapters.load(probed.location)
    judged = Cell.here(probed.name, probed.version, method)
    os.environ[cell.ADAPTER] = probed.location
    os.environ[cell.START_METHOD] = method
    os.environ[cell.PATIENCE] = str(option.patience)
    os.environ.setdefault(cell.RUN, uuid.uuid4().hex)
    _settle_properties(option.seed)
    _settle_chaos(option)

    exempt = exempted(registry, adapter, judged, edition)
    manager = config.pluginmanager
    manager.register(fixtures, "mpconform-fixtures")
    manager.register(Marks(), "mpconform-marks")
    manager.register(Selection(registry, exempt, option.section, option.requirement), "mpconform-selection")
    if option.isolation == "none":
        return
    known = expectations(option.expectations, adapter, judged, registry)
    path = Path(option.results) if option.results else None
    subject = Subject(adapter, method, option.seed, option.chaos)
    recorder = Recorder(path, registry, subject, judged, edition, exempt, known, words(config), chosen(config))
    manager.register(recorder, "mpconform-recorder")
    manager.register(
        Runner(config, registry, known, recorder, [service.pid] if service.pid else []), "mpconform-runner"
    )


def what_is_known(config: pytest.Config) -> Probe:
    """Return what the backend says of itself: as whoever started this pytest has been told, or asked now."""
    if TOLD in config.stash:
        return Probe(**config.stash[TOLD])
    if PROBE in os.environ and FRONT in os.environ:
        return Probe(**json.loads(os.environ[PROBE]))
    return probe(config.option.backend)


def exempted(
    registry: Registry, adapter: mpadapters.Adapter, judged: Cell, edition: str
) -> dict[str, tuple[Verdict, str]]:
    """Return the requirements that no test of this cell decides, with the verdict on each and the reason."""
    own: dict[str, tuple[Verdict, str]] = {}
    for requirement in registry.requirements.values():
        reason = requirement.not_applicable(edition, judged.platform, judged.start_method)
        if requirement.untestable is not None:
            own[requirement.id] = Verdict.UNTESTABLE, requirement.untestable
        elif reason is not None:
            own[requirement.id] = Verdict.NOT_APPLICABLE, reason
        elif not adapter.claims(requirement.id):
            own[requirement.id] = Verdict.UNSUPPORTED, adapter.unsupported
    return exemptions(own, registry.needs)


def expectations(file: str | None, adapter: mpadapters.Adapter, judged: Cell, registry: Registry) -> list[Expectation]:
    """Return the expectations that hold in this cell, from the file or else from the adapter."""
    path = Path(file) if file else adapter.expectations()
    if path is None:
        return []
    known = load_expectations(path, [verdict.value for verdict in DEVIATIONS], registry.requirements)
    return known.for_cell(judged)


def _settle_chaos(option: argparse.Namespace) -> None:
    """Let all processes of the run know that there is chaos, or that there is none; choose a seed if none was given."""
    os.environ.pop(cell.CHAOS, None)
    if option.chaos is None:
        return
    why = chaos.refusal()
    if why is not None:
        raise pytest.UsageError(f"--chaos: {why}")
    if option.chaos == chaos.ANY:
        option.chaos = chaos.any_seed()
    os.environ[cell.CHAOS] = str(option.chaos)


def _settle_properties(seed: int) -> None:
    """Let Hypothesis give the same examples in every run, unless a seed asks for others, and never look at a clock."""
    from hypothesis import HealthCheck, Phase, core, settings
    from hypothesis.configuration import set_hypothesis_home_dir
    from hypothesis.internal.conjecture import providers

    # Examples from the constants of whatever modules are loaded differ from one installation, and script, to the next,
    # and each sandbox would pay for finding them. Hypothesis has no public way to do without.
    providers._get_local_constants = lambda: providers._local_constants
    set_hypothesis_home_dir(run_folder() / "hypothesis")  # and not in the folder that the user happens to be in
    settings.register_profile(
        "mpconform",
        derandomize=seed == 0,
        deadline=None,
        database=None,
        print_blob=False,
        phases=set(Phase) - {Phase.explain},  # which runs a failing example many times more, to say little
        max_examples=25,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("mpconform")
    core.global_force_seed = seed or None  # type: ignore[assignment]
