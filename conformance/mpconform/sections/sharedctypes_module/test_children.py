"""Raw objects in children, and the example of the documentation."""

from __future__ import annotations

from mpconform.kit import verifies
from mpconform.sections.shared_ctypes_objects.there_and_back import (
    check_any_item,
    check_any_structure,
    check_any_value,
)


@verifies("raw_value.child.shares-the-memory")
def test_any_value_goes_to_a_child_and_back(mp):
    check_any_value(mp, mp.sharedctypes.RawValue, "RawValue")


@verifies("raw_value.child.shares-structures")
def test_any_structure_goes_to_a_child_and_back(mp):
    check_any_structure(mp, mp.sharedctypes.RawValue)


@verifies("raw_array.child.shares-the-memory")
def test_any_item_goes_to_a_child_and_back(mp):
    check_any_item(mp, mp.sharedctypes.RawArray, "RawArray")


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
