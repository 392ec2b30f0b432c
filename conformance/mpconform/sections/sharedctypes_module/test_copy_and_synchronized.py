"""copy, and the wrapper that synchronized makes."""

from __future__ import annotations

import ctypes

from hypothesis import given

from mpconform.kit import promise, raises, verifies, works
from mpconform.sections.shared_ctypes_objects.helpers import (
    SIMPLE,
    Mixed,
    Point,
    acquired_elsewhere,
    fields,
    fill,
)
from mpconform.sections.shared_ctypes_objects.strategies import STRUCTURES, limits, unshrunk


@verifies(
    "copy.call.returns-an-equal-copy",
    "copy.call.is-independent",
)
def test_a_copy_in_one_process(mp):
    with promise("copy.call.returns-an-equal-copy"):
        number = mp.sharedctypes.copy(ctypes.c_double(2.4))
        assert (type(number), number.value) == (ctypes.c_double, 2.4), f"copy(c_double(2.4)) is {number!r}"
        for kind in SIMPLE:
            for value in limits(kind):
                copied = mp.sharedctypes.copy(kind(value))
                assert (type(copied), copied.value) == (kind, value), (
                    f"copy({kind.__name__}({value!r})) is {copied!r}, promised is an equal one"
                )
        items = mp.sharedctypes.copy((ctypes.c_int * 3)(9, 2, 8))
        assert isinstance(items, ctypes.c_int * 3), f"copy((c_int * 3)(9, 2, 8)) is {items!r}"
        assert items[:] == [9, 2, 8], f"copy((c_int * 3)(9, 2, 8)) is an array of {items[:]}"
        shared = mp.sharedctypes.copy(mp.sharedctypes.RawValue("h", -3))
        assert (type(shared), shared.value) == (ctypes.c_short, -3), f"copy(RawValue('h', -3)) is {shared!r}"

        @unshrunk
        @given(STRUCTURES)
        def is_equal(values):
            original = Mixed()
            fill(original, values)
            copied = mp.sharedctypes.copy(original)
            assert type(copied) is Mixed, f"copy() of a structure is {copied!r}, promised is the type of the structure"
            assert fields(copied) == fields(original), f"copy() of a structure with {values} has {fields(copied)}"

        is_equal()
    with promise("copy.call.is-independent"):
        original = Point(1.5, 2.5)
        copied = mp.sharedctypes.copy(original)
        original.x = 3.5
        assert copied.x == 1.5, f"the x of a copy is {copied.x} after the x of the original, 1.5, was set to 3.5"
        copied.y = 4.5
        assert original.y == 2.5, f"the y of the original is {original.y} after the y of its copy, 2.5, was set to 4.5"
        for numbers in (ctypes.c_int * 3)(9, 2, 8), mp.sharedctypes.RawArray("i", [9, 2, 8]):
            copied = mp.sharedctypes.copy(numbers)
            numbers[0], copied[1] = 10, 20
            came = (numbers[:], copied[:])
            assert came == ([10, 2, 8], [9, 20, 8]), (
                f"an array [9, 2, 8] and its copy are {came} after the first item of the one was set to 10, and the"
                " second one of the other to 20"
            )


@verifies(
    "synchronized.call.wraps-the-object",
    "synchronized.members.those-of-the-object",
    "synchronized.get_lock.returns-the-given-lock",
    "synchronized.lock.rlock-by-default",
    "synchronized.with.holds-the-lock",
    "synchronized.with.releases-the-lock",
)
def test_a_wrapper_in_one_process(mp):
    with promise("synchronized.call.wraps-the-object"):
        for wrapped in (
            ctypes.c_int(7),
            (ctypes.c_int * 3)(1, 2, 3),
            ctypes.create_string_buffer(b"text"),
            Point(1, 2),
        ):
            came = mp.sharedctypes.synchronized(wrapped).get_obj()
            assert came is wrapped, f"synchronized({wrapped!r}).get_obj() is {came!r}, promised is the wrapped object"
    with promise("synchronized.members.those-of-the-object"):
        wrap, raw = mp.sharedctypes.synchronized, mp.sharedctypes
        number = wrap(raw.RawValue("i", 7))
        number.value += 1
        assert number.get_obj().value == 8, f"w.value += 1 on a c_int of 7 made {number.get_obj().value} of it"
        items = wrap(raw.RawArray("i", [1, 2, 3]))
        items[0], items[1:] = 10, [20, 30]
        came = (items[0], items[1:], len(items), list(items))
        assert came == (10, [20, 30], 3, [10, 20, 30]), f"w[0], w[1:], len(w), list(w) of an array are {came}"
        text = wrap(raw.RawArray("c", 4))
        text.value = b"ab"
        assert text.raw == b"ab\0\0", f"w.raw is {text.raw!r} after w.value = b'ab' on an array of c_char"
        text.raw = b"wxyz"
        assert text.value == b"wxyz", f"w.value is {text.value!r} after w.raw = b'wxyz' on an array of c_char"
        point = wrap(raw.RawValue(Point, 1.5, 2.5))
        point.x = 3.5
        assert (point.x, point.y) == (3.5, 2.5), (
            f"(w.x, w.y) is {(point.x, point.y)} after w.x = 3.5 on Point(1.5, 2.5)"
        )
    with promise("synchronized.get_lock.returns-the-given-lock"):
        for lock in (mp.Lock(), mp.RLock()):
            came = mp.sharedctypes.synchronized(ctypes.c_int(7), lock).get_lock()
            assert came is lock, (
                f"synchronized(obj, {lock!r}).get_lock() is {came!r}, promised is the lock that was given"
            )
    with promise("synchronized.lock.rlock-by-default"):
        made = [mp.sharedctypes.synchronized(ctypes.c_int(7), *lock).get_lock() for lock in ((), (None,))]
        for lock in made:
            with works(
                f"acquire() twice and release() twice of {lock!r}, of synchronized(obj), which is to be an RLock"
            ):
                assert lock.acquire(False) and lock.acquire(False), "it is not recursive"
                lock.release()
                lock.release()
        with made[0]:
            assert acquired_elsewhere(made[1]), "the locks of two calls of synchronized are not apart: one holds both"
    with promise("synchronized.with.holds-the-lock"):
        lock = mp.Lock()
        with mp.sharedctypes.synchronized(ctypes.c_int(7), lock):
            free = acquired_elsewhere(lock)
        assert not free, (
            "the lock was acquired elsewhere during a with block on the wrapper, promised is that it is held"
        )
    with promise("synchronized.with.releases-the-lock"):
        lock = mp.Lock()
        wrapper = mp.sharedctypes.synchronized(ctypes.c_int(7), lock)
        with wrapper:
            pass
        assert acquired_elsewhere(lock), "the lock cannot be acquired after a with block on the wrapper"
        with raises(KeyError, "a with block on the wrapper that raises KeyError"), wrapper:
            raise KeyError
        assert acquired_elsewhere(lock), "the lock cannot be acquired after a with block on the wrapper that raised"


@verifies("synchronized.with.target")
def test_what_a_with_statement_gives_its_target(mp, observe):
    wrapper = mp.sharedctypes.synchronized(ctypes.c_int(7))
    with wrapper as target:
        observe("the wrapper" if target is wrapper else f"a {type(target).__name__}")
