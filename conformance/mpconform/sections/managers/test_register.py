"""register(): typeid, callable, proxytype and exposed.

The classes that are registered stand in the helpers, and so do the manager classes that register them.
"""

from __future__ import annotations

import types
from typing import Any

from mpconform.kit import promise, raises, verifies, works
from mpconform.sections.managers.helpers import Note, class_named, of_cell, started


def subclass(base: Any) -> Any:
    """Return a subclass without registrations of its own."""
    return types.new_class("Subclass", (base,))


def running(mp, name):
    """Start a manager of the class with this name."""
    return started(of_cell(mp, class_named(name)))


def answered(proxy, *names):
    """Return those of the names that ``_callmethod()`` of the proxy does not refuse, with what it returned."""
    found = {}
    for name in names:
        try:
            found[name] = proxy._callmethod(name)
        except Exception:
            continue
    return found


@verifies(
    "base_manager.register.concerns-its-class-only",
    "base_manager.register.typeid-must-be-a-string",
    "base_manager.register.create_method-false",
)
def test_what_register_does_to_the_class(mp):
    base = mp.managers.BaseManager
    with promise("base_manager.register.concerns-its-class-only"):
        one, other = subclass(base), subclass(base)
        one.register("Note", Note)
        found = [hasattr(kind, "Note") for kind in (one, other, base)]
        assert found == [True, False, False], (
            f"after One.register('Note', ...), One, another subclass and BaseManager have the method: {found},"
            f" promised [True, False, False]"
        )
    with promise("base_manager.register.typeid-must-be-a-string"):
        for typeid in (5, b"Note", None):
            with raises(Exception, f"register({typeid!r}, dict)"):
                subclass(base).register(typeid, dict)
    with promise("base_manager.register.create_method-false"):
        kind = subclass(base)
        kind.register("Note", Note, create_method=False)
        assert not hasattr(kind, "Note"), "register('Note', Note, create_method=False) added the method Note"


@verifies(
    "base_manager.register.adds-a-method",
    "base_manager.register.callable-gets-the-arguments",
    "base_manager.register.creates-a-new-object-each-time",
    "base_manager.register.proxytype-none-makes-a-class",
    "base_manager.register.public-methods-by-default",
    "base_manager.register.others-hidden-by-default",
    "base_manager.register.other-methods-return-copies",
)
def test_what_is_registered_with_a_callable_and_nothing_else(mp):
    base = mp.managers.BaseProxy
    with running(mp, "Desk") as manager:
        with promise("base_manager.register.adds-a-method"):
            note = manager.Note("value")
            kind, value = type(note), note.get()
            assert issubclass(kind, base), f"manager.Note() returned a {kind!r}, promised a proxy"
            assert value == "value", f"get() of the proxy returned {value!r}, the object was made with 'value'"
        with promise("base_manager.register.callable-gets-the-arguments"):
            found = manager.Note("value", mark=[1]).both()
            assert found == ("value", [1]), f"manager.Note('value', mark=[1]): the class got {found!r}"
        with promise("base_manager.register.creates-a-new-object-each-time"):
            one, other = manager.Note(1), manager.Note(2)
            one.put("changed")
            found = one.get(), other.get()
            assert found == ("changed", 2), (
                f"two objects, one changed to 'changed', the other made with 2, are {found!r}"
            )
        with promise("base_manager.register.proxytype-none-makes-a-class"):
            note = manager.Note(3)
            kind = type(note)
            missing = [name for name in ("get", "put", "both", "run", "doubled") if not hasattr(note, name)]
            assert issubclass(kind, base) and kind is not base, (
                f"without proxytype, a proxy is of {kind!r}, promised a subclass of {base!r}"
            )
            assert not missing, f"without proxytype, the proxy lacks the public methods {missing} of its object"
        with promise("base_manager.register.public-methods-by-default"):
            note = manager.Note(3)
            with works("_callmethod() of two methods and of an attribute that is callable, without exposed"):
                found = {name: note._callmethod(name) for name in ("get", "both", "doubled")}
            assert found == {"get": 3, "both": (3, None), "doubled": 6}, (
                f"_callmethod() of two methods and of an attribute that is callable returned {found}"
            )
        with promise("base_manager.register.others-hidden-by-default"):
            others = answered(manager.Note(3), "_hidden", "kind", "value", "__init__", "__reduce__")
            assert not others, (
                f"_callmethod() of a private method or of an attribute that is no method returned {others}"
            )
        with promise("base_manager.register.other-methods-return-copies"):
            note = manager.Note(["at first"])
            copy = note.get()
            assert type(copy) is list, f"get(), which no method_to_typeid names, returned a {type(copy)!r}"
            copy.append("changed")
            found = copy, note.get()
            assert found == (["at first", "changed"], ["at first"]), (
                f"a copy that was changed and its original have {found!r}"
            )


@verifies("base_manager.register.proxytype-makes-the-proxies", "base_manager.register.exposed-none-uses-the-proxytype")
def test_proxies_are_of_proxytype_and_do_what_it_exposes(mp):
    with running(mp, "Proxytypes") as manager:
        with promise("base_manager.register.proxytype-makes-the-proxies"):
            note = manager.NoteWithProxy("value")
            kind = type(note)
            assert issubclass(kind, class_named("NoteProxy")), f"a proxy is of {kind!r}, promised is proxytype"
            first = note.read()
            note.write("changed")
            found = first, note.read()
            assert found == ("value", "changed"), f"read(), write('changed'), read() of the proxytype gave {found!r}"
        with promise("base_manager.register.exposed-none-uses-the-proxytype"):
            note = manager.NoteWithProxy("value")
            found, allowed = note._callmethod("get"), answered(note, "both", "_hidden")
            assert found == "value", f"_callmethod('get'), which is in _exposed_, returned {found!r}, promised 'value'"
            assert not allowed, f"_callmethod() of names that are not in proxytype._exposed_ returned {allowed}"


@verifies(
    "base_manager.register.exposed-allows-only-its-names",
    "base_manager.register.exposed-allows-private-names",
    "base_manager.register.exposed-makes-methods",
    "base_manager.register.exposed-overrides-the-proxytype",
)
def test_only_exposed_methods_are_called(mp):
    with running(mp, "Exposed") as manager:
        with promise("base_manager.register.exposed-allows-only-its-names"):
            note = manager.ExposedNote("value")
            call = "_callmethod('put', ('changed',)) of a type registered with exposed=('get', '_hidden')"
            with raises(Exception, call):
                note._callmethod("put", ("changed",))
            others = answered(note, "both", "doubled", "value", "kind")
            assert not others, f"_callmethod() of what is not in exposed=('get', '_hidden') returned {others}"
            with works("_callmethod('get') of a type registered with exposed=('get', '_hidden')"):
                found = note._callmethod("get")
            assert found == "value", f"_callmethod('get'), which is exposed, returned {found!r}, promised 'value'"
        with promise("base_manager.register.exposed-allows-private-names"):
            note = manager.ExposedNote("value")
            with works("_callmethod('_hidden') of a type registered with exposed=('get', '_hidden')"):
                found = note._callmethod("_hidden")
            assert found == "hidden", f"_callmethod('_hidden'), which is exposed, returned {found!r}, promised 'hidden'"
        with promise("base_manager.register.exposed-makes-methods"):
            note = manager.ExposedNote("value")
            methods = [name for name in ("get", "put", "both", "run") if hasattr(note, name)]
            assert methods == ["get"], f"with exposed=('get', '_hidden') the proxy has the public methods {methods}"
    with (
        promise("base_manager.register.exposed-overrides-the-proxytype"),
        running(mp, "ExposedProxytypes") as manager,
    ):
        note = manager.NoteWithProxyAndExposed("value", mark=1)
        with works("_callmethod('both') of a type registered with exposed=('get', 'both')"):
            both = note._callmethod("both")
        with raises(Exception, "_callmethod('put', ...), which is in proxytype._exposed_ and not in exposed"):
            note._callmethod("put", ("changed",))
        assert both == ("value", 1), f"_callmethod('both'), which is in exposed, returned {both!r}"


@verifies(
    "base_manager.register.method_to_typeid-returns-a-proxy",
    "base_manager.register.method_to_typeid-with-a-callable",
    "base_manager.register.other-methods-return-copies",
)
def test_methods_in_method_to_typeid_return_proxies_and_others_copies(mp, observe):
    with running(mp, "Parents") as manager:
        with promise("base_manager.register.method_to_typeid-returns-a-proxy"):
            child = manager.Parent().child()
            kind = type(child)
            missing = [name for name in ("get", "put") if not hasattr(child, name)]
            assert issubclass(kind, mp.managers.BaseProxy), f"child() returned a {kind!r}, promised is a proxy"
            assert not missing, f"the proxy that child() returned lacks {missing} of the type that it is mapped to"
        with promise("base_manager.register.other-methods-return-copies"):
            parent = manager.Parent()
            copy = parent.other()
            assert type(copy) is Note, f"other(), which is not in method_to_typeid, returned a {type(copy)!r}"
            copy.put("changed")
            found = copy.get(), parent.other_value()
            assert found == ("changed", "at first"), f"a copy that was changed and its original have {found!r}"
        found = manager.Parent().child().get()
        if isinstance(found, Note):
            observe("the proxy refers to what the callable makes of the object that the method returned")
        else:
            observe(
                f"the proxy refers to an object that has {found!r}: the one that the method returned has 'at first'"
            )


@verifies("base_manager.register.callable-may-be-a-function", "base_manager.register.callable-none-without-a-method")
def test_callables_that_are_no_class(mp):
    with promise("base_manager.register.callable-may-be-a-function"), running(mp, "Functions") as manager:
        found = manager.pair("left").get()
        assert found == ("left", "right"), f"the object that a function made has {found!r}"
    with promise("base_manager.register.callable-none-without-a-method"):
        with running(mp, "ParentsWithoutMethod") as manager:
            parent = manager.Parent()
            child = parent.child()
            child.put("changed")
            found = parent.value()
        assert found == "changed", f"put() of a proxy of the typeid without callable: the object is {found!r}"


@verifies(
    "base_manager.register.method_to_typeid-none-uses-the-proxytype",
    "base_manager.register.method_to_typeid-overrides-the-proxytype",
)
def test_method_to_typeid_is_that_of_the_proxytype_unless_given(mp):
    base = mp.managers.BaseProxy
    with promise("base_manager.register.method_to_typeid-none-uses-the-proxytype"):
        with running(mp, "ParentsWithProxytype") as manager:
            parent = manager.ParentWithProxy()
            kinds = [type(parent._callmethod(name)) for name in ("child", "other")]
        assert issubclass(kinds[0], base), (
            f"child(), which is in proxytype._method_to_typeid_, returned a {kinds[0]!r}, not a proxy"
        )
        assert kinds[1] is Note, (
            f"other(), which is not in proxytype._method_to_typeid_, returned a {kinds[1]!r}, promised a copy"
        )
    with promise("base_manager.register.method_to_typeid-overrides-the-proxytype"):
        with running(mp, "ParentsWithBoth") as manager:
            parent = manager.ParentWithProxyAndTypes()
            kinds = [type(parent._callmethod(name)) for name in ("child", "other")]
        assert kinds[0] is Note, f"child(), which is not in method_to_typeid, returned a {kinds[0]!r}, promised a copy"
        assert issubclass(kinds[1], base), (
            f"other(), which is in method_to_typeid, returned a {kinds[1]!r}, not a proxy"
        )
