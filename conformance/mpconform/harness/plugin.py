"""The pytest plugin: options, what is selected, and where each part of the harness comes in.

Without ``--backend`` it does nothing, so that it can be installed beside other suites.

=============================  ===========================================================
process                        what it does
=============================  ===========================================================
pytest, or xdist's controller  :mod:`.recording`: writes results, judges, exit status
pytest, or an xdist worker     :mod:`.running`: collects, runs each test in a sandbox
fork server                    :mod:`.forking`: forks the sandboxes and supervises them
sandbox                        :mod:`.sandbox`: runs one test
=============================  ===========================================================
"""

from __future__ import annotations

import os
import platform
import sys
import uuid
from collections.abc import Callable
from dataclasses import asdict
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

import mpadapters
from mpadapters import AdapterError
from mpadapters.expectations import Cell as BackendCell
from mpadapters.expectations import Expectation, ExpectationsError, load_expectations
from mpadapters.probing import Probe, probe
from mpconform.harness import judging, processes
from mpconform.harness.folders import run_folder
from mpconform.harness.recording import Recorder
from mpconform.harness.running import Runner, requirements_of
from mpconform.harness.spawning import TOLD
from mpconform.kit import cell, marks
from mpconform.registry import Registry, RegistryError, Requirement, load_registry
from mpconform.registry.model import did_you_mean
from mpreports.results import ResultsError
from mpreports.verdicts import DEVIATIONS

FRONT = "MPCONFORM_FRONT"
"""The pid of the ``mpconform run`` that this pytest works for, and without which it has no reason to live."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the suite."""
    group = parser.getgroup("mpconform", "conformance of multiprocessing backends")
    group.addoption("--backend", metavar="NAME", help="the backend to judge; the suite runs only with this option")
    group.addoption("--start-method", metavar="METHOD", help="fork, spawn or forkserver (default: the backend's own)")
    group.addoption(
        "--section", action="append", default=[], metavar="SLUG", help="only the tests of this section; repeatable"
    )
    group.addoption(
        "--requirement", action="append", default=[], metavar="GLOB", help="only the tests of these ids; repeatable"
    )
    group.addoption(
        "--edition", metavar="X.Y", help="edition of the documentation to judge by (default: this Python's)"
    )
    group.addoption("--results", metavar="FILE", help="write the results to this file, as JSON Lines")
    group.addoption("--expectations", metavar="FILE", help="known deviations (default: those of the adapter)")
    group.addoption("--repeat", type=int, default=1, metavar="N", help="run each test N times; what differs is flaky")
    group.addoption(
        "--patience", type=float, default=1.0, metavar="FACTOR", help="wait this many times as long, or as short"
    )
    group.addoption(
        "--isolation",
        choices=["auto", "fork", "fresh", "none"],
        default="auto",
        help="what a sandbox is: a fork of a server, a fresh interpreter, or nothing (no verdict is safe then)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Set the cell up in this process, and register the part of the harness that belongs to it."""
    if not config.option.backend:
        return
    if hasattr(config, "workerinput"):
        config.stash[TOLD] = config.workerinput["mpconform"]
        processes.die_with(config.workerinput["mpconform"]["parent"])
    elif FRONT in os.environ and TOLD not in config.stash:
        processes.die_with(int(os.environ[FRONT]))
    try:
        setup(config)
    except (AdapterError, RegistryError, ExpectationsError, ResultsError) as error:
        raise pytest.UsageError(str(error)) from None


def setup(config: pytest.Config) -> None:
    """Do what ``pytest_configure`` has to; raise the errors of the adapters, the registry and the expectations."""
    option = config.option
    first = TOLD not in config.stash
    probed = probe(option.backend) if first else Probe(**config.stash[TOLD]["probe"])
    config.stash[TOLD] = {"parent": os.getpid(), "probe": asdict(probed)}
    method = option.start_method or probed.start_methods[0]
    if method not in probed.start_methods:
        raise AdapterError(
            f"backend {probed.name!r} has no start method {method!r} here: it has {', '.join(probed.start_methods)}"
        )
    edition = option.edition or "{}.{}".format(*sys.version_info)
    registry = load_registry()
    judged = judging.Cell(mpadapters.load(probed.location), method, edition, sys.platform)
    known = expectations(option.expectations, judged, probed, registry)
    os.environ[cell.ADAPTER] = probed.location
    os.environ[cell.START_METHOD] = method
    os.environ[cell.PATIENCE] = str(option.patience)
    os.environ.setdefault(cell.RUN, uuid.uuid4().hex)
    seed = int(config.getoption("--hypothesis-seed", None) or 0)
    _settle_properties(seed)

    from mpconform.kit import fixtures

    config.pluginmanager.register(fixtures, "mpconform-fixtures")
    config.pluginmanager.register(Marks(), "mpconform-marks")
    config.pluginmanager.register(
        Selection(registry, judged, option.section, option.requirement), "mpconform-selection"
    )
    if config.pluginmanager.hasplugin("xdist"):
        config.pluginmanager.register(Telling(), "mpconform-telling")
    if option.isolation == "none":
        return
    config.pluginmanager.register(Runner(config, registry, judged, known), "mpconform-runner")
    if first:
        path = Path(option.results) if option.results else None
        recorder = Recorder(path, registry, judged, probed, known, selection(config), chosen(config), seed)
        config.pluginmanager.register(recorder, "mpconform-recorder")


def expectations(file: str | None, judged: judging.Cell, probed: Probe, registry: Registry) -> list[Expectation]:
    """Return the expectations that hold in this cell, from the file or else from the adapter."""
    path = Path(file) if file else judged.adapter.expectations()
    if path is None:
        return []
    known = load_expectations(path, [verdict.value for verdict in DEVIATIONS], registry.requirements)
    return known.for_cell(BackendCell(platform.python_version(), sys.platform, judged.start_method, probed.version))


def selection(config: pytest.Config) -> str | None:
    """Return what part of the suite was asked for, in words, or None for the whole."""
    option = config.option
    parts = [f"section {slug}" for slug in option.section] + [f"requirement {glob}" for glob in option.requirement]
    parts += [f"-k {option.keyword}"] if option.keyword else []
    parts += [argument for argument in config.args if "::" in argument or argument.endswith(".py")]
    for name in ("lf", "deselect"):
        if getattr(option, name, None):
            parts.append(f"--{name}")
    return ", ".join(parts) or None


def chosen(config: pytest.Config) -> Callable[[Requirement], bool]:
    """Return what tells of which requirements all tests were asked for; of none if tests themselves were chosen."""
    option = config.option
    other = option.keyword or any(getattr(option, name, None) for name in ("lf", "deselect"))
    if other or any("::" in argument or argument.endswith(".py") for argument in config.args):
        return lambda requirement: False
    return lambda requirement: (
        (not option.section or requirement.section in option.section)
        and (not option.requirement or any(fnmatchcase(requirement.id, glob) for glob in option.requirement))
    )


def _settle_properties(seed: int) -> None:
    """Let Hypothesis give the same examples in every run, unless a seed asks for others, and never look at a clock."""
    from hypothesis import HealthCheck, Phase, settings
    from hypothesis.configuration import set_hypothesis_home_dir

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


class Telling:
    """Tells xdist's workers what the controller knows already."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Give a worker the probe, and the pid without which it has no reason to live."""
        node.workerinput["mpconform"] = {"parent": os.getpid(), "probe": node.config.stash[TOLD]["probe"]}


class Marks:
    """Reads the marks of the kit."""

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Make one test of each value that a test is marked with."""
        for name, values in getattr(metafunc.function, marks.EACH, ()):
            metafunc.parametrize(name, values, ids=[_label(value) for value in values])


def _label(value: object) -> str:
    """Return what a value is called in the name of its test: the same in every worker."""
    for attribute in ("name", "__name__"):
        if hasattr(value, attribute):
            return str(getattr(value, attribute))
    return str(value)


class Selection:
    """Leaves out the tests that were not asked for, and those of which no requirement is tried in this cell."""

    def __init__(self, registry: Registry, judged: judging.Cell, sections: list[str], globs: list[str]) -> None:
        self.registry = registry
        self.judged = judged
        self.sections = sections
        self.globs = globs
        for glob in globs:
            if not any(fnmatchcase(id_, glob) for id_ in registry.requirements):
                registry.get(glob)
        for section in sections:
            if section not in registry.titles:
                raise RegistryError(f"no section {section!r}: {did_you_mean(section, registry.titles)}")

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Pass over the folders of sections that were not asked for: their tests verify nothing else."""
        if not self.sections and not self.globs:
            return None
        section = collection_path.name
        if collection_path.parent != self.registry.root or section not in self.registry.titles:
            return None
        requirements = [one for one in self.registry.requirements.values() if one.section == section]
        return None if any(self._wanted((requirement.id,)) for requirement in requirements) else True

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep what is wanted."""
        for item in items:
            for id_ in requirements_of(item):
                if id_ not in self.registry.requirements:
                    raise pytest.UsageError(f"{item.nodeid} verifies {id_!r}, which no requirements.toml has")
        wanted = [item for item in items if self._wanted(requirements_of(item))]
        config.hook.pytest_deselected(items=[item for item in items if item not in wanted])
        items[:] = wanted

    def _wanted(self, ids: tuple[str, ...]) -> bool:
        if not ids:
            return not (self.sections or self.globs)
        requirements = [self.registry.get(id_) for id_ in ids]
        return (
            any(self.judged.exempt(requirement) is None for requirement in requirements)
            and (not self.sections or any(requirement.section in self.sections for requirement in requirements))
            and (not self.globs or any(fnmatchcase(id_, glob) for id_ in ids for glob in self.globs))
        )
