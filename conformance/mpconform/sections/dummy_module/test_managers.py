"""The managers of the module, and its shared values and arrays."""

from __future__ import annotations

from mpconform.kit import promise, verifies, works
from mpconform.sections.dummy_module.helpers import Elsewhere

MADE = "BoundedSemaphore Condition Event Lock RLock Semaphore Queue Value Array"
"""What a manager of the package is documented to make beside containers; the barrier is asked for elsewhere."""


@verifies("dummy.manager.makes-containers", "dummy.manager.makes-what-the-package-does", "dummy.manager.shutdown")
def test_a_manager(mp):
    with promise("dummy.manager.makes-containers"):
        manager = mp.dummy.Manager()
        sequence, mapping, namespace = manager.list([1, 2]), manager.dict({"one": 1}), manager.Namespace()
        namespace.one = 1

        def change():
            sequence.append(3)
            mapping["two"] = 2
            namespace.two = 2

        Elsewhere(mp.dummy, change).wait()
        assert list(sequence) == [1, 2, 3], f"list([1, 2]), append(3) in another process of the module: {sequence}"
        assert dict(mapping) == {"one": 1, "two": 2}, f"dict({{'one': 1}}), ['two'] = 2 in another process: {mapping}"
        found = (namespace.one, namespace.two)
        assert found == (1, 2), f"Namespace(), one = 1, two = 2 in another process of the module: {found}"
    with promise("dummy.manager.makes-what-the-package-does"):
        manager = mp.dummy.Manager()
        lacking = [name for name in MADE.split() if not callable(getattr(manager, name, None))]
        assert lacking == [], f"Manager() of the module has no {', '.join(lacking)}, which a manager of the package has"
        lock, queue = manager.Lock(), manager.Queue()
        with lock:
            queue.put("item")
        found = queue.get()
        assert found == "item", f"Queue() of a manager of the module: put('item'), get() returned {found!r}"
        value, array = manager.Value("i", 7), manager.Array("i", [1, 2])
        found = value.value, list(array)
        assert found == (7, [1, 2]), f"Value('i', 7) and Array('i', [1, 2]) of a manager of the module hold {found}"
    with promise("dummy.manager.shutdown"), works("shutdown() of a manager of the module"):
        mp.dummy.Manager().shutdown()


@verifies("dummy.value.is-shared", "dummy.array.is-shared")
def test_shared_values_and_arrays(mp):
    with promise("dummy.value.is-shared"):
        value = mp.dummy.Value("i", 7)
        before = value.value

        def assign():
            value.value = 8

        Elsewhere(mp.dummy, assign).wait()
        assert (before, value.value) == (7, 8), (
            f"Value('i', 7): value is {before!r}, after 8 was assigned in another process of the module {value.value!r}"
        )
    with promise("dummy.array.is-shared"):
        array = mp.dummy.Array("i", [1, 2, 3])
        before = list(array)

        def assign_item():
            array[1] = 20

        Elsewhere(mp.dummy, assign_item).wait()
        assert (before, list(array)) == ([1, 2, 3], [1, 20, 3]), (
            f"Array('i', [1, 2, 3]): items are {before}, after [1] = 20 in another process of the module {list(array)}"
        )
