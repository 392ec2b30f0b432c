"""start(), get_server() and connect()."""

from __future__ import annotations

import os

from mpconform.kit import Patience, idle, promise, raises, verifies
from mpconform.sections.managers.helpers import (
    KEY,
    LOOPBACK,
    class_named,
    connected,
    connected_when_up,
    desk,
    in_child,
    managed,
    remember,
    remembered,
    started,
    terminated,
    there,
    tidied,
)


def note_and_remember(journal, *arguments):
    """Write down in which process this is, and keep with what it was called."""
    journal.write(os.getpid())
    remember(*arguments)


def remember_slowly(*arguments):
    """Set what the first object is to see; but not at once."""
    Patience().never(lambda: False, "nothing")
    remember(*arguments)


def serve(address, journal):
    """Be the server of a manager."""
    server = class_named("Desk")(address=address, authkey=KEY).get_server()
    journal.write((os.getpid(), getattr(server, "address", None)))
    server.serve_forever()


def server_from_here(address):
    """Return the id of the process that makes the objects of a manager which this process connects to the address."""
    return connected_when_up(address).Note().run(os.getpid)


def hold_and_connect(lifelines, address):
    """Do that in a process whose end is told."""
    lifelines.hold()
    return server_from_here(address)


@verifies("base_manager.start.serves-objects", "base_manager.start.starts-a-server-process")
def test_objects_live_in_the_process_that_start_started(mp):
    with started(desk(mp)) as manager:
        with promise("base_manager.start.serves-objects"):
            note = manager.Note("value")
            first = note.get()
            note.put("changed")
            found = first, note.get()
            assert found == ("value", "changed"), (
                f"get(), put('changed'), get() of an object that a started manager made with 'value' gave {found}"
            )
        with promise("base_manager.start.starts-a-server-process"):
            one, other = manager.Note().run(os.getpid), manager.Note().run(os.getpid)
            assert one == other != os.getpid(), (
                f"after start() two objects live in the processes {one} and {other}, this is {os.getpid()};"
                f" promised is one other process"
            )


@verifies("base_manager.start.initializer-runs-in-the-server", "base_manager.start.initializer-gets-initargs")
def test_initializer_is_called_once_in_the_server_with_initargs(mp, journal):
    with started(desk(mp), note_and_remember, (journal, 1, "two")) as manager:
        note = manager.Note()
        with promise("base_manager.start.initializer-runs-in-the-server"):
            server, found = note.run(os.getpid), journal.read()
            assert found == [server], f"the initializer was called in the processes {found}, promised once, in {server}"
        with promise("base_manager.start.initializer-gets-initargs"):
            arguments = note.run(remembered)
            assert arguments == (1, "two"), (
                f"start(f, (journal, 1, 'two')): f was called with journal and {arguments}, promised are 1 and 'two'"
            )


@verifies("base_manager.start.initializer-runs-first", "base_manager.start.initializer-gets-initargs")
def test_first_object_finds_the_initializer_done(mp):
    manager = desk(mp)
    with idle():
        manager.start(remember_slowly)
    with tidied(manager):
        found = manager.Note().run(remembered)
    with promise("base_manager.start.initializer-runs-first"):
        assert found != "not set", "when the first object was created, the initializer had not been called yet"
    with promise("base_manager.start.initializer-gets-initargs"):
        assert found == (), f"start(f): f was called with {found!r}, promised are no arguments"


@verifies("base_manager.get_server.serves-in-its-own-process", "base_manager.get_server.serves-client-after-client")
def test_server_serves_objects_of_its_own_process_to_each_client(mp, scratch, journal, lifelines):
    path = scratch.path("socket")
    child = mp.Process(target=serve, args=(path, journal))
    child.daemon = True
    child.start()
    [(expected, _)] = journal.wait(1, "process that is about to serve")
    with promise("base_manager.get_server.serves-in-its-own-process"):
        found = server_from_here(path)
        assert found == expected, f"objects live in process {found}, serve_forever() was called in {expected}"
    with promise("base_manager.get_server.serves-client-after-client"):
        first = in_child(mp, scratch, hold_and_connect, lifelines, path)
        lifelines.wait_until_ended("a client that has done its work ends")
        found = [first, server_from_here(path)]
        assert found == [expected] * 2, f"clients, one after the other, were served by {found}, promised {expected}"
    terminated(child)


@verifies("base_manager.get_server.has-an-address")
def test_server_has_the_address_where_clients_connect(mp, journal):
    child = mp.Process(target=serve, args=(LOOPBACK, journal))
    child.daemon = True
    child.start()
    [(expected, address)] = journal.wait(1, "server that tells its address")
    found = server_from_here(address)
    terminated(child)
    assert found == expected, f"at the server's address {address!r} answers process {found}, the server is {expected}"


@verifies(
    "base_manager.connect.uses-remote-objects",
    "base_manager.register.callable-none-for-clients",
    "base_manager.connect.from-another-process",
    "base_manager.shutdown.only-after-start",
)
def test_connected_manager_uses_objects_of_the_server(mp, scratch):
    with started(desk(mp, None, KEY)) as manager:
        note = manager.Note("kept")
        expected = note.run(os.getpid)
        with promise("base_manager.connect.uses-remote-objects"):
            found = server_from_here(manager.address)
            assert found == expected, (
                f"after connect() objects are created in process {found}, the server is {expected}"
            )
        with promise("base_manager.register.callable-none-for-clients"):
            value = connected(manager.address, kind="Client").Note("value").get()
            assert value == "value", f"Note('value') of a client that has no callable for 'Note' has {value!r}"
        with promise("base_manager.connect.from-another-process"):
            found = in_child(mp, scratch, server_from_here, manager.address)
            assert found == expected, (
                f"after connect() a child's object lives in the process {found}, the server is {expected}"
            )
        with promise("base_manager.shutdown.only-after-start"):
            other = connected(manager.address)
            with raises(Exception, "shutdown() of a manager that was connected and not started"):
                other.shutdown()
            value = note.get()
            assert value == "kept", f"after shutdown() of a connected manager, an object of the server is {value!r}"


@verifies("base_manager.connect.sync-manager")
def test_sync_manager_connects_to_what_manager_returned(mp):
    with managed(mp) as manager:
        other = mp.managers.SyncManager(address=manager.address, authkey=mp.current_process().authkey)
        other.connect()
        found, expected = there(other, os.getpid), there(manager, os.getpid)
    assert found == expected, f"a list of the connected SyncManager lives in process {found}, the server is {expected}"
