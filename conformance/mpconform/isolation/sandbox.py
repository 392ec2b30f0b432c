"""What happens inside a sandbox: one test is run, its ledger is taken, and a result is written.

The result goes to a file, never to a stream that a backend could write to: ``result.json`` in the
sandbox's folder, put there in one step, and only by the process that is the sandbox's root::

    {"verdict": "fail", "message": "...", "traceback": "...", "observation": null, "late": false,
     "ledger": {...},         what leaked: {"descriptors": [...], "threads": [...]}
     "seconds": 0.012}        what the test took, from its setup to its teardown

What the test judged by itself (:func:`mpconform.kit.promise`) stands in ``promises``, line by line, as it came.
The folder also holds ``out`` and ``err`` (what the sandbox printed), ``t`` (where the backend keeps
temporary files) and ``s`` (gates, journals, programs).
"""

from __future__ import annotations

import atexit
import faulthandler
import inspect
import io
import json
import os
import signal
import sys
import tempfile
import threading
import time
import traceback
import types
from collections.abc import Callable
from pathlib import Path
from traceback import format_exception_only
from typing import Any

import pytest

import mpadapters
from mpconform.isolation import ledger, processes
from mpconform.isolation.chaos import BEGUN
from mpconform.isolation.outcome import read_notes
from mpconform.kit import Late, Patience, cell
from mpconform.kit.fixtures import Given
from mpconform.kit.places import take_place
from mpconform.kit.promises import PROMISES as PROMISES_FILE
from mpconform.kit.promises import NotArisen
from mpreports.verdicts import Verdict

RESULT = "result.json"
PROMISES = "promises"
OUTPUT = "out"
ERRORS = "err"
TEMPORARY = "t"
SCRATCH = "s"
SECOND_SCRATCH = "s2"

HARNESS_FAILED = 70
"""Exit status of a sandbox that could not write its result (a full disk): the test then counts as not run."""


def prepare(folder: Path) -> None:
    """Make the folder of a sandbox."""
    folder.mkdir()
    (folder / TEMPORARY).mkdir()
    (folder / SCRATCH).mkdir()


def enter(folder: Path) -> None:
    """Make this process the root of a sandbox, apart from its session, which whoever starts it sees to."""
    os.environ[cell.SCRATCH] = str(folder / SCRATCH)
    os.environ[PROMISES_FILE] = str(folder / PROMISES)
    os.environ["TMPDIR"] = str(folder / TEMPORARY)
    os.environ["PYTHONFAULTHANDLER"] = "1"
    tempfile.tempdir = None
    # What started the suite may ignore some (a shell does for what it runs in the background), and tests send them.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in ("SIGTERM", "SIGHUP", "SIGQUIT", "SIGCHLD"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    processes.write_no_core()
    for stream, name in ((sys.stdout, OUTPUT), (sys.stderr, ERRORS)):
        stream.flush()
        descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(descriptor, 1 if name == OUTPUT else 2)
        os.close(descriptor)
    sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), "utf-8", "backslashreplace", write_through=True)
    sys.stderr = io.TextIOWrapper(io.FileIO(2, "w", closefd=False), "utf-8", "backslashreplace", write_through=True)
    faulthandler.enable(2)
    # Children that look for the main module must not import pytest's.
    sys.modules["__main__"] = types.ModuleType("__main__")


def fork(folder: Path, body: Callable[[], None]) -> processes.Forked:
    """Fork a sandbox that calls ``body`` and ends; return its root process."""
    prepare(folder)
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            processes.lead_session()
            enter(folder)
            body()
            status = 0
        except BaseException:  # noqa: BLE001 - nothing may get back into the code that forked; the dossier shows it
            traceback.print_exc()
        finally:
            os._exit(status)
    return processes.Forked(pid)


def run(item: pytest.Item, folder: Path, before: ledger.Ledger, flag: memoryview | None = None) -> None:
    """Run one test in this sandbox, write its result, run the exit handlers, and end the process.

    ``before`` is the ledger from before the test; ``flag`` is what tells whether it gives its place up. Does not
    return. The exit handlers are run because a backend may clean up in them, but not after a failure, which may leave
    children that they would wait for. The rest of an interpreter's shutdown is not run, because most of what it would
    tear down is the harness.
    """
    if flag is not None:
        take_place(flag)
    # Pytest's hooks keep what threads raised, and so whatever their frames hold; a backend's children inherit them.
    threading.excepthook = threading.__excepthook__
    sys.unraisablehook = sys.__unraisablehook__
    root = os.getpid()
    started = time.perf_counter()
    item.ihook.pytest_mpconform_sandbox(item=item)
    chaos = cell.CHAOS in os.environ
    if chaos:
        (folder / BEGUN).touch()
    given, error = call(item)
    if chaos:
        (folder / BEGUN).unlink()
    seconds = time.perf_counter() - started
    if os.getpid() != root:  # a child of the backend fell out of its own code into this one
        os._exit(1)
    leaked = ledger.NOTHING
    if error is None:

        def again() -> bool:
            if seconds > Patience().deadline / 3:
                return False  # the deadline is for one run of the test: a second one of a slow test would be a hang
            (folder / SECOND_SCRATCH).mkdir()
            os.environ[cell.SCRATCH] = str(folder / SECOND_SCRATCH)
            os.environ[PROMISES_FILE] = str(folder / SECOND_SCRATCH / PROMISES)
            _, error = call(item)
            kept = all(note.verdict is Verdict.PASS for note in read_notes(Path(os.environ[PROMISES_FILE])).values())
            return error is None and kept

        keeps = mpadapters.load(os.environ[cell.ADAPTER]).keeps
        patience = Patience()
        settling = min(max(2.0, 5 * patience.latency), patience.deadline / 8)  # twice that must be over long before it
        leaked = ledger.leaked(before, again, settling, keeps)
    verdict, (message, account) = Verdict.PASS, ("", "")
    if isinstance(error, NotArisen):
        verdict, message = Verdict.NOT_APPLICABLE, str(error)
    elif error is not None:
        verdict, (message, account) = Verdict.FAIL, described(item, error)
    result: dict[str, Any] = {
        "verdict": verdict,
        "message": message,
        "traceback": account,
        "observation": given.observation,
        "late": isinstance(error, Late),
        "ledger": {
            "descriptors": [f"{fd} -> {target}" for fd, target in leaked.descriptors.items()],
            "threads": list(leaked.threads.values()),
        },
        "seconds": seconds,
    }
    write(result, folder)
    if error is None:
        atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)


def call(item: pytest.Item) -> tuple[Given, BaseException | None]:
    """Call a test with all that it wants; return what it was given, and what it raised, if it did."""
    assert isinstance(item, pytest.Function)
    given = Given()
    callspec = getattr(item, "callspec", None)
    if callspec is not None:
        given.made.update(callspec.params)
    try:
        item.obj(**{name: given[name] for name in inspect.signature(item.obj).parameters})
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is what became of the test
        return given, error
    return given, None


def described(item: pytest.Item, error: BaseException) -> tuple[str, str]:
    """Return what an exception says in short, and pytest's whole account of it."""
    shown = item.repr_failure(pytest.ExceptionInfo.from_exception(error))
    crash = getattr(shown, "reprcrash", None)
    message = str(crash.message) if crash is not None else "".join(format_exception_only(error)).strip()
    return message, str(shown)


def write(result: dict[str, Any], folder: Path) -> None:
    """Write the result in one step, or end the process with ``HARNESS_FAILED``."""
    unfinished = folder / (RESULT + ".part")
    try:
        # Lone surrogates are given up here: no later reader takes them.
        unfinished.write_bytes(json.dumps(result, ensure_ascii=False).encode(errors="replace"))
        unfinished.replace(folder / RESULT)
    except OSError as error:
        sys.stderr.write(f"the result could not be written: {error}\n")
        os._exit(HARNESS_FAILED)
