"""RawArray, in one process."""

from __future__ import annotations

import array
import ctypes
import gc
import random

from hypothesis import example, given
from hypothesis import strategies as st

from mpconform.kit import promise, verifies
from mpconform.sections.shared_ctypes_objects.helpers import SIMPLE, Mixed, Point, check_typecodes
from mpconform.sections.shared_ctypes_objects.strategies import unshrunk


@verifies(
    "raw_array.call.returns-a-ctypes-array",
    "raw_array.typecode.those-of-array",
    "raw_array.typecode.c",
    "raw_array.type.any-ctypes-type",
    "raw_array.size.is-the-length",
    "raw_array.size.zeroed",
    "raw_array.initializer.gives-the-items",
    "raw_array.c_char.value-stores-strings",
    "raw_array.c_char.raw-stores-strings",
    "raw_array.table.size",
    "raw_array.table.initializer",
)
def test_a_raw_array_in_one_process(mp):
    with promise("raw_array.call.returns-a-ctypes-array"):
        items = mp.sharedctypes.RawArray(ctypes.c_short, 3)
        assert isinstance(items, ctypes.Array), f"RawArray(c_short, 3) is {items!r}, promised is a ctypes array"
    with promise("raw_array.typecode.those-of-array"):
        check_typecodes(lambda code: mp.sharedctypes.RawArray(code, 2)._type_, "RawArray")
    with promise("raw_array.typecode.c"):
        came = mp.sharedctypes.RawArray("c", b"hello")
        assert came._type_ is ctypes.c_char, f"RawArray('c', b'hello') is {came!r}, promised is an array of c_char"
        assert came.value == b"hello", f"RawArray('c', b'hello').value is {came.value!r}"
    with promise("raw_array.type.any-ctypes-type"):
        for kind in (*SIMPLE, Point, Mixed, ctypes.c_int * 3):
            came = mp.sharedctypes.RawArray(kind, 2)._type_
            assert came is kind, (
                f"RawArray({kind.__name__}, 2) is of {came.__name__}, promised is the type that was given"
            )
    with promise("raw_array.size.is-the-length"):
        for size in (1, 2, 7, 10_000):
            came = len(mp.sharedctypes.RawArray("i", size))
            assert came == size, f"len(RawArray('i', {size})) is {came}"
    with promise("raw_array.size.zeroed"):
        for kind in SIMPLE:
            came, zero = list(mp.sharedctypes.RawArray(kind, 50)), kind().value
            assert came == [zero] * 50, (
                f"RawArray({kind.__name__}, 50) holds {came}, promised is that each item is {zero!r}"
            )
        for kind in Point, Mixed:
            came = bytes(mp.sharedctypes.RawArray(kind, 5))
            assert came == bytes(len(came)), (
                f"the memory of RawArray({kind.__name__}, 5) is {came!r}, promised are zeros"
            )
    with promise("raw_array.initializer.gives-the-items"):
        for sequence in ([], [3, 1, 2], (3, 1, 2), range(3, 6), b"abc", array.array("h", [3, 1, 2])):
            came = mp.sharedctypes.RawArray("i", sequence)[:]
            assert came == list(sequence), f"RawArray('i', {sequence!r})[:] is {came}, promised is {list(sequence)}"
        points = [(point.x, point.y) for point in mp.sharedctypes.RawArray(Point, [(1, 2), (3, 4)])]
        assert points == [(1, 2), (3, 4)], f"RawArray(Point, [(1, 2), (3, 4)]) holds {points}"
    with promise("raw_array.c_char.value-stores-strings"):
        characters = mp.sharedctypes.RawArray(ctypes.c_char, 20)
        for text in (b"x" * 20, b"short", b"", b"\xff\x01 \n"):
            characters.value = text
            assert characters.value == text, f"a.value is {characters.value!r} after a.value = {text!r}"
            came = bytes(characters)[: len(text)]
            assert came == text, f"the array holds {came!r} after a.value = {text!r}"
    with promise("raw_array.c_char.raw-stores-strings"):
        characters = mp.sharedctypes.RawArray(ctypes.c_char, 20)
        for text in (bytes(range(20)), b"before\0after" + bytes(8), b"\xff" * 20):
            characters.raw = text
            assert characters.raw == text, f"a.raw is {characters.raw!r} after a.raw = {text!r}"
            assert bytes(characters) == text, f"the array holds {bytes(characters)!r} after a.raw = {text!r}"
    with promise("raw_array.table.size"):
        plain = (ctypes.c_short * 7)()
        for shared, call in (
            (mp.sharedctypes.RawArray(ctypes.c_short, 7), "RawArray(c_short, 7)"),
            (mp.sharedctypes.RawArray("h", 7), "RawArray('h', 7)"),
        ):
            assert type(shared) is type(plain), f"{call} is {shared!r}, promised is an object like (c_short * 7)()"
            assert shared[:] == plain[:], f"{call}[:] is {shared[:]}, promised is {plain[:]}"
    with promise("raw_array.table.initializer"):
        plain = (ctypes.c_int * 3)(9, 2, 8)
        for shared, call in (
            (mp.sharedctypes.RawArray(ctypes.c_int, (9, 2, 8)), "RawArray(c_int, (9, 2, 8))"),
            (mp.sharedctypes.RawArray("i", (9, 2, 8)), "RawArray('i', (9, 2, 8))"),
        ):
            assert type(shared) is type(plain), f"{call} is {shared!r}, promised is an object like (c_int * 3)(9, 2, 8)"
            assert shared[:] == plain[:], f"{call}[:] is {shared[:]}, promised is {plain[:]}"


@verifies("raw_array.size.zeroed-in-used-memory")
def test_a_raw_array_of_a_size_is_zeroed_also_in_used_memory(mp):
    @unshrunk
    @given(st.lists(st.integers(1, 5000), min_size=2, max_size=6))
    @example([1000, 1000])
    def is_zeroed(sizes):
        for size in sizes:
            items = mp.sharedctypes.RawArray("B", size)
            used = size - bytes(items).count(0)
            assert used == 0, f"RawArray('B', {size}) has {used} items that are not zero; freed before: sizes {sizes}"
            items[:] = b"\xff" * size
            del items
            gc.collect(0)

    is_zeroed()


@verifies("raw_array.objects.keep-apart")
def test_objects_that_exist_at_the_same_time_keep_apart(mp):
    chance = random.Random(7)  # not Hypothesis: what happens depends on all that was allocated and freed before
    held = []
    for number in range(600):
        content = bytes([number % 256]) * chance.choice([1, 7, 8, 9, 40, 1000, 9000])
        if not held or chance.random() < 0.4:
            held.append((mp.sharedctypes.RawArray("B", content), content))
        elif chance.random() < 0.4:
            del held[chance.randrange(len(held))]
        else:
            place = chance.randrange(len(held))
            items, content = held[place][0], bytes([number % 256]) * len(held[place][0])
            items[:] = content
            held[place] = (items, content)
        wrong = [content[0] for items, content in held if bytes(items) != content]
        assert not wrong, f"after {number} steps, {len(wrong)} of {len(held)} RawArrays do not hold what was assigned"
