"""Locks and semaphores of a SyncManager."""

from __future__ import annotations

import time

from mpconform.kit import raises, verifies
from mpconform.kit.linearizability import unexplained
from mpconform.sections.managers.helpers import accepted, history, hold_for_a_moment, report


def report_each_try(gates, journal, proxy):
    """Write down whether the lock is acquired without blocking, each time that the next gate opens."""
    for gate in gates:
        gate.wait()
        report(journal, proxy, "acquire", False)


def lock_after(owner, call):
    """The sequential model of a lock: its state is who holds it."""
    if call.operation == "acquire":
        return [call.process] if owner is None and call.result is True else []
    return [None] if owner == call.process and call.result is None else []


def semaphore_after(free, call):
    """The sequential model of a semaphore: its state is how often it can be acquired."""
    if call.operation == "acquire":
        return [free - 1] if free and call.result is True else []
    return [free + 1] if call.result is None else []


@verifies("sync_manager.lock.excludes-other-processes")
def test_lock_is_held_by_one_process_at_a_time(mp, scratch):
    with mp.Manager() as manager:
        fault = unexplained(history(mp, scratch, [hold_for_a_moment] * 2, manager.Lock()), None, lock_after)
    assert fault is None, f"two processes use a Lock() of a manager: {fault}"


@verifies("sync_manager.rlock.excludes-other-processes")
def test_rlock_is_held_by_one_process_at_a_time(mp, scratch):
    with mp.Manager() as manager:
        fault = unexplained(history(mp, scratch, [hold_for_a_moment] * 2, manager.RLock()), None, lock_after)
    assert fault is None, f"two processes use an RLock() of a manager: {fault}"


@verifies("sync_manager.semaphore.value-bounds-holders")
def test_value_of_a_semaphore_bounds_its_holders(mp, scratch):
    with mp.Manager() as manager:
        calls = history(mp, scratch, [hold_for_a_moment] * 3, manager.Semaphore(2))
    fault = unexplained(calls, 2, semaphore_after)
    assert fault is None, f"three processes use a Semaphore(2) of a manager: {fault}"


@verifies("sync_manager.bounded_semaphore.value-bounds-holders")
def test_value_of_a_bounded_semaphore_bounds_its_holders(mp, scratch):
    with mp.Manager() as manager:
        calls = history(mp, scratch, [hold_for_a_moment] * 3, manager.BoundedSemaphore(2))
    fault = unexplained(calls, 2, semaphore_after)
    assert fault is None, f"three processes use a BoundedSemaphore(2) of a manager: {fault}"


@verifies(
    "sync_manager.lock.acquire-without-blocking",
    "sync_manager.lock.acquire-timeout",
    "sync_manager.lock.release-unlocked-raises",
)
def test_lock_that_one_process_uses(mp):
    with mp.Manager() as manager:
        lock = manager.Lock()
        found = [lock.acquire(False), lock.acquire(False)]
        start = time.monotonic()
        late = lock.acquire(True, 0.05)
        took = time.monotonic() - start
        lock.release()
        with raises(RuntimeError, "release() of a Lock() of a manager that is not held"):
            lock.release()
        found.append(lock.acquire(False))
    assert found == [True, False, True], (
        f"acquire(False) of a free Lock(), of the held one, and after release(): {found}, promised True, False, True"
    )
    assert late is False, f"acquire(True, 0.05) of a held Lock() returned {late!r}, promised False"
    assert took >= 0.05, f"acquire(True, 0.05) of a held Lock() returned after {took:.3f} s"


@verifies("sync_manager.lock.released-by-another-process")
def test_lock_is_released_by_another_process(mp, journal):
    with mp.Manager() as manager:
        lock = manager.Lock()
        lock.acquire()
        child = mp.Process(target=report, args=(journal, lock, "release"), daemon=True)
        child.start()
        child.join()
        acquired = lock.acquire(False)
    assert journal.read() == [None], f"release() in another process than acquire(): {journal.read()}, promised None"
    assert acquired, "acquire(False) of a Lock() that another process released returned False"


@verifies("sync_manager.rlock.acquired-again-by-its-holder")
def test_rlock_is_free_for_others_when_it_was_released_as_often(mp, scratch, journal):
    gates = [scratch.gate(), scratch.gate(), scratch.gate()]
    with mp.Manager() as manager:
        lock = manager.RLock()
        child = mp.Process(target=report_each_try, args=(gates, journal, lock), daemon=True)
        child.start()
        mine = [lock.acquire(), lock.acquire(False)]
        for number, gate in enumerate(gates, start=1):
            gate.open()
            journal.wait(number, "tries of another process")
            if number < 3:
                lock.release()
        child.join()
    found = journal.read()
    assert mine == [True, True], f"acquire(), acquire(False) of an RLock() in one process: {mine}, promised True, True"
    assert found == [False, False, True], (
        f"acquire(False) in another process while it is held twice, once, and not: {found}, promised False, False, True"
    )


@verifies("sync_manager.rlock.release-by-another-raises")
def test_rlock_is_not_released_by_another_process(mp, journal):
    with mp.Manager() as manager:
        lock = manager.RLock()
        lock.acquire()
        child = mp.Process(target=report, args=(journal, lock, "release"), daemon=True)
        child.start()
        child.join()
    found = journal.read()
    assert found == [RuntimeError], (
        f"release() of an RLock() that another process holds: {found}, promised RuntimeError"
    )


@verifies("sync_manager.lock.with-statement")
def test_with_statement_holds_it_for_its_block(mp):
    with mp.Manager() as manager:
        for kind in ("Lock", "Semaphore", "BoundedSemaphore"):
            proxy = getattr(manager, kind)()
            with proxy:
                inside = proxy.acquire(False)
            found = inside, proxy.acquire(False)
            assert found == (False, True), f"acquire(False) in the block of `with {kind}()` and after it: {found}"
        for kind in ("RLock", "Condition"):  # who holds it acquires it again
            proxy = getattr(manager, kind)()
            with proxy:
                proxy.release()
                proxy.acquire()
            with raises(RuntimeError, f"release() after the block of `with {kind}()`"):
                proxy.release()


@verifies("sync_manager.semaphore.value-is-one-by-default", "sync_manager.semaphore.released-above-its-value")
def test_semaphore_is_acquired_as_often_as_it_was_released_and_once_more(mp):
    with mp.Manager() as manager:
        semaphore = manager.Semaphore()
        first = [semaphore.acquire(False), semaphore.acquire(False)]
        with accepted("two release() of a Semaphore() that was acquired once"):
            semaphore.release()
            semaphore.release()
        second = [semaphore.acquire(False) for _ in range(3)]
    assert first == [True, False], f"two acquire(False) of Semaphore(): {first}, promised True, False"
    assert second == [True, True, False], f"three acquire(False) after two release(): {second}, promised two True"


@verifies(
    "sync_manager.bounded_semaphore.value-is-one-by-default", "sync_manager.bounded_semaphore.release-too-often-raises"
)
def test_bounded_semaphore_is_acquired_once_and_released_once(mp):
    with mp.Manager() as manager:
        semaphore = manager.BoundedSemaphore()
        found = [semaphore.acquire(False), semaphore.acquire(False)]
        semaphore.release()
        with raises(ValueError, "release() of a BoundedSemaphore() as often as it was acquired, and once more"):
            semaphore.release()
    assert found == [True, False], f"two acquire(False) of BoundedSemaphore(): {found}, promised True, False"
