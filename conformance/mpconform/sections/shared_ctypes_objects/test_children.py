"""Shared objects in children: the memory is the same in all processes that were given them."""

from __future__ import annotations

import ctypes

from mpconform.kit import verifies
from mpconform.sections.shared_ctypes_objects.helpers import child_that_answers


def value_of(shared, *assigned):
    """Assign to value, if there is something to assign, and return what it is then."""
    if assigned:
        (shared.value,) = assigned
    return shared.value


def items_of(shared, start=0, *assigned):
    """Assign items from ``start`` on, if there are any, and return all."""
    if len(assigned) == 1:
        (shared[start],) = assigned
    elif assigned:
        shared[start : start + len(assigned)] = assigned
    return shared[:]


@verifies("value.child.sees-the-value")
def test_a_child_sees_what_is_assigned_before_and_after_its_start(mp):
    number = mp.Value("i", 7)
    number.value = 8
    with child_that_answers(mp, value_of, number) as ask:
        came = ask()
        assert came == 8, f"the child sees {came} in a Value that was 8 before it started"
        number.value = 9
        came = ask()
        assert came == 9, f"the child sees {came} in a Value that was set to 9 after it started"


@verifies("value.child.parent-sees-changes")
def test_the_parent_sees_what_a_child_assigns_to_a_value(mp):
    number = mp.Value("i", 7)
    with child_that_answers(mp, value_of, number) as ask:
        for assigned in (8, -9):
            ask(assigned)
            assert number.value == assigned, f"the parent sees {number.value} after the child set value to {assigned}"


@verifies("value.child.children-see-each-others-changes")
def test_children_see_what_each_other_assigns_to_a_value(mp):
    number = mp.Value("i", 7)
    with child_that_answers(mp, value_of, number) as first, child_that_answers(mp, value_of, number) as second:
        first(8)
        came = second()
        assert came == 8, f"one child sees {came} after the other has set value to 8"
        second(9)
        came = first()
        assert came == 9, f"one child sees {came} after the other has set value to 9"


@verifies("array.child.sees-the-items")
def test_a_child_sees_what_is_assigned_to_items_before_and_after_its_start(mp):
    items = mp.Array("i", [1, 2, 3])
    items[0] = 10
    with child_that_answers(mp, items_of, items) as ask:
        came = ask()
        assert came == [10, 2, 3], f"the child sees {came} in an Array that was [10, 2, 3] before it started"
        items[1:] = [20, 30]
        came = ask()
        assert came == [10, 20, 30], f"the child sees {came} in an Array that was set to [10, 20, 30] after it started"


@verifies("array.child.parent-sees-changes")
def test_the_parent_sees_what_a_child_assigns_to_items(mp):
    items = mp.Array("i", [1, 2, 3])
    with child_that_answers(mp, items_of, items) as ask:
        ask(1, 20)
        assert items[:] == [1, 20, 3], f"the parent sees {items[:]} after the child has done a[1] = 20 on [1, 2, 3]"
        ask(0, 8, 9)
        assert items[:] == [8, 9, 3], f"the parent sees {items[:]} after the child has done a[0:2] = [8, 9]"


@verifies("array.c_char.strings-reach-a-child")
def test_strings_go_to_a_child_and_back(mp):
    characters = mp.Array(ctypes.c_char, 10)
    with child_that_answers(mp, value_of, characters) as ask:
        characters.value = b"there"
        came = ask()
        assert came == b"there", f"the child sees {came!r} in a.value, which was set to b'there'"
        ask(b"and back")
        assert characters.value == b"and back", f"the parent sees {characters.value!r} after the child set b'and back'"
