"""shutdown() and the with statement: the end of a manager's process.

Those that may be terminated have an address in the scratch folder, where what they leave does no harm.
"""

from __future__ import annotations

import os
import signal
import threading

from mpconform.kit import Overdue, each, raises, verifies
from mpconform.sections.managers.helpers import KEY, classes, desk, hold, wait_until_ended


def wait_for_ever(gate):
    """Wait for the gate without losing patience."""
    while not gate.is_open():
        try:
            gate.wait()
        except Overdue:
            continue


def keep_running(gate, journal, ignore):
    """Keep this process from completing until the gate opens; write down a SIGTERM, or ignore it."""
    threading.Thread(target=wait_for_ever, args=(gate,)).start()
    handler = signal.SIG_IGN if ignore else lambda number, frame: (journal.write("SIGTERM"), os._exit(1))
    signal.signal(signal.SIGTERM, handler)


@verifies("base_manager.shutdown.stops-the-process")
def test_shutdown_stops_the_process(mp, scratch):
    manager = desk(mp)
    manager.start()
    path = scratch.path("held")
    manager.Note().run(hold, path)
    manager.shutdown()
    wait_until_ended(path, "the process of a manager ends after shutdown()")


@verifies("base_manager.shutdown.many-times")
def test_shutdown_can_be_called_again(mp):
    manager = desk(mp)
    manager.start()
    manager.shutdown()
    for number in ("second", "third"):
        try:
            manager.shutdown()
        except Exception as error:
            raise AssertionError(
                f"the {number} shutdown() raised {error!r}, promised is that it may be called"
            ) from error


@verifies("base_manager.shutdown.only-after-start")
def test_a_connected_manager_cannot_shut_the_server_down(mp):
    with desk(mp, None, KEY) as manager:
        note = manager.Note("kept")
        other = classes()["Desk"](address=manager.address, authkey=KEY)
        other.connect()
        with raises(Exception, "shutdown() of a manager that was connected and not started"):
            other.shutdown()
        found = note.get()
    assert found == "kept", f"after shutdown() of a connected manager, an object of the server is {found!r}"


@verifies("base_manager.shutdown.waits-for-the-process")
def test_shutdown_waits_for_a_process_that_takes_its_time(mp, gate, journal, scratch, patience):
    manager = desk(mp, scratch.path("socket"), shutdown_timeout=patience.awaiting)
    manager.start(keep_running, (gate, journal, False))
    path = scratch.path("held")
    manager.Note().run(hold, path)
    timer = threading.Timer(patience.watching, gate.open)
    timer.start()
    manager.shutdown()
    timer.join()
    found = journal.read()
    assert found == [], (
        f"shutdown() with a shutdown_timeout of {patience.awaiting:.0f} s sent {found} before it was over"
    )
    wait_until_ended(path, "the process of a manager completes after shutdown()")


@verifies("base_manager.shutdown.terminates-after-the-timeout")
def test_shutdown_terminates_a_process_that_does_not_complete(mp, gate, journal, scratch):
    manager = desk(mp, scratch.path("socket"), shutdown_timeout=0.1)
    manager.start(keep_running, (gate, journal, False))
    path = scratch.path("held")
    manager.Note().run(hold, path)
    manager.shutdown()
    wait_until_ended(path, "a process that does not complete ends after shutdown() with a shutdown_timeout of 0.1 s")
    gate.open()


@verifies("base_manager.shutdown.kills-what-ignores-termination")
def test_shutdown_kills_a_process_that_ignores_sigterm(mp, gate, journal, scratch):
    manager = desk(mp, scratch.path("socket"), shutdown_timeout=0.1)
    manager.start(keep_running, (gate, journal, True))
    path = scratch.path("held")
    manager.Note().run(hold, path)
    manager.shutdown()
    wait_until_ended(path, "a process that ignores SIGTERM ends after shutdown() with a shutdown_timeout of 0.1 s")
    gate.open()


@verifies("base_manager.enter.starts-the-server", "base_manager.enter.returns-the-manager")
def test_with_starts_the_server_and_gives_the_manager(mp):
    manager = desk(mp)
    with manager as given:
        found = manager.Note().run(os.getpid)
    assert found != os.getpid(), "in a with statement, an object of the manager lives in this process"
    assert given is manager, f"`with manager as given` gave {given!r}, promised is the manager itself"


@verifies("base_manager.enter.keeps-a-started-server")
def test_with_uses_a_server_that_was_started(mp):
    manager = desk(mp)
    manager.start()
    before = manager.Note().run(os.getpid)
    with manager:
        found = manager.Note().run(os.getpid)
    assert found == before, (
        f"in a with statement, objects live in process {found}, the one that was started is {before}"
    )


@verifies("base_manager.exit.shuts-down")
@each("end", ["the end", "an exception"])
def test_process_ends_with_the_block(mp, scratch, end):
    path = scratch.path("held")
    try:
        with desk(mp) as manager:
            manager.Note().run(hold, path)
            if end == "an exception":
                raise KeyError(end)
    except KeyError:
        pass
    wait_until_ended(path, f"the process of a manager ends when the block of its with statement is left by {end}")
