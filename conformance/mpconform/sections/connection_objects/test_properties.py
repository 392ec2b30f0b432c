"""Properties: messages of any kind and size through any kind of pipe; any part of any buffer."""

from __future__ import annotations

import ctypes
from array import array
from typing import Any

from hypothesis import assume, example, given
from hypothesis import strategies as st

from mpconform.kit import each, promise, raises, verifies, works
from mpconform.sections.connection_objects.checks import check_any_object, check_any_size
from mpconform.sections.connection_objects.helpers import PIPES, brief, closing, connected, payload

# What can be a buffer: how it is made of some bytes. The letters are types of arrays.
FORMS = ("bytes", "bytearray", "memoryview", "slice", "ctypes", *"bBhHiIlLqQfd")
WRITABLE = FORMS[1:]


def as_buffer(form: str, data: bytes) -> Any:
    """Return a bytes-like object with these bytes, or as many of them as make whole items."""
    if form == "bytes":
        return data
    if form == "bytearray":
        return bytearray(data)
    if form == "memoryview":
        return memoryview(bytearray(data))
    if form == "slice":
        return memoryview(bytearray(b"before" + data + b"after"))[6:-5]
    if form == "ctypes":
        return (ctypes.c_int16 * (len(data) // 2))(*memoryview(data[: len(data) // 2 * 2]).cast("h"))
    items = array(form)
    items.frombytes(data[: len(data) // items.itemsize * items.itemsize])
    return items


def contents(buffer: Any) -> bytes:
    """Return the bytes of a bytes-like object."""
    return memoryview(buffer).tobytes()


@verifies("connection.send.any-object-of-any-size")
@each("kind", PIPES)
def test_any_object_arrives_by_any_kind_of_pipe(mp, kind):
    sender, receiver = connected(mp, kind)
    with closing(sender, receiver):
        check_any_object(sender, receiver, kind)


@verifies("connection.send_bytes.any-size")
@each("kind", PIPES)
def test_messages_of_any_size_arrive_by_any_kind_of_pipe(mp, kind):
    sender, receiver = connected(mp, kind)
    with closing(sender, receiver):
        check_any_size(sender, receiver, kind)


@verifies(
    "connection.send_bytes.any-bytes-like-object",
    "connection.send_bytes.offset",
    "connection.send_bytes.offset-and-size",
)
def test_any_part_of_any_buffer_is_sent(mp):
    with promise("connection.send_bytes.any-bytes-like-object"):
        check_sends_whole_buffers(mp)
    with promise("connection.send_bytes.offset"):
        check_sends_from_offsets(mp)
    with promise("connection.send_bytes.offset-and-size"):
        check_sends_parts(mp)


def sent(mp: Any, buffer: Any, *arguments: int) -> Any:
    """Return the message that send_bytes() makes of a buffer; through a pipe of its own, so that none is left over."""
    sender, receiver = mp.Pipe()
    with closing(sender, receiver):
        with works(f"send_bytes{(buffer, *arguments)}"):
            sender.send_bytes(buffer, *arguments)
        return receiver.recv_bytes()


def check_sends_whole_buffers(mp: Any) -> None:
    """Check that all bytes of a buffer are sent, whatever it is."""

    @given(st.sampled_from(FORMS), st.binary(max_size=64))
    def are_sent(form: str, data: bytes) -> None:
        buffer = as_buffer(form, data)
        came = sent(mp, buffer)
        assert came == contents(buffer), f"send_bytes({buffer!r}) sent {came!r}, its bytes are {contents(buffer)!r}"

    for form in FORMS:
        are_sent = example(form, b"a multiple of 16")(are_sent)
    are_sent()


def check_sends_from_offsets(mp: Any) -> None:
    """Check that all bytes from an offset on are sent."""

    @given(st.sampled_from(FORMS), st.binary(min_size=8, max_size=64), st.integers(0, 63))
    @example("i", b"0123456789ab", 5)
    def are_sent(form: str, data: bytes, offset: int) -> None:
        buffer = as_buffer(form, data)
        bytes_of = contents(buffer)
        assume(offset < len(bytes_of))
        came = sent(mp, buffer, offset)
        assert came == bytes_of[offset:], (
            f"send_bytes(buffer, {offset}) of {buffer!r} sent {came!r}, promised is {bytes_of[offset:]!r}"
        )

    are_sent()


def check_sends_parts(mp: Any) -> None:
    """Check that a part of a buffer is sent."""

    @given(st.sampled_from(FORMS), st.binary(min_size=8, max_size=64), st.integers(0, 63), st.integers(0, 64))
    @example("i", b"0123456789ab", 5, 6)
    @example("bytes", b"all of it", 0, 9)
    @example("bytes", b"nothing", 3, 0)
    def are_sent(form: str, data: bytes, offset: int, size: int) -> None:
        buffer = as_buffer(form, data)
        bytes_of = contents(buffer)
        assume(offset < len(bytes_of) and offset + size <= len(bytes_of))
        came = sent(mp, buffer, offset, size)
        part = bytes_of[offset : offset + size]
        assert came == part, f"send_bytes(buffer, {offset}, {size}) of {buffer!r} sent {came!r}, promised is {part!r}"

    are_sent()


@verifies("connection.recv_bytes.maxlength-lets-shorter-pass")
def test_a_message_within_any_maxlength_is_returned(mp):
    sender, receiver = mp.Pipe()

    @given(st.binary(max_size=64), st.integers(0, 64))
    @example(b"", 0)
    @example(b"message", 0)
    @example(payload(20_000), 0)
    def is_returned(message: bytes, more: int) -> None:
        sender.send_bytes(message)
        call = f"recv_bytes({len(message) + more}) of a message of {len(message)} bytes"
        with works(call):
            came = receiver.recv_bytes(len(message) + more)
        assert came == message, f"{call}: returned {brief(came)}, sent was {brief(message)}"

    with closing(sender, receiver):
        is_returned()


@verifies("connection.recv_bytes.maxlength-exceeded-raises-oserror")
def test_a_message_beyond_any_maxlength_is_refused(mp):
    @given(st.binary(min_size=1, max_size=64), st.integers(0, 63))
    @example(b"m", 0)
    @example(payload(20_000), 19_999)
    def is_refused(message: bytes, maxlength: int) -> None:
        assume(maxlength < len(message))
        sender, receiver = mp.Pipe()
        with closing(sender):  # what has read too much may be closed
            sender.send_bytes(message)
            with raises(OSError, f"recv_bytes({maxlength}) of a message of {len(message)} bytes"):
                receiver.recv_bytes(maxlength)

    is_refused()


def check_part_written(mp: Any, form: str, buffer: bytes, offset: int, message: bytes) -> None:
    """Check what recv_bytes_into(buffer, offset) makes of a buffer in which the message has room."""
    into = as_buffer(form, buffer)
    before = contents(into)
    promised = before[:offset] + message + before[offset + len(message) :]
    sender, receiver = mp.Pipe()
    with closing(sender, receiver):
        sender.send_bytes(message)
        call = f"recv_bytes_into(buffer, {offset}) of {message!r}, buffer {form} of {len(before)} bytes"
        with works(call):
            count = receiver.recv_bytes_into(into, offset)
    assert count == len(message), f"{call}: returned {count}, promised is {len(message)}"
    assert contents(into) == promised, f"{call}: made {contents(into)!r} of {before!r}, promised is {promised!r}"


def item_size(form: str) -> int:
    """Return the number of bytes in an item of such a buffer."""
    return memoryview(as_buffer(form, bytes(64))).itemsize


@verifies("connection.recv_bytes_into.offset", "connection.recv_bytes_into.part-of-an-item")
def test_a_message_is_written_from_any_offset_on(mp):
    with promise("connection.recv_bytes_into.offset"):
        check_writes_items(mp)
    with promise("connection.recv_bytes_into.part-of-an-item"):
        for form in ("h", "i", "d"):
            check_writes_parts_of_items(mp, form)


def check_writes_items(mp: Any) -> None:
    """Check messages that begin and end where items of the buffer do; the others are another promise."""

    @given(st.sampled_from(WRITABLE), st.binary(min_size=8, max_size=64), st.integers(0, 63), st.binary(max_size=64))
    @example("i", bytes(40), 8, b"01234567")
    @example("bytearray", bytes(8), 7, b"!")
    def is_written(form: str, buffer: bytes, offset: int, message: bytes) -> None:
        size = item_size(form)
        room = len(buffer) // size * size
        offset = offset // size * size
        message = message[: len(message) // size * size]
        assume(offset < room and offset + len(message) <= room)
        check_part_written(mp, form, buffer, offset, message)

    is_written()


def check_writes_parts_of_items(mp: Any, form: str) -> None:
    """Check messages that begin or end anywhere in the items of the buffer."""

    @given(st.binary(min_size=8, max_size=64), st.integers(0, 63), st.binary(max_size=64))
    @example(bytes(16), 0, b"odd")
    @example(bytes(16), 3, b"four")
    def is_written(buffer: bytes, offset: int, message: bytes) -> None:
        room = len(contents(as_buffer(form, buffer)))
        assume(offset < room and offset + len(message) <= room)
        check_part_written(mp, form, buffer, offset, message)

    is_written()
