"""``recv_bytes_into``: where in the buffer a message is written, and buffers that it does not fit."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mpconform.kit import each, raises, verifies, works
from mpconform.sections.connection_objects.checks import check_end, check_too_short_takes_the_message, check_written
from mpconform.sections.connection_objects.helpers import PIPES, connected


@contextmanager
def sent(mp: Any, message: bytes) -> Iterator[Any]:
    """Give a connection from which this message can be received."""
    sender, receiver = mp.Pipe()
    with sender, receiver:
        sender.send_bytes(message)
        yield receiver


@verifies("connection.recv_bytes_into.writes-the-message")
def test_a_message_is_written_into_the_buffer(mp):
    sender, receiver = mp.Pipe()
    with sender, receiver:
        check_written(sender, receiver, "duplex pipe")


@verifies("connection.recv_bytes_into.returns-the-number-of-bytes")
def test_recv_bytes_into_returns_the_number_of_bytes_in_the_message(mp):
    for buffer in (bytearray(20), memoryview(bytearray(24)), array("H", [0] * 9), array("q", [0] * 3)):
        for message in (b"", b"message!", b"sixteen bytes..."):
            with sent(mp, message) as receiver:
                count = receiver.recv_bytes_into(buffer)
            assert count == len(message), (
                f"recv_bytes_into({buffer!r}) returned {count}, the message has {len(message)} bytes"
            )


@verifies("connection.recv_bytes_into.raises-eoferror-when-other-end-closed")
@each("kind", PIPES)
def test_recv_bytes_into_raises_eoferror_when_the_other_end_was_closed(mp, kind):
    sender, receiver = connected(mp, kind)
    with sender, receiver:
        check_end("recv_bytes_into", sender, receiver, kind)


@verifies("connection.recv_bytes_into.several-dimensions")
@each("shape", [[3, 4], [2, 3, 2], [1, 12]])
def test_a_message_as_long_as_a_buffer_of_several_dimensions_is_written_into_it(mp, shape):
    memory = bytearray(12)
    call = f"recv_bytes_into() of 12 bytes, into a buffer of the shape {shape} and 12 bytes"
    with sent(mp, b"twelve bytes") as receiver, works(call):
        receiver.recv_bytes_into(memoryview(memory).cast("B", shape))
    assert memory == b"twelve bytes", (
        f"recv_bytes_into() wrote {bytes(memory)!r} into a buffer of the shape {shape}, sent was b'twelve bytes'"
    )


@verifies("connection.recv_bytes_into.too-short-with-offset")
@each("offset", [1, 6, 11])
def test_a_buffer_that_is_too_short_from_the_offset_on(mp, offset):
    call = f"recv_bytes_into(bytearray({offset + 6}), {offset}) of b'message'"
    with sent(mp, b"message") as receiver, raises(mp.BufferTooShort, call) as caught:
        receiver.recv_bytes_into(bytearray(offset + 6), offset)
    first = caught.value.args[0]
    assert first == b"message", f"{call}: args[0] of the BufferTooShort is {first!r}, promised is b'message'"


@verifies("connection.recv_bytes_into.too-short-takes-the-message")
@each("kind", PIPES)
def test_after_a_buffer_was_too_short_the_next_message_comes(mp, kind):
    sender, receiver = connected(mp, kind)
    with sender, receiver:
        check_too_short_takes_the_message(sender, receiver, kind, mp.BufferTooShort)


@verifies("connection.recv_bytes_into.offset-outside")
@each("offset", [-1, 4, 5])
def test_what_recv_bytes_into_does_with_an_offset_outside(mp, observe, offset):
    buffer = bytearray(4)
    with sent(mp, b"") as receiver:
        try:
            count = receiver.recv_bytes_into(buffer, offset)
        except Exception as error:
            observe(f"an offset of {offset} in 4 bytes: raises {type(error).__name__}")
        else:
            observe(f"an offset of {offset} in 4 bytes: returns {count}")


@verifies("connection.recv_bytes_into.buffer-read-only")
def test_what_recv_bytes_into_does_with_a_buffer_that_is_not_writable(mp, observe):
    sender, receiver = mp.Pipe()
    with sender, receiver:
        sender.send_bytes(b"first")
        sender.send_bytes(b"second")
        try:
            receiver.recv_bytes_into(bytes(8))
        except Exception as error:
            observe(f"raises {type(error).__name__}, and the next message is {receiver.recv_bytes()!r}")
        else:
            observe("raises nothing")
