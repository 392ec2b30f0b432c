"""``Listener``: its family, its address, its backlog, and what ends it."""

from __future__ import annotations

import gc
import os
import socket
import stat
import tempfile
from pathlib import Path

from mpconform.kit import Task, each, raises, verifies, works
from mpconform.sections.listeners_and_clients.helpers import (
    check_both_directions,
    closing,
    connect,
    listening,
    loopback,
)


def check_takes_sockets(listener, family, what):
    """Check that a plain socket of the family connects to the listener."""
    with works(f"connect() of an {family} socket to {what}"), socket.socket(getattr(socket, family)) as client:
        client.connect(listener.address)


def check_connects(mp, listener, what):
    """Check that a client connects to the listener, and that objects go through in both directions."""
    client = connect(mp, listener.address)
    with closing(client, accepted := listener.accept()):
        check_both_directions(client, accepted, what)


def waiting_clients(path):
    """Return how many clients can wait at an AF_UNIX address before the system refuses one."""
    clients = []
    try:
        while len(clients) < 50:
            client = socket.socket(socket.AF_UNIX)
            clients.append(client)
            client.setblocking(False)
            try:
                client.connect(path)
            except OSError:
                return len(clients) - 1
        return len(clients)
    finally:
        for client in clients:
            client.close()


def waiting_clients_of_a_socket(path, backlog):
    """Return how many clients can wait at a plain socket with this backlog."""
    with socket.socket(socket.AF_UNIX) as plain:
        plain.bind(path)
        plain.listen(backlog)
        return waiting_clients(path)


@verifies("listener.call.takes-an-address")
def test_listener_takes_a_host_and_a_port(mp):
    address = loopback()
    with works(f"Listener({address!r})"):
        listener = mp.connection.Listener(address)
    listener.close()


@verifies("listener.call.needs-no-arguments")
def test_listener_without_arguments_can_be_connected_to(mp):
    with works("Listener()"):
        listener = mp.connection.Listener()
    with closing(listener):
        check_connects(mp, listener, "Listener()")


@verifies("listener.class.is-a-listening-socket")
def test_a_plain_socket_connects_to_a_listener(mp):
    address = loopback()
    with listening(mp, address, family="AF_INET") as listener:
        check_takes_sockets(listener, "AF_INET", f"Listener({address!r}, 'AF_INET')")


@verifies("listener.class.is-a-listening-unix-socket")
def test_a_plain_unix_socket_connects_to_a_listener(mp, scratch):
    path = scratch.path("socket")
    with listening(mp, path, family="AF_UNIX") as listener:
        check_takes_sockets(listener, "AF_UNIX", f"Listener({path!r}, 'AF_UNIX')")


# The family


@verifies("listener.family.af_inet")
def test_af_inet_is_available(mp):
    with listening(mp, family="AF_INET") as listener:
        check_connects(mp, listener, "Listener(..., 'AF_INET')")


@verifies("listener.family.af_unix")
def test_af_unix_is_available(mp, scratch):
    with listening(mp, scratch.path("socket"), family="AF_UNIX") as listener:
        check_connects(mp, listener, "Listener(..., 'AF_UNIX')")


@verifies("listener.family.af_pipe")
def test_af_pipe_is_available(mp):
    with listening(mp, rf"\\.\pipe\mpconform-{os.getpid()}", family="AF_PIPE") as listener:
        check_connects(mp, listener, "Listener(..., 'AF_PIPE')")


@verifies("listener.family.inferred-from-address")
@each("family", ["AF_INET", "AF_UNIX"])
@each("options", [{}, {"family": None}])
def test_listener_infers_the_family_from_the_address(mp, scratch, family, options):
    address = loopback() if family == "AF_INET" else scratch.path("socket")
    with listening(mp, address, **options) as listener:
        check_takes_sockets(listener, family, f"Listener({address!r}, {options})")


@verifies("listener.family.default")
def test_which_family_is_the_default(mp, observe):
    with works("Listener()"):
        listener = mp.connection.Listener()
    with closing(listener):
        address = listener.address
    if not isinstance(address, str):
        family = "AF_INET" if isinstance(address, tuple) else f"unknown, at {address!r}"
    else:
        family = "AF_PIPE" if address.startswith("\\\\") else "AF_UNIX"
    observe(f"the family of Listener() is {family}")


@verifies("listener.family.unknown")
def test_what_listener_does_with_an_unknown_family(mp, observe):
    try:
        mp.connection.Listener(None, "AF_CONFORMANCE").close()
    except Exception as error:
        observe(f"Listener(None, 'AF_CONFORMANCE') raises {type(error).__name__}")
    else:
        observe("Listener(None, 'AF_CONFORMANCE') returns")


@verifies("listener.family.af_inet-default-address")
def test_af_inet_has_a_default_address(mp):
    with works("Listener(family='AF_INET')"):
        listener = mp.connection.Listener(family="AF_INET")
    with closing(listener):
        address = listener.address
        assert isinstance(address, tuple), f"address of Listener(family='AF_INET') is {address!r}, no host and port"
        check_connects(mp, listener, "Listener(family='AF_INET')")


@verifies("listener.family.af_unix-default-address")
def test_default_address_of_af_unix_is_in_a_temporary_directory(mp):
    with works("Listener(family='AF_UNIX')"):
        listener = mp.connection.Listener(family="AF_UNIX")
    with closing(listener):
        address = listener.address
        is_socket = Path(address).is_socket()
        check_connects(mp, listener, "Listener(family='AF_UNIX')")
    assert is_socket, f"Listener(family='AF_UNIX') created {address!r}, which is no socket"
    temporary = Path(tempfile.gettempdir()).resolve()
    assert temporary in Path(address).resolve().parent.parents, (
        f"Listener(family='AF_UNIX') created {address!r}, which is in no directory below {temporary}"
    )


@verifies("listener.family.af_unix-default-is-private")
def test_directory_of_the_default_address_of_af_unix_is_private(mp):
    with works("Listener(family='AF_UNIX')"):
        listener = mp.connection.Listener(family="AF_UNIX")
    with closing(listener):
        directory = Path(listener.address).parent
        status = directory.stat()
    mode = stat.S_IMODE(status.st_mode)
    assert status.st_uid == os.getuid(), f"{directory}, made by Listener(family='AF_UNIX'), belongs to {status.st_uid}"
    assert mode & 0o077 == 0, f"{directory}, made by Listener(family='AF_UNIX'), has mode {mode:o}, open to others"


# The address


def check_address(mp, address):
    """Check that a listener tells the address that it was given."""
    with listening(mp, address) as listener:
        told = listener.address
    assert told == address, f"address of Listener({address!r}) is {told!r}"


@verifies("listener.address.is-the-one-given")
def test_address_is_the_host_and_port_that_were_given(mp):
    with socket.socket() as plain:  # to find a free port
        plain.bind(loopback())
        address = plain.getsockname()
    check_address(mp, address)


@verifies("listener.address.is-the-path-given")
def test_address_is_the_path_that_was_given(mp, scratch):
    check_address(mp, scratch.path("socket"))


@verifies("listener.address.shows-the-real-port")
def test_address_shows_the_port_that_the_system_chose(mp):
    host, _ = given = loopback()
    with listening(mp, given) as listener:
        address = listener.address
        assert address[0] == host, f"address of Listener({given}) is {address!r}, its host is {host!r}"
        assert address[1] != 0, f"address of Listener({given}) is {address!r}, which is no port that anybody can use"
        with socket.socket() as client:
            client.connect(address)


@verifies("listener.address.read-only")
def test_address_is_read_only(mp):
    with listening(mp) as listener:
        with raises(AttributeError, "an assignment to address of a Listener"):
            listener.address = ("127.0.0.1", 1)
        assert listener.address != ("127.0.0.1", 1), "address of a Listener was changed by an assignment"


@verifies("listener.address.in-use-raises")
def test_a_port_in_use_cannot_be_used_again(mp):
    check_in_use(mp, loopback())


@verifies("listener.address.path-in-use-raises")
def test_a_path_in_use_cannot_be_used_again(mp, scratch):
    check_in_use(mp, scratch.path("socket"))


def check_in_use(mp, address):
    """Check that the address of a listener is refused to another one, and that the first one goes on."""
    with listening(mp, address) as listener:
        with raises(Exception, f"Listener({listener.address!r}), which another listener uses"):
            mp.connection.Listener(listener.address).close()
        check_connects(mp, listener, "the listener whose address another one tried to use")


@verifies("listener.backlog.is-passed-on")
@each("backlog", [3, 10])
def test_backlog_bounds_the_clients_that_wait(mp, scratch, backlog):
    promised = waiting_clients_of_a_socket(scratch.path("plain"), backlog)
    with listening(mp, scratch.path("socket"), backlog=backlog) as listener:
        waiting = waiting_clients(listener.address)
    assert waiting == promised, (
        f"Listener(backlog={backlog}): {waiting} clients could wait, at a socket after listen({backlog}) {promised} can"
    )


@verifies("listener.backlog.is-1-by-default")
def test_backlog_is_1_by_default(mp, scratch):
    promised = waiting_clients_of_a_socket(scratch.path("plain"), 1)
    with listening(mp, scratch.path("socket")) as listener:
        waiting = waiting_clients(listener.address)
    assert waiting == promised, (
        f"Listener() without a backlog: {waiting} clients could wait, at a socket after listen(1) {promised} can"
    )


# The end


@verifies("listener.close.refuses-clients")
def test_a_closed_listener_refuses_clients(mp):
    check_closed_refuses(mp, loopback())


@verifies("listener.close.refuses-clients-at-a-path")
def test_a_closed_listener_refuses_clients_at_its_path(mp, scratch):
    check_closed_refuses(mp, scratch.path("socket"))


def check_closed_refuses(mp, given):
    """Check that nobody can connect to the address of a closed listener."""
    with listening(mp, given) as listener:
        address = listener.address
    with raises(Exception, f"Client({address!r}) after close() of the listener"):
        mp.connection.Client(address)


@verifies("listener.close.frees-the-address")
def test_address_of_a_closed_listener_can_be_used_again(mp):
    with listening(mp) as listener:
        address = listener.address
    with works(f"Listener({address!r}) after close() of the first one there"):
        again = mp.connection.Listener(address)
    with closing(again):
        check_connects(mp, again, f"the second Listener({address!r})")


@verifies("listener.close.accept-raises")
def test_accept_of_a_closed_listener_raises(mp):
    with listening(mp) as listener:
        pass
    accept = Task(listener.accept)
    accept.wait()
    assert accept.error is not None, (
        f"accept() after close(): {accept.outcome()}, promised is that the socket is closed"
    )


@verifies("listener.close.keeps-accepted-connections")
def test_close_of_a_listener_leaves_its_connections_alone(mp):
    with listening(mp) as listener:
        client = connect(mp, listener.address)
        accepted = listener.accept()
    with closing(client, accepted):
        check_both_directions(client, accepted, "a connection whose listener is closed")


@verifies("listener.close.by-garbage-collection")
def test_garbage_collection_closes_a_listener(mp):
    check_collected_refuses(mp, loopback())


@verifies("listener.close.by-garbage-collection-at-a-path")
def test_garbage_collection_closes_a_listener_at_a_path(mp, scratch):
    check_collected_refuses(mp, scratch.path("socket"))


def check_collected_refuses(mp, given):
    """Check that nobody can connect to the address of a listener that is gone."""
    listener = mp.connection.Listener(given)
    address = listener.address
    del listener
    gc.collect()
    with raises(Exception, f"Client({address!r}) after the listener was garbage collected"):
        mp.connection.Client(address)


@verifies("listener.close.socket-file")
def test_what_close_does_to_the_file_of_the_socket(mp, scratch, observe):
    path = scratch.path("socket")
    with listening(mp, path):
        assert Path(path).exists(), f"Listener({path!r}) made no file there"
    observe(f"close() {'leaves' if Path(path).exists() else 'removes'} the file of the socket")


@verifies("listener.with.returns-the-listener")
def test_with_binds_the_listener(mp):
    listener = mp.connection.Listener(loopback())
    with closing(listener), listener as target:
        assert target is listener, f"with Listener(...) as target: target is {target!r}, promised is the listener"


@verifies("listener.with.closes")
@each("error", [None, ValueError("in the block")])
def test_with_closes_the_listener(mp, error):
    listener = mp.connection.Listener(loopback())
    with closing(listener):
        came = None
        try:
            with listener:
                if error:
                    raise error
        except ValueError as raised:
            came = raised
        assert came is error, f"with Listener(...): the block raised {error!r}, the statement {came!r}"
        accept = Task(listener.accept)
        accept.wait()
        assert accept.error is not None, (
            f"accept() after a with statement whose block raised {error!r}: {accept.outcome()}, promised is that the"
            " statement has closed the listener"
        )
