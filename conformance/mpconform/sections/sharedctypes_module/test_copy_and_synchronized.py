"""copy, and the wrapper that synchronized makes."""

from __future__ import annotations

import ctypes

from hypothesis import given

from mpconform.kit import raises, verifies, works
from mpconform.sections.shared_ctypes_objects.helpers import (
    Mixed,
    Point,
    acquired_elsewhere,
    child_that_answers,
    fields,
    fill,
)
from mpconform.sections.shared_ctypes_objects.strategies import STRUCTURES, unshrunk
from mpconform.sections.sharedctypes_module.helpers import swap_and_try_lock, swap_point


@verifies("copy.call.returns-an-equal-copy")
def test_a_copy_has_the_type_and_the_contents(mp):
    number = mp.sharedctypes.copy(ctypes.c_double(2.4))
    assert (type(number), number.value) == (ctypes.c_double, 2.4), f"copy(c_double(2.4)) is {number!r}"
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


@verifies("copy.call.is-independent")
def test_a_copy_has_memory_of_its_own(mp):
    original = Point(1.5, 2.5)
    copied = mp.sharedctypes.copy(original)
    original.x = 3.5
    assert copied.x == 1.5, f"the x of a copy is {copied.x} after the x of the original, 1.5, was set to 3.5"
    copied.y = 4.5
    assert original.y == 2.5, f"the y of the original is {original.y} after the y of its copy, 2.5, was set to 4.5"


@verifies("copy.child.shares-the-memory")
def test_a_copy_is_shared_with_a_child(mp):
    copied = mp.sharedctypes.copy(Point(1.5, 2.5))
    with child_that_answers(mp, swap_point, copied) as ask:
        copied.x = 3.5
        came = ask(4.5, 5.5)
        assert came == (3.5, 2.5), f"the child sees {came} in a copy whose fields are (3.5, 2.5)"
    assert (copied.x, copied.y) == (4.5, 5.5), f"the child set the fields to (4.5, 5.5), here are {copied.x, copied.y}"


@verifies("synchronized.call.wraps-the-object")
def test_get_obj_is_the_wrapped_object(mp):
    for wrapped in (ctypes.c_int(7), (ctypes.c_int * 3)(1, 2, 3), ctypes.create_string_buffer(b"text"), Point(1, 2)):
        came = mp.sharedctypes.synchronized(wrapped).get_obj()
        assert came is wrapped, f"synchronized({wrapped!r}).get_obj() is {came!r}, promised is the wrapped object"


@verifies("synchronized.members.those-of-the-object")
def test_a_wrapper_has_the_members_of_the_object(mp):
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
    assert (point.x, point.y) == (3.5, 2.5), f"(w.x, w.y) is {(point.x, point.y)} after w.x = 3.5 on Point(1.5, 2.5)"


@verifies("synchronized.get_lock.returns-the-given-lock")
def test_get_lock_is_the_lock_that_was_given(mp):
    for lock in (mp.Lock(), mp.RLock()):
        came = mp.sharedctypes.synchronized(ctypes.c_int(7), lock).get_lock()
        assert came is lock, f"synchronized(obj, {lock!r}).get_lock() is {came!r}, promised is the lock that was given"


@verifies("synchronized.lock.rlock-by-default")
def test_a_new_rlock_is_made_by_default(mp):
    made = [mp.sharedctypes.synchronized(ctypes.c_int(7), *lock).get_lock() for lock in ((), (None,))]
    for lock in made:
        with works(f"acquire() twice and release() twice of {lock!r}, of synchronized(obj), which is to be an RLock"):
            assert lock.acquire(False) and lock.acquire(False), "it is not recursive"
            lock.release()
            lock.release()
    with made[0]:
        assert acquired_elsewhere(made[1]), "the locks of two calls of synchronized are not apart: one holds both"


@verifies("synchronized.child.shares-object-and-lock")
def test_a_child_has_the_same_object_and_the_same_lock(mp):
    lock = mp.RLock()
    wrapper = mp.sharedctypes.synchronized(mp.sharedctypes.RawValue("i", 7), lock)
    with child_that_answers(mp, swap_and_try_lock, wrapper) as ask:
        acquired, came = ask(8)
        assert acquired, "a child cannot acquire get_lock() of a wrapper although nobody holds it"
        assert came == 7, f"the child sees {came} in a wrapped value, which is 7"
        assert wrapper.value == 8, f"the wrapped value is {wrapper.value} after a child set it to 8"
        with lock:
            acquired, _ = ask(9)
        assert not acquired, "a child acquired get_lock() of a wrapper while its parent held the lock"


@verifies("synchronized.with.holds-the-lock")
def test_a_with_block_holds_the_lock(mp):
    lock = mp.Lock()
    with mp.sharedctypes.synchronized(ctypes.c_int(7), lock):
        free = acquired_elsewhere(lock)
    assert not free, "the lock was acquired elsewhere during a with block on the wrapper, promised is that it is held"


@verifies("synchronized.with.releases-the-lock")
def test_a_with_block_releases_the_lock(mp):
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
