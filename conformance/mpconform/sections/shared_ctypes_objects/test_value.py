"""What a Value holds, in one process."""

from __future__ import annotations

import ctypes
import gc

from mpconform.kit import promise, raises, verifies
from mpconform.sections.shared_ctypes_objects.helpers import SIMPLE, Point, check_typecodes


@verifies(
    "value.call.holds-a-ctypes-object",
    "value.call.returns-a-synchronized-wrapper",
    "value.value.is-what-was-set",
    "value.value.is-that-of-the-object",
    "value.typecode.those-of-array",
    "value.type.any-ctypes-type",
    "value.type.structure",
    "value.args.passed-to-the-constructor",
    "value.args.errors-of-the-constructor",
    "value.args.none-as-the-constructor-without",
)
def test_a_value_in_one_process(mp):
    with promise("value.call.holds-a-ctypes-object"):
        held = mp.Value(ctypes.c_short, 7).get_obj()
        assert type(held) is ctypes.c_short, (
            f"Value(c_short, 7).get_obj() is {held!r}, promised is an instance of c_short"
        )
    with promise("value.call.returns-a-synchronized-wrapper"):
        value = mp.Value("i", 7)
        missing = [name for name in ("get_obj", "get_lock") if not hasattr(value, name)]
        assert not missing, f"Value('i', 7) is {value!r} and has no {missing}: promised is a synchronized wrapper"
        assert not isinstance(value, ctypes.c_int), f"Value('i', 7) is {value!r} itself, promised is a wrapper of it"
    with promise("value.value.is-what-was-set"):
        value = mp.Value("i", 7)
        for number in (8, -9, 0):
            value.value = number
            assert value.value == number, f"value.value is {value.value} after it was set to {number}"
    with promise("value.value.is-that-of-the-object"):
        value = mp.Value("i", 7)
        value.value = 8
        held = value.get_obj().value
        assert held == 8, f"get_obj().value is {held} after value.value was set to 8"
        value.get_obj().value = 9
        assert value.value == 9, f"value.value is {value.value} after get_obj().value was set to 9"
    with promise("value.typecode.those-of-array"):
        check_typecodes(lambda code: type(mp.Value(code).get_obj()), "Value")
    with promise("value.type.any-ctypes-type"):
        for kind in (*SIMPLE, ctypes.c_int * 3, Point * 2):
            held = type(mp.Value(kind).get_obj())
            assert held is kind, f"Value({kind.__name__}) holds a {held.__name__}, promised is the type that was given"
    with promise("value.type.structure"):
        value = mp.Value(Point, 1.5, 2.5)
        came = (value.x, value.y)
        assert came == (1.5, 2.5), f"(v.x, v.y) of v = Value(Point, 1.5, 2.5) is {came}"
        value.y = 3.5
        came = (value.get_obj().x, value.get_obj().y)
        assert came == (1.5, 3.5), f"the fields of get_obj() are {came} after v.y = 3.5, promised is (1.5, 3.5)"
    with promise("value.args.passed-to-the-constructor"):
        number = mp.Value(ctypes.c_int, -5).get_obj().value
        assert number == -5, f"Value(c_int, -5) holds {number}, promised is what c_int(-5) holds"
        point = mp.Value(Point, 1.5, 2.5).get_obj()
        assert (point.x, point.y) == (1.5, 2.5), f"Value(Point, 1.5, 2.5) holds {(point.x, point.y)}"
    with promise("value.args.errors-of-the-constructor"):
        with raises(TypeError, "Value(c_int, 'seven'), which c_int('seven') refuses so"):
            mp.Value(ctypes.c_int, "seven")
        with raises(TypeError, "Value(c_int, 1, 2), which c_int(1, 2) refuses so"):
            mp.Value(ctypes.c_int, 1, 2)
    with promise("value.args.none-as-the-constructor-without"):
        for _ in range(5):
            value = mp.Value(ctypes.c_longlong)
            number = value.value
            assert number == 0, (
                f"Value(c_longlong) is {number} after another one was set to -1 and freed, promised is 0"
            )
            value.value = -1
            del value
            gc.collect()
