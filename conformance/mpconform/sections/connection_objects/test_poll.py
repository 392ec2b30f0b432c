"""``poll``: whether there is something to read, now or within a time."""

from __future__ import annotations

import os

from mpconform.kit import Task, idle, promise, verifies
from mpconform.sections.connection_objects.checks import check_poll, check_wakes_poll
from mpconform.sections.connection_objects.helpers import PIPES, captured, closing, connected


@verifies(
    "connection.poll.true-with-data",
    "connection.poll.true-with-an-empty-message",
    "connection.poll.leaves-the-data",
)
def test_poll_is_true_with_a_message(mp, patience):
    with promise("connection.poll.true-with-data"):
        for kind in PIPES:
            check_true(*connected(mp, kind), "send", b"message", kind, patience)
    with promise("connection.poll.true-with-an-empty-message"):
        for kind in PIPES:
            check_true(*connected(mp, kind), "send_bytes", b"", kind, patience)
    with promise("connection.poll.leaves-the-data"):
        check_takes_nothing(mp, patience)


@verifies("connection.poll.true-until-all-is-read")
def test_poll_is_true_until_all_is_read(mp, patience):
    for kind in PIPES:
        sender, receiver = connected(mp, kind)
        with closing(sender, receiver):
            check_poll(sender, receiver, kind, patience)


def check_true(sender, receiver, method, message, kind, patience):
    """Check that poll() is True when a message was sent."""
    with closing(sender, receiver):
        getattr(sender, method)(message)
        patience.until(receiver.poll, f"{kind}: poll() is true after {method}({message!r})")
        answer = receiver.poll()
    assert answer is True, f"{kind}: poll() returned {answer!r} after {method}({message!r}), promised is True"


def check_takes_nothing(mp, patience):
    """Check that the message is there, and poll() is True, however often it is called."""
    sender, receiver = mp.Pipe()
    with closing(sender, receiver):
        sender.send("message")
        patience.until(receiver.poll, "poll() is true when a message was sent")
        for arguments in ((), (0,), (patience.timeout,), (None,)):
            call = f"poll{arguments} after other calls of poll(), with a message to read"
            answer = Task(receiver.poll, *arguments).result(f"{call}, returns")
            assert answer is True, f"{call}, returned {answer!r}"
        came = Task(receiver.recv).result("recv() after poll(), with a message to read")
    assert came == "message", f"recv() after poll() returned {came!r}, sent was 'message'"


@verifies(
    "connection.poll.false-without-data",
    "connection.poll.timeout-returns-false",
    "connection.poll.timeout-is-not-cut-short",
)
def test_poll_is_false_without_a_message(mp, patience):
    sender, receiver = mp.Pipe()
    timeout = 2 * patience.timeout
    with closing(sender, receiver):
        with promise("connection.poll.false-without-data"):
            with patience.at_once("poll() with nothing to read"):
                answer = Task(receiver.poll).result("poll() without a timeout returns at once")
            assert answer is False, f"poll() returned {answer!r} with nothing to read, promised is False"
        with promise("connection.poll.timeout-returns-false"):
            for seconds in (0, 0.0, int(patience.timeout + 1), timeout):
                check_false(receiver, seconds, patience)
        call = f"poll({timeout}) with nothing to read"
        with promise("connection.poll.timeout-is-not-cut-short"), patience.no_sooner(timeout, call):
            receiver.poll(timeout)


def check_false(receiver, timeout, patience):
    """Check that poll() with this timeout is False, and blocks no longer than that; how much shorter is left open."""
    with patience.no_later(timeout, f"poll({timeout}) with nothing to read"):
        answer = Task(receiver.poll, timeout).result(f"poll({timeout}) returns when the timeout has passed")
    assert answer is False, f"poll({timeout}) returned {answer!r} with nothing to read, promised is False"


@verifies("connection.poll.timeout-ends-with-data")
def test_poll_with_a_timeout_ends_when_a_message_comes(mp, patience):
    for kind in PIPES:
        check_wakes_poll(*connected(mp, kind), 100 * patience.awaiting, kind, patience)


@verifies("connection.poll.none-blocks-until-data")
def test_poll_none_blocks_until_a_message_comes(mp, patience):
    for kind in PIPES:
        check_wakes_poll(*connected(mp, kind), None, kind, patience)


@verifies("connection.poll.other-end-closed")
def test_what_poll_says_when_the_other_end_was_closed(mp, patience, observe):
    answers = []
    for kind in PIPES:
        sender, receiver = connected(mp, kind)
        sender.close()
        with closing(receiver), idle():
            try:
                answers.append(f"{kind}: poll() returns {receiver.poll(patience.timeout)!r}")
            except Exception as error:
                answers.append(f"{kind}: poll() raises {type(error).__name__}")
    observe(", ".join(answers))


@verifies("connection.poll.part-of-a-message")
def test_what_poll_says_of_a_part_of_a_message(mp, patience, observe):
    frame = captured(mp, "recv_bytes", b"twelve bytes")
    sender, receiver = mp.Pipe()
    with closing(sender, receiver):
        os.write(sender.fileno(), frame[: len(frame) // 2])
        with idle():
            observe(f"poll() returns {receiver.poll(patience.timeout)!r}")


@verifies("connection.poll.negative-timeout")
def test_what_poll_does_with_a_negative_timeout(mp, patience, observe):
    sender, receiver = mp.Pipe()
    with closing(sender, receiver):
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
