"""Semaphores that processes share: what all synchronization is made of.

A semaphore is a number that never goes below zero. `Semaphore.acquire` waits until it is above zero and takes one,
`Semaphore.release` adds one. There are two kinds, and `Semaphore()` makes that of the platform:

* `Unnamed`: a POSIX semaphore (`sem_init`) in a block of the heap. It has no name, so there is nothing to unlink, to
  track, or to be left behind by a process that is killed. To acquire and release takes 0.3 microseconds while nobody
  waits, 0.4 with a maximum: two or three calls of C functions, which the kernel does not hear of. To make one takes 2.
  (A semaphore with a name takes 10 to make, and has to be unlinked.)
* `Tokens`: a pipe with as many bytes in it as the number is. It works wherever there are pipes: macOS has no unnamed
  semaphores. To acquire and release takes 0.7 microseconds, 1.7 with a maximum: two or three system calls. To make one
  takes 3, and two descriptors. It counts as far as a pipe holds bytes, 16 thousand at least.

The rules of both:

* A signal handler runs while `acquire` waits in the main thread, and what it raises ends the wait.
* Other threads run while one waits.
* Timeouts are measured by the monotonic clock, if the C library can (`sem_clockwait`); elsewhere a wait that the
  clock of the day has ended too early goes on.
* A timeout is a number of seconds. Below zero it is zero; not a number it is a ``ValueError``, and more than
  `_thread.TIMEOUT_MAX` an ``OverflowError``, as for the locks of `threading`.
* `release` refuses to exceed a maximum. It looks and then adds: two processes that both release once too often
  in the same moment may get through, as programs that are wrong do.
"""

from __future__ import annotations

import ctypes
import errno
import operator
import os
import sys
import time
from _thread import TIMEOUT_MAX

from mpreference.handover import assert_starting, give, take
from mpreference.heap import Block, allocate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

NATIVE = sys.platform == "linux"
"""Whether new semaphores are of the kind `Unnamed`."""

VALUE_MAX = 2**31 - 1
"""The most that a semaphore can count to; as a maximum it means that there is none."""


SPINS = 20
"""How often to try before one waits: two microseconds in which the other side mostly gives back what it has. To be put
to sleep and woken takes longer: handing over there and back is ten times as fast."""


class Semaphore:
    """A semaphore of the kind that the platform has: ``value`` is its first number, ``maximum`` bounds `release`."""

    def __new__(cls, *_args: Any, **_keywords: Any) -> Semaphore:
        if cls is Semaphore:
            cls = Unnamed if NATIVE else Tokens
        return object.__new__(cls)

    def __init__(self, value: int, maximum: int = VALUE_MAX) -> None:
        value = operator.index(value)
        if not 0 <= value <= VALUE_MAX:
            raise ValueError(f"a semaphore starts with 0 to {VALUE_MAX}, not with {value}")
        self._maximum = maximum
        self._create(value)

    def _create(self, value: int) -> None:
        raise NotImplementedError

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:
        """Take one and return True; return False if there is none now, or with ``block`` within ``timeout`` seconds."""
        raise NotImplementedError

    def release(self, n: int = 1) -> None:
        """Add ``n``; raise ``ValueError`` if that exceeds the maximum."""
        raise NotImplementedError

    def value(self) -> int:
        """Return the number, which others may change at any time."""
        raise NotImplementedError


def deadline(timeout: float) -> float:
    """Return when a timeout that begins now will have passed, by the monotonic clock."""
    try:
        seconds = timeout + 0.0
    except TypeError:
        raise TypeError(f"a timeout is a number of seconds, not {timeout!r}") from None
    if seconds != seconds:
        raise ValueError("a timeout is a number of seconds, not NaN")
    if seconds > TIMEOUT_MAX:
        raise OverflowError(f"a timeout of {seconds} seconds is too large")
    return time.monotonic() + max(seconds, 0.0)


TOO_OFTEN = "released too often: the value would exceed {}"


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


def _timespec(moment: float) -> Any:
    return ctypes.byref(_Timespec(int(moment), int(moment % 1 * 1e9)))


_quick = ctypes.PyDLL(None)
"""The C library, for calls that never wait: to let other threads run meanwhile would take longer."""
_init, _trywait, _post, _getvalue = _quick.sem_init, _quick.sem_trywait, _quick.sem_post, _quick.sem_getvalue

_slow = ctypes.CDLL(None, use_errno=True)
"""The C library, for calls that may wait."""


def _wait_until(place: Any, moment: float) -> int:
    if hasattr(_slow, "sem_clockwait"):
        return int(_slow.sem_clockwait(place, time.CLOCK_MONOTONIC, _timespec(moment)))
    return int(_slow.sem_timedwait(place, _timespec(time.time() + moment - time.monotonic())))


class Unnamed(Semaphore):
    """A POSIX semaphore without a name, in shared memory."""

    SIZE = 32
    """Bytes of a ``sem_t`` on Linux, whichever C library and processor."""

    def _create(self, value: int) -> None:
        self._attach(allocate(self.SIZE))
        if _init(self._place, 1, value) != 0:
            raise OSError("the system has no semaphore for us")

    def _attach(self, block: Block) -> None:
        self._block = block
        self._place = ctypes.byref((ctypes.c_char * self.SIZE).from_buffer(block.view))
        self._number = ctypes.c_int()
        self._number_place = ctypes.byref(self._number)

    def __getstate__(self) -> tuple[Block, int]:
        assert_starting(self)
        return self._block, self._maximum

    def __setstate__(self, state: tuple[Block, int]) -> None:
        block, self._maximum = state
        self._attach(block)

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:
        end = None if timeout is None or not block else deadline(timeout)
        if _trywait(self._place) == 0:
            return True
        if not block or (timeout is not None and timeout <= 0):
            return False
        for _ in range(SPINS):
            if _trywait(self._place) == 0:
                return True
        return self._wait(end)

    def _wait(self, end: float | None) -> bool:
        while (_slow.sem_wait(self._place) if end is None else _wait_until(self._place, end)) != 0:
            error = ctypes.get_errno()
            if error == errno.ETIMEDOUT and end is not None:
                if time.monotonic() >= end:
                    return False
            elif error != errno.EINTR:
                raise OSError(error, os.strerror(error))
            # Handlers of signals run before the loop comes round.
        return True

    def release(self, n: int = 1) -> None:
        if n == self._maximum == 1:  # a lock, of which an attempt to take it tells soonest that it is taken
            if _trywait(self._place) == 0:
                _post(self._place)
                raise ValueError(TOO_OFTEN.format(1))
        elif self._maximum < VALUE_MAX:
            _getvalue(self._place, self._number_place)  # self.value() would make this a fifth slower
            if self._number.value + n > self._maximum:
                raise ValueError(TOO_OFTEN.format(self._maximum))
        while n > 0:
            if _post(self._place) != 0:
                raise ValueError(TOO_OFTEN.format(VALUE_MAX))
            n -= 1

    def value(self) -> int:
        _getvalue(self._place, self._number_place)
        return self._number.value


class Tokens(Semaphore):
    """A pipe with as many bytes in it as the number is."""

    CAPACITY = 1 << 16
    """Bytes that a pipe holds, at most."""

    _reader = _writer = -1

    def _create(self, value: int) -> None:
        self._attach(os.pipe())
        self._add(value)

    def _attach(self, ends: tuple[int, int]) -> None:
        self._reader, self._writer = ends
        os.set_blocking(self._reader, False)  # or one that comes too late for the last byte would wait within its read
        os.set_blocking(self._writer, False)

    def __del__(self, close: Callable[[int], None] = os.close) -> None:
        for end in (self._reader, self._writer):
            if end != -1:
                close(end)

    def __getstate__(self) -> tuple[int, int, int]:
        assert_starting(self)
        return give(self._reader), give(self._writer), self._maximum

    def __setstate__(self, state: tuple[int, int, int]) -> None:
        reader, writer, self._maximum = state
        self._attach((take(reader), take(writer)))

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:
        end = None if timeout is None or not block else deadline(timeout)
        while not self._take():
            if not block or not self._wait(end):
                return False
        return True

    def _take(self) -> bool:
        try:
            return bool(os.read(self._reader, 1))
        except BlockingIOError:
            return False

    def _wait(self, end: float | None) -> bool:
        """Return True once there may be a byte, False once ``end`` has come."""
        import select

        poll = select.poll()
        poll.register(self._reader, select.POLLIN)
        return bool(poll.poll(None if end is None else max(end - time.monotonic(), 0) * 1000))

    def release(self, n: int = 1) -> None:
        if self._maximum < VALUE_MAX and self.value() + n > self._maximum:
            raise ValueError(TOO_OFTEN.format(self._maximum))
        self._add(n)

    def _add(self, n: int) -> None:
        try:
            added = os.write(self._writer, bytes(min(n, self.CAPACITY + 1)))
        except BlockingIOError:
            added = 0
        if added < n:
            raise ValueError(f"a semaphore of this system counts to some {self.CAPACITY} only")

    def value(self) -> int:
        import fcntl
        import termios

        return int.from_bytes(fcntl.ioctl(self._reader, termios.FIONREAD, bytes(4)), sys.byteorder)
