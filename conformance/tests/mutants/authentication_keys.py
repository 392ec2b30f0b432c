"""Mutants of authentication keys."""

from __future__ import annotations

import base64
import hmac
import multiprocessing.connection
import multiprocessing.managers
import multiprocessing.process
import os
from types import SimpleNamespace
from typing import Any

from mutants import mutant, replace

connection = multiprocessing.connection

UNSEEN: dict[str, str] = {}


@mutant("authkey.proof.accept-waits-for-it", "authkey.proof.repeated-client-is-refused")
def listeners_demand_no_proof() -> None:
    @replace(connection.Listener, "accept")
    def accept(original: Any, self: Any) -> Any:
        self._authkey = None
        return original(self)


@mutant("authkey.proof.client-waits-for-it", "authkey.proof.repeated-listener-is-refused")
def clients_demand_no_proof() -> None:
    @replace(connection, "Client")
    def client(original: Any, address: Any, family: Any = None, authkey: Any = None) -> Any:
        return original(address, family)


@mutant("authkey.proof.repeated-client-is-refused", "authkey.proof.repeated-listener-is-refused")
def all_challenges_are_the_same() -> None:
    def zeros(size: int) -> bytes:
        return bytes(size)

    @replace(connection, "deliver_challenge")
    def deliver_challenge(original: Any, *args: Any) -> None:
        before, os.urandom = os.urandom, zeros
        try:
            original(*args)
        finally:
            os.urandom = before


@mutant("authkey.proof.listener-unpickles-nothing-before")
def listeners_unpickle_the_answer() -> None:
    @replace(connection, "deliver_challenge")
    def deliver_challenge(original: Any, end: Any, key: bytes) -> None:
        end.recv()
        original(end, key)


@mutant("authkey.proof.client-unpickles-nothing-before")
def clients_unpickle_the_challenge() -> None:
    @replace(connection, "answer_challenge")
    def answer_challenge(original: Any, end: Any, key: bytes) -> None:
        end.recv()
        original(end, key)


@mutant("authkey.wire.key-is-not-sent")
def the_client_sends_the_key() -> None:
    @replace(connection, "answer_challenge")
    def answer_challenge(original: Any, end: Any, key: bytes) -> None:
        original(end, key)
        end.send_bytes(key.hex().encode())

    @replace(connection, "deliver_challenge")
    def deliver_challenge(original: Any, end: Any, key: bytes) -> None:
        original(end, key)
        end.recv_bytes()


@mutant("authkey.key.from-os-urandom")
def keys_must_not_be_long() -> None:
    @replace(connection, "deliver_challenge")
    def deliver_challenge(original: Any, end: Any, key: bytes) -> None:
        if len(key) > 64:
            raise ValueError("too long")
        original(end, key)


@mutant("authkey.default.key-of-the-process-that-serves", "authkey.default.key-of-the-process-that-connects")
def a_constant_stands_for_the_key() -> None:
    @replace(multiprocessing.managers.BaseManager, "__init__")
    def init(original: Any, self: Any, address: Any = None, authkey: Any = None, *args: Any, **more: Any) -> None:
        original(self, address, authkey or b"default", *args, **more)


@mutant("authkey.shared.parent-and-child")
def children_have_keys_of_their_own() -> None:
    @replace(multiprocessing.process.BaseProcess, "__init__")
    def init(original: Any, self: Any, *args: Any, **more: Any) -> None:
        original(self, *args, **more)
        self._config["authkey"] = multiprocessing.process.AuthenticationString(os.urandom(32))


@mutant("authkey.shared.all-descendants")
def grandchildren_have_keys_of_their_own() -> None:
    @replace(multiprocessing.process.BaseProcess, "__init__")
    def init(original: Any, self: Any, *args: Any, **more: Any) -> None:
        original(self, *args, **more)
        if multiprocessing.process.parent_process() is not None:
            self._config["authkey"] = multiprocessing.process.AuthenticationString(os.urandom(32))


# Each side, and each form of the key.


@mutant("authkey.wire.key-is-not-sent")
def the_listener_sends_the_key() -> None:
    @replace(connection, "deliver_challenge")
    def deliver_challenge(original: Any, end: Any, key: bytes) -> None:
        end.send_bytes(base64.b64encode(key))
        original(end, key)

    @replace(connection, "answer_challenge")
    def answer_challenge(original: Any, end: Any, key: bytes) -> None:
        end.recv_bytes()
        original(end, key)


@mutant("authkey.wire.key-is-not-sent")
def the_digest_is_the_key_backwards() -> None:
    @replace(hmac, "new")
    def new(original: Any, key: bytes, message: bytes, kind: str) -> Any:
        return SimpleNamespace(digest=lambda: key[::-1] + message[:4])


@mutant("authkey.key.from-os-urandom")
def keys_are_text() -> None:
    @replace(connection, "deliver_challenge")
    def deliver_challenge(original: Any, end: Any, key: bytes) -> None:
        original(end, key.decode().encode())


@mutant("authkey.default.key-of-the-process-that-serves")
def a_server_without_a_key_lets_everybody_in() -> None:
    @replace(connection, "deliver_challenge")
    def deliver_challenge(original: Any, end: Any, key: bytes) -> None:
        end.send_bytes(connection.CHALLENGE + bytes(20))
        end.recv_bytes(256)
        end.send_bytes(connection.WELCOME)


@mutant("authkey.default.key-of-the-process-that-connects")
def a_client_without_a_key_has_the_first_key_of_the_process() -> None:
    first = multiprocessing.process.AuthenticationString(multiprocessing.process.current_process().authkey)

    @replace(multiprocessing.managers.BaseManager, "__init__")
    def init(original: Any, self: Any, address: Any = None, authkey: Any = None, *args: Any, **more: Any) -> None:
        original(self, address, authkey or first, *args, **more)
