"""The lock of a Value: which one it is, and that it keeps processes apart."""

from __future__ import annotations

import ctypes

from mpconform.kit import promise, verifies
from mpconform.sections.shared_ctypes_objects.helpers import (
    accesses_to_what_is_held,
    acquired_elsewhere,
    check_that_it_is_recursive,
    check_that_they_waited,
    one_later,
    total_of_increments,
)


@verifies(
    "value.lock.default-is-recursive",
    "value.lock.true-is-recursive",
    "value.lock.default-is-new",
    "value.lock.given-lock-is-used",
    "value.lock.given-rlock-is-used",
    "value.lock.false-returns-the-object-itself",
)
def test_which_lock_a_value_has(mp):
    with promise("value.lock.default-is-recursive"):
        check_that_it_is_recursive(mp.Value("i").get_lock(), "Value('i')")
    with promise("value.lock.true-is-recursive"):
        check_that_it_is_recursive(mp.Value("i", lock=True).get_lock(), "Value('i', lock=True)")
    with promise("value.lock.default-is-new"):
        first, second = mp.Value("i"), mp.Value("i")
        with first.get_lock():
            assert not acquired_elsewhere(first.get_lock()), "get_lock() of a Value was acquired while a thread held it"
            assert acquired_elsewhere(second.get_lock()), (
                "get_lock() of a second Value cannot be acquired while the first is"
            )
    with promise("value.lock.given-lock-is-used"):
        lock = mp.Lock()
        came = mp.Value("i", lock=lock).get_lock()
        assert came is lock, (
            f"Value('i', lock=lock).get_lock() is {came!r}, promised is the Lock that was given, {lock!r}"
        )
    with promise("value.lock.given-rlock-is-used"):
        lock = mp.RLock()
        came = mp.Value("i", lock=lock).get_lock()
        assert came is lock, (
            f"Value('i', lock=lock).get_lock() is {came!r}, promised is the RLock that was given, {lock!r}"
        )
    with promise("value.lock.false-returns-the-object-itself"):
        value = mp.Value("i", 7, lock=False)
        assert isinstance(value, ctypes.c_int), (
            f"Value('i', 7, lock=False) is {value!r}, promised is an unprotected c_int"
        )
        assert value.value == 7, f"Value('i', 7, lock=False).value is {value.value}, promised is 7"


@verifies("value.access.waits-for-the-lock", "value.access.waits-for-a-given-lock")
def test_access_to_a_value_waits_for_its_lock(mp, scratch, patience):
    value = mp.Value("i", 7)
    lock, rlock = mp.Lock(), mp.RLock()

    def write(to=value):
        to.value = 8

    accesses = {"reading value.value": lambda: value.value, "setting value.value": write}
    with_a_given_lock = {  # made only now, so that nothing else fails with the constructor
        "reading value of Value('i', 7, lock=Lock())": lambda: mp.Value("i", 7, lock=lock).value,
        "reading value of Value('i', 8, lock=RLock())": lambda: mp.Value("i", 8, lock=rlock).value,
        "setting value of Value('i', 7, lock=Lock())": lambda: write(mp.Value("i", 7, lock=lock)),
        "setting value of Value('i', 8, lock=RLock())": lambda: write(mp.Value("i", 8, lock=rlock)),
    }
    locks = (value.get_lock(), lock, rlock)
    went = accesses_to_what_is_held(mp, scratch, patience, locks, accesses | with_a_given_lock)
    with promise("value.access.waits-for-the-lock"):
        check_that_they_waited(went, accesses)
    with promise("value.access.waits-for-a-given-lock"):
        check_that_they_waited(went, with_a_given_lock)


def increment(counter):
    with counter.get_lock():
        counter.value += one_later()


@verifies("value.get_lock.increments-are-atomic")
def test_no_increment_under_the_lock_is_lost(mp, scratch):
    counter = mp.Value("l")
    made = total_of_increments(mp, scratch, increment, counter)
    assert counter.value == made, (
        f"two processes did `with v.get_lock(): v.value += 1` {made} times in all, and v.value is {counter.value}"
    )
