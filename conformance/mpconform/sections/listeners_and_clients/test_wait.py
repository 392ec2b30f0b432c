"""``wait``: what it returns, its timeout, and the objects that it takes."""

from __future__ import annotations

import ctypes
import os
import select
import signal
import socket
import time
from typing import Any

from mpconform.kit import GRANULARITY, Late, Task, did_not_arise, idle, promise, raises, verifies, works
from mpconform.sections.listeners_and_clients.helpers import (
    closing,
    connected,
    end_when_open,
    listening,
    received,
    send_when_open,
)


def same_objects(found, promised):
    """Return whether two lists hold the very same objects, each as often, in any order."""
    return sorted(map(id, found)) == sorted(map(id, promised))


@verifies(
    "wait.call.returns-a-list-of-the-objects",
    "wait.timeout.zero-does-not-block",
    "wait.timeout.negative-is-zero",
    "wait.connection.other-end-closed",
    "wait.socket.has-data",
    "wait.socket.other-end-closed",
)
def test_wait_returns_the_objects_that_are_ready(mp, patience):
    with promise("wait.call.returns-a-list-of-the-objects"):
        reader, writer = mp.Pipe(duplex=False)
        with closing(reader, writer):
            writer.send("data")
            ready = mp.connection.wait([reader], patience.awaiting)
            assert isinstance(ready, list), f"wait([connection with data]) returned {ready!r}, promised is a list"
            assert same_objects(ready, [reader]), (
                f"wait([{reader!r}]) returned {ready!r}, promised is the object itself"
            )
    with promise("wait.timeout.zero-does-not-block"):
        for timeout in (0, 0.0):
            check_returns_at_once(mp, timeout, patience)
    with promise("wait.timeout.negative-is-zero"):
        for timeout in (-1, -0.5, -1e6):
            check_returns_at_once(mp, timeout, patience)
    with promise("wait.connection.other-end-closed"):
        for duplex in (False, True):
            check_finds_closed_end(mp, duplex, patience)
    with promise("wait.socket.has-data"):
        (with_data, its_peer), (without, other_peer) = socket.socketpair(), socket.socketpair()
        with with_data, its_peer, without, other_peer:
            its_peer.sendall(b"data")
            ready = mp.connection.wait([without, with_data], patience.awaiting)
            assert same_objects(ready, [with_data]), f"wait([socket without data, socket with data]) returned {ready!r}"
    with promise("wait.socket.other-end-closed"):
        (closed, its_peer), (opened, other_peer) = socket.socketpair(), socket.socketpair()
        with closed, opened, other_peer:
            its_peer.close()
            ready = mp.connection.wait([opened, closed], patience.awaiting)
            assert same_objects(ready, [closed]), f"wait([open socket, one whose other end is closed]) returned {ready}"


def check_returns_at_once(mp, timeout, patience):
    """Check that wait() with a timeout that is not positive tells what is ready and does not block."""
    call = f"wait([connection], {timeout})"
    reader, writer = mp.Pipe(duplex=False)
    with closing(reader, writer):
        with patience.at_once(f"{call}, without data"), works(call):
            before = Task(mp.connection.wait, [reader], timeout).result(call)
        writer.send("data")
        with works(call):
            after = Task(mp.connection.wait, [reader], timeout).result(call)
        assert before == [], f"wait([connection without data], {timeout}) returned {before!r}, promised is []"
        assert same_objects(after, [reader]), f"wait([connection with data], {timeout}) returned {after!r}"


def check_finds_closed_end(mp, duplex, patience):
    """Check that wait() returns a connection whose other end is closed."""
    here, there = mp.Pipe(duplex)
    with closing(here):
        there.close()
        ready = mp.connection.wait([here], patience.awaiting)
        assert same_objects(ready, [here]), f"wait([connection]) returned {ready!r}, its other end is closed"
        with raises(EOFError, "recv() of a connection that wait() returned because its other end is closed"):
            here.recv()


# Blocking


@verifies("wait.call.blocks-until-one-is-ready")
def test_wait_blocks_until_an_object_is_ready(mp, patience):
    check_blocks(mp, patience)


@verifies("wait.timeout.none-blocks")
def test_wait_with_timeout_none_blocks_until_an_object_is_ready(mp, patience):
    check_blocks(mp, patience, None)


@verifies("wait.timeout.ends-when-one-is-ready")
def test_wait_with_a_timeout_ends_when_an_object_becomes_ready(mp, patience):
    check_blocks(mp, patience, 1000.0)


def check_blocks(mp, patience, *timeout):
    """Check that wait() blocks until one of two connections has data, and no longer."""
    call = f"wait(objects{', ' if timeout else ''}{', '.join(map(str, timeout))})"
    (first, _first), (second, other) = mp.Pipe(duplex=False), mp.Pipe(duplex=False)
    with closing(first, _first, second, other):
        waiting = Task(mp.connection.wait, [first, second], *timeout)
        patience.never(waiting.is_done, f"{call} ends before an object is ready")
        with patience.at_once(f"{call} when an object is ready"):
            other.send("data")
            waiting.wait(f"{call} ends when an object is ready")
        ready = waiting.result()
        assert same_objects(ready, [second]), f"{call} returned {ready}, ready is {[second]}"


@verifies("wait.timeout.bounds-the-wait", "wait.timeout.is-not-cut-short")
def test_wait_with_a_timeout_waits_that_long(mp, patience):
    reader, writer = mp.Pipe(duplex=False)
    answers = []
    with closing(reader, writer):
        for timeout in (0.5 * patience.timeout, 2.5 * patience.timeout):
            start = time.monotonic()
            with idle():
                ready = Task(mp.connection.wait, [reader], timeout).result(f"wait([connection], {timeout}) ends")
            answers.append((timeout, ready, time.monotonic() - start))
    with promise("wait.timeout.bounds-the-wait"):
        for timeout, ready, took in answers:
            assert ready == [], f"wait([connection without data], {timeout}) returned {ready!r}, promised is []"
            if took > timeout + patience.allowance:
                raise Late(f"wait([connection without data], {timeout}) returned after {took:.3f} s")
    with promise("wait.timeout.is-not-cut-short"):
        for timeout, _, took in answers:
            assert took > timeout - GRANULARITY, f"wait([no data], {timeout}) returned after {took:.3f} s"


# Connections


@verifies("wait.connection.of-a-listener")
def test_wait_takes_connections_of_listener_and_client(mp, patience):
    with listening(mp) as listener:
        ends = client, accepted = connected(mp, listener)
        with closing(client, accepted):
            nothing = mp.connection.wait(ends, 0)
            client.send("data")
            at_listener = mp.connection.wait(ends, patience.awaiting)
            accepted.recv()
            accepted.send("data")
            at_client = mp.connection.wait(ends, patience.awaiting)
            assert nothing == [], f"wait([client, accepted], 0) returned {nothing}, no one has sent anything"
            assert same_objects(at_listener, [accepted]), (
                f"wait([client, accepted]) returned {at_listener}, not accepted"
            )
            assert same_objects(at_client, [client]), f"wait([client, accepted]) returned {at_client}, not the client"


@verifies("wait.connection.other-end-ended-with-its-process")
def test_wait_returns_a_connection_whose_process_has_ended(mp, gate, patience):
    reader, writer = mp.Pipe(duplex=False)
    child = mp.Process(target=end_when_open, args=(writer, gate))
    child.daemon = True
    child.start()
    with closing(reader):
        writer.close()
        before = mp.connection.wait([reader], 0)
        gate.open()
        after = mp.connection.wait([reader], patience.awaiting)
        child.join()
        assert before == [], f"wait([connection], 0) returned {before} while its process was there and had sent nothing"
        assert same_objects(after, [reader]), f"wait([connection]) returned {after}, the process of its other end ended"


@verifies("wait.connection.of-several-processes")
def test_wait_on_connections_to_several_processes(mp, scratch, patience):
    gates = [scratch.gate() for _ in range(2)]
    pipes = [mp.Pipe() for _ in gates]
    ours = [here for here, _ in pipes]
    children = []
    for number, (gate, (_, there)) in enumerate(zip(gates, pipes, strict=True)):
        child = mp.Process(target=send_when_open, args=(there, gate, number))
        child.daemon = True
        child.start()
        children.append(child)
    nothing = mp.connection.wait(ours, 0)
    gates[1].open()
    first = mp.connection.wait(ours, patience.awaiting)
    gates[0].open()
    patience.until(
        lambda: same_objects(mp.connection.wait(ours, 0), ours),
        "wait() returns both connections when both processes have sent",
    )
    came = [received(here, "a child whose gate was opened") for here in ours]
    for here in ours:
        here.send("bye")
    for child in children:
        child.join()
    for here, there in pipes:
        here.close()
        there.close()
    assert nothing == [], f"wait(connections, 0) returned {nothing} before a process has sent"
    assert same_objects(first, [ours[1]]), f"wait(connections) returned {first}, only the second process has sent"
    assert came == [0, 1], f"the two connections received {came}, their processes sent 0 and 1"


# Sockets, sentinels, descriptors


@verifies("wait.objects.of-all-kinds")
def test_wait_takes_connections_sockets_and_sentinels_at_once(mp, gate, patience):
    child = mp.Process(target=gate.wait)
    child.daemon = True
    child.start()
    reader, writer = mp.Pipe(duplex=False)
    ours, theirs = socket.socketpair()
    with closing(reader, writer, ours, theirs):
        objects = [reader, ours, child.sentinel]
        answers = [mp.connection.wait(objects, 0)]
        theirs.sendall(b"data")
        answers.append(mp.connection.wait(objects, patience.awaiting))
        writer.send("data")
        answers.append(mp.connection.wait(objects, patience.awaiting))
        gate.open()
        patience.until(
            lambda: same_objects(mp.connection.wait(objects, 0), objects),
            f"wait({objects}) returns all three when the process has ended too",
        )
        child.join()
        promised = [[], [ours], [reader, ours]]
        for answer, ready in zip(answers, promised, strict=True):
            assert same_objects(answer, ready), f"wait({objects}) returned {answer}, ready are {ready}"


class HasDescriptor:
    """What select() takes: an object with the method fileno()."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def fileno(self) -> int:
        return self.descriptor


@verifies("wait.unix.takes-what-select-takes", "wait.unix.descriptor-above-1023")
def test_wait_takes_what_select_takes(mp, patience):
    with promise("wait.unix.takes-what-select-takes"):
        check_as_select(mp)
    with promise("wait.unix.descriptor-above-1023"):
        check_high_descriptor(mp, patience)


def check_high_descriptor(mp, patience):
    """Check that wait() takes a socket whose descriptor select() does not take."""
    import fcntl
    import resource

    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    if before[1] != resource.RLIM_INFINITY and before[1] < 1200:
        did_not_arise("this user may open 1200 files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before[0], 1200), before[1]))
    ours, theirs = socket.socketpair()
    try:
        with ours, theirs, socket.socket(fileno=fcntl.fcntl(ours, fcntl.F_DUPFD_CLOEXEC, 1100)) as high:
            with works(f"wait() on a socket with the descriptor {high.fileno()}"):
                nothing = mp.connection.wait([high], 0)
                theirs.sendall(b"data")
                ready = mp.connection.wait([high], patience.awaiting)
            assert nothing == [], f"wait([socket with the descriptor {high.fileno()}]) returned {nothing}, without data"
            assert same_objects(ready, [high]), f"wait([{high}], {patience.awaiting}) returned {ready}, there is data"
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def check_as_select(mp):
    """Check that wait() takes and returns of descriptors, and of objects that have one, what select() does."""
    pipes = [os.pipe() for _ in range(4)]
    objects: list[Any] = [pipes[0][0], HasDescriptor(pipes[1][0]), pipes[2][0], HasDescriptor(pipes[3][0])]
    try:
        for number in (1, 2):
            os.write(pipes[number][1], b"data")
        promised = select.select(objects, [], [], 0)[0]
        ready = mp.connection.wait(objects, 0)
    finally:
        for descriptor in sum(pipes, ()):
            os.close(descriptor)
    assert same_objects(ready, promised), f"wait({objects}, 0) returned {ready}, select() returned {promised}"


class Alarms:
    """While it is entered, a signal comes every ten milliseconds; after the given number, a message is sent."""

    def __init__(self, number, writer):
        self.number = number
        self.writer = writer
        self.count = 0

    def handle(self, *_):
        self.count += 1
        if self.count == self.number:
            self.writer.send("data")

    def __enter__(self):
        self.previous = signal.signal(signal.SIGALRM, self.handle)
        signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
        return self

    def __exit__(self, *_):
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self.previous)


@verifies("wait.unix.signal-does-not-interrupt")
def test_wait_goes_on_after_a_signal(mp):
    for timeout in (None, 1000.0):
        check_goes_on(mp, timeout)


def check_goes_on(mp, timeout):
    """Check that signals do not end wait(), and data does."""
    reader, writer = mp.Pipe(duplex=False)
    with closing(reader, writer), Alarms(5, writer) as alarms:
        try:
            ready = mp.connection.wait([reader], timeout)
        except OSError as error:
            raise AssertionError(f"wait([connection], {timeout}), interrupted by a signal, raised {error!r}") from error
        assert same_objects(ready, [reader]), (
            f"wait([connection], {timeout}) returned {ready!r} after {alarms.count} signals; the fifth was to send data"
        )


@verifies("wait.unix.signal-does-not-prolong")
def test_wait_keeps_its_timeout_however_many_signals_come(mp, patience):
    reader, writer = mp.Pipe(duplex=False)
    with closing(reader, writer), Alarms(200, writer) as alarms:
        with patience.runs_out(0.1, "wait([connection], 0.1), interrupted every 0.01 s"):
            ready = mp.connection.wait([reader], 0.1)
        assert ready == [], (
            f"wait([connection], 0.1), interrupted every 0.01 s, returned {ready!r} after {alarms.count} signals, when"
            " the two hundredth had sent data; promised is an empty list after 0.1 s"
        )


@verifies("wait.windows.waitable-handle")
def test_wait_takes_a_waitable_handle(mp):
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - typed for Windows only
    event = kernel.CreateEventW(None, True, False, None)
    before = mp.connection.wait([event], 0)
    kernel.SetEvent(event)
    after = mp.connection.wait([event], 0)
    kernel.CloseHandle(event)
    assert before == [], f"wait([handle of an event that is not set], 0) returned {before!r}"
    assert after == [event], f"wait([handle of an event that is set], 0) returned {after!r}"


@verifies("wait.windows.object-with-fileno")
def test_wait_takes_an_object_with_the_handle_of_a_socket(mp, patience):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        holder = HasDescriptor(ours.fileno())
        before = mp.connection.wait([holder], 0)
        theirs.sendall(b"data")
        after = mp.connection.wait([holder], patience.awaiting)
    assert before == [], f"wait([object with the fileno() of a socket without data], 0) returned {before!r}"
    assert same_objects(after, [holder]), f"wait([object with the fileno() of a socket with data]) returned {after!r}"
