"""``Listener.accept``, the authentication on its side, and ``last_accepted``."""

from __future__ import annotations

import socket

from mpconform.kit import Task, promise, raises, verifies, works
from mpconform.sections.listeners_and_clients.helpers import (
    check_both_directions,
    check_connects,
    closing,
    connect,
    connect_and_greet,
    connected,
    listening,
    loopback,
    received,
)

KEY = b"the key of both"


def accepted_of(listener, what):
    """Return what accept() returns, or raise what it raises; complain, naming what was to be accepted, if it hangs."""
    return Task(listener.accept).result(f"accept() for {what} returns or raises")


def check_accepts_its_key(mp, listener, what):
    """Check that a client with the key connects, and that objects go through in both directions."""
    client = Task(mp.connection.Client, listener.address, authkey=KEY)
    with works(f"{what}: accept() for a client with the key"):
        accepted = accepted_of(listener, "a client with the key")
    with closing(accepted, client.result()):
        check_both_directions(client.value, accepted, what)


@verifies(
    "listener.call.takes-an-address",
    "listener.accept.connects-a-client",
    "listener.accept.returns-a-connection",
    "client.call.returns-a-connection",
)
def test_listener_and_client_connect(mp):
    with promise("listener.call.takes-an-address"):
        address = loopback()
        with works(f"Listener({address!r})"):
            listener = mp.connection.Listener(address)
        listener.close()
    with promise("listener.accept.connects-a-client"), listening(mp) as listener:
        check_connects(mp, listener, "Client() and accept()")
    with promise("listener.accept.returns-a-connection"), listening(mp) as listener:
        client, accepted = connected(mp, listener)
        with closing(client, accepted):
            assert isinstance(accepted, mp.connection.Connection), (
                f"accept() returned {accepted!r}, which is no connection.Connection object"
            )
    with promise("client.call.returns-a-connection"), listening(mp) as listener:
        client, accepted = connected(mp, listener)
        with closing(client, accepted):
            assert isinstance(client, mp.connection.Connection), (
                f"Client({listener.address}) returned {client!r}, which is no connection.Connection object"
            )


@verifies("listener.accept.connects-a-client-in-a-child")
def test_accept_connects_a_client_in_a_child(mp):
    with listening(mp) as listener:
        child = mp.Process(target=connect_and_greet, args=(listener.address,))
        child.daemon = True
        child.start()
        with closing(accepted := accepted_of(listener, "a client in a child")):
            came = received(accepted, "a child that got its connection from Client()")
            accepted.send("bye")
        child.join()
    assert came == "hello from the child", f"accept(): received {came!r}, the child has sent its greeting"


@verifies("listener.accept.blocks-until-a-client-comes", "listener.accept.blocks-whatever-the-default-timeout")
def test_accept_blocks_until_a_client_comes(mp, patience):
    with promise("listener.accept.blocks-until-a-client-comes"):
        check_accept_blocks(mp, patience)
    with promise("listener.accept.blocks-whatever-the-default-timeout"):
        before = socket.getdefaulttimeout()
        socket.setdefaulttimeout(patience.watching / 2)
        try:
            check_accept_blocks(mp, patience)
        finally:
            socket.setdefaulttimeout(before)


def check_accept_blocks(mp, patience):
    """Check that accept() blocks until a client comes, and recv() of what it returns until something is sent."""
    with listening(mp) as listener:
        accept = Task(listener.accept)
        patience.never(accept.is_done, "accept() ends before a client has come")
        with patience.at_once("accept() when a client connects"):
            client = connect(mp, listener.address)
            accept.wait("accept() returns when a client connects")
        with closing(client, accept.result()):
            receiving = [Task(client.recv), Task(accept.value.recv)]
            patience.never(
                lambda: any(task.is_done() for task in receiving), "recv() at one of the two ends ends before a send()"
            )
            accept.value.send("there")
            client.send("back")
            came = [task.result("recv() at both ends returns what was sent") for task in receiving]
    assert came == ["there", "back"], f"the two ends received {came}, promised are ['there', 'back']"


@verifies("listener.accept.one-connection-a-call")
def test_each_client_has_a_connection_of_its_own(mp):
    with listening(mp) as listener:
        ends = [connected(mp, listener) for _ in range(3)]
        for number, (client, _) in enumerate(ends):
            client.send(number)
        came = [received(accepted, f"client {number}") for number, (_, accepted) in enumerate(ends)]
        with closing(*sum(ends, ())):
            assert came == [0, 1, 2], f"three connections of one listener received {came}, their clients sent [0, 1, 2]"


# Authentication


@verifies("listener.authkey.none-sends-nothing")
def test_listener_without_a_key_awaits_no_authentication(mp):
    for options in ({}, {"authkey": None}):
        with listening(mp, **options) as listener:
            with socket.create_connection(listener.address):
                accepted_of(listener, f"a socket that says nothing, of Listener(_, {options})").close()
            check_connects(mp, listener, f"Listener(_, {options})")  # what was sent before would be received first


@verifies(
    "listener.authkey.same-key-connects",
    "listener.accept.wrong-key-raises",
    "client.authkey.wrong-key-raises",
    "listener.accept.works-after-a-wrong-key",
)
def test_listener_and_client_connect_with_the_same_key_only(mp):
    with promise("listener.authkey.same-key-connects"), listening(mp, authkey=KEY) as listener:
        check_accepts_its_key(mp, listener, "a listener and a client with the same key")
    others = (b"another key", b"the key of bot", b"the key of both!", b"")
    with promise("listener.accept.wrong-key-raises"):
        for key in others:
            call = f"accept() of a listener with {KEY!r} for a client with {key!r}"
            with listening(mp, authkey=KEY) as listener, raises(mp.AuthenticationError, call):
                Task(mp.connection.Client, listener.address, authkey=key)
                accepted_of(listener, f"a client with {key!r}")
    with promise("client.authkey.wrong-key-raises"):
        for key in others:
            call = f"Client(_, authkey={key!r}) to a listener with {KEY!r}"
            with listening(mp, authkey=KEY) as listener, raises(mp.AuthenticationError, call):
                Task(listener.accept)
                Task(mp.connection.Client, listener.address, authkey=key).result(f"{call} ends")
    with promise("listener.accept.works-after-a-wrong-key"), listening(mp, authkey=KEY) as listener:
        Task(mp.connection.Client, listener.address, authkey=b"another key")
        with raises(mp.AuthenticationError, "accept() for a client with another key"):
            accepted_of(listener, "a client with another key")
        check_accepts_its_key(mp, listener, "a listener that has refused a client")


@verifies("listener.accept.client-without-key-raises", "listener.accept.refused-by-the-client-raises")
def test_accept_raises_for_a_client_that_cannot_authenticate_or_refuses_to(mp, patience):
    with promise("listener.accept.client-without-key-raises"):
        check_refuses_a_talker(mp, KEY, mp.AuthenticationError)
    with promise("listener.accept.refused-by-the-client-raises"), listening(mp, authkey=KEY) as listener:
        accept = Task(listener.accept)
        with closing(client := connect(mp, listener.address)):
            if client.poll(patience.awaiting):  # otherwise, the client is to ask first
                mp.connection.answer_challenge(client, KEY)
            with raises(mp.AuthenticationError, "deliver_challenge() with another key than the listener's"):
                Task(mp.connection.deliver_challenge, client, b"another key").result()
            call = "accept(), to which the client says that the listener has the wrong key"
            with raises(mp.AuthenticationError, call):
                accept.result(call)


def check_refuses_a_talker(mp, key, error):
    """Check that accept() of a listener with this key raises an error of this kind for a client that only talks."""
    with listening(mp, authkey=key) as listener:
        accept = Task(listener.accept)
        with closing(client := connect(mp, listener.address)):
            client.send_bytes(b"let me in")
            client.send_bytes(b"please")
            call = f"accept() of Listener(_, authkey={key!r}) for a client without a key that only talks"
            with raises(error, call):
                accept.result(call)


@verifies("listener.authkey.empty-key-is-a-key")
def test_listener_with_an_empty_key_authenticates(mp):
    check_refuses_a_talker(mp, b"", mp.AuthenticationError)


@verifies("listener.authkey.not-bytes-lets-nobody-in", "listener.authkey.not-bytes")
def test_what_listener_does_with_a_key_that_is_not_bytes(mp, observe):
    try:
        mp.connection.Listener(loopback(), authkey="a str").close()
    except Exception as error:
        refused = type(error).__name__
        observe(f"Listener(authkey='a str') raises {refused}")
    else:
        refused = None
        observe("Listener(authkey='a str') returns")
    with promise("listener.authkey.not-bytes-lets-nobody-in"):
        if not refused:
            check_refuses_a_talker(mp, "a str", Exception)


@verifies(
    "listener.accept.vanished-client-is-refused",
    "listener.accept.client-vanishes",
    "listener.accept.works-after-a-vanished-client",
)
def test_what_accept_does_if_the_client_vanishes(mp, patience, observe):
    with promise("listener.accept.vanished-client-is-refused"):
        for moment in ("before the handshake", "in the middle of the handshake"):
            with listening(mp, authkey=KEY) as listener:
                accept = vanish(mp, listener, moment, patience)
                accept.wait(f"accept() ends when the client closes the connection {moment}")
                assert accept.error, f"accept() {accept.outcome()}; the client has closed the connection {moment}"
    with listening(mp, authkey=KEY) as listener:
        accept = vanish(mp, listener, "in the middle of the handshake", patience)
        accept.wait("accept() ends when the client closes the connection in the middle of the handshake")
        with promise("listener.accept.works-after-a-vanished-client"):
            check_accepts_its_key(mp, listener, "a listener whose client vanished in the middle of the handshake")
    observe(f"accept() {'raises ' + type(accept.error).__name__ if accept.error else 'returns'}")


def vanish(mp, listener, moment, patience):
    """Connect to a listener with a key and close the connection; return its accept(), which may go on."""
    accept = Task(listener.accept)
    with closing(client := connect(mp, listener.address)):
        if moment == "in the middle of the handshake":
            client.poll(patience.watching)  # until the listener has begun, unless the client is to do so
    return accept


# last_accepted


@verifies(
    "listener.last_accepted.none-at-first", "listener.last_accepted.host-and-port", "listener.last_accepted.read-only"
)
def test_last_accepted_is_the_host_and_port_of_the_latest_client(mp):
    with promise("listener.last_accepted.none-at-first"), listening(mp) as listener:
        last = listener.last_accepted
        assert last is None, f"last_accepted before anything was accepted is {last!r}, promised is None"
    with promise("listener.last_accepted.host-and-port"), listening(mp) as listener:
        for number in range(3):
            with socket.create_connection(listener.address) as client:
                accepted_of(listener, f"client {number}").close()
                promised, last = client.getsockname(), listener.last_accepted
            assert last == promised, f"last_accepted after client {number} is {last!r}, its address is {promised!r}"
    with promise("listener.last_accepted.read-only"), listening(mp) as listener:
        with raises(AttributeError, "an assignment to last_accepted of a Listener"):
            listener.last_accepted = ("127.0.0.1", 1)
        assert listener.last_accepted is None, "last_accepted of a Listener was changed by an assignment"


@verifies(
    "listener.last_accepted.path",
    "listener.last_accepted.no-path-is-not-an-earlier-one",
    "listener.last_accepted.client-without-a-path",
)
def test_last_accepted_is_the_path_of_the_client(mp, scratch, observe):
    path = scratch.path("client")
    with listening(mp, scratch.path("socket")) as listener:
        with socket.socket(socket.AF_UNIX) as client:
            client.bind(path)
            client.connect(listener.address)
            accepted_of(listener, "a client that is bound to a path").close()
            last = listener.last_accepted
        with promise("listener.last_accepted.path"):
            assert last == path, f"last_accepted is {last!r}, the client's socket is bound to {path!r}"
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(listener.address)
            accepted_of(listener, "a client that is bound to no path").close()
            last = listener.last_accepted
        with promise("listener.last_accepted.no-path-is-not-an-earlier-one"):
            assert not last, f"last_accepted is {last!r} after a client that is bound to no path, which has no address"
    observe(f"last_accepted is {last!r}")
