"""Mutants of poll()."""

from __future__ import annotations

import select
import time
from typing import Any

from mutants import mutant, replace
from mutants.connection_objects.common import SLOW, Connection, interruptible


@mutant("connection.poll.true-with-data", "connection.poll.true-until-all-is-read")
def poll_is_false() -> None:
    @replace(Connection, "poll")
    def poll(original: Any, self: Any, timeout: Any = 0.0) -> bool:
        return False


@mutant("connection.poll.true-with-data")
def poll_returns_a_list() -> None:
    @replace(Connection, "poll")
    def poll(original: Any, self: Any, timeout: Any = 0.0) -> Any:
        return [self] if original(self, timeout) else []


@mutant(
    "connection.poll.false-without-data",
    "connection.poll.timeout-returns-false",
    "connection.poll.true-until-all-is-read",
)
def poll_is_true() -> None:
    @replace(Connection, "poll")
    def poll(original: Any, self: Any, timeout: Any = 0.0) -> bool:
        return True


@mutant("connection.poll.false-without-data", "connection.poll.timeout-returns-false")
def poll_waits_for_ever() -> None:
    @replace(Connection, "poll")
    def poll(original: Any, self: Any, timeout: Any = 0.0) -> Any:
        return original(self, None)


@mutant("connection.poll.false-without-data")
def poll_waits_a_second_by_default() -> None:
    @replace(Connection, "poll")
    def poll(original: Any, self: Any, timeout: Any = 1.0) -> Any:
        return original(self, timeout)


@mutant("connection.poll.timeout-returns-false")
def poll_waits_a_second_longer() -> None:
    @replace(Connection, "poll")
    def poll(original: Any, self: Any, timeout: Any = 0.0) -> Any:
        return original(self, timeout and timeout + 1.0)


@mutant("connection.poll.timeout-returns-false")
def poll_takes_floats_only() -> None:
    @replace(Connection, "poll")
    def poll(original: Any, self: Any, timeout: Any = 0.0) -> Any:
        if isinstance(timeout, int) and timeout:
            raise TypeError("a float, please")
        return original(self, timeout)


@mutant("connection.poll.leaves-the-data")
def poll_takes_a_message() -> None:
    @replace(Connection, "poll")
    def poll(original: Any, self: Any, timeout: Any = 0.0) -> Any:
        found = original(self, timeout)
        if found:
            self._recv_bytes()
        return found


@mutant(
    "connection.poll.timeout-is-not-cut-short",
    "connection.poll.timeout-ends-with-data",
    "connection.poll.none-blocks-until-data",
)
def poll_takes_milliseconds() -> None:
    @replace(Connection, "poll")
    def poll(original: Any, self: Any, timeout: Any = 0.0) -> Any:
        return original(self, min(timeout or 0.001, 1) / 1000)


@mutant("connection.poll.timeout-ends-with-data")
def poll_uses_up_its_timeout() -> None:
    @replace(Connection, "poll")
    def poll(original: Any, self: Any, timeout: Any = 0.0) -> Any:
        time.sleep(timeout or 0)
        return original(self)


@mutant(
    "connection.poll.timeout-ends-with-data",
    "connection.poll.none-blocks-until-data",
    "connection.poll.over-a-listener",
)
def poll_looks_now_and_then() -> None:
    @replace(Connection, "poll")
    def poll(original: Any, self: Any, timeout: Any = 0.0) -> Any:
        end = None if timeout is None else time.monotonic() + timeout
        while not original(self):
            left = SLOW if end is None else min(SLOW, end - time.monotonic())
            if left <= 0:
                return False
            time.sleep(left)
        return True


@mutant("connection.poll.descriptor-above-1023")
def poll_asks_by_select() -> None:
    @replace(Connection, "poll")
    def poll(original: Any, self: Any, timeout: Any = 0.0) -> Any:
        return bool(select.select([self.fileno()], [], [], timeout)[0])


@mutant("connection.poll.signal-does-not-end-it")
def a_signal_ends_poll() -> None:
    @replace(Connection, "poll")
    def poll(original: Any, self: Any, timeout: Any = 0.0) -> Any:
        return interruptible(original.__get__(self), timeout)
