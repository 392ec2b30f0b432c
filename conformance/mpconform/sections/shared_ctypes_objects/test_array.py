"""What an Array holds, in one process."""

from __future__ import annotations

import array
import ctypes
import gc

from hypothesis import example, given
from hypothesis import strategies as st

from mpconform.kit import promise, raises, verifies
from mpconform.sections.shared_ctypes_objects.helpers import SIMPLE, Mixed, Point, check_typecodes
from mpconform.sections.shared_ctypes_objects.strategies import unshrunk


@verifies(
    "array.call.holds-a-ctypes-array",
    "array.call.returns-a-synchronized-wrapper",
    "array.typecode.those-of-array",
    "array.type.any-ctypes-type",
    "array.type.structures-are-in-place",
    "array.size.is-the-length",
    "array.size.zeroed",
    "array.size.zeroed-in-used-memory",
    "array.initializer.gives-the-items",
    "array.initializer.gives-the-length",
    "array.index.out-of-range-raises-indexerror",
)
def test_what_an_array_is_made_of(mp):
    with promise("array.call.holds-a-ctypes-array"):
        held = mp.Array(ctypes.c_short, 3).get_obj()
        assert isinstance(held, ctypes.c_short * 3), (
            f"Array(c_short, 3).get_obj() is {held!r}, promised is a c_short * 3"
        )
    with promise("array.call.returns-a-synchronized-wrapper"):
        items = mp.Array("i", 3)
        missing = [name for name in ("get_obj", "get_lock") if not hasattr(items, name)]
        assert not missing, f"Array('i', 3) is {items!r} and has no {missing}: promised is a synchronized wrapper"
        assert not isinstance(items, ctypes.Array), f"Array('i', 3) is {items!r} itself, promised is a wrapper of it"
    with promise("array.typecode.those-of-array"):
        check_typecodes(lambda code: type(mp.Array(code, 2).get_obj())._type_, "Array")
    with promise("array.type.any-ctypes-type"):
        for kind in (*SIMPLE, Point, Mixed):
            held = type(mp.Array(kind, 2).get_obj())._type_
            assert held is kind, f"Array({kind.__name__}, 2) is of {held.__name__}, promised is the type that was given"
    with promise("array.type.structures-are-in-place"):
        points = mp.Array(Point, [(1.5, 2.5), (3.5, 4.5)])
        points[1].x = 9.5
        came = [(point.x, point.y) for point in points]
        assert came == [(1.5, 2.5), (9.5, 4.5)], f"after a[1].x = 9.5 the Array holds {came}"
    with promise("array.size.is-the-length"):
        for size in (1, 2, 7, 10_000):
            came = len(mp.Array("i", size))
            assert came == size, f"len(Array('i', {size})) is {came}"
    with promise("array.size.zeroed"):
        for kind in SIMPLE:
            came, zero = list(mp.Array(kind, 50)), kind().value
            assert came == [zero] * 50, (
                f"Array({kind.__name__}, 50) holds {came!r}, promised is that each item is {zero!r}"
            )
        for kind in Point, Mixed:
            came = bytes(mp.Array(kind, 5).get_obj())
            assert came == bytes(len(came)), f"the memory of Array({kind.__name__}, 5) is {came!r}, promised are zeros"
    with promise("array.size.zeroed-in-used-memory"):
        for _ in range(5):
            items = mp.Array("B", 3000)
            used = sum(item != 0 for item in items[:])
            assert used == 0, f"Array('B', 3000) has {used} items that are not zero, after another was filled and freed"
            items[:] = [255] * 3000
            del items
            gc.collect()
    with promise("array.initializer.gives-the-items"):
        for sequence in (
            [3, 1, 2],
            (3, 1, 2),
            range(3, 6),
            b"abc",
            array.array("h", [3, 1, 2]),
            (ctypes.c_int * 2)(8, 9),
        ):
            came = mp.Array("i", sequence)[:]
            assert came == list(sequence), f"Array('i', {sequence!r})[:] is {came}, promised is {list(sequence)}"
        came = "".join(mp.Array("u", "word")[:])
        assert came == "word", f"Array('u', 'word')[:] joined is {came!r}, promised is 'word'"
        points = [(point.x, point.y) for point in mp.Array(Point, [(1, 2), (3, 4)])]
        assert points == [(1, 2), (3, 4)], f"Array(Point, [(1, 2), (3, 4)]) holds {points}"
    with promise("array.initializer.gives-the-length"):
        for sequence in ([], [5], range(1000)):
            came = len(mp.Array("i", sequence))
            assert came == len(sequence), f"len(Array('i', {sequence!r})) is {came}, promised is {len(sequence)}"
    with promise("array.index.out-of-range-raises-indexerror"):
        items = mp.Array("i", [1, 2, 3])
        for index in (3, -4, 1000):
            with raises(IndexError, f"a[{index}] of an Array of 3 items"):
                items[index]
            with raises(IndexError, f"a[{index}] = 0 on an Array of 3 items"):
                items[index] = 0


@verifies("array.typecode.w")
def test_array_and_the_typecode_w(mp, observe):
    try:
        held = type(mp.Array("w", 2).get_obj())._type_
    except Exception as error:
        observe(f"Array('w', 2) raises {type(error).__name__}")
    else:
        observe(f"Array('w', 2) is of {held.__name__}")


@verifies(
    "array.c_char.value-stores-strings",
    "array.c_char.raw-stores-strings",
)
def test_strings_in_an_array_of_c_char(mp):
    with promise("array.c_char.value-stores-strings"):
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
    with promise("array.c_char.raw-stores-strings"):
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
