"""start(), get_server() and connect()."""

from __future__ import annotations

import os

from mpconform.kit import Patience, verifies
from mpconform.sections.managers.helpers import (
    KEY,
    LOOPBACK,
    classes,
    connect_when_up,
    desk,
    remember,
    remembered,
    there,
)


def note_process(journal):
    journal.write(os.getpid())


def remember_slowly(*arguments):
    """Set what the first object is to see; but not at once."""
    Patience().never(lambda: False, "nothing")
    remember(*arguments)


def serve(address, journal):
    """Be the server of a manager."""
    server = classes()["Desk"](address=address, authkey=KEY).get_server()
    journal.write((os.getpid(), server.address))
    server.serve_forever()


def use_and_end(address, journal):
    """Connect, use an object and end."""
    manager = classes()["Desk"](address=address, authkey=KEY)
    connect_when_up(manager)
    journal.write(manager.Note().run(os.getpid))


@verifies("base_manager.start.starts-a-server-process")
def test_objects_live_in_the_process_that_start_started(mp):
    manager = desk(mp)
    manager.start()
    one, other = manager.Note().run(os.getpid), manager.pair(1).run(os.getpid)
    manager.shutdown()
    assert one == other != os.getpid(), (
        f"after start() two objects live in the processes {one} and {other}, this is {os.getpid()};"
        f" promised is one other process"
    )


@verifies("base_manager.start.initializer-runs-in-the-server")
def test_initializer_is_called_once_in_the_server(mp, journal):
    manager = desk(mp)
    manager.start(note_process, (journal,))
    server = manager.Note().run(os.getpid)
    manager.shutdown()
    found = journal.read()
    assert found == [server], f"the initializer was called in the processes {found}, promised once, in {server}"


@verifies("base_manager.start.initializer-gets-initargs")
def test_initializer_gets_initargs(mp):
    manager = desk(mp)
    manager.start(remember, (1, "two"))
    found = manager.Note().run(remembered)
    manager.shutdown()
    assert found == (1, "two"), f"start(f, (1, 'two')): f was called with {found}, promised are 1 and 'two'"


@verifies("base_manager.start.initializer-runs-first", "base_manager.start.initializer-gets-initargs")
def test_first_object_finds_the_initializer_done(mp):
    manager = desk(mp)
    manager.start(remember_slowly)
    found = manager.Note().run(remembered)
    manager.shutdown()
    assert found == (), f"the first object found {found!r}; start(f) was to call f without arguments before, giving ()"


@verifies("base_manager.get_server.serves-in-its-own-process")
def test_server_serves_objects_of_its_own_process(mp, scratch, journal):
    path = scratch.path("socket")
    child = mp.Process(target=serve, args=(path, journal), daemon=True)
    child.start()
    manager = classes()["Desk"](address=path, authkey=KEY)
    connect_when_up(manager)
    found = manager.Note().run(os.getpid)
    expected = child.pid
    child.terminate()
    child.join()
    assert found == expected, f"objects live in process {found}, serve_forever() was called in {expected}"


@verifies("base_manager.get_server.has-an-address")
def test_server_has_the_address_where_clients_connect(mp, journal):
    child = mp.Process(target=serve, args=(LOOPBACK, journal), daemon=True)
    child.start()
    [(expected, address)] = journal.wait(1, "server that tells its address")
    manager = classes()["Desk"](address=address, authkey=KEY)
    connect_when_up(manager)
    found = manager.Note().run(os.getpid)
    child.terminate()
    child.join()
    assert found == expected, f"at the server's address {address!r} answers process {found}, the server is {expected}"


@verifies("base_manager.get_server.serves-client-after-client")
def test_server_serves_client_after_client(mp, scratch):
    server_journal, journal = scratch.journal(), scratch.journal()
    child = mp.Process(target=serve, args=(scratch.path("socket"), server_journal), daemon=True)
    child.start()
    [(expected, address)] = server_journal.wait(1, "server that tells its address")
    client = mp.Process(target=use_and_end, args=(address, journal), daemon=True)
    client.start()
    client.join()
    use_and_end(address, journal)
    child.terminate()
    child.join()
    found = journal.read()
    assert found == [expected] * 2, f"two clients, one after the other, were served by {found}, promised {expected}"


@verifies("base_manager.connect.uses-remote-objects")
def test_connected_manager_uses_objects_of_the_server(mp):
    with desk(mp, None, KEY) as manager:
        expected = manager.Note().run(os.getpid)
        other = classes()["Desk"](address=manager.address, authkey=KEY)
        other.connect()
        found = other.Note().run(os.getpid)
    assert found == expected, f"after connect() objects are created in process {found}, the server is {expected}"


@verifies("base_manager.connect.from-another-process")
def test_another_process_connects_with_address_and_key(mp, journal):
    with desk(mp, None, KEY) as manager:
        expected = manager.Note().run(os.getpid)
        child = mp.Process(target=use_and_end, args=(manager.address, journal), daemon=True)
        child.start()
        child.join()
    found = journal.read()
    assert found == [expected], (
        f"after connect() a child's object lives in the process {found}, the server is {expected}"
    )


@verifies("base_manager.connect.sync-manager")
def test_sync_manager_connects_to_what_manager_returned(mp):
    with mp.Manager() as manager:
        other = mp.managers.SyncManager(address=manager.address, authkey=mp.current_process().authkey)
        other.connect()
        found, expected = there(other, os.getpid), there(manager, os.getpid)
    assert found == expected, f"a list of the connected SyncManager lives in process {found}, the server is {expected}"
