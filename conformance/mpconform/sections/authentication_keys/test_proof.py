"""Both ends demand proof that the other one knows the key, and the key is never sent."""

from __future__ import annotations

import base64
import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

from mpconform.kit import Task, raises, verifies, works
from mpconform.sections.authentication_keys.helpers import Wiretap

HERE = ("localhost", 0)
KEY = b"a key that nobody guesses"


class LeavesTrace:
    """Makes a folder where, and as soon as, it is unpickled."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (self.path,)


def overheard(mp, key):
    """Let a client and a listener authenticate each other, and return who listened in on them."""
    with mp.connection.Listener(("127.0.0.1", 0), authkey=key) as listener:
        accepting = Task(listener.accept)
        tap = Wiretap(listener.address)
        client = mp.connection.Client(tap.address, authkey=key)
        with client, accepting.result("accept() of a client that has the key"):
            pass
        tap.join()
    return tap


@verifies("authkey.wire.key-is-not-sent")
def test_the_key_is_not_sent(mp):
    for length in (16, 64, 100):
        key = os.urandom(length)
        tap = overheard(mp, key)
        for sent, who in ((tap.from_client, "the client"), (tap.from_listener, "the listener")):
            assert sent, f"{who} sent nothing to authenticate itself"
            for form in (key, key[::-1], key.hex().encode(), key.hex().upper().encode(), base64.b64encode(key)):
                assert form not in sent, f"{who} sent the key {key!r}, as {form!r}, among {sent!r}"


@verifies("authkey.proof.repeated-client-is-refused")
def test_a_client_that_repeats_what_another_one_said_is_refused(mp):
    tap = overheard(mp, KEY)
    call = "accept() of a client that repeats what an earlier one has sent"
    with mp.connection.Listener(HERE, authkey=KEY) as listener, socket.create_connection(listener.address) as impostor:
        impostor.sendall(tap.from_client)
        impostor.shutdown(socket.SHUT_WR)  # it has no more to say
        with raises(mp.AuthenticationError, call):
            Task(listener.accept).result(call)


@verifies("authkey.proof.repeated-listener-is-refused")
def test_a_listener_that_repeats_what_another_one_said_is_refused(mp):
    tap = overheard(mp, KEY)
    call = "Client() of a listener that repeats what an earlier one has sent"
    with socket.create_server(("127.0.0.1", 0)) as listening:
        connecting = Task(mp.connection.Client, listening.getsockname(), None, KEY)
        with listening.accept()[0] as impostor, raises(mp.AuthenticationError, call):
            impostor.sendall(tap.from_listener)
            impostor.shutdown(socket.SHUT_WR)  # it has no more to say
            connecting.result(call)


@verifies("authkey.proof.accept-waits-for-it")
def test_accept_returns_nothing_to_a_client_that_proves_nothing(mp, patience):
    with mp.connection.Listener(HERE, authkey=KEY) as listener:
        accepting = Task(listener.accept)
        with socket.create_connection(listener.address):
            patience.never(lambda: accepting.value, "accept() returns a connection to a client that proves nothing")
        with raises(Exception, "accept() of a client that has gone without proof"):
            accepting.result("accept() of a client that has gone without proof")


@verifies("authkey.proof.client-waits-for-it")
def test_a_client_returns_nothing_from_a_listener_that_proves_nothing(mp, patience):
    with socket.create_server(("127.0.0.1", 0)) as impostor:
        connecting = Task(mp.connection.Client, impostor.getsockname(), None, KEY)
        with impostor.accept()[0]:
            patience.never(lambda: connecting.value, "Client() returns a connection to what proves nothing")
        with raises(Exception, "Client() of a listener that has gone without proof"):
            connecting.result("Client() of a listener that has gone without proof")


@verifies("authkey.proof.listener-unpickles-nothing-before")
def test_accept_unpickles_nothing_without_proof(mp, scratch):
    path = scratch.path("trace")
    with mp.connection.Listener(HERE, authkey=KEY) as listener:
        accepting = Task(listener.accept)
        with mp.connection.Client(listener.address) as client, suppress(OSError):
            for _ in range(3):
                client.send(LeavesTrace(path))
        with raises(Exception, "accept() of a client without the key"):
            accepting.result("accept() of a client without the key")
    assert not Path(path).exists(), "accept() unpickled an object that a client sent without proof"


@verifies("authkey.proof.client-unpickles-nothing-before")
def test_a_client_unpickles_nothing_without_proof(mp, scratch):
    path = scratch.path("trace")
    with mp.connection.Listener(HERE) as listener:
        connecting = Task(mp.connection.Client, listener.address, None, KEY)
        with listener.accept() as accepted, suppress(OSError):
            for _ in range(3):
                accepted.send(LeavesTrace(path))
        came = connecting.outcome()
    assert not Path(path).exists(), f"Client() {came}, and unpickled an object that a listener sent without proof"


@verifies("authkey.key.from-os-urandom")
def test_random_bytes_are_a_key(mp):
    for length in (1, 20, 32, 65, 1000):
        key = os.urandom(length)
        with mp.connection.Listener(HERE, authkey=key) as listener:
            accepting = Task(listener.accept)
            connecting = Task(mp.connection.Client, listener.address, None, key)
            call = f"accept() and Client(), both with the same {length} bytes as the key"
            with works(call):
                accepted, client = accepting.result(call), connecting.result(call)
            with accepted, client:
                client.send("message")
                came = accepted.recv()
        assert came == "message", f"after authentication with {length} random bytes, {came!r} came; sent was 'message'"
