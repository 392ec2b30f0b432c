"""``BoundedSemaphore``: a semaphore that is not released beyond its initial value."""

from __future__ import annotations

from mpconform.kit import raises, verifies
from mpconform.sections.synchronization_primitives.helpers import (
    calls_in_a_child,
    check_that_acquire_waits_for_another_process,
    check_timeout,
    check_with,
)


@verifies("bounded_semaphore.call.value-defaults-to-1")
def test_the_value_is_1_by_default(mp):
    semaphore = mp.BoundedSemaphore()
    answers = [semaphore.acquire(block=False), semaphore.acquire(block=False)]
    assert answers == [True, False], (
        f"acquire(block=False) twice of a BoundedSemaphore(): {answers}, promised is [True, False]"
    )


@verifies("bounded_semaphore.call.negative-value-raises-valueerror")
def test_a_negative_value_raises_valueerror(mp):
    with raises(ValueError, "BoundedSemaphore(-1)"):
        mp.BoundedSemaphore(-1)


@verifies("bounded_semaphore.acquire.returns-true")
def test_acquire_returns_true(mp):
    semaphore = mp.BoundedSemaphore(2)
    answers = [semaphore.acquire(), semaphore.acquire()]
    assert answers == [True, True], f"acquire() twice of a BoundedSemaphore(2): {answers}, promised is True each time"


@verifies("bounded_semaphore.acquire.blocks-while-zero")
def test_acquire_waits_for_another_process(mp, latch, journal):
    semaphore = mp.BoundedSemaphore(1)
    check_that_acquire_waits_for_another_process(mp, semaphore, "a BoundedSemaphore(1)", latch, journal)


@verifies("bounded_semaphore.acquire.nonblocking-returns-false")
def test_acquire_that_does_not_block_returns_false_at_zero(mp):
    semaphore = mp.BoundedSemaphore(1)
    semaphore.acquire()
    answer = semaphore.acquire(block=False)
    assert answer is False, (
        f"acquire(block=False) of a BoundedSemaphore(1) that has none: {answer!r}, promised is False"
    )


@verifies("bounded_semaphore.acquire.nonblocking-takes-one")
def test_acquire_that_does_not_block_takes_one_each_time(mp):
    semaphore = mp.BoundedSemaphore(3)
    answers = [semaphore.acquire(block=False) for _ in range(4)]
    assert answers == [True, True, True, False], (
        f"acquire(block=False) four times of a BoundedSemaphore(3): {answers}, promised is True three times, then False"
    )


@verifies("bounded_semaphore.acquire.timeout-returns-false")
def test_acquire_returns_false_when_its_timeout_has_passed(mp, patience):
    check_timeout(mp.BoundedSemaphore(1), "a BoundedSemaphore(1)", patience)


@verifies("bounded_semaphore.release.beyond-initial-value-raises-valueerror")
def test_release_beyond_the_initial_value_raises_valueerror(mp):
    semaphore = mp.BoundedSemaphore(2)
    with raises(ValueError, "release() of a new BoundedSemaphore(2)"):
        semaphore.release()
    semaphore.acquire()
    semaphore.release()
    with raises(ValueError, "release() of a BoundedSemaphore(2) that was acquired and released once"):
        semaphore.release()


@verifies("bounded_semaphore.release.bound-is-shared")
def test_the_bound_counts_what_all_processes_have_acquired(mp, scratch):
    semaphore = mp.BoundedSemaphore(2)
    calls_in_a_child(mp, semaphore, [("acquire", {})], scratch)
    try:
        semaphore.release()
    except ValueError as error:
        raise AssertionError(
            f"release() of a BoundedSemaphore(2) that a child has acquired: raised {error!r}, promised is that it"
            " is released"
        ) from error
    with raises(ValueError, "release() of a BoundedSemaphore(2) once more than a child has acquired it"):
        semaphore.release()


@verifies("bounded_semaphore.release.adds-n")
def test_release_of_n_adds_n(mp):
    semaphore = mp.BoundedSemaphore(3)
    for _ in range(3):
        semaphore.acquire()
    try:
        semaphore.release(2)
    except Exception as error:
        raise AssertionError(
            f"release(2) of a BoundedSemaphore(3) that was acquired 3 times: promised to add 2, raised {error!r}"
        ) from error
    answers = [semaphore.acquire(block=False) for _ in range(3)]
    assert answers == [True, True, False], (
        f"acquire(block=False) three times after release(2): {answers}, promised is [True, True, False]"
    )


@verifies("bounded_semaphore.with.acquires-and-releases")
def test_with_acquires_and_releases_the_semaphore(mp):
    check_with(mp.BoundedSemaphore(1), "a BoundedSemaphore(1)")


@verifies("bounded_semaphore.locked.tells-whether-acquire-blocks")
def test_locked_tells_whether_the_value_is_zero(mp, scratch):
    semaphore = mp.BoundedSemaphore(1)
    answers = [semaphore.locked()]
    calls_in_a_child(mp, semaphore, [("acquire", {})], scratch)
    answers.append(semaphore.locked())
    semaphore.release()
    answers.append(semaphore.locked())
    assert answers == [False, True, False], (
        f"locked() of a BoundedSemaphore(1), new, acquired by a child, and released: {answers}, promised is"
        " [False, True, False]"
    )
