"""Mutants of how long the calls of what a SyncManager shares wait: too short, too long, or not at all."""

from __future__ import annotations

import multiprocessing.managers as managers
import queue
import threading
import time
from collections.abc import Callable
from typing import Any

from mutants import mutant, replace
from mutants.managers.common import TOO_LONG, made_by

proxies: Any = managers


def with_timeout(kind: Any, name: str, place: int, change: Callable[[float], float]) -> None:
    """Change the timeout of a method, which is the argument at this place, if it is given."""

    @replace(kind, name)
    def call(original: Any, self: Any, *args: Any, timeout: float | None = None) -> Any:
        if len(args) > place:
            timeout = args[place]
        if timeout is None:
            return original(self, *args)
        return original(self, *args[:place], change(timeout))


def shorter(timeout: float) -> float:
    return timeout / 50


def longer(timeout: float) -> float:
    return timeout + TOO_LONG


@mutant("sync_manager.lock.acquire-timeout")
def acquire_waits_longer() -> None:
    with_timeout(proxies.AcquirerProxy, "acquire", 1, longer)


@mutant("sync_manager.lock.acquire-timeout")
def acquire_with_a_timeout_waits_for_a_free_lock() -> None:
    @replace(proxies.AcquirerProxy, "acquire")
    def acquire(original: Any, self: Any, *args: Any) -> Any:
        acquired = original(self, *args)
        if len(args) > 1 and acquired:
            time.sleep(TOO_LONG)
        return acquired


@mutant("sync_manager.lock.acquire-without-blocking")
def acquire_of_a_held_lock_waits() -> None:
    @replace(proxies.AcquirerProxy, "acquire")
    def acquire(original: Any, self: Any, blocking: bool = True, timeout: float | None = None) -> Any:
        return original(self, blocking, timeout) if blocking else original(self, True, TOO_LONG)


@mutant("sync_manager.event.wait-timeout-returns-false")
def wait_for_an_event_is_shorter() -> None:
    with_timeout(proxies.EventProxy, "wait", 0, shorter)


@mutant("sync_manager.event.wait-timeout-returns-false")
def wait_for_an_event_is_longer() -> None:
    with_timeout(proxies.EventProxy, "wait", 0, longer)


@mutant("sync_manager.event.wait-timeout-returns-false")
def wait_for_an_event_that_is_set_takes_its_time() -> None:
    @replace(proxies.EventProxy, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        if timeout and self.is_set():
            time.sleep(TOO_LONG)
        return original(self, timeout)


@mutant("sync_manager.event.set-wakes-waiters")
def wait_without_a_timeout_does_not_wait() -> None:
    @replace(proxies.EventProxy, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        return True if timeout is None else original(self, timeout)


class Narrow(threading.Event):
    """Wakes one of those that wait."""

    def set(self) -> None:
        with self._cond:  # type: ignore[attr-defined]
            self._flag = True
            self._cond.notify()  # type: ignore[attr-defined]


@mutant("sync_manager.event.set-wakes-waiters")
def set_wakes_one() -> None:
    made_by("Event", Narrow)


@mutant(
    "sync_manager.condition.wait-timeout-returns-false", "sync_manager.condition.wait_for-timeout-returns-the-value"
)
def wait_for_a_notification_is_longer() -> None:
    with_timeout(proxies.ConditionProxy, "wait", 0, longer)


@mutant("sync_manager.condition.wait-timeout-returns-false")
def wait_for_a_notification_is_shorter() -> None:
    with_timeout(proxies.ConditionProxy, "wait", 0, shorter)


@mutant("sync_manager.condition.wait_for-timeout-returns-the-value")
def wait_for_is_shorter() -> None:
    with_timeout(proxies.ConditionProxy, "wait_for", 1, shorter)


@mutant("sync_manager.condition.notify-wakes-a-waiter", "sync_manager.condition.notify_all-wakes-every-waiter")
def processes_wake_without_a_notification() -> None:
    @replace(proxies.ConditionProxy, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> bool:
        original(self, 0.05)
        return True


@mutant("sync_manager.condition.notify-wakes-at-most-n")
def notify_is_notify_all() -> None:
    proxies.ConditionProxy.notify = lambda self, n=1: self.notify_all()


@mutant("sync_manager.condition.notify-wakes-at-most-n")
def notify_with_a_number_is_notify_all() -> None:
    @replace(proxies.ConditionProxy, "notify")
    def notify(original: Any, self: Any, n: int = 1) -> Any:
        return original(self) if n == 1 else self.notify_all()


@mutant("sync_manager.condition.notify_all-wakes-every-waiter")
def notify_all_is_notify() -> None:
    proxies.ConditionProxy.notify_all = lambda self: self.notify()


@mutant("sync_manager.condition.wait_for-waits-until-true")
def wait_for_returns_true_instead_of_the_value() -> None:
    @replace(proxies.ConditionProxy, "wait_for")
    def wait_for(original: Any, self: Any, predicate: Any, timeout: float | None = None) -> Any:
        return original(self, predicate, timeout) and True


@mutant("sync_manager.condition.wait_for-waits-until-true")
def wait_for_does_not_wait() -> None:
    @replace(proxies.ConditionProxy, "wait_for")
    def wait_for(original: Any, self: Any, predicate: Any, timeout: float | None = None) -> Any:
        return predicate() if timeout and timeout > 1 else original(self, predicate, timeout)


def barriers(change: Callable[[float], float]) -> None:
    """Make barriers with another timeout."""
    made_by("Barrier", lambda parties, action=None, t=None: threading.Barrier(parties, action, t and change(t)))


@mutant("sync_manager.barrier.timeout-breaks-it")
def timeout_of_a_barrier_is_shorter() -> None:
    barriers(shorter)


@mutant("sync_manager.barrier.timeout-breaks-it")
def timeout_of_a_barrier_is_longer() -> None:
    barriers(longer)


@mutant("sync_manager.barrier.timeout-breaks-it")
def timeout_of_a_wait_at_a_barrier_is_longer() -> None:
    with_timeout(proxies.BarrierProxy, "wait", 0, longer)


@mutant("sync_manager.barrier.timeout-breaks-it")
def timeout_of_a_wait_at_a_barrier_is_shorter() -> None:
    with_timeout(proxies.BarrierProxy, "wait", 0, shorter)


@mutant("sync_manager.barrier.action-is-called-once")
def action_is_called_by_each() -> None:
    def make(parties: int, action: Any = None, timeout: Any = None) -> threading.Barrier:
        return threading.Barrier(parties, action and (lambda: [action() for _ in range(parties)]), timeout)

    made_by("Barrier", make)


@mutant("sync_manager.barrier.releases-all-parties")
def two_are_enough_for_a_barrier() -> None:
    made_by("Barrier", lambda parties, action=None, timeout=None: threading.Barrier(min(parties, 2), action, timeout))


@mutant("sync_manager.barrier.shows-its-state")
def a_barrier_is_never_broken() -> None:
    proxies.BarrierProxy.broken = property(lambda self: False)


class Hasty(queue.Queue):  # type: ignore[type-arg]
    """Neither waits for an item nor for room."""

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        try:
            return super().get(block and timeout is not None, timeout)
        except queue.Empty:
            if timeout is None and block:
                return None
            raise

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        try:
            super().put(item, block and timeout is not None, timeout)
        except queue.Full:
            if timeout is not None or not block:
                raise


@mutant("sync_manager.queue.get-waits-for-an-item", "sync_manager.queue.put-waits-for-room")
def queue_does_not_wait() -> None:
    made_by("Queue", Hasty)


class Generous(queue.Queue):  # type: ignore[type-arg]
    """Takes all tasks for done when the first one is."""

    def task_done(self) -> None:
        while self.unfinished_tasks:
            super().task_done()


@mutant("sync_manager.queue.join-waits-for-task_done")
def one_task_done_is_enough() -> None:
    made_by("Queue", Generous)


def queues(change: Callable[[float], float]) -> None:
    """Make queues that wait for something else than their timeout."""

    class Odd(queue.Queue):  # type: ignore[type-arg]
        def get(self, block: bool = True, timeout: float | None = None) -> Any:
            return super().get(block, None if timeout is None else change(timeout))

        def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
            super().put(item, block, None if timeout is None else change(timeout))

    made_by("Queue", Odd)


@mutant("sync_manager.queue.empty-raises", "sync_manager.queue.maxsize-bounds-items")
def timeouts_of_a_queue_are_shorter() -> None:
    queues(shorter)


@mutant("sync_manager.queue.empty-raises", "sync_manager.queue.maxsize-bounds-items")
def timeouts_of_a_queue_are_longer() -> None:
    queues(longer)


@mutant("sync_manager.methods.create-a-new-object-each-time")
def there_is_one_event() -> None:
    only = threading.Event()
    made_by("Event", lambda: only)


@mutant("sync_manager.methods.create-a-new-object-each-time")
def there_is_one_queue() -> None:
    only: Any = queue.Queue()
    made_by("Queue", lambda maxsize=0: only)
