"""The stacks of every Python process in a sandbox, for the dossier of a hang.

Each process was started with Python's fault handler on (``PYTHONFAULTHANDLER``, inherited by every
child), so SIGABRT makes it write the stacks of all its threads to its standard error and end.
All are stopped first, so that the end of one cannot set another going; then they are let go one
by one, children before parents, and what each one has written is read from the file behind its
standard error. Where there are no such signals, the processes are only named.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import psutil

from mpconform.isolation import processes

ANSWER_PATIENCE = 1.0
"""Seconds that a process has for writing its stacks."""

NO_ANSWER = "(no stack: not a Python process, or it did not answer)"


def take_stacks(tree: list[psutil.Process], errors: Path) -> list[dict[str, object]]:
    """End the processes of ``tree`` (parents before children) and return the stacks of each, parents first.

    ``errors`` is the file that the sandbox's standard error goes to. An entry has the keys ``pid``,
    ``command`` and ``stack``.
    """
    for process in tree:
        processes.attempt(process.suspend)
    stacks = [_stack(process, errors) for process in reversed(tree)]
    return stacks[::-1]


def _stack(process: psutil.Process, errors: Path) -> dict[str, object]:
    command = processes.describe(process)
    written = ""
    abort = processes.ABORT
    if abort is None:
        processes.attempt(process.kill)
    else:
        file = _standard_error(process.pid) or errors
        size = file.stat().st_size if file.exists() else 0
        processes.attempt(lambda: process.send_signal(abort))
        processes.attempt(process.resume)
        end = time.monotonic() + ANSWER_PATIENCE
        while _alive(process) and time.monotonic() < end:
            time.sleep(0.002)
        if file.exists():
            with file.open("rb") as stream:
                stream.seek(size)
                written = stream.read(65536).decode(errors="replace")
    return {"pid": process.pid, "command": command, "stack": written.strip() or NO_ANSWER}


def _alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _standard_error(pid: int) -> Path | None:
    """Return the file behind the standard error of a process, where the platform tells."""
    try:
        path = Path(os.readlink(f"/proc/{pid}/fd/2"))
    except OSError:
        return None
    return path if path.is_file() else None
