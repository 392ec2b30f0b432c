"""is_alive() and sentinel: two ways to see that a child has ended without joining it."""

from __future__ import annotations

import ctypes
import select
from collections.abc import Callable

from mpconform.kit import each, verifies


def readable_by_select(descriptor: int, timeout: float) -> bool:
    """Return whether select() reports the descriptor as readable within the timeout."""
    return select.select([descriptor], [], [], timeout)[0] == [descriptor]


def readable_by_poll(descriptor: int, timeout: float) -> bool:
    """Return whether a poll object reports the descriptor within the timeout."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    events = poll.poll(1000 * timeout)
    return bool(events) and not events[0][1] & select.POLLNVAL


@verifies("process.is_alive.false-before-start")
def test_process_is_not_alive_before_start(mp, gate):
    alive = mp.Process(target=gate.wait).is_alive()
    assert not alive, f"is_alive() before start(): returned {alive!r}, promised False"


@verifies("process.is_alive.true-while-running")
def test_process_is_alive_while_the_child_runs(mp, latch, gate):
    process = mp.Process(target=gate.wait)
    process.start()
    at_once = process.is_alive()
    process.join(0.01)
    later = process.is_alive()
    gate.open()
    process.join()
    assert at_once, f"is_alive() at once after start(): returned {at_once!r}, promised True"
    assert later, f"is_alive() while the child runs, after join(0.01): returned {later!r}, promised True"


@verifies("process.is_alive.false-after-termination")
def test_process_is_not_alive_after_the_child_has_terminated(mp, gate, patience):
    process = mp.Process(target=gate.wait)
    process.start()
    gate.open()
    patience.until(lambda: not process.is_alive(), "is_alive() becomes false when the child terminates, without join()")
    process.join()
    assert not process.is_alive(), "is_alive() after join(): returned True, promised False"


@verifies("process.sentinel.is-an-integer")
def test_sentinel_is_an_integer(mp, gate):
    process = mp.Process(target=gate.wait)
    process.start()
    sentinel = process.sentinel
    gate.open()
    process.join()
    assert isinstance(sentinel, int), f"sentinel is {sentinel!r}, promised a numeric handle"


@verifies("process.sentinel.ready-when-ended")
def test_sentinel_is_ready_when_the_child_ends(mp, gate, patience):
    process = mp.Process(target=gate.wait)
    process.start()
    while_running = mp.connection.wait([process.sentinel], patience.watching)
    gate.open()
    after = mp.connection.wait([process.sentinel], patience.awaiting)
    again = mp.connection.wait([process.sentinel], 0)
    process.join()
    assert while_running == [], "connection.wait([sentinel]): ready while the child runs"
    assert after == [process.sentinel], f"connection.wait([sentinel]): {after} after the child has ended, not ready"
    assert again == [process.sentinel], f"connection.wait([sentinel], 0): {again} when asked again, no longer ready"


@verifies("process.sentinel.wait-on-several")
def test_wait_returns_the_sentinel_of_the_process_that_ended(mp, scratch, patience):
    gates = [scratch.gate(), scratch.gate()]
    processes = [mp.Process(target=gate.wait) for gate in gates]
    for process in processes:
        process.start()
    sentinels = [process.sentinel for process in processes]
    gates[1].open()
    first = mp.connection.wait(sentinels, patience.awaiting)
    gates[0].open()
    patience.until(
        lambda: sorted(mp.connection.wait(sentinels, 0)) == sorted(sentinels),
        "connection.wait() returns both of the sentinels when both processes have ended",
    )
    for process in processes:
        process.join()
    assert first == [sentinels[1]], f"connection.wait({sentinels}): returned {first} when only the second had ended"


@verifies("process.sentinel.selectable-on-unix")
@each("readable", [readable_by_select, readable_by_poll])
def test_sentinel_is_a_descriptor_for_the_select_module(
    mp, gate, patience, readable: Callable[[int, float], bool]
) -> None:
    process = mp.Process(target=gate.wait)
    process.start()
    while_running = readable(process.sentinel, 0)
    gate.open()
    after = readable(process.sentinel, patience.awaiting)
    process.join()
    assert not while_running, f"{readable.__name__}(sentinel): readable while the child runs"
    assert after, f"{readable.__name__}(sentinel): not readable when the child has ended"


@verifies("process.sentinel.waitable-on-windows")
def test_sentinel_is_a_handle_for_waiting(mp, gate, patience):
    wait = getattr(ctypes, "windll").kernel32.WaitForSingleObject  # noqa: B009 - typed for Windows only
    signalled, expired = 0x000, 0x102
    process = mp.Process(target=gate.wait)
    process.start()
    while_running = wait(ctypes.c_void_p(process.sentinel), 0)
    gate.open()
    after = wait(ctypes.c_void_p(process.sentinel), int(1000 * patience.awaiting))
    process.join()
    assert while_running == expired, f"WaitForSingleObject(sentinel, 0): {while_running:#x} while the child runs"
    assert after == signalled, f"WaitForSingleObject(sentinel): {after:#x} when the child has ended, promised 0"
