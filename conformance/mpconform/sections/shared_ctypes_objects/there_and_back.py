"""Properties of this section and the next: what is assigned to a shared object here is there in a child, and back.

Each takes what is shared, and ``ask``, which lets a child do an operation with it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from hypothesis import given

from mpconform.kit import promise
from mpconform.sections.shared_ctypes_objects.helpers import (
    SIMPLE,
    Mixed,
    child_that_answers,
    do_with,
    fields,
    fill,
    swap_fields,
    swap_items,
    swap_value,
)
from mpconform.sections.shared_ctypes_objects.strategies import SIMPLE_VALUES, STRUCTURES, each_limit, unshrunk


def check_there_and_back(mp: Any, makers: tuple[Callable[..., Any], ...], requirements: tuple[str, ...]) -> None:
    """Check what one child sees of objects of all simple types, of a structure, and of arrays, and what comes back.

    ``makers`` makes an object of a type, and an array of a type and a size.
    """
    make, make_array = makers
    values, structure = [make(kind) for kind in SIMPLE], make(Mixed)
    arrays = [make_array(kind, 3) for kind in SIMPLE]
    with child_that_answers(mp, do_with, (values, structure, arrays)) as ask:
        of_values, of_structure, of_arrays = requirements
        with promise(of_values):
            check_any_value(values, partial(ask, 0, swap_value), make.__name__)
        with promise(of_structure):
            check_any_structure(structure, partial(ask, 1, swap_fields))
        with promise(of_arrays):
            check_any_item(arrays, partial(ask, 2, swap_items), make_array.__name__)


def check_any_value(shared: Any, ask: Callable[..., Any], call: str) -> None:
    """Check that each value of each simple type goes to a child and back."""

    def goes_there_and_back(case: tuple[int, Any, Any]) -> None:
        position, sent, returned = case
        name = f"{call}({SIMPLE[position].__name__})"
        shared[position].value = sent
        found = ask(position, returned)
        assert found == sent, f"{name} was set to {sent!r}, and the child saw {found!r}"
        came = shared[position].value
        assert came == returned, f"the child set {name} to {returned!r}, and the parent sees {came!r}"

    for case in each_limit():
        goes_there_and_back(case)
    unshrunk(given(SIMPLE_VALUES)(goes_there_and_back))()


def check_any_structure(shared: Any, ask: Callable[..., Any]) -> None:
    """Check that all fields of a structure go to a child and back."""

    @unshrunk
    @given(STRUCTURES, STRUCTURES)
    def goes_there_and_back(sent: tuple[Any, ...], returned: tuple[Any, ...]) -> None:
        fill(shared, sent)
        found = ask(returned)
        assert found == sent, f"the fields of a structure were {sent!r}, and the child saw {found!r}"
        came = fields(shared)
        assert came == returned, f"the child assigned {returned!r} to the fields, and the parent sees {came!r}"

    goes_there_and_back()


def check_any_item(shared: Any, ask: Callable[..., Any], call: str) -> None:
    """Check that items of each simple type go to a child and back."""

    def goes_there_and_back(case: tuple[int, Any, Any]) -> None:
        position, sent, returned = case
        name = f"{call}({SIMPLE[position].__name__}, 3)"
        shared[position][:] = [sent] * 3
        found = ask(position, returned)
        assert found == [sent] * 3, f"each item of {name} was set to {sent!r}, and the child saw {found!r}"
        came, promised = list(shared[position]), [returned, sent, returned]
        assert came == promised, f"the child made {promised!r} of {name}, and the parent sees {came!r}"

    for case in each_limit():
        goes_there_and_back(case)
    unshrunk(given(SIMPLE_VALUES)(goes_there_and_back))()
