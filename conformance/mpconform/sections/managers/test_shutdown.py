"""shutdown() and the with statement: the end of a manager's process.

Those that may be terminated have an address in the scratch folder, where what they leave does no harm.
"""

from __future__ import annotations

import os
import signal
import threading

from mpconform.kit import Overdue, idle, promise, verifies, works
from mpconform.sections.managers.helpers import desk


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


@verifies("base_manager.shutdown.stops-the-process", "base_manager.shutdown.many-times")
def test_shutdown_stops_the_process_and_can_be_called_again(mp, lifelines):
    manager = desk(mp)
    manager.start()
    manager.Note().run(lifelines.hold)
    with promise("base_manager.shutdown.stops-the-process"):
        manager.shutdown()
        lifelines.wait_until_ended("the process of a manager ends after shutdown()")
    with promise("base_manager.shutdown.many-times"):
        for number in ("second", "third"):
            with works(f"the {number} shutdown()"):
                manager.shutdown()


@verifies("base_manager.shutdown.waits-for-the-process")
def test_shutdown_waits_for_a_process_that_takes_its_time(mp, gate, journal, scratch, lifelines, patience):
    manager = desk(mp, scratch.path("socket"), shutdown_timeout=patience.awaiting)
    manager.start(keep_running, (gate, journal, False))
    manager.Note().run(lifelines.hold)
    timer = threading.Timer(patience.watching, gate.open)
    timer.start()
    with idle():
        manager.shutdown()
    ended, found = lifelines.ended(), journal.read()
    timer.join()
    what = f"shutdown() with a shutdown_timeout of {patience.awaiting:.0f} s"
    assert found == [], f"{what} sent {found} before it was over"
    assert ended, f"{what} returned while the process was not yet completed"


@verifies("base_manager.shutdown.terminates-after-the-timeout")
def test_shutdown_terminates_a_process_that_does_not_complete(mp, gate, journal, scratch, lifelines, patience):
    manager = desk(mp, scratch.path("socket"), shutdown_timeout=patience.timeout)
    manager.start(keep_running, (gate, journal, False))
    manager.Note().run(lifelines.hold)
    manager.shutdown()
    lifelines.wait_until_ended(
        f"a process that does not complete ends after shutdown() with a shutdown_timeout of {patience.timeout:.1f} s"
    )
    gate.open()


@verifies("base_manager.shutdown.kills-what-ignores-termination")
def test_shutdown_kills_a_process_that_ignores_sigterm(mp, gate, journal, scratch, lifelines, patience):
    manager = desk(mp, scratch.path("socket"), shutdown_timeout=patience.timeout)
    manager.start(keep_running, (gate, journal, True))
    manager.Note().run(lifelines.hold)
    manager.shutdown()
    lifelines.wait_until_ended(
        f"a process that ignores SIGTERM ends after shutdown() with a shutdown_timeout of {patience.timeout:.1f} s"
    )
    gate.open()


@verifies(
    "base_manager.enter.starts-the-server", "base_manager.enter.returns-the-manager", "base_manager.exit.shuts-down"
)
def test_with_starts_the_server_gives_the_manager_and_shuts_it_down(mp, lifelines):
    manager = desk(mp)
    with manager as given:
        with promise("base_manager.enter.starts-the-server"):
            with works("creating an object of a manager in a with statement"):
                found = manager.Note("value").get()
            assert found == "value", (
                f"in a with statement, get() of an object that was made with 'value' gave {found!r}"
            )
        with promise("base_manager.enter.returns-the-manager"):
            assert given is manager, f"`with manager as given` gave {given!r}, promised is the manager itself"
        manager.Note().run(lifelines.hold)
    with promise("base_manager.exit.shuts-down"):
        lifelines.wait_until_ended("the process of a manager ends when the block of its with statement is at its end")


@verifies("base_manager.enter.keeps-a-started-server", "base_manager.exit.shuts-down")
def test_with_uses_a_server_that_was_started_and_shuts_it_down_after_an_exception(mp, lifelines):
    manager = desk(mp)
    manager.start()
    before = manager.Note().run(lifelines.hold)
    try:
        with manager:
            with promise("base_manager.enter.keeps-a-started-server"):
                found = manager.Note().run(os.getpid)
                assert found == before, (
                    f"in a with statement, objects live in process {found}, the one that was started is {before}"
                )
            raise KeyError("the block ends with an exception")
    except KeyError:
        pass
    with promise("base_manager.exit.shuts-down"):
        lifelines.wait_until_ended("the process of a manager ends when the block of its with statement raises")
