"""Races: the standard library with something broken that only shows when somebody is slow in the wrong moment.

Unlike the mutants of the sections, these are seldom seen by one run of the nearest test: they are what chaos is for.
``benchmarks/chaos.py`` counts how often each is seen with it and without. Some take two steps where it has to be one:
they need a short starvation in a narrow window. The others take it for granted that somebody else is quick: they need
a long one. All are for the start method fork.
"""

from __future__ import annotations

import io
import multiprocessing.connection
import multiprocessing.managers
import multiprocessing.pool
import multiprocessing.popen_fork
import multiprocessing.queues
import multiprocessing.synchronize
import os
import time
from multiprocessing.sharedctypes import RawValue

from mutants import mutant, replace

GRACE = 0.05
"""Seconds that the others are given, by those who think that it is plenty."""

PAUSE = 0.0005
"""Seconds between two looks."""


@mutant("lock.acquire.excludes-all-others")
def a_lock_is_checked_and_then_taken():
    @replace(multiprocessing.synchronize.Lock, "__init__")
    def init(original, self, *, ctx):
        original(self, ctx=ctx)
        taken = RawValue("b", 0)

        def acquire(block=True, timeout=None):
            end = None if timeout is None else time.monotonic() + timeout
            while taken.value:
                if not block or (end is not None and time.monotonic() > end):
                    return False
                time.sleep(PAUSE)
            taken.value = 1
            return True

        def release():
            if not taken.value:
                raise ValueError("the lock was not taken")
            taken.value = 0

        self.acquire, self.release = acquire, release


@mutant("condition.notify.loses-no-wake-up")
def who_waits_lets_go_before_being_counted():
    @replace(multiprocessing.synchronize.Condition, "wait")
    def wait(original, self, timeout=None):
        levels = self._lock._semlock._count()
        for _ in range(levels):
            self._lock.release()
        self._sleeping_count.release()
        try:
            return self._wait_semaphore.acquire(True, timeout)
        finally:
            self._woken_count.release()
            for _ in range(levels):
                self._lock.acquire()


@mutant("joinable_queue.join.counts-tasks-of-all-processes")
def a_join_looks_and_then_waits():
    @replace(multiprocessing.queues.JoinableQueue, "join")
    def join(original, self):
        if not self._unfinished_tasks._semlock._is_zero():
            with self._cond:
                self._cond.wait()


@mutant("pool.imap_unordered.same-results-in-any-order")
def an_iterator_looks_and_then_waits():
    @replace(multiprocessing.pool.IMapIterator, "next")
    def next_(original, self, timeout=None):
        if not self._items and self._index != self._length:
            with self._cond:
                self._cond.wait(timeout)
        return original(self, 0)

    multiprocessing.pool.IMapIterator.__next__ = next_


@mutant("lock.acquire.excludes-all-others")
def a_lock_is_leased():
    @replace(multiprocessing.synchronize.Lock, "__init__")
    def init(original, self, *, ctx):
        original(self, ctx=ctx)
        semaphore = self._semlock

        def acquire(block=True, timeout=None):
            if not block or timeout is not None:
                return semaphore.acquire(block, timeout)
            semaphore.acquire(True, GRACE)
            return True  # for whoever has it must be dead by now

        def release():
            try:
                semaphore.release()
            except ValueError:
                pass  # it was taken over

        self.acquire, self.release = acquire, release


@mutant("connection.send_bytes.any-size")
def the_rest_of_a_message_must_be_there_soon():
    @replace(multiprocessing.connection.Connection, "_recv")
    def recv(original, self, size, *read):
        got = io.BytesIO()
        while got.tell() < size:
            if got.tell() and not self._poll(GRACE):
                raise EOFError
            part = os.read(self._handle, size - got.tell())
            if not part:
                raise EOFError
            got.write(part)
        return got


@mutant("manager.call.shares-objects-between-processes")
def a_server_is_taken_to_start_soon():
    @replace(multiprocessing.managers.BaseManager, "start")
    def start(original, self, *args, **kwargs):
        pipe = multiprocessing.connection.Pipe

        def impatient(duplex=True):
            reader, writer = pipe(duplex)
            recv = reader.recv
            reader.recv = lambda: recv() if reader.poll(2 * GRACE) else None
            return reader, writer

        multiprocessing.connection.Pipe = impatient
        try:
            original(self, *args, **kwargs)
        finally:
            multiprocessing.connection.Pipe = pipe


@mutant("manager.call.shares-objects-between-processes")
def a_client_must_answer_soon():
    @replace(multiprocessing.connection, "deliver_challenge")
    def deliver_challenge(original, connection, authkey, *more):
        recv_bytes = connection.recv_bytes

        def impatient(*args):
            if not connection.poll(GRACE):
                raise multiprocessing.AuthenticationError("no answer")
            return recv_bytes(*args)

        connection.recv_bytes = impatient
        try:
            original(connection, authkey, *more)
        finally:
            del connection.recv_bytes


@mutant("barrier.wait.passes-one-generation-at-a-time")
def a_barrier_is_taken_to_be_left_soon():
    @replace(multiprocessing.synchronize.Barrier, "_enter")
    def enter(original, self):
        if not self._cond.wait_for(lambda: self._state not in (-1, 1), GRACE):
            self._break()
        original(self)


@mutant("process.exitcode.zero-after-run-returns")
def a_join_looks_once_when_the_end_is_near():
    @replace(multiprocessing.popen_fork.Popen, "wait")
    def wait(original, self, timeout=None):
        if self.returncode is None and not multiprocessing.connection.wait([self.sentinel], timeout):
            return None
        return self.poll()
