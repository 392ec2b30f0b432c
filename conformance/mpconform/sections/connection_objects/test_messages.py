"""``send_bytes`` and ``recv_bytes``: messages of bytes, their bounds, and the example of the documentation."""

from __future__ import annotations

from array import array

from mpconform.kit import Task, promise, raises, verifies
from mpconform.sections.connection_objects.checks import check_boundaries, check_too_long_ends_reading
from mpconform.sections.connection_objects.helpers import PIPES, closing, connected


@verifies(
    "connection.send_bytes.message-arrives",
    "connection.recv_bytes.returns-bytes",
    "connection.send_bytes.boundaries-are-kept",
    "connection.send_bytes.several-dimensions",
)
def test_messages_of_bytes(mp):
    with promise("connection.send_bytes.message-arrives"):
        sender, receiver = mp.Pipe()
        with closing(sender, receiver):
            sender.send_bytes(b"a message\0of bytes")
            came = Task(receiver.recv_bytes).result("recv_bytes() of a message that was sent")
        assert came == b"a message\0of bytes", f"recv_bytes() returned {came!r}, sent was b'a message\\0of bytes'"
    with promise("connection.recv_bytes.returns-bytes"):
        check_type(mp)
    with promise("connection.send_bytes.boundaries-are-kept"):
        for kind in PIPES:
            sender, receiver = connected(mp, kind)
            with closing(receiver):
                check_boundaries(sender, receiver, kind)
    with promise("connection.send_bytes.several-dimensions"):
        for shape in ([2, 3], [3, 1, 2], [1, 6]):
            sender, receiver = mp.Pipe()
            with closing(sender, receiver):
                sender.send_bytes(memoryview(b"sixsix").cast("B", shape))
                came = Task(receiver.recv_bytes).result("recv_bytes() of a message that was sent")
            assert came == b"sixsix", f"send_bytes() of a buffer of the shape {shape}, b'sixsix', sent {came!r}"


def check_type(mp):
    """Check that recv_bytes() returns a byte string."""
    sender, receiver = mp.Pipe()
    with closing(sender, receiver):
        for buffer in (b"message", bytearray(b"message"), memoryview(b"message"), array("B", b"message"), b""):
            sender.send_bytes(buffer)
            came = Task(receiver.recv_bytes).result(f"recv_bytes() of {buffer!r}")
            assert isinstance(came, bytes), (
                f"recv_bytes() of {buffer!r} returned a {type(came).__name__}, promised is a byte string"
            )
            assert came == bytes(buffer), f"recv_bytes() returned {came!r}, sent was {buffer!r}"


@verifies("connection.send_bytes.offset-or-size-outside")
def test_what_send_bytes_does_with_an_offset_or_size_outside(mp, observe):
    answers = []
    for arguments in [(-1,), (7,), (0, -1), (2, -1), (0, 7), (5, 2)]:
        sender, receiver = mp.Pipe()
        with closing(sender, receiver):
            try:
                sender.send_bytes(b"sixsix", *arguments)
            except Exception as error:
                answers.append(f"{arguments}: raises {type(error).__name__}")
            else:
                sender.send_bytes(b"the next")
                came = receiver.recv_bytes()
                answers.append(f"{arguments}: sends {came!r}" if came != b"the next" else f"{arguments}: sends nothing")
    observe(", ".join(answers))


@verifies(
    "connection.recv_bytes.maxlength-exceeded-raises-oserror", "connection.recv_bytes.maxlength-exceeded-ends-reading"
)
def test_a_message_that_is_longer_than_maxlength_is_the_last(mp):
    with promise("connection.recv_bytes.maxlength-exceeded-raises-oserror"):
        for kind in PIPES:
            sender, receiver = connected(mp, kind)
            with closing(sender):  # what has read too much may be closed
                sender.send_bytes(b"twelve bytes")
                with raises(OSError, f"{kind}: recv_bytes(11) of a message of 12 bytes"):
                    receiver.recv_bytes(11)
    with promise("connection.recv_bytes.maxlength-exceeded-ends-reading"):
        for kind in PIPES:
            sender, receiver = connected(mp, kind)
            with closing(sender):
                check_too_long_ends_reading(sender, receiver, kind)


@verifies("connection.recv_bytes.sending-after-maxlength-exceeded")
def test_whether_a_connection_sends_after_a_message_that_was_too_long(mp, observe):
    sender, receiver = mp.Pipe()
    with closing(sender):
        sender.send_bytes(b"twelve bytes")
        with raises(OSError, "recv_bytes(4) of a message of 12 bytes"):
            receiver.recv_bytes(4)
        try:
            receiver.send_bytes(b"the other way")
        except Exception as error:
            observe(f"raises {type(error).__name__}")
            return
        receiver.close()
        try:
            came = sender.recv_bytes()
        except EOFError:
            came = b""
        observe("sends as before" if came == b"the other way" else f"sends {came!r}")


@verifies("connection.recv_bytes.maxlength-negative")
def test_what_recv_bytes_does_with_a_negative_maxlength(mp, observe):
    sender, receiver = mp.Pipe()
    with closing(sender, receiver):
        sender.send_bytes(b"message")
        try:
            observe(f"returns {receiver.recv_bytes(-1)!r}")
        except Exception as error:
            observe(f"raises {type(error).__name__}")


@verifies("connection.example.objects-bytes-and-arrays")
def test_the_example(mp):
    a, b = mp.Pipe()
    with closing(a, b):
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
