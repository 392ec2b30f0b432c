"""The key of the current process: it stands in where none is given, and a whole program shares it."""

from __future__ import annotations

import socket

from mpconform.kit import Task, idle, promise, verifies
from mpconform.sections.authentication_keys.helpers import connect_and_let_a_child_connect


def connects(mp, address, **authkey):
    """Return whether a manager object connects to a server; ``authkey`` is passed on."""
    try:
        mp.managers.BaseManager(address=address, **authkey).connect()
    except mp.AuthenticationError:
        return False
    return True


@verifies("authkey.default.key-of-the-process-that-serves")
def test_a_manager_without_a_key_demands_that_of_the_process(mp):
    key = b"set by this process"
    mp.current_process().authkey = key
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
def test_whether_a_listener_without_a_key_authenticates(mp, patience, observe):
    with mp.connection.Listener(("localhost", 0)) as listener:
        accepting = Task(listener.accept)
        with socket.create_connection(listener.address), idle():
            accepting.join(patience.watching)
            done = accepting.is_done()
        if done:
            accepting.value.close()
        with_key = "no authentication is done" if done else "accept() waits for the client to authenticate itself"
    observe(with_key)


@verifies("authkey.shared.parent-and-child", "authkey.shared.all-descendants")
def test_child_and_grandchild_connect_with_the_key_that_all_have(mp, journal):
    with mp.connection.Listener(("localhost", 0), authkey=mp.current_process().authkey) as listener:
        child = mp.Process(target=connect_and_let_a_child_connect, args=(listener.address, journal))
        child.start()
        with promise("authkey.shared.parent-and-child"):
            with Task(listener.accept).result("accept() of a child with the same key") as connection:
                came = connection.recv()
            assert came == "from the child", f"a child was to send 'from the child' to its parent, and {came!r} came"
    with promise("authkey.shared.all-descendants"):
        [came] = journal.wait(1, "record of a child that a grandchild connects to")
        assert came == "from the grandchild", (
            f"a grandchild was to send 'from the grandchild' to a child, where what came is {came!r}"
        )
    child.join()
