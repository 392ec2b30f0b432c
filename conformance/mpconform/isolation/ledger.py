"""The ledger of one test, as far as the process that ran it can tell: threads and descriptors.

What is left behind by other means (processes, temporary files, names in shared memory) is seen from outside, by
:mod:`mpconform.isolation.supervision`, once that process has ended.

A backend may keep things for good: the pipe to a helper process, the file behind a shared heap.
So what is there after a test and was not there before it is no leak as such:

* a pipe whose other end a living helper of this process holds is the helper's lifeline;
* what the adapter says that a process of the backend keeps is kept, one of each glob;
* what is left over then is a leak if it grows when the test is run once more.
"""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import psutil

from mpconform.kit import idle

OWN = Path("/proc/self/fd")

SETTLED = 0.05
"""Seconds for which what is left must not change to be taken as what stays."""


@dataclass(frozen=True)
class Ledger:
    """What is there: descriptors with what they refer to, and the names of threads."""

    descriptors: dict[int, str]
    threads: dict[int, str]

    @property
    def size(self) -> int:
        """How many entries it has."""
        return len(self.descriptors) + len(self.threads)


NOTHING = Ledger({}, {})


def take() -> Ledger:
    """Return the ledger of this process. Without ``/proc`` it has no descriptors."""
    threads = {thread.ident or 0: thread.name for thread in threading.enumerate()}
    return Ledger(_descriptors(OWN), threads)


def _descriptors(folder: Path) -> dict[int, str]:
    found: dict[int, str] = {}
    try:
        names = os.listdir(folder)
    except OSError:
        return found
    for name in names:
        try:
            found[int(name)] = os.readlink(folder / name)
        except OSError:
            pass  # the descriptor of the listing itself, closed by now
    return found


def left_since(before: Ledger, keeps: Sequence[str] = ()) -> Ledger:
    """Return what is there now and was not there before, without lifelines and one entry for each glob in ``keeps``."""
    now = take()
    descriptors = {fd: target for fd, target in now.descriptors.items() if before.descriptors.get(fd) != target}
    threads = {ident: name for ident, name in now.threads.items() if ident not in before.threads}
    for glob in keeps:
        for entries in (descriptors, threads):
            kept = [key for key, text in entries.items() if fnmatchcase(text, glob)]
            if kept:
                del entries[kept[0]]
    return Ledger(_without_lifelines(descriptors) if descriptors else {}, threads)


def _without_lifelines(descriptors: dict[int, str]) -> dict[int, str]:
    held: set[str] = set()
    for helper in psutil.Process().children(recursive=True):
        held.update(_descriptors(Path(f"/proc/{helper.pid}/fd")).values())
    return {fd: target for fd, target in descriptors.items() if not target.startswith("pipe:") or target not in held}


def leaked(before: Ledger, again: Callable[[], bool], patience: float, keeps: Sequence[str] = ()) -> Ledger:
    """Return what leaked since ``before``; empty if nothing did.

    ``again()`` runs the test once more and returns whether it passed: called only if something is left. What is
    left has ``patience`` seconds to go. ``keeps`` are globs of files of which one each is no leak.
    """
    first = settled(before, patience, keeps)
    if first.size == 0 or not again():
        return NOTHING  # a second run that fails cannot tell, and no backend is accused without proof
    end = time.monotonic() + patience
    while True:
        second = settled(before, patience, keeps)
        grown = Ledger(
            _beyond(second.descriptors, first.descriptors),
            _beyond(second.threads, first.threads),
        )
        if grown.size == 0 or time.monotonic() > end:
            return grown
        with idle():
            time.sleep(SETTLED)


def settled(before: Ledger, patience: float, keeps: Sequence[str] = ()) -> Ledger:
    """Return what is left once it is nothing, or has not changed for a while, or ``patience`` seconds are over."""
    left = left_since(before, keeps)
    start = same_since = time.monotonic()
    pause = 0.003
    while left.size and time.monotonic() < min(start + patience, same_since + SETTLED):
        gc.collect()  # what only a cycle of dead objects holds is not kept
        if threading.active_count() == 1:
            return left_since(before, keeps)  # there is nobody who could still change it
        with idle():
            time.sleep(pause)
        pause = min(2 * pause, SETTLED / 2)  # looking takes what the threads need that are to end
        last, left = left, left_since(before, keeps)
        if left != last:
            same_since = time.monotonic()
    return left


def _beyond(second: dict[int, str], first: dict[int, str]) -> dict[int, str]:
    """Return what came new with the second run, if there is more now than after the first."""
    if len(second) <= len(first):
        return {}
    return {key: value for key, value in second.items() if first.get(key) != value}
