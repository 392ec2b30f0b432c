"""Mutants of connection objects."""

from __future__ import annotations

import errno
import gc
import io
import multiprocessing.connection
import os
import pickle
import select
import socket
import stat
import time
from collections.abc import Callable
from typing import Any

from mutants import mutant, replace

Connection = multiprocessing.connection.Connection

ALIVE: list[Any] = []
LARGE = 32 * 1024 * 1024

ITSELF = "the standard library has this fault itself, so every run shows that the test can fail"

UNSEEN = {
    "connection.send_bytes.several-dimensions": ITSELF,
    "connection.recv_bytes_into.part-of-an-item": ITSELF,
    "connection.recv_bytes_into.several-dimensions": ITSELF,
}


def interruptible(call: Any, *args: Any) -> Any:
    """Make a call that fails when a signal arrives while it waits."""
    handled: list[int] = []
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    import signal

    before = signal.set_wakeup_fd(writing)
    try:
        ready = select.select([call.__self__, reading], [], [])[0]
        if reading in ready:
            handled.append(1)
    finally:
        signal.set_wakeup_fd(before)
        os.close(reading)
        os.close(writing)
    if handled:
        raise InterruptedError(errno.EINTR, "interrupted")
    return call(*args)


# send and recv


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


@mutant("connection.send_bytes.any-size")
def empty_messages_are_not_sent() -> None:
    @replace(Connection, "_send_bytes")
    def _send_bytes(original: Any, self: Any, data: Any) -> None:
        if len(data):
            original(self, data)


@mutant("connection.poll.true-with-an-empty-message", "connection.send_bytes.boundaries-are-kept")
def an_empty_message_is_nothing() -> None:
    empty_messages_are_not_sent()


@mutant("connection.send.in-order")
def the_second_object_overtakes_the_first() -> None:
    @replace(Connection, "send")
    def send(original: Any, self: Any, item: Any) -> None:
        if item == 7:
            self.held = item
        else:
            original(self, item)
            if item == 8:
                original(self, self.held)


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


@mutant("connection.recv.blocks-until-there-is-an-object")
def recv_returns_none_when_there_is_nothing() -> None:
    @replace(Connection, "recv")
    def recv(original: Any, self: Any) -> Any:
        return original(self) if self.poll(0.01) else None


@mutant("connection.recv_bytes.blocks-until-there-is-a-message")
def recv_bytes_raises_when_there_is_nothing() -> None:
    @replace(Connection, "recv_bytes")
    def recv_bytes(original: Any, self: Any, maxlength: Any = None) -> Any:
        if not self.poll(0.01):
            raise BlockingIOError
        return original(self, maxlength)


@mutant("connection.recv_bytes_into.blocks-until-there-is-a-message")
def recv_bytes_into_returns_0_when_there_is_nothing() -> None:
    @replace(Connection, "recv_bytes_into")
    def recv_bytes_into(original: Any, self: Any, *args: Any) -> Any:
        return original(self, *args) if self.poll(0.01) else 0


@mutant(
    "connection.recv.raises-eoferror-when-other-end-closed",
    "connection.recv.returns-what-is-left-first",
    "connection.recv.raises-eoferror-when-other-process-ends",
    "connection.recv_bytes.raises-eoferror-when-other-end-closed",
    "connection.recv_bytes_into.raises-eoferror-when-other-end-closed",
    "connection.close.by-garbage-collection",
)
def the_end_raises_oserror() -> None:
    @replace(Connection, "_recv_bytes")
    def _recv_bytes(original: Any, self: Any, maxsize: Any = None) -> Any:
        try:
            return original(self, maxsize)
        except EOFError:
            raise OSError("the end") from None


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


@mutant(
    "connection.recv_bytes.cut-off-message-is-no-message",
    "connection.recv_bytes_into.cut-off-message-is-no-message",
    "connection.recv_bytes.waits-for-the-whole-message",
)
def one_read_is_enough() -> None:
    @replace(Connection, "_recv")
    def _recv(original: Any, self: Any, size: int) -> Any:
        if size <= 4:
            return original(self, size)
        data = io.BytesIO()
        data.write(os.read(self.fileno(), size))
        return data


@mutant("connection.recv.cut-off-message-is-no-object")
def a_cut_off_object_is_none() -> None:
    @replace(Connection, "recv")
    def recv(original: Any, self: Any) -> Any:
        try:
            return original(self)
        except OSError:
            return None


@mutant(
    "connection.recv.signal-does-not-end-it",
    "connection.recv_bytes.signal-does-not-end-it",
    "connection.recv_bytes_into.signal-does-not-end-it",
)
def a_signal_ends_what_receives() -> None:
    @replace(Connection, "_recv_bytes")
    def _recv_bytes(original: Any, self: Any, maxsize: Any = None) -> Any:
        return interruptible(original.__get__(self), maxsize)


# fileno and close


@mutant("connection.fileno.is-an-open-descriptor", "connection.fileno.is-what-the-connection-reads")
def fileno_is_another_descriptor() -> None:
    @replace(Connection, "fileno")
    def fileno(original: Any, self: Any) -> Any:
        return original(self) + 500


@mutant("connection.fileno.is-an-open-descriptor")
def fileno_is_a_string() -> None:
    @replace(Connection, "fileno")
    def fileno(original: Any, self: Any) -> Any:
        return str(original(self))


@mutant("connection.fileno.is-what-the-connection-reads")
def fileno_is_always_readable() -> None:
    @replace(Connection, "fileno")
    def fileno(original: Any, self: Any) -> Any:
        ALIVE.append(open(os.devnull))  # noqa: SIM115 - it stays open
        return ALIVE[-1].fileno()


@mutant(
    "connection.close.releases-the-descriptor",
    "connection.with.closes",
    "connection.with.closes-after-an-exception",
)
def close_leaves_the_descriptor_open() -> None:
    @replace(Connection, "close")
    def close(original: Any, self: Any) -> None:
        if self._handle is not None:
            ALIVE.append(os.dup(self._handle))
            os.set_inheritable(ALIVE[-1], False)
            handle = self._handle
            original(self)
            os.dup2(ALIVE[-1], handle)


@mutant("connection.close.ends-sending-and-receiving")
def close_does_nothing() -> None:
    @replace(Connection, "close")
    def close(original: Any, self: Any) -> None:
        pass


@mutant("connection.close.by-garbage-collection")
def garbage_stays_open() -> None:
    @replace(Connection, "__del__")
    def no_del(original: Any, self: Any) -> None:
        ALIVE.append(self)


@mutant("connection.with.returns-the-connection")
def with_gives_nothing() -> None:
    @replace(Connection, "__enter__")
    def enter(original: Any, self: Any) -> None:
        original(self)


@mutant("connection.with.closes-after-an-exception")
def with_swallows_exceptions() -> None:
    @replace(Connection, "__exit__")
    def leave(original: Any, self: Any, *args: Any) -> bool:
        original(self, *args)
        return True


# poll


@mutant("connection.poll.true-with-data", "connection.poll.true-until-all-is-read")
def poll_is_false() -> None:
    @replace(Connection, "poll")
    def poll(original: Any, self: Any, timeout: Any = 0.0) -> bool:
        return False


@mutant("connection.poll.true-with-data")
def poll_returns_a_list() -> None:
    @replace(Connection, "poll")
    def poll(original: Any, self: Any, timeout: Any = 0.0) -> Any:
        return [self] if original(self, timeout) else []


@mutant(
    "connection.poll.false-without-data",
    "connection.poll.timeout-returns-false",
    "connection.poll.true-until-all-is-read",
)
def poll_is_true() -> None:
    @replace(Connection, "poll")
    def poll(original: Any, self: Any, timeout: Any = 0.0) -> bool:
        return True


@mutant("connection.poll.false-without-data", "connection.poll.timeout-returns-false")
def poll_waits_for_ever() -> None:
    @replace(Connection, "poll")
    def poll(original: Any, self: Any, timeout: Any = 0.0) -> Any:
        return original(self, None)


@mutant("connection.poll.leaves-the-data")
def poll_takes_a_message() -> None:
    @replace(Connection, "poll")
    def poll(original: Any, self: Any, timeout: Any = 0.0) -> Any:
        found = original(self, timeout)
        if found:
            self._recv_bytes()
        return found


@mutant(
    "connection.poll.timeout-is-not-cut-short",
    "connection.poll.timeout-ends-with-data",
    "connection.poll.none-blocks-until-data",
)
def poll_takes_milliseconds() -> None:
    @replace(Connection, "poll")
    def poll(original: Any, self: Any, timeout: Any = 0.0) -> Any:
        return original(self, min(timeout or 0.001, 1) / 1000)


@mutant("connection.poll.timeout-ends-with-data")
def poll_uses_up_its_timeout() -> None:
    @replace(Connection, "poll")
    def poll(original: Any, self: Any, timeout: Any = 0.0) -> Any:
        time.sleep(timeout or 0)
        return original(self)


@mutant("connection.poll.signal-does-not-end-it")
def a_signal_ends_poll() -> None:
    @replace(Connection, "poll")
    def poll(original: Any, self: Any, timeout: Any = 0.0) -> Any:
        return interruptible(original.__get__(self), timeout)


# send_bytes


@mutant(
    "connection.send_bytes.message-arrives",
    "connection.send_bytes.boundaries-are-kept",
    "connection.recv_bytes.raises-eoferror-when-other-end-closed",
    "connection.example.objects-bytes-and-arrays",
)
def recv_bytes_leaves_out_the_last_byte() -> None:
    @replace(Connection, "recv_bytes")
    def recv_bytes(original: Any, self: Any, maxlength: Any = None) -> Any:
        return original(self, maxlength)[:-1]


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


@mutant("connection.send_bytes.offset")
def offset_is_ignored() -> None:
    @replace(Connection, "send_bytes")
    def send_bytes(original: Any, self: Any, buffer: Any, offset: int = 0, size: Any = None) -> None:
        original(self, buffer, 0, size)


# recv_bytes


@mutant("connection.recv_bytes.returns-bytes")
def recv_bytes_returns_a_bytearray() -> None:
    @replace(Connection, "recv_bytes")
    def recv_bytes(original: Any, self: Any, maxlength: Any = None) -> Any:
        return bytearray(original(self, maxlength))


@mutant("connection.recv_bytes.maxlength-lets-shorter-pass")
def maxlength_is_taken_for_a_length_to_stay_below() -> None:
    @replace(Connection, "recv_bytes")
    def recv_bytes(original: Any, self: Any, maxlength: Any = None) -> Any:
        return original(self, maxlength and maxlength - 1)


@mutant(
    "connection.recv_bytes.maxlength-exceeded-raises-oserror",
    "connection.recv_bytes.maxlength-exceeded-ends-reading",
)
def maxlength_cuts_the_message() -> None:
    @replace(Connection, "recv_bytes")
    def recv_bytes(original: Any, self: Any, maxlength: Any = None) -> Any:
        return original(self)[:maxlength]


@mutant("connection.recv_bytes.maxlength-exceeded-ends-reading")
def a_connection_is_readable_after_a_message_that_was_too_long() -> None:
    @replace(Connection, "recv_bytes")
    def recv_bytes(original: Any, self: Any, maxlength: Any = None) -> Any:
        message = original(self)
        if maxlength is not None and len(message) > maxlength:
            raise OSError("too long")
        return message


# recv_bytes_into


@mutant(
    "connection.recv_bytes_into.writes-the-message", "connection.recv_bytes_into.raises-eoferror-when-other-end-closed"
)
def recv_bytes_into_writes_nothing() -> None:
    @replace(Connection, "recv_bytes_into")
    def recv_bytes_into(original: Any, self: Any, buffer: Any, offset: int = 0) -> Any:
        return len(self.recv_bytes())


@mutant("connection.recv_bytes_into.writes-the-message")
def recv_bytes_into_clears_the_rest() -> None:
    @replace(Connection, "recv_bytes_into")
    def recv_bytes_into(original: Any, self: Any, buffer: Any, offset: int = 0) -> Any:
        size = original(self, buffer, offset)
        memoryview(buffer).cast("B")[offset + size :] = bytes(memoryview(buffer).nbytes - offset - size)
        return size


@mutant(
    "connection.recv_bytes_into.returns-the-number-of-bytes",
    "connection.example.objects-bytes-and-arrays",
)
def recv_bytes_into_counts_items() -> None:
    @replace(Connection, "recv_bytes_into")
    def recv_bytes_into(original: Any, self: Any, buffer: Any, offset: int = 0) -> Any:
        return original(self, buffer, offset) // memoryview(buffer).itemsize


@mutant("connection.recv_bytes_into.offset", "connection.recv_bytes_into.too-short-with-offset")
def recv_bytes_into_ignores_the_offset() -> None:
    @replace(Connection, "recv_bytes_into")
    def recv_bytes_into(original: Any, self: Any, buffer: Any, offset: int = 0) -> Any:
        return original(self, buffer)


@mutant("connection.recv_bytes_into.too-short-with-offset")
def buffer_too_short_has_what_has_room() -> None:
    @replace(Connection, "recv_bytes_into")
    def recv_bytes_into(original: Any, self: Any, buffer: Any, offset: int = 0) -> Any:
        try:
            return original(self, buffer, offset)
        except multiprocessing.BufferTooShort as error:
            raise multiprocessing.BufferTooShort(error.args[0][: len(buffer) - offset]) from None


@mutant("connection.recv_bytes_into.too-short-takes-the-message")
def a_message_without_room_comes_again() -> None:
    @replace(Connection, "_recv_bytes")
    def _recv_bytes(original: Any, self: Any, maxsize: Any = None) -> Any:
        again, self.again = getattr(self, "again", None), None
        return again or original(self, maxsize)

    @replace(Connection, "recv_bytes_into")
    def recv_bytes_into(original: Any, self: Any, buffer: Any, offset: int = 0) -> Any:
        try:
            return original(self, buffer, offset)
        except multiprocessing.BufferTooShort as error:
            self.again = io.BytesIO(error.args[0])
            raise


# Connections between processes, the example


@mutant("connection.transfer.to-a-child", "connection.transfer.from-a-child")
def connections_arrive_closed() -> None:
    @replace(Connection, "recv")
    def recv(original: Any, self: Any) -> Any:
        item = original(self)
        if isinstance(item, Connection):
            item.close()
            gc.collect()
        return item


# Connections that come from a listener and its client


def is_of_family(connection: Any, family: Any) -> bool:
    """Return whether it is the socket of this family that a listener or a client has made, and no pipe."""
    if connection.closed or not stat.S_ISSOCK(os.fstat(connection._handle).st_mode):
        return False
    with socket.socket(fileno=os.dup(connection._handle)) as copy:
        return copy.family == family and bool(copy.getsockname() or copy.getpeername())  # those of a pipe have no names


def replace_for(family: Any, name: str) -> Callable[[Any], None]:
    """Put a function in the place of a method, for the connections of this family only."""

    def put(function: Any) -> None:
        @replace(Connection, name)
        def instead(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
            if is_of_family(self, family):
                return function(original, self, *args, **kwargs)
            return original(self, *args, **kwargs)

    return put


@mutant("connection.send.over-a-listener")
def lists_arrive_as_tuples_by_a_listener() -> None:
    @replace_for(socket.AF_INET, "recv")
    def recv(original: Any, self: Any) -> Any:
        item = original(self)
        return tuple(item) if isinstance(item, list) else item


@mutant("connection.send.over-a-listener", "connection.send_bytes.over-a-listener")
def large_messages_by_a_listener_lose_their_last_byte() -> None:
    @replace_for(socket.AF_INET, "_recv_bytes")
    def _recv_bytes(original: Any, self: Any, maxsize: Any = None) -> Any:
        data = original(self, maxsize)
        return io.BytesIO(data.getvalue()[:-1] + b"x") if data and data.tell() > 65_536 else data


@mutant("connection.send.over-af_unix")
def large_messages_by_af_unix_lose_their_last_byte() -> None:
    @replace_for(socket.AF_UNIX, "_recv_bytes")
    def _recv_bytes(original: Any, self: Any, maxsize: Any = None) -> Any:
        data = original(self, maxsize)
        return io.BytesIO(data.getvalue()[:-1] + b"x") if data and data.tell() > 65_536 else data


@mutant(
    "connection.recv.over-a-listener",
    "connection.close.over-a-listener",
    "connection.recv_bytes.over-a-listener",
    "connection.recv_bytes_into.over-a-listener",
)
def the_end_of_a_connection_of_a_listener_raises_oserror() -> None:
    @replace_for(socket.AF_INET, "_recv_bytes")
    def _recv_bytes(original: Any, self: Any, maxsize: Any = None) -> Any:
        try:
            return original(self, maxsize)
        except EOFError:
            raise OSError("the end") from None


@mutant("connection.recv.over-a-listener")
def recv_by_a_listener_returns_none_when_there_is_nothing() -> None:
    @replace_for(socket.AF_INET, "recv")
    def recv(original: Any, self: Any) -> Any:
        return original(self) if self.poll(0.01) else None


@mutant("connection.fileno.over-a-listener")
def fileno_of_a_connection_of_a_listener_is_another_descriptor() -> None:
    @replace_for(socket.AF_INET, "fileno")
    def fileno(original: Any, self: Any) -> Any:
        ALIVE.append(open(os.devnull))  # noqa: SIM115 - it stays open
        return ALIVE[-1].fileno()


@mutant("connection.close.over-a-listener")
def close_leaves_the_socket_of_a_listener_open() -> None:
    @replace_for(socket.AF_INET, "close")
    def close(original: Any, self: Any) -> None:
        ALIVE.append(os.dup(self._handle))
        original(self)


@mutant("connection.poll.over-a-listener")
def poll_by_a_listener_is_true() -> None:
    @replace_for(socket.AF_INET, "poll")
    def poll(original: Any, self: Any, timeout: Any = 0.0) -> bool:
        return True


@mutant("connection.poll.over-a-listener")
def poll_none_by_a_listener_does_not_block() -> None:
    @replace_for(socket.AF_INET, "poll")
    def poll(original: Any, self: Any, timeout: Any = 0.0) -> Any:
        return original(self, timeout or 0.0)


@mutant("connection.recv_bytes.over-a-listener")
def maxlength_by_a_listener_cuts_the_message() -> None:
    @replace_for(socket.AF_INET, "recv_bytes")
    def recv_bytes(original: Any, self: Any, maxlength: Any = None) -> Any:
        return original(self)[:maxlength]


@mutant("connection.recv_bytes_into.over-a-listener")
def recv_bytes_into_by_a_listener_writes_nothing() -> None:
    @replace_for(socket.AF_INET, "recv_bytes_into")
    def recv_bytes_into(original: Any, self: Any, buffer: Any, offset: int = 0) -> Any:
        return len(self.recv_bytes())


@mutant("connection.transfer.over-a-listener")
def connections_of_a_listener_arrive_closed() -> None:
    @replace(Connection, "recv")
    def recv(original: Any, self: Any) -> Any:
        item = original(self)
        if isinstance(item, Connection) and is_of_family(item, socket.AF_INET):
            item.close()
        return item
