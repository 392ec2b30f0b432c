"""Conditions, and the events and barriers made of them (public in :mod:`mpreference.synchronize`).

How a `Condition` wakes those that wait
---------------------------------------
One semaphore would do to sleep on, were it not for those that come too early: a wake-up that was given to one
that waits, and does not run yet, would be taken by another that only now begins to wait; the first would sleep on. So
there are several *doors*, each a semaphore to sleep before and the number of its sleepers.

* Who begins to wait goes to a door at which no wake-up lies; to the one that was used last, if possible.
* `Condition.notify` gives wake-ups to sleepers, the oldest door first, and counts them as sleepers no more.
* Who wakes up takes a wake-up with it. One whose timeout has passed takes one too if there is one, as it may have been
  meant; otherwise it is a sleeper less.

Thus at each door those that have not woken up yet are as many as the sleepers and the wake-ups together. The lock of
the condition is held whenever something is counted, given or begun, as `wait` and `notify` require it anyway; only
waking up needs no lock. So no wake-up is lost and none wakes another than one that waited when it was given.

If wake-ups lie at all doors, because those that they are for do not get to run, a newcomer keeps the lock until one
door is clear. After `DEAD` seconds they are taken for dead or stopped, and become sleepers again. So a process
that is killed while it waits may cost one notification, and nothing more.

A barrier counts in *rounds*: see `Barrier`.
"""

from __future__ import annotations

import time

from mpreference.heap import Block, allocate
from mpreference.locks import Inherited, Lock, RLock
from mpreference.semaphores import VALUE_MAX, Semaphore, deadline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import BrokenBarrierError
    from typing import TypeVar

    from mpreference.context import BaseContext

    T = TypeVar("T")

DOORS = 4
"""More than two, so that seldom all have wake-ups lying there; each costs a semaphore."""

PAUSE = 0.0001
DEAD = 1.0
"""Seconds that someone who was notified may take to run, looked at in pauses, before he counts as dead."""

CIRCLE = [[(first + step) % DOORS for step in range(DOORS)] for first in range(DOORS + 1)]
"""All doors in order, beginning with the first, the second ..., and after the last with the first again."""


class Counters:
    """Some integers that processes share, zero at first: ``numbers[index]``. Who uses them holds a lock."""

    def __init__(self, count: int) -> None:
        self._attach(allocate(4 * count))

    def _attach(self, block: Block) -> None:
        self._block = block
        self.numbers = block.view.cast("i")

    def __getstate__(self) -> Block:
        return self._block

    def __setstate__(self, block: Block) -> None:
        self._attach(block)


class Condition(Inherited):
    """A condition (`multiprocessing.Condition`), with the lock that is given, a `Lock` or `RLock`, or a new `RLock`."""

    def __init__(self, lock: Lock | RLock | None = None, *, ctx: BaseContext | None) -> None:
        super().__init__(ctx)
        if lock is not None and not isinstance(lock, (Lock, RLock)):
            raise TypeError(f"the lock of a condition is a Lock or an RLock of this package, not {lock!r}")
        self._lock = RLock(ctx=ctx) if lock is None else lock
        self._doors = [Semaphore(0) for _ in range(DOORS)]
        self._sleepers = Counters(DOORS)
        self._last = Counters(1)
        """The door that was used last; the next one in the circle is the oldest."""

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:
        """Acquire the lock, as its own `acquire` does."""
        return self._lock.acquire(block, timeout)

    def release(self) -> None:
        """Release the lock."""
        self._lock.release()

    def locked(self) -> bool:
        """Return whether the lock is acquired now."""
        return self._lock.locked()

    def __enter__(self) -> bool:
        return self._lock.acquire()

    def __exit__(self, *_error: object) -> None:
        self._lock.release()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}({self._lock!r}): {sum(self._sleepers.numbers)} wait>"

    def wait(self, timeout: float | None = None) -> bool:
        """Release the lock, wait until notified, acquire it again and return True; False after ``timeout`` seconds.

        Raise ``RuntimeError`` if the lock is not acquired.
        """
        self._require_lock("wait for")
        door = self._find_door()
        self._sleepers.numbers[door] += 1
        level = self._lock.release_all()
        try:
            woken = self._doors[door].acquire(True, timeout)
        except BaseException:  # a signal handler raised, or the timeout is none
            self._lock.acquire_all(level)
            if self._leave(door, woken=False):
                self.notify()  # somebody else is to have it
            raise
        self._lock.acquire_all(level)
        return self._leave(door, woken)

    def _require_lock(self, purpose: str) -> None:
        if not self._lock.is_owned():
            raise RuntimeError(f"to {purpose} a condition, acquire its lock first")

    def _find_door(self) -> int:
        """Return a door at which no wake-up lies."""
        circle = CIRCLE[self._last.numbers[0]]
        patience = DEAD
        while True:
            for door in circle:
                if self._doors[door].value() == 0:
                    self._last.numbers[0] = door
                    return door
            if patience < 0:
                oldest = circle[1]
                while self._doors[oldest].acquire(False):
                    self._sleepers.numbers[oldest] += 1
            time.sleep(PAUSE)
            patience -= PAUSE

    def _leave(self, door: int, woken: bool) -> bool:
        """Be a sleeper no more; return whether there was a wake-up, even if it came late."""
        if woken or self._doors[door].acquire(False):
            return True
        self._sleepers.numbers[door] -= 1
        return False

    def wait_for(self, predicate: Callable[[], T], timeout: float | None = None) -> T:
        """Wait until ``predicate()`` is true, at most ``timeout`` seconds in all; return its last value."""
        end = None if timeout is None else deadline(timeout)
        value = predicate()
        while not value:
            left = None if end is None else end - time.monotonic()
            if left is not None and left <= 0:
                break
            self.wait(left)
            value = predicate()
        return value

    def notify(self, n: int = 1) -> None:
        """Wake ``n`` of those that wait, or all if there are fewer; they return once the lock is released.

        Raise ``RuntimeError`` if the lock is not acquired.
        """
        self._require_lock("notify")
        sleepers = self._sleepers.numbers
        for door in CIRCLE[self._last.numbers[0] + 1]:
            if sleepers[door] and n > 0:
                woken = min(n, sleepers[door])
                sleepers[door] -= woken
                self._doors[door].release(woken)
                n -= woken

    def notify_all(self) -> None:
        """Wake all that wait; raise ``RuntimeError`` if the lock is not acquired."""
        self.notify(VALUE_MAX)


class Event(Inherited):
    """A flag that can be awaited (`multiprocessing.Event`)."""

    def __init__(self, *, ctx: BaseContext | None) -> None:
        super().__init__(ctx)
        self._condition = Condition(Lock(ctx=ctx), ctx=ctx)
        self._flag = Counters(1)

    def is_set(self) -> bool:
        """Return whether the flag is set."""
        return self._flag.numbers[0] != 0

    def set(self) -> None:
        """Set the flag, and wake all that wait for it."""
        with self._condition:
            self._flag.numbers[0] = 1
            self._condition.notify_all()

    def clear(self) -> None:
        """Clear the flag."""
        with self._condition:
            self._flag.numbers[0] = 0

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the flag is set, and return True; return False after ``timeout`` seconds."""
        if self.is_set():
            return True
        with self._condition:
            return self.is_set() or self._condition.wait(timeout)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {'set' if self.is_set() else 'unset'}>"


ARRIVED, LEAVING, FAILED, BROKEN = range(4)
"""The counters of a barrier."""


class Barrier(Inherited):
    """A barrier for so many parties, threads or processes (`multiprocessing.Barrier`).

    Those that have *arrived* wait until their round ends: when all parties are there, or when it fails. They are
    *leaving* then, and whoever comes now waits until the last of them has left. So all that wait in a round learn how
    it ended, and none is in two. ``action`` is called by the last to arrive, before any leaves. ``timeout``
    is that of a `wait` which is given none, in seconds.
    """

    def __init__(
        self,
        parties: int,
        action: Callable[[], object] | None = None,
        timeout: float | None = None,
        *,
        ctx: BaseContext | None,
    ) -> None:
        super().__init__(ctx)
        if parties < 1:
            raise ValueError(f"a barrier is for one party or more, not {parties}")
        self._parties = parties
        self._action = action
        self._timeout = timeout
        self._condition = Condition(Lock(ctx=ctx), ctx=ctx)
        self._state = Counters(4)

    def wait(self, timeout: float | None = None) -> int:
        """Wait until all parties have called this; return a number from 0 to ``parties - 1``, each a different one.

        Raise `threading.BrokenBarrierError` if the barrier is broken, or is broken or reset meanwhile, or if
        ``timeout`` seconds have passed, which breaks it. What the action raises breaks it too, and is passed on.
        """
        timeout = self._timeout if timeout is None else timeout
        end = None if timeout is None else deadline(timeout)
        state = self._state.numbers
        with self._condition:
            self._await(lambda: state[BROKEN] or not state[LEAVING], end)
            if state[BROKEN]:
                raise _broken("it was broken before")
            number = state[ARRIVED]
            state[ARRIVED] += 1
            try:
                if number + 1 == self._parties:
                    self._open()
                else:
                    self._await(lambda: state[LEAVING], end)
                if state[FAILED]:
                    raise _broken("it was broken or reset meanwhile")
            finally:
                self._leave()
        return number

    def _await(self, condition: Callable[[], int | bool], end: float | None) -> None:
        left = None if end is None else end - time.monotonic()
        if not self._condition.wait_for(condition, left):
            self._break()
            raise _broken("the timeout has passed")

    def _open(self) -> None:
        try:
            if self._action is not None:
                self._action()
        except BaseException:
            self._break()
            raise
        self._end_round(failed=False)

    def _end_round(self, failed: bool) -> None:
        """Let all leave that have arrived."""
        state = self._state.numbers
        if state[ARRIVED]:
            state[LEAVING], state[ARRIVED], state[FAILED] = state[ARRIVED], 0, failed
        self._condition.notify_all()

    def _leave(self) -> None:
        state = self._state.numbers
        if not state[LEAVING]:  # interrupted while its round goes on
            state[ARRIVED] -= 1
            return
        state[LEAVING] -= 1
        if not state[LEAVING]:
            self._condition.notify_all()

    def _break(self) -> None:
        self._state.numbers[BROKEN] = 1
        self._end_round(failed=True)

    def abort(self) -> None:
        """Break the barrier: whoever waits or will wait gets `threading.BrokenBarrierError`."""
        with self._condition:
            self._break()

    def reset(self) -> None:
        """Make the barrier as new; whoever waits gets `threading.BrokenBarrierError`."""
        with self._condition:
            self._state.numbers[BROKEN] = 0
            self._end_round(failed=True)

    @property
    def parties(self) -> int:
        """How many it takes to pass."""
        return self._parties

    @property
    def n_waiting(self) -> int:
        """How many wait now."""
        return self._state.numbers[ARRIVED]

    @property
    def broken(self) -> bool:
        """Whether the barrier is broken."""
        return self._state.numbers[BROKEN] != 0

    def __repr__(self) -> str:
        state = "broken" if self.broken else f"{self.n_waiting} of {self.parties} wait"
        return f"<{type(self).__name__}: {state}>"


def _broken(why: str) -> BrokenBarrierError:
    from threading import BrokenBarrierError  # slow to import, and seldom needed

    return BrokenBarrierError(f"the barrier is broken: {why}")
