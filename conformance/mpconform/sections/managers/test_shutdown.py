"""shutdown() and the with statement: the end of a manager's process.

Those that may be terminated have an address in the scratch folder, where what they leave does no harm.
"""

from __future__ import annotations

import os
import signal
import threading

from mpconform.kit import Overdue, promise, verifies, works
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


def check_that_it_has_ended(lifelines, call):
    """Check, the moment that a call has returned, that the process of the manager has ended."""
    (process,) = lifelines.seen()
    assert lifelines.has_ended(process), f"{call}, and the process of the manager is still there; promised is its end"


@verifies("base_manager.shutdown.stops-the-process", "base_manager.shutdown.many-times")
def test_shutdown_stops_the_process_and_can_be_called_again(mp, lifelines):
    manager = desk(mp)
    manager.start()
    manager.Note().run(lifelines.hold)
    with promise("base_manager.shutdown.stops-the-process"):
        manager.shutdown()
        check_that_it_has_ended(lifelines, "shutdown() has returned")
    with promise("base_manager.shutdown.many-times"):
        for number in ("second", "third"):
            with works(f"the {number} shutdown()"):
                manager.shutdown()


@verifies("base_manager.shutdown.waits-for-the-process")
def test_shutdown_waits_for_a_process_that_takes_its_time(mp, gate, journal, scratch, lifelines, patience):
    manager = desk(mp, scratch.path("socket"), shutdown_timeout=patience.awaiting)
    manager.start(keep_running, (gate, journal, False))
    manager.Note().run(lifelines.hold)
    call = f"shutdown() with a shutdown_timeout of {patience.awaiting:.0f} s, of a process that is at its end before"
    timer = threading.Timer(patience.watching, gate.open)
    timer.start()
    try:
        with patience.runs_out(patience.watching, call):
            manager.shutdown()
        ended, found = lifelines.ended(), journal.read()
    finally:
        gate.open()
        timer.join()
    assert found == [], f"{call}: sent {found} before the timeout was over"
    assert ended, f"{call}: returned while the process was not yet completed"


@verifies("base_manager.shutdown.terminates-after-the-timeout")
def test_shutdown_terminates_a_process_that_does_not_complete(mp, gate, journal, scratch, lifelines, patience):
    timeout = 2 * patience.timeout
    manager = desk(mp, scratch.path("socket"), shutdown_timeout=timeout)
    manager.start(keep_running, (gate, journal, False))
    manager.Note().run(lifelines.hold)
    call = f"shutdown() with a shutdown_timeout of {timeout:g} s, of a process that does not complete"
    try:
        with patience.runs_out(timeout, call):
            manager.shutdown()
        check_that_it_has_ended(lifelines, f"{call}: it has returned")
        found = journal.read()
    finally:
        gate.open()
    if hasattr(signal, "SIGKILL"):  # elsewhere a process cannot tell how it is ended
        assert found == ["SIGTERM"], f"{call}: the process was sent {found}, promised is that it is terminated"


@verifies("base_manager.shutdown.kills-what-ignores-termination")
def test_shutdown_kills_a_process_that_ignores_sigterm(mp, gate, journal, scratch, lifelines, patience):
    timeout = 2 * patience.timeout
    manager = desk(mp, scratch.path("socket"), shutdown_timeout=timeout)
    manager.start(keep_running, (gate, journal, True))
    manager.Note().run(lifelines.hold)
    call = f"shutdown() with a shutdown_timeout of {timeout:g} s, of a process that ignores SIGTERM"
    try:
        with patience.runs_out(2 * timeout, call):  # once for the process to complete, once for it to be terminated
            manager.shutdown()
        check_that_it_has_ended(lifelines, f"{call}: it has returned")
    finally:
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
        check_that_it_has_ended(lifelines, "the block of a with statement is at its end")


@verifies("base_manager.enter.keeps-a-started-server", "base_manager.exit.shuts-down")
def test_with_uses_a_server_that_was_started_and_shuts_it_down_after_an_exception(mp, lifelines):
    manager = desk(mp)
    manager.start()
    before = manager.Note().run(lifelines.hold)
    came = None
    try:
        with manager:
            with promise("base_manager.enter.keeps-a-started-server"):
                found = manager.Note().run(os.getpid)
                assert found == before, (
                    f"in a with statement, objects live in process {found}, the one that was started is {before}"
                )
            raise KeyError("the block ends with an exception")
    except KeyError as error:
        came = error
    with promise("base_manager.exit.shuts-down"):
        check_that_it_has_ended(lifelines, "the block of a with statement has raised")
        assert came, "the KeyError that the block of a with statement raised did not come out of the statement"
