"""``Client``: what it returns, the family of its connection, and the authentication on its side."""

from __future__ import annotations

import select
import socket

from mpconform.kit import Task, each, raises, verifies
from mpconform.sections.listeners_and_clients.helpers import (
    check_both_directions,
    closing,
    connect,
    listening,
    loopback,
    received_bytes,
)

KEY = b"the key of both"


def addresses(scratch):
    """Return an address for each family of a Unix system."""
    return {"AF_INET": loopback(), "AF_UNIX": scratch.path("socket")}


@verifies("client.call.returns-a-connection")
def test_client_returns_a_connection_object(mp):
    with listening(mp) as listener, connect(mp, listener.address) as client:
        assert isinstance(client, mp.connection.Connection), (
            f"Client({listener.address}) returned {client!r}, which is no connection.Connection object"
        )


@verifies("client.call.raises-without-a-listener")
def test_client_raises_if_there_is_no_listener(mp):
    host = loopback()[0]
    with socket.socket() as unused:  # bound and not listening: nobody else gets the port
        unused.bind((host, 0))
        with raises(Exception, f"Client({(host, '...')}), a port at which nobody listens"):
            mp.connection.Client(unused.getsockname())


@verifies("client.call.raises-without-a-listener-at-a-path")
def test_client_raises_if_there_is_no_listener_at_a_path(mp, scratch):
    address = scratch.path("nobody")
    with raises(Exception, f"Client({address!r}), a path at which there is nothing"):
        mp.connection.Client(address)


@verifies("client.family.inferred-from-address")
@each("family", ["AF_INET", "AF_UNIX"])
@each("options", [{}, {"family": None}])
def test_client_infers_the_family_from_the_address(mp, scratch, family, options):
    with listening(mp, addresses(scratch)[family], family=family) as listener:
        client = connect(mp, listener.address, **options)
        with closing(client, accepted := listener.accept()):
            check_both_directions(client, accepted, f"Client({listener.address}, {options})")


@verifies("client.family.given")
@each("family", ["AF_INET", "AF_UNIX"])
def test_client_takes_a_family(mp, scratch, family):
    with listening(mp, addresses(scratch)[family], family=family) as listener:
        client = connect(mp, listener.address, family)
        with closing(client, accepted := listener.accept()):
            check_both_directions(client, accepted, f"Client({listener.address}, {family!r})")


@verifies("client.authkey.none-sends-nothing")
@each("options", [{}, {"authkey": None}])
def test_client_without_a_key_neither_sends_nor_awaits_anything(mp, patience, options):
    with socket.socket() as server:
        server.bind(loopback())
        server.listen()
        client = Task(mp.connection.Client, server.getsockname(), **options)
        accepted, _ = server.accept()
        with accepted:
            client.result().close()
            accepted.settimeout(patience.awaiting)
            came = accepted.recv(100)
    assert came == b"", f"Client(_, {options}) sent {came!r} before it was used, promised is no authentication"


@verifies("client.authkey.wrong-key-raises")
@each("key", [b"another key", b"the key of bot", b"the key of both!"])
def test_client_with_a_wrong_key_raises(mp, key):
    with listening(mp, authkey=KEY) as listener:
        accept = Task(listener.accept)
        client = Task(mp.connection.Client, listener.address, authkey=key)
        with raises(mp.AuthenticationError, f"Client(_, authkey={key!r}) to a listener with {KEY!r}"):
            client.result()
        accept.wait()


@verifies("client.authkey.impostor-raises")
def test_client_raises_if_the_other_side_does_not_know_the_key(mp):
    with listening(mp) as listener:
        client = Task(mp.connection.Client, listener.address, authkey=KEY)
        with closing(impostor := listener.accept()):
            mp.connection.deliver_challenge(impostor, KEY)  # the impostor believes anybody
            received_bytes(impostor, "Client(), which is to deliver a challenge of its own once it is welcomed")
            impostor.send_bytes(b"I do not know the key")
            with raises(mp.AuthenticationError, "Client(_, authkey=...) to a listener that does not know the key"):
                client.result()


def client_of_a_talker(mp):
    """Return what comes of a Client() with a key whose listener has none and sends messages of another kind."""
    with listening(mp) as listener:
        client = Task(mp.connection.Client, listener.address, authkey=KEY)
        with closing(accepted := listener.accept()):
            accepted.send_bytes(b"welcome, stranger")
            accepted.send_bytes(b"what can I do for you?")
            client.wait()
    return client


@verifies("client.authkey.listener-without-key-is-refused")
def test_client_with_a_key_refuses_a_listener_that_only_talks(mp):
    client = client_of_a_talker(mp)
    assert client.error is not None, (
        f"Client(_, authkey=...) to a listener without a key {client.outcome()}, promised is an exception"
    )


@verifies("client.authkey.listener-without-key-raises")
def test_client_with_a_key_raises_if_the_listener_only_talks(mp):
    client = client_of_a_talker(mp)
    call = "Client(_, authkey=...) to a listener without a key, which sends two messages that are no handshake"
    with raises(mp.AuthenticationError, call):
        client.result()


@verifies("client.authkey.listener-without-key-closes")
def test_what_client_with_a_key_does_if_the_listener_closes(mp, observe):
    with listening(mp) as listener:
        client = Task(mp.connection.Client, listener.address, authkey=KEY)
        listener.accept().close()
        client.wait()
    observe(f"Client() {'raises ' + type(client.error).__name__ if client.error else 'returns'}")


@verifies("client.authkey.empty-key-is-a-key")
def test_client_with_an_empty_key_authenticates(mp, patience):
    with listening(mp) as listener:
        client = Task(mp.connection.Client, listener.address, authkey=b"")
        with closing(accepted := listener.accept()):
            deliver = Task(mp.connection.deliver_challenge, accepted, b"")
            patience.until(
                lambda: deliver.is_done() or client.is_done(),
                "Client(_, authkey=b'') answers a challenge, or returns without one",
            )
            if client.is_done():
                client.result().close()
                raise AssertionError("Client(_, authkey=b'') returned, and it has answered no challenge")
            deliver.result()
            mp.connection.answer_challenge(accepted, b"")
            with closing(client.result()):
                check_both_directions(client.value, accepted, "Client(_, authkey=b'')")


@verifies("client.authkey.not-bytes")
def test_what_client_does_with_a_key_that_is_not_bytes(mp, patience, observe):
    with socket.socket() as server:
        server.bind(loopback())
        server.listen()
        client = Task(mp.connection.Client, server.getsockname(), authkey="a str")
        patience.until(
            lambda: client.is_done() or select.select([server], [], [], 0)[0],
            "Client(_, authkey='a str') connects or raises",
        )
        if not client.is_done():
            server.accept()[0].close()
        client.wait()
        if client.error is None:
            client.value.close()
    observe(f"Client(authkey='a str') {'raises ' + type(client.error).__name__ if client.error else 'returns'}")
