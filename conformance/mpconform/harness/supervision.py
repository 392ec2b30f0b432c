"""Watching one sandbox from outside until it has ended, and saying what became of it.

The same for both kinds of sandbox: :mod:`mpconform.harness.forking` supervises from the fork
server, :mod:`mpconform.harness.spawning` from pytest's own process.
"""

from __future__ import annotations

import json
import os
import select
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from mpconform.harness import dossier, processes, sandbox
from mpreports.verdicts import Verdict

OUTPUT_LIMIT = 65536
"""Bytes that are kept of each stream that a sandbox printed to; the end of it, where the news is."""


ONE = {"descriptors": "descriptor", "threads": "thread", "processes": "process", "files": "file"}
"""The kinds of things that are left behind, and what one of them is called."""


class Abandoned(Exception):
    """Whoever wanted the result is gone."""


class Root(Protocol):
    """The root process of a sandbox."""

    pid: int

    def poll(self) -> int | None:
        """Return the exit status once it has ended (``-N``: by signal N), else None."""


@dataclass
class Attempt:
    """What one run of one test came to. Goes between processes as JSON."""

    verdict: str
    message: str = ""
    seconds: float = 0.0
    report: dict[str, Any] | None = None
    """The report of the phase that decided, as pytest serialises it; None if the sandbox left none."""
    stacks: list[dict[str, object]] = field(default_factory=list)
    ledger: dict[str, list[str]] = field(default_factory=dict)
    stdout: str = ""
    stderr: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return dict(vars(self))


def last_failure(attempts: Sequence[Attempt]) -> Attempt | None:
    """Return the last of the attempts that did not pass, or None if all did."""
    return next((attempt for attempt in reversed(attempts) if attempt.verdict != Verdict.PASS), None)


def supervise(
    root: Root,
    folder: Path,
    deadline: float,
    abandoned: Callable[[], bool],
    known: set[int],
    group: int | None = None,
) -> Attempt:
    """Await the end of a sandbox, at most ``deadline`` seconds; end whatever is left of it; return what happened.

    ``abandoned()`` returns whether nobody wants the result any more: then :class:`Abandoned` is raised, and what
    is left of the sandbox is the caller's to end. ``known`` are the pids of children of this process
    that do not belong to the sandbox; ``group`` is the sandbox's process group where orphans are not adopted.
    """
    started = time.monotonic()
    status = await_end(root, started + deadline, abandoned)
    stacks = []
    if status is None:
        stacks = dossier.take_stacks(processes.living(group, known), folder / sandbox.ERRORS)
    attempt = _judge(status, folder, deadline)
    if attempt.verdict == Verdict.PASS:
        left = _left_behind(group, known, deadline / 8)
        if left:
            attempt.ledger["processes"] = left
        attempt.ledger["files"] = sorted(os.listdir(folder / sandbox.TEMPORARY))
        if any(attempt.ledger.values()):
            attempt.verdict = Verdict.LEAK
            attempt.message = "left behind: " + "; ".join(
                _counted(kind, entries) for kind, entries in attempt.ledger.items() if entries
            )
    elif status is not None:
        stacks = dossier.take_stacks(processes.living(group, known), folder / sandbox.ERRORS)
    processes.end_all(group, known)
    root.poll()
    attempt.stacks = stacks
    attempt.seconds = attempt.seconds or time.monotonic() - started
    attempt.stdout = _tail(folder / sandbox.OUTPUT)
    attempt.stderr = _tail(folder / sandbox.ERRORS)
    return attempt


def await_end(root: Root, end: float, abandoned: Callable[[], bool]) -> int | None:
    """Return the exit status of the root, or None if it has not ended by ``end``."""
    watch = Watch(root.pid)
    try:
        while True:
            status = root.poll()
            if status is not None:
                return status
            left = end - time.monotonic()
            if left <= 0:
                return None
            watch.wait(min(left, 0.2))
            if abandoned():
                raise Abandoned
    finally:
        watch.close()


class Watch:
    """Waits for the end of a process, in the kernel where it can and by looking often where it cannot."""

    def __init__(self, pid: int) -> None:
        self.descriptor = -1
        if hasattr(os, "pidfd_open"):
            try:
                self.descriptor = os.pidfd_open(pid)
            except ProcessLookupError:
                pass  # it has ended already, and whoever looks next sees that

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


def _judge(status: int | None, folder: Path, deadline: float) -> Attempt:
    """Return the attempt as its exit status and its result tell it."""
    result = _result(folder)
    if status is None:
        where = "in its exit handlers, after the test itself was done" if result else "in the test"
        return Attempt(Verdict.HANG, f"not done within {deadline:.1f} s: it hangs {where}")
    if status == sandbox.HARNESS_FAILED:
        return Attempt(Verdict.NOT_RUN, "the sandbox could not write its result: is the disk full?")
    if result is None:
        return Attempt(Verdict.CRASH, f"the process that ran the test {_how(status)} in the middle of it")
    report = result["report"]
    if report["outcome"] != "passed":
        return Attempt(Verdict.FAIL, _message(report), result["seconds"], report)
    if status != 0:
        return Attempt(Verdict.CRASH, f"the process that ran the test {_how(status)} in its exit handlers")
    return Attempt(Verdict.PASS, "", result["seconds"], report, ledger=result["ledger"])


def _result(folder: Path) -> dict[str, Any] | None:
    try:
        loaded: dict[str, Any] = json.loads((folder / sandbox.RESULT).read_text())
    except FileNotFoundError:
        return None
    return loaded


def _how(status: int) -> str:
    if status >= 0:
        return f"exited with status {status}"
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by signal {-status}"


def _message(report: dict[str, Any]) -> str:
    """Return what a failing report says in short: pytest's own crash line, or the last line there is."""
    longrepr = report["longrepr"]
    if isinstance(longrepr, dict) and longrepr.get("reprcrash"):
        return str(longrepr["reprcrash"]["message"])
    lines = str(longrepr).strip().splitlines()
    return lines[-1] if lines else report["outcome"]


def _counted(kind: str, entries: Sequence[str]) -> str:
    """Return how many of a kind are left behind, and what the first of them are."""
    more = ", …" if len(entries) > 3 else ""
    return f"{len(entries)} {kind if len(entries) > 1 else ONE[kind]} ({', '.join(entries[:3])}{more})"


def _left_behind(group: int | None, known: set[int], patience: float) -> list[str]:
    """Return the processes that do not end by themselves once the root has ended, as text."""
    end = time.monotonic() + patience
    while True:
        left = processes.living(group, known)
        if not left or time.monotonic() > end:
            return [f"{process.pid} {processes.describe(process)}" for process in left]
        watch = Watch(left[0].pid)  # looking for it again and again would take the very CPU that it needs to end
        watch.wait(max(0.0, end - time.monotonic()))
        watch.close()


def _tail(file: Path) -> str:
    if not file.exists():
        return ""
    size = file.stat().st_size
    with file.open("rb") as stream:
        stream.seek(max(0, size - OUTPUT_LIMIT))
        text = stream.read().decode(errors="replace")
    return text if size <= OUTPUT_LIMIT else f"[the first {size - OUTPUT_LIMIT} bytes are cut]\n{text}"
