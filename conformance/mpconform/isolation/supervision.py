"""Watching one sandbox from outside until it has ended, and saying what became of it."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Collection, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import mpadapters
from mpconform.isolation import dossier, processes, sandbox
from mpconform.isolation.chaos import Chaos
from mpconform.isolation.jobs import Job
from mpconform.isolation.outcome import Outcome, read_notes
from mpconform.isolation.processes import Root, Watch, await_end
from mpconform.kit import cell
from mpreports.verdicts import Verdict

OUTPUT_LIMIT = 65536
"""Bytes that are kept of each stream that a sandbox printed to; the end of it, where the news is."""

ONE = {
    "descriptors": "descriptor",
    "threads": "thread",
    "processes": "process",
    "files": "file",
    "names": "name in shared memory",
}
"""The kinds of things that are left behind, and what one of them is called."""

MANY = {"names": "names in shared memory"}
"""What several are called, where that is not the kind itself."""


def supervise(
    root: Root,
    folder: Path,
    deadline: float,
    abandoned: Callable[[], bool],
    look_for_names: Callable[[], list[str]],
    group: int | None = None,
    besides: Collection[int] = (),
    chaos: Chaos | None = None,
) -> Outcome:
    """Await the end of a sandbox, at most ``deadline`` seconds; end whatever is left of it; return what happened.

    ``abandoned()`` returns whether nobody wants the result any more: then :class:`.processes.Abandoned` is raised, and
    what is left of the sandbox is the caller's to end. ``look_for_names()`` returns what it has left
    in shared memory; ``group`` is the sandbox's process group where orphans are not adopted; ``besides`` are
    children of this process that are not the sandbox's. ``chaos`` starves it.
    """
    started = time.monotonic()
    job = Job(root.pid)
    if chaos is None:
        status = await_end(root, deadline, abandoned)
    else:
        try:
            status = await_end(root, deadline, abandoned, chaos.tick)
        finally:
            chaos.release()
    stacks = []
    if status is None:
        stacks = dossier.take_stacks(processes.living(group, besides), folder / sandbox.ERRORS)
    outcome = _outcome(status, folder, deadline)
    if outcome.verdict is Verdict.PASS:
        keeps = mpadapters.load(os.environ[cell.ADAPTER]).keeps
        outcome.ledger["processes"] = _left_behind(group, besides, deadline / 8, keeps)
        outcome.ledger["files"] = not_kept(sorted(os.listdir(folder / sandbox.TEMPORARY)), keeps)
    elif status is not None:
        stacks = dossier.take_stacks(processes.living(group, besides), folder / sandbox.ERRORS)
    processes.end_all(group, besides)
    job.close()
    root.poll()
    if outcome.verdict is Verdict.PASS:
        outcome.ledger["names"] = look_for_names()
        left = [_counted(kind, entries) for kind, entries in outcome.ledger.items() if entries]
        if left:
            outcome.verdict = Verdict.LEAK
            outcome.message = "left behind: " + "; ".join(left)
    if chaos is not None and not outcome.passed:
        outcome.blame(chaos)
    outcome.stacks = stacks
    outcome.seconds = outcome.seconds or time.monotonic() - started
    outcome.stdout = _tail(folder / sandbox.OUTPUT)
    outcome.stderr = _tail(folder / sandbox.ERRORS)
    return outcome


def _outcome(status: int | None, folder: Path, deadline: float) -> Outcome:
    """Return the outcome as the exit status, the result and the notes of the sandbox tell it."""
    result = _result(folder)
    notes = read_notes(folder / sandbox.PROMISES)
    if status is None:
        where = "in its exit handlers, after the test itself was done" if result else "in the test"
        return Outcome(Verdict.HANG, f"not done within {deadline:.1f} s: it hangs {where}", notes=notes)
    if status == sandbox.HARNESS_FAILED:
        return Outcome(Verdict.NOT_RUN, "the sandbox could not write its result: is the disk full?")
    if result is None:
        message = f"the process that ran the test {_how(status)} in the middle of it"
        return Outcome(Verdict.CRASH, message, notes=notes)
    outcome = Outcome(notes=notes, **{**result, "verdict": Verdict(result["verdict"])})
    if outcome.verdict is Verdict.PASS and status != 0:
        outcome.verdict = Verdict.CRASH
        outcome.message = f"the process that ran the test {_how(status)} in its exit handlers"
    return outcome


def _result(folder: Path) -> dict[str, Any] | None:
    try:
        loaded: dict[str, Any] = json.loads((folder / sandbox.RESULT).read_text(encoding="utf-8"))
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


def not_kept(entries: Sequence[str], keeps: Sequence[str]) -> list[str]:
    """Return the processes, or files, that no glob of what the backend keeps by design covers."""
    return [entry for entry in entries if not any(fnmatchcase(entry, glob) for glob in keeps)]


def _counted(kind: str, entries: Sequence[str]) -> str:
    """Return how many of a kind are left behind, and what the first of them are."""
    more = ", …" if len(entries) > 3 else ""
    what = MANY.get(kind, kind) if len(entries) > 1 else ONE[kind]
    return f"{len(entries)} {what} ({', '.join(entries[:3])}{more})"


def _left_behind(group: int | None, besides: Collection[int], patience: float, keeps: Sequence[str]) -> list[str]:
    """Return the processes that do not end by themselves once the root has ended, as text."""
    end = time.monotonic() + patience
    while True:
        left = [one for one in processes.living(group, besides) if not_kept([processes.describe(one)], keeps)]
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
