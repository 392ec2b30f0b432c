"""Races: the standard library with something broken that only shows when somebody is slow in the wrong moment.

Unlike the mutants of the sections, these are seldom seen by one run of the nearest test, and some never on an idle
machine: they are what chaos is for. ``benchmarks/chaos.py`` counts how often each is seen with it and without. Each is
a fault that programmers make: what was checked is taken later, what was read is written later, a word is given before
the deed, a look and the wait after it are two steps.

They are for the start method fork.
"""

from __future__ import annotations

import multiprocessing.pool
import multiprocessing.queues
import multiprocessing.synchronize
import time

from multiprocessing.sharedctypes import RawValue
from mutants import mutant, replace

PAUSE = 0.0005


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


@mutant("semaphore.acquire.excludes-more-than-value")
def a_count_is_read_and_then_written():
    @replace(multiprocessing.synchronize.Semaphore, "__init__")
    def init(original, self, value=1, *, ctx):
        original(self, value, ctx=ctx)
        count = RawValue("i", value)

        def acquire(block=True, timeout=None):
            end = None if timeout is None else time.monotonic() + timeout
            while (read := count.value) < 1:
                if not block or (end is not None and time.monotonic() > end):
                    return False
                time.sleep(PAUSE)
            count.value = read - 1
            return True

        def release():
            count.value += 1

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


@mutant("event.set.wakes-waiters")
def an_event_wakes_before_it_is_set():
    @replace(multiprocessing.synchronize.Event, "set")
    def set_(original, self):
        with self._cond:
            self._cond.notify_all()
        with self._cond:
            self._flag.acquire(False)
            self._flag.release()


@mutant("joinable_queue.delivery.exactly-once")
def an_item_is_there_before_it_is_counted():
    @replace(multiprocessing.queues.JoinableQueue, "put")
    def put(original, self, obj, block=True, timeout=None):
        multiprocessing.queues.Queue.put(self, obj, block, timeout)
        with self._cond:
            self._unfinished_tasks.release()


@mutant("joinable_queue.join.counts-tasks-of-all-processes")
def a_join_looks_before_it_takes_the_lock():
    @replace(multiprocessing.queues.JoinableQueue, "join")
    def join(original, self):
        if not self._unfinished_tasks._semlock._is_zero():
            with self._cond:
                self._cond.wait()


@mutant("pool.apply_async.results-belong-to-their-calls")
def a_result_is_ready_before_its_value():
    @replace(multiprocessing.pool.ApplyResult, "_set")
    def set_(original, self, i, obj):
        self._success, self._value = True, None
        self._event.set()
        original(self, i, obj)


@mutant("simple_queue.delivery.exactly-once")
def two_read_from_a_queue_at_once():
    @replace(multiprocessing.queues.SimpleQueue, "get")
    def get(original, self):
        return multiprocessing.queues._ForkingPickler.loads(self._reader.recv_bytes())


@mutant("queue.join_thread.blocks-until-flushed")
def join_thread_gives_up():
    @replace(multiprocessing.queues.Queue, "join_thread")
    def join_thread(original, self):
        assert self._closed, "close() comes first"
        if self._thread is not None:
            self._thread.join(0.2)


@mutant("pool.imap_unordered.same-results-in-any-order")
def an_iterator_looks_and_then_waits():
    @replace(multiprocessing.pool.IMapIterator, "next")
    def next_(original, self, timeout=None):
        if not self._items and self._index != self._length:
            with self._cond:
                self._cond.wait(timeout)
        return original(self, 0)

    multiprocessing.pool.IMapIterator.__next__ = next_
