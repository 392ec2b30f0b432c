"""Mutants of the challenge, Client and wait()."""

from __future__ import annotations

import array
import fcntl
import hmac
import multiprocessing
import multiprocessing.connection
import os
import signal
import socket
import termios
import threading
import time
from types import SimpleNamespace
from typing import Any

from mutants import mutant, replace
from mutants.listeners_and_clients.common import Wrapped, connection

# The challenge


@mutant(
    "challenge.handshake.same-key-succeeds",
    "listener.authkey.same-key-connects",
)
def answer_reverses_the_key() -> None:
    @replace(connection, "answer_challenge")
    def answer_challenge(original: Any, other: Any, authkey: bytes) -> None:
        original(other, authkey[::-1])


@mutant("challenge.handshake.any-key-opens-itself-only", "listener.authkey.any-key-opens-itself-only")
def keys_are_cut() -> None:
    for name in ("deliver_challenge", "answer_challenge"):

        @replace(connection, name)
        def challenge(original: Any, other: Any, authkey: bytes) -> None:
            original(other, authkey[:500])


@mutant("challenge.handshake.leaves-the-connection-usable")
def deliver_sends_one_message_more() -> None:
    @replace(connection, "deliver_challenge")
    def deliver_challenge(original: Any, other: Any, authkey: bytes) -> None:
        original(other, authkey)
        other.send("welcome again")


@mutant("challenge.deliver.sends-a-random-message", "challenge.deliver.replayed-reply-raises")
def challenge_is_always_the_same() -> None:
    connection.os = SimpleNamespace(**{**vars(os), "urandom": bytes})


@mutant("challenge.deliver.waits-for-the-reply", "challenge.answer.waits-for-the-welcome")
def handshake_goes_on_in_the_background() -> None:
    for name in ("deliver_challenge", "answer_challenge"):

        @replace(connection, name)
        def challenge(original: Any, other: Any, authkey: bytes) -> None:
            threading.Thread(target=original, args=(other, authkey), daemon=True).start()


@mutant("challenge.deliver.mismatch-raises", "challenge.deliver.rubbish-raises")
def deliver_only_sends_a_refusal() -> None:
    @replace(connection, "deliver_challenge")
    def deliver_challenge(original: Any, other: Any, authkey: bytes) -> None:
        try:
            original(other, authkey)
        except multiprocessing.AuthenticationError:
            pass


@mutant(
    "challenge.deliver.mismatch-sends-no-welcome",
    "challenge.answer.refusal-raises",
    "client.authkey.wrong-key-raises",
)
def everybody_is_welcome() -> None:
    for name, welcome in (("FAILURE", "WELCOME"), ("_FAILURE", "_WELCOME")):
        if hasattr(connection, name):
            setattr(connection, name, getattr(connection, welcome))


@mutant("challenge.answer.sends-a-digest-of-message-and-key")
def digest_ignores_the_message() -> None:
    @replace(hmac, "new")
    def new(original: Any, key: bytes, _: bytes, digest: str) -> Any:
        return original(key, b"", digest)


@mutant("challenge.answer.rubbish-for-welcome-raises")
def answer_takes_anything_for_a_welcome() -> None:
    @replace(connection, "answer_challenge")
    def answer_challenge(original: Any, other: Any, authkey: bytes) -> None:
        try:
            original(other, authkey)
        except multiprocessing.AuthenticationError:
            pass


@mutant("challenge.answer.rubbish-for-challenge-raises", "client.authkey.listener-without-key-raises")
def answer_tells_of_a_wrong_value() -> None:
    @replace(connection, "answer_challenge")
    def answer_challenge(original: Any, other: Any, authkey: bytes) -> None:
        try:
            original(other, authkey)
        except multiprocessing.AuthenticationError as error:
            raise ValueError("no challenge") from error


# Client


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


# wait


def keep_of_ready(keep: Any) -> None:
    """Let wait() return only those ready objects for which ``keep`` is true."""

    @replace(connection, "wait")
    def wait(original: Any, object_list: Any, timeout: float | None = None) -> Any:
        return [item for item in original(object_list, timeout) if keep(item)]


@mutant("wait.call.returns-a-list-of-the-objects")
def wait_returns_a_tuple() -> None:
    @replace(connection, "wait")
    def wait(original: Any, object_list: Any, timeout: float | None = None) -> Any:
        return tuple(original(object_list, timeout))


@mutant("wait.call.returns-a-list-of-the-objects")
def wait_returns_descriptors() -> None:
    @replace(connection, "wait")
    def wait(original: Any, object_list: Any, timeout: float | None = None) -> Any:
        return [item if isinstance(item, int) else item.fileno() for item in original(object_list, timeout)]


@mutant(
    "wait.call.returns-exactly-the-ready-ones",
    "wait.connection.of-several-processes",
    "wait.connection.ready-as-long-as-data-is-left",
)
def wait_returns_one() -> None:
    @replace(connection, "wait")
    def wait(original: Any, object_list: Any, timeout: float | None = None) -> Any:
        return original(object_list, timeout)[:1]


@mutant("wait.connection.ready-as-long-as-data-is-left")
def wait_returns_an_object_only_once() -> None:
    told: list[Any] = []

    def first_time(item: Any) -> bool:
        told.append(item)
        return sum(other is item for other in told) == 1

    keep_of_ready(first_time)


@mutant("wait.call.blocks-until-one-is-ready")
def wait_has_a_timeout_by_default() -> None:
    @replace(connection, "wait")
    def wait(original: Any, object_list: Any, timeout: float | None = 0.01) -> Any:
        return original(object_list, timeout)


@mutant("wait.timeout.none-blocks")
def wait_takes_none_for_zero() -> None:
    @replace(connection, "wait")
    def wait(original: Any, object_list: Any, timeout: float | None = None) -> Any:
        return original(object_list, timeout or 0)


@mutant("wait.timeout.bounds-the-wait")
def wait_returns_all_after_the_timeout() -> None:
    @replace(connection, "wait")
    def wait(original: Any, object_list: Any, timeout: float | None = None) -> Any:
        return original(object_list, timeout) or list(object_list)


@mutant("wait.timeout.is-not-cut-short")
def wait_cuts_the_timeout_short() -> None:
    @replace(connection, "wait")
    def wait(original: Any, object_list: Any, timeout: float | None = None) -> Any:
        return original(object_list, timeout and timeout / 10)


@mutant("wait.timeout.ends-when-one-is-ready")
def wait_only_sleeps() -> None:
    @replace(connection, "wait")
    def wait(original: Any, object_list: Any, timeout: float | None = None) -> Any:
        time.sleep(max(timeout or 0, 0))
        return original(object_list, 0)


@mutant("wait.timeout.zero-does-not-block")
def wait_takes_zero_for_none() -> None:
    @replace(connection, "wait")
    def wait(original: Any, object_list: Any, timeout: float | None = None) -> Any:
        return original(object_list, timeout or None)


@mutant("wait.timeout.negative-is-zero")
def wait_refuses_a_negative_timeout() -> None:
    @replace(connection, "wait")
    def wait(original: Any, object_list: Any, timeout: float | None = None) -> Any:
        if timeout is not None and timeout < 0:
            raise ValueError("a timeout cannot be negative")
        return original(object_list, timeout)


@mutant("wait.connection.of-a-listener")
def wait_forgets_what_is_duplex() -> None:
    keep_of_ready(lambda item: not getattr(item, "writable", False))


@mutant(
    "wait.connection.other-end-closed",
    "wait.connection.other-end-ended-with-its-process",
    "wait.socket.other-end-closed",
    "wait.call.returns-exactly-the-ready-ones",
)
def wait_looks_for_data_only() -> None:
    def has_data(item: Any) -> bool:
        size = array.array("i", [0])
        fcntl.ioctl(item, termios.FIONREAD, size)
        return size[0] > 0

    keep_of_ready(has_data)


@mutant("wait.socket.has-data")
def wait_forgets_sockets() -> None:
    keep_of_ready(lambda item: not isinstance(item, socket.socket))


@mutant("wait.objects.of-all-kinds", "wait.unix.takes-what-select-takes")
def wait_forgets_integers() -> None:
    keep_of_ready(lambda item: not isinstance(item, int))


def on_signals(after: Any) -> None:
    """Let wait() notice a signal, and return ``after(again)`` then, where ``again()`` waits once more."""

    @replace(connection, "wait")
    def wait(original: Any, object_list: Any, timeout: float | None = None) -> Any:
        woken, wakeup = os.pipe()
        os.set_blocking(wakeup, False)
        signal.set_wakeup_fd(wakeup, warn_on_full_buffer=False)
        try:
            ready = original([*object_list, woken], timeout)
            return ready if woken not in ready else after(lambda: connection.wait(object_list, timeout))
        finally:
            signal.set_wakeup_fd(-1)
            os.close(woken)
            os.close(wakeup)


@mutant("wait.unix.signal-does-not-interrupt")
def signal_interrupts_wait() -> None:
    def interrupted(_: Any) -> Any:
        raise InterruptedError("interrupted")

    on_signals(interrupted)


@mutant("wait.unix.signal-does-not-interrupt")
def wait_returns_after_a_signal() -> None:
    on_signals(lambda _: [])


@mutant("wait.unix.signal-does-not-prolong")
def signal_begins_the_timeout_anew() -> None:
    on_signals(lambda again: again())


@mutant("wait.example.several-processes")
def recv_tells_of_a_broken_pipe() -> None:
    @replace(connection.Connection, "recv")
    def recv(original: Any, self: Any) -> Any:
        try:
            return original(self)
        except EOFError as error:
            raise BrokenPipeError("the other end is gone") from error
