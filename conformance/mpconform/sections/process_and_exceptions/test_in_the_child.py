"""What a child sees of its own process object: what it was made with, and what was assigned to it before start()."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from mpconform.kit import backend, promise, verifies


def answer(look: Callable[[], Any]) -> Any:
    """Return what the call returns, or in words what it raised: no answer keeps others from being given."""
    try:
        return look()
    except Exception as error:
        return f"raised {error!r}"


def record_itself(journal: Any, *args: Any) -> None:
    """Write down with what the target was called, and what this process is in its own eyes."""
    mp = backend()
    journal.write(
        {
            "args": args,
            "pid": os.getpid(),
            "name": answer(lambda: mp.current_process().name),
            "authkey": answer(lambda: bytes(mp.current_process().authkey)),
            "authkey of a new process": answer(lambda: bytes(mp.Process().authkey)),
            "daemon": answer(lambda: mp.current_process().daemon),
            "daemon of a new process": answer(lambda: mp.Process().daemon),
            "daemon of a new process with None": answer(lambda: mp.Process(daemon=None).daemon),
            "daemon of a new process with False": answer(lambda: mp.Process(daemon=False).daemon),
        }
    )


@verifies(
    "process.constructor.passes-args",
    "process.name.same-in-child",
    "process.authkey.same-in-child",
    "process.pid.is-process-id",
)
def test_child_is_what_its_process_object_says(mp, journal):
    process = mp.Process(target=record_itself, args=(journal, "one", 2, None, [4.0]), name="worker")
    process.start()
    pid = answer(lambda: process.pid)
    [found] = journal.wait(1, "record of a child that looks at itself")
    process.join()
    with promise("process.constructor.passes-args"):
        args = found["args"]
        assert args == ("one", 2, None, [4.0]), f"args=('one', 2, None, [4.0]): the target got {args!r}"
    with promise("process.name.same-in-child"):
        name = found["name"]
        assert name == "worker", f"Process(name='worker'): current_process().name in the child is {name!r}"
    with promise("process.pid.is-process-id"):
        assert pid == found["pid"], f"pid after start() is {pid!r}, promised the child's os.getpid(), {found['pid']}"
    with promise("process.authkey.same-in-child"):
        promised = bytes(mp.current_process().authkey)
        own, made = found["authkey"], found["authkey of a new process"]
        assert own == promised, f"current_process().authkey in a child is {own!r}, promised the parent's, {promised!r}"
        assert made == promised, f"Process().authkey in a child is {made!r}, promised the inherited {promised!r}"


@verifies(
    "process.name.may-be-changed",
    "process.authkey.set-key-reaches-child",
    "process.daemon.settable-before-start",
    "process.constructor.daemon-none-inherits",
    "process.constructor.daemon-sets-flag",
)
def test_child_is_what_was_assigned_before_start(mp, scratch):
    flags, key = (True, False), b"a key of its own"
    journals = [scratch.journal() for _ in flags]
    processes = [mp.Process(target=record_itself, args=(journal,), name="initial") for journal in journals]
    for process, flag in zip(processes, flags, strict=True):
        for attribute, value in (("name", "changed"), ("authkey", key), ("daemon", not flag), ("daemon", flag)):
            with suppress(Exception):  # what came of it is judged below
                setattr(process, attribute, value)
        process.start()
    children = [journal.wait(1, "record of a child that looks at itself")[0] for journal in journals]
    for process in processes:
        process.join()
    with promise("process.name.may-be-changed"):
        name, in_child = processes[0].name, children[0]["name"]
        assert name == "changed", f"name = 'changed': name is {name!r}"
        assert in_child == "changed", f"name = 'changed' before start(): the child's name is {in_child!r}"
    with promise("process.authkey.set-key-reaches-child"):
        own, made = children[0]["authkey"], children[0]["authkey of a new process"]
        assert own == key, f"authkey = {key!r} before start(): the child's key is {own!r}"
        assert made == key, f"Process().authkey in that child is {made!r}, promised to be inherited"
    with promise("process.daemon.settable-before-start"):
        for process, child, flag in zip(processes, children, flags, strict=True):
            assert process.daemon is flag, f"daemon = {flag}: daemon is {process.daemon!r}"
            assert child["daemon"] is flag, f"daemon = {flag} before start(): the child sees {child['daemon']!r}"
    with promise("process.constructor.daemon-none-inherits"):
        for child, flag in zip(children, flags, strict=True):
            where = f"in a child whose flag is {flag}"
            omitted, none = child["daemon of a new process"], child["daemon of a new process with None"]
            assert omitted is flag, f"Process() {where}: the flag is {omitted!r}, promised to be inherited"
            assert none is flag, f"Process(daemon=None) {where}: the flag is {none!r}, promised to be inherited"
    with promise("process.constructor.daemon-sets-flag"):
        for child, flag in zip(children, flags, strict=True):
            given = child["daemon of a new process with False"]
            assert given is False, f"Process(daemon=False) in a child whose flag is {flag}: the flag is {given!r}"
