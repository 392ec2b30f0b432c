"""Locks and semaphores of a SyncManager."""

from __future__ import annotations

from mpconform.kit import promise, raises, verifies, works
from mpconform.kit.linearizability import unexplained
from mpconform.sections.managers.helpers import Others, call_method, history, hold_for_a_moment, in_child, managed


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


@verifies("sync_manager.lock.excludes-other-processes", "sync_manager.rlock.excludes-other-processes")
def test_lock_is_held_by_one_process_at_a_time(mp, scratch):
    with managed(mp) as manager:
        with promise("sync_manager.lock.excludes-other-processes"):
            fault = unexplained(history(mp, scratch, [hold_for_a_moment] * 2, manager.Lock()), None, lock_after)
            assert fault is None, f"two processes use a Lock() of a manager: {fault}"
        with promise("sync_manager.rlock.excludes-other-processes"):
            fault = unexplained(history(mp, scratch, [hold_for_a_moment] * 2, manager.RLock()), None, lock_after)
            assert fault is None, f"two processes use an RLock() of a manager: {fault}"


@verifies("sync_manager.semaphore.value-bounds-holders", "sync_manager.bounded_semaphore.value-bounds-holders")
def test_value_of_a_semaphore_bounds_its_holders(mp, scratch):
    with managed(mp) as manager:
        with promise("sync_manager.semaphore.value-bounds-holders"):
            calls = history(mp, scratch, [hold_for_a_moment] * 3, manager.Semaphore(2))
            fault = unexplained(calls, 2, semaphore_after)
            assert fault is None, f"three processes use a Semaphore(2) of a manager: {fault}"
        with promise("sync_manager.bounded_semaphore.value-bounds-holders"):
            calls = history(mp, scratch, [hold_for_a_moment] * 3, manager.BoundedSemaphore(2))
            fault = unexplained(calls, 2, semaphore_after)
            assert fault is None, f"three processes use a BoundedSemaphore(2) of a manager: {fault}"


@verifies(
    "sync_manager.lock.acquire-without-blocking",
    "sync_manager.lock.acquire-timeout",
    "sync_manager.lock.release-unlocked-raises",
)
def test_lock_that_one_process_uses(mp, patience):
    with managed(mp) as manager:
        with promise("sync_manager.lock.acquire-without-blocking"):
            lock = manager.Lock()
            with patience.at_once("three acquire(False) of a Lock()"):
                found = [lock.acquire(False), lock.acquire(False)]
                lock.release()
                found.append(lock.acquire(False))
            assert found == [True, False, True], (
                f"acquire(False) of a free Lock(), of the held one, and after release(): {found},"
                f" promised True, False, True"
            )
        with promise("sync_manager.lock.release-unlocked-raises"):
            lock = manager.Lock()
            with raises(RuntimeError, "release() of a Lock() of a manager that is not held"):
                lock.release()
        with promise("sync_manager.lock.acquire-timeout"):
            lock = manager.Lock()
            lock.acquire()
            call = f"acquire(True, {patience.timeout}) of a held Lock()"
            with patience.runs_out(patience.timeout, call):
                late = lock.acquire(True, patience.timeout)
            assert late is False, f"{call} returned {late!r}, promised False"
            lock.release()
            with patience.at_once(f"acquire(True, {patience.awaiting}) of a free Lock()"):
                in_time = lock.acquire(True, patience.awaiting)
            assert in_time is True, f"acquire(True, {patience.awaiting}) of a free Lock() returned {in_time!r}"


@verifies(
    "sync_manager.semaphore.value-is-one-by-default",
    "sync_manager.semaphore.released-above-its-value",
    "sync_manager.bounded_semaphore.value-is-one-by-default",
    "sync_manager.bounded_semaphore.release-too-often-raises",
    "sync_manager.lock.with-statement",
)
def test_semaphores_that_one_process_uses_and_the_with_statement(mp):
    with managed(mp) as manager:
        with promise("sync_manager.semaphore.value-is-one-by-default"):
            semaphore = manager.Semaphore()
            found = [semaphore.acquire(False), semaphore.acquire(False)]
            assert found == [True, False], f"two acquire(False) of Semaphore(): {found}, promised True, False"
        with promise("sync_manager.semaphore.released-above-its-value"):
            semaphore = manager.Semaphore()
            with works("release() of a Semaphore() that was not acquired"):
                semaphore.release()
            found = [semaphore.acquire(False) for _ in range(3)]
            assert found == [True, True, False], f"three acquire(False) after one release(): {found}, promised two True"
        with promise("sync_manager.bounded_semaphore.value-is-one-by-default"):
            semaphore = manager.BoundedSemaphore()
            found = [semaphore.acquire(False), semaphore.acquire(False)]
            assert found == [True, False], f"two acquire(False) of BoundedSemaphore(): {found}, promised True, False"
        with promise("sync_manager.bounded_semaphore.release-too-often-raises"):
            semaphore = manager.BoundedSemaphore()
            semaphore.acquire(False)
            with works("release() of a BoundedSemaphore() as often as it was acquired"):
                semaphore.release()
            with raises(ValueError, "release() of a BoundedSemaphore() as often as it was acquired, and once more"):
                semaphore.release()
        with promise("sync_manager.lock.with-statement"):
            check_with_statement(manager)


def check_with_statement(manager):
    """Check that a with statement holds each of what can be acquired, for its block."""
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


@verifies(
    "sync_manager.lock.released-by-another-process",
    "sync_manager.rlock.release-by-another-raises",
    "sync_manager.rlock.acquired-again-by-its-holder",
)
def test_what_one_process_holds_is_used_by_another(mp, scratch):
    with managed(mp) as manager:
        with promise("sync_manager.lock.released-by-another-process"):
            lock = manager.Lock()
            lock.acquire()
            released = in_child(mp, scratch, call_method, lock, "release")
            assert released is None, f"release() in another process than acquire(): {released}, promised None"
            assert lock.acquire(False), "acquire(False) of a Lock() that another process released returned False"
        with promise("sync_manager.rlock.release-by-another-raises"):
            lock = manager.RLock()
            lock.acquire()
            released = in_child(mp, scratch, call_method, lock, "release")
            assert released is RuntimeError, (
                f"release() of an RLock() that another process holds: {released}, promised RuntimeError"
            )
        with promise("sync_manager.rlock.acquired-again-by-its-holder"):
            lock = manager.RLock()
            others = Others(mp, scratch, lock)
            mine, found = [lock.acquire(), lock.acquire(False)], []
            for held in (2, 1, 0):
                tried = others.begin(call_method, lock, "acquire", False)
                found.append(tried.answer("acquire(False) of another process"))
                if held:
                    lock.release()
            others.end()
            assert mine == [True, True], (
                f"acquire(), acquire(False) of an RLock() in one process: {mine}, promised True"
            )
            assert found == [False, False, True], (
                f"acquire(False) in another process while it is held twice, once, and not: {found},"
                f" promised False, False, True"
            )
