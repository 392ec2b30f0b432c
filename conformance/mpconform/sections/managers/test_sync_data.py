"""Values, arrays, dicts and lists of a SyncManager."""

from __future__ import annotations

from mpconform.kit import verifies
from mpconform.kit.linearizability import unexplained
from mpconform.sections.managers.helpers import history, linger, other_proxy

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


def note_and_set_value(journal, value):
    """Write down the value and change it."""
    journal.write(value.value)
    value.value = "of the child"


def note_and_set_item(journal, array):
    """Write down the items and change one."""
    journal.write(list(array[:]))
    array[0] = 7


def read_and_write(recorder, together, value):
    """Write values that no other process writes, and read what is there."""
    for number in together.turns(15, 60):
        recorder.call("write", lambda written: setattr(value, "value", written), (recorder.process, number))
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


@verifies("sync_manager.class.is-a-base-manager")
def test_sync_manager_is_a_base_manager(mp):
    kind, base = mp.managers.SyncManager, mp.managers.BaseManager
    assert isinstance(kind, type) and issubclass(kind, base), (
        f"SyncManager is {kind!r}, promised a subclass of {base!r}"
    )


@verifies("sync_manager.methods.return-proxies")
def test_every_method_returns_a_proxy(mp):
    base = mp.managers.BaseProxy
    with mp.Manager() as manager:
        found = {name: type(getattr(manager, name)(*arguments)) for name, arguments in METHODS.items()}
    wrong = {name: kind for name, kind in found.items() if not issubclass(kind, base) or kind is base}
    assert not wrong, f"methods that returned no instance of a subclass of BaseProxy: {wrong}"


@verifies("sync_manager.methods.create-a-new-object-each-time")
def test_objects_of_one_type_share_no_state(mp):
    with mp.Manager() as manager:
        changed, other = manager.list(), manager.list()
        changed.append("item")
        lock, other_lock = manager.Lock(), manager.Lock()
        lock.acquire()
        found = list(changed), list(other), other_lock.acquire(False)
    assert found == (["item"], [], True), f"a changed list, another one, acquire(False) of another lock: {found}"


@verifies("sync_manager.value.holds-the-value")
def test_value_holds_what_was_given_and_what_is_set(mp):
    with mp.Manager() as manager:
        value = manager.Value("i", 3)
        other = other_proxy(value)
        found = [value.value]
        value.value = 4
        found += [value.value, other.value]
    assert found == [3, 4, 4], f"value of Value('i', 3), after value = 4, and by another proxy: {found}"


@verifies("sync_manager.value.shared-between-processes")
def test_value_is_shared_with_another_process(mp, journal):
    with mp.Manager() as manager:
        value = manager.Value("i", "of the parent")
        child = mp.Process(target=note_and_set_value, args=(journal, value), daemon=True)
        child.start()
        child.join()
        found = journal.read(), value.value
    assert found == (["of the parent"], "of the child"), f"a child read, and the parent after it: {found}"


@verifies("sync_manager.value.reads-and-writes-one-by-one")
def test_some_order_explains_reads_and_writes_of_a_value(mp, scratch):
    with mp.Manager() as manager:
        calls = history(mp, scratch, [read_and_write] * 3, manager.Value("i", None))
    fault = unexplained(calls, None, variable_after)
    assert fault is None, f"three processes use a Value() of a manager: {fault}"


@verifies("sync_manager.value.typecode-limits-the-value", "sync_manager.array.typecode-limits-items")
def test_whether_the_typecode_limits_what_is_stored(mp, observe):
    answers = []
    with mp.Manager() as manager:
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


@verifies("sync_manager.array.holds-the-sequence")
def test_array_holds_the_sequence(mp):
    with mp.Manager() as manager:
        array = manager.Array("i", range(5))
        found = len(array), array[0], array[-1], list(array[1:3])
    assert found == (5, 0, 4, [1, 2]), f"len, [0], [-1], [1:3] of Array('i', range(5)): {found}"


@verifies("sync_manager.array.shared-between-processes")
def test_array_is_shared_with_another_process(mp, journal):
    with mp.Manager() as manager:
        array = manager.Array("d", [1.5, 2.5])
        array[1] = 3.5
        child = mp.Process(target=note_and_set_item, args=(journal, array), daemon=True)
        child.start()
        child.join()
        found = journal.read(), list(array[:])
    assert found == ([[1.5, 3.5]], [7.0, 3.5]), f"a child read, and the parent after it: {found}"


@verifies("sync_manager.dict.empty-by-default", "sync_manager.dict.from-a-mapping", "sync_manager.dict.from-a-sequence")
def test_dict_is_made_as_a_plain_one(mp):
    mapping = {"a": 1, 2: [3]}
    with mp.Manager() as manager:
        empty, of_mapping = manager.dict(), manager.dict(mapping)
        of_mapping["b"] = 4
        of_sequence = manager.dict([("a", 1), ("b", 2), ("a", 3)]).copy()
        found = len(empty), empty.copy()
        changed = of_mapping.copy()
    assert found == (0, {}), f"len() and copy() of dict(): {found}"
    assert changed == {"a": 1, 2: [3], "b": 4}, f"dict({{'a': 1, 2: [3]}}) and one more item is {changed}"
    assert mapping == {"a": 1, 2: [3]}, f"the mapping that the dict was made of is now {mapping}"
    assert of_sequence == {"a": 3, "b": 2}, f"dict([('a', 1), ('b', 2), ('a', 3)]) is {of_sequence}"


@verifies("sync_manager.dict.popitem-gives-each-item-once")
def test_popitem_of_several_processes_gives_each_item_once(mp, scratch):
    items = [(number, str(number)) for number in range(100)]
    with mp.Manager() as manager:
        calls = history(mp, scratch, [pop_all] * 3, manager.dict(items))
    found = sorted(call.result for call in calls if call.result is not KeyError)
    assert found == items, f"popitem() of three processes gave {len(found)} items, promised each of 100 once: {found}"


@verifies("sync_manager.list.empty-by-default", "sync_manager.list.from-a-sequence")
def test_list_is_made_as_a_plain_one(mp):
    sequence = ["a", 2, [3]]
    with mp.Manager() as manager:
        empty, of_sequence = manager.list(), manager.list(sequence)
        of_sequence.append("b")
        found = len(empty), empty[:]
        changed = of_sequence[:], manager.list(range(3))[:]
    assert found == (0, []), f"len() and [:] of list(): {found}"
    assert changed == (["a", 2, [3], "b"], [0, 1, 2]), f"list(['a', 2, [3]]) and one more, list(range(3)): {changed}"
    assert sequence == ["a", 2, [3]], f"the sequence that the list was made of is now {sequence}"


@verifies("sync_manager.nesting.inner-objects-are-shared")
def test_objects_in_shared_containers_are_shared(mp):
    with mp.Manager() as manager:
        inner_dict, inner_list = manager.dict(), manager.list()
        outer_list, outer_dict = manager.list([inner_dict]), manager.dict({"inner": inner_list})
        child = mp.Process(target=change_inner, args=(outer_list, outer_dict), daemon=True)
        child.start()
        child.join()
        found = inner_dict.copy(), inner_list[:]
    assert found == ({"key": "set by the child"}, ["appended by the child"]), (
        f"a child changed a dict in a shared list and a list in a shared dict; the parent sees {found}"
    )
