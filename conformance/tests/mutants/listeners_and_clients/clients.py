"""Mutants of Client."""

from __future__ import annotations

from typing import Any

from mutants import mutant, replace
from mutants.listeners_and_clients.common import Wrapped, connection


@mutant("client.call.returns-a-connection")
def client_returns_something_else() -> None:
    @replace(connection, "Client")
    def client(original: Any, *args: Any, **kwargs: Any) -> Any:
        return Wrapped(original(*args, **kwargs))


@mutant("client.call.raises-without-a-listener", "client.call.raises-without-a-listener-at-a-path")
def client_connects_to_nobody() -> None:
    @replace(connection, "Client")
    def client(original: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return original(*args, **kwargs)
        except OSError:
            return connection.Pipe()[0]


@mutant("client.family.inferred-from-address")
def client_takes_every_address_for_a_path() -> None:
    @replace(connection, "Client")
    def client(original: Any, address: Any, family: str | None = None, authkey: bytes | None = None) -> Any:
        if family is None and not isinstance(address, str):
            raise ValueError(f"no path: {address!r}")
        return original(address, family, authkey)


@mutant("client.family.given")
def client_refuses_a_family() -> None:
    @replace(connection, "Client")
    def client(original: Any, address: Any, family: str | None = None, authkey: bytes | None = None) -> Any:
        if family is not None:
            raise ValueError("what is a family?")
        return original(address, family, authkey)


@mutant("client.authkey.none-sends-nothing")
def client_greets() -> None:
    @replace(connection, "Client")
    def client(original: Any, *args: Any, **kwargs: Any) -> Any:
        made = original(*args, **kwargs)
        made.send("hello")
        return made


@mutant("client.authkey.impostor-raises")
def client_trusts_everybody() -> None:
    @replace(connection, "Client")
    def client(original: Any, address: Any, family: str | None = None, authkey: bytes | None = None) -> Any:
        made = original(address, family)
        if authkey is not None:
            connection.answer_challenge(made, authkey)
        return made


@mutant("client.authkey.listener-without-key-is-refused")
def client_forgets_its_key() -> None:
    @replace(connection, "Client")
    def client(original: Any, address: Any, family: str | None = None, authkey: bytes | None = None) -> Any:
        return original(address, family)


@mutant("client.authkey.empty-key-is-a-key")
def client_takes_an_empty_key_for_none() -> None:
    @replace(connection, "Client")
    def client(original: Any, address: Any, family: str | None = None, authkey: bytes | None = None) -> Any:
        return original(address, family, authkey or None)


@mutant("client.authkey.none-sends-nothing")
def client_waits_for_a_greeting() -> None:
    @replace(connection, "Client")
    def client(original: Any, *args: Any, **kwargs: Any) -> Any:
        made = original(*args, **kwargs)
        made.poll(None)
        return made


@mutant("client.authkey.listener-that-closes-is-refused")
def client_is_let_in_where_nobody_asks() -> None:
    @replace(connection, "Client")
    def client(original: Any, address: Any, family: str | None = None, authkey: bytes | None = None) -> Any:
        try:
            return original(address, family, authkey)
        except (EOFError, OSError):
            return connection.Pipe()[0]


@mutant("client.authkey.not-bytes-trusts-nobody")
def client_takes_a_str_for_no_key() -> None:
    @replace(connection, "Client")
    def client(original: Any, address: Any, family: str | None = None, authkey: Any = None) -> Any:
        return original(address, family, authkey if isinstance(authkey, bytes) else None)
