"""RawValue, in one process."""

from __future__ import annotations

import ctypes
import gc

from mpconform.kit import promise, verifies
from mpconform.sections.shared_ctypes_objects.helpers import SIMPLE, Mixed, Point, check_typecodes


class MyStruct(ctypes.Structure):
    """The structure of the table in the documentation."""

    _fields_ = (("first", ctypes.c_int), ("second", ctypes.c_int))


@verifies(
    "raw_value.call.returns-a-ctypes-object",
    "raw_value.typecode.those-of-array",
    "raw_value.type.any-ctypes-type",
    "raw_value.args.passed-to-the-constructor",
    "raw_value.args.none-as-the-constructor-without",
    "raw_value.table.number",
    "raw_value.table.structure",
)
def test_a_raw_value_in_one_process(mp):
    with promise("raw_value.call.returns-a-ctypes-object"):
        came = mp.sharedctypes.RawValue(ctypes.c_short, 7)
        assert type(came) is ctypes.c_short, f"RawValue(c_short, 7) is {came!r}, promised is an instance of c_short"
    with promise("raw_value.typecode.those-of-array"):
        check_typecodes(lambda code: type(mp.sharedctypes.RawValue(code)), "RawValue")
    with promise("raw_value.type.any-ctypes-type"):
        for kind in (*SIMPLE, Point, Mixed, ctypes.c_int * 3, Point * 2):
            came = type(mp.sharedctypes.RawValue(kind))
            assert came is kind, f"RawValue({kind.__name__}) is a {came.__name__}, promised is the type that was given"
    with promise("raw_value.args.passed-to-the-constructor"):
        number = mp.sharedctypes.RawValue(ctypes.c_int, -5).value
        assert number == -5, f"RawValue(c_int, -5).value is {number}, promised is what c_int(-5) holds"
        items = mp.sharedctypes.RawValue(ctypes.c_int * 3, 7, 8)[:]
        assert items == [7, 8, 0], f"RawValue(c_int * 3, 7, 8)[:] is {items}, promised is what (c_int * 3)(7, 8) holds"
    with promise("raw_value.args.none-as-the-constructor-without"):
        for _ in range(5):
            value = mp.sharedctypes.RawValue(ctypes.c_longlong)
            assert value.value == 0, (
                f"RawValue(c_longlong) is {value.value} after another was set to -1 and freed, promised is 0"
            )
            value.value = -1
            del value
            gc.collect()
    with promise("raw_value.table.number"):
        for shared, call in (
            (mp.sharedctypes.RawValue(ctypes.c_double, 2.4), "RawValue(c_double, 2.4)"),
            (mp.sharedctypes.RawValue("d", 2.4), "RawValue('d', 2.4)"),
        ):
            assert type(shared) is ctypes.c_double, f"{call} is {shared!r}, promised is an object like c_double(2.4)"
            assert shared.value == 2.4, f"{call}.value is {shared.value}, promised is 2.4"
    with promise("raw_value.table.structure"):
        shared = mp.sharedctypes.RawValue(MyStruct, 4, 6)
        assert type(shared) is MyStruct, f"RawValue(MyStruct, 4, 6) is {shared!r}, promised is a MyStruct"
        came = (shared.first, shared.second)
        assert came == (4, 6), f"the fields of RawValue(MyStruct, 4, 6) are {came}, promised is what MyStruct(4, 6) has"


@verifies("raw_value.pointer.is-stored")
def test_a_pointer_is_stored(mp):
    target = ctypes.c_int(7)
    pointer = mp.sharedctypes.RawValue(ctypes.POINTER(ctypes.c_int), target)
    came = pointer.contents.value
    assert came == 7, f"the pointer in RawValue(POINTER(c_int), c_int(7)) refers to {came}, promised is 7"
    target.value = 8
    came = pointer.contents.value
    assert came == 8, f"the pointer in a RawValue refers to {came} after its target was set to 8"
