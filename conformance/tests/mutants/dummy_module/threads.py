"""Mutants of the dummy module: processes and locks."""

from __future__ import annotations

import copy
import multiprocessing
import multiprocessing.dummy
import os
import queue
import threading
from typing import Any

from mpconform.kit import Patience
from mutants import mutant, replace

DUMMY: Any = multiprocessing.dummy
"""The module, whose names are put in place one by one."""


# Process


@mutant("dummy.process.runs-in-a-thread")
def start_runs_the_target_itself() -> None:
    DUMMY.DummyProcess.start = lambda self: self.run()


@mutant("dummy.process.runs-in-a-thread")
def start_forks_a_process() -> None:
    def start(self: Any) -> None:
        if os.fork() == 0:
            self.run()
            os._exit(0)

    DUMMY.DummyProcess.start = start


@mutant("dummy.process.passes-the-objects-themselves")
def arguments_are_copied() -> None:
    @replace(DUMMY.DummyProcess, "__init__")
    def init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(
            self,
            *args,
            **{name: copy.deepcopy(value) for name, value in kwargs.items() if name == "kwargs"}
            | {name: value for name, value in kwargs.items() if name != "kwargs"},
        )


@mutant("dummy.process.name")
def the_name_is_ignored() -> None:
    @replace(DUMMY.DummyProcess, "__init__")
    def init(original: Any, self: Any, *args: Any, name: Any = None, **kwargs: Any) -> None:
        original(self, *args, **kwargs)


@mutant("dummy.process.daemon-is-settable")
def daemon_cannot_be_set() -> None:
    DUMMY.DummyProcess.daemon = property(lambda self: False, lambda self, flag: None)


@mutant("dummy.process.is_alive")
def a_started_process_is_alive_for_ever() -> None:
    DUMMY.DummyProcess.is_alive = lambda self: self.ident is not None


@mutant("dummy.process.is_alive")
def a_process_is_alive_until_it_has_ended() -> None:
    @replace(DUMMY.DummyProcess, "is_alive")
    def is_alive(original: Any, self: Any) -> bool:
        return self.ident is None or bool(original(self))


@mutant("dummy.process.join-waits")
def join_does_nothing() -> None:
    DUMMY.DummyProcess.join = lambda self, timeout=None: None


def late(timeout: float) -> float:
    """Return a time that is later than any allowance for a timeout."""
    return timeout + Patience().allowance + 0.5


def otherwise(owner: Any, name: str, change: Any) -> None:
    """Let a call wait for another time than it is told: in most the timeout is the last argument."""

    @replace(owner, name)
    def call(original: Any, self: Any, *args: Any, timeout: Any = None, **kwargs: Any) -> Any:
        if timeout is None and args and isinstance(args[-1], float):
            *args, timeout = args  # type: ignore[assignment]
        given = {} if timeout is None else {"timeout": change(timeout)}
        return original(self, *args, **given, **kwargs)


@mutant("dummy.process.join-waits")
def join_waits_too_long() -> None:
    otherwise(DUMMY.DummyProcess, "join", late)


@mutant("dummy.process.join-waits")
def join_waits_half_its_timeout() -> None:
    otherwise(DUMMY.DummyProcess, "join", lambda timeout: timeout / 2)


@mutant("dummy.process.join-waits")
def join_gives_up_after_a_short_time() -> None:
    @replace(DUMMY.DummyProcess, "join")
    def join(original: Any, self: Any, timeout: Any = None) -> None:
        original(self, 0.1 if timeout is None else timeout)


@mutant("dummy.process.exitcode")
def exitcode_is_zero() -> None:
    DUMMY.DummyProcess.exitcode = 0


@mutant("dummy.process.exitcode")
def exitcode_is_true_at_the_end() -> None:
    DUMMY.DummyProcess.exitcode = property(lambda self: 1 if self.ident and not self.is_alive() else None)


@mutant("dummy.process.subclass-overrides-run")
def overridden_run_is_not_called() -> None:
    @replace(DUMMY.DummyProcess, "start")
    def start(original: Any, self: Any) -> None:
        self.run = lambda: DUMMY.DummyProcess.run(self)
        original(self)


@mutant("dummy.current_process.is-the-started-object")
def current_process_is_the_main_thread() -> None:
    DUMMY.current_process = threading.main_thread


@mutant("dummy.active_children.those-that-run")
def active_children_have_ended() -> None:
    children: list[Any] = []
    DUMMY.active_children = lambda: children

    @replace(DUMMY.DummyProcess, "start")
    def start(original: Any, self: Any) -> None:
        original(self)
        children.append(self)


@mutant("dummy.freeze_support.has-no-effect")
def freeze_support_returns_true() -> None:
    DUMMY.freeze_support = lambda: True


# Synchronization


@mutant("dummy.lock.excludes")
def a_lock_is_recursive() -> None:
    DUMMY.Lock = threading.RLock


@mutant("dummy.rlock.owner-acquires-again")
def an_rlock_is_a_semaphore() -> None:
    DUMMY.RLock = lambda: threading.Semaphore(2)


@mutant("dummy.rlock.owner-acquires-again")
def one_release_frees_an_rlock() -> None:
    class RLock:
        def __init__(self) -> None:
            self.lock, self.owner = threading.Lock(), None

        def acquire(self, block: bool = True, timeout: float = -1) -> bool:
            mine = self.owner == threading.get_ident()
            if mine or self.lock.acquire(block, timeout):
                self.owner = threading.get_ident()
                return True
            return False

        def release(self) -> None:
            self.owner = None
            if self.lock.locked():
                self.lock.release()

    DUMMY.RLock = RLock


@mutant("dummy.semaphore.counts")
def a_semaphore_has_one_more() -> None:
    DUMMY.Semaphore = lambda value=1: threading.Semaphore(value + 1)


@mutant("dummy.bounded_semaphore.refuses-excess-release")
def a_bounded_semaphore_is_not_bounded() -> None:
    DUMMY.BoundedSemaphore = threading.Semaphore


@mutant("dummy.condition.notify-wakes")
def wait_returns_nothing() -> None:
    class Condition(threading.Condition):
        def wait(self, timeout: float | None = None) -> Any:
            super().wait(timeout)

    DUMMY.Condition = Condition


@mutant("dummy.condition.notify-wakes")
def notify_wakes_all() -> None:
    class Condition(threading.Condition):
        def notify(self, n: int = 1) -> None:
            super().notify(len(self._waiters))  # type: ignore[attr-defined]

    DUMMY.Condition = Condition


@mutant("dummy.condition.notify-wakes")
def notify_all_wakes_one() -> None:
    class Condition(threading.Condition):
        def notify_all(self) -> None:
            super().notify()

    DUMMY.Condition = Condition


@mutant("dummy.event.set-wakes")
def an_event_is_set_from_the_first() -> None:
    class Event(threading.Event):
        def is_set(self) -> bool:
            return True

    DUMMY.Event = Event


@mutant("dummy.event.set-wakes")
def wait_for_an_event_returns_at_once() -> None:
    class Event(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            return True

    DUMMY.Event = Event


@mutant("dummy.event.set-wakes")
def set_wakes_one() -> None:
    class Event(threading.Event):
        def set(self) -> None:
            with self._cond:  # type: ignore[attr-defined]
                self._flag = True
                self._cond.notify()  # type: ignore[attr-defined]

    DUMMY.Event = Event


@mutant("dummy.event.set-wakes")
def clear_of_an_event_does_nothing() -> None:
    class Event(threading.Event):
        def clear(self) -> None:
            pass

    DUMMY.Event = Event


@mutant("dummy.barrier.releases-all")
def a_barrier_returns_zero() -> None:
    class Barrier(threading.Barrier):
        def wait(self, timeout: float | None = None) -> int:
            super().wait(timeout)
            return 0

    DUMMY.Barrier = Barrier


@mutant("dummy.barrier.releases-all")
def a_barrier_holds_nobody() -> None:
    class Barrier(threading.Barrier):
        def wait(self, timeout: float | None = None) -> int:
            self.count = getattr(self, "count", -1) + 1
            return self.count

    DUMMY.Barrier = Barrier


# Timeouts


def each_timeout(change: Any) -> None:
    """Let all objects that can wait for a time wait for another one."""
    for name, method in (("Condition", "wait"), ("Event", "wait"), ("Queue", "get"), ("Semaphore", "acquire")):
        kind = type(name, (getattr(DUMMY, name),), {})
        otherwise(kind, method, change)
        setattr(DUMMY, name, kind)


@mutant("dummy.timeouts.run-out")
def timeouts_are_too_long() -> None:
    each_timeout(late)


@mutant("dummy.timeouts.run-out")
def timeouts_are_in_milliseconds() -> None:
    each_timeout(lambda timeout: timeout / 1000)


@mutant("dummy.timeouts.run-out")
def put_waits_too_long() -> None:
    class Queue(queue.Queue):  # type: ignore[type-arg]
        def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
            super().put(item, block, None if timeout is None else late(timeout))

    DUMMY.Queue = Queue
