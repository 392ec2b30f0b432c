"""``Listener.accept``, the authentication on its side, and ``last_accepted``."""

from __future__ import annotations

import socket

from mpconform.kit import Task, each, raises, verifies, works
from mpconform.sections.listeners_and_clients.helpers import (
    check_both_directions,
    closing,
    connect,
    connect_and_greet,
    listening,
    loopback,
    received,
    received_bytes,
)

KEY = b"the key of both"


def check_accepts_its_key(mp, listener, what):
    """Check that a client with the key connects, and that objects go through in both directions."""
    client = Task(mp.connection.Client, listener.address, authkey=KEY)
    with works(f"{what}: accept() for a client with the key"):
        accepted = listener.accept()
    with closing(accepted, client.result()):
        check_both_directions(client.value, accepted, what)


@verifies("listener.accept.connects-a-client")
def test_accept_connects_a_client(mp):
    with listening(mp) as listener:
        client = connect(mp, listener.address)
        with closing(client, accepted := listener.accept()):
            check_both_directions(client, accepted, "Client() and accept()")


@verifies("listener.accept.connects-a-client-in-a-child")
def test_accept_connects_a_client_in_a_child(mp):
    with listening(mp) as listener:
        child = mp.Process(target=connect_and_greet, args=(listener.address,))
        child.daemon = True
        child.start()
        with closing(accepted := listener.accept()):
            came = received(accepted, "a child that got its connection from Client()")
            accepted.send("bye")
        child.join()
    assert came == "hello from the child", f"accept(): received {came!r}, the child has sent its greeting"


@verifies("listener.accept.returns-a-connection")
def test_accept_returns_a_connection_object(mp):
    with listening(mp) as listener:
        client = connect(mp, listener.address)
        with closing(client, accepted := listener.accept()):
            assert isinstance(accepted, mp.connection.Connection), (
                f"accept() returned {accepted!r}, which is no connection.Connection object"
            )


@verifies("listener.accept.blocks-until-a-client-comes")
def test_accept_blocks_until_a_client_comes(mp, patience):
    with listening(mp) as listener:
        accept = Task(listener.accept)
        patience.never(accept.is_done, "accept() ends before a client has come")
        client = connect(mp, listener.address)
        with closing(client, accept.result()):
            check_both_directions(client, accept.value, "the connection that accept() waited for")


@verifies("listener.accept.one-connection-a-call")
def test_each_client_has_a_connection_of_its_own(mp):
    with listening(mp) as listener:
        ends = []
        for number in range(3):
            client = connect(mp, listener.address)
            ends.append((client, listener.accept()))
            client.send(number)
        came = [received(accepted, f"client {number}") for number, (_, accepted) in enumerate(ends)]
        for client, accepted in ends:
            client.close()
            accepted.close()
    assert came == [0, 1, 2], f"three connections of one listener received {came}, their clients sent [0, 1, 2]"


# Authentication


@verifies("listener.authkey.none-sends-nothing")
@each("options", [{}, {"authkey": None}])
def test_listener_without_a_key_neither_sends_nor_awaits_anything(mp, patience, options):
    with listening(mp, **options) as listener, socket.create_connection(listener.address) as client:
        Task(listener.accept).result().close()
        client.settimeout(patience.awaiting)
        came = client.recv(100)
    assert came == b"", f"accept() of Listener(_, {options}) sent {came!r}, promised is no authentication"


@verifies("listener.authkey.same-key-connects")
def test_listener_and_client_with_the_same_key_connect(mp):
    with listening(mp, authkey=KEY) as listener:
        check_accepts_its_key(mp, listener, "a listener and a client with the same key")


@verifies("listener.authkey.empty-key-is-a-key")
def test_listener_with_an_empty_key_authenticates(mp):
    with listening(mp, authkey=b"") as listener, connect(mp, listener.address) as client:
        client.send_bytes(b"let me in")
        with raises(mp.AuthenticationError, "accept() of Listener(_, authkey=b'') for a client that only talks"):
            listener.accept().close()


@verifies("listener.authkey.not-bytes")
def test_what_listener_does_with_a_key_that_is_not_bytes(mp, observe):
    try:
        mp.connection.Listener(loopback(), authkey="a str").close()
    except Exception as error:
        observe(f"Listener(authkey='a str') raises {type(error).__name__}")
    else:
        observe("Listener(authkey='a str') returns")


@verifies("listener.accept.wrong-key-raises")
@each("key", [b"another key", b"the key of bot", b"the key of both!", b""])
def test_accept_raises_for_a_client_with_a_wrong_key(mp, key):
    with listening(mp, authkey=KEY) as listener:
        client = Task(mp.connection.Client, listener.address, authkey=key)
        with raises(mp.AuthenticationError, f"accept() of a listener with {KEY!r} for a client with {key!r}"):
            listener.accept().close()
        client.wait()


@verifies("listener.accept.client-without-key-raises")
def test_accept_raises_for_a_client_without_a_key_that_only_talks(mp):
    with listening(mp, authkey=KEY) as listener, connect(mp, listener.address) as client:
        client.send_bytes(b"let me in")
        with raises(
            mp.AuthenticationError, "accept() of a listener with a key for a client without one that only talks"
        ):
            listener.accept().close()


@verifies("listener.accept.refused-by-the-client-raises")
def test_accept_raises_if_the_client_refuses_the_listener(mp):
    with listening(mp, authkey=KEY) as listener, connect(mp, listener.address) as client:
        accept = Task(listener.accept)
        mp.connection.answer_challenge(client, KEY)
        with raises(mp.AuthenticationError, "deliver_challenge() with another key than the listener's"):
            Task(mp.connection.deliver_challenge, client, b"another key").result()
        with raises(mp.AuthenticationError, "accept(), to which the client says that the listener has the wrong key"):
            accept.result().close()


def vanish(mp, listener):
    """Connect to a listener, receive the first message of the handshake, and close the connection."""
    client = connect(mp, listener.address)
    received_bytes(client, "accept() of a listener with a key")
    client.close()


@verifies("listener.accept.client-vanishes")
def test_what_accept_does_if_the_client_vanishes(mp, observe):
    with listening(mp, authkey=KEY) as listener:
        accept = Task(listener.accept)
        vanish(mp, listener)
        accept.wait()
    observe(f"accept() {'raises ' + type(accept.error).__name__ if accept.error else 'returns'}")


@verifies("listener.accept.works-after-a-wrong-key")
def test_accept_works_after_a_client_with_a_wrong_key(mp):
    with listening(mp, authkey=KEY) as listener:
        client = Task(mp.connection.Client, listener.address, authkey=b"another key")
        with raises(mp.AuthenticationError, "accept() for a client with another key"):
            listener.accept().close()
        client.wait()
        check_accepts_its_key(mp, listener, "a listener that has refused a client")


@verifies("listener.accept.works-after-a-vanished-client")
def test_accept_works_after_a_client_that_vanished(mp):
    with listening(mp, authkey=KEY) as listener:
        accept = Task(listener.accept)
        vanish(mp, listener)
        accept.wait()
        check_accepts_its_key(mp, listener, "a listener whose client vanished in the middle of the handshake")


# last_accepted


@verifies("listener.last_accepted.none-at-first")
def test_last_accepted_is_none_at_first(mp):
    with listening(mp) as listener:
        last = listener.last_accepted
    assert last is None, f"last_accepted before anything was accepted is {last!r}, promised is None"


@verifies("listener.last_accepted.host-and-port")
def test_last_accepted_is_the_host_and_port_of_the_latest_client(mp):
    with listening(mp) as listener:
        for number in range(3):
            with socket.create_connection(listener.address) as client:
                listener.accept().close()
                promised, last = client.getsockname(), listener.last_accepted
            assert last == promised, f"last_accepted after client {number} is {last!r}, its address is {promised!r}"


@verifies("listener.last_accepted.path")
def test_last_accepted_is_the_path_of_the_client(mp, scratch):
    path = scratch.path("client")
    with listening(mp, scratch.path("socket")) as listener, socket.socket(socket.AF_UNIX) as client:
        client.bind(path)
        client.connect(listener.address)
        listener.accept().close()
        last = listener.last_accepted
    assert last == path, f"last_accepted is {last!r}, the client's socket is bound to {path!r}"


@verifies("listener.last_accepted.client-without-a-path")
def test_last_accepted_of_a_client_without_a_path(mp, scratch, observe):
    with listening(mp, scratch.path("socket")) as listener, mp.connection.Client(listener.address):
        listener.accept().close()
        observe(f"last_accepted is {listener.last_accepted!r}")


@verifies("listener.last_accepted.read-only")
def test_last_accepted_is_read_only(mp):
    with listening(mp) as listener, raises(AttributeError, "an assignment to last_accepted of a Listener"):
        listener.last_accepted = None
