"""The ledger of one test, as far as the process that ran it can tell: threads and descriptors.

What is left behind by other means (processes, temporary files) is seen from outside, by
:mod:`mpconform.harness.supervision`, once that process has ended.

A backend may keep things for good: the pipe to a helper process, the file behind a shared heap.
So what is there after a test and was not there before it is no leak as such:

* a pipe whose other end a living helper of this process holds is the helper's lifeline;
* what is left over then is a leak if it grows when the test is run once more.
"""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

OWN = Path("/proc/self/fd")


@dataclass(frozen=True)
class Ledger:
    """What is there: descriptors with what they refer to, and the names of threads."""

    descriptors: dict[int, str]
    threads: dict[int, str]

    @property
    def size(self) -> int:
        """How many entries it has."""
        return len(self.descriptors) + len(self.threads)


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


def left_since(before: Ledger, patience: float) -> Ledger:
    """Return what is there now and was not there before, once it has settled or ``patience`` seconds are over."""
    gc.collect()
    end = time.monotonic() + patience
    while True:
        now = take()
        left = Ledger(
            {fd: target for fd, target in now.descriptors.items() if before.descriptors.get(fd) != target},
            {ident: name for ident, name in now.threads.items() if ident not in before.threads},
        )
        if left.descriptors:
            left = Ledger(_without_lifelines(left.descriptors), left.threads)
        if left.size == 0 or time.monotonic() > end:
            return left
        time.sleep(0.005)


def _without_lifelines(descriptors: dict[int, str]) -> dict[int, str]:
    held: set[str] = set()
    for helper in psutil.Process().children(recursive=True):
        held.update(_descriptors(Path(f"/proc/{helper.pid}/fd")).values())
    return {fd: target for fd, target in descriptors.items() if not target.startswith("pipe:") or target not in held}


def leaked(before: Ledger, again: Callable[[], bool], patience: float) -> Ledger:
    """Return what leaked since ``before``; empty if nothing did.

    ``again()`` runs the test once more and returns whether it passed: called only if something is left.
    """
    left = left_since(before, patience)
    if left.size == 0:
        return left
    middle = take()
    if not again():
        return left
    return left_since(middle, patience)
