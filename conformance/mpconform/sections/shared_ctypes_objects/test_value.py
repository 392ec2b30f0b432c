"""What a Value holds, in one process."""

from __future__ import annotations

import ctypes
import gc

from mpconform.kit import raises, verifies
from mpconform.sections.shared_ctypes_objects.helpers import SIMPLE, Point, check_typecodes


@verifies("value.call.holds-a-ctypes-object")
def test_a_value_holds_an_instance_of_the_type(mp):
    held = mp.Value(ctypes.c_short, 7).get_obj()
    assert type(held) is ctypes.c_short, f"Value(c_short, 7).get_obj() is {held!r}, promised is an instance of c_short"


@verifies("value.call.returns-a-synchronized-wrapper")
def test_value_returns_a_wrapper_by_default(mp):
    value = mp.Value("i", 7)
    missing = [name for name in ("get_obj", "get_lock") if not hasattr(value, name)]
    assert not missing, f"Value('i', 7) is {value!r} and has no {missing}: promised is a synchronized wrapper"
    assert not isinstance(value, ctypes.c_int), f"Value('i', 7) is {value!r} itself, promised is a wrapper of it"


@verifies("value.value.is-what-was-set")
def test_value_is_what_was_assigned(mp):
    value = mp.Value("i", 7)
    for number in (8, -9, 0):
        value.value = number
        assert value.value == number, f"value.value is {value.value} after it was set to {number}"


@verifies("value.value.is-that-of-the-object")
def test_value_is_that_of_the_wrapped_object(mp):
    value = mp.Value("i", 7)
    value.value = 8
    held = value.get_obj().value
    assert held == 8, f"get_obj().value is {held} after value.value was set to 8"
    value.get_obj().value = 9
    assert value.value == 9, f"value.value is {value.value} after get_obj().value was set to 9"


@verifies("value.typecode.those-of-array")
def test_value_takes_the_typecodes_of_array(mp):
    check_typecodes(lambda code: type(mp.Value(code).get_obj()), "Value")


@verifies("value.type.any-ctypes-type")
def test_value_takes_any_ctypes_type(mp):
    for kind in (*SIMPLE, ctypes.c_int * 3, Point * 2):
        held = type(mp.Value(kind).get_obj())
        assert held is kind, f"Value({kind.__name__}) holds a {held.__name__}, promised is the type that was given"


@verifies("value.type.structure")
def test_fields_of_a_structure_are_attributes_of_the_wrapper(mp):
    value = mp.Value(Point, 1.5, 2.5)
    came = (value.x, value.y)
    assert came == (1.5, 2.5), f"(v.x, v.y) of v = Value(Point, 1.5, 2.5) is {came}"
    value.y = 3.5
    came = (value.get_obj().x, value.get_obj().y)
    assert came == (1.5, 3.5), f"the fields of get_obj() are {came} after v.y = 3.5, promised is (1.5, 3.5)"


@verifies("value.args.passed-to-the-constructor")
def test_arguments_go_to_the_constructor_of_the_type(mp):
    number = mp.Value(ctypes.c_int, -5).get_obj().value
    assert number == -5, f"Value(c_int, -5) holds {number}, promised is what c_int(-5) holds"
    point = mp.Value(Point, 1.5, 2.5).get_obj()
    assert (point.x, point.y) == (1.5, 2.5), f"Value(Point, 1.5, 2.5) holds {(point.x, point.y)}"


@verifies("value.args.errors-of-the-constructor")
def test_errors_of_the_constructor_come_through(mp):
    with raises(TypeError, "Value(c_int, 'seven'), which c_int('seven') refuses so"):
        mp.Value(ctypes.c_int, "seven")
    with raises(TypeError, "Value(c_int, 1, 2), which c_int(1, 2) refuses so"):
        mp.Value(ctypes.c_int, 1, 2)


@verifies("value.args.none-as-the-constructor-without")
def test_without_arguments_a_value_is_zero_also_in_used_memory(mp):
    for _ in range(5):
        value = mp.Value(ctypes.c_longlong)
        number = value.value
        assert number == 0, f"Value(c_longlong) is {number} after another one was set to -1 and freed, promised is 0"
        value.value = -1
        del value
        gc.collect()
