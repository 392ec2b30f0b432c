"""The lock of an Array: which one it is, and that it keeps processes apart."""

from __future__ import annotations

import ctypes

from mpconform.kit import promise, verifies
from mpconform.sections.shared_ctypes_objects.helpers import (
    accesses_to_what_is_held,
    acquired_elsewhere,
    check_that_they_waited,
    one_later,
    total_of_increments,
)


@verifies(
    "array.lock.default-is-new",
    "array.lock.given-lock-is-used",
    "array.lock.given-rlock-is-used",
    "array.lock.false-returns-the-array-itself",
)
def test_which_lock_an_array_has(mp):
    with promise("array.lock.default-is-new"):
        first, second = mp.Array("i", 3), mp.Array("i", 3)
        with first.get_lock():
            assert not acquired_elsewhere(first.get_lock()), (
                "get_lock() of an Array was acquired while a thread held it"
            )
            assert acquired_elsewhere(second.get_lock()), (
                "get_lock() of a second Array cannot be acquired while the first is"
            )
    with promise("array.lock.given-lock-is-used"):
        lock = mp.Lock()
        came = mp.Array("i", 3, lock=lock).get_lock()
        assert came is lock, f"Array('i', 3, lock=lock).get_lock() is {came!r}, promised is the Lock that was given"
    with promise("array.lock.given-rlock-is-used"):
        lock = mp.RLock()
        came = mp.Array("i", 3, lock=lock).get_lock()
        assert came is lock, f"Array('i', 3, lock=lock).get_lock() is {came!r}, promised is the RLock that was given"
    with promise("array.lock.false-returns-the-array-itself"):
        items = mp.Array("i", [7, 8], lock=False)
        assert isinstance(items, ctypes.Array), (
            f"Array('i', [7, 8], lock=False) is {items!r}, promised is a ctypes array"
        )
        assert items[:] == [7, 8], f"Array('i', [7, 8], lock=False)[:] is {items[:]}, promised is [7, 8]"


@verifies("array.lock.default-is-recursive")
def test_whether_the_lock_of_an_array_is_recursive(mp, observe):
    lock = mp.Array("i", 3).get_lock()
    with lock:
        recursive = lock.acquire(False)
        if recursive:
            lock.release()
    observe("the lock of an Array is " + ("recursive" if recursive else "not recursive"))


@verifies("array.access.waits-for-the-lock", "array.access.waits-for-a-given-lock")
def test_access_to_an_array_waits_for_its_lock(mp, scratch, patience):
    items = mp.Array("i", [7, 8, 9])
    lock, rlock = mp.Lock(), mp.RLock()

    def set_item(of=items):
        of[1] = 5

    def set_slice():
        items[:2] = [4, 3]

    accesses = {
        "getting an item": lambda: items[0],
        "getting a slice": lambda: items[:2],
        "setting an item": set_item,
        "setting a slice": set_slice,
    }
    with_a_given_lock = {  # made only now, so that nothing else fails with the constructor
        "getting an item of Array('i', [7, 8], lock=Lock())": lambda: mp.Array("i", [7, 8], lock=lock)[0],
        "getting an item of Array('i', [7, 8], lock=RLock())": lambda: mp.Array("i", [7, 8], lock=rlock)[0],
        "setting an item of Array('i', [7, 8], lock=Lock())": lambda: set_item(mp.Array("i", [7, 8], lock=lock)),
        "setting an item of Array('i', [7, 8], lock=RLock())": lambda: set_item(mp.Array("i", [7, 8], lock=rlock)),
    }
    locks = (items.get_lock(), lock, rlock)
    went = accesses_to_what_is_held(mp, scratch, patience, locks, accesses | with_a_given_lock)
    with promise("array.access.waits-for-the-lock"):
        check_that_they_waited(went, accesses)
    with promise("array.access.waits-for-a-given-lock"):
        check_that_they_waited(went, with_a_given_lock)


def increment(items):
    # Through get_obj(), because the lock of an Array need not be recursive.
    with items.get_lock():
        items.get_obj()[1] += one_later()


@verifies("array.get_lock.increments-are-atomic")
def test_no_increment_under_the_lock_is_lost(mp, scratch):
    items = mp.Array("l", 3)
    made = total_of_increments(mp, scratch, increment, items)
    assert items[:] == [0, made, 0], (
        f"two processes did `with a.get_lock(): a.get_obj()[1] += 1` {made} times in all, and a[:] is {items[:]}"
    )
