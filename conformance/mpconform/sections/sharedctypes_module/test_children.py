"""Raw objects in children, and the example of the documentation."""

from __future__ import annotations

from hypothesis import given

from mpconform.kit import verifies
from mpconform.sections.shared_ctypes_objects.helpers import (
    SIMPLE,
    Mixed,
    child_that_answers,
    fields,
    fill,
    swap_fields,
    swap_items,
    swap_value,
)
from mpconform.sections.shared_ctypes_objects.strategies import SIMPLE_VALUES, STRUCTURES, each_limit, unshrunk


@verifies("raw_value.child.shares-the-memory")
def test_any_value_goes_to_a_child_and_back(mp):
    shared = [mp.sharedctypes.RawValue(kind) for kind in SIMPLE]
    with child_that_answers(mp, swap_value, shared) as ask:

        def goes_there_and_back(case):
            position, sent, returned = case
            name = f"RawValue({SIMPLE[position].__name__})"
            shared[position].value = sent
            found = ask(position, returned)
            assert found == sent, f"{name} was set to {sent!r}, and the child saw {found!r}"
            came = shared[position].value
            assert came == returned, f"the child set {name} to {returned!r}, and the parent sees {came!r}"

        for case in each_limit():
            goes_there_and_back(case)
        unshrunk(given(SIMPLE_VALUES)(goes_there_and_back))()


@verifies("raw_value.child.shares-structures")
def test_any_structure_goes_to_a_child_and_back(mp):
    shared = mp.sharedctypes.RawValue(Mixed)
    with child_that_answers(mp, swap_fields, shared) as ask:

        @unshrunk
        @given(STRUCTURES, STRUCTURES)
        def goes_there_and_back(sent, returned):
            fill(shared, sent)
            found = ask(returned)
            assert found == sent, f"the fields of a structure were {sent!r}, and the child saw {found!r}"
            came = fields(shared)
            assert came == returned, f"the child assigned {returned!r} to the fields, and the parent sees {came!r}"

        goes_there_and_back()


@verifies("raw_array.child.shares-the-memory")
def test_any_item_goes_to_a_child_and_back(mp):
    shared = [mp.sharedctypes.RawArray(kind, 3) for kind in SIMPLE]
    with child_that_answers(mp, swap_items, shared) as ask:

        def goes_there_and_back(case):
            position, sent, returned = case
            name = f"RawArray({SIMPLE[position].__name__}, 3)"
            shared[position][:] = [sent] * 3
            found = ask(position, returned)
            assert found == [sent] * 3, f"each item of {name} was set to {sent!r}, and the child saw {found!r}"
            came, promised = list(shared[position]), [returned, sent, returned]
            assert came == promised, f"the child made {promised!r} of {name}, and the parent sees {came!r}"

        for case in each_limit():
            goes_there_and_back(case)
        unshrunk(given(SIMPLE_VALUES)(goes_there_and_back))()


@verifies("sharedctypes.example.prints-the-documented-results")
def test_the_example_prints_the_documented_results(program, start_method):
    # The text prints the byte string as Python 2 did, without quotes; hence decode().
    outcome = program(f"""
        from ctypes import Structure, c_double

        Value, Array = mp.sharedctypes.Value, mp.sharedctypes.Array


        class Point(Structure):
            _fields_ = [("x", c_double), ("y", c_double)]


        def modify(n, x, s, A):
            n.value **= 2
            x.value **= 2
            s.value = s.value.upper()
            for a in A:
                a.x **= 2
                a.y **= 2


        if __name__ == "__main__":
            package.set_start_method({start_method!r})
            lock = package.Lock()

            n = Value("i", 7)
            x = Value(c_double, 1.0 / 3.0, lock=False)
            s = Array("c", b"hello world", lock=lock)
            A = Array(Point, [(1.875, -6.25), (-5.75, 2.0), (2.375, 9.5)], lock=lock)

            p = package.Process(target=modify, args=(n, x, s, A))
            p.start()
            p.join()

            print(n.value)
            print(x.value)
            print(s.value.decode())
            print([(a.x, a.y) for a in A])
    """)
    promised = ["49", "0.1111111111111111", "HELLO WORLD", "[(3.515625, 39.0625), (33.0625, 4.0), (5.640625, 90.25)]"]
    printed = outcome.output.split("\n")[:-1]
    assert printed == promised, f"the example printed {printed} (errors: {outcome.errors!r}), promised is {promised}"
