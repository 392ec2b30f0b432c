"""Mutants of connections that come from a listener and its client."""

from __future__ import annotations

import io
import os
import socket
from typing import Any

from mutants import mutant, replace
from mutants.connection_objects.common import ALIVE, Connection, is_of_family, replace_for


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
