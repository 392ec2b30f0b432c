"""Handing tests to servers so that the machine always computes, and no more than it can.

There is a **place** for each core, or for each of ``--jobs``. A test has a place while it computes; one that only
watches or awaits gives it up (:mod:`mpconform.kit.places`), and another test begins. So many more sandboxes than
cores can be under way, most of them waiting. One that goes on is not held up: for a moment, more compute.
"""

from __future__ import annotations

import math
import mmap
import select
import time
from collections.abc import Callable, Collection, Iterator, Sequence

from mpconform.isolation import processes
from mpconform.isolation.outcome import Outcome
from mpconform.isolation.server import Server, ServerDied
from mpreports.verdicts import Verdict

SIDE_BY_SIDE = 24
"""Sandboxes for each place that may be under way at the same time, computing or waiting."""

LONG = 4.0
"""Seconds after which a sandbox is taken to wait: in a call of the backend that hangs, where nothing can tell."""

LOOK = 0.004
"""Seconds between two looks for a place that was given up."""

WATCH = 0.5
"""Seconds between two looks at the clock, where there is a time limit."""


Choice = Callable[[Sequence[int]], "int | None"]
"""Returns the item that is begun next, of those that are left."""


def first_that(accepts: Callable[[int], bool]) -> Choice:
    """Return what chooses the first item that is accepted."""
    return lambda items: next(filter(accepts, items), None)


class OutOfTime(Exception):
    """The time limit is over."""


class Scheduler:
    """Runs items, by their index, on servers that ``start`` starts; each gets the byte that tells of its place."""

    def __init__(
        self,
        start: Callable[[memoryview], Server],
        jobs: int,
        limit: float | None = None,
        besides: Collection[int] = (),
        chaos: Callable[[int], str | None] = lambda _: None,
    ) -> None:
        self.start = start
        self.chaos = chaos
        """Returns the schedule of chaos that an item is to be run under, if any."""
        self.besides = frozenset(besides)
        """Children of this process that are none of its servers."""
        self.jobs = jobs
        self.end = time.monotonic() + limit if limit is not None else math.inf
        self.flags = memoryview(mmap.mmap(-1, jobs * SIDE_BY_SIDE))  # shared with what is forked
        self.numbers = list(range(jobs * SIDE_BY_SIDE))[::-1]
        self.free: list[tuple[int, Server]] = []
        self.busy: dict[Server, tuple[int, int]] = {}
        """The number of each server that is at work, and the item."""
        self.begun: dict[int, float] = {}
        """When the server with this number has begun what it is at."""

    def calibrate(self) -> dict[str, object]:
        """Return what the calibration says (:func:`mpconform.isolation.calibration.answer`)."""
        self._begin(None)
        [server] = self.busy
        number, _ = self.busy.pop(server)
        try:
            return server.result()
        except ServerDied as error:
            return {"unreachable": str(error)}
        finally:
            self._end(server, number)  # those that come later know what it has found out

    def run(self, items: list[int], choose: Choice, *, alone: bool = False) -> Iterator[tuple[int, Outcome]]:
        """Yield each item with its outcome, as they come, until none is under way and none that is left is chosen.

        ``choose(items)`` returns which of those that are left is begun next, None if none can be; it leaves the list
        then. ``alone`` runs one at a time, once all that is under way is done; that is yielded too.
        Raises :class:`OutOfTime` when the time limit is over.
        """
        while True:
            while items and self._has_room(alone=alone):
                chosen = choose(items)
                if chosen is None:
                    break
                items.remove(chosen)
                self._begin(chosen)
            if not self.busy:
                return
            channels = {server.channel: server for server in self.busy}
            look = LOOK if items and not alone else WATCH
            for channel in select.select(list(channels), [], [], look)[0]:
                if channels[channel] in self.busy:  # another call of run() may have taken its result meanwhile
                    yield self._result(channels[channel])
            if time.monotonic() > self.end:
                raise OutOfTime

    def lasting(self, seconds: float) -> list[int]:
        """Return the items that have been under way for longer than this."""
        long_ago = time.monotonic() - seconds
        return [item for number, item in self.busy.values() if self.begun[number] < long_ago]

    def _has_room(self, *, alone: bool) -> bool:
        if alone:
            return not self.busy
        long_ago = time.monotonic() - LONG
        computing = sum(not self.flags[number] and self.begun[number] > long_ago for number, _ in self.busy.values())
        return computing < self.jobs and bool(self.free or self.numbers)

    def _begin(self, item: int | None) -> None:
        if not self.free:
            number = self.numbers.pop()
            self.free.append((number, self.start(self.flags[number : number + 1])))
        number, server = self.free.pop()
        self.flags[number] = 0
        self.begun[number] = time.monotonic()
        self.busy[server] = number, -1 if item is None else item
        server.begin(item, None if item is None else self.chaos(item))

    def _result(self, server: Server) -> tuple[int, Outcome]:
        number, item = self.busy.pop(server)
        try:
            outcome = Outcome.from_dict(server.result())
        except ServerDied as error:
            self._end(server, number)
            return item, Outcome(Verdict.NOT_RUN, str(error))
        self.free.append((number, server))
        return item, outcome

    def _end(self, server: Server, number: int) -> None:
        """End one server, and what it has left behind if it was killed."""
        server.close()
        self.numbers.append(number)
        others = [*self.busy, *(server for _, server in self.free)]
        processes.end_all(besides=self.besides | {other.pid for other in others})

    def close(self) -> None:
        """End all servers and whatever they run."""
        servers = [*self.busy, *(server for _, server in self.free)]
        for server in servers:
            server.channel.close()
        for server in servers:
            server.close()
        self.busy.clear()
        self.free.clear()
        processes.end_all(besides=self.besides)
