"""The set of a SyncManager, which there is since 3.14."""

from __future__ import annotations

from mpconform.kit import promise, raises, verifies
from mpconform.sections.managers.helpers import call_method, in_child, managed


@verifies(
    "sync_manager.set.empty-by-default",
    "sync_manager.set.from-a-sequence-or-mapping",
    "sync_manager.set.behaves-like-a-set",
    "sync_manager.set.shared-between-processes",
)
def test_set_is_made_as_a_plain_one_and_does_what_one_does(mp, scratch):
    with managed(mp) as manager:
        with promise("sync_manager.set.empty-by-default"):
            shared = manager.set()
            found = len(shared), shared.copy()
            assert found == (0, set()), f"len() and copy() of set(): {found}"
        with promise("sync_manager.set.from-a-sequence-or-mapping"):
            sets = manager.set(["a", 2, "a"]).copy(), manager.set({"b": 1, 3: 4}).copy()
            assert sets == ({"a", 2}, {"b", 3}), f"set(['a', 2, 'a']) and set({{'b': 1, 3: 4}}) are {sets}"
        with promise("sync_manager.set.behaves-like-a-set"):
            check_operations(manager.set({1, 2, 3}), {1, 2, 3})
        with promise("sync_manager.set.shared-between-processes"):
            shared = manager.set({"of the parent"})
            shown = in_child(mp, scratch, call_method, shared, "add", "of the child"), shared.copy()
            assert shown == (None, {"of the parent", "of the child"}), (
                f"add() in a child returned, and the set is: {shown}"
            )


def check_operations(shared, model):
    """Check that a shared set of 1, 2 and 3 does what a set of them does."""
    for name, argument in (("add", 4), ("discard", 1), ("discard", 9), ("remove", 2), ("update", {7, 8})):
        getattr(shared, name)(argument)
        getattr(model, name)(argument)
        assert shared.copy() == model, f"after {name}({argument}) the set is {shared.copy()}, promised {model}"
    with raises(KeyError, "remove(9) of a set without 9"):
        shared.remove(9)
    shown = 7 in shared, 9 in shared, len(shared), sorted(shared)
    assert shown == (True, False, 4, [3, 4, 7, 8]), f"7 in, 9 in, len, sorted of a set {model}: {shown}"
    for name in ("union", "intersection", "difference", "symmetric_difference", "isdisjoint", "issuperset"):
        one, other = getattr(shared, name)({3, 5}), getattr(model, name)({3, 5})
        assert one == other, f"{name}({{3, 5}}) of {model} returned {one}, promised {other}"
    operators = shared | {5}, shared & {3, 5}, shared - {3}, shared ^ {3, 5}
    expected = model | {5}, model & {3, 5}, model - {3}, model ^ {3, 5}
    assert operators == expected, f"|, &, -, ^ of {model} returned {operators}, promised {expected}"
