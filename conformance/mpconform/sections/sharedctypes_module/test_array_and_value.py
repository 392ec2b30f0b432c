"""Array and Value of the module sharedctypes, which add a lock to RawArray and RawValue."""

from __future__ import annotations

import ctypes

from mpconform.kit import promise, verifies
from mpconform.sections.shared_ctypes_objects.helpers import (
    Point,
    accesses_to_what_is_held,
    acquired_elsewhere,
    check_that_they_waited,
)


@verifies("sharedctypes.array.holds-what-raw-array-holds")
def test_an_array_holds_what_a_raw_array_holds(mp):
    for kind, initializer in (("i", 3), ("i", [3, 1, 2]), (ctypes.c_double, (0.5, 1.5)), ("c", b"hello"), ("d", 2)):
        held = mp.sharedctypes.Array(kind, initializer).get_obj()
        raw = mp.sharedctypes.RawArray(kind, initializer)
        call = f"sharedctypes.Array({kind!r}, {initializer!r})"
        assert type(held) is type(raw), f"{call} holds {held!r}, promised is what RawArray returns, {raw!r}"
        assert held[:] == raw[:], f"{call} holds {held[:]}, promised is what RawArray holds, {raw[:]}"


@verifies("sharedctypes.value.holds-what-raw-value-holds")
def test_a_value_holds_what_a_raw_value_holds(mp):
    for kind, arguments in (("i", (7,)), ("d", ()), (ctypes.c_double, (0.5,))):
        held = mp.sharedctypes.Value(kind, *arguments).get_obj()
        raw = mp.sharedctypes.RawValue(kind, *arguments)
        call = f"sharedctypes.Value({kind!r}, *{arguments})"
        assert type(held) is type(raw), f"{call} holds {held!r}, promised is what RawValue returns, {raw!r}"
        assert held.value == raw.value, f"{call} holds {held.value}, promised is what RawValue holds, {raw.value}"
    point = mp.sharedctypes.Value(Point, 1.5, 2.5).get_obj()
    assert (point.x, point.y) == (1.5, 2.5), f"sharedctypes.Value(Point, 1.5, 2.5) holds {(point.x, point.y)}"


def check_wrapper(made, call):
    missing = [name for name in ("get_obj", "get_lock") if not hasattr(made, name)]
    assert not missing, f"{call} is {made!r} and has no {missing}: promised is a synchronized wrapper"


@verifies("sharedctypes.array.wrapper-by-default")
def test_array_returns_a_wrapper_by_default(mp):
    check_wrapper(mp.sharedctypes.Array("i", 3), "sharedctypes.Array('i', 3)")


@verifies("sharedctypes.value.wrapper-by-default")
def test_value_returns_a_wrapper_by_default(mp):
    check_wrapper(mp.sharedctypes.Value("i", 3), "sharedctypes.Value('i', 3)")


def check_new_locks(made, call):
    for first in made:
        with first.get_lock():
            free = [other is not first and acquired_elsewhere(other.get_lock()) for other in made]
        promised = [other is not first for other in made]
        assert free == promised, f"while the lock of one {call} is held, the locks of {made} are free: {free}"


@verifies("sharedctypes.array.lock-true-is-a-new-lock")
def test_each_array_has_a_lock_of_its_own(mp):
    make = mp.sharedctypes.Array
    check_new_locks([make("i", 3), make("i", 3), make("i", 3, lock=True)], "sharedctypes.Array")


@verifies("sharedctypes.value.lock-true-is-a-new-lock")
def test_each_value_has_a_lock_of_its_own(mp):
    make = mp.sharedctypes.Value
    check_new_locks([make("i"), make("i"), make("i", lock=True)], "sharedctypes.Value")


@verifies("sharedctypes.array.given-lock-is-used")
def test_an_array_uses_the_lock_that_it_is_given(mp):
    lock = mp.Lock()
    came = mp.sharedctypes.Array("i", 3, lock=lock).get_lock()
    assert came is lock, f"get_lock() of sharedctypes.Array('i', 3, lock=lock) is {came!r}, promised is that Lock"


@verifies("sharedctypes.value.given-lock-is-used")
def test_a_value_uses_the_lock_that_it_is_given(mp):
    lock = mp.Lock()
    came = mp.sharedctypes.Value("i", lock=lock).get_lock()
    assert came is lock, f"get_lock() of sharedctypes.Value('i', lock=lock) is {came!r}, promised is that Lock"


@verifies("sharedctypes.array.given-rlock-is-used")
def test_an_array_uses_the_rlock_that_it_is_given(mp):
    lock = mp.RLock()
    came = mp.sharedctypes.Array("i", 3, lock=lock).get_lock()
    assert came is lock, f"get_lock() of sharedctypes.Array('i', 3, lock=lock) is {came!r}, promised is that RLock"


@verifies("sharedctypes.value.given-rlock-is-used")
def test_a_value_uses_the_rlock_that_it_is_given(mp):
    lock = mp.RLock()
    came = mp.sharedctypes.Value("i", lock=lock).get_lock()
    assert came is lock, f"get_lock() of sharedctypes.Value('i', lock=lock) is {came!r}, promised is that RLock"


@verifies("sharedctypes.array.lock-false-returns-the-raw-object")
def test_without_a_lock_an_array_is_the_ctypes_array_itself(mp):
    items = mp.sharedctypes.Array("i", [7, 8], lock=False)
    assert isinstance(items, ctypes.Array), f"sharedctypes.Array('i', [7, 8], lock=False) is {items!r}, no ctypes array"
    assert items[:] == [7, 8], f"sharedctypes.Array('i', [7, 8], lock=False)[:] is {items[:]}, promised is [7, 8]"


@verifies("sharedctypes.value.lock-false-returns-the-raw-object")
def test_without_a_lock_a_value_is_the_object_itself(mp):
    value = mp.sharedctypes.Value("i", 7, lock=False)
    assert isinstance(value, ctypes.c_int), f"sharedctypes.Value('i', 7, lock=False) is {value!r}, promised is a c_int"
    assert value.value == 7, f"sharedctypes.Value('i', 7, lock=False).value is {value.value}, promised is 7"


@verifies(
    "sharedctypes.array.access-waits-for-the-lock",
    "sharedctypes.value.access-waits-for-the-lock",
    "synchronized.access.waits-for-the-lock",
)
def test_access_waits_for_the_lock_that_was_given(mp, scratch, patience):
    lock = mp.Lock()

    # Each object is made where it is accessed, so that nothing else fails with its constructor.

    def items():
        return mp.sharedctypes.Array("i", [7, 8, 9], lock=lock)

    def value():
        return mp.sharedctypes.Value("i", 7, lock=lock)

    def wrapper(wrapped):
        return mp.sharedctypes.synchronized(wrapped, lock)

    def set_item():
        items()[1] = 5

    def set_value():
        value().value = 8

    def set_field():
        wrapper(Point(1.5, 2.5)).x = 3.5

    of_array = {
        "getting an item of an Array": lambda: items()[0],
        "getting a slice of an Array": lambda: items()[:2],
        "setting an item of an Array": set_item,
    }
    of_value = {"reading value of a Value": lambda: value().value, "setting value of a Value": set_value}
    text = b"text"
    of_wrapper = {
        "reading value of a wrapped number": lambda: wrapper(ctypes.c_int(7)).value,
        "getting an item of a wrapped array": lambda: wrapper((ctypes.c_int * 3)(1, 2, 3))[0],
        "getting a slice of a wrapped array": lambda: wrapper((ctypes.c_int * 3)(1, 2, 3))[:2],
        "reading value of a wrapped string": lambda: wrapper(ctypes.create_string_buffer(text)).value,
        "reading raw of a wrapped string": lambda: wrapper(ctypes.create_string_buffer(text)).raw,
        "reading a field of a wrapped structure": lambda: wrapper(Point(1.5, 2.5)).y,
        "setting a field of a wrapped structure": set_field,
    }
    went = accesses_to_what_is_held(mp, scratch, patience, (lock,), of_array | of_value | of_wrapper)
    with promise("sharedctypes.array.access-waits-for-the-lock"):
        check_that_they_waited(went, of_array)
    with promise("sharedctypes.value.access-waits-for-the-lock"):
        check_that_they_waited(went, of_value)
    with promise("synchronized.access.waits-for-the-lock"):
        check_that_they_waited(went, of_wrapper)
