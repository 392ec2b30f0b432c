"""What blocks until there is something to receive, and goes on blocking when a signal arrives."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from mpconform.kit import Patience, Task, verifies
from mpconform.sections.connection_objects.helpers import KINDS, brief, captured, connected, payload, received, send_for

SIGNALS = 10


def check_blocks(method: str, mp: Any, scratch: Any, patience: Patience) -> None:
    """Check of all kinds of connection, at once, that the method blocks until a message was sent."""
    pairs = [connected(mp, kind, scratch) for kind in KINDS]
    tasks = [Task(received, method, receiver) for _, receiver in pairs]
    patience.never(lambda: any(task.is_done() for task in tasks), f"{method}() returns before anything was sent")
    for sender, _ in pairs:
        send_for(method, sender, b"message")
    for kind, task in zip(KINDS, tasks, strict=True):
        came = task.result(f"{kind}: {method}() returns when a message was sent")
        assert came == b"message", f"{kind}: {method}() received {came!r}, sent was b'message'"
    for sender, receiver in pairs:
        sender.close()
        receiver.close()


@contextmanager
def signals_until(done: Callable[[], None]) -> Iterator[None]:
    """Signal this thread while it is in the block, until many signals were handled; then call ``done()``.

    A signal that comes when a system call is just about to begin is handled only once that call has ended, so each is
    sent again until it is handled.
    """
    handled: list[int] = []
    blocked = threading.get_ident()

    def interrupt() -> None:
        def enough() -> bool:
            signal.pthread_kill(blocked, signal.SIGUSR1)
            return len(handled) >= SIGNALS

        Patience().until(enough, f"{SIGNALS} signals are handled")
        done()

    before = signal.signal(signal.SIGUSR1, lambda number, frame: handled.append(number))
    try:
        task = Task(interrupt)
        yield
        task.result("the call that is interrupted, and the signals")
    finally:
        signal.signal(signal.SIGUSR1, before)


def check_survives_signals(method: str, mp: Any) -> None:
    """Check that signals do not end a method that receives."""
    sender, receiver = mp.Pipe()
    with sender, receiver, signals_until(lambda: send_for(method, sender, b"message")):
        try:
            came = received(method, receiver)
        except OSError as error:
            raise AssertionError(f"{method}() raised {error!r} when a signal arrived") from error
    assert came == b"message", f"{method}() returned {came!r} after signals arrived, sent was b'message'"


@verifies("connection.recv.blocks-until-there-is-an-object")
def test_recv_blocks_until_an_object_was_sent(mp, scratch, patience):
    check_blocks("recv", mp, scratch, patience)


@verifies("connection.recv_bytes.blocks-until-there-is-a-message")
def test_recv_bytes_blocks_until_a_message_was_sent(mp, scratch, patience):
    check_blocks("recv_bytes", mp, scratch, patience)


@verifies("connection.recv_bytes_into.blocks-until-there-is-a-message")
def test_recv_bytes_into_blocks_until_a_message_was_sent(mp, scratch, patience):
    check_blocks("recv_bytes_into", mp, scratch, patience)


@verifies("connection.recv_bytes.waits-for-the-whole-message")
def test_recv_bytes_waits_for_the_rest_of_a_message(mp, patience):
    frame = captured(mp, lambda connection: connection.send_bytes(b"twelve bytes"))
    pairs = [mp.Pipe() for _ in range(1, len(frame))]  # one for each place at which the message can be split
    for place, (sender, _) in enumerate(pairs, 1):
        os.write(sender.fileno(), frame[:place])
    tasks = [Task(receiver.recv_bytes) for _, receiver in pairs]
    patience.never(
        lambda: any(task.is_done() for task in tasks),
        "recv_bytes() ends when a part of a message has come",
    )
    for place, (sender, _) in enumerate(pairs, 1):
        os.write(sender.fileno(), frame[place:])
    for place, task in enumerate(tasks, 1):
        came = task.result(f"recv_bytes() returns when the rest has come, after {place} of {len(frame)} bytes")
        assert came == b"twelve bytes", (
            f"recv_bytes() of b'twelve bytes', split after {place} of {len(frame)} bytes on the way, returned {came!r}"
        )
    for ends in pairs:
        for end in ends:
            end.close()


@verifies("connection.recv.signal-does-not-end-it")
def test_a_signal_does_not_end_recv(mp):
    check_survives_signals("recv", mp)


@verifies("connection.recv_bytes.signal-does-not-end-it")
def test_a_signal_does_not_end_recv_bytes(mp):
    check_survives_signals("recv_bytes", mp)


@verifies("connection.recv_bytes_into.signal-does-not-end-it")
def test_a_signal_does_not_end_recv_bytes_into(mp):
    check_survives_signals("recv_bytes_into", mp)


@verifies("connection.poll.signal-does-not-end-it")
def test_a_signal_does_not_end_poll(mp):
    sender, receiver = mp.Pipe()
    with sender, receiver, signals_until(lambda: sender.send("message")):
        try:
            answer = receiver.poll(None)
        except OSError as error:
            raise AssertionError(f"poll(None) raised {error!r} when a signal arrived") from error
    assert answer is True, f"poll(None) returned {answer!r} when signals arrived, and then a message; promised is True"


@verifies("connection.send_bytes.signal-leaves-the-message-whole")
def test_a_signal_does_not_cut_the_message_that_send_bytes_sends(mp):
    message = payload(2_000_000)  # more than fits into a pipe that nobody reads
    came: list[bytes] = []
    sender, receiver = mp.Pipe()
    with sender, receiver, signals_until(lambda: came.append(receiver.recv_bytes())):
        try:
            sender.send_bytes(message)
        except OSError as error:
            raise AssertionError(f"send_bytes() raised {error!r} when a signal arrived") from error
    assert came == [message], f"send_bytes() that signals interrupted sent {brief(came[0])}, promised {brief(message)}"
