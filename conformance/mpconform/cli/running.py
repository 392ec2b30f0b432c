"""``mpconform run``: judge backends, cell by cell."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from difflib import get_close_matches
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from mpadapters.cell import Cell
from mpadapters.expectations import load_expectations, update_expectations
from mpadapters.finding import find, load
from mpadapters.probing import Probe, probe
from mpadapters.serving import serving
from mpconform.cli.errors import UsageError, print_error
from mpconform.cli.launching import Order, RunFailed
from mpconform.cli.launching import run as run_cell
from mpconform.cli.reporting import site_in
from mpconform.cli.selecting import select
from mpconform.isolation.chaos import ANY, any_seed, refusal
from mpconform.registry import Registry, load_registry
from mpconform.registry.model import edition_number
from mpreports.results import Results, ResultsError, read_results
from mpreports.summary import print_summary
from mpreports.verdicts import DEVIATIONS, NOT_COMPLETE, SCORED

LOG_LINES = 30
"""How much of what pytest printed is shown when a run has failed."""


@click.command(name="run", context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--backend", "-b", "backends", multiple=True, default=["stdlib"], show_default=True,
              metavar="NAME", help="Backend: one of `mpconform backends` or any module. Repeatable.")  # fmt: skip
@click.option("--start-method", "-m", "methods", multiple=True, default=["all"], show_default=True,
              metavar="METHOD", help="fork, spawn, forkserver, or all that the backend has. Repeatable.")  # fmt: skip
@click.option("--section", "-s", "sections", multiple=True, metavar="SLUG",
              help="Only this section: the first column of `mpconform list`. Repeatable.")  # fmt: skip
@click.option("--requirement", "-r", "globs", multiple=True, metavar="GLOB",
              help="Only the requirements with such an id, as 'queue.get.*'. Repeatable.")  # fmt: skip
@click.option("--jobs", "-j", type=click.IntRange(1), default=os.cpu_count() or 1, show_default="one for each CPU",
              metavar="N", help="How many tests compute side by side; those that only wait do not count.")  # fmt: skip
@click.option("--edition", metavar="X.Y", help="Edition of the documentation to judge by, if not this Python's.")
@click.option("--results", type=click.Path(path_type=Path), default=Path("results"), show_default=True, metavar="PATH",
              help="Where results go: a folder, which gets a file for each cell and a site; or, for one cell, a file "
                   "ending in .jsonl.")  # fmt: skip
@click.option("--expectations", metavar="FILE", help="Known deviations, if not those that come with the adapter.")
@click.option("--update-expectations", "update", is_flag=True,
              help="Rewrite the expectations so that this very outcome is as expected.")  # fmt: skip
@click.option("--repeat", type=click.IntRange(1), default=1, metavar="N",
              help="Run each test N times; a verdict that changes is flaky. Without it only what goes wrong "
                                 "unexpectedly is run again, once, alone.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=0, metavar="N",
              help="Vary the examples of the properties; 0 gives the same ones in each run.")  # fmt: skip
@click.option("--chaos", type=int, is_flag=False, flag_value=ANY, metavar="[SEED]",
              help="Starve one process of a test at a time, for 1 ms to 2 s, as the seed says (any, if none is given). "
                   "What then fails once is flaky, and tells its schedule. Linux only.")  # fmt: skip
@click.option("--isolation", type=click.Choice(["auto", "fork", "fresh"]), default="auto", show_default=True,
              help="How sandboxes are made: forked, or each a fresh interpreter (slow).")  # fmt: skip
@click.option("--time-limit", type=click.FloatRange(1), default=1800, show_default=True, metavar="SECONDS",
              help="End the run of a cell after this time; what is known by then is written.")  # fmt: skip
@click.option("--patience", type=click.FloatRange(0, min_open=True), default=1.0, show_default=True, metavar="FACTOR",
              help="Make all waits this many times as long: for what must happen, for a test to be done, and to see "
                   "that nothing happens. More on a slow machine, less to see hangs sooner.")  # fmt: skip
@click.argument("more", nargs=-1, type=click.UNPROCESSED, metavar="[-- PYTEST_ARGUMENTS]")
def run(
    backends: Sequence[str],
    methods: Sequence[str],
    sections: Sequence[str],
    globs: Sequence[str],
    jobs: int,
    edition: str | None,
    results: Path,
    expectations: str | None,
    update: bool,
    repeat: int,
    seed: int,
    chaos: int | None,
    isolation: str,
    time_limit: float,
    patience: float,
    more: Sequence[str],
) -> int:
    """Judge backends and write results files.

    Each backend is judged under each start method in a run of its own, which ends with a summary. Each test is run in
    processes of its own, which are all ended when it is done or overdue. Ctrl-C ends a run; what is known by then is
    written, and what did not run is named.

    \b
    The standard library, as it is here, under all start methods:
      mpconform run
    A backend, one section, one start method:
      mpconform run --backend billiard --start-method spawn --section pipes_and_queues
    A module of your own, the tests of some name, until one fails; what follows -- is for pytest:
      mpconform run --backend my_module -- -k timeout -x
    What depends on timing, looked for by hostile schedules, which the seed repeats as far as a machine can:
      mpconform run --backend my_module --chaos 7 --section synchronization_primitives

    \b
    Exit status: 0 everything as expected; 1 a verdict worse or better than expected;
    2 wrong usage; 3 a run is not complete.
    """
    chaos = settled_chaos(chaos, update=update)
    registry = load_registry()
    if sections or globs:
        select(registry, sections, globs)
    if edition:
        edition_number(edition)
    with ExitStack() as services, tempfile.TemporaryDirectory(prefix="mpc-") as logs:
        # What a backend needs is started once, before anything is asked of it, and runs until all is done.
        wanted = list(dict.fromkeys(backends))
        running = [services.enter_context(serving(find(backend))) for backend in wanted]
        probes = [probe(backend) for backend in wanted]
        cells = [(found, method) for found in probes for method in chosen_methods(found, methods)]
        for found, _ in cells:
            check_expectations(found, expectations, registry, updating=update)
        # A file that is only made afterwards says nothing of this run.
        known = expectations if not expectations or Path(expectations).exists() else os.devnull
        orders = [
            Order(found, method, path, sections, globs, edition, known, repeat, seed, chaos, jobs,
                  isolation, time_limit, patience, [one.pid for one in running if one.pid], more)
            for (found, method), path in zip(cells, result_paths(results, cells), strict=True)
        ]  # fmt: skip
        status, finished = run_cells(orders, Path(logs, "log"), expectations if update else None, update=update)
    for service in running:
        if service.trouble:
            print_error(service.trouble)
    if finished and results.suffix != ".jsonl":
        page = site_in(results, finished)
        Console(highlight=False, soft_wrap=True).print(f"page: {page}", markup=False)
    return status


def settled_chaos(seed: int | None, *, update: bool) -> int | None:
    """Return the seed of the chaos, if there is to be any; raise :class:`UsageError` where there can be none."""
    if seed is None:
        return None
    why = "what only chaos shows is no expectation of a run without" if update else refusal()
    if why is not None:
        raise UsageError(f"--chaos: {why}")
    return any_seed() if seed == ANY else seed


def run_cells(
    orders: Sequence[Order], log: Path, expectations: str | None, *, update: bool
) -> tuple[int, list[Results]]:
    """Run one cell after the other, each with its summary; return the exit status and the results of all."""
    status = 0
    finished: list[Results] = []
    console = Console(highlight=False, soft_wrap=True)
    for order in orders:
        interrupted = False
        try:
            judged = run_with_progress(order, log)
        except KeyboardInterrupt:
            interrupted, judged = True, NOT_COMPLETE
        except RunFailed as error:
            show_log(error.log)
            print_error(f"{order.backend.name} under {order.start_method}: {error}")
            status = max(status, error.exit_status)
            continue
        try:
            one = read_results(order.results)
        except ResultsError as error:
            print_error(f"interrupted: {order.results} is incomplete" if interrupted else str(error))
            return NOT_COMPLETE, finished
        finished.append(one)
        print_summary(one, console)
        console.print(f"results: {order.results}\n")
        status = max(status, judged)
        if interrupted:
            print_error(f"interrupted: {order.results} has what was known by then")
            break
        if update and one.footer["ended"] is None:
            update_from(one, order.backend, expectations, console)
    return status, finished


def chosen_methods(found: Probe, methods: Sequence[str]) -> list[str]:
    """Return the start methods under which a backend is to be judged; raise :class:`UsageError` for an unknown one."""
    if "all" in methods:
        return list(found.start_methods)
    for method in methods:
        if method not in found.start_methods:
            close = get_close_matches(method, [*found.start_methods, "all"], n=1)
            hint = f"did you mean {close[0]}?" if close else f"it has {', '.join(found.start_methods)}"
            raise UsageError(f"backend {found.name!r} has no start method {method!r} here: {hint}")
    return list(dict.fromkeys(methods))


def check_expectations(found: Probe, file: str | None, registry: Registry, *, updating: bool) -> None:
    """Raise the error that the expectations of a backend would give later, before anything is run."""
    path = expectations_file(found, file)
    if path is not None and (path.exists() or (file and not updating)):
        load_expectations(path, [verdict.value for verdict in DEVIATIONS], registry.requirements)


def expectations_file(found: Probe, file: str | None) -> Path | None:
    """Return the file for the expectations of a backend, be it there or not; None if it has no place for one."""
    return Path(file) if file else load(found.location).expectations_file()


def result_paths(results: Path, cells: Sequence[tuple[Probe, str]]) -> list[Path]:
    """Return the results file of each cell, in a folder that exists; raise :class:`UsageError` if that cannot be."""
    if results.suffix == ".jsonl":
        if len(cells) > 1:
            raise UsageError(f"--results {results}: {len(cells)} cells do not go into one file; name a folder")
        folder, names = results.parent, [results.name]
    else:
        version = "{}.{}".format(*sys.version_info)
        folder, names = results, [f"{found.name}-{method}-py{version}.jsonl" for found, method in cells]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--results {results}: {error.strerror or error}") from None
    return [folder / name for name in names]


def run_with_progress(order: Order, log: Path) -> int:
    """Run one cell and return its exit status, with a bar on a terminal and silently elsewhere."""
    errors = Console(stderr=True, highlight=False)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task(f"{order.backend.name} under {order.start_method}", total=None)

        def advance(done: int) -> None:
            bar.update(task, completed=done, total=total_of(order.results))

        return run_cell(order, log, advance)


def total_of(path: Path) -> int | None:
    """Return how many tests the header of a results file that is being written announces."""
    import json

    with path.open() as file:
        total = json.loads(file.readline())["tests"]
    return int(total) if total is not None else None


def show_log(log: str) -> None:
    """Print the end of what pytest printed, for the one who has to find out why there are no results."""
    lines = log.strip().splitlines()
    for line in lines[-LOG_LINES:]:
        click.echo(f"  {line}", err=True)


def update_from(one: Results, found: Probe, file: str | None, console: Console) -> None:
    """Rewrite the expectations of a backend after a run, and say what was changed."""
    path = expectations_file(found, file)
    if path is None:
        raise UsageError(f"backend {found.name!r} has no expectations yet: name a file with --expectations")
    judged = {
        entry["id"]: (str(entry["verdict"]), entry["because"])
        for entry in one.requirements
        if entry["verdict"] in SCORED
    }
    cell = Cell(**one.header["cell"])
    changes = update_expectations(path, cell, judged, backend=found.name, start_methods=found.start_methods)
    for change in changes or ["nothing to change"]:
        console.print(f"{path}: {change}", markup=False)
