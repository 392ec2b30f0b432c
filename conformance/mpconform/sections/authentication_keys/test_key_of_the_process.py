"""The key of the current process: it stands in where none is given, and a whole program shares it."""

from __future__ import annotations

import socket

from mpconform.kit import Task, each, verifies
from mpconform.sections.authentication_keys.helpers import connect, listen, start_one_that_connects


def connects(mp, address, **authkey):
    """Return whether a manager object connects to a server; ``authkey`` is passed on."""
    try:
        mp.managers.BaseManager(address=address, **authkey).connect()
    except mp.AuthenticationError:
        return False
    return True


@verifies("authkey.default.key-of-the-process-that-serves")
@each("own", [False, True])
def test_a_manager_without_a_key_demands_that_of_the_process(mp, own):
    if own:
        mp.current_process().authkey = b"set by this process"
    key = bytes(mp.current_process().authkey)
    manager = mp.managers.BaseManager(address=("localhost", 0))
    manager.start()
    try:
        right = connects(mp, manager.address, authkey=key)
        wrong = connects(mp, manager.address, authkey=b"x" + key)
    finally:
        manager.shutdown()
    assert right, "BaseManager() without a key refused the key of current_process() of the process that made it"
    assert not wrong, "BaseManager() without a key accepted another key than that of current_process()"


@verifies("authkey.default.key-of-the-process-that-connects")
def test_a_manager_without_a_key_connects_with_that_of_the_process(mp):
    manager = mp.managers.BaseManager(address=("localhost", 0), authkey=b"the key of the server")
    manager.start()
    original = bytes(mp.current_process().authkey)
    try:
        wrong = connects(mp, manager.address)
        mp.current_process().authkey = b"the key of the server"
        right = connects(mp, manager.address)
    finally:
        mp.current_process().authkey = original
        manager.shutdown()
    assert not wrong, "connect() without a key was accepted, and current_process().authkey is not that of the server"
    assert right, "connect() without a key was refused, although current_process().authkey is that of the server"


@verifies("authkey.default.of-listener-and-client")
def test_whether_a_listener_without_a_key_authenticates(mp, observe):
    with mp.connection.Listener(("localhost", 0)) as listener:
        accepting = Task(listener.accept)
        with socket.create_connection(listener.address):
            accepting.join(1)
            done = accepting.is_done()
        if done:
            accepting.value.close()
        with_key = "no authentication is done" if done else "accept() waits for the client to authenticate itself"
    observe(with_key)


@verifies("authkey.shared.parent-and-child")
def test_a_child_connects_to_its_parent_with_the_key_that_both_have(mp):
    with mp.connection.Listener(("localhost", 0), authkey=mp.current_process().authkey) as listener:
        child = mp.Process(target=connect, args=(listener.address,), daemon=True)
        child.start()
        with Task(listener.accept).result("accept() of a child with the same key") as connection:
            came = connection.recv()
        child.join()
    assert came == child.pid, f"the child {child.pid} was to send its id, and {came!r} came"


@verifies("authkey.shared.all-descendants")
def test_a_grandchild_connects_to_a_child_with_the_key_that_both_have(mp, journal):
    listening = mp.Process(target=listen, args=(journal,), daemon=True)
    listening.start()
    [address] = journal.wait(1, "address at which a child listens")
    starting = mp.Process(target=start_one_that_connects, args=(address,))
    starting.start()
    entries = journal.wait(2, "message of a grandchild that authenticates itself to a child")
    starting.join()
    listening.join()
    assert isinstance(entries[1], int), f"a grandchild was to send its id to a child, and {entries[1]!r} came"
