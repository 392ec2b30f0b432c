"""Mutants of send() and send_bytes()."""

from __future__ import annotations

import io
import pickle
from typing import Any

from mutants import mutant, replace
from mutants.connection_objects.common import ALIVE, Connection

LARGE = 32 * 1024 * 1024

# send


@mutant("connection.send.object-arrives", "connection.send.any-object-of-any-size", "connection.send.is-a-copy")
def lists_arrive_as_tuples() -> None:
    @replace(Connection, "recv")
    def recv(original: Any, self: Any) -> Any:
        item = original(self)
        return tuple(item) if isinstance(item, list) else item


@mutant(
    "connection.send.any-object-of-any-size",
    "connection.send_bytes.any-size",
    "connection.send_bytes.signal-leaves-the-message-whole",
)
def large_messages_lose_their_last_byte() -> None:
    @replace(Connection, "_recv_bytes")
    def _recv_bytes(original: Any, self: Any, maxsize: Any = None) -> Any:
        data = original(self, maxsize)
        return io.BytesIO(data.getvalue()[:-1] + b"x") if data and data.tell() > 65_536 else data


@mutant("connection.send.in-order")
def the_second_object_overtakes_the_first() -> None:
    @replace(Connection, "send")
    def send(original: Any, self: Any, item: Any) -> None:
        if isinstance(item, tuple) and item[0] == 7:
            self.held = item
        else:
            original(self, item)
            if isinstance(item, tuple) and item[0] == 8:
                original(self, self.held)


@mutant("connection.send.in-order")
def a_large_object_is_overtaken() -> None:
    """As where large objects go another way than small ones."""

    @replace(Connection, "send")
    def send(original: Any, self: Any, item: Any) -> None:
        held, self.held = getattr(self, "held", None), None
        if isinstance(item, tuple) and len(item[1]) == 200_000:
            self.held = item
        else:
            original(self, item)
        if held is not None:
            original(self, held)


@mutant("connection.send.is-a-copy")
def objects_of_this_process_arrive_themselves() -> None:
    @replace(Connection, "send")
    def send(original: Any, self: Any, item: Any) -> None:
        ALIVE.append(item)
        original(self, None)

    @replace(Connection, "recv")
    def recv(original: Any, self: Any) -> Any:
        original(self)
        return ALIVE.pop(0)


@mutant("connection.send.very-large-object", "connection.send_bytes.very-large-buffer")
def very_large_messages_are_cut() -> None:
    @replace(Connection, "_recv_bytes")
    def _recv_bytes(original: Any, self: Any, maxsize: Any = None) -> Any:
        data = original(self, maxsize)
        return io.BytesIO(data.getvalue()[:-1] + b"?") if data.tell() > LARGE else data


@mutant("connection.send.very-large-object", "connection.send_bytes.very-large-buffer")
def very_large_messages_raise_oserror() -> None:
    @replace(Connection, "_send_bytes")
    def _send_bytes(original: Any, self: Any, data: Any) -> None:
        if len(data) > LARGE:
            raise OSError("too large")
        original(self, data)


@mutant("connection.send.unpicklable-object-raises")
def what_cannot_be_pickled_is_dropped() -> None:
    @replace(Connection, "send")
    def send(original: Any, self: Any, item: Any) -> None:
        try:
            original(self, item)
        except TypeError:
            pass


@mutant("connection.recv.returns-what-is-left-first")
def objects_are_lost_when_the_other_end_closes() -> None:
    @replace(Connection, "send")
    def send(original: Any, self: Any, item: Any) -> None:
        self.count = getattr(self, "count", 0) + 1
        if self.count < 3:
            original(self, item)


@mutant("connection.recv.unpickles-where-it-is-called")
def objects_are_unpickled_by_the_sender() -> None:
    @replace(Connection, "send")
    def send(original: Any, self: Any, item: Any) -> None:
        original(self, pickle.loads(pickle.dumps(item)))


# send_bytes


@mutant("connection.send_bytes.any-size")
def empty_messages_are_not_sent() -> None:
    @replace(Connection, "_send_bytes")
    def _send_bytes(original: Any, self: Any, data: Any) -> None:
        if len(data):
            original(self, data)


@mutant("connection.poll.true-with-an-empty-message", "connection.send_bytes.boundaries-are-kept")
def an_empty_message_is_nothing() -> None:
    empty_messages_are_not_sent()


@mutant("connection.send_bytes.boundaries-are-kept")
def messages_end_with_their_lines() -> None:
    @replace(Connection, "send_bytes")
    def send_bytes(original: Any, self: Any, buffer: Any, *args: Any) -> None:
        for line in bytes(buffer).splitlines(keepends=True) or [b""]:
            original(self, line)
        if bytes(buffer).endswith(b"\n"):
            original(self, b"")


@mutant("connection.send_bytes.boundaries-are-kept")
def messages_that_are_there_are_joined() -> None:
    @replace(Connection, "recv_bytes")
    def recv_bytes(original: Any, self: Any, maxlength: Any = None) -> Any:
        message = original(self, maxlength)
        try:
            while self.poll(0):
                message += original(self)
        except EOFError:
            pass
        return message


@mutant("connection.send_bytes.any-bytes-like-object")
def length_is_counted_in_items() -> None:
    @replace(Connection, "send_bytes")
    def send_bytes(original: Any, self: Any, buffer: Any, offset: int = 0, size: Any = None) -> None:
        original(self, buffer, offset, len(memoryview(buffer)) if size is None else size)


@mutant("connection.send_bytes.offset", "connection.send_bytes.offset-and-size")
def offset_is_counted_in_items() -> None:
    @replace(Connection, "send_bytes")
    def send_bytes(original: Any, self: Any, buffer: Any, offset: int = 0, size: Any = None) -> None:
        view = memoryview(buffer)
        data = view.tobytes()[offset * view.itemsize :]
        original(self, data if size is None else data[:size])


@mutant("connection.send_bytes.offset-and-size")
def size_is_an_end() -> None:
    @replace(Connection, "send_bytes")
    def send_bytes(original: Any, self: Any, buffer: Any, offset: int = 0, size: Any = None) -> None:
        original(self, memoryview(buffer).tobytes()[offset:size])


@mutant("connection.send_bytes.offset-and-size")
def size_0_is_no_size() -> None:
    @replace(Connection, "send_bytes")
    def send_bytes(original: Any, self: Any, buffer: Any, offset: int = 0, size: Any = None) -> None:
        original(self, buffer, offset, size or None)


@mutant("connection.send_bytes.offset")
def offset_is_ignored() -> None:
    @replace(Connection, "send_bytes")
    def send_bytes(original: Any, self: Any, buffer: Any, offset: int = 0, size: Any = None) -> None:
        original(self, buffer, 0, size)
