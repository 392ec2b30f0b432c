"""Mutants of connections that are sent to other processes."""

from __future__ import annotations

import gc
from typing import Any

from mutants import mutant, replace
from mutants.connection_objects.common import Connection


@mutant("connection.transfer.to-a-child", "connection.transfer.from-a-child")
def connections_arrive_closed() -> None:
    @replace(Connection, "recv")
    def recv(original: Any, self: Any) -> Any:
        item = original(self)
        if isinstance(item, Connection):
            item.close()
            gc.collect()
        return item


def cannot_be_sent_above(number: int) -> None:
    """Refuse to send a connection whose descriptor is above this."""

    @replace(Connection, "send")
    def send(original: Any, self: Any, item: Any) -> None:
        if isinstance(item, Connection) and item.fileno() > number:
            raise OverflowError("descriptor out of range")
        original(self, item)


@mutant("connection.transfer.descriptor-above-1023")
def a_descriptor_travels_as_a_byte() -> None:
    cannot_be_sent_above(255)


@mutant("connection.transfer.descriptor-above-1023")
def a_descriptor_travels_as_select_has_it() -> None:
    cannot_be_sent_above(1023)


@mutant("connection.transfer.to-a-grandchild")
def what_was_received_cannot_be_sent_on() -> None:
    @replace(Connection, "recv")
    def recv(original: Any, self: Any) -> Any:
        item = original(self)
        if isinstance(item, Connection):
            item.received = True
        return item

    @replace(Connection, "send")
    def send(original: Any, self: Any, item: Any) -> None:
        if getattr(item, "received", False):
            raise ValueError("it belongs to another process")
        original(self, item)
