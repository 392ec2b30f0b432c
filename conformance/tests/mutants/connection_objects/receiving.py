"""Mutants of recv() and recv_bytes()."""

from __future__ import annotations

import io
import multiprocessing
import os
from typing import Any

from mutants import mutant, replace
from mutants.connection_objects.common import Connection, interruptible, looks_now_and_then


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


@mutant("connection.recv.blocks-until-there-is-an-object", "connection.recv.over-a-listener")
def recv_looks_now_and_then() -> None:
    looks_now_and_then("recv")


@mutant("connection.recv_bytes.blocks-until-there-is-a-message", "connection.recv_bytes.over-a-listener")
def recv_bytes_looks_now_and_then() -> None:
    looks_now_and_then("recv_bytes")


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


@mutant(
    "connection.recv.returns-what-is-left-first",
    "connection.recv_bytes.raises-eoferror-when-other-end-closed",
    "connection.recv_bytes_into.raises-eoferror-when-other-end-closed",
)
def the_end_is_told_once() -> None:
    @replace(Connection, "_recv_bytes")
    def _recv_bytes(original: Any, self: Any, maxsize: Any = None) -> Any:
        try:
            return original(self, maxsize)
        except EOFError:
            self.close()
            raise


@mutant("connection.recv.raises-eoferror-when-other-process-ends")
def what_a_child_has_sent_is_lost_with_it() -> None:
    """As where the messages of a process wait in its memory to be written."""

    @replace(Connection, "send")
    def send(original: Any, self: Any, item: Any) -> None:
        if multiprocessing.parent_process() is None:
            original(self, item)


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


# recv_bytes


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


@mutant("connection.recv_bytes.maxlength-exceeded-raises-oserror")
def a_maxlength_of_0_is_none() -> None:
    @replace(Connection, "recv_bytes")
    def recv_bytes(original: Any, self: Any, maxlength: Any = None) -> Any:
        return original(self, maxlength or None)


@mutant("connection.recv_bytes.maxlength-exceeded-raises-oserror", "connection.recv_bytes.over-a-listener")
def a_message_that_is_too_long_is_a_wrong_value() -> None:
    @replace(Connection, "_bad_message_length")
    def _bad_message_length(original: Any, self: Any) -> None:
        try:
            original(self)
        except OSError as error:
            raise ValueError("bad message length") from error


@mutant("connection.recv_bytes.maxlength-exceeded-ends-reading")
def a_connection_is_readable_after_a_message_that_was_too_long() -> None:
    @replace(Connection, "recv_bytes")
    def recv_bytes(original: Any, self: Any, maxlength: Any = None) -> Any:
        message = original(self)
        if maxlength is not None and len(message) > maxlength:
            raise OSError("too long")
        return message


@mutant("connection.recv_bytes.maxlength-exceeded-ends-reading", "connection.recv_bytes.over-a-listener")
def only_recv_bytes_notes_that_a_message_was_too_long() -> None:
    @replace(Connection, "recv_bytes")
    def recv_bytes(original: Any, self: Any, maxlength: Any = None) -> Any:
        if getattr(self, "exceeded", False):
            raise OSError("not readable")
        message = original(self)
        if maxlength is not None and len(message) > maxlength:
            self.exceeded = True
            raise OSError("too long")
        return message
