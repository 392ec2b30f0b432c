"""``recv_bytes_into``: where in the buffer a message is written, and buffers that it does not fit."""

from __future__ import annotations

from array import array

from mpconform.kit import each, raises, verifies
from mpconform.sections.connection_objects.helpers import KINDS, connected


def sent(mp, message):
    """Return a connection from which this message can be received."""
    receiver, sender = mp.Pipe(False)
    with sender:
        sender.send_bytes(message)
    return receiver


@verifies("connection.recv_bytes_into.writes-the-message")
@each("kind", KINDS)
def test_a_message_is_written_into_the_buffer(mp, scratch, kind):
    buffer = bytearray(b"untouched so far")
    sender, receiver = connected(mp, kind, scratch)
    with sender, receiver:
        sender.send_bytes(b"message")
        receiver.recv_bytes_into(buffer)
    assert buffer == b"messageed so far", (
        f"{kind}: recv_bytes_into() of b'message' made {bytes(buffer)!r} of b'untouched so far'"
    )


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
@each("kind", KINDS)
def test_recv_bytes_into_raises_eoferror_when_the_other_end_was_closed(mp, scratch, kind):
    buffer = bytearray(8)
    sender, receiver = connected(mp, kind, scratch)
    with receiver:
        sender.send_bytes(b"the last")
        sender.close()
        receiver.recv_bytes_into(buffer)
        assert buffer == b"the last", f"{kind}: recv_bytes_into() wrote {bytes(buffer)!r}, sent was b'the last'"
        with raises(EOFError, f"{kind}: recv_bytes_into() when all was received and the other end was closed"):
            receiver.recv_bytes_into(buffer)


@verifies("connection.recv_bytes_into.several-dimensions")
@each("shape", [[3, 4], [2, 3, 2], [1, 12]])
def test_a_message_as_long_as_a_buffer_of_several_dimensions_is_written_into_it(mp, shape):
    memory = bytearray(12)
    with sent(mp, b"twelve bytes") as receiver:
        try:
            receiver.recv_bytes_into(memoryview(memory).cast("B", shape))
        except mp.BufferTooShort:
            raise AssertionError(
                f"recv_bytes_into() of 12 bytes raised BufferTooShort for a buffer of the shape {shape}, 12 bytes"
            ) from None
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
@each("kind", KINDS)
def test_after_a_buffer_was_too_short_the_next_message_comes(mp, scratch, kind):
    sender, receiver = connected(mp, kind, scratch)
    with sender, receiver:
        sender.send_bytes(b"twelve bytes")
        sender.send_bytes(b"the next")
        with raises(mp.BufferTooShort, f"{kind}: recv_bytes_into(bytearray(4)) of a message of 12 bytes"):
            receiver.recv_bytes_into(bytearray(4))
        came = receiver.recv_bytes()
    assert came == b"the next", f"{kind}: recv_bytes() after BufferTooShort returned {came!r}, sent was b'the next'"


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
    receiver, sender = mp.Pipe(False)
    with sender, receiver:
        sender.send_bytes(b"first")
        sender.send_bytes(b"second")
        try:
            receiver.recv_bytes_into(bytes(8))
        except Exception as error:
            observe(f"raises {type(error).__name__}, and the next message is {receiver.recv_bytes()!r}")
        else:
            observe("raises nothing")
