"""``recv_bytes_into``: where in the buffer a message is written, and buffers that it does not fit."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mpconform.kit import promise, raises, verifies, works
from mpconform.sections.connection_objects.checks import check_too_short_takes_the_message, check_written
from mpconform.sections.connection_objects.helpers import PIPES, closing, connected


@contextmanager
def sent(mp: Any, message: bytes) -> Iterator[Any]:
    """Give a connection from which this message can be received."""
    sender, receiver = mp.Pipe()
    with closing(sender, receiver):
        sender.send_bytes(message)
        yield receiver


@verifies(
    "connection.recv_bytes_into.writes-the-message",
    "connection.recv_bytes_into.returns-the-number-of-bytes",
    "connection.recv_bytes_into.several-dimensions",
)
def test_a_message_is_written_into_the_buffer(mp):
    with promise("connection.recv_bytes_into.writes-the-message"):
        sender, receiver = mp.Pipe()
        with closing(sender, receiver):
            check_written(sender, receiver, "duplex pipe")
    with promise("connection.recv_bytes_into.returns-the-number-of-bytes"):
        for buffer in (bytearray(20), memoryview(bytearray(24)), array("H", [0] * 9), array("q", [0] * 3)):
            for message in (b"", b"message!", b"sixteen bytes..."):
                with sent(mp, message) as receiver:
                    count = receiver.recv_bytes_into(buffer)
                assert count == len(message), (
                    f"recv_bytes_into({buffer!r}) returned {count}, the message has {len(message)} bytes"
                )
    with promise("connection.recv_bytes_into.several-dimensions"):
        for shape in ([3, 4], [2, 3, 2], [1, 12]):
            memory = bytearray(12)
            call = f"recv_bytes_into() of 12 bytes, into a buffer of the shape {shape} and 12 bytes"
            with sent(mp, b"twelve bytes") as receiver, works(call):
                receiver.recv_bytes_into(memoryview(memory).cast("B", shape))
            assert memory == b"twelve bytes", (
                f"recv_bytes_into() wrote {bytes(memory)!r} into a buffer of the shape {shape}, sent was"
                " b'twelve bytes'"
            )


@verifies("connection.recv_bytes_into.too-short-with-offset", "connection.recv_bytes_into.too-short-takes-the-message")
def test_a_buffer_that_is_too_short(mp):
    with promise("connection.recv_bytes_into.too-short-with-offset"):
        for offset in (1, 6, 11):
            check_too_short(mp, offset)
    with promise("connection.recv_bytes_into.too-short-takes-the-message"):
        for kind in PIPES:
            sender, receiver = connected(mp, kind)
            with closing(sender, receiver):
                check_too_short_takes_the_message(sender, receiver, kind, mp.BufferTooShort)


def check_too_short(mp: Any, offset: int) -> None:
    """Check what a buffer raises that is by one byte too short from the offset on."""
    call = f"recv_bytes_into(bytearray({offset + 6}), {offset}) of b'message'"
    with sent(mp, b"message") as receiver, raises(mp.BufferTooShort, call) as caught:
        receiver.recv_bytes_into(bytearray(offset + 6), offset)
    first = caught.value.args[0]
    assert first == b"message", f"{call}: args[0] of the BufferTooShort is {first!r}, promised is b'message'"


@verifies("connection.recv_bytes_into.offset-at-the-end-raises", "connection.recv_bytes_into.offset-outside")
def test_what_recv_bytes_into_does_with_an_offset_outside(mp, observe):
    with promise("connection.recv_bytes_into.offset-at-the-end-raises"):
        for offset in (4, 5):
            buffer = bytearray(b"four")
            with sent(mp, b"m") as receiver, raises(Exception, f"recv_bytes_into(bytearray(4), {offset}) of b'm'"):
                receiver.recv_bytes_into(buffer, offset)
            assert buffer == b"four", f"recv_bytes_into(bytearray(4), {offset}) made {bytes(buffer)!r} of b'four'"
    answers = []
    for offset in (-1, 4, 5):
        for message in (b"", b"m"):
            with sent(mp, message) as receiver:
                call = f"{message!r} at an offset of {offset} in 4 bytes"
                try:
                    answers.append(f"{call}: returns {receiver.recv_bytes_into(bytearray(4), offset)}")
                except Exception as error:
                    answers.append(f"{call}: raises {type(error).__name__}")
    observe(", ".join(answers))


@verifies("connection.recv_bytes_into.buffer-read-only")
def test_what_recv_bytes_into_does_with_a_buffer_that_is_not_writable(mp, observe):
    sender, receiver = mp.Pipe()
    with closing(sender, receiver):
        sender.send_bytes(b"first")
        sender.send_bytes(b"second")
        try:
            receiver.recv_bytes_into(bytes(8))
        except Exception as error:
            observe(f"raises {type(error).__name__}, and the next message is {receiver.recv_bytes()!r}")
        else:
            observe("raises nothing")
