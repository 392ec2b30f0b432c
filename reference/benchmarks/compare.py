"""Timing one piece of work on two sides in one run: the reference and the standard library.

A piece of work is a context manager that takes a side's package, makes what it needs and gives a function
to be timed. Both sides are set up once; then they take turns, so that whatever else the machine does hits both.
Times are of the wall and of the CPU, the latter with that of all children, living and dead. All processes of a
run stay on the same cores.
"""

from __future__ import annotations

import gc
import os
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import Any

import psutil

ROUNDS = 9


@dataclass(frozen=True)
class Work:
    """One piece of work; ``target`` is the reference's time over the standard library's that is aimed at."""

    name: str
    target: float
    on: Callable[[Any], AbstractContextManager[Callable[[], object]]]


@dataclass(frozen=True)
class Ratios:
    """The reference's time over the standard library's."""

    work: Work
    wall: float
    best_wall: float
    cpu: float
    best_cpu: float
    milliseconds: float
    """Of the reference, a round, by the wall: the median."""


def compare(works: list[Work], rounds: int = ROUNDS) -> Iterator[Ratios]:
    """Time each piece of work on both sides and yield what came out."""
    import multiprocessing

    import mpreference

    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    for work in works:
        with ExitStack() as stack:
            sides = [stack.enter_context(work.on(package)) for package in (mpreference, multiprocessing)]
            times: list[list[tuple[float, float]]] = [[], []]
            for number in range(rounds + 1):
                for side in (0, 1) if number % 2 else (1, 0):
                    measured = _time(sides[side])
                    if number:  # the first round only warms up
                        times[side].append(measured)
        ours, theirs = ([list(column) for column in zip(*side, strict=True)] for side in times)
        yield Ratios(
            work,
            statistics.median(ours[0]) / statistics.median(theirs[0]),
            min(ours[0]) / min(theirs[0]),
            statistics.median(ours[1]) / statistics.median(theirs[1]),
            min(ours[1]) / min(theirs[1]),
            statistics.median(ours[0]) * 1000,
        )


def _time(run: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds of the wall and of the CPU that a call takes, without those of looking for children."""
    gc.collect()
    before = _cpu_of_children()
    own = _own_cpu()
    start = time.perf_counter()
    run()
    wall = time.perf_counter() - start
    own = _own_cpu() - own
    return wall, max(own + _cpu_of_children() - before, 1e-9)


def _own_cpu() -> float:
    return sum(resource.getrusage(resource.RUSAGE_SELF)[:2])


def _cpu_of_children() -> float:
    """Return the seconds that the children of this process, living and dead, have spent."""
    spent = sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    for child in psutil.Process().children(recursive=True):
        try:
            times = child.cpu_times()
        except psutil.Error:
            continue  # it has ended meanwhile, and counts as dead from now on
        spent += times.user + times.system + times.children_user + times.children_system
    return spent


def show(results: Iterator[Ratios]) -> None:
    """Print a table, a line for each result as it comes, and the geometric mean below."""
    print(f"{'work':36} {'target':>7} {'wall':>6} {'best':>6} {'CPU':>6} {'best':>6} {'ms':>9}")
    walls = []
    for result in results:
        missed = " " if result.wall <= result.work.target else "*"
        walls.append(result.wall)
        print(
            f"{result.work.name:36} {result.work.target:7.2f} {result.wall:6.2f}{missed}{result.best_wall:6.2f} "
            f"{result.cpu:6.2f} {result.best_cpu:6.2f} {result.milliseconds:9.2f}",
            flush=True,
        )
    if walls:
        print(f"{'geometric mean':36} {'':7} {statistics.geometric_mean(walls):6.2f}   (* more than the target)")
