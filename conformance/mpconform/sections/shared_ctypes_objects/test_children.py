"""Shared objects in children: the memory is the same in all processes that were given them. Arrays: test_properties."""

from __future__ import annotations

import ctypes

from mpconform.kit import promise, verifies
from mpconform.sections.shared_ctypes_objects.helpers import child_that_answers


def value_of(shared, *assigned):
    """Assign to value, if there is something to assign, and return what it is then."""
    if assigned:
        (shared.value,) = assigned
    return shared.value


@verifies(
    "value.child.sees-the-value",
    "value.child.parent-sees-changes",
    "value.child.children-see-each-others-changes",
)
def test_a_value_is_the_same_in_its_parent_and_two_children(mp):
    number = mp.Value("i", 7)
    number.value = 8
    with child_that_answers(mp, value_of, number) as first, child_that_answers(mp, value_of, number) as second:
        with promise("value.child.sees-the-value"):
            came = first()
            assert came == 8, f"the child sees {came} in a Value that was 8 before it started"
            number.value = 9
            came = first()
            assert came == 9, f"the child sees {came} in a Value that was set to 9 after it started"
        with promise("value.child.parent-sees-changes"):
            for assigned in (10, -11):
                first(assigned)
                came = number.value
                assert came == assigned, f"the parent sees {came} after the child set value to {assigned}"
        with promise("value.child.children-see-each-others-changes"):
            first(12)
            came = second()
            assert came == 12, f"one child sees {came} after the other has set value to 12"
            second(13)
            came = first()
            assert came == 13, f"one child sees {came} after the other has set value to 13"


@verifies("array.c_char.strings-reach-a-child")
def test_strings_go_to_a_child_and_back(mp):
    characters = mp.Array(ctypes.c_char, 10)
    with child_that_answers(mp, value_of, characters) as ask:
        characters.value = b"there"
        came = ask()
        assert came == b"there", f"the child sees {came!r} in a.value, which was set to b'there'"
        ask(b"and back")
        assert characters.value == b"and back", f"the parent sees {characters.value!r} after the child set b'and back'"
