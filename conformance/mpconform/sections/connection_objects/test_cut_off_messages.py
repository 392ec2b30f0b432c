"""Messages whose sender was closed in the middle: what is left of them is never taken for a message."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from mpconform.kit import each, promise, verifies
from mpconform.sections.connection_objects.helpers import PIPES, brief, captured, payload, received_of

LARGE = 40_000  # fits into a pipe


def check_cut_off_messages(mp: Any, kind: str, method: str) -> None:
    """Check a small message cut off at each of its bytes, and a large one at some."""
    frames = {size: captured(mp, method, payload(size), kind) for size in (12, LARGE)}

    def check(size: int, place: int) -> None:
        came = received_of(mp, method, kind, [frames[size][:place]])
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


@verifies(
    "connection.recv.cut-off-message-is-no-object",
    "connection.recv_bytes.cut-off-message-is-no-message",
    "connection.recv_bytes_into.cut-off-message-is-no-message",
)
@each("kind", PIPES)
def test_nothing_is_received_of_a_message_that_was_cut_off(mp, kind):
    with promise("connection.recv.cut-off-message-is-no-object"):
        check_cut_off_messages(mp, kind, "recv")
    with promise("connection.recv_bytes.cut-off-message-is-no-message"):
        check_cut_off_messages(mp, kind, "recv_bytes")
    with promise("connection.recv_bytes_into.cut-off-message-is-no-message"):
        check_cut_off_messages(mp, kind, "recv_bytes_into")


@verifies("connection.recv_bytes.exception-for-a-cut-off-message")
def test_what_recv_bytes_raises_for_a_message_that_was_cut_off(mp, observe):
    frame = captured(mp, "recv_bytes", b"twelve bytes")
    came = [received_of(mp, "recv_bytes", "duplex pipe", [frame[:place]]) for place in range(1, len(frame))]
    observe(" or ".join(sorted({f"raises {type(one).__name__}" for one in came})))
