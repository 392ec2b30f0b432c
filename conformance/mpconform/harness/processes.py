"""The processes below this one: adopting the orphans, listing what is left, ending it.

On Linux this process becomes a sub-reaper, so whatever a test starts stays its descendant however
often it forks and whoever dies in between; nothing can leave the tree. Elsewhere the sandbox's
process group stands in for that: a process that leaves both its parent and its group is lost.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

KILL_PATIENCE = 5.0
"""Seconds after which a process that outlives SIGKILL is given up: the kernel holds it."""


def _prctl(option: int, value: int) -> bool:
    if sys.platform != "linux":
        return False
    return bool(ctypes.CDLL(None).prctl(option, value, 0, 0, 0) == 0)


def adopt_orphans() -> bool:
    """Become the parent of every descendant whose own parent dies; return whether the platform can do that."""
    return _prctl(PR_SET_CHILD_SUBREAPER, 1)


def die_with(parent: int) -> None:
    """End this process by SIGKILL as soon as its parent, whose pid is given, ends; at once if it has ended already.

    Where the platform cannot do that, :func:`is_orphan` is asked between the tests instead.
    """
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if is_orphan(parent):
        os._exit(1)


def is_orphan(parent: int) -> bool:
    """Return whether the parent of this process is another one than it was."""
    return os.getppid() != parent


class Forked:
    """A child that this process has forked."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.status: int | None = None

    def poll(self) -> int | None:
        """Return the exit status once it has ended (``-N``: by signal N), else None."""
        if self.status is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:  # living() has found it dead first, and taken its status
                return None
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status


def children() -> set[int] | None:
    """Return the pids of this process's children, dead or alive, at next to no cost; None where Linux does not tell."""
    found: set[int] = set()
    try:
        for task in Path("/proc/self/task").iterdir():
            found.update(map(int, (task / "children").read_text().split()))
    except OSError:
        return None
    return found


def living(group: int | None = None, besides: Iterable[int] = ()) -> list[psutil.Process]:
    """Return the living descendants of this process, parents before children, and reap the dead ones.

    ``group`` adds the members of that process group, for platforms where orphans are not adopted;
    ``besides`` are pids of children that do not count, and neither does what is below them.
    """
    ours = children()
    if group is None and ours is not None and ours <= set(besides):
        return []
    found: dict[int, psutil.Process] = {}
    for child in psutil.Process().children():
        if child.pid not in besides:
            found[child.pid] = child
            try:
                found.update((process.pid, process) for process in child.children(recursive=True))
            except psutil.NoSuchProcess:
                pass  # it ended just now; what it leaves is ours by the next look
    if group is not None:
        for process in psutil.process_iter():
            if process.pid not in found and process.pid != os.getpid() and _group(process.pid) == group:
                found[process.pid] = process
    left = [process for process in found.values() if not _reaped(process)]
    if found and not left and group is None:
        return living(besides=besides)  # what the dead ones had below them is ours only now
    return left


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except OSError:
        return None


def _reaped(process: psutil.Process) -> bool:
    """Return whether the process is dead; take its exit status if it is a child of this one."""
    try:
        if process.status() != psutil.STATUS_ZOMBIE:
            return False
        os.waitpid(process.pid, os.WNOHANG)
    except (psutil.NoSuchProcess, ChildProcessError):
        pass  # it went away meanwhile, or is another's to reap
    return True


def send(process: psutil.Process, number: int) -> None:
    """Send a signal to a process that may have ended."""
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        pass  # that is what the signal was for


def describe(process: psutil.Process) -> str:
    """Return the command line of a process on one line, cut to a readable length."""
    try:
        command = " ".join(process.cmdline()) or process.name()
    except psutil.Error:
        return "?"
    return command if len(command) <= 160 else command[:157] + "..."


def end_all(group: int | None = None, besides: Iterable[int] = ()) -> list[psutil.Process]:
    """Kill every descendant, again until none is left; return those that even SIGKILL did not end in time."""
    besides = frozenset(besides)
    end = time.monotonic() + KILL_PATIENCE
    while True:
        left = living(group, besides)
        if not left or time.monotonic() > end:
            return left
        for process in left:
            send(process, signal.SIGKILL)
        time.sleep(0.002)
