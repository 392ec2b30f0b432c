"""Mutants of wait()."""

from __future__ import annotations

import array
import fcntl
import os
import select
import signal
import socket
import termios
import time
from typing import Any

from mutants import mutant, replace
from mutants.listeners_and_clients.common import SLOW, connection


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


@mutant("wait.call.blocks-until-one-is-ready", "wait.timeout.none-blocks", "wait.timeout.ends-when-one-is-ready")
def wait_looks_now_and_then() -> None:
    @replace(connection, "wait")
    def wait(original: Any, object_list: Any, timeout: float | None = None) -> Any:
        end = None if timeout is None else time.monotonic() + timeout
        while not (ready := original(object_list, 0)):
            left = SLOW if end is None else min(SLOW, end - time.monotonic())
            if left <= 0:
                break
            time.sleep(left)
        return ready


@mutant("wait.timeout.bounds-the-wait")
def wait_waits_a_second_longer() -> None:
    @replace(connection, "wait")
    def wait(original: Any, object_list: Any, timeout: float | None = None) -> Any:
        return original(object_list, timeout and timeout + 1.0)


@mutant("wait.timeout.zero-does-not-block", "wait.timeout.negative-is-zero")
def wait_waits_a_second_at_least() -> None:
    @replace(connection, "wait")
    def wait(original: Any, object_list: Any, timeout: float | None = None) -> Any:
        return original(object_list, None if timeout is None else max(timeout, 1.0))


@mutant("wait.timeout.negative-is-zero")
def wait_takes_a_negative_timeout_for_none() -> None:
    @replace(connection, "wait")
    def wait(original: Any, object_list: Any, timeout: float | None = None) -> Any:
        return original(object_list, None if timeout is not None and timeout < 0 else timeout)


@mutant("wait.unix.signal-does-not-prolong")
def signals_prolong_wait_by_a_second() -> None:
    @replace(connection, "wait")
    def wait(original: Any, object_list: Any, timeout: float | None = None) -> Any:
        return original(object_list, timeout and timeout + 1.0)


@mutant("wait.unix.descriptor-above-1023")
def wait_asks_by_select() -> None:
    @replace(connection, "wait")
    def wait(original: Any, object_list: Any, timeout: float | None = None) -> Any:
        return select.select(object_list, [], [], None if timeout is None else max(timeout, 0))[0]
