"""Mutants of accept(), of the authentication of a listener, and of last_accepted."""

from __future__ import annotations

import multiprocessing
import os
import socket
import time
from typing import Any

from mutants import mutant, replace
from mutants.listeners_and_clients.common import SLOW, Wrapped, after_init, connection


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


@mutant("listener.accept.one-connection-a-call")
def each_client_gets_the_connection_of_the_first() -> None:
    @replace(connection.Listener, "accept")
    def accept(original: Any, self: Any) -> Any:
        accepted = original(self)
        self.first = getattr(self, "first", None) or accepted
        return self.first


@mutant("listener.accept.blocks-whatever-the-default-timeout")
def a_listener_has_the_default_timeout() -> None:
    after_init(lambda listener: listener._listener._socket.settimeout(socket.getdefaulttimeout()))


@mutant("listener.accept.blocks-whatever-the-default-timeout")
def what_is_accepted_has_the_default_timeout() -> None:
    @replace(connection.Listener, "accept")
    def accept(original: Any, self: Any) -> Any:
        accepted = original(self)
        os.set_blocking(accepted.fileno(), socket.getdefaulttimeout() is None)
        return accepted


@mutant("listener.accept.blocks-whatever-the-default-timeout")
def a_client_has_the_default_timeout() -> None:
    @replace(connection, "Client")
    def client(original: Any, *args: Any, **kwargs: Any) -> Any:
        made = original(*args, **kwargs)
        os.set_blocking(made.fileno(), socket.getdefaulttimeout() is None)
        return made


@mutant("listener.authkey.none-sends-nothing")
def accept_waits_for_a_greeting() -> None:
    @replace(connection.Listener, "accept")
    def accept(original: Any, self: Any) -> Any:
        accepted = original(self)
        accepted.poll(None)
        return accepted


@mutant("listener.authkey.none-sends-nothing")
def the_key_of_the_process_is_the_default() -> None:
    def choose(listener: Any) -> None:
        if listener._authkey is None:
            listener._authkey = multiprocessing.current_process().authkey

    after_init(choose)


@mutant("listener.accept.vanished-client-is-refused")
def a_vanished_client_is_let_in() -> None:
    @replace(connection.Listener, "accept")
    def accept(original: Any, self: Any) -> Any:
        try:
            return original(self)
        except (EOFError, OSError):
            return connection.Pipe()[0]


@mutant("listener.accept.vanished-client-is-refused")
def a_vanished_client_is_awaited() -> None:
    @replace(connection.Listener, "accept")
    def accept(original: Any, self: Any) -> Any:
        while True:
            try:
                return original(self)
            except (EOFError, OSError):
                pass


@mutant("listener.last_accepted.no-path-is-not-an-earlier-one")
def last_accepted_is_the_last_that_had_a_path() -> None:
    @replace(connection.SocketListener, "accept")
    def accept(original: Any, self: Any) -> Any:
        before = self._last_accepted
        accepted = original(self)
        self._last_accepted = self._last_accepted or before
        return accepted


@mutant("listener.accept.blocks-until-a-client-comes")
def accept_looks_now_and_then() -> None:
    @replace(connection.Listener, "accept")
    def accept(original: Any, self: Any) -> Any:
        while not connection.wait([self._listener._socket], 0):
            time.sleep(SLOW)
        return original(self)


@mutant("listener.authkey.not-bytes-lets-nobody-in")
def listener_takes_a_str_for_no_key() -> None:
    @replace(connection.Listener, "__init__")
    def init(original: Any, self: Any, *args: Any, authkey: Any = None) -> None:
        original(self, *args, authkey=authkey if isinstance(authkey, bytes) else None)
