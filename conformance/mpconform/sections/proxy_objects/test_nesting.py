"""Referents that contain proxies, and containers of what is no proxy."""

from __future__ import annotations

import pickle

from mpconform.kit import promise, verifies, works
from mpconform.sections.managers.helpers import of_cell, started
from mpconform.sections.proxy_objects.helpers import MAKERS, Shape, manager_of


def change_two_levels_below(outer):
    outer["inner"]["items"].append("of the child")
    outer["inner"]["key"] = "of the child"


def append_one(items, journal):
    try:
        items.append("of the child")
    except Exception as error:
        journal.write(f"raised {error!r}")
    else:
        journal.write("done")


def store(outer, inner):
    outer.append(inner)
    outer[0].append("through the container")


def do_both(nested, apart, journal):
    """Do both of the above, and tell of each what came of it."""
    for name, do, proxies in ("change", change_two_levels_below, nested), ("store", store, apart):
        try:
            do(*proxies)
        except Exception as error:
            journal.write((name, f"raised {error!r}"))
        else:
            journal.write((name, "done"))


@verifies("proxy.nested.manager-with-its-own-authkey", "proxy.pickle.manager-with-its-own-authkey")
def test_proxies_of_a_manager_with_its_own_authkey(mp, journal):
    with started(of_cell(mp, mp.managers.SyncManager, authkey=b"a key of its own")) as manager:
        with promise("proxy.pickle.manager-with-its-own-authkey"):
            items = manager.list(["at first"])
            child = mp.Process(target=append_one, args=(items, journal))
            child.daemon = True
            child.start()
            [said] = journal.wait(1, "word of the child")
            child.join()
            found = items[:]
            assert [said, found] == ["done", ["at first", "of the child"]], (
                f"a child that appends to a list of a manager with a key of its own: {said}; the list is {found!r}"
            )
        with promise("proxy.nested.manager-with-its-own-authkey"):
            outer, inner = manager.list(), manager.list(["at first"])
            with works(
                "append() of one list proxy to another, and to it through that, of a manager with its own authkey"
            ):
                outer.append(inner)
                outer[0].append("again")
            found = inner[:]
            assert found == ["at first", "again"], (
                f"a list to which 'again' was appended through the list proxy that contains its own is {found!r}"
            )


@verifies("proxy.nested.other-shared-types")
def test_proxies_of_every_type_in_a_container(mp):
    with manager_of(mp, Shape) as manager:
        made = [(make.name, make(manager)) for make in MAKERS]
        for container in "list", "dict":
            outer = getattr(manager, container)()
            for number, (name, inner) in enumerate(made):
                with works(f"storing the proxy that {name}() returned in a {container} proxy and taking it out"):
                    if container == "list":
                        outer.append(inner)
                    else:
                        outer[number] = inner
                    found = outer[number]
                    shown = str(found)
                assert isinstance(found, mp.managers.BaseProxy), (
                    f"a proxy of a {name} comes out of a {container} proxy as {found!r}, promised is a proxy"
                )
                assert shown == str(inner), (
                    f"a proxy of a {name} prints as {inner}, and as {shown} when it comes out of a {container} proxy"
                )


@verifies(
    "proxy.nested.referent-contains-a-referent", "proxy.nested.dicts-in-a-list", "proxy.nested.other-shared-types"
)
def test_proxies_in_a_list_proxy_do_what_they_do_outside(mp, patience):
    with mp.Manager() as manager:
        with promise("proxy.nested.referent-contains-a-referent"):
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
        with promise("proxy.nested.dicts-in-a-list"):
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
        with promise("proxy.nested.other-shared-types"):
            names, number, queue, event = manager.Namespace(), manager.Value("i", 0), manager.Queue(), manager.Event()
            outer = manager.list([names, number, queue, event])
            outer[0].attribute = "set"
            outer[1].value = 7
            outer[2].put("item")
            outer[3].set()
            with works("using a Namespace, a Value, a Queue and an Event after a list proxy that contains them"):
                found = [names.attribute, number.value, queue.get(timeout=patience.awaiting), event.is_set()]
            assert found == ["set", 7, "item", True], (
                "a Namespace, a Value, a Queue and an Event, used through the list proxy that contains them, show"
                f" {found!r}"
            )


@verifies("proxy.nested.two-levels-in-a-child", "proxy.nested.stored-by-another-process")
def test_a_child_changes_what_is_two_levels_below_and_stores_a_proxy_in_another(mp, journal):
    with mp.Manager() as manager:
        items = manager.list(["at first"])
        middle = manager.dict({"items": items})
        top = manager.dict({"inner": middle})
        outer, inner = manager.list(), manager.list(["at first"])
        child = mp.Process(target=do_both, args=((top,), (outer, inner), journal))
        child.daemon = True
        child.start()
        said = dict(journal.wait(2, "words of the child"))
        child.join()
        with promise("proxy.nested.two-levels-in-a-child"):
            assert said["change"] == "done", (
                f"a child that changes proxies two levels below the one it was given: {said['change']}"
            )
            found = [items[:], middle._getvalue().get("key"), top["inner"]["items"][:]]
            assert found == [["at first", "of the child"], "of the child", ["at first", "of the child"]], (
                f"after a child changed a list and a dict below the dict proxy it was given, its parent sees {found!r}"
            )
        with promise("proxy.nested.stored-by-another-process"):
            assert said["store"] == "done", f"a child that appends one of its proxies to another: {said['store']}"
            stored = outer[:]
            assert len(stored) == 1 and isinstance(stored[0], mp.managers.BaseProxy), (
                f"a child appended a list proxy to an empty one, and its parent finds {stored!r} there, promised is a"
                " proxy"
            )
            stored[0].append("of the parent")
            found = inner[:]
            assert found == ["at first", "through the container", "of the parent"], (
                f"a list proxy that a child appended to another, changed through that by both, shows {found!r}"
            )


@verifies(
    "proxy.contained-value.changes-stay-local",
    "proxy.contained-value.original-stays-apart",
    "proxy.contained-value.assignment-propagates",
)
def test_what_a_container_holds_changes_by_assignment_only(mp):
    with mp.Manager() as manager:
        with promise("proxy.contained-value.changes-stay-local"):
            for container in ("list", "dict"):
                made = getattr(manager, container)
                outer = made({0: {}} if container == "dict" else [{}])
                value = outer[0]
                value["a"] = 1
                outer[0]["b"] = 2
                found = outer[0]
                assert found == {}, (
                    f"the dict in a {container} proxy is {found!r} after copies of it were changed, promised is {{}}"
                )
        with promise("proxy.contained-value.original-stays-apart"):
            for container in ("list", "dict"):
                made = getattr(manager, container)
                given, assigned = ["given"], ["assigned"]
                outer = made({0: given, 1: None} if container == "dict" else [given, None])
                outer[1] = assigned
                given.append("later")
                assigned.append("later")
                found = [outer[0], outer[1]]
                assert found == [["given"], ["assigned"]], (
                    f"a {container} proxy holds {found!r} after the lists that were stored in it were changed elsewhere"
                )
        with promise("proxy.contained-value.assignment-propagates"):
            for container in ("list", "dict"):
                made = getattr(manager, container)
                outer = made({0: {}} if container == "dict" else [{}])
                other = pickle.loads(pickle.dumps(outer))
                value = outer[0]
                value["a"] = 1
                value["b"] = 2
                outer[0] = value
                found = [outer[0], other[0]]
                assert found == [{"a": 1, "b": 2}] * 2, (
                    f"two proxies of a {container} show {found!r} after {{'a': 1, 'b': 2}} was assigned through one"
                )
