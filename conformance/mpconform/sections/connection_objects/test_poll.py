"""``poll``: whether there is something to read, now or within a time."""

from __future__ import annotations

import os
import time

from mpconform.kit import Task, each, idle, verifies
from mpconform.sections.connection_objects.checks import check_poll
from mpconform.sections.connection_objects.helpers import PIPES, captured, connected


@verifies("connection.poll.true-with-data")
def test_poll_is_true_with_a_message(mp, patience):
    sender, receiver = mp.Pipe()
    with sender, receiver:
        sender.send("message")
        patience.until(receiver.poll, "poll() is true when a message was sent")
        answer = receiver.poll()
    assert answer is True, f"poll() returned {answer!r} with a message to read, promised is True"


@verifies("connection.poll.true-with-an-empty-message")
@each("kind", PIPES)
def test_poll_is_true_with_an_empty_message(mp, patience, kind):
    sender, receiver = connected(mp, kind)
    with sender, receiver:
        sender.send_bytes(b"")
        patience.until(receiver.poll, f"{kind}: poll() is true when a message of 0 bytes was sent")
        answer = receiver.poll()
    assert answer is True, f"{kind}: poll() returned {answer!r} with a message of 0 bytes to read, promised is True"


@verifies("connection.poll.false-without-data")
def test_poll_is_false_at_once_without_a_message(mp):
    sender, receiver = mp.Pipe()
    with sender, receiver:
        polling = Task(receiver.poll)
        answer = polling.result("poll() without a timeout returns at once")
    assert answer is False, f"poll() returned {answer!r} with nothing to read, promised is False"


@verifies("connection.poll.leaves-the-data")
def test_poll_takes_nothing(mp, patience):
    sender, receiver = mp.Pipe()
    with sender, receiver:
        sender.send("message")
        patience.until(receiver.poll, "poll() is true when a message was sent")
        answers = [receiver.poll(), receiver.poll(), receiver.poll()]
        assert answers == [True, True, True], f"poll() three times returned {answers}, with a message to read"
        came = receiver.recv()
    assert came == "message", f"recv() after poll() returned {came!r}, sent was 'message'"


@verifies("connection.poll.true-until-all-is-read")
@each("kind", PIPES)
def test_poll_is_true_until_all_is_read(mp, patience, kind):
    sender, receiver = connected(mp, kind)
    with sender, receiver:
        check_poll(sender, receiver, kind, patience)


@verifies("connection.poll.timeout-returns-false")
def test_poll_with_a_timeout_is_false_when_nothing_comes(mp, patience):
    sender, receiver = mp.Pipe()
    with sender, receiver:
        for timeout in (0, 0.0, patience.timeout):
            answer = Task(receiver.poll, timeout).result(f"poll({timeout}) returns when the timeout has passed")
            assert answer is False, f"poll({timeout}) returned {answer!r} with nothing to read, promised is False"


@verifies("connection.poll.timeout-is-not-cut-short")
def test_poll_blocks_for_all_of_the_timeout(mp, patience):
    sender, receiver = mp.Pipe()
    with sender, receiver, idle():
        start = time.monotonic()
        receiver.poll(patience.timeout)
        seconds = time.monotonic() - start
    assert seconds >= patience.timeout - 0.002, (
        f"poll({patience.timeout}) with nothing to read returned after {seconds:.4f} s"
    )


@verifies("connection.poll.timeout-ends-with-data")
def test_poll_with_a_timeout_ends_when_a_message_comes(mp, patience):
    sender, receiver = mp.Pipe()
    timeout = 100 * patience.awaiting
    with sender, receiver:
        polling = Task(receiver.poll, timeout)
        patience.never(polling.is_done, f"poll({timeout}) returns before anything was sent")
        sender.send("message")
        answer = polling.result(f"poll({timeout}) returns when a message was sent")
    assert answer is True, f"poll({timeout}) returned {answer!r} when a message came, promised is True"


@verifies("connection.poll.none-blocks-until-data")
def test_poll_none_blocks_until_a_message_comes(mp, patience):
    sender, receiver = mp.Pipe()
    with sender, receiver:
        polling = Task(receiver.poll, None)
        patience.never(polling.is_done, "poll(None) returns before anything was sent")
        sender.send("message")
        answer = polling.result("poll(None) returns when a message was sent")
    assert answer is True, f"poll(None) returned {answer!r} when a message came, promised is True"


@verifies("connection.poll.other-end-closed")
@each("kind", PIPES)
def test_what_poll_says_when_the_other_end_was_closed(mp, patience, observe, kind):
    sender, receiver = connected(mp, kind)
    sender.close()
    with receiver, idle():
        try:
            observe(f"poll() returns {receiver.poll(patience.timeout)!r}")
        except Exception as error:
            observe(f"poll() raises {type(error).__name__}")


@verifies("connection.poll.part-of-a-message")
def test_what_poll_says_of_a_part_of_a_message(mp, patience, observe):
    frame = captured(mp, lambda connection: connection.send_bytes(b"twelve bytes"))
    sender, receiver = mp.Pipe()
    with sender, receiver:
        os.write(sender.fileno(), frame[: len(frame) // 2])
        with idle():
            observe(f"poll() returns {receiver.poll(patience.timeout)!r}")


@verifies("connection.poll.negative-timeout")
def test_what_poll_does_with_a_negative_timeout(mp, patience, observe):
    sender, receiver = mp.Pipe()
    with sender, receiver:
        polling = Task(receiver.poll, -1)
        with idle():
            polling.join(patience.watching)
        if not polling.is_done():
            sender.send("message")  # so that it ends
            observe("poll(-1) blocks")
        elif polling.error:
            observe(f"poll(-1) raises {type(polling.error).__name__}")
        else:
            observe(f"poll(-1) returns {polling.value!r}")
        polling.join()
