"""The tracker: removes the named memory, and the folders of sockets, that a family of processes has left behind.

A name outlives the process that made it, so when all who could remove it were killed somebody else has to. That is
the tracker, a small process which holds the reading end of a pipe. Every process of a family (a program, and all that
was started from it) holds the writing end, and says which names it made and which it removed::

    family                                         tracker
    ------                                         -------
    "+kind name\\0"   this name is there now  --->  adds it to its set
    "-kind name\\0"   this name was removed   --->  takes it out
    the last process ends                    --->  reads the end of file, removes what is in the set, ends

Rules
-----
* It is started with the first tracked name, or, once this module is imported, with the first child: so that
  parent and children have one and the same.
* A child whose parent has not imported this module makes a family of its own. The parent may still want what it
  leaves, so that tracker awaits the end of the parent as well before it removes anything.
* Each record is short enough to be written as a whole, whoever else writes.
* It ignores the signals by which a terminal or a supervisor ends a program, and holds none of its files. Who kills it
  kills its memory: the next name starts another, which knows nothing of those before.
"""

from __future__ import annotations

import os
import signal
import threading

from mpreference import handover
from mpreference.named_memory import unlink_named
from mpreference.process import parent_process
from mpreference.starting import preparation, spawn
from mpreference.waiting import readable

_writer: int | None = None
_lock = threading.RLock()  # a listener may be collected, and untracked, in the middle of anything


def track(kind: str, name: str) -> None:
    """Let the tracker remove what has this name, of one of the :data:`KINDS`, when the family has ended."""
    _tell("+", kind, name)


def untrack(kind: str, name: str) -> None:
    """Let the tracker forget this name, if there is a tracker."""
    if _writer is not None:
        _tell("-", kind, name)


def _tell(what: str, kind: str, name: str) -> None:
    record = os.fsencode(f"{what}{kind} {name}\0")
    with _lock:
        try:
            os.write(_start(), record)
        except BrokenPipeError:
            os.write(_start(again=True), record)


def _start(again: bool = False) -> int:
    """Return where to write to the tracker of this family; start it if there is none, or ``again``."""
    global _writer
    if _writer is not None and again:
        os.close(_writer)
        _writer = None
    if _writer is None:
        reader, writer = os.pipe()
        parent = parent_process()
        awaited = [] if parent is None else [parent.sentinel]
        spawn.execute("mpreference.tracking:run", [reader, *awaited], apart=True)
        os.close(reader)
        _writer = writer
    return _writer


def run(descriptors: list[int]) -> None:
    """Be the tracker: ``descriptors`` are the reading end and, maybe, a sentinel of a process that is awaited."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    reader, *awaited = descriptors
    names: set[bytes] = set()
    rest = b""
    while chunk := os.read(reader, 65536):
        *records, rest = (rest + chunk).split(b"\0")
        for record in records:
            if record.startswith(b"+"):
                names.add(record[1:])
            else:
                names.discard(record[1:])
    for sentinel in awaited:
        if names:
            readable(sentinel, None)
    for name in names:
        kind, _, left = os.fsdecode(name).partition(" ")
        try:
            KINDS[kind](left)
        except OSError:
            pass  # somebody else has removed it


def _remove_folder(path: str) -> None:
    """Remove a folder and the files in it."""
    for name in os.listdir(path):
        os.unlink(os.path.join(path, name))
    os.rmdir(path)


KINDS = {"memory": unlink_named, "folder": _remove_folder}
"""The kinds of what is tracked, and how each is removed."""


# How children come by it


def _before_fork() -> None:
    with _lock:
        _start()


def _after_fork() -> None:
    global _lock
    _lock = threading.RLock()


def _describe() -> int:
    with _lock:
        return handover.give(_start())


def _adopt(ticket: int) -> None:
    global _writer
    if _writer is not None:
        os.close(_writer)  # that of a fork server
    _writer = handover.take(ticket)


os.register_at_fork(before=_before_fork, after_in_child=_after_fork)
preparation.steps.append((_describe, _adopt))
