"""Shared objects in children: the memory is the same in all processes that were given them. Arrays: test_properties."""

from __future__ import annotations

import ctypes

from mpconform.kit import promise, verifies
from mpconform.sections.shared_ctypes_objects.helpers import (
    check_that_all_have_one_lock,
    child_that_answers,
    do,
    do_with,
    get_item,
    set_item,
)


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


@verifies("value.child.grandchild-shares-the-memory", "array.child.grandchild-shares-the-memory")
def test_what_a_grandchild_was_given_by_a_child(mp):
    value, items = mp.Value("i", 7), mp.Array("i", [1, 2, 3])
    with child_that_answers(mp, do_with, (value, items), grandchild=True) as ask:
        with promise("value.child.grandchild-shares-the-memory"):
            for here, there in (8, 9), (10, -11):
                value.value = here
                came = ask(0, value_of)
                assert came == here, f"the grandchild sees {came} in a Value that is {here} here"
                ask(0, value_of, there)
                came = value.value
                assert came == there, f"a Value is {came} after the grandchild has set it to {there}"
        with promise("array.child.grandchild-shares-the-memory"):
            for here, there in (8, 9), (10, -11):
                items[1] = here
                came = ask(1, get_item, 1)
                assert came == here, f"the grandchild sees {came} in an item of an Array that is {here} here"
                ask(1, set_item, 1, there)
                came = items[:]
                assert came == [1, there, 3], f"an Array holds {came} after the grandchild has set a[1] to {there}"


@verifies("value.get_lock.is-one-of-all-processes", "array.get_lock.is-one-of-all-processes")
def test_get_lock_is_one_lock_of_all_processes(mp):
    values = [mp.Value("i"), mp.Value("i", lock=mp.Lock()), mp.Value("i", lock=mp.RLock())]
    arrays = [mp.Array("i", 3), mp.Array("i", 3, lock=mp.Lock()), mp.Array("i", 3, lock=mp.RLock())]
    shared = [*values, *arrays]
    kinds = ["", ", lock=Lock()", ", lock=RLock()"]
    with (
        child_that_answers(mp, do_all, shared) as child,
        child_that_answers(mp, do_all, shared, grandchild=True) as grandchild,
    ):
        for requirement, first, maker in (
            ("value.get_lock.is-one-of-all-processes", 0, "Value('i'"),
            ("array.get_lock.is-one-of-all-processes", 3, "Array('i', 3"),
        ):
            with promise(requirement):
                asks = {
                    "a child": lambda *question, first=first: child(first, *question),
                    "a grandchild": lambda *question, first=first: grandchild(first, *question),
                }
                calls = [f"{maker}{kind})" for kind in kinds]
                check_that_all_have_one_lock(shared[first : first + 3], asks, calls)


def do_all(shared, first, operation, *arguments):
    """Do an operation with three of the objects."""
    return do(shared[first : first + 3], operation, *arguments)
