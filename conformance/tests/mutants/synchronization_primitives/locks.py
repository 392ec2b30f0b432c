"""Mutants of locks and semaphores."""

from __future__ import annotations

import os
import signal
import threading
import time
from multiprocessing import synchronize
from multiprocessing.context import BaseContext
from multiprocessing.synchronize import Barrier, BoundedSemaphore, Condition, Lock, RLock, Semaphore, SemLock
from typing import Any

from mutants import mutant, replace
from mutants.synchronization_primitives.common import method

WITH = (
    "lock.with.acquires-and-releases",
    "rlock.with.acquires-and-releases",
    "semaphore.with.acquires-and-releases",
    "bounded_semaphore.with.acquires-and-releases",
    "condition.with.holds-the-lock",
)

# What Lock, RLock, Semaphore and BoundedSemaphore have in common.


@mutant(
    "lock.acquire.returns-true",
    "rlock.acquire.returns-true",
    "semaphore.acquire.returns-true",
    "bounded_semaphore.acquire.returns-true",
    "condition.acquire.returns-what-the-lock-returns",
)
def acquire_returns_nothing() -> None:
    @method(SemLock, "acquire")
    def acquire(self: Any, original: Any, *args: Any, **kwargs: Any) -> None:
        original(*args, **kwargs)


@mutant(
    "lock.acquire.blocks-until-released",
    "lock.acquire.excludes-all-others",
    "rlock.acquire.blocks-until-released",
    "rlock.acquire.excludes-all-others",
    "rlock.acquire.nonblocking-returns-false",
    "rlock.owner.child-does-not-inherit",
    "rlock.release.once-for-each-acquire",
    "rlock.release.lets-exactly-one-proceed",
    "semaphore.acquire.blocks-while-zero",
    "semaphore.acquire.excludes-more-than-value",
    "bounded_semaphore.acquire.blocks-while-zero",
    "bounded_semaphore.acquire.excludes-more-than-value",
)
def other_processes_always_acquire() -> None:
    @method(SemLock, "acquire")
    def acquire(self: Any, original: Any, *args: Any, **kwargs: Any) -> Any:
        return True if os.getpid() != self.creator else original(*args, **kwargs)


@mutant(
    "lock.acquire.blocks-other-threads",
    "lock.acquire.timeout-none-is-infinite",
    "rlock.acquire.blocks-other-threads",
    "rlock.acquire.timeout-none-is-infinite",
)
def other_threads_always_acquire() -> None:
    @method(SemLock, "acquire")
    def acquire(self: Any, original: Any, *args: Any, **kwargs: Any) -> Any:
        return threading.current_thread() is not threading.main_thread() or original(*args, **kwargs)


@mutant("lock.acquire.timeout-none-is-infinite", "rlock.acquire.timeout-none-is-infinite")
def a_timeout_of_none_is_zero() -> None:
    @method(SemLock, "acquire")
    def acquire(self: Any, original: Any, *args: Any, **kwargs: Any) -> Any:
        return original(False) if kwargs.get("timeout", 1) is None else original(*args, **kwargs)


@mutant(
    "lock.acquire.nonblocking-returns-false",
    "lock.acquire.nonblocking-takes-an-unlocked-lock",
    "rlock.acquire.nonblocking-returns-false",
    "rlock.acquire.nonblocking-takes-an-unlocked-lock",
    "semaphore.acquire.nonblocking-returns-false",
    "semaphore.acquire.nonblocking-takes-one",
    "semaphore.operations.match-a-counter",
    "bounded_semaphore.acquire.nonblocking-returns-false",
    "bounded_semaphore.acquire.nonblocking-takes-one",
)
def acquire_without_block_does_nothing() -> None:
    @method(SemLock, "acquire")
    def acquire(self: Any, original: Any, block: bool = True, timeout: float | None = None) -> Any:
        return original(True, timeout) if block else True


@mutant("lock.acquire.nonblocking-ignores-timeout", "rlock.acquire.nonblocking-ignores-timeout")
def a_timeout_makes_acquire_block() -> None:
    @method(SemLock, "acquire")
    def acquire(self: Any, original: Any, block: bool = True, timeout: float | None = None) -> Any:
        return original(block or timeout is not None, timeout)


@mutant(
    "lock.acquire.timeout-returns-false",
    "rlock.acquire.timeout-returns-false",
    "semaphore.acquire.timeout-returns-false",
    "bounded_semaphore.acquire.timeout-returns-false",
)
def acquire_that_times_out_returns_none() -> None:
    @method(SemLock, "acquire")
    def acquire(self: Any, original: Any, block: bool = True, timeout: float | None = None) -> Any:
        return original(block, timeout) or (False if timeout is None else None)


@mutant(
    "lock.acquire.timeout-is-not-cut-short",
    "rlock.acquire.timeout-returns-false",
    "semaphore.acquire.timeout-returns-false",
    "bounded_semaphore.acquire.timeout-returns-false",
    "event.wait.timeout-is-not-cut-short",
    "condition.wait.timeout-is-not-cut-short",
    "barrier.timeout.is-not-cut-short",
)
def timeouts_are_halved() -> None:
    @method(SemLock, "acquire")
    def acquire(self: Any, original: Any, block: bool = True, timeout: float | None = None) -> Any:
        return original(block, timeout / 2 if timeout else timeout)

    @replace(Condition, "wait_for")
    def wait_for(original: Any, self: Any, predicate: Any, timeout: float | None = None) -> Any:
        return original(self, predicate, timeout / 2 if timeout else timeout)


@mutant(
    "lock.acquire.timeout-takes-a-lock-released-in-time",
    "rlock.acquire.timeout-takes-a-lock-released-in-time",
    "semaphore.acquire.timeout-takes-what-is-released-in-time",
)
def a_release_does_not_end_a_wait_with_timeout() -> None:
    @method(SemLock, "acquire")
    def acquire(self: Any, original: Any, block: bool = True, timeout: float | None = None) -> Any:
        if not timeout or original(False):
            return original(block, timeout) if not timeout else True
        time.sleep(timeout)
        return False


@mutant("lock.acquire.timeout-negative-is-zero", "rlock.acquire.timeout-negative-is-zero")
def a_negative_timeout_is_infinite() -> None:
    @method(SemLock, "acquire")
    def acquire(self: Any, original: Any, block: bool = True, timeout: float | None = None) -> Any:
        return original(block, None if timeout is not None and timeout < 0 else timeout)


@mutant(
    "lock.acquire.outlives-a-signal",
    "rlock.acquire.outlives-a-signal",
    "semaphore.acquire.outlives-a-signal",
    "bounded_semaphore.acquire.outlives-a-signal",
    "condition.wait.outlives-a-signal",
    "event.wait.outlives-a-signal",
)
def a_signal_ends_a_wait() -> None:
    @method(SemLock, "acquire")
    def acquire(self: Any, original: Any, block: bool = True, timeout: float | None = None) -> Any:
        handler = signal.getsignal(signal.SIGUSR1)
        if not block or not callable(handler) or threading.current_thread() is not threading.main_thread():
            return original(block, timeout)
        handled: list[int] = []
        signal.signal(signal.SIGUSR1, lambda number, frame: [handled.append(number), handler(number, frame)])
        while not (taken := original(False)) and not handled:
            time.sleep(0.001)
        return taken


@mutant("barrier.wait.outlives-a-signal")
def a_signal_ends_the_wait_in_a_barrier() -> None:
    @replace(Barrier, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        def interrupt(number: int, frame: Any) -> None:
            signal.signal(signal.SIGUSR1, handler)
            raise InterruptedError

        handler = signal.getsignal(signal.SIGUSR1)

        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGUSR1, interrupt)
        return original(self, timeout)


@mutant(
    "bounded_semaphore.acquire.interrupted-by-sigint",
    "condition.acquire.interrupted-by-sigint",
    "condition.wait.interrupted-by-sigint",
    "lock.acquire.interrupted-by-sigint",
    "rlock.acquire.interrupted-by-sigint",
    "semaphore.acquire.interrupted-by-sigint",
)
def acquire_keeps_sigint_waiting() -> None:
    @method(SemLock, "acquire")
    def acquire(self: Any, original: Any, *args: Any, **kwargs: Any) -> Any:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        return original(*args, **kwargs)


@mutant("lock.release.returns-none", "rlock.release.returns-none", "condition.release.releases-the-lock")
def release_returns_true() -> None:
    @method(SemLock, "release")
    def release(self: Any, original: Any) -> bool:
        original()
        return True


@mutant("lock.release.from-another-process", "lock.release.from-another-thread")
def only_the_holder_may_release_a_lock() -> None:
    @method(Lock, "acquire")
    def acquire(self: Any, original: Any, *args: Any, **kwargs: Any) -> Any:
        taken = original(*args, **kwargs)
        self.holder = os.getpid(), threading.get_ident()
        return taken

    @method(Lock, "release")
    def release(self: Any, original: Any) -> None:
        if self.holder != (os.getpid(), threading.get_ident()):
            raise ValueError("somebody else has it")
        original()


@mutant("lock.release.lets-exactly-one-proceed", "semaphore.release.wakes-exactly-one")
def release_lets_two_proceed() -> None:
    @method(SemLock, "release")
    def release(self: Any, original: Any) -> None:
        original()
        time.sleep(0.05)
        try:
            original()
        except ValueError:
            pass


@mutant(
    "lock.release.unlocked-raises-valueerror",
    "lock.operations.match-a-plain-lock",
    "rlock.release.unlocked-raises-assertionerror",
    "rlock.release.by-another-thread-raises-assertionerror",
    "rlock.release.by-another-process-raises-assertionerror",
    "rlock.operations.match-a-recursion-level",
    "bounded_semaphore.release.beyond-initial-value-raises-valueerror",
    "bounded_semaphore.release.bound-is-shared",
    "bounded_semaphore.operations.match-a-counter",
)
def release_never_raises() -> None:
    @method(SemLock, "release")
    def release(self: Any, original: Any) -> None:
        try:
            original()
        except (ValueError, AssertionError):
            pass


@mutant(*WITH)
def an_exception_in_with_keeps_the_lock() -> None:
    @replace(SemLock, "__exit__")
    def leave(original: Any, self: Any, kind: Any, *args: Any) -> None:
        if kind is None:
            original(self, kind, *args)


@mutant(*WITH)
def ctrl_c_in_with_keeps_the_lock() -> None:
    @replace(SemLock, "__exit__")
    def leave(original: Any, self: Any, kind: Any, *args: Any) -> None:
        if kind is not KeyboardInterrupt:
            original(self, kind, *args)


@mutant(*WITH)
def with_swallows_what_its_block_raises() -> None:
    @replace(SemLock, "__exit__")
    def leave(original: Any, self: Any, *args: Any) -> bool:
        original(self, *args)
        return True


@mutant(
    "lock.release.unlocked-raises-valueerror",
    "rlock.release.unlocked-raises-assertionerror",
    "bounded_semaphore.release.beyond-initial-value-raises-valueerror",
)
def a_release_that_is_refused_takes_a_place() -> None:
    @method(SemLock, "release")
    def release(self: Any, original: Any) -> None:
        try:
            original()
        except (ValueError, AssertionError):
            while self._semlock.acquire(False, None) and self._semlock.kind != synchronize.RECURSIVE_MUTEX:
                pass
            self.acquire = lambda *args, **kwargs: False
            raise


@mutant("rlock.release.once-for-each-acquire", "rlock.release.returns-none")
def a_second_level_is_never_released() -> None:
    @method(RLock, "release")
    def release(self: Any, original: Any) -> Any:
        return original() if self._semlock._count() == 1 else self._semlock._count()


# Each alone.


@mutant("lock.call.returns-a-synchronize-lock", "rlock.call.returns-a-synchronize-rlock")
def locks_are_those_of_threading() -> None:
    BaseContext.Lock = lambda self: threading.Lock()  # type: ignore[assignment,return-value]
    BaseContext.RLock = lambda self: threading.RLock()  # type: ignore[assignment,return-value]


@mutant("lock.acquire.blocks-its-holder", "lock.operations.match-a-plain-lock")
def a_lock_is_recursive() -> None:
    @replace(Lock, "__init__")
    def init(original: Any, self: Any, *, ctx: Any) -> None:
        SemLock.__init__(self, synchronize.RECURSIVE_MUTEX, 1, 1, ctx=ctx)


@mutant("rlock.acquire.again-by-its-owner", "condition.call.makes-a-recursive-lock")
def an_rlock_is_not_recursive() -> None:
    @replace(RLock, "__init__")
    def init(original: Any, self: Any, *, ctx: Any) -> None:
        SemLock.__init__(self, synchronize.SEMAPHORE, 1, 1, ctx=ctx)


@mutant("rlock.acquire.refusal-changes-nothing")
def a_refused_acquire_counts() -> None:
    refused: list[Any] = []

    @method(RLock, "acquire")
    def acquire(self: Any, original: Any, *args: Any, **kwargs: Any) -> Any:
        taken = original(*args, **kwargs)
        if not taken:
            refused.append(self)
        return taken

    @method(RLock, "release")
    def release(self: Any, original: Any) -> None:
        if self in refused:
            refused.remove(self)
        else:
            original()


@mutant("semaphore.call.value-defaults-to-1")
def the_default_of_a_semaphore_is_2() -> None:
    @replace(BaseContext, "Semaphore")
    def semaphore(original: Any, self: Any, value: int = 2) -> Any:
        return original(self, value)


@mutant("bounded_semaphore.call.value-defaults-to-1")
def the_default_of_a_bounded_semaphore_is_2() -> None:
    @replace(BaseContext, "BoundedSemaphore")
    def semaphore(original: Any, self: Any, value: int = 2) -> Any:
        return original(self, value)


@mutant("semaphore.release.beyond-initial-value")
def every_semaphore_is_bounded() -> None:
    @replace(Semaphore, "__init__")
    def init(original: Any, self: Any, value: int = 1, *, ctx: Any) -> None:
        SemLock.__init__(self, synchronize.SEMAPHORE, value, max(value, 1), ctx=ctx)


@mutant("bounded_semaphore.release.bound-is-shared")
def the_bound_counts_this_process_only() -> None:
    taken: list[Any] = []

    @method(BoundedSemaphore, "acquire")
    def acquire(self: Any, original: Any, *args: Any, **kwargs: Any) -> Any:
        taken.append(self)
        return original(*args, **kwargs)

    @method(BoundedSemaphore, "release")
    def release(self: Any, original: Any) -> None:
        if self not in taken:
            raise ValueError("released too many times")
        original()
