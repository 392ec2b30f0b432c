"""``Semaphore``: a counter that acquire() decreases, never below zero, and release() increases."""

from __future__ import annotations

from mpconform.kit import promise, raises, verifies, works
from mpconform.sections.synchronization_primitives.checks import (
    acquire_that_blocks,
    check_that_acquire_returns_true,
    check_that_acquire_waits_for_another_process,
    check_that_release_lets_one_proceed,
    check_that_timeout_is_not_cut_short,
    check_timeout,
    check_with,
)
from mpconform.sections.synchronization_primitives.helpers import (
    Calls,
    Holding,
    answers_of_a_child,
    child_that_does,
    let_go,
)


def places(semaphore, most=10):
    """Return how often the semaphore can be acquired, ``most`` at most."""
    return sum(semaphore.acquire(False) for _ in range(most))


@verifies(
    "semaphore.call.value-defaults-to-1",
    "semaphore.call.negative-value-raises-valueerror",
    "semaphore.acquire.returns-true",
    "semaphore.acquire.nonblocking-returns-false",
    "semaphore.acquire.nonblocking-takes-one",
    "semaphore.release.beyond-initial-value",
    "semaphore.release.adds-n",
    "semaphore.with.acquires-and-releases",
)
def test_a_semaphore_in_one_process(mp, patience):
    with promise("semaphore.acquire.returns-true"):
        check_that_acquire_returns_true(mp.Semaphore(2), "a Semaphore(2)", times=2)
    with promise("semaphore.acquire.nonblocking-returns-false"):
        with patience.at_once("acquire(False) of a Semaphore(0)"):
            answer = mp.Semaphore(0).acquire(False)
        assert answer is False, f"acquire(False) of a Semaphore(0): {answer!r}, promised is False"
    with promise("semaphore.call.value-defaults-to-1"):
        taken = places(mp.Semaphore())
        assert taken == 1, f"acquire(False) of a Semaphore() succeeded {taken} times, promised is once"
    with promise("semaphore.call.negative-value-raises-valueerror"), raises(ValueError, "Semaphore(-1)"):
        mp.Semaphore(-1)
    with promise("semaphore.acquire.nonblocking-takes-one"):
        semaphore = mp.Semaphore(3)
        answers = [semaphore.acquire(block=False) for _ in range(4)]
        assert answers == [True, True, True, False], (
            f"acquire(block=False) four times of a Semaphore(3): {answers}, promised is True three times, then False"
        )
    with promise("semaphore.release.beyond-initial-value"):
        semaphore = mp.Semaphore(1)
        with works("release() twice of a new Semaphore(1)"):
            semaphore.release()
            semaphore.release()
        taken = places(semaphore)
        assert taken == 3, f"acquire(False) of a Semaphore(1) after release() twice: True {taken} times, promised is 3"
    with promise("semaphore.release.adds-n"):
        semaphore = mp.Semaphore(0)
        with works("release(3) of a Semaphore(0)"):
            semaphore.release(3)
        taken = places(semaphore)
        assert taken == 3, f"acquire(False) of a Semaphore(0) after release(3): True {taken} times, promised is 3"
    with promise("semaphore.with.acquires-and-releases"):
        check_with(mp.Semaphore(1), "a Semaphore(1)")


@verifies("semaphore.acquire.timeout-returns-false", "semaphore.acquire.timeout-takes-what-is-released-in-time")
def test_timeouts_of_a_semaphore(mp, patience):
    with promise("semaphore.acquire.timeout-returns-false"):
        check_timeout(mp.Semaphore(1), "a Semaphore(1)", patience)
        check_that_timeout_is_not_cut_short(mp.Semaphore(1), "a Semaphore(1)", patience)
    with promise("semaphore.acquire.timeout-takes-what-is-released-in-time"):
        call = acquire_that_blocks(mp.Semaphore(1), "a Semaphore(1)", timeout=2 * patience.awaiting)
        let_go(patience, call)
        call.judge()


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
