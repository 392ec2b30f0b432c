"""Mutants of what a SyncManager shares."""

from __future__ import annotations

import array
import multiprocessing.managers as managers
import queue
import threading
from typing import Any

from mutants import mutant, replace
from mutants.managers.common import made_by

# SyncManager: what synchronizes


@mutant("sync_manager.class.is-a-base-manager")
def sync_manager_is_a_class_apart() -> None:
    managers.SyncManager = type("SyncManager", (), {})  # type: ignore[misc, assignment]


@mutant("sync_manager.methods.return-proxies")
def event_is_no_proxy() -> None:
    managers.SyncManager.Event = lambda self: threading.Event()  # type: ignore[method-assign, assignment, misc]


@mutant("sync_manager.methods.create-a-new-object-each-time")
def there_is_one_list() -> None:
    only: list[Any] = []
    made_by("list", lambda *args: only)


@mutant(
    "sync_manager.lock.excludes-other-processes",
    "sync_manager.rlock.excludes-other-processes",
    "sync_manager.semaphore.value-bounds-holders",
    "sync_manager.bounded_semaphore.value-bounds-holders",
)
def acquire_does_not_wait() -> None:
    @replace(managers.AcquirerProxy, "acquire")  # type: ignore[attr-defined]
    def acquire(original: Any, self: Any, *args: Any) -> bool:
        original(self, False)
        return True

    @replace(managers.AcquirerProxy, "release")  # type: ignore[attr-defined]
    def release(original: Any, self: Any) -> None:
        try:
            original(self)
        except (RuntimeError, ValueError):
            pass


@mutant("sync_manager.lock.acquire-without-blocking", "sync_manager.lock.released-by-another-process")
def lock_is_an_rlock() -> None:
    made_by("Lock", threading.RLock)


@mutant("sync_manager.lock.acquire-timeout")
def timeout_of_acquire_is_cut_short() -> None:
    @replace(managers.AcquirerProxy, "acquire")  # type: ignore[attr-defined]
    def acquire(original: Any, self: Any, blocking: bool = True, timeout: float | None = None) -> Any:
        return original(self, blocking, timeout and timeout / 50)


@mutant("sync_manager.lock.release-unlocked-raises")
def release_forgives() -> None:
    @replace(managers.AcquirerProxy, "release")  # type: ignore[attr-defined]
    def release(original: Any, self: Any) -> None:
        try:
            original(self)
        except RuntimeError:
            pass


@mutant("sync_manager.rlock.acquired-again-by-its-holder", "sync_manager.rlock.release-by-another-raises")
def rlock_is_a_lock() -> None:
    made_by("RLock", threading.Lock)


@mutant("sync_manager.lock.with-statement")
def with_does_not_release() -> None:
    managers.AcquirerProxy.__exit__ = lambda self, *args: None  # type: ignore[attr-defined]


@mutant("sync_manager.semaphore.value-is-one-by-default")
def default_of_semaphore_is_two() -> None:
    made_by("Semaphore", lambda value=2: threading.Semaphore(value))


@mutant("sync_manager.bounded_semaphore.value-is-one-by-default")
def default_of_bounded_semaphore_is_two() -> None:
    made_by("BoundedSemaphore", lambda value=2: threading.BoundedSemaphore(value))


@mutant("sync_manager.semaphore.released-above-its-value")
def semaphore_is_bounded() -> None:
    made_by("Semaphore", threading.BoundedSemaphore)


@mutant("sync_manager.bounded_semaphore.release-too-often-raises")
def bounded_semaphore_is_not_bounded() -> None:
    made_by("BoundedSemaphore", threading.Semaphore)


@mutant("sync_manager.event.set-wakes-waiters")
def set_does_nothing() -> None:
    managers.EventProxy.set = lambda self: None  # type: ignore[attr-defined]


@mutant("sync_manager.event.is_set-follows-set-and-clear")
def clear_does_nothing() -> None:
    managers.EventProxy.clear = lambda self: None  # type: ignore[attr-defined]


@mutant("sync_manager.event.wait-timeout-returns-false")
def wait_for_an_event_returns_nothing() -> None:
    @replace(managers.EventProxy, "wait")  # type: ignore[attr-defined]
    def wait(original: Any, self: Any, timeout: float | None = None) -> None:
        original(self, timeout)


@mutant("sync_manager.condition.notify-wakes-a-waiter", "sync_manager.condition.notify_all-wakes-every-waiter")
def notify_does_nothing() -> None:
    managers.ConditionProxy.notify = lambda self, n=1: None  # type: ignore[attr-defined]
    managers.ConditionProxy.notify_all = lambda self: None  # type: ignore[attr-defined]


@mutant("sync_manager.condition.uses-the-given-lock")
def given_lock_is_ignored() -> None:
    made_by("Condition", lambda lock=None: threading.Condition())


@mutant("sync_manager.condition.wait_for-waits-until-true")
def wait_for_waits_once() -> None:
    @replace(managers.ConditionProxy, "wait_for")  # type: ignore[attr-defined]
    def wait_for(original: Any, self: Any, predicate: Any, timeout: float | None = None) -> Any:
        self.wait(timeout)
        return predicate()


@mutant("sync_manager.condition.wait_for-timeout-returns-the-value")
def wait_for_returns_nothing() -> None:
    @replace(managers.ConditionProxy, "wait_for")  # type: ignore[attr-defined]
    def wait_for(original: Any, self: Any, predicate: Any, timeout: float | None = None) -> None:
        original(self, predicate, timeout)


@mutant("sync_manager.condition.wait-timeout-returns-false")
def wait_for_a_notification_returns_nothing() -> None:
    @replace(managers.ConditionProxy, "wait")  # type: ignore[attr-defined]
    def wait(original: Any, self: Any, timeout: float | None = None) -> None:
        original(self, timeout)


@mutant("sync_manager.condition.not-held-raises")
def notify_forgives() -> None:
    @replace(managers.ConditionProxy, "notify")  # type: ignore[attr-defined]
    def notify(original: Any, self: Any, n: int = 1) -> None:
        try:
            original(self, n)
        except RuntimeError:
            pass


@mutant("sync_manager.barrier.releases-all-parties")
def all_parties_get_the_same_number() -> None:
    @replace(managers.BarrierProxy, "wait")  # type: ignore[attr-defined]
    def wait(original: Any, self: Any, timeout: float | None = None) -> int:
        original(self, timeout)
        return 0


@mutant("sync_manager.barrier.action-is-called-once")
def action_is_ignored() -> None:
    made_by("Barrier", lambda parties, action=None, timeout=None: threading.Barrier(parties, None, timeout))


@mutant("sync_manager.barrier.timeout-breaks-it", "sync_manager.barrier.abort-breaks-waiters")
def broken_barrier_raises_another_error() -> None:
    @replace(managers.BarrierProxy, "wait")  # type: ignore[attr-defined]
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        try:
            return original(self, timeout)
        except threading.BrokenBarrierError:
            raise TimeoutError from None


@mutant("sync_manager.barrier.reset-mends-it")
def reset_does_nothing() -> None:
    managers.BarrierProxy.reset = lambda self: None  # type: ignore[attr-defined]


@mutant("sync_manager.barrier.shows-its-state")
def parties_of_a_barrier_is_wrong() -> None:
    managers.BarrierProxy.parties = property(lambda self: 0)  # type: ignore[attr-defined]


# SyncManager: queues


@mutant("sync_manager.queue.carries-items-between-processes")
def queue_is_last_in_first_out() -> None:
    made_by("Queue", queue.LifoQueue)


class Doubling(queue.Queue):  # type: ignore[type-arg]
    """Puts some items twice."""

    def put(self, item: Any, *args: Any) -> None:
        super().put(item, *args)
        if item[1] % 10 == 0:
            super().put(item, *args)


@mutant("sync_manager.queue.delivery-exactly-once")
def some_items_are_put_twice() -> None:
    made_by("Queue", Doubling)


@mutant("sync_manager.queue.maxsize-bounds-items")
def maxsize_is_ignored() -> None:
    made_by("Queue", lambda maxsize=0: queue.Queue())


@mutant("sync_manager.queue.unbounded-by-default")
def default_of_maxsize_is_a_bound() -> None:
    made_by("Queue", lambda maxsize=100: queue.Queue(maxsize))


class Strange(queue.Queue):  # type: ignore[type-arg]
    """Does not raise Empty, is never full, and knows of no tasks."""

    def get_nowait(self) -> Any:
        try:
            return super().get_nowait()
        except queue.Empty:
            return None

    def full(self) -> bool:
        return False

    def join(self) -> None:
        return


@mutant(
    "sync_manager.queue.empty-raises",
    "sync_manager.queue.tells-its-size",
    "sync_manager.queue.join-waits-for-task_done",
)
def queue_is_strange() -> None:
    made_by("Queue", Strange)


# SyncManager: data


@mutant("sync_manager.value.holds-the-value")
def value_cannot_be_changed() -> None:
    managers.ValueProxy.value = property(managers.ValueProxy.get, lambda self, value: None)  # type: ignore[assignment]


@mutant("sync_manager.value.reads-and-writes-one-by-one")
def value_is_cached() -> None:
    kept: dict[int, Any] = {}

    def get(self: Any) -> Any:
        return kept[id(self)] if id(self) in kept else self.get()

    def put(self: Any, value: Any) -> None:
        kept[id(self)] = value
        self.set(value)

    managers.ValueProxy.value = property(get, put)  # type: ignore[assignment]


@mutant("sync_manager.array.holds-the-sequence")
def last_item_is_lost() -> None:
    made_by("Array", lambda typecode, sequence: array.array(typecode, list(sequence)[:-1]))


@mutant("sync_manager.dict.empty-by-default")
def dict_is_not_empty() -> None:
    made_by("dict", lambda *args, **kwargs: dict(*args or ({"old": 1},), **kwargs))


@mutant("sync_manager.dict.from-a-mapping")
def values_of_a_mapping_are_lost() -> None:
    made_by("dict", lambda source=(), **kwargs: dict.fromkeys(source) if isinstance(source, dict) else dict(source))


@mutant("sync_manager.dict.from-a-sequence")
def first_pair_wins() -> None:
    made_by("dict", lambda source=(), **kwargs: source if isinstance(source, dict) else dict(list(source)[::-1]))


@mutant("sync_manager.dict.popitem-gives-each-item-once")
def popitem_is_two_calls() -> None:
    @replace(managers.DictProxy, "popitem")
    def popitem(original: Any, self: Any) -> Any:
        items = list(self.items())
        if not items:
            raise KeyError
        self.pop(items[-1][0], None)
        return items[-1]


@mutant("sync_manager.list.empty-by-default")
def list_is_not_empty() -> None:
    made_by("list", lambda sequence=("old",): list(sequence))


@mutant("sync_manager.list.from-a-sequence")
def list_is_reversed() -> None:
    made_by("list", lambda sequence=(): list(sequence)[::-1])


@mutant("sync_manager.nesting.inner-objects-are-shared")
def inner_objects_are_copied() -> None:
    @replace(managers.ListProxy, "__getitem__")
    def getitem(original: Any, self: Any, place: Any) -> Any:
        item = original(self, place)
        return item._getvalue() if isinstance(item, managers.BaseProxy) else item
