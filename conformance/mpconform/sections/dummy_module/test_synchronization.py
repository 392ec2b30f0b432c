"""The locks, semaphores, conditions, events and barriers of the module."""

from __future__ import annotations

from mpconform.kit import raises, verifies
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


@verifies("dummy.semaphore.counts")
def test_a_semaphore_counts(mp):
    semaphore = mp.dummy.Semaphore(2)
    found = [bool(semaphore.acquire(False)) for _ in range(3)]
    semaphore.release()
    found.append(bool(semaphore.acquire(False)))
    assert found == [True, True, False, True], (
        f"acquire(False) of a Semaphore(2) three times, and once more after a release: {found}"
    )


@verifies("dummy.bounded_semaphore.refuses-excess-release")
def test_a_bounded_semaphore_is_bounded(mp):
    semaphore = mp.dummy.BoundedSemaphore(1)
    semaphore.acquire()
    semaphore.release()
    with raises(ValueError, "release() of a BoundedSemaphore(1) that is not acquired"):
        semaphore.release()


@verifies("dummy.condition.notify-wakes")
def test_notify_wakes_who_waits(mp, latch, patience):
    condition, found = mp.dummy.Condition(), []

    def wait():
        with condition:
            latch.arrive()
            found.append(condition.wait(patience.awaiting))

    process = Elsewhere(mp.dummy, wait)
    latch.wait(1, "process that has acquired the condition")
    with condition:  # which it releases when it waits
        condition.notify()
    process.wait()
    assert found == [True], f"wait() on a condition that was notified returned {found}, promised [True]"


@verifies("dummy.event.set-wakes")
def test_set_wakes_who_waits(mp, latch, patience):
    event, found = mp.dummy.Event(), []

    def wait():
        latch.arrive()
        found.append(event.wait(patience.awaiting))

    before = event.is_set()
    process = Elsewhere(mp.dummy, wait)
    latch.wait(1, "process that waits for the event")
    event.set()
    process.wait()
    assert found == [True], f"wait() on an event that was set returned {found}, promised [True]"
    assert (before, event.is_set()) == (False, True), f"is_set() before and after set(): {before}, {event.is_set()}"


@verifies("dummy.barrier.releases-all")
def test_a_barrier_releases_all(mp, patience):
    assert hasattr(mp.dummy, "Barrier"), "the module has no Barrier, which the package has"
    barrier, found = mp.dummy.Barrier(2), []
    process = Elsewhere(mp.dummy, lambda: found.append(barrier.wait(patience.awaiting)))
    found.append(barrier.wait(patience.awaiting))
    process.wait()
    assert sorted(found) == [0, 1], f"wait() on a Barrier(2) returned {found} to its two parties, promised 0 and 1"
