"""Whoever connects and does not know the key gets nothing, holds nobody up, and costs next to nothing."""

from __future__ import annotations

import io
import itertools
import logging
import os
import random
import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import pytest

from mpreference import authentication
from mpreference.authentication import LONGEST, admit
from mpreference.connection import Client, Connection, Listener, Pipe
from mpreference.errors import AuthenticationError
from mpreference.log import get_logger

KEY = b"the key that nobody guesses"
LIMIT = 60
MANY = 200

RANDOM = random.Random(7)
GIANT = b"\x7f\xff\xff\xff"
GIANT_LONG = b"\xff\xff\xff\xff\x7f" + b"\xff" * 7
RUBBISH = {
    "random bytes": RANDOM.randbytes(1000),
    "zeros": bytes(100),
    "ones": b"\xff" * 100,
    "half a length": b"\0\0",
    "half a message": b"\0\0\0\x28{sha256}",
    "a giant length": GIANT + bytes(1000),
    "a giant length of 8 bytes": GIANT_LONG + bytes(1000),
    "a message that is a little too long": (LONGEST + 1).to_bytes(4, "big") + bytes(LONGEST + 1),
    "a wrong code": b"\0\0\0\x28{sha256}" + bytes(32),
    "a wrong code of the older form": b"\0\0\0\x10" + bytes(16),
    "the welcome": b"\0\0\0\x09#WELCOME#",
    "a challenge": b"\0\0\0\x3b#CHALLENGE#{sha256}" + bytes(40),
    "a pickle": b"\0\0\0\x0d\x80\x04]\x94(K\x01K\x02e.....",
    "nothing": b"",
}


@contextmanager
def connected(listener: Listener, message: bytes = b"") -> Iterator[socket.socket]:
    """Connect a plain socket and send something."""
    with socket.create_connection(listener.address, timeout=LIMIT) as end:  # type: ignore[arg-type]
        end.sendall(message)
        yield end


@contextmanager
def bounded(end: socket.socket) -> Iterator[None]:
    """Close the connection of a client that is waited for in the block for longer than it should be."""
    timer = threading.Timer(LIMIT, end.shutdown, (socket.SHUT_RDWR,))
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def check_lives(listener: Listener) -> None:
    """Check that the listener accepts a client with the key, and that objects go there and back."""
    outcome: list[Any] = []

    def connect() -> None:
        with Client(listener.address, authkey=KEY) as client:
            client.send("there")
            outcome.append(client.recv())

    connecting = threading.Thread(target=connect)
    connecting.start()
    with listener.accept() as accepted:
        assert accepted.recv() == "there"
        accepted.send("back")
        connecting.join(LIMIT)
    assert outcome == ["back"]


def check_refused(listener: Listener, end: socket.socket) -> AuthenticationError:
    """Check that the listener refuses this client, which has no more to say, and return the error."""
    end.shutdown(socket.SHUT_WR)
    with pytest.raises(AuthenticationError) as caught:
        listener.accept()
    return caught.value


@contextmanager
def little_memory(limit: int) -> Iterator[None]:
    """Check that what the block allocates is never more than so many bytes."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - before < limit


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A listener with a key."""
    with Listener(("127.0.0.1", 0), backlog=MANY + 10, authkey=KEY) as made:
        yield made


@pytest.mark.parametrize("what", RUBBISH)
def test_rubbish_is_refused(listener: Listener, what: str) -> None:
    with little_memory(1_000_000):
        with connected(listener, RUBBISH[what]) as end:
            check_refused(listener, end)
        check_lives(listener)


@pytest.mark.parametrize("what", RUBBISH)
def test_rubbish_from_a_listener_is_refused(what: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, little_memory(1_000_000):
        outcome: list[BaseException] = []

        def connect() -> None:
            try:
                Client(server.getsockname(), authkey=KEY)
            except AuthenticationError as error:
                outcome.append(error)

        connecting = threading.Thread(target=connect)
        connecting.start()
        with server.accept()[0] as end:
            with suppress(OSError):  # the client may have gone by now
                end.sendall(RUBBISH[what])
                end.shutdown(socket.SHUT_WR)
            connecting.join(LIMIT)
        assert outcome


def test_a_client_that_sends_a_byte_now_and_then_is_given_up(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authentication, "PATIENCE", 0.2)
    stop = threading.Event()

    def drip(end: socket.socket) -> None:
        for byte in itertools.cycle(b"\0\0\0\x28" + b"x" * 36):
            if stop.wait(0.02):
                return
            end.sendall(bytes([byte]))

    with connected(listener) as end:
        dripping = threading.Thread(target=drip, args=(end,))
        dripping.start()
        began = time.monotonic()
        with bounded(end), pytest.raises(AuthenticationError, match="in time"):
            listener.accept()
        took = time.monotonic() - began
        stop.set()
        dripping.join()
    assert 0.2 <= took < LIMIT


def test_a_silent_client_is_given_up(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch, connected(listener) as end, bounded(end):
        patch.setattr(authentication, "PATIENCE", 0.1)
        with pytest.raises(AuthenticationError, match="in time"):
            listener.accept()
    check_lives(listener)


def test_many_at_once_hold_nobody_up(listener: Listener) -> None:
    """As a manager does it: a thread for each client, which admits it."""
    served = threading.Semaphore(0)
    refused = threading.Semaphore(0)

    def serve_one(connection: Connection) -> None:
        with connection:
            try:
                admit(connection, KEY)
            except AuthenticationError:
                refused.release()
            else:
                connection.send(connection.recv())
                served.release()

    def serve() -> None:
        for _ in range(MANY + 3):
            threading.Thread(target=serve_one, args=(listener.accept_stranger(),), daemon=True).start()

    serving = threading.Thread(target=serve, daemon=True)
    with little_memory(20_000_000), ExitStack() as stack:
        serving.start()
        for number in range(MANY):
            stack.enter_context(connected(listener, list(RUBBISH.values())[number % len(RUBBISH)]))
        for number in range(3):  # while all the others are still there
            with Client(listener.address, authkey=KEY) as client:
                client.send(number)
                assert client.recv() == number
            assert served.acquire(timeout=LIMIT)
        serving.join(LIMIT)
        stack.close()
        for _ in range(MANY):
            assert refused.acquire(timeout=LIMIT)


def test_many_one_after_another_leave_nothing(listener: Listener) -> None:
    with little_memory(1_000_000):
        before = len(os.listdir("/dev/fd"))
        for message in itertools.islice(itertools.cycle(RUBBISH.values()), MANY):
            with connected(listener, message) as end:
                check_refused(listener, end)
        assert len(os.listdir("/dev/fd")) == before
        check_lives(listener)


class Tap:
    """Stands between a client and a listener, and keeps what each of them sends."""

    def __init__(self, listener: Listener) -> None:
        self.heard: dict[str, bytes] = {"client": b"", "listener": b""}
        self._target: Any = listener.address
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address = self._server.getsockname()
        self._thread = threading.Thread(target=self._pass_on)
        self._thread.start()

    def _pass_on(self) -> None:
        with self._server, self._server.accept()[0] as client, socket.create_connection(self._target) as there:
            back = threading.Thread(target=self._copy, args=(there, client, "listener"))
            back.start()
            self._copy(client, there, "client")
            back.join()

    def _copy(self, source: socket.socket, sink: socket.socket, who: str) -> None:
        while chunk := source.recv(1000):
            self.heard[who] += chunk
            sink.sendall(chunk)
        sink.shutdown(socket.SHUT_WR)

    def join(self) -> None:
        """Wait until both sides have closed."""
        self._thread.join(LIMIT)


def overhear(listener: Listener) -> dict[str, bytes]:
    """Return what a client and the listener say to each other."""
    tap = Tap(listener)
    accepting = threading.Thread(target=lambda: listener.accept().close())
    accepting.start()
    Client(tap.address, authkey=KEY).close()
    accepting.join(LIMIT)
    tap.join()
    return tap.heard


def test_what_was_overheard_opens_nothing(listener: Listener) -> None:
    heard = overhear(listener)
    again = overhear(listener)
    assert heard["client"] != again["client"]
    assert heard["listener"] != again["listener"]
    with connected(listener, heard["client"]) as end:
        check_refused(listener, end)


def test_the_key_is_in_nothing_that_anybody_sees(listener: Listener) -> None:
    output = io.StringIO()
    handler = logging.StreamHandler(output)
    logger = get_logger()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(1)
    try:
        seen = overhear(listener)
        for message in RUBBISH.values():
            with connected(listener, message) as end:
                error = check_refused(listener, end)
            output.write(f"{error!r} {error.__cause__!r} {listener!r}")
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    whole = seen["client"] + seen["listener"] + output.getvalue().encode()
    for form in (KEY, KEY[::-1], KEY.hex().encode(), repr(KEY)[2:-1].encode()):
        assert form not in whole


def test_a_giant_length_costs_no_memory_after_authentication_either() -> None:
    here, there = Pipe(False)
    with here, there, open("/proc/self/statm") as statm:
        before = int(statm.read().split()[1])
        os.write(there.fileno(), GIANT + bytes(1000))
        there.close()
        with pytest.raises(EOFError):
            here.recv_bytes()
        statm.seek(0)
        assert (int(statm.read().split()[1]) - before) * os.sysconf("SC_PAGE_SIZE") < 50_000_000


def test_a_str_is_no_key() -> None:
    for call in (lambda: Listener(authkey="a key"), lambda: Client(("127.0.0.1", 1), authkey="a key")):  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="a byte string, not str"):
            call()
