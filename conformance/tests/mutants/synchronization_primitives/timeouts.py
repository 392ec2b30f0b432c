"""Mutants of timeouts, too long and too short, and of calls that are to return at once."""

from __future__ import annotations

import signal
import threading
import time
from multiprocessing.synchronize import Barrier, Condition, Event, Lock, RLock, SemLock
from typing import Any

from mutants import mutant, replace
from mutants.synchronization_primitives.common import method, unlock


@mutant(
    "lock.acquire.timeout-returns-false",
    "rlock.acquire.timeout-returns-false",
    "semaphore.acquire.timeout-returns-false",
    "bounded_semaphore.acquire.timeout-returns-false",
)
def a_timeout_of_acquire_is_too_long() -> None:
    @method(SemLock, "acquire")
    def acquire(self: Any, original: Any, block: bool = True, timeout: float | None = None) -> Any:
        return original(block, timeout + 3 if timeout and block else timeout)


@mutant(
    "lock.acquire.timeout-returns-false",
    "rlock.acquire.timeout-returns-false",
    "semaphore.acquire.timeout-returns-false",
    "bounded_semaphore.acquire.timeout-returns-false",
)
def an_acquire_that_times_out_releases() -> None:
    @method(SemLock, "acquire")
    def acquire(self: Any, original: Any, block: bool = True, timeout: float | None = None) -> Any:
        taken = original(block, timeout)
        if timeout and block and not taken:
            unlock(self)
        return taken


@mutant("condition.wait.returns-false-on-timeout", "event.wait.returns-false-on-timeout")
def a_timeout_of_wait_is_too_long() -> None:
    @replace(Condition, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        return original(self, None if timeout is None else timeout + 3)


@mutant("condition.wait_for.timeout-returns-the-false-value")
def a_timeout_of_wait_for_is_too_long() -> None:
    @replace(Condition, "wait_for")
    def wait_for(original: Any, self: Any, predicate: Any, timeout: float | None = None) -> Any:
        return original(self, predicate, timeout and timeout + 3)


@mutant("condition.wait_for.timeout-returns-the-false-value")
def a_timeout_of_wait_for_is_halved() -> None:
    @replace(Condition, "wait_for")
    def wait_for(original: Any, self: Any, predicate: Any, timeout: float | None = None) -> Any:
        return original(self, predicate, timeout and timeout / 2)


@mutant("condition.wait_for.notifications-do-not-extend-the-timeout")
def a_notification_ends_wait_for() -> None:
    @replace(Condition, "wait_for")
    def wait_for(original: Any, self: Any, predicate: Any, timeout: float | None = None) -> Any:
        if timeout is None:
            return original(self, predicate)
        return predicate() or (self.wait(timeout) and predicate())


@mutant("event.wait.returns-false-on-timeout", "barrier.timeout.raises-brokenbarriererror")
def a_timeout_of_zero_is_one_of_seconds() -> None:
    @replace(Condition, "wait_for")
    def wait_for(original: Any, self: Any, predicate: Any, timeout: float | None = None) -> Any:
        return original(self, predicate, 3 if timeout == 0 else timeout)

    @replace(Event, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        return original(self, 3 if timeout == 0 else timeout)


@mutant("condition.wait.returns-false-on-timeout")
def a_timeout_of_zero_of_a_condition_is_one_of_seconds() -> None:
    @replace(Condition, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        return original(self, 3 if timeout == 0 else timeout)


@mutant("barrier.timeout.raises-brokenbarriererror")
def a_timeout_of_a_barrier_is_too_long() -> None:
    @replace(Barrier, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        return original(self, timeout and timeout + 3)


@mutant("barrier.timeout.of-wait-is-preferred")
def both_timeouts_are_added() -> None:
    @replace(Barrier, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        return original(self, timeout + self._timeout if timeout and self._timeout else timeout)


@mutant("barrier.timeout.default-from-the-constructor")
def the_timeout_of_the_constructor_is_halved() -> None:
    @replace(Barrier, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        return original(self, self._timeout and self._timeout / 2 if timeout is None else timeout)


@mutant("barrier.timeout.of-wait-is-preferred")
def the_shorter_timeout_is_preferred() -> None:
    @replace(Barrier, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        both = [value for value in (timeout, self._timeout) if value is not None]
        return original(self, min(both) if both else None)


# At once.


@mutant(
    "lock.acquire.nonblocking-returns-false",
    "semaphore.acquire.nonblocking-returns-false",
    "bounded_semaphore.acquire.nonblocking-returns-false",
)
def a_refusal_takes_seconds() -> None:
    @method(SemLock, "acquire")
    def acquire(self: Any, original: Any, block: bool = True, timeout: float | None = None) -> Any:
        return original(block, timeout) if block else original(False) or original(True, 3)


@mutant("lock.acquire.timeout-negative-is-zero", "rlock.acquire.timeout-negative-is-zero")
def a_negative_timeout_is_taken_without_its_sign() -> None:
    @method(SemLock, "acquire")
    def acquire(self: Any, original: Any, block: bool = True, timeout: float | None = None) -> Any:
        return original(block, None if timeout is None else 3 * abs(timeout))


@mutant("lock.acquire.timeout-negative-is-zero", "rlock.acquire.timeout-negative-is-zero")
def a_negative_timeout_refuses_what_is_free() -> None:
    @method(SemLock, "acquire")
    def acquire(self: Any, original: Any, block: bool = True, timeout: float | None = None) -> Any:
        return False if timeout is not None and timeout < 0 else original(block, timeout)


@mutant("event.wait.returns-at-once-when-set")
def wait_of_an_event_that_is_set_takes_seconds() -> None:
    @replace(Event, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        if self.is_set():
            time.sleep(3)
        return original(self, timeout)


@mutant("condition.wait_for.returns-the-value-of-the-predicate")
def wait_for_waits_before_it_calls_the_predicate() -> None:
    @replace(Condition, "wait_for")
    def wait_for(original: Any, self: Any, predicate: Any, timeout: float | None = None) -> Any:
        self.wait(3)
        return original(self, predicate, timeout)


@mutant("rlock.acquire.again-by-its-owner", "condition.call.makes-a-recursive-lock")
def its_owner_waits_for_seconds() -> None:
    @method(RLock, "acquire")
    def acquire(self: Any, original: Any, *args: Any, **kwargs: Any) -> Any:
        if self._semlock._is_mine():
            time.sleep(3)
        return original(*args, **kwargs)


@mutant("barrier.abort.fails-future-calls")
def wait_of_a_broken_barrier_takes_seconds() -> None:
    @replace(Barrier, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        if self.broken:
            time.sleep(3)
        return original(self, timeout)


# Signals.


@mutant("lock.acquire.timeout-outlives-a-signal", "rlock.acquire.timeout-outlives-a-signal")
def a_signal_starts_the_timeout_anew() -> None:
    change_what_a_signal_does(lambda end, timeout: time.monotonic() + timeout)


@mutant("lock.acquire.timeout-outlives-a-signal", "rlock.acquire.timeout-outlives-a-signal")
def a_signal_ends_the_timeout() -> None:
    change_what_a_signal_does(lambda end, timeout: time.monotonic())


def change_what_a_signal_does(change: Any) -> None:
    """Let ``change(end, timeout)`` say when an acquire() ends during which SIGUSR1 was handled."""

    @method(SemLock, "acquire")
    def acquire(self: Any, original: Any, block: bool = True, timeout: float | None = None) -> Any:
        handler = signal.getsignal(signal.SIGUSR1)
        main = threading.current_thread() is threading.main_thread()
        if not timeout or not callable(handler) or not main:
            return original(block, timeout)
        ends = [time.monotonic() + timeout]
        limit = ends[0] + 1

        def handle(number: int, frame: Any) -> None:
            handler(number, frame)
            ends[0] = change(ends[0], timeout)

        signal.signal(signal.SIGUSR1, handle)
        while not (taken := original(False)) and time.monotonic() < min(ends[0], limit):
            time.sleep(0.001)
        return taken


@mutant(
    "bounded_semaphore.acquire.interrupted-by-sigint",
    "lock.acquire.interrupted-by-sigint",
    "rlock.acquire.interrupted-by-sigint",
    "semaphore.acquire.interrupted-by-sigint",
    "condition.acquire.interrupted-by-sigint",
    "condition.wait.interrupted-by-sigint",
)
def acquire_looks_for_signals_every_few_seconds() -> None:
    @method(SemLock, "acquire")
    def acquire(self: Any, original: Any, block: bool = True, timeout: float | None = None) -> Any:
        if not block or timeout is not None:
            return original(block, timeout)
        while True:
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            taken = original(True, 20)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
            if taken:
                return taken


# A wait that gives up.


@mutant("lock.acquire.blocks-other-threads", "lock.acquire.timeout-none-is-infinite", "lock.acquire.blocks-its-holder")
def a_lock_is_given_away_after_a_while() -> None:
    @method(Lock, "acquire")
    def acquire(self: Any, original: Any, block: bool = True, timeout: float | None = None) -> Any:
        return original(block, timeout) if timeout or not block else original(True, 0.15) or True


@mutant("condition.wait.returns-true-when-a-thread-notifies", "condition.wait.returns-true-when-notified")
def wait_of_a_condition_gives_up() -> None:
    @replace(Condition, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        return original(self, 0.15 if timeout is None else timeout)


@mutant("event.set.wakes-threads", "event.clear.makes-wait-block-again", "event.wait.blocks-until-set")
def wait_of_an_event_gives_up() -> None:
    @replace(Event, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        return original(self, 0.15 if timeout is None else timeout)


@mutant("barrier.wait.lets-threads-pass", "barrier.wait.blocks-until-all-have-called")
def wait_of_a_barrier_gives_up() -> None:
    @replace(Barrier, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        return original(self, 0.15 if timeout is None else timeout)
