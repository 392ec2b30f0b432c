"""register(): typeid, callable, proxytype and exposed.

The classes that are registered stand in the helpers, ``Desk`` says how.
"""

from __future__ import annotations

import types
from typing import Any

from mpconform.kit import raises, verifies
from mpconform.sections.managers.helpers import KEY, Note, accepted, classes, desk


def subclass(base: Any) -> Any:
    """Return a subclass without registrations of its own."""
    return types.new_class("Subclass", (base,))


def answered(proxy, *names):
    """Return those of the names that ``_callmethod()`` of the proxy does not refuse, with what it returned."""
    found = {}
    for name in names:
        try:
            found[name] = proxy._callmethod(name)
        except Exception:
            continue
    return found


@verifies("base_manager.register.adds-a-method")
def test_register_adds_a_method_that_returns_a_proxy(mp):
    with desk(mp) as manager:
        note = manager.Note("value")
        kind, value = type(note), note.get()
    assert issubclass(kind, mp.managers.BaseProxy), f"manager.Note() returned a {kind!r}, promised a proxy"
    assert value == "value", f"get() of the proxy returned {value!r}, the object was made with 'value'"


@verifies("base_manager.register.concerns-its-class-only")
def test_register_concerns_the_class_that_it_is_called_on(mp):
    base = mp.managers.BaseManager
    one, other = subclass(base), subclass(base)
    one.register("Note", Note)
    found = [hasattr(kind, "Note") for kind in (one, other, base)]
    assert found == [True, False, False], (
        f"after One.register('Note', ...), One, another subclass and BaseManager have the method: {found},"
        f" promised [True, False, False]"
    )


@verifies("base_manager.register.typeid-must-be-a-string")
def test_typeid_that_is_no_string_is_refused(mp):
    kind = subclass(mp.managers.BaseManager)
    with raises(Exception, "register(5, dict)"):
        kind.register(5, dict)


@verifies(
    "base_manager.register.callable-may-be-a-function",
    "base_manager.register.callable-gets-the-arguments",
    "base_manager.register.creates-a-new-object-each-time",
)
def test_callable_makes_each_object_of_the_arguments(mp):
    with desk(mp) as manager:
        by_function = manager.pair("left").get()
        one, other = manager.Note("value", mark=[1]), manager.Note(2)
        by_class = one.both()
        one.put("changed")
        found = one.get(), other.get()
    assert by_function == ("left", "right"), f"the object that a function made has {by_function!r}"
    assert by_class == ("value", [1]), f"manager.Note('value', mark=[1]): the class got {by_class!r}"
    assert found == ("changed", 2), f"two objects, one changed to 'changed', the other made with 2, are {found!r}"


@verifies("base_manager.register.callable-none-for-clients")
def test_client_needs_no_callable(mp, patience):
    with classes()["QueueServer"](None, KEY, ctx=mp.get_context()) as manager:
        client = classes()["QueueClient"](manager.address, KEY)
        client.connect()
        with accepted("get_queue() of a client that registered 'get_queue' without a callable, and put()"):
            client.get_queue().put("item")
        found = manager.get_queue().get(timeout=patience.awaiting / 4)
    assert found == "item", f"what a client put on the server's queue is {found!r}, promised 'item'"


@verifies("base_manager.register.callable-none-without-a-method")
def test_typeid_without_a_method_needs_no_callable(mp):
    with desk(mp) as manager:
        parent = manager.ParentOfNoteWithoutMethod()
        child = parent.child()
        child.put("changed")
        found = parent.value()
    assert found == "changed", f"put() of a proxy of the typeid without callable: the object is {found!r}"


@verifies("base_manager.register.proxytype-makes-the-proxies", "base_manager.register.proxytype-none-makes-a-class")
def test_proxies_are_of_proxytype_or_of_a_class_made_for_the_type(mp):
    base = mp.managers.BaseProxy
    with desk(mp) as manager:
        note, plain = manager.NoteWithProxy("value"), manager.Note(3)
        kind, plain_kind = type(note), type(plain)
        assert issubclass(kind, classes()["NoteProxy"]), f"a proxy is of {kind!r}, promised is proxytype"
        first = note.read()
        note.write("changed")
        found = first, note.read()
        missing = [name for name in ("get", "put", "both", "run", "doubled") if not hasattr(plain, name)]
    assert found == ("value", "changed"), f"read(), write('changed'), read() of the proxytype gave {found!r}"
    assert issubclass(plain_kind, base) and plain_kind is not base, (
        f"without proxytype, a proxy is of {plain_kind!r}, promised a subclass of {base!r}"
    )
    assert not missing, f"without proxytype, the proxy lacks the public methods {missing} of its object"


@verifies(
    "base_manager.register.exposed-allows-only-its-names",
    "base_manager.register.exposed-allows-private-names",
    "base_manager.register.exposed-makes-methods",
)
def test_only_exposed_methods_are_called(mp):
    with desk(mp) as manager:
        note = manager.ExposedNote("value")
        with raises(Exception, "_callmethod('put', ('changed',)) of a type registered with exposed=('get', '_hidden')"):
            note._callmethod("put", ("changed",))
        with accepted("_callmethod() of 'get' and '_hidden' of a type registered with exposed=('get', '_hidden')"):
            found = note._callmethod("get"), note._callmethod("_hidden")
        methods = [name for name in ("get", "put", "both", "run") if hasattr(note, name)]
    assert found == ("value", "hidden"), f"_callmethod() of 'get' and '_hidden', which are exposed, returned {found!r}"
    assert methods == ["get"], f"with exposed=('get', '_hidden') the proxy has the public methods {methods}"


@verifies(
    "base_manager.register.exposed-none-uses-the-proxytype", "base_manager.register.exposed-overrides-the-proxytype"
)
def test_exposed_names_are_those_of_the_proxytype_unless_given(mp):
    with desk(mp) as manager:
        note = manager.NoteWithProxy("value")
        found, allowed = note._callmethod("get"), answered(note, "both", "_hidden")
        note = manager.NoteWithProxyAndExposed("value", mark=1)
        with accepted("_callmethod('both') of a type registered with exposed=('get', 'both')"):
            both = note._callmethod("both")
        with raises(Exception, "_callmethod('put', ...), which is in proxytype._exposed_ and not in exposed"):
            note._callmethod("put", ("changed",))
    assert found == "value", f"_callmethod('get'), which is in _exposed_, returned {found!r}, promised 'value'"
    assert not allowed, f"_callmethod() of names that are not in proxytype._exposed_ returned {allowed}"
    assert both == ("value", 1), f"_callmethod('both'), which is in exposed, returned {both!r}"


@verifies("base_manager.register.public-methods-by-default", "base_manager.register.others-hidden-by-default")
def test_the_public_methods_are_exposed_by_default(mp):
    with desk(mp) as manager:
        note = manager.Note(3)
        others = answered(note, "_hidden", "kind", "value")
        with accepted("_callmethod() of two methods and of an attribute that is callable, without exposed"):
            found = {name: note._callmethod(name) for name in ("get", "both", "doubled")}
    assert not others, f"_callmethod() of a private method or of an attribute that is no method returned {others}"
    assert found == {"get": 3, "both": (3, None), "doubled": 6}, (
        f"_callmethod() of two methods and of an attribute that is callable returned {found}"
    )


@verifies("base_manager.register.method_to_typeid-returns-a-proxy", "base_manager.register.other-methods-return-copies")
def test_methods_in_method_to_typeid_return_proxies_and_others_copies(mp):
    with desk(mp) as manager:
        parent = manager.Parent()
        child, copy = parent.child(), parent.other()
        kind = type(child)
        missing = [name for name in ("get", "put") if not hasattr(child, name)]
        assert type(copy) is Note, f"other(), which is not in method_to_typeid, returned a {type(copy)!r}"
        copy.put("changed")
        found = copy.get(), parent.other_value()
    assert issubclass(kind, mp.managers.BaseProxy), f"child() returned a {kind!r}, promised is a proxy"
    assert not missing, f"the proxy that child() returned lacks {missing} of the type that it is mapped to"
    assert found == ("changed", "at first"), f"a copy that was changed and its original have {found!r}"


@verifies("base_manager.register.method_to_typeid-with-a-callable")
def test_what_a_proxy_of_a_typeid_with_a_callable_refers_to(mp, observe):
    with desk(mp) as manager:
        found = manager.Parent().child().get()
    if isinstance(found, Note):
        observe("the proxy refers to what the callable makes of the object that the method returned")
    else:
        observe(f"the proxy refers to an object that has {found!r}: the one that the method returned has 'at first'")


@verifies(
    "base_manager.register.method_to_typeid-none-uses-the-proxytype",
    "base_manager.register.method_to_typeid-overrides-the-proxytype",
)
def test_method_to_typeid_is_that_of_the_proxytype_unless_given(mp):
    base = mp.managers.BaseProxy
    with desk(mp) as manager:
        parent = manager.ParentWithProxy()
        child = parent._callmethod("child")
        kind = type(child)
        assert issubclass(kind, base), f"child(), which is in proxytype._method_to_typeid_, returned a {kind!r}"
        child.put("changed")
        found = parent._callmethod("value")
        parent = manager.ParentWithProxyAndTypes()
        kinds = [type(parent._callmethod(name)) for name in ("child", "other")]
    assert found == "changed", f"put('changed') of the proxy that child() returned: its object has {found!r}"
    assert kinds[0] is Note, f"child(), which is not in method_to_typeid, returned a {kinds[0]!r}, promised a copy"
    assert issubclass(kinds[1], base), f"other(), which is in method_to_typeid, returned a {kinds[1]!r}, not a proxy"


@verifies("base_manager.register.create_method-false")
def test_no_method_is_added_with_create_method_false(mp):
    kind = subclass(mp.managers.BaseManager)
    kind.register("Note", Note, create_method=False)
    assert not hasattr(kind, "Note"), "register('Note', Note, create_method=False) added the method Note"
