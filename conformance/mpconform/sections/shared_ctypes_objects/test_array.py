"""What an Array holds, in one process."""

from __future__ import annotations

import array
import ctypes
import gc

from hypothesis import example, given
from hypothesis import strategies as st

from mpconform.kit import raises, verifies
from mpconform.sections.shared_ctypes_objects.helpers import SIMPLE, Mixed, Point, check_typecodes
from mpconform.sections.shared_ctypes_objects.strategies import unshrunk


@verifies("array.call.holds-a-ctypes-array")
def test_an_array_holds_a_ctypes_array(mp):
    held = mp.Array(ctypes.c_short, 3).get_obj()
    assert isinstance(held, ctypes.c_short * 3), f"Array(c_short, 3).get_obj() is {held!r}, promised is a c_short * 3"


@verifies("array.call.returns-a-synchronized-wrapper")
def test_array_returns_a_wrapper_by_default(mp):
    items = mp.Array("i", 3)
    missing = [name for name in ("get_obj", "get_lock") if not hasattr(items, name)]
    assert not missing, f"Array('i', 3) is {items!r} and has no {missing}: promised is a synchronized wrapper"
    assert not isinstance(items, ctypes.Array), f"Array('i', 3) is {items!r} itself, promised is a wrapper of it"


@verifies("array.typecode.those-of-array")
def test_array_takes_the_typecodes_of_array(mp):
    check_typecodes(lambda code: type(mp.Array(code, 2).get_obj())._type_, "Array")


@verifies("array.typecode.w")
def test_array_and_the_typecode_w(mp, observe):
    try:
        held = type(mp.Array("w", 2).get_obj())._type_
    except Exception as error:
        observe(f"Array('w', 2) raises {type(error).__name__}")
    else:
        observe(f"Array('w', 2) is of {held.__name__}")


@verifies("array.type.any-ctypes-type")
def test_array_takes_any_ctypes_type(mp):
    for kind in (*SIMPLE, Point, Mixed):
        held = type(mp.Array(kind, 2).get_obj())._type_
        assert held is kind, f"Array({kind.__name__}, 2) is of {held.__name__}, promised is the type that was given"


@verifies("array.type.structures-are-in-place")
def test_a_structure_in_an_array_is_changed_in_place(mp):
    points = mp.Array(Point, [(1.5, 2.5), (3.5, 4.5)])
    points[1].x = 9.5
    came = [(point.x, point.y) for point in points]
    assert came == [(1.5, 2.5), (9.5, 4.5)], f"after a[1].x = 9.5 the Array holds {came}"


@verifies("array.size.is-the-length")
def test_an_integer_is_the_length(mp):
    for size in (1, 2, 7, 10_000):
        came = len(mp.Array("i", size))
        assert came == size, f"len(Array('i', {size})) is {came}"


@verifies("array.size.zeroed")
def test_an_array_of_a_size_is_zeroed(mp):
    for kind in SIMPLE:
        came, zero = list(mp.Array(kind, 50)), kind().value
        assert came == [zero] * 50, f"Array({kind.__name__}, 50) holds {came!r}, promised is that each item is {zero!r}"


@verifies("array.size.zeroed-in-used-memory")
def test_an_array_of_a_size_is_zeroed_also_in_used_memory(mp):
    for _ in range(5):
        items = mp.Array("B", 3000)
        used = sum(item != 0 for item in items[:])
        assert used == 0, f"Array('B', 3000) has {used} items that are not zero, after another was filled and freed"
        items[:] = [255] * 3000
        del items
        gc.collect()


@verifies("array.initializer.gives-the-items")
def test_any_kind_of_sequence_gives_the_items(mp):
    for sequence in ([3, 1, 2], (3, 1, 2), range(3, 6), b"abc", array.array("h", [3, 1, 2]), (ctypes.c_int * 2)(8, 9)):
        came = mp.Array("i", sequence)[:]
        assert came == list(sequence), f"Array('i', {sequence!r})[:] is {came}, promised is {list(sequence)}"
    came = "".join(mp.Array("u", "word")[:])
    assert came == "word", f"Array('u', 'word')[:] joined is {came!r}, promised is 'word'"
    points = [(point.x, point.y) for point in mp.Array(Point, [(1, 2), (3, 4)])]
    assert points == [(1, 2), (3, 4)], f"Array(Point, [(1, 2), (3, 4)]) holds {points}"


@verifies("array.initializer.gives-the-length")
def test_the_length_of_a_sequence_is_that_of_the_array(mp):
    for sequence in ([], [5], range(1000)):
        came = len(mp.Array("i", sequence))
        assert came == len(sequence), f"len(Array('i', {sequence!r})) is {came}, promised is {len(sequence)}"


@verifies("array.index.out-of-range-raises-indexerror")
def test_an_index_out_of_range_raises_indexerror(mp):
    items = mp.Array("i", [1, 2, 3])
    for index in (3, -4, 1000):
        with raises(IndexError, f"a[{index}] of an Array of 3 items"):
            items[index]
        with raises(IndexError, f"a[{index}] = 0 on an Array of 3 items"):
            items[index] = 0


@verifies("array.c_char.value-stores-strings")
def test_value_of_an_array_of_c_char_stores_strings(mp):
    characters = mp.Array(ctypes.c_char, 20)

    @unshrunk
    @given(st.binary(max_size=20).filter(lambda text: b"\0" not in text))
    @example(b"x" * 20)
    @example(b"")
    def comes_back(text):
        characters.value = text
        assert characters.value == text, f"a.value is {characters.value!r} after a.value = {text!r}"
        came = bytes(characters.get_obj())[: len(text)]
        assert came == text, f"the array holds {came!r} after a.value = {text!r}"

    comes_back()


@verifies("array.c_char.raw-stores-strings")
def test_raw_of_an_array_of_c_char_stores_strings(mp):
    characters = mp.Array(ctypes.c_char, 20)

    @unshrunk
    @given(st.binary(min_size=20, max_size=20))
    @example(b"before\0after" + bytes(8))
    def comes_back(text):
        characters.raw = text
        assert characters.raw == text, f"a.raw is {characters.raw!r} after a.raw = {text!r}"
        came = bytes(characters.get_obj())
        assert came == text, f"the array holds {came!r} after a.raw = {text!r}"

    comes_back()
