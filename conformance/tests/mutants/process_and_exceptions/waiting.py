"""Mutants of join(), is_alive(), exitcode and sentinel."""

from __future__ import annotations

import math
import multiprocessing.connection
import os
import time
from collections.abc import Callable
from typing import Any

from mutants import mutant, replace
from mutants.process_and_exceptions.common import BaseProcess

# join().


@mutant("process.join.takes-timeout")
def join_takes_no_keyword() -> None:
    @replace(BaseProcess, "join")
    def join(original: Any, self: Any, *timeout: Any) -> None:
        original(self, *timeout)


@mutant("process.join.blocks-until-terminated")
def join_without_timeout_returns_at_once() -> None:
    @replace(BaseProcess, "join")
    def join(original: Any, self: Any, *timeout: Any) -> None:
        original(self, *(timeout or (0,)))


@mutant("process.join.timeout-none-blocks")
def join_with_none_returns_at_once() -> None:
    @replace(BaseProcess, "join")
    def join(original: Any, self: Any, *timeout: Any) -> None:
        original(self, *[0 if one is None else one for one in timeout])


@mutant("process.join.timeout-bounds-wait")
def join_ignores_the_timeout() -> None:
    @replace(BaseProcess, "join")
    def join(original: Any, self: Any, timeout: Any = None) -> None:
        original(self)


@mutant("process.join.timeout-ends-early")
def join_always_takes_the_whole_timeout() -> None:
    @replace(BaseProcess, "join")
    def join(original: Any, self: Any, timeout: Any = None) -> None:
        time.sleep(timeout or 0)
        original(self, timeout)


@mutant("process.join.returns-none-after-exit")
def join_returns_the_exit_code() -> None:
    @replace(BaseProcess, "join")
    def join(original: Any, self: Any, timeout: Any = None) -> Any:
        original(self, timeout)
        return self.exitcode


@mutant("process.join.returns-none-after-timeout")
def join_raises_when_time_is_up() -> None:
    @replace(BaseProcess, "join")
    def join(original: Any, self: Any, timeout: Any = None) -> None:
        original(self, timeout)
        if self.exitcode is None:
            raise TimeoutError


@mutant("process.join.exitcode-tells-outcome", "process.exitcode.none-before-termination")
def exitcode_is_zero_while_the_child_runs() -> None:
    original = BaseProcess.exitcode
    BaseProcess.exitcode = property(lambda self: original.fget(self) or 0)


@mutant("process.join.many-times")
def second_join_raises() -> None:
    @replace(BaseProcess, "join")
    def join(original: Any, self: Any, timeout: Any = None) -> None:
        if getattr(self, "joined", False):
            raise ValueError("joined already")
        self.joined = True
        original(self, timeout)


@mutant("process.join.refuses-itself", "process.join.before-start-is-an-error")
def join_returns_if_there_is_nothing_to_join() -> None:
    @replace(BaseProcess, "join")
    def join(original: Any, self: Any, timeout: Any = None) -> None:
        if self._popen is not None and self._parent_pid == os.getpid():
            original(self, timeout)


# is_alive().


@mutant("process.is_alive.false-before-start")
def alive_before_start() -> None:
    @replace(BaseProcess, "is_alive")
    def is_alive(original: Any, self: Any) -> bool:
        return self._popen is None or original(self)


@mutant("process.is_alive.true-while-running")
def never_alive() -> None:
    BaseProcess.is_alive = lambda self: False


@mutant("process.is_alive.false-after-termination")
def alive_until_joined() -> None:
    @replace(BaseProcess, "is_alive")
    def is_alive(original: Any, self: Any) -> bool:
        return self._popen is not None and self._popen.returncode is None


# pid, exitcode, sentinel.


@mutant("process.pid.none-before-start")
def the_pid_is_zero_before_start() -> None:
    original = BaseProcess.pid
    BaseProcess.pid = property(lambda self: original.fget(self) or 0)


@mutant("process.pid.is-process-id")
def the_pid_is_that_of_the_parent() -> None:
    BaseProcess.pid = BaseProcess.ident = property(lambda self: self._popen and self._parent_pid)


@mutant("process.sentinel.is-an-integer")
def the_sentinel_is_an_object() -> None:
    sentinel_is(lambda self, sentinel: [sentinel])


@mutant("process.sentinel.ready-when-ended", "process.sentinel.wait-on-several", "process.sentinel.selectable-on-unix")
def the_sentinel_never_gets_ready() -> None:
    sentinel_is(lambda self, sentinel: self.__dict__.setdefault("unused", os.pipe())[0])


@mutant("process.sentinel.ready-when-ended", "process.sentinel.selectable-on-unix")
def the_sentinel_is_always_ready() -> None:
    sentinel_is(lambda self, sentinel: self.__dict__.setdefault("null", os.open(os.devnull, os.O_RDONLY)))


def sentinel_is(shown: Any) -> None:
    """Show another sentinel than the one that a process has."""
    original = BaseProcess.sentinel
    BaseProcess.sentinel = property(lambda self: shown(self, original.fget(self)))


# Too early, too late, and each half of a sentence.


@mutant("process.join.blocks-until-terminated", "process.join.timeout-none-blocks")
def join_waits_for_run_only() -> None:
    @replace(BaseProcess, "start")
    def start(original: Any, self: Any) -> None:
        self.ends = os.pipe()
        original(self)
        os.close(self.ends[1])

    @replace(BaseProcess, "run")
    def run(original: Any, self: Any) -> None:
        original(self)
        os.close(self.ends[1])

    @replace(BaseProcess, "join")
    def join(original: Any, self: Any, timeout: Any = None) -> None:
        os.read(self.ends[0], 1)


@mutant("process.join.blocks-until-terminated", "process.join.timeout-none-blocks")
def join_gives_up_after_a_while() -> None:
    @replace(BaseProcess, "join")
    def join(original: Any, self: Any, timeout: Any = None) -> None:
        original(self, 0.2 if timeout is None else timeout)


def timeout_is(changed: Callable[[float], float]) -> None:
    """Give join() another timeout than it is told."""

    @replace(BaseProcess, "join")
    def join(original: Any, self: Any, timeout: Any = None) -> None:
        original(self, timeout if timeout is None else changed(timeout))


@mutant("process.join.timeout-bounds-wait")
def join_takes_half_of_the_timeout() -> None:
    timeout_is(lambda timeout: timeout / 2)


@mutant("process.join.timeout-bounds-wait")
def join_takes_some_seconds_longer() -> None:
    timeout_is(lambda timeout: timeout + 2.5)


@mutant("process.join.timeout-bounds-wait")
def join_counts_in_steps_of_three_seconds() -> None:
    timeout_is(lambda timeout: 3 * math.ceil(timeout / 3))


@mutant("process.join.timeout-bounds-wait")
def join_ends_the_child_when_time_is_up() -> None:
    @replace(BaseProcess, "join")
    def join(original: Any, self: Any, timeout: Any = None) -> None:
        original(self, timeout)
        if self.exitcode is None:
            self.kill()
            original(self)


@mutant("process.join.timeout-bounds-wait")
def a_second_join_takes_twice_as_long() -> None:
    @replace(BaseProcess, "join")
    def join(original: Any, self: Any, timeout: Any = None) -> None:
        original(self, timeout)
        if getattr(self, "joined", False):
            time.sleep(2.5)
        self.joined = True


@mutant("process.join.timeout-ends-early")
def join_with_a_timeout_looks_once_in_a_while() -> None:
    @replace(BaseProcess, "join")
    def join(original: Any, self: Any, timeout: Any = None) -> None:
        end = time.monotonic() + (timeout or 0)
        while timeout is not None and self.is_alive() and time.monotonic() < end:
            time.sleep(2.5)
        original(self, timeout)


@mutant("process.join.timeout-ends-early")
def join_with_a_timeout_returns_before_the_end() -> None:
    timeout_is(lambda timeout: min(timeout, 0.2))


@mutant("process.join.returns-none-after-timeout")
def join_returns_false_when_time_is_up() -> None:
    @replace(BaseProcess, "join")
    def join(original: Any, self: Any, timeout: Any = None) -> Any:
        original(self, timeout)
        return False if self.exitcode is None else None


@mutant("process.join.takes-timeout")
def join_takes_a_keyword_only() -> None:
    @replace(BaseProcess, "join")
    def join(original: Any, self: Any, *, timeout: Any = None) -> None:
        original(self, timeout)


@mutant("process.join.exitcode-tells-outcome")
def exitcode_comes_later() -> None:
    joined: dict[int, float] = {}

    @replace(BaseProcess, "join")
    def join(original: Any, self: Any, timeout: Any = None) -> None:
        original(self, timeout)
        joined[id(self)] = time.monotonic() + 0.2

    original = BaseProcess.exitcode
    BaseProcess.exitcode = property(
        lambda self: None if time.monotonic() < joined.get(id(self), 1e9) else original.fget(self)
    )


@mutant("process.join.many-times")
def a_further_join_waits() -> None:
    @replace(BaseProcess, "join")
    def join(original: Any, self: Any, timeout: Any = None) -> None:
        self.joined = getattr(self, "joined", 0) + 1
        if self.joined > 3:
            time.sleep(2.5)
        original(self, timeout)


@mutant("process.join.before-start-is-an-error")
def join_before_start_waits_for_the_start() -> None:
    @replace(BaseProcess, "join")
    def join(original: Any, self: Any, timeout: Any = None) -> None:
        if self._popen is None:
            time.sleep(min(timeout or 0, 2.5))
        original(self, timeout)


@mutant("process.is_alive.true-while-running")
def not_alive_at_once_after_start() -> None:
    @replace(BaseProcess, "start")
    def start(original: Any, self: Any) -> None:
        original(self)
        self.alive_from = time.monotonic() + 0.05

    @replace(BaseProcess, "is_alive")
    def is_alive(original: Any, self: Any) -> Any:
        return original(self) and time.monotonic() > self.alive_from


@mutant("process.is_alive.false-after-termination")
def alive_for_some_seconds_longer() -> None:
    @replace(BaseProcess, "is_alive")
    def is_alive(original: Any, self: Any) -> Any:
        if self._popen is None or original(self):
            return self._popen is not None
        self.ended = getattr(self, "ended", time.monotonic())
        return time.monotonic() < self.ended + 2.5


@mutant("process.exitcode.none-before-termination")
def exitcode_is_zero_before_start() -> None:
    original = BaseProcess.exitcode
    BaseProcess.exitcode = property(lambda self: 0 if self._popen is None else original.fget(self))


@mutant("process.sentinel.ready-when-ended")
def the_sentinel_is_ready_late() -> None:
    @replace(multiprocessing.connection, "wait")
    def wait(original: Any, objects: Any, timeout: Any = None) -> Any:
        ready = original(objects, timeout)
        if ready and timeout and isinstance(ready[0], int):
            time.sleep(2.5)
        return ready


@mutant("process.sentinel.wait-on-several")
def all_processes_have_one_sentinel() -> None:
    found: list[int] = []
    sentinel_is(lambda self, sentinel: found.append(sentinel) or found[0])


@mutant("process.sentinel.selectable-on-unix")
def the_sentinel_is_the_number_of_another_descriptor() -> None:
    sentinel_is(lambda self, sentinel: self.__dict__.setdefault("null", os.open(os.devnull, os.O_RDONLY)))
