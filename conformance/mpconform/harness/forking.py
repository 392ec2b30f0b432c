"""The fork server: one single-threaded process that has imported and collected, and forks each sandbox.

pytest's process forks the server once, after collection; of whatever threads that process has (the
one that xdist's worker reads its orders with), none exists in the server. The two talk in lines of
JSON over a socket pair::

    pytest → server   {"item": 17}                      the index of a collected item
    server → pytest   {"verdict": "pass", ...}          an Attempt

The end of file on that socket is how either learns of the other's death, at any moment. The server
leads a session of its own, so no Ctrl-C and no signal to a group reaches it: when pytest's process
is gone it ends what it started, removes its folder and exits.

While a sandbox runs its test, the next one is forked and waits, so that a test does not wait for a
fork. The one that waits is the server's only other child; it has run nothing of any test.
"""

from __future__ import annotations

import gc
import json
import os
import select
import shutil
import socket
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mpconform.harness import calibration, folders, ledger, processes, sandbox
from mpconform.harness.supervision import Abandoned, Attempt, await_end, supervise
from mpconform.kit import Patience, backend, cell

DISPENSABLE = ("logging-plugin", "threadexception", "unraisableexception")
"""Plugins of pytest that wrap every phase of a test and give nothing here; each costs a sandbox page faults."""


class ServerDied(Exception):
    """The fork server ended without an answer."""


class ForkServer:
    """pytest's side: starts the server when first needed and asks it for one test after the other."""

    def __init__(self, items: list[pytest.Item]) -> None:
        self.items = items
        self.pid = 0
        self.channel: socket.socket | None = None

    def run(self, index: int) -> Attempt:
        """Run the item with this index in a sandbox; raise :class:`ServerDied` if the server does not answer."""
        if self.channel is None:
            self._start()
        assert self.channel is not None
        try:
            self.channel.sendall(json.dumps({"item": index}).encode() + b"\n")
            answer = _read_line(self.channel)
        except OSError:
            answer = b""
        if not answer:
            self.close()
            raise ServerDied("the fork server was ended from outside")
        told = json.loads(answer)
        if "broken" in told:
            self.close()
            raise ServerDied(f"the fork server failed: {told['broken']}")
        return Attempt(**told)

    def _start(self) -> None:
        processes.adopt_orphans()  # what the server leaves behind, if it is killed, comes to this process
        ours, theirs = socket.socketpair()
        with warnings.catch_warnings():
            # Python warns of threads at a fork. The server touches nothing that they could hold a lock of.
            warnings.simplefilter("ignore", DeprecationWarning)
            self.pid = os.fork()
        if self.pid == 0:
            ours.close()
            serve(self.items, theirs)
        theirs.close()
        self.channel = ours

    def close(self) -> None:
        """End the server and await its end."""
        if self.channel is None:
            return
        self.channel.close()
        self.channel = None
        os.waitpid(self.pid, 0)
        processes.end_all()


def _read_line(channel: socket.socket) -> bytes:
    """Return one line without its end, or nothing if the other side is gone."""
    parts = []
    while True:
        part = channel.recv(65536)
        if not part:
            return b""
        parts.append(part)
        if part.endswith(b"\n"):
            return b"".join(parts)


def serve(items: list[pytest.Item], channel: socket.socket) -> None:
    """Be the server: run the items asked for until the other side is gone. Does not return."""

    def abandoned() -> bool:
        return bool(select.select([channel], [], [], 0)[0]) and not channel.recv(1, socket.MSG_PEEK)

    folder = None
    try:
        os.setsid()
        adopting = processes.adopt_orphans()
        _let_go_of_everything_but(channel.fileno(), items[0].config)
        folder = folders.worker_folder()
        backend()
        gc.freeze()
        os.environ[cell.LATENCY] = str(measure(folder / "calibration", channel, abandoned))
        number = 1
        waiting = Standby(items, folder / "1", channel)
        while request := _read_line(channel):
            current = waiting
            current.begin(json.loads(request)["item"])
            waiting = Standby(items, folder / str(number + 1), channel)
            shutil.rmtree(folder / str(number - 1), ignore_errors=True)
            number += 1
            known = {waiting.root.pid}
            group = None if adopting else current.root.pid
            attempt = supervise(current.root, current.folder, Patience().deadline, abandoned, known, group)
            channel.sendall(json.dumps(attempt.as_dict()).encode() + b"\n")
    except Abandoned:
        pass  # nobody is left to tell
    except Exception:  # noqa: BLE001 - whatever it is, pytest's side tells it
        channel.sendall(json.dumps({"broken": traceback.format_exc()}).encode() + b"\n")
    finally:
        processes.end_all()
        if folder is not None:
            folders.remove_worker_folder(folder)
        os._exit(0)


class Standby:
    """A sandbox that was forked while the test before it runs, and waits to be told its own test."""

    def __init__(self, items: list[pytest.Item], folder: Path, channel: socket.socket) -> None:
        self.folder = folder
        reader, self.writer = os.pipe()

        def body() -> None:
            channel.close()  # as long as any process holds it, the end of the server is not seen
            os.close(self.writer)
            before = ledger.take()
            told = os.read(reader, 20)
            os.close(reader)
            if told:
                sandbox.run(items[int(told)], folder, before)

        self.root = sandbox.fork(folder, body)
        os.close(reader)

    def begin(self, item: int) -> None:
        """Run the item with this index."""
        os.write(self.writer, str(item).encode())
        os.close(self.writer)


def measure(folder: Path, channel: socket.socket, abandoned: Callable[[], bool]) -> float:
    """Return the cell's latency, measured in a sandbox forked from this process."""

    def body() -> None:
        channel.close()
        calibration.measure(folder)

    root = sandbox.fork(folder, body)
    await_end(root, time.monotonic() + Patience().deadline, abandoned)
    processes.end_all()
    return calibration.latency(folder)


def _let_go_of_everything_but(keep: int, config: pytest.Config) -> None:
    """Point every inherited descriptor to the null device, so that no sandbox can hold or hurt what pytest uses.

    They are replaced and not closed: objects that own them live on, and would close what gets the number next.
    """
    manager = config.pluginmanager
    capture: Any = manager.getplugin("capturemanager")
    if capture is not None:
        capture.suspend_global_capture(in_=True)
        manager.unregister(capture)
    for name in DISPENSABLE:
        if manager.hasplugin(name):
            manager.unregister(name=name)
    null = os.open(os.devnull, os.O_RDWR)
    for name in os.listdir("/dev/fd"):
        descriptor = int(name)
        if descriptor not in (keep, null):
            try:
                os.fstat(descriptor)
            except OSError:
                continue  # the descriptor of the listing, closed by now
            os.dup2(null, descriptor, inheritable=descriptor <= 2)
    os.close(null)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
