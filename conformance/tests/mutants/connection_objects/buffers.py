"""Mutants of recv_bytes_into()."""

from __future__ import annotations

import io
import multiprocessing
from typing import Any

from mutants import mutant, replace
from mutants.connection_objects.common import Connection, looks_now_and_then


@mutant("connection.recv_bytes_into.blocks-until-there-is-a-message")
def recv_bytes_into_returns_0_when_there_is_nothing() -> None:
    @replace(Connection, "recv_bytes_into")
    def recv_bytes_into(original: Any, self: Any, *args: Any) -> Any:
        return original(self, *args) if self.poll(0.01) else 0


@mutant("connection.recv_bytes_into.blocks-until-there-is-a-message", "connection.recv_bytes_into.over-a-listener")
def recv_bytes_into_looks_now_and_then() -> None:
    looks_now_and_then("recv_bytes_into")


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


@mutant("connection.recv_bytes_into.offset-at-the-end-raises")
def a_message_behind_the_buffer_is_dropped() -> None:
    @replace(Connection, "recv_bytes_into")
    def recv_bytes_into(original: Any, self: Any, buffer: Any, offset: int = 0) -> Any:
        return original(self, buffer, offset) if offset < len(buffer) else len(self.recv_bytes())


@mutant("connection.recv_bytes_into.offset-at-the-end-raises")
def an_offset_behind_the_buffer_is_0() -> None:
    @replace(Connection, "recv_bytes_into")
    def recv_bytes_into(original: Any, self: Any, buffer: Any, offset: int = 0) -> Any:
        count = original(self, buffer, offset if offset < len(buffer) else 0)
        if offset > len(buffer):
            raise ValueError("offset")
        return count
