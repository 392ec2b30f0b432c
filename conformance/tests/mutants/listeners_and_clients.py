"""Mutants of listeners and clients, of the challenge between them, and of wait()."""

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
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from mutants import mutant, replace

connection: Any = multiprocessing.connection
"""What is changed; for a type checker, it has no names but the documented ones."""

UNSEEN = {
    "challenge.deliver.long-reply-raises": "the standard library itself breaks it",
    "listener.family.af_pipe": "it is promised on Windows only",
    "wait.windows.waitable-handle": "it is promised on Windows only",
    "wait.windows.object-with-fileno": "it is promised on Windows only",
}


class Wrapped:
    """A connection in a box: no instance of Connection."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __enter__(self) -> Wrapped:
        return self

    def __exit__(self, *_: object) -> None:
        self.inner.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


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


@mutant("client.call.raises-without-a-listener")
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


@mutant("client.authkey.empty-key-is-a-key")
def client_takes_an_empty_key_for_none() -> None:
    @replace(connection, "Client")
    def client(original: Any, address: Any, family: str | None = None, authkey: bytes | None = None) -> Any:
        return original(address, family, authkey or None)


# Listener


def after_init(change: Any) -> None:
    """Call ``change(listener)`` at the end of the constructor of each listener."""

    @replace(connection.Listener, "__init__")
    def init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        change(self)


@mutant("listener.call.needs-no-arguments")
def listener_needs_an_address() -> None:
    @replace(connection.Listener, "__init__")
    def init(original: Any, self: Any, address: Any, *args: Any, **kwargs: Any) -> None:
        original(self, address, *args, **kwargs)


@mutant("listener.class.is-a-listening-socket")
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


@mutant("listener.address.is-the-one-given")
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


@mutant("listener.address.in-use-raises")
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


@mutant("listener.authkey.none-sends-nothing")
def accept_greets() -> None:
    @replace(connection.Listener, "accept")
    def accept(original: Any, self: Any) -> Any:
        accepted = original(self)
        accepted.send("hello")
        return accepted


@mutant("listener.authkey.empty-key-is-a-key")
def listener_takes_an_empty_key_for_none() -> None:
    def forget(listener: Any) -> None:
        listener._authkey = listener._authkey or None

    after_init(forget)


@mutant("listener.accept.connects-a-client")
def accept_returns_the_end_of_a_pipe() -> None:
    @replace(connection.Listener, "accept")
    def accept(original: Any, self: Any) -> Any:
        original(self)
        return connection.Pipe()[0]


@mutant("listener.accept.connects-a-client-in-a-child")
def client_in_a_child_is_of_no_use() -> None:
    @replace(connection, "Client")
    def client(original: Any, *args: Any, **kwargs: Any) -> Any:
        made = original(*args, **kwargs)
        if multiprocessing.parent_process() is not None:
            made.close()
        return made


@mutant("listener.accept.returns-a-connection")
def accept_returns_something_else() -> None:
    @replace(connection.Listener, "accept")
    def accept(original: Any, self: Any) -> Any:
        return Wrapped(original(self))


@mutant("listener.accept.blocks-until-a-client-comes")
def accept_does_not_block() -> None:
    after_init(lambda listener: listener._listener._socket.settimeout(0.01))


@mutant("listener.accept.one-connection-a-call")
def listener_accepts_once() -> None:
    @replace(connection.Listener, "accept")
    def accept(original: Any, self: Any) -> Any:
        accepted = original(self)
        self._listener._socket.close()
        return accepted


@mutant("listener.accept.works-after-a-wrong-key", "listener.accept.works-after-a-vanished-client")
def failed_handshake_closes_the_listener() -> None:
    @replace(connection.Listener, "accept")
    def accept(original: Any, self: Any) -> Any:
        try:
            return original(self)
        except Exception:
            self._listener._socket.close()
            raise


@mutant(
    "listener.accept.wrong-key-raises",
    "listener.accept.client-without-key-raises",
    "listener.accept.refused-by-the-client-raises",
)
def accept_tells_of_a_lost_connection() -> None:
    @replace(connection.Listener, "accept")
    def accept(original: Any, self: Any) -> Any:
        try:
            return original(self)
        except multiprocessing.AuthenticationError as error:
            raise ConnectionError("lost") from error


@mutant("listener.accept.refused-by-the-client-raises")
def accept_does_not_answer_a_challenge() -> None:
    @replace(connection.Listener, "accept")
    def accept(original: Any, self: Any) -> Any:
        accepted = self._listener.accept()
        connection.deliver_challenge(accepted, self._authkey)
        return accepted


@mutant("listener.close.refuses-clients", "listener.close.accept-raises", "listener.close.frees-the-address")
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


@mutant("listener.close.by-garbage-collection")
def listeners_are_kept() -> None:
    kept: list[Any] = []
    after_init(kept.append)


@mutant("listener.last_accepted.none-at-first")
def last_accepted_is_empty_at_first() -> None:
    def forget(listener: Any) -> None:
        listener._listener._last_accepted = ""

    after_init(forget)


@mutant("listener.last_accepted.host-and-port", "listener.last_accepted.path")
def last_accepted_stays_none() -> None:
    @replace(connection.SocketListener, "accept")
    def accept(original: Any, self: Any) -> Any:
        accepted = original(self)
        self._last_accepted = None
        return accepted


@mutant("listener.last_accepted.host-and-port")
def last_accepted_is_the_first() -> None:
    @replace(connection.SocketListener, "accept")
    def accept(original: Any, self: Any) -> Any:
        first = self._last_accepted
        accepted = original(self)
        self._last_accepted = first or self._last_accepted
        return accepted


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
