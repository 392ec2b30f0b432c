"""Messages whose sender was closed in the middle: what is left of them is never taken for a message."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from mpconform.kit import each, verifies
from mpconform.sections.connection_objects.helpers import brief, captured, payload, received, send_for

LARGE = 40_000  # fits into a pipe


def received_of(mp: Any, duplex: bool, method: str, data: bytes) -> Any:
    """Return what a method receives, or what it raises, when its connection got these bytes and was then closed."""
    receiver, sender = mp.Pipe(duplex)
    with receiver:
        with sender:
            os.write(sender.fileno(), data)
        try:
            return received(method, receiver)
        except Exception as error:
            return error


def check_cut_off_messages(mp: Any, duplex: bool, method: str) -> None:
    """Check a small message cut off at each of its bytes, and a large one at some."""
    frames = {size: captured(mp, lambda end: send_for(method, end, payload(size))) for size in (12, LARGE)}  # noqa: B023

    def check(size: int, place: int) -> None:
        came = received_of(mp, duplex, method, frames[size][:place])
        assert isinstance(came, Exception), (
            f"{method}() returned {brief(came)} when the other end was closed after {place} of the"
            f" {len(frames[size])} bytes that it writes for a message of {size}; promised is a complete message"
        )

    for place in range(1, len(frames[12])):
        check(12, place)

    @given(st.integers(1, len(frames[LARGE]) - 1))
    @example(len(frames[LARGE]) - 1)
    def is_no_message(place: int) -> None:
        check(LARGE, place)

    is_no_message()


@verifies("connection.recv.cut-off-message-is-no-object")
@each("duplex", [False, True])
def test_recv_returns_nothing_of_a_message_that_was_cut_off(mp, duplex):
    check_cut_off_messages(mp, duplex, "recv")


@verifies("connection.recv_bytes.cut-off-message-is-no-message")
@each("duplex", [False, True])
def test_recv_bytes_returns_nothing_of_a_message_that_was_cut_off(mp, duplex):
    check_cut_off_messages(mp, duplex, "recv_bytes")


@verifies("connection.recv_bytes_into.cut-off-message-is-no-message")
@each("duplex", [False, True])
def test_recv_bytes_into_returns_nothing_of_a_message_that_was_cut_off(mp, duplex):
    check_cut_off_messages(mp, duplex, "recv_bytes_into")


@verifies("connection.recv_bytes.exception-for-a-cut-off-message")
def test_what_recv_bytes_raises_for_a_message_that_was_cut_off(mp, observe):
    frame = captured(mp, lambda connection: connection.send_bytes(b"twelve bytes"))
    came = [received_of(mp, True, "recv_bytes", frame[:place]) for place in range(1, len(frame))]
    observe(" or ".join(sorted({f"raises {type(one).__name__}" for one in came})))
