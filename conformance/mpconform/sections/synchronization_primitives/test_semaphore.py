"""``Semaphore``: a counter that acquire() decreases, never below zero, and release() increases."""

from __future__ import annotations

from mpconform.kit import promise, raises, verifies, works
from mpconform.sections.synchronization_primitives.checks import (
    check_that_acquire_returns_true,
    check_that_acquire_waits_for_another_process,
    check_that_acquire_waits_for_another_thread,
    check_that_release_lets_one_proceed,
    check_that_timeout_is_not_cut_short,
    check_timeout,
    check_with,
)
from mpconform.sections.synchronization_primitives.helpers import Calls, Holding, answers_of_a_child, child_that_does


def places(semaphore, most=10):
    """Return how often the semaphore can be acquired, ``most`` at most."""
    return sum(semaphore.acquire(False) for _ in range(most))


@verifies("semaphore.call.value-defaults-to-1")
def test_the_value_is_1_by_default(mp):
    taken = places(mp.Semaphore())
    assert taken == 1, f"acquire(False) of a Semaphore() succeeded {taken} times, promised is once"


@verifies("semaphore.call.negative-value-raises-valueerror")
def test_a_negative_value_raises_valueerror(mp):
    with raises(ValueError, "Semaphore(-1)"):
        mp.Semaphore(-1)


@verifies("semaphore.acquire.returns-true")
def test_acquire_of_a_semaphore_returns_true(mp):
    check_that_acquire_returns_true(mp.Semaphore(2), "a Semaphore(2)", times=2)


@verifies("semaphore.acquire.blocks-while-zero", "semaphore.release.wakes-exactly-one")
def test_a_semaphore_is_one_of_all_processes(mp, scratch, patience):
    awaited, contested = mp.Semaphore(1), mp.Semaphore(1)
    awaited.acquire()
    contested.acquire()
    acquire, holding = Calls(scratch, awaited, "acquire"), Holding(scratch, contested)
    with child_that_does(mp, acquire, holding):
        with promise("semaphore.acquire.blocks-while-zero"):
            check_that_acquire_waits_for_another_process(awaited, "a Semaphore(1)", acquire, patience)
        with promise("semaphore.release.wakes-exactly-one"):
            check_that_release_lets_one_proceed("a Semaphore(1)", holding, patience)


@verifies("semaphore.acquire.nonblocking-returns-false")
def test_acquire_that_does_not_block_returns_false_at_zero(mp):
    answer = mp.Semaphore(0).acquire(False)
    assert answer is False, f"acquire(False) of a Semaphore(0): {answer!r}, promised is False"


@verifies("semaphore.acquire.nonblocking-takes-one")
def test_acquire_that_does_not_block_takes_one_each_time(mp):
    semaphore = mp.Semaphore(3)
    answers = [semaphore.acquire(block=False) for _ in range(4)]
    assert answers == [True, True, True, False], (
        f"acquire(block=False) four times of a Semaphore(3): {answers}, promised is True three times, then False"
    )


@verifies("semaphore.acquire.timeout-returns-false")
def test_acquire_of_a_semaphore_returns_false_when_its_timeout_has_passed(mp, patience):
    check_timeout(mp.Semaphore(1), "a Semaphore(1)", patience)
    check_that_timeout_is_not_cut_short(mp.Semaphore(1), "a Semaphore(1)", patience)


@verifies("semaphore.acquire.timeout-takes-what-is-released-in-time")
def test_acquire_with_a_timeout_takes_what_is_released_in_time(mp, patience):
    timeout = 2 * patience.awaiting
    check_that_acquire_waits_for_another_thread(mp.Semaphore(1), "a Semaphore(1)", patience, timeout=timeout)


@verifies("semaphore.release.beyond-initial-value")
def test_release_increases_the_value_beyond_the_initial_one(mp):
    semaphore = mp.Semaphore(1)
    with works("release() twice of a new Semaphore(1)"):
        semaphore.release()
        semaphore.release()
    taken = places(semaphore)
    assert taken == 3, f"acquire(False) of a Semaphore(1) after release() twice: True {taken} times, promised is 3"


@verifies("semaphore.release.adds-n")
def test_release_of_n_adds_n(mp):
    semaphore = mp.Semaphore(0)
    with works("release(3) of a Semaphore(0)"):
        semaphore.release(3)
    taken = places(semaphore)
    assert taken == 3, f"acquire(False) of a Semaphore(0) after release(3): True {taken} times, promised is 3"


@verifies("semaphore.with.acquires-and-releases")
def test_with_acquires_and_releases_the_semaphore(mp):
    check_with(mp.Semaphore(1), "a Semaphore(1)")


@verifies("semaphore.locked.tells-whether-acquire-blocks")
def test_locked_tells_whether_the_value_is_zero(mp, scratch):
    semaphore = mp.Semaphore(2)
    semaphore.acquire()
    answers = [semaphore.locked()]
    answers_of_a_child(mp, scratch, semaphore, "acquire")
    answers.append(semaphore.locked())
    semaphore.release()
    answers.append(semaphore.locked())
    assert answers == [False, True, False], (
        f"locked() of a Semaphore(2) that was acquired, also by a child, and released: {answers}, promised is"
        " [False, True, False]"
    )


@verifies("semaphore.get_value.returns-the-value")
def test_get_value_returns_the_value(mp, scratch):
    semaphore = mp.Semaphore(3)
    semaphore.acquire()
    answers_of_a_child(mp, scratch, semaphore, "acquire")
    try:
        value = semaphore.get_value()
    except NotImplementedError:
        return
    assert value == 1, f"get_value() of a Semaphore(3) that two processes have acquired: {value!r}, promised is 1"
