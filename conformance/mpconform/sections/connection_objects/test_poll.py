"""``poll``: whether there is something to read, now or within a time."""

from __future__ import annotations

import os
import time

from mpconform.kit import Task, each, verifies
from mpconform.sections.connection_objects.helpers import KINDS, captured, connected

SHORT = 0.06


@verifies("connection.poll.true-with-data")
@each("kind", KINDS)
def test_poll_is_true_with_a_message(mp, scratch, patience, kind):
    sender, receiver = connected(mp, kind, scratch)
    with sender, receiver:
        sender.send("message")
        patience.until(receiver.poll, f"{kind}: poll() is true when a message was sent")
        answer = receiver.poll()
    assert answer is True, f"{kind}: poll() returned {answer!r} with a message to read, promised is True"


@verifies("connection.poll.true-with-an-empty-message")
@each("kind", KINDS)
def test_poll_is_true_with_an_empty_message(mp, scratch, patience, kind):
    sender, receiver = connected(mp, kind, scratch)
    with sender, receiver:
        sender.send_bytes(b"")
        answer = receiver.poll(patience.awaiting)
    assert answer, f"{kind}: poll({patience.awaiting}) returned {answer!r} when a message of 0 bytes was sent"


@verifies("connection.poll.false-without-data")
@each("kind", KINDS)
def test_poll_is_false_at_once_without_a_message(mp, scratch, kind):
    sender, receiver = connected(mp, kind, scratch)
    with sender, receiver:
        polling = Task(receiver.poll)
        answer = polling.result(f"{kind}: poll() without a timeout returns at once")
    assert answer is False, f"{kind}: poll() returned {answer!r} with nothing to read, promised is False"


@verifies("connection.poll.leaves-the-data")
def test_poll_takes_nothing(mp, patience):
    sender, receiver = mp.Pipe()
    with sender, receiver:
        sender.send("message")
        answers = [receiver.poll(patience.awaiting), receiver.poll(), receiver.poll()]
        assert answers == [True, True, True], f"poll() three times returned {answers}, with a message to read"
        came = receiver.recv()
    assert came == "message", f"recv() after poll() returned {came!r}, sent was 'message'"


@verifies("connection.poll.true-until-all-is-read")
@each("kind", KINDS)
def test_poll_is_true_until_all_is_read(mp, scratch, patience, kind):
    sender, receiver = connected(mp, kind, scratch)
    with sender, receiver:
        for number in range(4):
            sender.send(number)
        for number in range(4):
            answer = receiver.poll(patience.awaiting)
            assert answer, f"{kind}: poll() returned {answer!r} with {4 - number} of 4 messages unread"
            receiver.recv()
        answer = receiver.poll()
    assert not answer, f"{kind}: poll() returned {answer!r} when all 4 messages were received"


@verifies("connection.poll.timeout-returns-false")
@each("timeout", [0, 0.0, SHORT])
def test_poll_with_a_timeout_is_false_when_nothing_comes(mp, timeout):
    sender, receiver = mp.Pipe()
    with sender, receiver:
        polling = Task(receiver.poll, timeout)
        answer = polling.result(f"poll({timeout}) returns when the timeout has passed")
    assert answer is False, f"poll({timeout}) returned {answer!r} with nothing to read, promised is False"


@verifies("connection.poll.timeout-is-not-cut-short")
def test_poll_blocks_for_all_of_the_timeout(mp):
    sender, receiver = mp.Pipe()
    with sender, receiver:
        start = time.monotonic()
        receiver.poll(SHORT)
        seconds = time.monotonic() - start
    assert seconds >= SHORT - 0.002, f"poll({SHORT}) with nothing to read returned after {seconds:.4f} s"


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
@each("kind", KINDS)
def test_what_poll_says_when_the_other_end_was_closed(mp, scratch, observe, kind):
    sender, receiver = connected(mp, kind, scratch)
    sender.close()
    with receiver:
        try:
            observe(f"poll() returns {receiver.poll(SHORT)!r}")
        except Exception as error:
            observe(f"poll() raises {type(error).__name__}")


@verifies("connection.poll.part-of-a-message")
def test_what_poll_says_of_a_part_of_a_message(mp, observe):
    frame = captured(mp, lambda connection: connection.send_bytes(b"twelve bytes"))
    sender, receiver = mp.Pipe()
    with sender, receiver:
        os.write(sender.fileno(), frame[: len(frame) // 2])
        observe(f"poll() returns {receiver.poll(SHORT)!r}")


@verifies("connection.poll.negative-timeout")
def test_what_poll_does_with_a_negative_timeout(mp, observe):
    sender, receiver = mp.Pipe()
    with sender, receiver:
        polling = Task(receiver.poll, -1)
        polling.join(1)
        if polling.is_alive():
            sender.send("message")  # so that it ends
            observe("poll(-1) blocks")
        elif polling.error:
            observe(f"poll(-1) raises {type(polling.error).__name__}")
        else:
            observe(f"poll(-1) returns {polling.value!r}")
        polling.join()
