"""What blocks until there is something to receive, and goes on blocking when a signal arrives."""

from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from mpconform.kit import Patience, Task, did_not_arise, idle, verifies, works
from mpconform.sections.connection_objects.checks import check_blocks
from mpconform.sections.connection_objects.helpers import (
    PIPES,
    brief,
    captured,
    closing,
    connected,
    payload,
    received,
    send_for,
    send_when_open,
)

SIGNALS = 10


@contextmanager
def signals_until(done: Callable[[], None]) -> Iterator[None]:
    """Signal this thread while it is in the block, until many signals were handled; then call ``done()``.

    A signal that comes when a system call is just about to begin is handled only once that call has ended, so each is
    sent again until it is handled.
    """
    handled: list[int] = []
    blocked, left = threading.get_ident(), threading.Event()

    def interrupt() -> None:
        def enough() -> bool:
            if left.is_set():  # by an exception: a signal that comes when nobody handles it would end the test
                return True
            signal.pthread_kill(blocked, signal.SIGUSR1)
            return len(handled) >= SIGNALS

        Patience().until(enough, f"{SIGNALS} signals are handled")
        if not left.is_set():
            done()

    before = signal.signal(signal.SIGUSR1, lambda number, frame: handled.append(number))
    task = Task(interrupt)
    try:
        yield
        task.wait("the call that is interrupted, and the signals")
    finally:
        left.set()
        task.join(Patience().watching)
        signal.signal(signal.SIGUSR1, before)
    task.result()


def check_pipes_block(method: str, mp: Any, patience: Patience) -> None:
    """Check of both kinds of pipe that the method blocks until a message was sent."""
    pairs = {kind: connected(mp, kind) for kind in PIPES}
    check_blocks(method, pairs, patience)
    with closing(*sum(pairs.values(), ())):
        pass


def check_survives_signals(method: str, mp: Any) -> None:
    """Check that signals do not end a method that receives."""
    sender, receiver = mp.Pipe()
    with (
        closing(sender, receiver),
        signals_until(lambda: send_for(method, sender, b"message")),
        works(f"{method}() while signals arrive"),
    ):
        came = received(method, receiver)
    assert came == b"message", f"{method}() returned {came!r} after signals arrived, sent was b'message'"


@verifies("connection.recv.blocks-until-there-is-an-object")
def test_recv_blocks_until_an_object_was_sent(mp, patience):
    check_pipes_block("recv", mp, patience)


@verifies("connection.recv_bytes.blocks-until-there-is-a-message")
def test_recv_bytes_blocks_until_a_message_was_sent(mp, patience):
    check_pipes_block("recv_bytes", mp, patience)


@verifies("connection.recv_bytes_into.blocks-until-there-is-a-message")
def test_recv_bytes_into_blocks_until_a_message_was_sent(mp, patience):
    check_pipes_block("recv_bytes_into", mp, patience)


@verifies("connection.recv_bytes.waits-for-the-whole-message")
def test_recv_bytes_waits_for_a_sender_that_is_stopped_in_the_middle_of_a_message(mp, patience, gate):
    message = payload(3_000_000)  # more than is under way
    receiver, sender = mp.Pipe(False)
    child = mp.Process(target=send_when_open, args=(sender, gate, message))
    child.daemon = True
    child.start()
    sender.close()
    gate.open()
    with closing(receiver):
        with idle():
            select.select([receiver.fileno()], [], [], patience.awaiting)
        os.kill(child.pid, signal.SIGSTOP)
        try:
            receiving = Task(receiver.recv_bytes)
            patience.never(
                lambda: receiving.is_done() and receiving.value != message,
                "recv_bytes() ends when its sender has sent a part of a message",
            )
            if receiving.is_done():
                did_not_arise(f"a message of {len(message)} bytes is too long to be under way as a whole")
        finally:
            os.kill(child.pid, signal.SIGCONT)
        came = receiving.result("recv_bytes() returns when the rest of the message was sent")
        assert came == message, f"recv_bytes() returned {brief(came)}, sent was {brief(message)}"
    child.join()


@verifies("connection.recv_bytes.waits-for-the-whole-message")
def test_recv_bytes_waits_for_the_rest_of_a_message(mp, patience):
    frame = captured(mp, "recv_bytes", b"twelve bytes")
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
    with closing(*sum(pairs, ())):
        pass


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
    with (
        closing(sender, receiver),
        signals_until(lambda: sender.send("message")),
        works("poll(None) while signals arrive"),
    ):
        answer = receiver.poll(None)
    assert answer is True, f"poll(None) returned {answer!r} when signals arrived, and then a message; promised is True"


@verifies("connection.send_bytes.signal-leaves-the-message-whole")
def test_a_signal_does_not_cut_the_message_that_send_bytes_sends(mp):
    message = payload(2_000_000)  # more than fits into a pipe that nobody reads
    came: list[bytes] = []
    sender, receiver = mp.Pipe()
    with (
        closing(sender, receiver),
        signals_until(lambda: came.append(receiver.recv_bytes())),
        works("send_bytes() while signals arrive"),
    ):
        sender.send_bytes(message)
    assert came == [message], f"send_bytes() that signals interrupted sent {brief(came[0])}, promised {brief(message)}"
