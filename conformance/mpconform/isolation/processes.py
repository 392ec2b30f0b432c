"""The processes below this one: adopting the orphans, listing what is left, ending it.

What only one kind of system has stands here and nowhere else in the harness:

==========  =====================================================================================
Linux       this process becomes a sub-reaper, so whatever a test starts stays its descendant
            however often it forks and whoever dies in between; nothing can leave the tree
other POSIX the sandbox's process group stands in for that: a process that leaves both its parent
            and its group is lost
Windows     a sandbox is put into a job, which whatever it starts belongs to; see :mod:`.jobs`
==========  =====================================================================================
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Protocol

import psutil

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

KILL_PATIENCE = 5.0
"""Seconds after which a process that outlives its killing is given up: the kernel holds it."""

NO_HANG: int = getattr(os, "WNOHANG", 0)
KILL: int = getattr(signal, "SIGKILL", 9)
ABORT: int | None = getattr(signal, "SIGABRT", None) if hasattr(signal, "SIGSTOP") else None
"""The signal that makes a Python process write its stacks, where processes can be stopped for that."""

CAN_FORK = hasattr(os, "fork")


class Root(Protocol):
    """The root process of a sandbox."""

    pid: int

    def poll(self) -> int | None:
        """Return the exit status once it has ended (``-N``: by signal N), else None."""


def _prctl(option: int, value: int) -> bool:
    if sys.platform != "linux":
        return False
    return bool(ctypes.CDLL(None).prctl(option, value, 0, 0, 0) == 0)


def adopt_orphans() -> bool:
    """Become the parent of every descendant whose own parent dies; return whether the platform can do that."""
    return _prctl(PR_SET_CHILD_SUBREAPER, 1)


def die_with(parent: int) -> None:
    """End this process as soon as its parent, whose pid is given, ends; at once if it has ended already.

    Where the platform cannot do that, the end of file on a channel tells whoever waits for orders.
    """
    _prctl(PR_SET_PDEATHSIG, KILL)
    if os.getppid() != parent:
        os._exit(1)


def lead_session() -> None:
    """Leave the session and the process group of whoever started this process, where there are such."""
    if hasattr(os, "setsid"):
        os.setsid()


def write_no_core() -> None:
    """Let neither this process nor any that it starts write a core file when it crashes, where there are such files."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


class Forked:
    """A child that this process has forked."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.status: int | None = None

    def poll(self) -> int | None:
        """Return the exit status once it has ended (``-N``: by signal N), else None."""
        if self.status is None:
            try:
                pid, status = os.waitpid(self.pid, NO_HANG)
            except ChildProcessError:  # living() has found it dead first, and taken its status
                return None
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status


class Watch:
    """Waits for the end of a process, in the kernel where it can and by looking often where it cannot."""

    def __init__(self, pid: int) -> None:
        self.descriptor = -1
        if hasattr(os, "pidfd_open"):
            try:
                self.descriptor = os.pidfd_open(pid)
            except OSError:
                pass  # it has ended already, or the system refuses: whoever looks next sees that

    def wait(self, seconds: float) -> None:
        """Return when the process has ended, and after ``seconds`` at the latest."""
        if self.descriptor >= 0:
            select.select([self.descriptor], [], [], seconds)
        else:
            time.sleep(min(seconds, 0.002))

    def close(self) -> None:
        """Give the descriptor back."""
        if self.descriptor >= 0:
            os.close(self.descriptor)


def await_end(
    root: Root, seconds: float, abandoned: Callable[[], bool], meanwhile: Callable[[], float] = lambda: 0.2
) -> int | None:
    """Return the exit status of the root, or None if it has not ended within ``seconds``.

    ``abandoned()`` returns whether nobody wants to know any more; then :class:`Abandoned` is raised. ``meanwhile()`` is
    called again and again, and returns the seconds until it wants to be called again.
    """
    end = time.monotonic() + seconds
    watch = Watch(root.pid)
    try:
        while True:
            status = root.poll()
            if status is not None:
                return status
            left = end - time.monotonic()
            if left <= 0:
                return None
            watch.wait(min(left, meanwhile()))
            if abandoned():
                raise Abandoned
    finally:
        watch.close()


class Abandoned(Exception):
    """Whoever wanted the result is gone."""


def children() -> set[int] | None:
    """Return the pids of this process's children, dead or alive, at next to no cost; None where Linux does not tell."""
    found: set[int] = set()
    try:
        for task in Path("/proc/self/task").iterdir():
            found.update(map(int, (task / "children").read_text().split()))
    except OSError:
        return None
    return found


def living(group: int | None = None, besides: Collection[int] = ()) -> list[psutil.Process]:
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
    except (OSError, AttributeError):
        return None


def _reaped(process: psutil.Process) -> bool:
    """Return whether the process is dead; take its exit status if it is a child of this one."""
    try:
        if process.status() != psutil.STATUS_ZOMBIE:
            return False
        os.waitpid(process.pid, NO_HANG)
    except (psutil.NoSuchProcess, ChildProcessError):
        pass  # it went away meanwhile, or is another's to reap
    return True


def attempt(action: Callable[[], object]) -> None:
    """Do something to a process that may have ended."""
    try:
        action()
    except (psutil.NoSuchProcess, psutil.AccessDenied, ProcessLookupError):
        pass  # it has ended, which is what was wanted, or it is not ours to end


def describe(process: psutil.Process) -> str:
    """Return the command line of a process on one line, cut to a readable length."""
    try:
        command = " ".join(process.cmdline()) or process.name()
    except psutil.Error:
        return "?"
    return command if len(command) <= 160 else command[:157] + "..."


def end_all(group: int | None = None, besides: Collection[int] = ()) -> list[psutil.Process]:
    """Kill every descendant, again until none is left; return those that even that did not end in time."""
    end = time.monotonic() + KILL_PATIENCE
    while True:
        left = living(group, besides)
        if not left or time.monotonic() > end:
            return left
        for process in left:
            attempt(process.kill)
        time.sleep(0.002)
