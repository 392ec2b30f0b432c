"""Any sequence of calls in one process does what a plain counter, or an owner and a recursion level, would."""

from __future__ import annotations

import queue
import threading

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from mpconform.kit import verifies


def outcome(function, *arguments):
    """Return what a call returns, or the class of the exception that it raises."""
    try:
        return function(*arguments)
    except Exception as error:
        return type(error)


def shown(arguments):
    """Return a call of acquire as it is written."""
    return f"acquire({', '.join(map(repr, arguments))})"


class Worker:
    """A thread that makes calls for others."""

    def __init__(self):
        self.wanted, self.done = queue.SimpleQueue(), queue.SimpleQueue()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while call := self.wanted.get():
            self.done.put(outcome(*call))

    def call(self, *call):
        self.wanted.put(call)
        return self.done.get()

    def end(self):
        self.wanted.put(None)
        self.thread.join()


class Counting(RuleBasedStateMachine):
    """A lock or semaphore, and beside it the number of its places that are free."""

    what = ""
    values = st.just(1)
    refusal: type[Exception] | None = None
    """What release() raises when all places are free, if it does."""
    attempts: tuple[tuple[object, ...], ...] = ((False,), (True, 0), (True, 0.0))
    """Arguments of an acquire() that does not block."""

    def make(self, value):
        raise NotImplementedError

    @initialize(data=st.data())
    def begin(self, data):
        self.value = self.free = data.draw(self.values)
        self.primitive = self.make(self.value)

    def check(self, call, answer, expected):
        assert answer is expected, (
            f"{call} of a {self.what}, {self.free} of {self.value} free: {answer!r}, promised is {expected!r}"
        )

    @rule(data=st.data())
    def try_to_acquire(self, data):
        arguments = data.draw(st.sampled_from(self.attempts))
        self.check(shown(arguments), outcome(self.primitive.acquire, *arguments), self.free > 0)
        self.free = max(self.free - 1, 0)

    @rule()
    def acquire(self):
        if self.free:
            self.check("acquire()", outcome(self.primitive.acquire), True)
            self.free -= 1

    @rule()
    def release(self):
        refused = self.refusal is not None and self.free == self.value
        self.check("release()", outcome(self.primitive.release), self.refusal if refused else None)
        self.free += not refused


@verifies("lock.operations.match-a-plain-lock")
def test_any_sequence_of_calls_of_a_lock(mp):
    class Operations(Counting):
        what = "Lock"
        refusal = ValueError
        attempts = (*Counting.attempts, (True, -1.0))  # which is promised of locks, not of semaphores

        def make(self, value):
            return mp.Lock()

    run_state_machine_as_test(Operations, settings=settings(stateful_step_count=20))


@verifies("semaphore.operations.match-a-counter")
def test_any_sequence_of_calls_of_a_semaphore(mp):
    class Operations(Counting):
        what = "Semaphore"
        values = st.integers(0, 3)

        def make(self, value):
            return mp.Semaphore(value)

    run_state_machine_as_test(Operations, settings=settings(stateful_step_count=20))


@verifies("bounded_semaphore.operations.match-a-counter")
def test_any_sequence_of_calls_of_a_bounded_semaphore(mp):
    class Operations(Counting):
        what = "BoundedSemaphore"
        values = st.integers(1, 3)
        refusal = ValueError

        def make(self, value):
            return mp.BoundedSemaphore(value)

    run_state_machine_as_test(Operations, settings=settings(stateful_step_count=20))


@verifies("rlock.operations.match-a-recursion-level")
def test_any_sequence_of_calls_of_an_rlock_by_two_threads(mp):
    workers = [Worker(), Worker()]
    callers = st.integers(0, 1)

    class Operations(RuleBasedStateMachine):
        """The lock, and beside it its owner and recursion level."""

        @initialize()
        def begin(self):
            self.lock = mp.RLock()
            self.owner, self.level = None, 0

        def check(self, caller, call, answer, expected):
            state = f"thread {self.owner} owns at level {self.level}" if self.level else "nobody owns"
            assert answer is expected, (
                f"{call} by thread {caller} of an RLock that {state}: {answer!r}, promised is {expected!r}"
            )

        @rule(caller=callers, arguments=st.sampled_from([(False,), (True, 0), (True, -1.0), ()]))
        def acquire(self, caller, arguments):
            granted = self.owner in (None, caller)
            if not granted and not arguments:
                return  # it would block
            answer = workers[caller].call(self.lock.acquire, *arguments)
            self.check(caller, shown(arguments), answer, granted)
            if granted:
                self.owner = caller
                self.level += 1

        @rule(caller=callers)
        def release(self, caller):
            granted = self.owner == caller
            answer = workers[caller].call(self.lock.release)
            self.check(caller, "release()", answer, None if granted else AssertionError)
            if granted:
                self.level -= 1
                self.owner = caller if self.level else None

    run_state_machine_as_test(Operations, settings=settings(stateful_step_count=20))
    for worker in workers:
        worker.end()
