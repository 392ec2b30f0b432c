"""``Listener``: its family, its address, its backlog, and what ends it."""

from __future__ import annotations

import gc
import os
import socket
import stat
import tempfile
from pathlib import Path

from mpconform.kit import Task, promise, raises, verifies, works
from mpconform.sections.listeners_and_clients.helpers import (
    check_both_directions,
    check_connects,
    closing,
    connected,
    listening,
    loopback,
)


def check_takes_sockets(listener, family, what):
    """Check that a plain socket of the family connects to the listener."""
    with works(f"connect() of an {family} socket to {what}"), socket.socket(getattr(socket, family)) as client:
        client.connect(listener.address)


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


def made(mp, what, *args, **kwargs):
    """Return the listener that Listener() makes of the arguments; complain of ``what`` if it raises."""
    with works(what):
        return mp.connection.Listener(*args, **kwargs)


@verifies(
    "listener.class.is-a-listening-socket",
    "listener.call.needs-no-arguments",
    "listener.family.af_inet",
    "listener.family.af_inet-default-address",
    "listener.address.is-the-one-given",
    "listener.address.shows-the-real-port",
    "listener.address.read-only",
)
def test_listeners_of_the_family_af_inet(mp):
    with promise("listener.class.is-a-listening-socket"):
        address = loopback()
        with listening(mp, address, family="AF_INET") as listener:
            check_takes_sockets(listener, "AF_INET", f"Listener({address!r}, 'AF_INET')")
    with promise("listener.call.needs-no-arguments"), closing(listener := made(mp, "Listener()")):
        check_connects(mp, listener, "Listener()")
    with promise("listener.family.af_inet"), listening(mp, family="AF_INET") as listener:
        check_connects(mp, listener, "Listener(..., 'AF_INET')")
    with promise("listener.family.af_inet-default-address"):
        check_default_host_and_port(mp)
    with promise("listener.address.is-the-one-given"):
        with socket.socket() as plain:  # to find a free port
            plain.bind(loopback())
            address = plain.getsockname()
        check_address(mp, address)
    with promise("listener.address.shows-the-real-port"):
        check_port(mp, loopback())
    with promise("listener.address.read-only"), listening(mp) as listener:
        with raises(AttributeError, "an assignment to address of a Listener"):
            listener.address = ("127.0.0.1", 1)
        assert listener.address != ("127.0.0.1", 1), "address of a Listener was changed by an assignment"


def check_default_host_and_port(mp):
    """Check that a listener of the family AF_INET without an address chooses one."""
    with closing(listener := made(mp, "Listener(family='AF_INET')", family="AF_INET")):
        address = listener.address
        assert isinstance(address, tuple), f"address of Listener(family='AF_INET') is {address!r}, no host and port"
        check_connects(mp, listener, "Listener(family='AF_INET')")


def check_address(mp, address):
    """Check that a listener tells the address that it was given, at first and when it has accepted a client."""
    with listening(mp, address) as listener:
        told = [listener.address]
        check_connects(mp, listener, f"Listener({address!r})")
        told.append(listener.address)
    assert told == [address] * 2, f"address of Listener({address!r}) is {told[0]!r}, and {told[1]!r} after accept()"


def check_port(mp, given):
    """Check that a listener which was given port 0 tells a port, the one at which it listens."""
    with listening(mp, given) as listener:
        address = listener.address
        assert address[0] == given[0], f"address of Listener({given}) is {address!r}, its host is {given[0]!r}"
        assert address[1] != 0, f"address of Listener({given}) is {address!r}, which is no port that anybody can use"
        with works(f"connect() to {address!r}, which is the address of Listener({given})"), socket.socket() as client:
            client.connect(address)


@verifies(
    "listener.class.is-a-listening-unix-socket",
    "listener.family.af_unix",
    "listener.family.inferred-from-address",
    "listener.family.af_unix-default-address",
    "listener.family.af_unix-default-is-private",
    "listener.address.is-the-path-given",
)
def test_listeners_of_the_family_af_unix(mp, scratch):
    with promise("listener.class.is-a-listening-unix-socket"):
        path = scratch.path("socket")
        with listening(mp, path, family="AF_UNIX") as listener:
            check_takes_sockets(listener, "AF_UNIX", f"Listener({path!r}, 'AF_UNIX')")
    with promise("listener.family.af_unix"), listening(mp, scratch.path("socket"), family="AF_UNIX") as listener:
        check_connects(mp, listener, "Listener(..., 'AF_UNIX')")
    with promise("listener.family.inferred-from-address"):
        for options in ({}, {"family": None}):
            for family, address in (("AF_INET", loopback()), ("AF_UNIX", scratch.path("socket"))):
                with listening(mp, address, **options) as listener:
                    check_takes_sockets(listener, family, f"Listener({address!r}, {options})")
    with promise("listener.family.af_unix-default-address"):
        check_default_path(mp)
    with promise("listener.family.af_unix-default-is-private"):
        with closing(listener := made(mp, "Listener(family='AF_UNIX')", family="AF_UNIX")):
            directory = Path(listener.address).parent
            status = directory.stat()
        mode, owner = stat.S_IMODE(status.st_mode), status.st_uid
        assert owner == os.getuid(), f"{directory}, made by Listener(family='AF_UNIX'), belongs to {owner}"
        assert mode & 0o077 == 0, f"{directory}, made by Listener(family='AF_UNIX'), has mode {mode:o}, open to others"
    with promise("listener.address.is-the-path-given"):
        check_address(mp, scratch.path("socket"))


def check_default_path(mp):
    """Check that a listener without an address has its socket in a temporary directory."""
    with closing(listener := made(mp, "Listener(family='AF_UNIX')", family="AF_UNIX")):
        address = listener.address
        is_socket = Path(address).is_socket()
        check_connects(mp, listener, "Listener(family='AF_UNIX')")
    assert is_socket, f"Listener(family='AF_UNIX') created {address!r}, which is no socket"
    temporary = Path(tempfile.gettempdir()).resolve()
    assert temporary in Path(address).resolve().parent.parents, (
        f"Listener(family='AF_UNIX') created {address!r}, which is in no directory below {temporary}"
    )


@verifies("listener.family.af_pipe")
def test_af_pipe_is_available(mp):
    with listening(mp, rf"\\.\pipe\mpconform-{os.getpid()}", family="AF_PIPE") as listener:
        check_connects(mp, listener, "Listener(..., 'AF_PIPE')")


@verifies("listener.family.default")
def test_which_family_is_the_default(mp, observe):
    with closing(listener := made(mp, "Listener()")):
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


@verifies("listener.address.in-use-raises", "listener.address.path-in-use-raises")
def test_an_address_in_use_cannot_be_used_again(mp, scratch):
    with promise("listener.address.in-use-raises"):
        check_in_use(mp, loopback())
    with promise("listener.address.path-in-use-raises"):
        check_in_use(mp, scratch.path("socket"))


def check_in_use(mp, address):
    """Check that the address of a listener is refused to another one, and that the first one goes on."""
    with listening(mp, address) as listener:
        with raises(Exception, f"Listener({listener.address!r}), which another listener uses"):
            mp.connection.Listener(listener.address).close()
        check_connects(mp, listener, "the listener whose address another one tried to use")


@verifies("listener.backlog.is-passed-on", "listener.backlog.is-1-by-default")
def test_backlog_bounds_the_clients_that_wait(mp, scratch):
    with promise("listener.backlog.is-passed-on"):
        for backlog in (3, 10):
            check_backlog(mp, scratch, backlog, backlog=backlog)
    with promise("listener.backlog.is-1-by-default"):
        check_backlog(mp, scratch, 1)


def check_backlog(mp, scratch, promised_backlog, **options):
    """Check that as many clients can wait at a listener as at a socket with this backlog."""
    promised = waiting_clients_of_a_socket(scratch.path("plain"), promised_backlog)
    with listening(mp, scratch.path("socket"), **options) as listener:
        waiting = waiting_clients(listener.address)
    assert waiting == promised, (
        f"Listener(_, {options}): {waiting} clients could wait, promised are {promised}, as many as at a socket after"
        f" listen({promised_backlog})"
    )


# The end


def check_refuses(mp, address, when):
    """Check that nobody can connect to an address any longer."""
    call = f"Client({address!r}) {when}"
    with raises(Exception, call):
        Task(mp.connection.Client, address).result(call)


def check_closed_refuses(mp, given):
    """Check that nobody can connect to the address of a closed listener."""
    with listening(mp, given) as listener:
        address = listener.address
    check_refuses(mp, address, "after close() of the listener")


def check_collected_refuses(mp, given):
    """Check that nobody can connect to the address of a listener that is gone."""
    listener = mp.connection.Listener(given)
    address = listener.address
    del listener
    gc.collect()
    check_refuses(mp, address, "after the listener was garbage collected")


def check_accept_raises(listener, when):
    """Check that accept() raises, since the listener is closed."""
    accept = Task(listener.accept)
    accept.wait(f"accept() {when} ends")
    assert accept.error is not None, f"accept() {when} {accept.outcome()}, promised is that the socket is closed"


@verifies(
    "listener.close.refuses-clients",
    "listener.close.frees-the-address",
    "listener.close.accept-raises",
    "listener.close.keeps-accepted-connections",
    "listener.close.by-garbage-collection",
)
def test_a_listener_is_closed(mp):
    with promise("listener.close.refuses-clients"):
        check_closed_refuses(mp, loopback())
    with promise("listener.close.frees-the-address"):
        with listening(mp) as listener:
            address = listener.address
        with closing(again := made(mp, f"Listener({address!r}) after close() of the first one there", address)):
            check_connects(mp, again, f"the second Listener({address!r})")
    with promise("listener.close.accept-raises"):
        with listening(mp) as listener:
            pass
        check_accept_raises(listener, "after close()")
    with promise("listener.close.keeps-accepted-connections"):
        with listening(mp) as listener:
            client, accepted = connected(mp, listener)
        with closing(client, accepted):
            check_both_directions(client, accepted, "a connection whose listener is closed")
    with promise("listener.close.by-garbage-collection"):
        check_collected_refuses(mp, loopback())


@verifies("listener.close.refuses-clients-at-a-path", "listener.close.by-garbage-collection-at-a-path")
def test_a_listener_at_a_path_is_closed(mp, scratch):
    with promise("listener.close.refuses-clients-at-a-path"):
        check_closed_refuses(mp, scratch.path("socket"))
    with promise("listener.close.by-garbage-collection-at-a-path"):
        check_collected_refuses(mp, scratch.path("socket"))


@verifies("listener.close.socket-file")
def test_what_close_does_to_the_file_of_the_socket(mp, scratch, observe):
    path = scratch.path("socket")
    with listening(mp, path):
        assert Path(path).exists(), f"Listener({path!r}) made no file there"
    observe(f"close() {'leaves' if Path(path).exists() else 'removes'} the file of the socket")


@verifies("listener.with.returns-the-listener", "listener.with.closes")
def test_with_gives_the_listener_and_closes_it(mp):
    with promise("listener.with.returns-the-listener"):
        listener = mp.connection.Listener(loopback())
        with works("with Listener(...) as target"), listener as target:
            pass
        assert target is listener, f"with Listener(...) as target: target is {target!r}, promised is the listener"
    with promise("listener.with.closes"):
        for error in (None, ValueError("in the block")):
            check_with_closes(mp, error)


def check_with_closes(mp, error):
    """Check that a listener is closed at the end of a with statement in which this is raised, and that it goes on."""
    listener = mp.connection.Listener(loopback())
    address, came = listener.address, None
    try:
        with listener:
            if error:
                raise error
    except ValueError as raised:
        came = raised
    when = f"after a with statement whose block raised {error!r}"
    assert came is error, f"with Listener(...): the block raised {error!r}, the statement {came!r}"
    check_refuses(mp, address, when)
    check_accept_raises(listener, when)
