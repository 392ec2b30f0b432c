"""str() and repr(): the one of the referent, the other of the proxy."""

from __future__ import annotations

import re

from mpconform.kit import promise, verifies
from mpconform.sections.proxy_objects.helpers import Shape, manager_of


@verifies("proxy.str.is-the-representation-of-the-referent")
def test_str_is_repr_of_the_referent(mp):
    with manager_of(mp, Shape) as manager:
        shape = manager.Shape(3)
        before = str(shape)
        shape.grow()
        after = str(shape)
    assert before == "Shape(3)", f"str() of a proxy returned {before!r}, repr() of its referent is 'Shape(3)'"
    assert after == "Shape(4)", f"str() of a proxy returned {after!r}, repr() of its referent is now 'Shape(4)'"


@verifies(
    "proxy.example.list-of-squares",
    "proxy.repr.is-that-of-the-proxy",
    "proxy.repr.names-class-and-typeid",
    "proxy.nested.shown-as-proxy",
)
def test_repr_is_that_of_the_proxy_and_has_the_form_of_the_documentation(mp):
    with mp.Manager() as manager:
        with promise("proxy.example.list-of-squares"):
            squares = manager.list([i * i for i in range(10)])
            printed, item, some = str(squares), squares[4], squares[2:5]
            assert printed == "[0, 1, 4, 9, 16, 25, 36, 49, 64, 81]", f"a proxy of ten squares prints as {printed!r}"
            assert item == 16, f"item 4 of a proxy of the squares is {item!r}, promised is 16"
            assert some == [4, 9, 16], f"items 2 to 4 of a proxy of the squares are {some!r}, promised are [4, 9, 16]"
        with promise("proxy.repr.is-that-of-the-proxy"):
            items, mapping = manager.list([1, 2, 3]), manager.dict({"a": 1})
            before = repr(items), repr(mapping)
            items.append(4)
            mapping["b"] = 2
            after = repr(items), repr(mapping)
            for shown, wrong in zip(before, ("[1, 2, 3]", "{'a': 1}"), strict=True):
                assert shown != wrong, (
                    f"repr() of a proxy returned {shown!r}, which represents its referent and not the proxy"
                )
            assert before == after, (
                f"repr() of proxies returned {before!r}, and {after!r} after their referents changed"
            )
        with promise("proxy.repr.names-class-and-typeid"):
            shown = repr(manager.list())
            assert re.fullmatch(r"<ListProxy object, typeid 'list' at 0x[0-9A-Fa-f]+>", shown), (
                f"repr() of a list proxy returned {shown!r}, shown is <ListProxy object, typeid 'list' at 0x...>"
            )
        with promise("proxy.nested.shown-as-proxy"):
            outer, inner = manager.list(), manager.list(["inner"])
            outer.append(inner)
            shown = str(outer)
            assert shown.startswith("[<ListProxy object, typeid 'list' at ") and shown.endswith(">]"), (
                f"a list proxy that contains a list proxy prints as {shown},"
                " shown is [<ListProxy object, typeid 'list' at ...>]"
            )
