"""The servers: processes that make sandboxes, one at a time each, and supervise them.

pytest's process has as many servers as it wants sandboxes side by side. It forks them after collection, so that each
has imported and collected already, and a sandbox costs a fork. The two talk in lines of JSON over a socket::

    pytest → server   {"item": 17, "chaos": null}       the index of a collected item; null is the calibration
    server → pytest   {"verdict": "pass", ...}          an Outcome

The end of file on that socket is how either learns of the other's death, at any moment. A server
leads a session of its own, so no Ctrl-C and no signal to a group reaches it: when pytest's process
is gone it ends what it started, removes its folder and exits.
"""

from __future__ import annotations

import gc
import json
import os
import select
import shutil
import socket
import sys
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from mpconform.isolation import calibration, folders, ledger, processes, sandbox, shared_memory
from mpconform.isolation.chaos import BEGUN, Chaos
from mpconform.isolation.processes import Abandoned, Root
from mpconform.isolation.supervision import supervise
from mpconform.kit import Patience

DISPENSABLE = ("logging-plugin", "threadexception", "unraisableexception")
"""Plugins of pytest that wrap every phase of a test and give nothing here; each costs a sandbox page faults."""


class ServerDied(Exception):
    """A server ended without an answer."""


class Server:
    """pytest's side of a server."""

    def __init__(self, channel: socket.socket, pid: int, await_end: Callable[[], object]) -> None:
        self.channel = channel
        self.pid = pid
        self.await_end = await_end

    def begin(self, item: int | None, chaos: str | None = None) -> None:
        """Let the server run the item with this index, under this schedule of chaos, if any.

        :meth:`result` is there when :attr:`channel` is readable.
        """
        try:
            self.channel.sendall(json.dumps({"item": item, "chaos": chaos}).encode() + b"\n")
        except OSError:
            pass  # it was ended from outside, as the result will tell

    def result(self) -> dict[str, Any]:
        """Return the answer; raise :class:`ServerDied` if the server does not give one."""
        try:
            answer = read_line(self.channel)
        except OSError:
            answer = b""
        if not answer:
            raise ServerDied("the server of its sandbox was ended from outside")
        told: dict[str, Any] = json.loads(answer)
        if "broken" in told:
            raise ServerDied(f"the server of its sandbox failed: {told['broken']}")
        return told

    def close(self) -> None:
        """End the server and await its end. What it leaves behind, if it was killed, is not ended by that."""
        self.channel.close()
        self.await_end()


def read_line(channel: socket.socket) -> bytes:
    """Return one line without its end, or nothing if the other side is gone."""
    parts = []
    while True:
        part = channel.recv(65536)
        if not part:
            return b""
        parts.append(part)
        if part.endswith(b"\n"):
            return b"".join(parts)


def fork_server(items: list[pytest.Item], flag: memoryview, warm_up: Callable[[], None]) -> Server:
    """Fork a server from this process, which has collected ``items``.

    ``flag`` tells of the place of its sandboxes; ``warm_up()`` starts what all of them find running.
    """
    ours, theirs = socket.socketpair()
    with warnings.catch_warnings():
        # Python warns of threads at a fork. The server touches nothing that they could hold a lock of.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        ours.close()
        processes.lead_session()
        _let_go_of_everything_but(theirs.fileno(), items[0].config)
        gc.freeze()

        def make(item: int | None, folder: Path) -> Root:
            def body() -> None:
                theirs.close()  # as long as any process holds it, the end of the server is not seen
                if item is None:
                    calibration.measure(folder)
                else:
                    sandbox.run(items[item], folder, ledger.take(), flag)

            return sandbox.fork(folder, body)

        serve(theirs, make, warm_up)
    theirs.close()
    return Server(ours, pid, lambda: os.waitpid(pid, 0))


def serve(
    channel: socket.socket, make: Callable[[int | None, Path], Root], warm_up: Callable[[], None] = lambda: None
) -> None:
    """Be a server: run what is asked for until the other side is gone. Does not return."""

    def abandoned() -> bool:
        return bool(select.select([channel], [], [], 0)[0]) and not channel.recv(1, socket.MSG_PEEK)

    folder = None
    try:
        adopting = processes.adopt_orphans()
        look_for_names = shared_memory.take_names if shared_memory.own_names() else list
        folder = folders.server_folder()
        warm_up()
        standing = {child.pid for child in psutil.Process().children()}
        number = 0
        while request := read_line(channel):
            told = json.loads(request)
            item, schedule = told["item"], told["chaos"]
            number += 1
            box = folder / str(number)
            chaos = Chaos(schedule, (box / BEGUN).exists, standing) if schedule else None
            if chaos is not None:
                chaos.prepare()
            root = make(item, box)
            if chaos is not None:
                chaos.restore()
            group = None if adopting else root.pid
            if item is None:
                answer = calibration.answer(root, box, abandoned)
                processes.end_all(group, standing)
            else:
                deadline = Patience().deadline
                answer = supervise(root, box, deadline, abandoned, look_for_names, group, standing, chaos).as_dict()
            channel.sendall(json.dumps(answer).encode() + b"\n")
            look_for_names()
            shutil.rmtree(box, ignore_errors=True)
    except (Abandoned, ConnectionError):
        pass  # nobody is left to tell
    except Exception:  # noqa: BLE001 - whatever it is, pytest's side tells it
        channel.sendall(json.dumps({"broken": traceback.format_exc()}).encode() + b"\n")
    finally:
        try:
            processes.end_all()
            if folder is not None:
                folders.remove_server_folder(folder)
        finally:
            os._exit(0)  # whatever happens: above this is the pytest that this process was forked from


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
