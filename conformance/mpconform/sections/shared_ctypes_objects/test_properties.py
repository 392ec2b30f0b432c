"""Properties: any value of any type reaches a child and comes back, and an Array does what a list does."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from mpconform.kit import promise, verifies
from mpconform.sections.shared_ctypes_objects.helpers import (
    child_that_answers,
    do,
    do_with,
    get_item,
    get_slice,
    iterate,
    length,
    set_item,
    set_slice,
)
from mpconform.sections.shared_ctypes_objects.strategies import unshrunk
from mpconform.sections.shared_ctypes_objects.there_and_back import check_there_and_back


@verifies(
    "value.child.any-value-goes-there-and-back",
    "value.child.structure-goes-there-and-back",
    "array.child.any-item-goes-there-and-back",
)
def test_anything_goes_to_a_child_and_back(mp):
    check_there_and_back(
        mp,
        (mp.Value, mp.Array),
        (
            "value.child.any-value-goes-there-and-back",
            "value.child.structure-goes-there-and-back",
            "array.child.any-item-goes-there-and-back",
        ),
    )


NUMBERS = st.integers(-9, 9)
INDEXES = st.integers(-9, 8)
BOUNDS = st.none() | st.integers(-11, 11)
STEPS = st.none() | st.sampled_from([1, 2, -1, -2, 3])


class AgainstAList(RuleBasedStateMachine):
    """An Array of 9 items, and beside it the list that it should be like."""

    def make(self, numbers):
        """Return the Array; from now on ``self.elsewhere``, if set, does an operation in another process."""
        raise NotImplementedError

    elsewhere: Any = None

    @initialize(numbers=st.lists(NUMBERS, min_size=9, max_size=9))
    def begin(self, numbers):
        self.model = list(numbers)
        self.shared = self.make(numbers)

    def agree(self, there, operation, *arguments):
        where = "in the child" if there and self.elsewhere else "here"
        before = list(self.model)
        came = (
            self.elsewhere(operation, *arguments)
            if there and self.elsewhere
            else do(self.shared, operation, *arguments)
        )
        promised = do(self.model, operation, *arguments)
        call = f"{operation.__name__}{arguments} {where} on an Array like {before}"
        assert came == promised, f"{call} gave {came!r}, promised is {promised!r}"
        now = list(self.shared[:])
        assert now == self.model, f"{call} made {now} of it, promised is {self.model}"

    @rule(there=st.booleans(), index=INDEXES)
    def get(self, there, index):
        self.agree(there, get_item, index)

    @rule(there=st.booleans(), index=INDEXES, number=NUMBERS)
    def set(self, there, index, number):
        self.agree(there, set_item, index, number)

    @rule(there=st.booleans(), start=BOUNDS, stop=BOUNDS, step=STEPS)
    def get_some(self, there, start, stop, step):
        self.agree(there, get_slice, start, stop, step)

    @rule(there=st.booleans(), start=BOUNDS, stop=BOUNDS, numbers=st.lists(NUMBERS, min_size=9, max_size=9))
    def set_some(self, there, start, stop, numbers):
        # As many as there are: an Array cannot change its length, and a slice that is empty takes nothing.
        replaced = len(self.model[start:stop])
        if replaced:
            self.agree(there, set_slice, start, stop, numbers[:replaced])

    @rule(there=st.booleans(), operation=st.sampled_from([iterate, length]))
    def look(self, there, operation):
        self.agree(there, operation)


steps = settings(unshrunk, max_examples=20, stateful_step_count=15)


@verifies("array.operations.match-a-list")
def test_any_sequence_of_operations_does_what_a_list_does(mp):
    class Here(AgainstAList):
        def make(self, numbers):
            return mp.Array("i", numbers)

    run_state_machine_as_test(Here, settings=steps)


@verifies(
    "array.child.sees-the-items",
    "array.child.parent-sees-changes",
    "array.child.operations-in-turn-match-a-list",
)
def test_an_array_is_the_same_in_its_parent_and_a_child(mp):
    items, shared = mp.Array("i", [1, 2, 3]), mp.Array("i", 9)
    items[0] = 10
    with child_that_answers(mp, do_with, (items, shared)) as ask:
        with promise("array.child.sees-the-items"):
            came = ask(0, iterate)
            assert came == [10, 2, 3], f"the child sees {came} in an Array that was [10, 2, 3] before it started"
            items[1:] = [20, 30]
            came = ask(0, iterate)
            assert came == [10, 20, 30], f"the child sees {came} in an Array that was set to [10, 20, 30] afterwards"
        with promise("array.child.parent-sees-changes"):
            items[:] = [1, 2, 3]
            ask(0, set_item, 1, 20)
            assert items[:] == [1, 20, 3], f"the parent sees {items[:]} after the child has done a[1] = 20 on [1, 2, 3]"
            ask(0, set_slice, 0, 2, [8, 9])
            assert items[:] == [8, 9, 3], f"the parent sees {items[:]} after the child has done a[0:2] = [8, 9]"
        with promise("array.child.operations-in-turn-match-a-list"):

            class HereAndThere(AgainstAList):
                def elsewhere(self, operation, *arguments):
                    return ask(1, operation, *arguments)

                def make(self, numbers):
                    shared[:] = numbers
                    # An example must not depend on the ones before, whatever is broken.
                    ask(1, set_slice, None, None, numbers)
                    return shared

            run_state_machine_as_test(HereAndThere, settings=steps)
