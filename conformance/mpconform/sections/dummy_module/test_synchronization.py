"""The locks, semaphores, conditions, events and barriers of the module."""

from __future__ import annotations

import queue as standard

from mpconform.kit import promise, raises, verifies
from mpconform.sections.dummy_module.helpers import Elsewhere


def hold(lock, times, latch, gate):
    """Acquire the lock so many times; release it once each time that a gate opens."""
    for _ in range(times):
        lock.acquire()
    latch.arrive()
    for one in gate:
        one.wait()
        lock.release()
        latch.arrive()


@verifies("dummy.lock.excludes")
def test_a_lock_excludes(mp, scratch, latch, gate):
    lock = mp.dummy.Lock()
    process = Elsewhere(mp.dummy, hold, lock, 1, latch, [gate])
    latch.wait(1, "process that holds the lock")
    held = lock.acquire(False)
    gate.open()
    process.wait()
    free = lock.acquire(False)
    assert not held, f"acquire(False) while another process of the module holds the lock returned {held!r}"
    assert free, f"acquire(False) after the lock was released returned {free!r}"
    lock.release()
    with lock:
        inside = lock.acquire(False)
    assert not inside, f"acquire(False) in a with statement on the lock returned {inside!r}"


@verifies("dummy.rlock.owner-acquires-again")
def test_an_rlock_is_acquired_again_by_its_owner(mp, scratch, latch):
    lock, gates = mp.dummy.RLock(), [scratch.gate(), scratch.gate()]
    process = Elsewhere(mp.dummy, hold, lock, 2, latch, gates)
    latch.wait(1, "process that has acquired the lock twice")
    found = [lock.acquire(False)]
    gates[0].open()
    latch.wait(2, "arrivals, the second after one release")
    found.append(lock.acquire(False))
    gates[1].open()
    process.wait()
    found.append(lock.acquire(False))
    assert [bool(one) for one in found] == [False, False, True], (
        "acquire(False) while another process of the module has the lock twice, once, and no more:"
        f" {found}, promised False, False, True"
    )
    lock.release()


@verifies("dummy.semaphore.counts", "dummy.bounded_semaphore.refuses-excess-release")
def test_semaphores(mp):
    with promise("dummy.semaphore.counts"):
        semaphore = mp.dummy.Semaphore(2)
        found = [bool(semaphore.acquire(False)) for _ in range(3)]
        semaphore.release()
        found.append(bool(semaphore.acquire(False)))
        assert found == [True, True, False, True], (
            f"acquire(False) of a Semaphore(2) three times, and once more after a release: {found}"
        )
    with promise("dummy.bounded_semaphore.refuses-excess-release"):
        semaphore = mp.dummy.BoundedSemaphore(2)
        semaphore.acquire()
        semaphore.release()
        with raises(ValueError, "release() of a BoundedSemaphore(2) that is not acquired"):
            semaphore.release()


@verifies("dummy.timeouts.run-out")
def test_timeouts_run_out(mp, patience):
    timeout = patience.timeout
    lock, semaphore, condition = mp.dummy.Lock(), mp.dummy.Semaphore(0), mp.dummy.Condition()
    event, empty, full = mp.dummy.Event(), mp.dummy.Queue(), mp.dummy.Queue(1)
    lock.acquire()
    full.put("item")
    waits = {
        f"acquire(True, {timeout}) of a Lock that is held": lambda: lock.acquire(True, timeout),
        f"acquire(True, {timeout}) of a Semaphore(0)": lambda: semaphore.acquire(True, timeout),
        f"wait({timeout}) of a Condition": lambda: condition.wait(timeout),
        f"wait({timeout}) of an Event": lambda: event.wait(timeout),
    }
    for call, wait in waits.items():
        with condition, patience.runs_out(timeout, call):
            answer = wait()
        assert not answer, f"{call} returned {answer!r}, promised is a false value when the timeout is over"
    call = f"get(True, {timeout}) of an empty Queue"
    with patience.runs_out(timeout, call), raises(standard.Empty, call):
        empty.get(True, timeout)
    call = f"put('another', True, {timeout}) of a Queue(1) that holds an item"
    with patience.runs_out(timeout, call), raises(standard.Full, call):
        full.put("another", True, timeout)


@verifies("dummy.condition.notify-wakes")
def test_notify_wakes_one_and_notify_all_the_rest(mp, latch, journal, patience):
    condition = mp.dummy.Condition()

    def wait():
        with condition:
            latch.arrive()
            answer = condition.wait(4 * patience.awaiting)
        journal.write(answer)

    processes = [Elsewhere(mp.dummy, wait) for _ in range(3)]
    latch.wait(3, "processes that have acquired the condition")
    with condition:  # which they release when they wait
        condition.notify()
    found = journal.wait(1, "return of wait() after notify()")
    patience.never(lambda: len(journal.read()) > 1, "wait() returns in a second process, although notify() is for one")
    with condition:
        condition.notify_all()
    found = journal.wait(3, "returns of wait() after notify() and notify_all()")
    for process in processes:
        process.wait()
    assert found == [True] * 3, f"wait() on a condition that was notified returned {found}, promised True"


@verifies("dummy.event.set-wakes")
def test_set_wakes_who_waits(mp, latch, patience):
    event, found = mp.dummy.Event(), []

    def wait():
        latch.arrive()
        found.append(event.wait(4 * patience.awaiting))

    before = event.is_set()
    processes = [Elsewhere(mp.dummy, wait) for _ in range(2)]
    latch.wait(2, "processes that wait for the event")
    patience.never(lambda: found, "wait() on an event returns before it is set")
    event.set()
    for process in processes:
        process.wait()
    after = event.is_set()
    event.clear()
    assert found == [True, True], f"wait() on an event that was set returned {found}, promised [True, True]"
    assert (before, after, event.is_set()) == (False, True, False), (
        f"is_set() before set(), after it, and after clear(): {before}, {after}, {event.is_set()}"
    )


@verifies("dummy.barrier.releases-all")
def test_a_barrier_releases_all(mp, patience):
    assert hasattr(mp.dummy, "Barrier"), "the module has no Barrier, which the package has"
    barrier, found = mp.dummy.Barrier(2), []
    process = Elsewhere(mp.dummy, lambda: found.append(barrier.wait(4 * patience.awaiting)))
    patience.never(lambda: found, "wait() on a Barrier(2) returns although only one process waits")
    found.append(barrier.wait(patience.awaiting))
    process.wait()
    assert sorted(found) == [0, 1], f"wait() on a Barrier(2) returned {found} to its two parties, promised 0 and 1"
