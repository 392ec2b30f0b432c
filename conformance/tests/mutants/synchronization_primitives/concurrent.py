"""Mutants that only several processes or threads at once can show, and those of children and grandchildren."""

from __future__ import annotations

import os
import time
from multiprocessing import util
from multiprocessing.synchronize import Barrier, Condition, Event, Lock, RLock, Semaphore, SemLock
from typing import Any

from mutants import mutant, replace
from mutants.synchronization_primitives.common import method, unlock

IN_A_GRANDCHILD = (
    "lock.acquire.blocks-in-a-grandchild",
    "rlock.acquire.blocks-in-a-grandchild",
    "semaphore.acquire.blocks-in-a-grandchild",
    "bounded_semaphore.acquire.blocks-in-a-grandchild",
    "condition.wait.blocks-in-a-grandchild",
    "event.wait.blocks-in-a-grandchild",
    "barrier.wait.blocks-in-a-grandchild",
)

# A state that is looked at, and changed in a second step.


@mutant("lock.acquire.excludes-all-others")
def a_lock_is_checked_and_then_taken() -> None:
    @method(Lock, "acquire")
    def acquire(self: Any, original: Any, block: bool = True, timeout: float | None = None) -> Any:
        while self._semlock._is_zero():
            if not block:
                return False
        time.sleep(0)  # as between any two steps
        original(False)
        return True

    @method(Lock, "release")
    def release(self: Any, original: Any) -> None:
        if self._semlock._is_zero():
            original()


@mutant("rlock.acquire.excludes-all-others")
def an_rlock_is_checked_and_then_taken() -> None:
    @method(RLock, "acquire")
    def acquire(self: Any, original: Any, block: bool = True, timeout: float | None = None) -> Any:
        while not self._semlock._is_mine() and self._semlock._is_zero():
            if not block:
                return False
        time.sleep(0)  # as between any two steps
        original(False)
        return True

    @method(RLock, "release")
    def release(self: Any, original: Any) -> None:
        if self._semlock._is_mine():
            original()


@mutant("semaphore.acquire.excludes-more-than-value", "bounded_semaphore.acquire.excludes-more-than-value")
def a_count_is_read_and_then_written() -> None:
    @method(Semaphore, "acquire")
    def acquire(self: Any, original: Any, block: bool = True, timeout: float | None = None) -> Any:
        while not (places := self._semlock._get_value()):
            if not block:
                return False
        time.sleep(0)  # as between any two steps
        set_value(self, places - 1)
        return True

    @method(Semaphore, "release")
    def release(self: Any, original: Any) -> None:
        set_value(self, self._semlock._get_value() + 1)

    def set_value(self: Any, value: int) -> None:
        while self._semlock._get_value() > value:
            self._semlock.acquire(False)
        while self._semlock._get_value() < value:
            self._semlock.release()


@mutant("barrier.wait.returns-a-different-number-to-each", "barrier.wait.passes-one-generation-at-a-time")
def the_count_of_a_barrier_is_read_and_then_written() -> None:
    def count(self: Any) -> int:
        seen: int = self._array[1]
        time.sleep(0)
        return seen

    Barrier._count = property(count, lambda self, value: self._array.__setitem__(1, value))  # type: ignore[attr-defined]

    @replace(Barrier, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        own = self._cond._lock
        self._count += 1
        self._count -= 1
        with own:
            pass
        return original(self, timeout)


@mutant("condition.notify.loses-no-wake-up")
def a_wait_is_counted_after_the_lock_was_released() -> None:
    @replace(Condition, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        levels = self._lock._semlock._count()
        for _ in range(levels):
            self._lock.release()
        time.sleep(0.0001)
        self._sleeping_count.release()
        try:
            return self._wait_semaphore.acquire(True, timeout)
        finally:
            self._woken_count.release()
            for _ in range(levels):
                self._lock.acquire()


@mutant("condition.notify_all.loses-no-wake-up")
def notify_all_wakes_two() -> None:
    @replace(Condition, "notify_all")
    def notify_all(original: Any, self: Any) -> None:
        self.notify(2)


# Children and grandchildren.


@mutant(
    "rlock.owner.child-does-not-inherit",
    "rlock.release.by-another-process-raises-assertionerror",
)
def a_forked_child_inherits_the_owner() -> None:
    @replace(util, "register_after_fork")
    def register(original: Any, thing: Any, function: Any) -> None:
        if not isinstance(thing, SemLock):
            original(thing, function)


@mutant("rlock.owner.parent-keeps-it")
def a_release_that_is_refused_elsewhere_unlocks() -> None:
    @method(RLock, "release")
    def release(self: Any, original: Any) -> None:
        try:
            original()
        except AssertionError:
            if os.getpid() != self.creator and self._semlock._is_zero():
                unlock(self)
            raise


@mutant(*IN_A_GRANDCHILD)
def grandchildren_always_acquire() -> None:
    @method(SemLock, "acquire")
    def acquire(self: Any, original: Any, *args: Any, **kwargs: Any) -> Any:
        return True if self.creator not in (os.getpid(), os.getppid()) else original(*args, **kwargs)


@mutant(*IN_A_GRANDCHILD)
def grandchildren_are_never_woken() -> None:
    @method(SemLock, "acquire")
    def acquire(self: Any, original: Any, *args: Any, **kwargs: Any) -> Any:
        taken = original(*args, **kwargs)
        if self.creator not in (os.getpid(), os.getppid()):
            time.sleep(60)
        return taken


@mutant("event.set.wakes-waiters")
def set_wakes_one_of_a_child() -> None:
    @replace(Event, "set")
    def set_(original: Any, self: Any) -> None:
        with self._cond:
            self._flag.release()
            self._cond.notify(3)
