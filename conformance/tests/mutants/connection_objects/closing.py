"""Mutants of fileno(), close() and the with statement."""

from __future__ import annotations

import os
import threading
import time
from typing import Any

from mutants import mutant, replace
from mutants.connection_objects.common import ALIVE, Connection


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


def after_close(*names: str) -> None:
    """Let these methods go on by another descriptor when a connection is closed."""

    @replace(Connection, "close")
    def close(original: Any, self: Any) -> None:
        if not self.closed:
            self.other = Connection(os.dup(self._handle), self._readable, self._writable)
        original(self)

    for name in names:

        @replace(Connection, name)
        def method(original: Any, self: Any, *args: Any, name: str = name) -> Any:
            return getattr(self.other, name)(*args) if self.closed else original(self, *args)


@mutant("connection.close.ends-sending-and-receiving")
def close_does_not_end_send() -> None:
    after_close("send")


@mutant("connection.close.ends-sending-and-receiving")
def close_does_not_end_send_bytes() -> None:
    after_close("send_bytes")


@mutant("connection.close.ends-sending-and-receiving")
def close_does_not_end_recv() -> None:
    after_close("recv")


@mutant("connection.close.ends-sending-and-receiving")
def close_does_not_end_recv_bytes() -> None:
    after_close("recv_bytes")


@mutant("connection.close.ends-sending-and-receiving")
def close_does_not_end_recv_bytes_into() -> None:
    after_close("recv_bytes_into")


@mutant("connection.close.poll-is-not-true-afterwards")
def close_does_not_end_poll() -> None:
    after_close("poll")


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


@mutant("connection.with.closes", "connection.with.closes-after-an-exception")
def with_closes_a_little_later() -> None:
    @replace(Connection, "__exit__")
    def leave(original: Any, self: Any, *args: Any) -> None:
        def close() -> None:
            time.sleep(0.2)
            self.close()

        threading.Thread(target=close).start()


@mutant("connection.with.closes-after-an-exception")
def with_closes_only_without_an_exception() -> None:
    @replace(Connection, "__exit__")
    def leave(original: Any, self: Any, kind: Any, *args: Any) -> None:
        if kind is None:
            self.close()
        else:
            ALIVE.append(self)


@mutant("connection.with.closes-after-an-exception")
def with_swallows_exceptions() -> None:
    @replace(Connection, "__exit__")
    def leave(original: Any, self: Any, *args: Any) -> bool:
        original(self, *args)
        return True


@mutant("connection.close.by-garbage-collection")
def what_only_receives_stays_open_as_garbage() -> None:
    @replace(Connection, "__del__")
    def no_del(original: Any, self: Any) -> None:
        if self._writable:
            original(self)
        else:
            ALIVE.append(self)
