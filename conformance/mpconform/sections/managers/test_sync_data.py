"""Values, arrays, dicts and lists of a SyncManager."""

from __future__ import annotations

from typing import Any

from mpconform.kit import promise, verifies
from mpconform.kit.linearizability import unexplained
from mpconform.sections.managers.helpers import history, in_child, linger, managed

METHODS = {
    "Barrier": (1,),
    "BoundedSemaphore": (),
    "Condition": (),
    "Event": (),
    "Lock": (),
    "Namespace": (),
    "Queue": (),
    "RLock": (),
    "Semaphore": (),
    "Array": ("i", [1]),
    "Value": ("i", 1),
    "dict": (),
    "list": (),
}
"""The methods of SyncManager that create objects, with arguments."""

CHANGES: list[tuple[str, tuple[Any, ...], Any, Any]] = [
    ("list", (), lambda one: one.append("item"), lambda one: one[:]),
    ("dict", (), lambda one: one.update(key="value"), lambda one: one.copy()),
    ("Namespace", (), lambda one: setattr(one, "x", 1), str),
    ("Value", ("i", 1), lambda one: setattr(one, "value", 2), lambda one: one.value),
    ("Array", ("i", [1]), lambda one: one.__setitem__(0, 2), lambda one: one[0]),
    ("Queue", (), lambda one: one.put("item"), lambda one: one.qsize()),
    ("Event", (), lambda one: one.set(), lambda one: one.is_set()),
    ("Barrier", (2,), lambda one: one.abort(), lambda one: one.broken),
    *(
        (name, (), lambda one: one.acquire(), lambda one: one.acquire(False) and one.release() is None)
        for name in ("Lock", "Semaphore", "BoundedSemaphore")
    ),
]
"""Of methods that create objects: the name, the arguments, what changes such an object, and what tells its state."""


def note_and_set_value(value):
    """Return the value and change it."""
    before = value.value
    value.value = 2
    return before


def note_and_set_item(array):
    """Return the items and change one."""
    before = list(array[:])
    array[0] = 7
    return before


def read_and_write(recorder, together, value):
    """Write numbers that no other process writes, and read what is there."""
    first = 1000 * int(recorder.process.split()[-1])
    for number in together.turns(15, 60):
        recorder.call("write", lambda written: setattr(value, "value", written), first + number)
        linger(value)
        recorder.call("read", lambda: value.value)


def variable_after(value, call):
    """The sequential model of a variable."""
    if call.operation == "write":
        return [call.arguments[0]]
    return [value] if call.result == value else []


def pop_all(recorder, together, proxy):
    """Pop items until there are none."""
    while recorder.call("popitem", proxy.popitem) is not KeyError:
        pass


def change_inner(outer_list, outer_dict):
    """Change what is in the shared containers."""
    outer_list[0]["key"] = "set by the child"
    outer_dict["inner"].append("appended by the child")


@verifies(
    "sync_manager.class.is-a-base-manager",
    "sync_manager.methods.return-proxies",
    "sync_manager.methods.create-a-new-object-each-time",
)
def test_every_method_returns_a_proxy_for_a_new_object(mp):
    with promise("sync_manager.class.is-a-base-manager"):
        kind, base = mp.managers.SyncManager, mp.managers.BaseManager
        assert isinstance(kind, type) and issubclass(kind, base), (
            f"SyncManager is {kind!r}, promised a subclass of {base!r}"
        )
    base = mp.managers.BaseProxy
    with managed(mp) as manager:
        with promise("sync_manager.methods.return-proxies"):
            found = {name: type(getattr(manager, name)(*arguments)) for name, arguments in METHODS.items()}
            wrong = {name: kind for name, kind in found.items() if not issubclass(kind, base) or kind is base}
            assert not wrong, f"methods that returned no instance of a subclass of BaseProxy: {wrong}"
        with promise("sync_manager.methods.create-a-new-object-each-time"):
            for name, arguments, change, look in CHANGES:
                changed, other = (getattr(manager, name)(*arguments) for _ in range(2))
                before = look(other)
                change(changed)
                states = look(changed), look(other)
                assert states[0] != before == states[1], (
                    f"two objects that {name}{arguments} made, one of them changed, are {states}; both were {before}"
                )


@verifies(
    "sync_manager.value.holds-the-value",
    "sync_manager.array.holds-the-sequence",
    "sync_manager.list.empty-by-default",
    "sync_manager.list.from-a-sequence",
    "sync_manager.dict.empty-by-default",
    "sync_manager.dict.from-a-mapping",
    "sync_manager.dict.from-a-sequence",
)
def test_each_object_holds_what_it_was_made_of(mp):
    with managed(mp) as manager:
        with promise("sync_manager.value.holds-the-value"):
            value = manager.Value("i", 3)
            values = [value.value]
            value.value = 4
            values.append(value.value)
            assert values == [3, 4], f"value of Value('i', 3), and after value = 4: {values}"
        with promise("sync_manager.array.holds-the-sequence"):
            array = manager.Array("i", range(5))
            items = len(array), array[0], array[-1], list(array[1:3])
            assert items == (5, 0, 4, [1, 2]), f"len, [0], [-1], [1:3] of Array('i', range(5)): {items}"
        with promise("sync_manager.list.empty-by-default"):
            empty = manager.list()
            nothing = len(empty), empty[:]
            assert nothing == (0, []), f"len() and [:] of list(): {nothing}"
        with promise("sync_manager.list.from-a-sequence"):
            sequence = ["a", 2, [3]]
            shared = manager.list(sequence)
            shared.append("b")
            lists = shared[:], manager.list(range(3))[:]
            assert lists == (["a", 2, [3], "b"], [0, 1, 2]), (
                f"list(['a', 2, [3]]) and one more, list(range(3)): {lists}"
            )
            assert sequence == ["a", 2, [3]], f"the sequence that the list was made of is now {sequence}"
        with promise("sync_manager.dict.empty-by-default"):
            empty = manager.dict()
            no_items = len(empty), empty.copy()
            assert no_items == (0, {}), f"len() and copy() of dict(): {no_items}"
        with promise("sync_manager.dict.from-a-mapping"):
            mapping = {"a": 1, 2: [3]}
            shared = manager.dict(mapping)
            shared["b"] = 4
            changed = shared.copy()
            assert changed == {"a": 1, 2: [3], "b": 4}, f"dict({{'a': 1, 2: [3]}}) and one more item is {changed}"
            assert mapping == {"a": 1, 2: [3]}, f"the mapping that the dict was made of is now {mapping}"
        with promise("sync_manager.dict.from-a-sequence"):
            found = manager.dict([("a", 1), ("b", 2), ("a", 3)]).copy()
            assert found == {"a": 3, "b": 2}, f"dict([('a', 1), ('b', 2), ('a', 3)]) is {found}"


@verifies("sync_manager.value.shared-between-processes", "sync_manager.array.shared-between-processes")
def test_each_object_is_shared_with_another_process(mp, scratch):
    with managed(mp) as manager:
        with promise("sync_manager.value.shared-between-processes"):
            value = manager.Value("i", 0)
            value.value = 1
            found = in_child(mp, scratch, note_and_set_value, value), value.value
            assert found == (1, 2), f"a child read, and the parent after it: {found}, promised are 1 and 2"
        with promise("sync_manager.array.shared-between-processes"):
            array = manager.Array("d", [1.5, 2.5])
            array[1] = 3.5
            found = in_child(mp, scratch, note_and_set_item, array), list(array[:])
            assert found == ([1.5, 3.5], [7.0, 3.5]), f"a child read, and the parent after it: {found}"


@verifies("sync_manager.nesting.inner-objects-are-shared")
def test_objects_in_shared_containers_are_shared(mp, scratch):
    with managed(mp) as manager:
        inner_dict, inner_list = manager.dict(), manager.list()
        outer_list, outer_dict = manager.list([inner_dict]), manager.dict({"inner": inner_list})
        in_child(mp, scratch, change_inner, outer_list, outer_dict)
        found = inner_dict.copy(), inner_list[:]
    assert found == ({"key": "set by the child"}, ["appended by the child"]), (
        f"a child changed a dict in a shared list and a list in a shared dict; the parent sees {found}"
    )


@verifies("sync_manager.value.reads-and-writes-one-by-one", "sync_manager.dict.popitem-gives-each-item-once")
def test_calls_of_several_processes_come_one_by_one(mp, scratch):
    with managed(mp) as manager:
        with promise("sync_manager.value.reads-and-writes-one-by-one"):
            calls = history(mp, scratch, [read_and_write] * 3, manager.Value("i", 0))
            fault = unexplained(calls, 0, variable_after)
            assert fault is None, f"three processes use a Value() of a manager: {fault}"
        with promise("sync_manager.dict.popitem-gives-each-item-once"):
            items = [(number, str(number)) for number in range(100)]
            calls = history(mp, scratch, [pop_all] * 3, manager.dict(items))
            found = sorted(call.result for call in calls if call.result is not KeyError)
            assert found == items, (
                f"popitem() of three processes gave {len(found)} items, promised each of 100 once: {found}"
            )


@verifies("sync_manager.value.typecode-limits-the-value", "sync_manager.array.typecode-limits-items")
def test_whether_the_typecode_limits_what_is_stored(mp, observe):
    answers = []
    with managed(mp) as manager:
        value, array = manager.Value("i", 1), manager.Array("i", [1])
        for name, store in (
            ("Value('i', 1)", lambda: setattr(value, "value", "text")),
            ("Array('i', [1])", lambda: array.__setitem__(0, "text")),
        ):
            try:
                store()
            except Exception as error:
                answers.append(f"storing 'text' in {name} raises {type(error).__name__}")
            else:
                answers.append(f"{name} takes 'text'")
    observe("; ".join(answers))
