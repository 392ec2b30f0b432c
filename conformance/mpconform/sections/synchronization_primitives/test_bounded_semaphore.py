"""``BoundedSemaphore``: a semaphore that is not released beyond its initial value."""

from __future__ import annotations

from mpconform.kit import promise, raises, verifies, works
from mpconform.sections.synchronization_primitives.checks import (
    check_locked,
    check_release_of_what_is_free,
    check_that_acquire_returns_true,
    check_that_acquire_waits_for_another_process,
    check_that_timeout_is_not_cut_short,
    check_timeout,
    check_with,
)
from mpconform.sections.synchronization_primitives.helpers import Calls, child_that_does


@verifies(
    "bounded_semaphore.call.value-defaults-to-1",
    "bounded_semaphore.call.negative-value-raises-valueerror",
    "bounded_semaphore.acquire.returns-true",
    "bounded_semaphore.acquire.nonblocking-returns-false",
    "bounded_semaphore.acquire.nonblocking-takes-one",
    "bounded_semaphore.acquire.timeout-returns-false",
    "bounded_semaphore.release.beyond-initial-value-raises-valueerror",
    "bounded_semaphore.release.adds-n",
    "bounded_semaphore.with.acquires-and-releases",
)
def test_a_bounded_semaphore_in_one_process(mp, patience):
    with promise("bounded_semaphore.call.value-defaults-to-1"):
        semaphore = mp.BoundedSemaphore()
        answers = [semaphore.acquire(False), semaphore.acquire(False)]
        assert answers == [True, False], (
            f"acquire(False) twice of a BoundedSemaphore(): {answers}, promised is [True, False]"
        )
    with (
        promise("bounded_semaphore.call.negative-value-raises-valueerror"),
        raises(ValueError, "BoundedSemaphore(-1)"),
    ):
        mp.BoundedSemaphore(-1)
    with promise("bounded_semaphore.acquire.returns-true"):
        check_that_acquire_returns_true(mp.BoundedSemaphore(2), "a BoundedSemaphore(2)", times=2)
    with promise("bounded_semaphore.acquire.nonblocking-returns-false"):
        semaphore = mp.BoundedSemaphore(1)
        semaphore.acquire()
        with patience.at_once("acquire(False) of a BoundedSemaphore(1) that has none"):
            answer = semaphore.acquire(False)
        assert answer is False, f"acquire(False) of a BoundedSemaphore(1) that has none: {answer!r}, promised is False"
    with promise("bounded_semaphore.acquire.nonblocking-takes-one"):
        semaphore = mp.BoundedSemaphore(3)
        answers = [semaphore.acquire(block=False) for _ in range(4)]
        assert answers == [True, True, True, False], (
            f"acquire(block=False) four times of a BoundedSemaphore(3): {answers}, promised is True three times, then"
            " False"
        )
    with promise("bounded_semaphore.acquire.timeout-returns-false"):
        check_timeout(mp.BoundedSemaphore(1), "a BoundedSemaphore(1)", patience)
        check_that_timeout_is_not_cut_short(mp.BoundedSemaphore(1), "a BoundedSemaphore(1)", patience)
    with promise("bounded_semaphore.release.beyond-initial-value-raises-valueerror"):
        check_release_of_what_is_free(mp.BoundedSemaphore(2), "a BoundedSemaphore(2)", ValueError)
    with promise("bounded_semaphore.release.adds-n"):
        semaphore = mp.BoundedSemaphore(3)
        for _ in range(3):
            semaphore.acquire()
        with works("release(2) of a BoundedSemaphore(3) that was acquired 3 times"):
            semaphore.release(2)
        answers = [semaphore.acquire(False) for _ in range(3)]
        assert answers == [True, True, False], (
            f"acquire(False) three times after release(2): {answers}, promised is [True, True, False]"
        )
    with promise("bounded_semaphore.with.acquires-and-releases"):
        check_with(mp.BoundedSemaphore(1), "a BoundedSemaphore(1)")


@verifies("bounded_semaphore.release.bound-is-shared", "bounded_semaphore.acquire.blocks-while-zero")
def test_a_bounded_semaphore_is_one_of_all_processes(mp, scratch, patience):
    bounded, awaited = mp.BoundedSemaphore(2), mp.BoundedSemaphore(1)
    awaited.acquire()
    acquire, wait = Calls(scratch, bounded, "acquire"), Calls(scratch, awaited, "acquire")
    with child_that_does(mp, acquire, wait):
        with promise("bounded_semaphore.release.bound-is-shared"):
            acquire.answers()
            with works("release() of a BoundedSemaphore(2) that another process has acquired"):
                bounded.release()
            call = "release() of a BoundedSemaphore(2) once more than another process has acquired it"
            with raises(ValueError, call):
                bounded.release()
        with promise("bounded_semaphore.acquire.blocks-while-zero"):
            check_that_acquire_waits_for_another_process(awaited, "a BoundedSemaphore(1)", wait, patience)


@verifies("bounded_semaphore.locked.tells-whether-acquire-blocks")
def test_locked_tells_whether_the_value_is_zero(mp, scratch):
    check_locked(mp, scratch, mp.BoundedSemaphore(1), "a BoundedSemaphore(1)")
