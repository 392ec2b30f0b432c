"""``send_bytes`` and ``recv_bytes``: messages of bytes, their bounds, and the example of the documentation."""

from __future__ import annotations

from array import array

from mpconform.kit import Task, each, raises, verifies
from mpconform.sections.connection_objects.checks import check_boundaries, check_end, check_too_long_ends_reading
from mpconform.sections.connection_objects.helpers import PIPES, brief, connected, payload

LARGE = 33 * 1024 * 1024


@verifies("connection.send_bytes.message-arrives")
def test_a_message_arrives(mp):
    sender, receiver = mp.Pipe()
    with sender, receiver:
        sender.send_bytes(b"a message\0of bytes")
        came = receiver.recv_bytes()
    assert came == b"a message\0of bytes", f"recv_bytes() returned {came!r}, sent was b'a message\\0of bytes'"


@verifies("connection.send_bytes.boundaries-are-kept")
@each("kind", PIPES)
def test_each_message_is_received_by_itself(mp, kind):
    sender, receiver = connected(mp, kind)
    with sender, receiver:
        check_boundaries(sender, receiver, kind)


@verifies("connection.send_bytes.several-dimensions")
@each("shape", [[2, 3], [3, 1, 2], [1, 6]])
def test_a_buffer_of_several_dimensions_is_sent_whole(mp, shape):
    sender, receiver = mp.Pipe()
    with sender, receiver:
        sender.send_bytes(memoryview(b"sixsix").cast("B", shape))
        came = receiver.recv_bytes()
    assert came == b"sixsix", f"send_bytes() of a buffer of the shape {shape} sent {came!r}, its bytes are b'sixsix'"


@verifies("connection.send_bytes.offset-or-size-outside")
@each("arguments", [(-1,), (7,), (0, -1), (2, -1), (0, 7), (5, 2)])
def test_what_send_bytes_does_with_an_offset_or_size_outside(mp, observe, arguments):
    sender, receiver = mp.Pipe()
    with sender, receiver:
        try:
            sender.send_bytes(b"sixsix", *arguments)
        except Exception as error:
            observe(f"raises {type(error).__name__}")
        else:
            sender.send_bytes(b"the next")
            came = receiver.recv_bytes()
            observe(f"sends {came!r}" if came != b"the next" else "sends nothing")


@verifies("connection.send_bytes.very-large-buffer")
def test_a_very_large_buffer_arrives_or_is_refused(mp):
    message = payload(LARGE)
    sender, receiver = mp.Pipe()
    with sender, receiver:
        receiving = Task(receiver.recv_bytes)
        try:
            sender.send_bytes(message)
        except ValueError:
            return
        came = receiving.result("recv_bytes() of a message of 33 MiB")
    assert came == message, f"recv_bytes() returned {brief(came)}, sent were {brief(message)}"


@verifies("connection.recv_bytes.returns-bytes")
def test_recv_bytes_returns_a_byte_string(mp):
    sender, receiver = mp.Pipe()
    with sender, receiver:
        for buffer in (b"message", bytearray(b"message"), memoryview(b"message"), array("B", b"message")):
            sender.send_bytes(buffer)
            came = receiver.recv_bytes()
            assert isinstance(came, bytes), f"recv_bytes() returned a {type(came).__name__}, promised is a byte string"
            assert came == b"message", f"recv_bytes() returned {came!r}, sent was {buffer!r}"


@verifies("connection.recv_bytes.raises-eoferror-when-other-end-closed")
def test_recv_bytes_raises_eoferror_when_the_other_end_was_closed(mp):
    sender, receiver = mp.Pipe()
    with sender, receiver:
        check_end("recv_bytes", sender, receiver, "duplex pipe")


@verifies("connection.recv_bytes.maxlength-exceeded-raises-oserror")
@each("kind", PIPES)
def test_a_message_that_is_longer_than_maxlength_raises_oserror(mp, kind):
    sender, receiver = connected(mp, kind)
    with sender, receiver:
        sender.send_bytes(b"twelve bytes")
        with raises(OSError, f"{kind}: recv_bytes(11) of a message of 12 bytes"):
            receiver.recv_bytes(11)


@verifies("connection.recv_bytes.maxlength-exceeded-ends-reading")
@each("kind", PIPES)
def test_after_a_message_that_was_too_long_nothing_is_received(mp, kind):
    sender, receiver = connected(mp, kind)
    with sender, receiver:
        check_too_long_ends_reading(sender, receiver, kind)


@verifies("connection.recv_bytes.sending-after-maxlength-exceeded")
def test_whether_a_connection_sends_after_a_message_that_was_too_long(mp, observe):
    sender, receiver = mp.Pipe()
    with sender:
        with receiver:
            sender.send_bytes(b"twelve bytes")
            with raises(OSError, "recv_bytes(4) of a message of 12 bytes"):
                receiver.recv_bytes(4)
            try:
                receiver.send_bytes(b"the other way")
            except Exception as error:
                observe(f"raises {type(error).__name__}")
                return
        try:
            came = sender.recv_bytes()
        except EOFError:
            came = b""
        observe("sends as before" if came == b"the other way" else f"sends {came!r}")


@verifies("connection.recv_bytes.maxlength-negative")
def test_what_recv_bytes_does_with_a_negative_maxlength(mp, observe):
    sender, receiver = mp.Pipe()
    with sender, receiver:
        sender.send_bytes(b"message")
        try:
            observe(f"returns {receiver.recv_bytes(-1)!r}")
        except Exception as error:
            observe(f"raises {type(error).__name__}")


@verifies("connection.example.objects-bytes-and-arrays")
def test_the_example(mp):
    a, b = mp.Pipe()
    with a, b:
        a.send([1, "hello", None])
        came = b.recv()
        assert came == [1, "hello", None], f"b.recv() returned {came!r}, the example shows [1, 'hello', None]"
        b.send_bytes(b"thank you")
        came = a.recv_bytes()
        assert came == b"thank you", f"a.recv_bytes() returned {came!r}, the example shows b'thank you'"
        arr1 = array("i", range(5))
        arr2 = array("i", [0] * 10)
        a.send_bytes(arr1)
        count = b.recv_bytes_into(arr2)
        size = len(arr1) * arr1.itemsize
        assert count == size, f"b.recv_bytes_into(arr2) returned {count}, the example shows {size}"
        assert list(arr2) == [0, 1, 2, 3, 4, 0, 0, 0, 0, 0], (
            f"b.recv_bytes_into(arr2) made of it {list(arr2)}, the example shows [0, 1, 2, 3, 4, 0, 0, 0, 0, 0]"
        )
