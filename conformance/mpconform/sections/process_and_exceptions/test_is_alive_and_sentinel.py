"""is_alive(), exitcode and the text form through the life of a child; sentinel, which tells when it ends."""

from __future__ import annotations

import ctypes
import select
import threading
from typing import Any

from mpconform.kit import idle, promise, verifies


def hold_and_wait(lifelines: Any, gate: Any) -> None:
    """Hold a lifeline, run until the gate opens, and a little longer in a thread: the process ends later than that."""
    lifelines.hold()
    gate.wait()
    threading.Thread(target=lifelines.seen).start()


def readable_by_select(descriptor: int, timeout: float) -> bool:
    """Return whether select() reports the descriptor as readable within the timeout."""
    return select.select([descriptor], [], [], timeout)[0] == [descriptor]


def readable_by_poll(descriptor: int, timeout: float) -> bool:
    """Return whether a poll object reports the descriptor within the timeout."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    events = poll.poll(1000 * timeout)
    return bool(events) and not events[0][1] & select.POLLNVAL


def readable_by_epoll(descriptor: int, timeout: float) -> bool:
    """Return whether an epoll object, where the platform has one, reports the descriptor within the timeout."""
    with select.epoll() as poll:
        poll.register(descriptor, select.EPOLLIN)
        return bool(poll.poll(timeout))


READABLE = [readable_by_select, readable_by_poll, *([readable_by_epoll] if hasattr(select, "epoll") else [])]


@verifies(
    "process.is_alive.false-before-start",
    "process.is_alive.true-while-running",
    "process.is_alive.false-after-termination",
    "process.exitcode.none-before-termination",
    "process.repr.shows-state",
)
def test_life_of_a_child(mp, lifelines, gate, patience):
    process = mp.Process(target=hold_and_wait, args=(lifelines, gate))
    initial = repr(process)
    with promise("process.is_alive.false-before-start"):
        alive = process.is_alive()
        assert not alive, f"is_alive() before start(): returned {alive!r}, promised False"
    process.start()
    with promise("process.is_alive.true-while-running"):
        alive = process.is_alive()
        assert alive, f"is_alive() at once after start(): returned {alive!r}, promised True"
        lifelines.wait(1, "child that runs")
        alive = process.is_alive()
        assert alive, f"is_alive() while the child runs: returned {alive!r}, promised True"
    with promise("process.exitcode.none-before-termination"):
        before, running = mp.Process().exitcode, process.exitcode
        assert before is None, f"exitcode before start() is {before!r}, promised None"
        assert running is None, f"exitcode of a child that runs is {running!r}, promised None"
    started = repr(process)
    gate.open()
    with promise("process.is_alive.false-after-termination"):
        what = "is_alive() becomes false when the child terminates, without join()"
        lifelines.wait_until_ended("the child ends")
        with patience.at_once(f"{what}: from then on"):
            patience.until(lambda: not process.is_alive(), what)
        alive = process.is_alive()
        assert not alive, f"is_alive() once more after it was false: returned {alive!r}, promised False"
    process.join()
    with promise("process.repr.shows-state"):
        stopped = repr(process)
        assert "initial" in initial, f"repr() before start(): {initial!r}, promised to show 'initial'"
        assert "started" in started, f"repr() after start(): {started!r}, promised to show 'started'"
        assert "stopped" in stopped, f"repr() after the child has ended: {stopped!r}, promised to show 'stopped'"


@verifies(
    "process.sentinel.is-an-integer",
    "process.sentinel.ready-when-ended",
    "process.sentinel.wait-on-several",
    "process.sentinel.selectable-on-unix",
)
def test_sentinels_of_two_children(mp, scratch, patience):
    gates, lifelines = [scratch.gate(), scratch.gate()], [scratch.lifelines(), scratch.lifelines()]
    processes = [mp.Process(target=hold_and_wait, args=both) for both in zip(lifelines, gates, strict=True)]
    for process in processes:
        process.start()
    sentinels = [process.sentinel for process in processes]
    with promise("process.sentinel.is-an-integer"):
        assert isinstance(sentinels[0], int), f"sentinel is {sentinels[0]!r}, promised a numeric handle"
    for one in lifelines:
        one.wait(1, "child that runs")
    with promise("process.sentinel.selectable-on-unix"):
        for readable in READABLE:
            assert not readable(sentinels[0], 0), f"{readable.__name__}(sentinel): readable while the child runs"
    with promise("process.sentinel.ready-when-ended"):
        with idle():
            while_running = mp.connection.wait(sentinels[:1], patience.watching)
        assert while_running == [], "connection.wait([sentinel]): ready while the child runs"
        gates[0].open()
        lifelines[0].wait_until_ended("the child ends")
        with patience.at_once("connection.wait([sentinel]) from the end of the child on"):
            after = mp.connection.wait(sentinels[:1], patience.awaiting)
        assert after == sentinels[:1], f"connection.wait([sentinel]): {after} after the child has ended, not ready"
        again = mp.connection.wait(sentinels[:1], 0)
        assert again == sentinels[:1], f"connection.wait([sentinel], 0): {again} when asked again, no longer ready"
    gates[0].open()
    with promise("process.sentinel.selectable-on-unix"):
        for readable in READABLE:
            after = readable(sentinels[0], patience.watching)
            assert after, f"{readable.__name__}(sentinel): not readable when the child has ended"
    with promise("process.sentinel.wait-on-several"):
        first = mp.connection.wait(sentinels, patience.awaiting)
        assert first == sentinels[:1], f"connection.wait({sentinels}): returned {first} when only the first had ended"
        gates[1].open()
        patience.until(
            lambda: sorted(mp.connection.wait(sentinels, 0)) == sorted(sentinels),
            "connection.wait() returns both of the sentinels when both processes have ended",
        )
    gates[1].open()
    for process in processes:
        process.join()


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
