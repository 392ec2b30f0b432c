"""Mutants of conditions."""

from __future__ import annotations

import sys
import time
from multiprocessing.synchronize import Condition
from typing import Any

from mutants import mutant, replace

# Condition.


@mutant("condition.call.uses-the-given-lock")
def a_condition_makes_a_lock_of_its_own() -> None:
    @replace(Condition, "__init__")
    def init(original: Any, self: Any, lock: Any = None, *, ctx: Any) -> None:
        original(self, None, ctx=ctx)


@mutant("condition.call.conditions-share-a-lock")
def who_waits_is_kept_with_the_lock() -> None:
    @replace(Condition, "__init__")
    def init(original: Any, self: Any, lock: Any = None, *, ctx: Any) -> None:
        original(self, lock, ctx=ctx)
        names = "_sleeping_count", "_woken_count", "_wait_semaphore"
        for name in names:
            self._lock.__dict__.setdefault(name, getattr(self, name))
            setattr(self, name, self._lock.__dict__[name])


@mutant(
    "condition.wait.returns-true-when-notified",
    "condition.wait.returns-true-when-a-thread-notifies",
    "condition.wait.returns-false-on-timeout",
)
def wait_of_a_condition_returns_none() -> None:
    @replace(Condition, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> None:
        original(self, timeout)


@mutant("condition.wait.releases-the-lock", "condition.wait.releases-a-recursively-held-lock")
def wait_keeps_the_lock() -> None:
    @replace(Condition, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        return self._wait_semaphore.acquire(True, timeout)


@mutant("condition.wait.releases-a-recursively-held-lock")
def wait_restores_one_level() -> None:
    @replace(Condition, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        notified = original(self, timeout)
        while self._lock._semlock._count() > 1:
            self._lock.release()
        return notified


@mutant("condition.wait.holds-the-lock-on-return", "condition.wait.holds-the-lock-after-timeout")
def wait_returns_without_the_lock() -> None:
    @replace(Condition, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        notified = original(self, timeout)
        self._lock.release()
        return notified


@mutant("condition.wait_for.blocks-until-the-predicate-is-true")
def wait_for_waits_once() -> None:
    @replace(Condition, "wait_for")
    def wait_for(original: Any, self: Any, predicate: Any, timeout: float | None = None) -> Any:
        return predicate() or (self.wait(timeout) and predicate())


@mutant("condition.wait_for.returns-the-value-of-the-predicate", "condition.wait_for.timeout-returns-the-false-value")
def wait_for_returns_a_bool() -> None:
    @replace(Condition, "wait_for")
    def wait_for(original: Any, self: Any, predicate: Any, timeout: float | None = None) -> bool:
        return bool(original(self, predicate, timeout))


@mutant("condition.wait_for.notifications-do-not-extend-the-timeout")
def wait_for_starts_its_timeout_anew() -> None:
    @replace(Condition, "wait_for")
    def wait_for(original: Any, self: Any, predicate: Any, timeout: float | None = None) -> Any:
        while not predicate() and self.wait(timeout):
            pass
        return predicate()


@mutant("condition.wait_for.calls-the-predicate-with-the-lock")
def the_predicate_is_called_without_the_lock_after_a_wait() -> None:
    @replace(Condition, "wait_for")
    def wait_for(original: Any, self: Any, predicate: Any, timeout: float | None = None) -> Any:
        if timeout is not None:
            return original(self, predicate, timeout)
        value = predicate()
        while not value:
            self.wait()
            self.release()
            value = predicate()
            self.acquire()
        return value


@mutant("condition.wait_for.calls-the-predicate-with-the-lock")
def the_predicate_is_called_without_the_lock() -> None:
    @replace(Condition, "wait_for")
    def wait_for(original: Any, self: Any, predicate: Any, timeout: float | None = None) -> Any:
        self.release()
        value = predicate()
        self.acquire()
        return value or original(self, predicate, timeout)


@mutant(
    "condition.wait.returns-true-when-a-thread-notifies",
    "condition.notify.wakes-a-waiter",
)
def notify_wakes_nobody() -> None:
    @replace(Condition, "notify")
    def notify(original: Any, self: Any, n: int = 1) -> None:
        pass


@mutant("condition.notify.wakes-at-most-n", "condition.notify.leaves-others-waiting")
def notify_wakes_everybody() -> None:
    @replace(Condition, "notify")
    def notify(original: Any, self: Any, n: int = 1) -> None:
        original(self, sys.maxsize)


@mutant("condition.notify.wakes-at-most-n")
def notify_wakes_one_more() -> None:
    @replace(Condition, "notify")
    def notify(original: Any, self: Any, n: int = 1) -> None:
        original(self, n + 1)


@mutant("condition.notify.wakes-who-waits-after-a-timeout")
def who_has_timed_out_still_counts() -> None:
    @replace(Condition, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        notified = original(self, timeout)
        if not notified:
            self.gone = self.__dict__.get("gone", 0) + 1
        return notified

    @replace(Condition, "notify")
    def notify(original: Any, self: Any, n: int = 1) -> None:
        gone = min(n, self.__dict__.get("gone", 0))
        self.gone = self.__dict__.get("gone", 0) - gone
        original(self, n - gone)


@mutant("condition.notify.without-waiters-has-no-effect")
def notifications_are_kept() -> None:
    kept: list[Any] = []

    @replace(Condition, "notify")
    def notify(original: Any, self: Any, n: int = 1) -> None:
        kept.append(self)
        original(self, n)

    @replace(Condition, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        return self in kept or original(self, timeout)


@mutant("condition.notify.keeps-the-lock")
def notify_gives_the_lock_away() -> None:
    @replace(Condition, "notify")
    def notify(original: Any, self: Any, n: int = 1) -> None:
        original(self, n)
        self.release()
        time.sleep(0.1)
        self.acquire()


@mutant("condition.notify.loses-no-wake-up")
def every_tenth_notification_is_lost() -> None:
    calls: list[Any] = []

    @replace(Condition, "notify")
    def notify(original: Any, self: Any, n: int = 1) -> None:
        calls.append(self)
        if len(calls) % 10:
            original(self, n)


@mutant("condition.notify_all.wakes-all")
def notify_all_wakes_one() -> None:
    @replace(Condition, "notify_all")
    def notify_all(original: Any, self: Any) -> None:
        self.notify()
