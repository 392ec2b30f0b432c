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


@verifies(
    "sharedctypes.array.wrapper-by-default",
    "sharedctypes.array.holds-what-raw-array-holds",
    "sharedctypes.array.lock-true-is-a-new-lock",
    "sharedctypes.array.given-lock-is-used",
    "sharedctypes.array.given-rlock-is-used",
    "sharedctypes.array.lock-false-returns-the-raw-object",
)
def test_an_array_of_the_module(mp):
    with promise("sharedctypes.array.wrapper-by-default"):
        check_wrapper(mp.sharedctypes.Array("i", 3), "sharedctypes.Array('i', 3)")
    with promise("sharedctypes.array.holds-what-raw-array-holds"):
        for kind, initializer in (("i", 3), ("i", [3, 1, 2]), (ctypes.c_double, (0.5, 1.5)), ("c", b"hello"), ("d", 2)):
            held = mp.sharedctypes.Array(kind, initializer).get_obj()
            raw = mp.sharedctypes.RawArray(kind, initializer)
            call = f"sharedctypes.Array({kind!r}, {initializer!r})"
            assert type(held) is type(raw), f"{call} holds {held!r}, promised is what RawArray returns, {raw!r}"
            assert held[:] == raw[:], f"{call} holds {held[:]}, promised is what RawArray holds, {raw[:]}"
    with promise("sharedctypes.array.lock-true-is-a-new-lock"):
        make = mp.sharedctypes.Array
        check_new_locks([make("i", 3), make("i", 3), make("i", 3, lock=True)], "sharedctypes.Array")
    with promise("sharedctypes.array.given-lock-is-used"):
        lock = mp.Lock()
        came = mp.sharedctypes.Array("i", 3, lock=lock).get_lock()
        assert came is lock, f"get_lock() of sharedctypes.Array('i', 3, lock=lock) is {came!r}, promised is that Lock"
    with promise("sharedctypes.array.given-rlock-is-used"):
        lock = mp.RLock()
        came = mp.sharedctypes.Array("i", 3, lock=lock).get_lock()
        assert came is lock, f"get_lock() of sharedctypes.Array('i', 3, lock=lock) is {came!r}, promised is that RLock"
    with promise("sharedctypes.array.lock-false-returns-the-raw-object"):
        items = mp.sharedctypes.Array("i", [7, 8], lock=False)
        assert isinstance(items, ctypes.Array), (
            f"sharedctypes.Array('i', [7, 8], lock=False) is {items!r}, no ctypes array"
        )
        assert items[:] == [7, 8], f"sharedctypes.Array('i', [7, 8], lock=False)[:] is {items[:]}, promised is [7, 8]"


@verifies(
    "sharedctypes.value.wrapper-by-default",
    "sharedctypes.value.holds-what-raw-value-holds",
    "sharedctypes.value.lock-true-is-a-new-lock",
    "sharedctypes.value.given-lock-is-used",
    "sharedctypes.value.given-rlock-is-used",
    "sharedctypes.value.lock-false-returns-the-raw-object",
)
def test_a_value_of_the_module(mp):
    with promise("sharedctypes.value.wrapper-by-default"):
        check_wrapper(mp.sharedctypes.Value("i", 3), "sharedctypes.Value('i', 3)")
    with promise("sharedctypes.value.holds-what-raw-value-holds"):
        for kind, arguments in (("i", (7,)), ("d", ()), (ctypes.c_double, (0.5,))):
            held = mp.sharedctypes.Value(kind, *arguments).get_obj()
            raw = mp.sharedctypes.RawValue(kind, *arguments)
            call = f"sharedctypes.Value({kind!r}, *{arguments})"
            assert type(held) is type(raw), f"{call} holds {held!r}, promised is what RawValue returns, {raw!r}"
            assert held.value == raw.value, f"{call} holds {held.value}, promised is what RawValue holds, {raw.value}"
        point = mp.sharedctypes.Value(Point, 1.5, 2.5).get_obj()
        assert (point.x, point.y) == (1.5, 2.5), f"sharedctypes.Value(Point, 1.5, 2.5) holds {(point.x, point.y)}"
    with promise("sharedctypes.value.lock-true-is-a-new-lock"):
        make = mp.sharedctypes.Value
        check_new_locks([make("i"), make("i"), make("i", lock=True)], "sharedctypes.Value")
    with promise("sharedctypes.value.given-lock-is-used"):
        lock = mp.Lock()
        came = mp.sharedctypes.Value("i", lock=lock).get_lock()
        assert came is lock, f"get_lock() of sharedctypes.Value('i', lock=lock) is {came!r}, promised is that Lock"
    with promise("sharedctypes.value.given-rlock-is-used"):
        lock = mp.RLock()
        came = mp.sharedctypes.Value("i", lock=lock).get_lock()
        assert came is lock, f"get_lock() of sharedctypes.Value('i', lock=lock) is {came!r}, promised is that RLock"
    with promise("sharedctypes.value.lock-false-returns-the-raw-object"):
        value = mp.sharedctypes.Value("i", 7, lock=False)
        assert isinstance(value, ctypes.c_int), (
            f"sharedctypes.Value('i', 7, lock=False) is {value!r}, promised is a c_int"
        )
        assert value.value == 7, f"sharedctypes.Value('i', 7, lock=False).value is {value.value}, promised is 7"


def check_wrapper(made, call):
    missing = [name for name in ("get_obj", "get_lock") if not hasattr(made, name)]
    assert not missing, f"{call} is {made!r} and has no {missing}: promised is a synchronized wrapper"


def check_new_locks(made, call):
    for first in made:
        with first.get_lock():
            free = [other is not first and acquired_elsewhere(other.get_lock()) for other in made]
        promised = [other is not first for other in made]
        assert free == promised, f"while the lock of one {call} is held, the locks of {made} are free: {free}"


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

    text = b"text"

    def set_item(of):
        of[1] = 5

    def set_slice(of):
        of[:2] = [5, 6]

    of_array = {
        "getting an item of an Array": lambda: items()[0],
        "getting a slice of an Array": lambda: items()[:2],
        "setting an item of an Array": lambda: set_item(items()),
        "setting a slice of an Array": lambda: set_slice(items()),
    }
    of_value = {
        "reading value of a Value": lambda: value().value,
        "setting value of a Value": lambda: setattr(value(), "value", 8),
    }
    of_wrapper = {
        "reading value of a wrapped number": lambda: wrapper(ctypes.c_int(7)).value,
        "setting value of a wrapped number": lambda: setattr(wrapper(ctypes.c_int(7)), "value", 8),
        "setting an item of a wrapped array": lambda: set_item(wrapper((ctypes.c_int * 3)(1, 2, 3))),
        "setting a slice of a wrapped array": lambda: set_slice(wrapper((ctypes.c_int * 3)(1, 2, 3))),
        "getting an item of a wrapped array": lambda: wrapper((ctypes.c_int * 3)(1, 2, 3))[0],
        "getting a slice of a wrapped array": lambda: wrapper((ctypes.c_int * 3)(1, 2, 3))[:2],
        "reading value of a wrapped string": lambda: wrapper(ctypes.create_string_buffer(text)).value,
        "reading raw of a wrapped string": lambda: wrapper(ctypes.create_string_buffer(text)).raw,
        "setting value of a wrapped string": lambda: setattr(
            wrapper(ctypes.create_string_buffer(text)), "value", b"else"
        ),
        "setting raw of a wrapped string": lambda: setattr(wrapper(ctypes.create_string_buffer(4)), "raw", text),
        "reading a field of a wrapped structure": lambda: wrapper(Point(1.5, 2.5)).y,
        "setting a field of a wrapped structure": lambda: setattr(wrapper(Point(1.5, 2.5)), "x", 3.5),
    }
    went = accesses_to_what_is_held(mp, scratch, patience, (lock,), of_array | of_value | of_wrapper)
    with promise("sharedctypes.array.access-waits-for-the-lock"):
        check_that_they_waited(went, of_array)
    with promise("sharedctypes.value.access-waits-for-the-lock"):
        check_that_they_waited(went, of_value)
    with promise("synchronized.access.waits-for-the-lock"):
        check_that_they_waited(went, of_wrapper)
