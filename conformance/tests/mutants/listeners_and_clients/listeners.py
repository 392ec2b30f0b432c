"""Mutants of Listener: its family, its address, its backlog, and its end."""

from __future__ import annotations

import os
import socket
import threading
import time
from pathlib import Path
from typing import Any

from mutants import mutant, replace
from mutants.listeners_and_clients.common import after_init, connection


@mutant("listener.call.takes-an-address")
def listener_refuses_port_0() -> None:
    @replace(connection.Listener, "__init__")
    def init(original: Any, self: Any, address: Any = None, *args: Any, **kwargs: Any) -> None:
        if isinstance(address, tuple) and not address[1]:
            raise ValueError("a port, please")
        original(self, address, *args, **kwargs)


@mutant("listener.call.needs-no-arguments")
def listener_needs_an_address() -> None:
    @replace(connection.Listener, "__init__")
    def init(original: Any, self: Any, address: Any, *args: Any, **kwargs: Any) -> None:
        original(self, address, *args, **kwargs)


@mutant("listener.class.is-a-listening-socket", "listener.class.is-a-listening-unix-socket")
def listener_does_not_listen() -> None:
    @replace(connection.SocketListener, "__init__")
    def init(original: Any, self: Any, *args: Any) -> None:
        original(self, *args)
        self._socket.shutdown(socket.SHUT_RDWR)


def without_family(lost: str) -> None:
    """Take a family away."""

    @replace(connection.Listener, "__init__")
    def init(
        original: Any, self: Any, address: Any = None, family: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        if family == lost:
            raise ValueError(f"{lost} is not available")
        original(self, address, family, *args, **kwargs)


@mutant("listener.family.af_inet")
def no_af_inet() -> None:
    without_family("AF_INET")


@mutant("listener.family.af_unix")
def no_af_unix() -> None:
    without_family("AF_UNIX")


@mutant("listener.family.inferred-from-address")
def every_address_is_a_host_and_port() -> None:
    @replace(connection, "address_type")
    def address_type(original: Any, address: Any) -> str:
        return "AF_INET"


@mutant("listener.family.af_inet-default-address")
def no_default_for_af_inet() -> None:
    @replace(connection, "arbitrary_address")
    def arbitrary_address(original: Any, family: str) -> Any:
        if family == "AF_INET":
            raise ValueError("an address, please")
        return original(family)


@mutant("listener.family.af_unix-default-address")
def default_of_af_unix_is_not_temporary() -> None:
    @replace(connection, "arbitrary_address")
    def arbitrary_address(original: Any, family: str) -> Any:
        return os.environ["MPCONFORM_SCRATCH"] + "/default"


@mutant("listener.family.af_unix-default-is-private")
def default_of_af_unix_is_public() -> None:
    def open_directory(listener: Any) -> None:
        if isinstance(listener.address, str):
            Path(listener.address).parent.chmod(0o755)

    after_init(open_directory)


@mutant("listener.address.is-the-one-given", "listener.address.is-the-path-given")
def address_has_another_type() -> None:
    inherited = connection.Listener.address

    def address(self: Any) -> Any:
        told = inherited.fget(self)
        return os.fsencode(told) if isinstance(told, str) else list(told)

    connection.Listener.address = property(address)


@mutant("listener.address.shows-the-real-port")
def address_is_what_was_given() -> None:
    @replace(connection.SocketListener, "__init__")
    def init(original: Any, self: Any, address: Any, *args: Any) -> None:
        original(self, address, *args)
        self._address = address


@mutant("listener.address.read-only", "listener.last_accepted.read-only")
def properties_can_be_set() -> None:
    for name in ("address", "last_accepted"):

        def change(self: Any, value: Any, name: str = name) -> None:
            setattr(self._listener, f"_{name}", value)

        setattr(connection.Listener, name, getattr(connection.Listener, name).setter(change))


@mutant("listener.address.in-use-raises", "listener.address.path-in-use-raises")
def listener_goes_elsewhere_if_the_address_is_in_use() -> None:
    @replace(connection.Listener, "__init__")
    def init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        try:
            original(self, *args, **kwargs)
        except OSError:
            original(self)


@mutant("listener.backlog.is-passed-on")
def backlog_is_ignored() -> None:
    @replace(connection.SocketListener, "__init__")
    def init(original: Any, self: Any, address: Any, family: str, _: int = 1) -> None:
        original(self, address, family)


@mutant("listener.backlog.is-1-by-default")
def backlog_is_5_by_default() -> None:
    @replace(connection.Listener, "__init__")
    def init(
        original: Any, self: Any, address: Any = None, family: str | None = None, backlog: int = 5, *rest: Any
    ) -> None:
        original(self, address, family, backlog, *rest)


@mutant(
    "listener.close.refuses-clients",
    "listener.close.refuses-clients-at-a-path",
    "listener.close.accept-raises",
    "listener.close.frees-the-address",
)
def close_does_nothing() -> None:
    @replace(connection.Listener, "close")
    def close(original: Any, self: Any) -> None:
        self.kept = self


@mutant("listener.close.keeps-accepted-connections")
def close_closes_the_connections() -> None:
    @replace(connection.Listener, "accept")
    def accept(original: Any, self: Any) -> Any:
        self.latest = original(self)
        return self.latest

    @replace(connection.Listener, "close")
    def close(original: Any, self: Any) -> None:
        original(self)
        self.latest.close()


@mutant("listener.close.by-garbage-collection", "listener.close.by-garbage-collection-at-a-path")
def listeners_are_kept() -> None:
    kept: list[Any] = []
    after_init(kept.append)


@mutant("listener.with.returns-the-listener")
def with_gives_what_is_inside() -> None:
    @replace(connection.Listener, "__enter__")
    def enter(original: Any, self: Any) -> Any:
        return self._listener


@mutant("listener.with.closes")
def with_does_not_close() -> None:
    @replace(connection.Listener, "__exit__")
    def exit_(original: Any, self: Any, *_: object) -> None:
        pass


@mutant("listener.with.closes")
def with_swallows_exceptions() -> None:
    @replace(connection.Listener, "__exit__")
    def exit_(original: Any, self: Any, *details: object) -> bool:
        original(self, *details)
        return True


@mutant("listener.example.server-and-client")
def recv_bytes_into_does_not_count() -> None:
    @replace(connection.Connection, "recv_bytes_into")
    def recv_bytes_into(original: Any, self: Any, buffer: Any, offset: int = 0) -> None:
        original(self, buffer, offset)


@mutant("listener.address.is-the-one-given", "listener.address.is-the-path-given")
def address_is_that_of_the_last_client() -> None:
    @replace(connection.SocketListener, "accept")
    def accept(original: Any, self: Any) -> Any:
        accepted = original(self)
        self._address = self._last_accepted
        return accepted


@mutant("listener.address.in-use-raises", "listener.address.path-in-use-raises")
def a_listener_takes_the_address_of_another() -> None:
    latest: list[Any] = []

    @replace(connection.Listener, "__init__")
    def init(original: Any, self: Any, address: Any = None, *args: Any, **kwargs: Any) -> None:
        if latest and latest[-1].address == address:
            latest[-1].close()
        original(self, address, *args, **kwargs)
        latest.append(self)


@mutant("listener.backlog.is-passed-on")
def backlog_is_5_at_least() -> None:
    @replace(connection.SocketListener, "__init__")
    def init(original: Any, self: Any, address: Any, family: str, backlog: int = 1) -> None:
        original(self, address, family, max(backlog, 5))


@mutant("listener.close.refuses-clients", "listener.with.closes")
def close_waits_a_little() -> None:
    @replace(connection.Listener, "close")
    def close(original: Any, self: Any) -> None:
        def later() -> None:
            time.sleep(0.3)
            original(self)

        threading.Thread(target=later).start()
