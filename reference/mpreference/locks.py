"""Locks and semaphores that processes share (public in :mod:`mpreference.synchronize`).

Each of them is a semaphore of :mod:`mpreference.semaphores`, and beside it what this process alone knows. A lock is a
semaphore of one. An `RLock` adds who owns it, a thread of this process, and how often that acquired it, or
that nobody here does; only the owner ever changes this, so it needs no lock of its own.

The rules:

* They go to a child with its start and no other way: by fork, or pickled while the child is started. What was made by a
  fork context refuses to be pickled, as the documentation warns: a program that mixes contexts has lost sight of
  what it shares.
* A forked child owns nothing that its parent owns: an owner is a thread and a process.
* What is said about a state that others share (`locked`, `get_value`, ``repr``) may be past when it is read.
* Exceptions are raised, not asserted: they stay with ``python -O``.
"""

from __future__ import annotations

import os
from _thread import get_ident

from mpreference import semaphores
from mpreference.handover import assert_starting, starting_method

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from mpreference.context import BaseContext


class Inherited:
    """What goes to a child with its start only; ``ctx`` is the context that made it, None if it goes to any child."""

    def __init__(self, ctx: BaseContext | None) -> None:
        self._ctx = ctx

    def __getstate__(self) -> dict[str, Any]:
        assert_starting(self)
        if self._ctx is not None and self._ctx.get_start_method(allow_none=True) == "fork":
            raise RuntimeError(
                f"a {type(self).__name__} of a fork context cannot be shared with a {starting_method()} child: "
                f"make it with the context that starts the child"
            )
        return {**self.__dict__, "_ctx": None}


class _Primitive(Inherited):
    """What can be acquired and released."""

    def __init__(self, value: int, maximum: int, ctx: BaseContext | None) -> None:
        super().__init__(ctx)
        self._semaphore = semaphores.Semaphore(value, maximum)

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:
        """Take one of what is there and return True; return False if there is none.

        With ``block``, wait until there is one, for at most ``timeout`` seconds; a negative timeout is zero.
        A signal handler that raises ends the wait.
        """
        return self._semaphore.acquire(block, timeout)

    def release(self) -> None:
        """Give it back."""
        self._semaphore.release()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_error: object) -> None:
        self.release()

    def locked(self) -> bool:
        """Return whether `acquire` would have to wait now, whoever calls it first."""
        return self._semaphore.value() == 0

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self._state()}>"

    def _state(self) -> str:
        return "locked" if self.locked() else "unlocked"


class Semaphore(_Primitive):
    """A semaphore (`multiprocessing.Semaphore`): acquired at most ``value`` times more often than it was released."""

    def __init__(self, value: int = 1, *, ctx: BaseContext | None) -> None:
        super().__init__(value, semaphores.VALUE_MAX, ctx)

    def release(self, n: int = 1) -> None:
        """Give back ``n``."""
        if n < 1:
            raise ValueError(f"release() gives back one or more, not {n}")
        self._semaphore.release(n)

    def get_value(self) -> int:
        """Return how often it can be acquired now (`multiprocessing.Semaphore.get_value`)."""
        return self._semaphore.value()

    def _state(self) -> str:
        return f"value {self.get_value()}"


class BoundedSemaphore(Semaphore):
    """A semaphore whose `release` raises ``ValueError`` beyond its first value (`multiprocessing.BoundedSemaphore`)."""

    def __init__(self, value: int = 1, *, ctx: BaseContext | None) -> None:
        _Primitive.__init__(self, value, value, ctx)


class Lock(_Primitive):
    """A lock (`multiprocessing.Lock`). `release` by any thread of any process; ``ValueError`` if it is not locked."""

    def __init__(self, *, ctx: BaseContext | None) -> None:
        super().__init__(1, 1, ctx)

    # What a condition needs to know:

    def is_owned(self) -> bool:
        """Return whether the caller may have it, as somebody has; nothing tells who."""
        return self._semaphore.value() == 0

    def release_all(self) -> int:
        """Unlock it, and return what `acquire_all` is to be told."""
        self._semaphore.release()
        return 1

    def acquire_all(self, _level: int) -> None:
        """Be where `release_all` left off."""
        self._semaphore.acquire()


class RLock(_Primitive):
    """A recursive lock (`multiprocessing.RLock`): the thread that owns it may acquire it any number of times."""

    def __init__(self, *, ctx: BaseContext | None) -> None:
        super().__init__(1, 1, ctx)
        self._owner: tuple[int, object] | None = None
        self._level = 0

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_owner": None, "_level": 0}

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:
        """Own it once more and return True; return False if another thread owns it (`multiprocessing.RLock.acquire`).

        With ``block``, wait until none does, for at most ``timeout`` seconds; a negative timeout is zero.
        A signal handler that raises ends the wait.
        """
        me = (get_ident(), _process)
        if self._owner != me:
            if not self._semaphore.acquire(block, timeout):
                return False
            self._owner, self._level = me, 0  # a forked child has inherited its parent's
        self._level += 1
        return True

    def release(self) -> None:
        """Own it once less; ``AssertionError`` if this thread does not own it (`multiprocessing.RLock.release`)."""
        if self._owner != (get_ident(), _process):
            raise AssertionError("an RLock is released by the thread that owns it, once for each time it was acquired")
        self._level -= 1
        if self._level == 0:
            self._owner = None
            self._semaphore.release()

    def _state(self) -> str:
        if self.is_owned():
            return f"owned by this thread, level {self._level}"
        return "owned by another thread" if self.locked() else "unlocked"

    def is_owned(self) -> bool:
        """Return whether this thread owns it."""
        return self._owner == (get_ident(), _process)

    def release_all(self) -> int:
        """Unlock it however often it was acquired, and return how often that was."""
        level, self._level, self._owner = self._level, 0, None
        self._semaphore.release()
        return level

    def acquire_all(self, level: int) -> None:
        """Own it as often as before."""
        self._semaphore.acquire()
        self._owner, self._level = (get_ident(), _process), level


_process = object()
"""Stands for this process among owners."""


def _after_fork_in_child() -> None:
    global _process
    _process = object()


os.register_at_fork(after_in_child=_after_fork_in_child)
