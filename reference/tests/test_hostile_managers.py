"""A manager's server serves on, and its memory stays bounded, whatever others send to it."""

from __future__ import annotations

import os
import pickle
import random
import resource
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

import mpreference
from mpreference import authentication, errors, managers
from mpreference.connection import Client

LIMIT = 30
KEY = b"the key"
HANDSHAKE = 0.5
ROOM = 20_000_000
"""Bytes by which a server may grow that has 200 clients at once."""


class Manager(managers.SyncManager):
    """Tells its process."""


Manager.register("pid", os.getpid, exposed=["__int__"])

Strangers = Callable[[], socket.socket]


@contextmanager
def serving(*initializing: Any) -> Iterator[tuple[Any, psutil.Process]]:
    """Give a manager, and its process, in which a handshake may take no longer than `HANDSHAKE`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(authentication, "PATIENCE", HANDSHAKE)
        manager: Any = Manager(("127.0.0.1", 0), KEY, ctx=mpreference.get_context("fork"))
        manager.start(*initializing)
    try:
        yield manager, psutil.Process(manager._process.pid)
    finally:
        manager.shutdown()


@pytest.fixture
def manager() -> Iterator[Any]:
    with serving() as (started, _):
        yield started


def connect(manager: Any) -> socket.socket:
    return socket.create_connection(manager.address, timeout=LIMIT)


def assert_it_serves(manager: Any) -> None:
    """Check that the server takes a new client, and answers."""
    client: Any = Manager(manager.address, KEY)
    client.connect()
    items = client.list([1])
    items.append(2)
    assert items[:] == [1, 2]


def assert_closed(stranger: socket.socket) -> None:
    """Check that the server closes a connection."""
    try:
        while stranger.recv(1 << 16):
            pass
    except ConnectionResetError:
        pass


def until(condition: Callable[[], object]) -> None:
    """Return as soon as the condition is true."""
    end = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < end, "it does not come true"
        time.sleep(0.005)  # nothing tells of it


def frame(data: bytes) -> bytes:
    return struct.pack("!i", len(data)) + data


class Touch:
    """Makes a file where it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)

    def __reduce__(self) -> Any:
        return Path.touch, (Path(self.path),)


RUBBISH = {
    "nothing": b"",
    "half a length": b"\0\0",
    "half a message": frame(bytes(20))[:-1],
    "an empty message": frame(b""),
    "a wrong answer": frame(b"{sha256}" + bytes(32)),
    "a long message": frame(bytes(100_000)),
    "a giant message": struct.pack("!i", 0x7FFFFFFF) + bytes(1000),
    "a more than giant message": struct.pack("!iQ", -1, 1 << 63) + bytes(1000),
    "an impossible length": struct.pack("!i", -5) + bytes(1000),
    "what a browser says": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
}


@pytest.mark.parametrize("says", RUBBISH)
def test_who_says_rubbish_is_shown_out(manager: Any, says: str) -> None:
    with connect(manager) as silent, connect(manager) as closing:
        silent.sendall(RUBBISH[says])
        try:
            closing.sendall(RUBBISH[says])
            closing.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the server was faster
        assert_it_serves(manager)
        assert_closed(silent)
        assert_closed(closing)
    assert_it_serves(manager)


def test_random_bytes(manager: Any) -> None:
    source = random.Random(1)
    process = psutil.Process(manager._process.pid)
    before = process.memory_info().rss
    for _ in range(50):
        with connect(manager) as stranger:
            try:
                stranger.sendall(source.randbytes(source.randrange(5000)))
            except ConnectionError:
                pass
    assert_it_serves(manager)
    assert process.memory_info().rss - before < ROOM


def test_nothing_is_unpickled_that_a_stranger_sends(manager: Any, tmp_path: Path) -> None:
    path = tmp_path / "touched"
    with connect(manager) as stranger:
        stranger.sendall(frame(pickle.dumps((None, "dummy", (Touch(path),), {}))) * 3)
        assert_closed(stranger)
    with pytest.raises(errors.AuthenticationError):
        Client(manager.address, authkey=b"a wrong key").send((None, "dummy", (Touch(path),), {}))
    assert_it_serves(manager)
    assert not path.exists()


def test_who_sends_a_byte_now_and_then_is_shown_out(manager: Any) -> None:
    with connect(manager) as stranger:
        start = time.monotonic()
        for byte in frame(bytes(200)):
            try:
                stranger.sendall(bytes([byte]))
            except ConnectionError:
                break
            assert time.monotonic() - start < LIMIT
            time.sleep(0.05)  # that is what it does
        else:
            raise AssertionError("200 bytes in 10 seconds were accepted")
    assert_it_serves(manager)


def test_200_strangers_at_once() -> None:
    with serving() as (manager, process), ExitStack() as stack:
        items = manager.list()
        items.append(0)
        assert_it_serves(manager)
        before = process.memory_info().rss, process.num_fds(), process.num_threads()
        strangers = [stack.enter_context(connect(manager)) for _ in range(200)]
        for number, stranger in enumerate(strangers):
            stranger.sendall(list(RUBBISH.values())[number % 4][:-1])
        items.append(1)
        assert_it_serves(manager)
        assert process.memory_info().rss - before[0] < ROOM
        for stranger in strangers:
            assert_closed(stranger)
        # Nothing is left of 200; a connection of ours that comes or goes meanwhile does not matter.
        until(lambda: process.num_fds() < before[1] + 20 and process.num_threads() < before[2] + 20)


def test_200_clients_at_once(manager: Any) -> None:
    items = manager.list()
    failed = []

    def append(number: int) -> None:
        try:
            items.append(number)
        except Exception as error:  # noqa: BLE001 - whatever it is
            failed.append(error)

    threads = [threading.Thread(target=append, args=(number,)) for number in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert sorted(items[:]) == list(range(200))


def allow_few_files() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))


def test_more_strangers_than_the_server_may_have_files() -> None:
    with serving(allow_few_files) as (manager, _):
        items = manager.list()
        with ExitStack() as stack:
            for _ in range(100):
                stack.enter_context(connect(manager))
            items.append(1)
        assert_it_serves(manager)


REQUESTS = {
    "no pickle": b"rubbish",
    "no tuple": pickle.dumps(5),
    "too few": pickle.dumps((None, "dummy")),
    "no such function": pickle.dumps((None, "nonsense", (), {})),
    "no name of a function": pickle.dumps((None, [], (), {})),
    "wrong arguments": pickle.dumps((None, "create", (), {})),
    "no such object": pickle.dumps(("ident", "append", (), {})),
    "no ident": pickle.dumps(([], "append", (), {})),
    "no such class": b"cno_such_module\nNothing\n.",
}


@pytest.mark.parametrize("request_", REQUESTS)
def test_who_has_the_key_is_told_what_is_wrong(manager: Any, request_: str) -> None:
    with Client(manager.address, authkey=KEY) as client:
        client.send_bytes(REQUESTS[request_])
        kind, text = client.recv()
        assert (kind, text.startswith("Traceback")) == ("#TRACEBACK", True)
        client.send((None, "dummy", (), {}))
        assert client.recv() == ("#RETURN", None)


def test_who_has_the_key_and_announces_too_much_harms_nobody(manager: Any) -> None:
    for length in (struct.pack("!i", 0x7FFFFFFF), struct.pack("!iQ", -1, 1 << 62), struct.pack("!iQ", -1, 1 << 63)):
        with Client(manager.address, authkey=KEY) as client:
            os.write(client.fileno(), length)
            assert_it_serves(manager)


def test_nobody_drops_what_others_hold(manager: Any) -> None:
    items = manager.list([1])
    with Client(manager.address, authkey=KEY) as client:
        for _ in range(3):
            client.send((None, "decref", (items._id,), {}))
            assert client.recv() == ("#RETURN", None)
    assert items[:] == [1]
