"""Two kinds of patience, never mixed.

*Awaiting* is for what must happen: generous, because it costs nothing when it does happen.
*Watching* is for what must not happen: at least a second, always spent in full, and free, because a test that
watches gives its place up (:mod:`mpconform.kit.places`).
A third thing is the *timeout* that a test gives to a call in which it is to run out: :meth:`Patience.runs_out` checks
that it waits no less, and hardly more.
All grow with the time that this cell takes to start a child, measured by the harness, and with the
factor that ``--patience`` gives. Under chaos (``--chaos``), what must happen gets what may be stolen on top.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mpconform.kit.places import idle

TYPE_CHECKING = False  # what typing.TYPE_CHECKING is, without the price of importing it
if TYPE_CHECKING:
    from typing import TypeVar

    Value = TypeVar("Value")

GRANULARITY = 0.02
"""Seconds by which a clock may be coarser than the timeout that is measured with it."""


class Overdue(AssertionError):
    """What must happen did not happen within the patience for it."""


class Late(AssertionError):
    """What must be done by some time was done later.

    A busy machine can be to blame, so the harness runs the test again, alone, and only what is late then as well fails.
    """


class Patience:
    """How long a test in this cell waits, in seconds."""

    MAY_STEAL = 5.0
    """What chaos may steal from a test at most; under chaos, what must happen gets so much longer."""

    def __init__(self, latency: float | None = None) -> None:
        if latency is None:
            latency = float(os.environ.get("MPCONFORM_LATENCY", "0.05"))
        self.latency = latency
        factor = float(os.environ.get("MPCONFORM_PATIENCE", "1"))
        stolen = self.MAY_STEAL if "MPCONFORM_CHAOS" in os.environ else 0.0
        # What takes seconds in this cell gets many times as long, but no hang may cost a quarter of an hour.
        self.awaiting = max(factor * max(8.0, min(80 * latency, 60.0)), 8 * latency) + stolen
        self.watching = factor * min(max(1.0, latency), 2.0)
        self.timeout = max(1.0, factor) * min(max(0.1, 2 * latency), 2.0)  # which half of it must be told from
        # What a call may take that does not wait.
        self.allowance = max(1.0, factor) * min(max(0.5, 10 * latency), 10.0) + stolen

    @property
    def deadline(self) -> float:
        """Seconds that a whole test may take before the harness calls it a hang."""
        return 2 * self.awaiting

    @contextmanager
    def runs_out(self, timeout: float, call: str) -> Iterator[None]:
        """Check that the block, which does ``call``, waits for its whole timeout and is done soon after it.

        The timeout is in seconds. Raises ``AssertionError`` if the block takes less, and :class:`Late` if it takes
        :attr:`allowance` more. What the block raises itself is raised, and nothing is checked: what is promised to
        raise stands in :func:`.raises` inside.
        """
        with self.no_later(timeout, call), self.no_sooner(timeout, call):
            yield

    @contextmanager
    def no_sooner(self, timeout: float, call: str) -> Iterator[None]:
        """Check the first half of that: that the block does not end before so many seconds have passed."""
        start = time.monotonic()
        with idle():
            yield
        took = time.monotonic() - start
        if took < timeout - GRANULARITY:
            raise AssertionError(f"{call}: done after {took:.3f} s, promised is to wait {timeout:g} s")

    @contextmanager
    def no_later(self, timeout: float, call: str) -> Iterator[None]:
        """Check the second half: that the block is done soon after so many seconds, or before."""
        start = time.monotonic()
        with idle():
            yield
        took = time.monotonic() - start
        if took > timeout + self.allowance:
            raise Late(f"{call}: done after {took:.3f} s, promised is to wait {timeout:g} s at most")

    @contextmanager
    def at_once(self, call: str) -> Iterator[None]:
        """Check that the block, which does ``call``, does not wait; raise :class:`Late` if it does.

        Raises it if the block takes longer than :attr:`allowance`.
        """
        start = time.monotonic()
        yield
        took = time.monotonic() - start
        if took > self.allowance:
            raise Late(f"{call}: done after {took:.3f} s, promised is not to wait")

    def until(self, condition: Callable[[], Value], what: str) -> Value:
        """Return the first true value of ``condition()``; raise :class:`Overdue`, naming ``what``, if none comes."""
        start = time.monotonic()
        pause = 0.0005
        while True:
            value = condition()
            if value:
                return value
            waited = time.monotonic() - start
            if waited >= self.awaiting:
                raise Overdue(f"{what}: not within {self.awaiting:.1f} s")
            if waited < max(0.25, 4 * self.latency):
                time.sleep(pause)  # most likely a child is starting, which needs the place
            else:
                with idle():
                    time.sleep(pause)
            pause = min(2 * pause, 0.01)

    def never(self, condition: Callable[[], object], what: str) -> None:
        """Watch that ``condition()`` stays false; raise ``AssertionError``, naming ``what``, if it becomes true."""
        start = time.monotonic()
        while time.monotonic() < start + self.watching:
            if condition():
                raise AssertionError(f"{what}: it did, {time.monotonic() - start:.3f} s after the watch began")
            with idle():
                time.sleep(0.02)
