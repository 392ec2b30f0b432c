"""How long a cell takes, beside CPython's own tests of multiprocessing: both in one run, on the same interpreter.

    python conformance/benchmarks/cell.py [--method fork] [--rounds 3]

CPython's tests of one start method are split in two processes; the suite judges the standard library with two jobs.
Each round runs both, one after the other, and prints their seconds, their CPU seconds and the ratio of the seconds. The
targets are ratios too: what one machine takes says nothing of another. Needs an interpreter with the package ``test``.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click

TARGETS = {"fork": 0.5, "spawn": 0.55, "forkserver": 0.5}

LIMIT = 1200
"""Seconds after which one side is given up."""


MODULE = """\
import test._test_multiprocessing as theirs

theirs.install_tests_in_module_dict(globals(), {method!r})
"""
"""What each of CPython's own test modules does, which not every installation has."""


def cpython(method: str, folder: Path) -> None:
    """Run CPython's own tests, in two processes."""
    (folder / "theirs_of_cpython.py").write_text(MODULE.format(method=method))
    listing = "import theirs_of_cpython as m; print(*(name for name in vars(m) if name.startswith(('With', 'Test'))))"
    listed = subprocess.run([sys.executable, "-c", listing], cwd=folder, capture_output=True, text=True, check=True)
    classes = [f"theirs_of_cpython.{name}" for name in listed.stdout.split()]
    halves = [
        subprocess.Popen(
            [sys.executable, "-m", "unittest", "-q", *classes[start::2]],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=(folder / f"theirs-{start}").open("wb"),
        )
        for start in (0, 1)
    ]
    for half in halves:
        half.wait(LIMIT)


def suite(method: str, folder: Path) -> None:
    """Judge the standard library."""
    command = [sys.executable, "-m", "mpconform", "run", "--start-method", method, "--jobs", "2"]
    subprocess.run([*command, "--results", str(folder)], stdout=subprocess.DEVNULL, check=True, timeout=LIMIT)


def measured(call: Callable[[], None]) -> tuple[float, float]:
    """Return the seconds that a call takes, and the CPU seconds of all processes that end in it."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    call()
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@click.command()
@click.option("--method", "methods", multiple=True, default=list(TARGETS), type=click.Choice(list(TARGETS)))
@click.option("--rounds", default=1, show_default=True, type=click.IntRange(1))
def main(methods: tuple[str, ...], rounds: int) -> None:
    """Measure and print."""
    print(f"Python {sys.version.split()[0]}: seconds (CPU seconds)")
    print("start method       CPython's tests          the suite    ratio   target")
    for method in methods:
        ratios = []
        for _ in range(rounds):
            with tempfile.TemporaryDirectory(prefix="mpc-") as name:
                theirs = measured(lambda method=method, folder=Path(name): cpython(method, folder))
                ours = measured(lambda method=method, folder=Path(name): suite(method, folder))
            ratios.append(ours[0] / theirs[0])
            row = f"{theirs[0]:9.1f} ({theirs[1]:6.1f}) {ours[0]:9.1f} ({ours[1]:6.1f})"
            print(f"{method:12}  {row} {ratios[-1]:8.2f} {TARGETS[method]:8.2f}", flush=True)
        print(f"{method:12}  median {statistics.median(ratios):.2f}, target {TARGETS[method]:.2f}", flush=True)


if __name__ == "__main__":
    main()
