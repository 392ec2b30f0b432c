"""Mutants of address formats."""

from __future__ import annotations

import multiprocessing.connection
import socket
from typing import Any

from mutants import mutant, replace

connection = multiprocessing.connection

WINDOWS = "it is promised on Windows only"

UNSEEN = {
    "address.pipe.local-name": WINDOWS,
    "address.pipe.family-overrides-for-a-client": (
        "the standard library has this fault itself, so every run shows that the test can fail"
    ),
}


@mutant("address.inet.is-hostname-and-port")
def the_port_of_an_address_is_a_string() -> None:
    @replace(connection.SocketListener, "__init__")
    def init(original: Any, self: Any, address: Any, family: str, backlog: int = 1) -> None:
        original(self, address, family, backlog)
        self._address = (self._address[0], str(self._address[1]))


@mutant("address.inet.is-hostname-and-port")
def an_address_is_a_list() -> None:
    @replace(connection.SocketListener, "__init__")
    def init(original: Any, self: Any, address: Any, family: str, backlog: int = 1) -> None:
        original(self, address, family, backlog)
        self._address = list(self._address)


@mutant("address.inet.is-hostname-and-port")
def the_hostname_of_an_address_is_bytes() -> None:
    @replace(connection.SocketListener, "__init__")
    def init(original: Any, self: Any, address: Any, family: str, backlog: int = 1) -> None:
        original(self, address, family, backlog)
        self._address = (self._address[0].encode(), self._address[1])


@mutant("address.inet.hostname-may-be-a-name-or-a-number")
def a_hostname_is_no_number() -> None:
    @replace(connection, "Client")
    def client(original: Any, address: Any, *args: Any) -> Any:
        if address[0][0].isdigit():
            raise ValueError("a name, please")
        return original(address, *args)


@mutant("address.pipe.two-backslashes-for-a-client")
def a_client_takes_any_string_for_a_filename() -> None:
    @replace(connection, "Client")
    def client(original: Any, address: Any, *args: Any) -> Any:
        with socket.socket(socket.AF_UNIX) as connected:
            connected.connect(address)
            return connection.Connection(connected.detach())


@mutant("address.inet.hostname-may-be-a-name-or-a-number")
def names_of_hosts_are_not_resolved() -> None:
    @replace(connection, "Client")
    def client(original: Any, address: Any, *args: Any) -> Any:
        socket.inet_aton(address[0])
        return original(address, *args)


@mutant("address.unix.is-a-filename", "address.unix.filename-may-be-relative")
def the_file_has_another_name() -> None:
    @replace(connection, "Listener")
    def listener(original: Any, address: Any, *args: Any) -> Any:
        return original(address + ".socket", *args)


@mutant("address.unix.filename-may-be-relative")
def filenames_are_taken_from_the_root() -> None:
    @replace(connection, "Client")
    def client(original: Any, address: Any, *args: Any) -> Any:
        return original(f"/{address}", *args)


@mutant("address.unix.any-filename")
def filenames_are_stripped() -> None:
    @replace(connection, "Client")
    def client(original: Any, address: Any, *args: Any) -> Any:
        return original(address.strip(), *args)


@mutant("address.unix.any-filename", "address.pipe.family-overrides-for-a-listener")
def one_backslash_is_enough_for_a_pipe() -> None:
    @replace(connection, "Listener")
    def listener(original: Any, address: Any, *args: Any) -> Any:
        if address.startswith("\\"):
            raise ValueError("there are no named pipes here")
        return original(address, *args)


@mutant("address.pipe.two-backslashes-for-a-listener", "address.pipe.two-backslashes-for-a-client")
def any_string_is_a_filename() -> None:
    @replace(connection, "address_type")
    def address_type(original: Any, address: Any) -> str:
        return "AF_UNIX" if isinstance(address, str) else "AF_INET"
