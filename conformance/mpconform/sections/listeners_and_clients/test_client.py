"""``Client``: what it returns, the family of its connection, and the authentication on its side."""

from __future__ import annotations

import socket

from mpconform.kit import Patience, Task, promise, raises, verifies
from mpconform.sections.listeners_and_clients.helpers import (
    check_both_directions,
    closing,
    connected,
    listening,
    loopback,
    received_bytes,
)

KEY = b"the key of both"


def check_client(mp, address, at, /, *args, **kwargs):
    """Check that Client() of a listener of this family, given the address and this, connects."""
    with listening(mp, address, family=at) as listener:
        client, accepted = connected(mp, listener, *args, **kwargs)
        with closing(client, accepted):
            check_both_directions(client, accepted, f"Client({listener.address}, {args or kwargs})")


@verifies("client.family.inferred-from-address", "client.family.given")
def test_client_connects_by_the_address_and_by_a_family(mp, scratch):
    with promise("client.family.inferred-from-address"):
        for options in ({}, {"family": None}):
            check_client(mp, loopback(), "AF_INET", **options)
            check_client(mp, scratch.path("socket"), "AF_UNIX", **options)
    with promise("client.family.given"):
        check_client(mp, loopback(), "AF_INET", "AF_INET")
        check_client(mp, scratch.path("socket"), "AF_UNIX", "AF_UNIX")


@verifies("client.call.raises-without-a-listener", "client.call.raises-without-a-listener-at-a-path")
def test_client_raises_if_there_is_no_listener(mp, scratch):
    with promise("client.call.raises-without-a-listener"):
        host = loopback()[0]
        with socket.socket() as unused:  # bound and not listening: nobody else gets the port
            unused.bind((host, 0))
            call = f"Client({(host, '...')}), a port at which nobody listens"
            with raises(Exception, call):
                Task(mp.connection.Client, unused.getsockname()).result(call)
    with promise("client.call.raises-without-a-listener-at-a-path"):
        address = scratch.path("nobody")
        call = f"Client({address!r}), a path at which there is nothing"
        with raises(Exception, call):
            Task(mp.connection.Client, address).result(call)


@verifies("client.authkey.none-sends-nothing")
def test_client_without_a_key_awaits_no_authentication(mp):
    for options in ({}, {"authkey": None}):
        with socket.socket() as server:
            server.bind(loopback())
            server.listen()
            client = Task(mp.connection.Client, server.getsockname(), **options)
            accepted, _ = server.accept()
            with accepted:
                client.result(f"Client(_, {options}) returns although the other side says nothing").close()
        with listening(mp) as listener:
            client, accepted = connected(mp, listener, **options)
            with closing(client, accepted):  # what was sent before would be received first
                check_both_directions(client, accepted, f"Client(_, {options}) to a listener without a key")


@verifies("client.authkey.impostor-raises")
def test_client_raises_if_the_other_side_does_not_know_the_key(mp):
    with listening(mp) as listener:
        client = Task(mp.connection.Client, listener.address, authkey=KEY)
        with closing(impostor := Task(listener.accept).result("accept() returns for a Client()")):
            try:
                mp.connection.deliver_challenge(impostor, KEY)  # the impostor believes anybody
            except mp.AuthenticationError:
                pass  # the client asks first, and has got a reply that is no digest
            else:
                received_bytes(impostor, "Client(), which is to deliver a challenge of its own once it is welcomed")
                impostor.send_bytes(b"I do not know the key")
            with raises(mp.AuthenticationError, "Client(_, authkey=...) to a listener that does not know the key"):
                client.result()


def client_of(mp, *messages, authkey=KEY):
    """Return what comes of a Client() with a key whose listener has none, says this, and closes the connection."""
    call = f"Client(_, authkey={authkey!r})"
    with listening(mp) as listener:
        accepting = Task(listener.accept)
        client = Task(mp.connection.Client, listener.address, authkey=authkey)
        Patience().until(lambda: accepting.is_done() or client.is_done(), f"{call} connects, or raises before")
        if client.is_done() and client.error:
            return client
        with closing(accepted := accepting.result(f"accept() returns for a {call}")):
            for message in messages:
                accepted.send_bytes(message)
            if messages:
                client.wait(f"{call} ends when the listener says {messages}")
        client.wait(f"{call} ends when the listener closes the connection")
    return client


TALK = b"welcome, stranger", b"what can I do for you?"


@verifies("client.authkey.listener-without-key-is-refused", "client.authkey.listener-without-key-raises")
def test_client_with_a_key_refuses_a_listener_that_only_talks(mp):
    client = client_of(mp, *TALK)
    with promise("client.authkey.listener-without-key-is-refused"):
        assert client.error is not None, (
            f"Client(_, authkey=...) to a listener without a key {client.outcome()}, promised is an exception"
        )
    with promise("client.authkey.listener-without-key-raises"):
        call = "Client(_, authkey=...) to a listener without a key, which sends two messages that are no handshake"
        with raises(mp.AuthenticationError, call):
            client.result()


@verifies("client.authkey.listener-that-closes-is-refused", "client.authkey.listener-without-key-closes")
def test_what_client_with_a_key_does_if_the_listener_closes(mp, observe):
    client = client_of(mp)
    with promise("client.authkey.listener-that-closes-is-refused"):
        assert client.error is not None, (
            f"Client(_, authkey=...) to a listener that closes the connection {client.outcome()}, promised is an"
            " exception: there was no authentication"
        )
    observe(f"Client() {'raises ' + type(client.error).__name__ if client.error else 'returns'}")


@verifies("client.authkey.empty-key-is-a-key")
def test_client_with_an_empty_key_authenticates(mp):
    client = client_of(mp, *TALK, authkey=b"")
    assert client.error is not None, (
        f"Client(_, authkey=b'') to a listener that only talks {client.outcome()}, promised is an exception"
    )


@verifies("client.authkey.not-bytes-trusts-nobody", "client.authkey.not-bytes")
def test_what_client_does_with_a_key_that_is_not_bytes(mp, observe):
    client = client_of(mp, *TALK, authkey="a str")
    with promise("client.authkey.not-bytes-trusts-nobody"):
        assert client.error is not None, (
            f"Client(_, authkey='a str') to a listener that only talks {client.outcome()}, promised is an exception"
        )
    observe(f"Client(authkey='a str') {'raises ' + type(client.error).__name__ if client.error else 'returns'}")
