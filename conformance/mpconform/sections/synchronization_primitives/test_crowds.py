"""Several processes and threads that acquire and release as fast as they can: too many never have it at once."""

from __future__ import annotations

import mmap
import sys
import time
from contextlib import suppress

from mpconform.kit import Overdue, Patience, Task, did_not_arise, promise, verifies
from mpconform.sections.synchronization_primitives.helpers import THREADS, child_that_does, start_together

ROUNDS = 3000
SECONDS = 0.15
"""How long each of them is at it, at most, once all are."""


class Rush:
    """A task, of two processes at once: acquire and release, and see meanwhile how many have the primitive.

    Each party has a byte of a file that is 1 while it has the primitive. All bytes are one word, which is read in one
    step: so what is seen is how many have it at one moment. A second word tells in the same way who has begun.
    """

    def __init__(self, scratch, primitive, what, places):
        self.begun, self.journal = scratch.latch(), scratch.journal()
        self.primitive, self.what, self.places = primitive, what, places
        self.path = scratch.path("parties")
        with open(self.path, "wb") as file:
            file.write(bytes(4 * THREADS))

    def __call__(self):
        self.use(THREADS)

    def use(self, first):
        """Use it in threads of this process, the first of which has this number."""
        before = sys.getswitchinterval()
        sys.setswitchinterval(1e-5)  # so that the threads of one process come in between each other too
        try:
            threads = [Task(self.rush, number) for number in range(first, first + THREADS)]
            with suppress(Overdue):  # the test notices that too few have come to their end
                for thread in threads:
                    thread.wait()
        finally:
            sys.setswitchinterval(before)

    def rush(self, me):
        most, refused, met, rounds, awaiting = 0, "", None, 0, Patience().awaiting
        with (
            open(self.path, "r+b") as file,
            mmap.mmap(file.fileno(), 4 * THREADS) as parties,
            memoryview(parties) as view,
            view.cast("I") as word,
        ):
            start_together(self.begun)
            start = time.monotonic()
            parties[2 * THREADS + me] = 1
            while met is None or (rounds < ROUNDS and time.monotonic() < met + SECONDS):
                if met is None and word[1].bit_count() == 2 * THREADS:
                    met, rounds = time.monotonic(), 0
                if met is None and time.monotonic() > start + awaiting:
                    break
                rounds += 1
                if not self.primitive.acquire(rounds % 4 != 3):
                    continue
                parties[me] = 1
                for _ in range(8):
                    most = max(most, word[0].bit_count())
                parties[me] = 0
                try:
                    self.primitive.release()
                except Exception as error:
                    refused = repr(error)
                    break
        self.journal.write((start, time.monotonic(), most, refused))

    def judge(self):
        """Check what all parties have seen."""
        self.use(0)
        seen = self.journal.wait(2 * THREADS, f"threads of two processes that use {self.what} come to their end")
        starts, ends, counts, refusals = zip(*seen, strict=True)
        assert max(counts) <= self.places, (
            f"two processes, {THREADS} threads each, use {self.what}: {max(counts)} have acquired it at one moment,"
            f" promised is at most {self.places}"
        )
        assert not any(refusals), (
            f"two processes, {THREADS} threads each, use {self.what}: release() of one that has acquired it raised"
            f" {max(refusals)}, promised is that it works"
        )
        if max(starts) > min(ends):
            did_not_arise(f"all parties use {self.what} at the same time")


@verifies(
    "lock.acquire.excludes-all-others",
    "rlock.acquire.excludes-all-others",
    "semaphore.acquire.excludes-more-than-value",
    "bounded_semaphore.acquire.excludes-more-than-value",
)
def test_a_crowd_that_acquires_and_releases(mp, scratch):
    rushes = {
        "lock.acquire.excludes-all-others": Rush(scratch, mp.Lock(), "a Lock", 1),
        "rlock.acquire.excludes-all-others": Rush(scratch, mp.RLock(), "an RLock", 1),
        "semaphore.acquire.excludes-more-than-value": Rush(scratch, mp.Semaphore(2), "a Semaphore(2)", 2),
        "bounded_semaphore.acquire.excludes-more-than-value": Rush(
            scratch, mp.BoundedSemaphore(2), "a BoundedSemaphore(2)", 2
        ),
    }
    with child_that_does(mp, *rushes.values()):
        for requirement, rush in rushes.items():
            with promise(requirement):
                rush.judge()
