"""Mutants of the synchronization primitives."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from multiprocessing import synchronize
from multiprocessing.context import BaseContext
from multiprocessing.synchronize import Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, Semaphore, SemLock
from typing import Any

from mutants import mutant, replace

STDLIB = "the standard library itself does not keep it"

UNSEEN = {
    "bounded_semaphore.call.negative-value-raises-valueerror": STDLIB,
    "bounded_semaphore.release.adds-n": STDLIB,
    "condition.notify.without-the-lock-raises-runtimeerror": STDLIB,
    "condition.notify_all.without-the-lock-raises-runtimeerror": STDLIB,
    "condition.wait.without-the-lock-raises-runtimeerror": STDLIB,
    "semaphore.call.negative-value-raises-valueerror": STDLIB,
    "semaphore.release.adds-n": STDLIB,
}


def method(kind: type[SemLock], name: str) -> Callable[[Callable[..., Any]], None]:
    """Put a function in the place of acquire or release of each instance; it gets the instance and what was there."""

    def put(function: Callable[..., Any]) -> None:
        @replace(kind, "_make_methods")
        def make(original: Any, self: Any) -> None:
            original(self)
            self.creator = os.getpid()
            setattr(self, name, partial(function, self, getattr(self, name)))

    return put


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


@mutant(
    "lock.with.acquires-and-releases",
    "rlock.with.acquires-and-releases",
    "semaphore.with.acquires-and-releases",
    "bounded_semaphore.with.acquires-and-releases",
    "condition.with.holds-the-lock",
)
def an_exception_in_with_keeps_the_lock() -> None:
    @replace(SemLock, "__exit__")
    def leave(original: Any, self: Any, kind: Any, *args: Any) -> None:
        if kind is None:
            original(self, kind, *args)


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


@mutant("condition.wait.returns-true-when-notified", "condition.wait.returns-false-on-timeout")
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
def the_predicate_is_called_without_the_lock() -> None:
    @replace(Condition, "wait_for")
    def wait_for(original: Any, self: Any, predicate: Any, timeout: float | None = None) -> Any:
        self.release()
        value = predicate()
        self.acquire()
        return value or original(self, predicate, timeout)


@mutant("condition.notify.wakes-a-waiter", "condition.notify_all.wakes-all")
def notify_wakes_nobody() -> None:
    @replace(Condition, "notify")
    def notify(original: Any, self: Any, n: int = 1) -> None:
        pass


@mutant("condition.notify.wakes-at-most-n")
def notify_wakes_everybody() -> None:
    @replace(Condition, "notify")
    def notify(original: Any, self: Any, n: int = 1) -> None:
        original(self, sys.maxsize)


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


# Event.


@mutant("event.is_set.false-at-first")
def a_new_event_is_set() -> None:
    @replace(Event, "__init__")
    def init(original: Any, self: Any, *, ctx: Any) -> None:
        original(self, ctx=ctx)
        self.set()


@mutant("event.set.sets-the-flag", "event.clear.resets-the-flag")
def is_set_remembers_the_first_answer() -> None:
    answers: dict[Any, bool] = {}

    @replace(Event, "is_set")
    def is_set(original: Any, self: Any) -> bool:
        return answers.setdefault(self, original(self))

    @replace(Event, "set")
    def set_(original: Any, self: Any) -> None:
        self.is_set()
        original(self)


@mutant("event.clear.resets-the-flag", "event.clear.makes-wait-block-again")
def clear_does_nothing() -> None:
    @replace(Event, "clear")
    def clear(original: Any, self: Any) -> None:
        pass


@mutant("event.set.wakes-waiters")
def set_wakes_one() -> None:
    @replace(Event, "set")
    def set_(original: Any, self: Any) -> None:
        with self._cond:
            self._flag.release()
            self._cond.notify()


@mutant("event.wait.blocks-until-set")
def wait_of_an_event_does_not_block() -> None:
    @replace(Event, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        return original(self, 0.01 if timeout is None else timeout)


@mutant("event.wait.returns-at-once-when-set")
def wait_clears_the_flag() -> None:
    @replace(Event, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        answer = original(self, timeout)
        self.clear()
        return answer


@mutant("event.wait.returns-false-on-timeout")
def wait_of_an_event_returns_none() -> None:
    @replace(Event, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        return original(self, timeout) or None


@mutant("event.wait.timeout-ends-with-set")
def a_timeout_is_spent_in_full() -> None:
    @replace(Event, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        time.sleep(timeout or 0)
        return original(self, timeout)


@mutant("event.operations.match-a-flag")
def each_process_remembers_what_it_set() -> None:
    @replace(Event, "set")
    def set_(original: Any, self: Any) -> None:
        self.seen = True
        original(self)

    @replace(Event, "clear")
    def clear(original: Any, self: Any) -> None:
        self.seen = False
        original(self)

    @replace(Event, "is_set")
    def is_set(original: Any, self: Any) -> bool:
        return self.__dict__.get("seen", False)


# Barrier.


@mutant("barrier.wait.blocks-until-all-have-called", "barrier.wait.lets-threads-pass")
def a_barrier_wants_one_party_less() -> None:
    @replace(Barrier, "__init__")
    def init(original: Any, self: Any, parties: int, *args: Any, **kwargs: Any) -> None:
        original(self, parties - 1, *args, **kwargs)


@mutant("barrier.wait.returns-a-different-number-to-each")
def wait_returns_0_to_all() -> None:
    @replace(Barrier, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> int:
        return 0 * original(self, timeout)


@mutant("barrier.wait.passes-one-generation-at-a-time")
def who_is_fast_enters_again() -> None:
    Barrier._enter = lambda self: None  # type: ignore[attr-defined]


@mutant("barrier.action.called-once-before-release")
def every_party_calls_the_action() -> None:
    @replace(Barrier, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        answer = original(self, timeout)
        if answer:
            self._action()
        return answer


@mutant("barrier.action.called-once-before-release")
def the_action_is_called_too_late() -> None:
    @replace(Barrier, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        action, self._action = self._action, None
        answer = original(self, timeout)
        if not answer:
            time.sleep(0.1)
            action()
        return answer


@mutant("barrier.action.error-breaks-the-barrier")
def an_error_of_the_action_is_ignored() -> None:
    @replace(Barrier, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        try:
            return original(self, timeout)
        finally:
            self.reset()


@mutant("barrier.timeout.raises-brokenbarriererror")
def a_timeout_returns_none() -> None:
    @replace(Barrier, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        try:
            return original(self, timeout)
        except threading.BrokenBarrierError:
            return None


@mutant("barrier.timeout.breaks-the-barrier")
def a_timeout_mends_the_barrier() -> None:
    @replace(Barrier, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        try:
            return original(self, timeout)
        except threading.BrokenBarrierError:
            self.reset()
            raise


@mutant("barrier.timeout.default-from-the-constructor")
def the_timeout_of_the_constructor_is_not_seconds() -> None:
    @replace(Barrier, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        return original(self, 30 * (self._timeout or 0) if timeout is None else timeout)


@mutant("barrier.timeout.of-wait-is-preferred")
def the_timeout_of_the_constructor_is_preferred() -> None:
    @replace(Barrier, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        return original(self, self._timeout or timeout)


@mutant("barrier.abort.breaks-the-barrier")
def abort_of_another_process_is_ignored() -> None:
    creator = os.getpid()

    @replace(Barrier, "abort")
    def abort(original: Any, self: Any) -> None:
        if os.getpid() == creator:
            original(self)


@mutant("barrier.abort.fails-active-calls", "barrier.reset.fails-active-calls")
def those_that_wait_are_not_told() -> None:
    @replace(Barrier, "abort")
    def abort(original: Any, self: Any) -> None:
        self._state = -2

    @replace(Barrier, "reset")
    def reset(original: Any, self: Any) -> None:
        self._count = 0


@mutant("barrier.abort.fails-future-calls")
def wait_mends_a_broken_barrier() -> None:
    @replace(Barrier, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        if self.broken:
            self.reset()
        return original(self, timeout)


@mutant("barrier.reset.mends-a-broken-barrier")
def reset_leaves_a_broken_barrier() -> None:
    @replace(Barrier, "reset")
    def reset(original: Any, self: Any) -> None:
        if not self.broken:
            original(self)


@mutant("barrier.parties.returns-the-number")
def parties_counts_from_0() -> None:
    Barrier.parties = property(lambda self: self._parties - 1)  # type: ignore[misc,assignment]


@mutant("barrier.n_waiting.counts-waiting-processes")
def n_waiting_is_always_0() -> None:
    Barrier.n_waiting = property(lambda self: 0)  # type: ignore[misc,assignment]


@mutant("barrier.broken.false-at-first")
def broken_is_the_state() -> None:
    Barrier.broken = property(lambda self: self._state)  # type: ignore[misc,assignment]
