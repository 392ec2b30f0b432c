"""Referents that contain proxies, and containers of what is no proxy."""

from __future__ import annotations

import gc
import pickle

from mpconform.kit import each, verifies
from mpconform.sections.proxy_objects.helpers import MAKERS, Shape, Tracked, manager_of, usable


def change_two_levels_below(outer, journal):
    try:
        outer["inner"]["items"].append("of the child")
        outer["inner"]["key"] = "of the child"
    except Exception as error:
        journal.write(repr(error))
    else:
        journal.write("done")


def store(outer, inner, journal):
    try:
        outer.append(inner)
        outer[0].append("through the container")
    except Exception as error:
        journal.write(repr(error))
    else:
        journal.write("done")


@verifies("proxy.nested.referent-contains-a-referent")
def test_a_list_proxy_in_a_list_proxy(mp):
    with mp.Manager() as manager:
        outer, inner = manager.list(), manager.list()
        outer.append(inner)
        inner.append("hello")
        assert isinstance(outer[0], mp.managers.BaseProxy), (
            f"the item of a list proxy to which a list proxy was appended is {outer[0]!r}, promised is a proxy"
        )
        outer[0].append("again")
        through_container, directly = str(outer[0]), str(inner)
    assert through_container == directly == "['hello', 'again']", (
        f"a list proxy is in another, and each is used for append() once: through the container it prints as"
        f" {through_container}, directly as {directly}"
    )


@verifies("proxy.nested.shown-as-proxy")
def test_a_proxy_in_a_list_prints_as_a_proxy(mp):
    with mp.Manager() as manager:
        outer, inner = manager.list(), manager.list(["inner"])
        outer.append(inner)
        shown = str(outer)
    assert shown.startswith("[<ListProxy object, typeid 'list' at ") and shown.endswith(">]"), (
        f"a list proxy that contains a list proxy prints as {shown},"
        " shown is [<ListProxy object, typeid 'list' at ...>]"
    )


@verifies("proxy.nested.dicts-in-a-list")
def test_dict_proxies_in_a_list_proxy(mp):
    with mp.Manager() as manager:
        outer = manager.list([manager.dict() for _ in range(2)])
        first = outer[0]
        first["a"] = 1
        first["b"] = 2
        outer[1]["c"] = 3
        outer[1]["z"] = 26
        shown = [str(outer[0]), str(outer[1])]
    assert shown == ["{'a': 1, 'b': 2}", "{'c': 3, 'z': 26}"], (
        f"two dict proxies in a list proxy, changed through it, print as {shown}"
    )


@verifies("proxy.nested.other-shared-types")
@each("container", ["list", "dict"])
def test_proxies_of_every_type_in_a_container(mp, container):
    with manager_of(mp, Shape) as manager:
        outer = getattr(manager, container)()
        for number, make in enumerate(MAKERS):
            inner = make(manager)
            with usable(f"storing the proxy that {make.name}() returned in a {container} proxy and taking it out"):
                if container == "list":
                    outer.append(inner)
                else:
                    outer[number] = inner
                found = outer[number]
                shown = str(found)
            assert isinstance(found, mp.managers.BaseProxy), (
                f"a proxy of a {make.name} comes out of a {container} proxy as {found!r}, promised is a proxy"
            )
            assert shown == str(inner), (
                f"a proxy of a {make.name} prints as {inner}, and as {shown} when it comes out of a {container} proxy"
            )


@verifies("proxy.nested.other-shared-types")
def test_proxies_in_a_container_do_what_they_do_outside(mp, patience):
    with mp.Manager() as manager:
        names, number, queue, event = manager.Namespace(), manager.Value("i", 0), manager.Queue(), manager.Event()
        outer = manager.list([names, number, queue, event])
        outer[0].attribute = "set"
        outer[1].value = 7
        outer[2].put("item")
        outer[3].set()
        with usable("using a Namespace, a Value, a Queue and an Event directly, after a list proxy that contains them"):
            found = [names.attribute, number.value, queue.get(timeout=patience.awaiting), event.is_set()]
    assert found == ["set", 7, "item", True], (
        f"a Namespace, a Value, a Queue and an Event, used through the list proxy that contains them, show {found!r}"
    )


@verifies("proxy.nested.two-levels-in-a-child")
def test_a_child_changes_what_is_two_levels_below(mp, journal):
    with mp.Manager() as manager:
        items = manager.list(["at first"])
        inner = manager.dict({"items": items})
        outer = manager.dict({"inner": inner})
        child = mp.Process(target=change_two_levels_below, args=(outer, journal), daemon=True)
        child.start()
        [said] = journal.wait(1, "word of the child")
        child.join()
        found = [items[:], inner._getvalue().get("key"), outer["inner"]["items"][:]]
    assert said == "done", f"a child that changes proxies two levels below the one it was given: raised {said}"
    assert found == [["at first", "of the child"], "of the child", ["at first", "of the child"]], (
        f"after a child changed a list and a dict below the dict proxy it was given, its parent sees {found!r}"
    )


@verifies("proxy.nested.stored-by-another-process")
def test_a_child_stores_a_proxy_in_another(mp, journal):
    with mp.Manager() as manager:
        outer, inner = manager.list(), manager.list(["at first"])
        child = mp.Process(target=store, args=(outer, inner, journal), daemon=True)
        child.start()
        [said] = journal.wait(1, "word of the child")
        child.join()
        assert said == "done", f"a child that appends one of its proxies to another: raised {said}"
        stored = outer[:]
        assert len(stored) == 1 and isinstance(stored[0], mp.managers.BaseProxy), (
            f"a child appended a list proxy to an empty one, and its parent finds {stored!r} there, promised is a proxy"
        )
        stored[0].append("of the parent")
        found = inner[:]
    assert found == ["at first", "through the container", "of the parent"], (
        f"a list proxy that a child appended to another, changed through that by both processes, shows {found!r}"
    )


@verifies("proxy.nested.container-keeps-the-referent")
def test_a_referent_stays_while_only_a_container_refers_to_it(mp):
    with manager_of(mp, Tracked) as manager:
        outer = manager.list([manager.Tracked("inner")])
        gc.collect()
        with usable("a method of a proxy that only its container holds"):
            name = outer[0].name()
        assert name == "inner", f"a method of a proxy that only its container holds returned {name!r}"


@verifies("proxy.contained-value.changes-stay-local")
@each("container", ["list", "dict"])
def test_changing_what_came_out_does_not_change_the_container(mp, container):
    with mp.Manager() as manager:
        outer = getattr(manager, container)({0: {}} if container == "dict" else [{}])
        value = outer[0]
        value["a"] = 1
        outer[0]["b"] = 2
        found = outer[0]
    assert found == {}, (
        f"the dict in a {container} proxy is {found!r} after copies of it were changed, promised is {{}}"
    )


@verifies("proxy.contained-value.original-stays-apart")
@each("container", ["list", "dict"])
def test_changing_what_was_stored_does_not_change_the_container(mp, container):
    with mp.Manager() as manager:
        given, assigned = ["given"], ["assigned"]
        outer = getattr(manager, container)({0: given, 1: None} if container == "dict" else [given, None])
        outer[1] = assigned
        given.append("later")
        assigned.append("later")
        found = [outer[0], outer[1]]
    assert found == [["given"], ["assigned"]], (
        f"a {container} proxy holds {found!r} after the lists that were stored in it were changed elsewhere"
    )


@verifies("proxy.contained-value.assignment-propagates")
@each("container", ["list", "dict"])
def test_assigning_the_changed_value_changes_the_container(mp, container):
    with mp.Manager() as manager:
        outer = getattr(manager, container)({0: {}} if container == "dict" else [{}])
        other = pickle.loads(pickle.dumps(outer))
        value = outer[0]
        value["a"] = 1
        value["b"] = 2
        outer[0] = value
        found = [outer[0], other[0]]
    assert found == [{"a": 1, "b": 2}] * 2, (
        f"two proxies of a {container} show {found!r} after {{'a': 1, 'b': 2}} was assigned through one of them"
    )
