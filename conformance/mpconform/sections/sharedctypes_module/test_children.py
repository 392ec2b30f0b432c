"""Raw objects in children, and the example of the documentation."""

from __future__ import annotations

from mpconform.kit import promise, verifies
from mpconform.sections.shared_ctypes_objects.helpers import Point, child_that_answers, do_with
from mpconform.sections.shared_ctypes_objects.there_and_back import check_there_and_back
from mpconform.sections.sharedctypes_module.helpers import swap_and_try_lock, swap_point


@verifies(
    "raw_value.child.shares-the-memory",
    "raw_value.child.shares-structures",
    "raw_array.child.shares-the-memory",
)
def test_anything_goes_to_a_child_and_back(mp):
    check_there_and_back(
        mp,
        (mp.sharedctypes.RawValue, mp.sharedctypes.RawArray),
        ("raw_value.child.shares-the-memory", "raw_value.child.shares-structures", "raw_array.child.shares-the-memory"),
    )


@verifies("copy.child.shares-the-memory", "synchronized.child.shares-object-and-lock")
def test_a_copy_and_a_wrapper_are_shared_with_a_child(mp):
    copied = mp.sharedctypes.copy(Point(1.5, 2.5))
    lock = mp.RLock()
    wrapper = mp.sharedctypes.synchronized(mp.sharedctypes.RawValue("i", 7), lock)
    with child_that_answers(mp, do_with, (copied, wrapper)) as ask:
        with promise("copy.child.shares-the-memory"):
            copied.x = 3.5
            came = ask(0, swap_point, 4.5, 5.5)
            assert came == (3.5, 2.5), f"the child sees {came} in a copy whose fields are (3.5, 2.5)"
            came = (copied.x, copied.y)
            assert came == (4.5, 5.5), f"the child set the fields to (4.5, 5.5), here they are {came}"
        with promise("synchronized.child.shares-object-and-lock"):
            acquired, came = ask(1, swap_and_try_lock, 8)
            assert acquired, "a child cannot acquire get_lock() of a wrapper although nobody holds it"
            assert came == 7, f"the child sees {came} in a wrapped value, which is 7"
            assert wrapper.value == 8, f"the wrapped value is {wrapper.value} after a child set it to 8"
            with lock:
                acquired, _ = ask(1, swap_and_try_lock, 9)
            assert not acquired, "a child acquired get_lock() of a wrapper while its parent held the lock"


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
