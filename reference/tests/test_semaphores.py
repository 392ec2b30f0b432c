"""Both kinds of semaphores, and what is built on them with either."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from mpreference import handover, heap, pickling, semaphores
from mpreference.conditions import Barrier, Condition, Event
from mpreference.locks import RLock
from mpreference.semaphores import VALUE_MAX, Semaphore

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")  # forks, some with threads

PATIENCE = 20.0
"""Seconds for what must happen."""


@pytest.fixture(params=[True, False], ids=["unnamed", "tokens"], autouse=True)
def native(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Make either kind, whatever the platform prefers."""
    kind: bool = request.param
    if kind and not semaphores.NATIVE:
        pytest.skip("this system has no unnamed semaphores")
    monkeypatch.setattr(semaphores, "NATIVE", kind)
    return kind


@contextmanager
def forked(body: Callable[[], object]) -> Iterator[int]:
    """Call ``body`` in a child; it must have ended with what is not false by the end of the block."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            status = 0 if body() else 1
        finally:
            os._exit(status)
    yield pid
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


class Thread(threading.Thread):
    """A thread whose result is awaited."""

    def __init__(self, body: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self.body = body
        self.start()

    def run(self) -> None:
        """Keep what the body returns."""
        self.returned = self.body()

    def result(self) -> object:
        """Return what the body returned."""
        self.join(PATIENCE)
        assert not self.is_alive(), "a thread does not end"
        return self.returned


def until(condition: Callable[[], object]) -> None:
    """Wait until something is true."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it does not become true"
        os.sched_yield()


def test_the_constant_decides_which_kind_is_made(native: bool) -> None:
    assert type(Semaphore(1)) is (semaphores.Unnamed if native else semaphores.Tokens)


def test_it_counts() -> None:
    semaphore = Semaphore(2)
    assert [semaphore.acquire(False) for _ in range(3)] == [True, True, False]
    semaphore.release(3)
    assert semaphore.value() == 3
    assert semaphore.acquire(True, 0)
    assert semaphore.value() == 2


@pytest.mark.parametrize("maximum", [1, 2])
def test_release_refuses_to_exceed_the_maximum(maximum: int) -> None:
    semaphore = Semaphore(maximum - 1, maximum)
    with pytest.raises(ValueError, match=f"exceed {maximum}"):
        semaphore.release(2)
    semaphore.release()
    with pytest.raises(ValueError, match=f"exceed {maximum}"):
        semaphore.release()
    assert semaphore.value() == maximum


def test_first_values_that_are_none() -> None:
    for bad in (-1, VALUE_MAX + 1):
        with pytest.raises(ValueError, match="starts with 0 to"):
            Semaphore(bad)
    with pytest.raises(TypeError, match="integer"):
        Semaphore("1")  # type: ignore[arg-type]


def test_numbers_that_cannot_be_counted(native: bool) -> None:
    full = Semaphore(VALUE_MAX if native else 1000)
    with pytest.raises(ValueError, match="exceed" if native else "counts to"):
        full.release(1 if native else semaphores.Tokens.CAPACITY)


def test_timeouts() -> None:
    semaphore = Semaphore(0)
    for timeout in (0, -1, -1e300, False):
        assert semaphore.acquire(True, timeout) is False
    start = time.monotonic()
    assert semaphore.acquire(True, 0.05) is False
    assert time.monotonic() - start >= 0.05
    for bad, error in ((float("nan"), ValueError), (float("inf"), OverflowError), (10**400, OverflowError)):
        with pytest.raises(error):
            semaphore.acquire(True, bad)
    with pytest.raises(TypeError, match="a number of seconds, not '1'"):
        semaphore.acquire(True, "1")  # type: ignore[arg-type]
    assert semaphore.acquire(False, "ignored") is False  # type: ignore[arg-type]


@pytest.mark.skipif(not hasattr(semaphores._slow, "sem_timedwait"), reason="this system has no such function")
def test_the_clock_of_the_day_does_where_no_other_can_be_chosen(native: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    class Old:
        """A C library without sem_clockwait."""

        sem_timedwait = semaphores._slow.sem_timedwait

    monkeypatch.setattr(semaphores, "_slow", Old)
    start = time.monotonic()
    assert Semaphore(0).acquire(True, 0.05) is False
    assert time.monotonic() - start >= 0.05
    day = time.time
    monkeypatch.setattr(time, "time", lambda: day() - 3600)  # the clock is set while we wait: the wait ends too early
    start = time.monotonic()
    assert Semaphore(0).acquire(True, 0.01) is False
    assert time.monotonic() - start >= 0.01


def test_another_process_is_awaited() -> None:
    ping, pong = Semaphore(0), Semaphore(0)

    def answer() -> bool:
        for _ in range(20):
            assert ping.acquire(True, PATIENCE)
            pong.release()
        return True

    with forked(answer):
        for _ in range(20):
            ping.release()
            assert pong.acquire(True, PATIENCE)


def test_threads_exclude_each_other_and_run_while_one_waits() -> None:
    mutex = Semaphore(1)
    inside: list[None] = []
    most: list[int] = []

    def work() -> None:
        for _ in range(200):
            mutex.acquire()
            inside.append(None)
            most.append(len(inside))
            inside.pop()
            mutex.release()

    for thread in [Thread(work) for _ in range(4)]:
        thread.result()
    assert max(most) == 1


@contextmanager
def handling(handle: Callable[[], object]) -> Iterator[None]:
    """Call ``handle`` in a signal handler again and again."""
    before = signal.signal(signal.SIGALRM, lambda number, frame: handle())
    signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("timeout", [None, PATIENCE])
def test_what_a_signal_handler_raises_ends_a_wait(timeout: float | None) -> None:
    semaphore = Semaphore(0)
    waiting: list[bool] = []

    def interrupt() -> None:
        if waiting and waiting.pop():
            raise KeyboardInterrupt

    def wait() -> None:
        waiting.append(True)
        semaphore.acquire(True, timeout)

    with handling(interrupt), pytest.raises(KeyboardInterrupt):
        wait()
    assert semaphore.value() == 0


@pytest.mark.parametrize("timeout", [None, PATIENCE])
def test_a_signal_handler_that_returns_does_not_end_a_wait(timeout: float | None) -> None:
    semaphore = Semaphore(0)
    handled: list[None] = []

    def handle() -> None:
        handled.append(None)
        if len(handled) == 3:
            semaphore.release()

    with handling(handle):
        assert semaphore.acquire(True, timeout)
    assert len(handled) >= 3


def test_a_killed_holder_leaves_nothing_but_what_it_took() -> None:
    semaphore, taken = Semaphore(2), Semaphore(0)
    pid = os.fork()
    if pid == 0:
        semaphore.acquire()
        Semaphore(0)
        taken.release()
        signal.pause()
    assert taken.acquire(True, PATIENCE)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    assert semaphore.value() == 1
    names = os.listdir("/dev/shm") + os.listdir(tempfile.gettempdir())
    assert not [name for name in names if name.startswith("mpreference")]


def test_it_is_sent_with_the_start_of_a_child(monkeypatch: pytest.MonkeyPatch) -> None:
    semaphore = Semaphore(1, 2)
    data, given = handover.pickle_for_child(lambda: semaphore, "spawn")
    handover.receive([os.dup(descriptor) for descriptor in given])
    monkeypatch.setattr(heap, "_arenas", {})  # as in a new process
    received = pickling.loads(data)
    received.release()
    assert semaphore.value() == 2
    with pytest.raises(ValueError, match="exceed 2"):
        received.release()
    with pytest.raises(RuntimeError, match="inheritance"):
        pickling.dumps(semaphore)


def test_it_has_no_descriptor_when_it_is_gone() -> None:
    Semaphore(1)
    before = len(os.listdir("/proc/self/fd"))
    kept = [Semaphore(1) for _ in range(3)]
    del kept
    assert len(os.listdir("/proc/self/fd")) == before


# What is built on them


def test_an_rlock_of_a_forked_child_starts_at_no_level() -> None:
    lock = RLock(ctx=None)
    held, free = Semaphore(0), Semaphore(0)

    def use() -> bool:
        assert not lock.acquire(False)
        held.release()
        assert lock.acquire(True, PATIENCE)
        lock.release()
        free.release()
        return True

    lock.acquire()
    with forked(use):
        assert held.acquire(True, PATIENCE)
        lock.release()
        assert free.acquire(True, PATIENCE)
        assert lock.acquire(True, PATIENCE), "the child released its lock once, and still has it"


def test_a_newcomer_does_not_take_the_notification_of_one_that_waits() -> None:
    condition = Condition(ctx=None)

    def wait() -> bool:
        with condition:
            return condition.wait(PATIENCE)

    for _ in range(20):
        thread = Thread(wait)
        until(lambda: condition._sleepers.numbers[condition._last.numbers[0]])
        with condition:
            condition.notify()
            assert condition.wait(0) is False
        assert thread.result() is True


def test_a_notification_that_an_interrupted_waiter_got_goes_to_another() -> None:
    condition = Condition(ctx=None)
    door = condition._doors[0]
    threads: list[Thread] = []

    class Interrupted(Exception):
        """What a signal handler raises, just after the condition was notified."""

    def wait() -> bool:
        with condition:
            return condition.wait(PATIENCE)

    def acquire(block: bool = True, timeout: float | None = None) -> bool:
        del door.acquire  # only this once
        with condition:
            condition.notify()
        threads.append(Thread(wait))
        until(lambda: any(condition._sleepers.numbers))
        raise Interrupted

    door.acquire = acquire  # type: ignore[method-assign]
    with condition, pytest.raises(Interrupted):
        condition.wait()
    assert threads[0].result() is True
    assert not any(condition._sleepers.numbers)


def test_more_waiters_than_doors_are_woken_as_told() -> None:
    condition = Condition(ctx=None)
    woken: list[None] = []

    def wait() -> None:
        with condition:
            condition.wait(PATIENCE)
            woken.append(None)

    threads = [Thread(wait) for _ in range(7)]
    until(lambda: sum(condition._sleepers.numbers) == 7)
    for number in range(1, 4):
        with condition:
            condition.notify(2)
            assert sum(condition._sleepers.numbers) == 7 - 2 * number
        until(lambda: len(woken) == 2 * number)  # noqa: B023 - called at once
    with condition:
        condition.notify_all()
    for thread in threads:
        thread.result()
    assert not any(condition._sleepers.numbers)


def test_a_newcomer_lets_those_run_first_who_were_notified(monkeypatch: pytest.MonkeyPatch) -> None:
    condition = Condition(ctx=None)
    for door in condition._doors:
        door.release()
    monkeypatch.setattr(time, "sleep", lambda seconds: condition._doors[2].acquire(False))  # now one of them runs
    with condition:
        assert condition.wait(0) is False
    assert [door.value() for door in condition._doors] == [1, 1, 0, 1]


def test_wake_ups_that_nobody_takes_do_not_stop_those_who_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mpreference.conditions.DEAD", 0.001)
    condition = Condition(ctx=None)
    for door in condition._doors:
        door.release()  # as if its sleeper had been notified, and killed before it woke up
    with condition:
        assert condition.wait(0) is False
    assert sum(condition._sleepers.numbers) == 1


def test_many_processes_that_notify_all_lose_no_wake_up() -> None:
    condition = Condition(ctx=None)
    state = heap.allocate(2).view  # what lies in the store, and whether more will come
    state[1] = 1

    def consume() -> bool:
        while True:
            with condition:
                while not state[0]:
                    if not state[1]:
                        return True
                    assert condition.wait(PATIENCE), "nobody told that something came, or that all is over"
                state[0] -= 1
                condition.notify_all()

    def produce() -> bool:
        for _ in range(700):
            with condition:
                while state[0] == 3:
                    assert condition.wait(PATIENCE), "nobody told that there is room"
                state[0] += 1
                condition.notify_all()
        return True

    with ExitStack() as consumers:
        for _ in range(4):
            consumers.enter_context(forked(consume))
        with forked(produce), forked(produce):
            pass
        with condition:
            state[1] = 0
            condition.notify_all()
    assert state[0] == 0


def test_an_event_wakes_another_process() -> None:
    ping, pong = Event(ctx=None), Event(ctx=None)

    def answer() -> bool:
        for _ in range(20):
            assert ping.wait(PATIENCE)
            ping.clear()
            pong.set()
        return True

    with forked(answer):
        for _ in range(20):
            ping.set()
            assert pong.wait(PATIENCE)
            pong.clear()


def test_a_round_that_has_ended_well_is_not_spoilt_by_an_abort() -> None:
    barrier = Barrier(2, ctx=None)
    other = Thread(barrier.wait)
    until(lambda: barrier.n_waiting == 1)
    with barrier._condition:  # nobody leaves before the abort
        barrier._state.numbers[:2] = memoryview(bytes(8)).cast("i")
        barrier._state.numbers[1] = 1
        barrier._condition.notify_all()
        barrier._break()
    assert other.result() == 0
    assert barrier.broken
