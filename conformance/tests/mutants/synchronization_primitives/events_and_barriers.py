"""Mutants of events and barriers."""

from __future__ import annotations

import os
import threading
import time
from multiprocessing.synchronize import Barrier, Event
from typing import Any

from mutants import mutant, replace

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


@mutant("event.set.wakes-waiters", "event.set.wakes-threads")
def set_wakes_one() -> None:
    @replace(Event, "set")
    def set_(original: Any, self: Any) -> None:
        with self._cond:
            self._flag.release()
            self._cond.notify()


@mutant("event.wait.blocks-until-set", "event.set.wakes-threads")
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
        return original(self, 100 * (self._timeout or 0) if timeout is None else timeout)


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


@mutant("barrier.broken.fails-active-calls")
def those_that_wait_are_not_told_of_a_break() -> None:
    @replace(Barrier, "wait")
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        Barrier._break = lambda self: setattr(self, "_state", -2)  # type: ignore[attr-defined]
        return original(self, timeout)


@mutant("barrier.reset.empties-the-barrier")
def reset_breaks_the_barrier() -> None:
    @replace(Barrier, "reset")
    def reset(original: Any, self: Any) -> None:
        original(self) if self.broken or not self.n_waiting else self.abort()


@mutant("barrier.abort.fails-active-calls", "barrier.reset.fails-active-calls", "barrier.reset.empties-the-barrier")
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
