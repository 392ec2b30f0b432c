"""Properties: any object, any exception, and any sequence of calls on a list proxy and on a dict proxy."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from hypothesis import example, given
from hypothesis import strategies as st

from mpconform.kit import promise, verifies
from mpconform.sections.proxy_objects.helpers import Refused, Servant, manager_of

# A few characters of every kind: to choose among all takes longer than the tests.
text = st.text("ab'\"\\\n\0é☃𝄞", max_size=10)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | text | st.binary()
# No sets: equal ones need not have the same representation.
objects = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner) | st.dictionaries(text, inner, max_size=4),
    max_leaves=10,
)
exceptions = st.builds(
    lambda kind, args: kind(*args),
    st.sampled_from([ValueError, KeyError, IndexError, TypeError, ZeroDivisionError, StopIteration, EOFError, Refused]),
    st.lists(scalars, max_size=3),
)

SYNTAX: dict[str, tuple[Callable[..., Any], str]] = {
    "__len__": (len, "len(o)"),
    "__getitem__": (operator.getitem, "o[{!r}]"),
    "__setitem__": (operator.setitem, "o[{!r}] = {!r}"),
    "__delitem__": (operator.delitem, "del o[{!r}]"),
    "__contains__": (operator.contains, "{!r} in o"),
    "__iter__": (list, "list(o)"),
    "__reversed__": (lambda target: list(reversed(target)), "list(reversed(o))"),
    "__add__": (operator.add, "o + {!r}"),
    "__mul__": (operator.mul, "o * {!r}"),
    "__rmul__": (lambda target, number: number * target, "{!r} * o"),
    "__iadd__": (operator.iadd, "o += {!r}"),
    "__imul__": (operator.imul, "o *= {!r}"),
    "__or__": (operator.or_, "o | {!r}"),
    "__ror__": (lambda target, other: other | target, "{!r} | o"),
    "__ior__": (operator.ior, "o |= {!r}"),
}
"""What calls the special methods, and how it is written; ``o`` is the object."""

IN_PLACE = ("__iadd__", "__imul__", "__ior__")
NEW = ("__add__", "__mul__", "__rmul__", "__or__", "__ror__", "copy")
"""What returns a new container, be it a copy or a proxy of a new shared object: either is in keeping with the text."""


class Doing(NamedTuple):
    """A call, to be made on a proxy and on what it should be like."""

    method: str
    args: tuple[Any, ...] = ()
    kwds: Mapping[str, Any] = MappingProxyType({})

    def __str__(self) -> str:
        if self.method in SYNTAX:
            return SYNTAX[self.method][1].format(*self.args)
        given = [*map(repr, self.args), *(f"{name}={value!r}" for name, value in self.kwds.items())]
        return f"o.{self.method}({', '.join(given)})"

    def on(self, target: Any) -> tuple[str, Any]:
        """Return how the call ended, ``returned`` or ``raised``, and with what: a plain value or a class."""
        try:
            if self.method in SYNTAX:
                result = SYNTAX[self.method][0](target, *self.args)
            else:
                result = getattr(target, self.method)(*self.args, **self.kwds)
        except Exception as error:
            return "raised", type(error)
        if self.method in IN_PLACE or (self.method in NEW and hasattr(result, "_getvalue")):
            return "returned", plain(result)
        if self.method in ("keys", "values", "items"):
            return "returned", list(result)
        return "returned", result


def plain(target: Any) -> Any:
    """Return a copy of the referent of a proxy, or a copy of what is no proxy."""
    return target._getvalue() if hasattr(target, "_getvalue") else target.copy()


def doings(methods: dict[str, list[Any]], offered: set[str]) -> st.SearchStrategy[Doing]:
    """Return a strategy for calls of the methods that are offered, with arguments from the strategies given."""
    chosen = [(method, args) for method, variants in methods.items() if method in offered for args in variants]
    return st.one_of([st.tuples(st.just(method), st.tuples(*args)) for method, args in chosen]).map(
        lambda call: Doing(*call)
    )


def check_that_it_behaves(proxy, model, calls):
    """Make each call on both; they return, raise and leave the same."""
    for number, doing in enumerate(calls):
        # A method that multiplies what is there, called again and again, would fill the memory.
        if len(model) > 50:
            break
        before = model.copy()
        came, expected = doing.on(proxy), doing.on(model)
        assert came[0] == expected[0] and type(came[1]) is type(expected[1]) and came[1] == expected[1], (
            f"call {number + 1}, {doing} where o is a proxy of {before!r}, {came[0]} {came[1]!r};"
            f" of the referent itself it {expected[0]} {expected[1]!r}"
        )
        left = plain(proxy)
        assert left == model and list(left) == list(model), (
            f"call {number + 1}, {doing} where o is a proxy of {before!r}, left the referent {left!r};"
            f" of the referent itself it leaves {model!r}"
        )


index = st.integers(-6, 6)
item = st.integers(0, 4)
items = st.lists(item, max_size=4)
bound = st.none() | st.integers(-6, 6)
slices = st.builds(slice, bound, bound, st.sampled_from([None, 1, 2, -1, -2, 0]))

LIST_METHODS: dict[str, list[list[Any]]] = {
    "__len__": [[]],
    "__getitem__": [[index], [slices]],
    "__setitem__": [[index, item], [slices, items]],
    "__delitem__": [[index], [slices]],
    "__contains__": [[item]],
    "__iter__": [[]],
    "__reversed__": [[]],
    "__add__": [[items]],
    "__iadd__": [[items]],
    "__mul__": [[st.integers(-1, 2)]],
    "__rmul__": [[st.integers(-1, 2)]],
    "__imul__": [[st.integers(-1, 2)]],
    "append": [[item]],
    "clear": [[]],
    "copy": [[]],
    "count": [[item]],
    "extend": [[items]],
    "index": [[item], [item, index], [item, index, index]],
    "insert": [[index, item]],
    "pop": [[], [index]],
    "remove": [[item]],
    "reverse": [[]],
    "sort": [[]],
}

key = st.integers(0, 4) | st.sampled_from("ab")
mappings = st.dictionaries(key, item, max_size=4)

DICT_METHODS: dict[str, list[list[Any]]] = {
    "__len__": [[]],
    "__getitem__": [[key]],
    "__setitem__": [[key, item], [items, item]],
    "__delitem__": [[key]],
    "__contains__": [[key], [items]],
    "__iter__": [[]],
    "__reversed__": [[]],
    "__or__": [[mappings]],
    "__ror__": [[mappings]],
    "__ior__": [[mappings]],
    "clear": [[]],
    "copy": [[]],
    "get": [[key], [key, item]],
    "items": [[]],
    "keys": [[]],
    "pop": [[key], [key, item]],
    "popitem": [[]],
    "setdefault": [[key], [key, item]],
    "update": [[mappings], [st.lists(st.tuples(key, item), max_size=3)]],
    "values": [[]],
}


def offered(proxy: Any, methods: dict[str, Any]) -> set[str]:
    """Return which of the methods a proxy has; special ones count only if its class has them."""
    special = {name for kind in type(proxy).__mro__ for name in vars(kind)}
    return {name for name in methods if (name in special if name in SYNTAX else hasattr(proxy, name))}


def missing(proxy: Any, methods: dict[str, Any]) -> str:
    """Return in words which of the methods a proxy has not."""
    return ", ".join(sorted(set(methods) - offered(proxy, methods))) or "nothing"


@verifies("proxy.list.behaves-like-a-list", "proxy.list.methods-not-available")
def test_any_calls_on_a_list_proxy_do_what_they_do_on_a_list(mp, observe):
    with mp.Manager() as manager:
        observe(f"a list proxy lacks: {missing(manager.list(), LIST_METHODS)}")
        methods = offered(manager.list(), LIST_METHODS)
        calls = doings(LIST_METHODS, methods)
        if "sort" in methods:
            calls |= st.just(Doing("sort", (), {"key": str, "reverse": True}))

        telling = [Doing("__iadd__", ([4],)), Doing("__imul__", (2,)), Doing("pop", ())]
        telling = [doing for doing in telling if doing.method in methods]

        @given(items, st.lists(calls, min_size=3, max_size=15))
        @example([1, 2], telling)
        def behaves(start, calls):
            check_that_it_behaves(manager.list(start), list(start), calls)

        with promise("proxy.list.behaves-like-a-list"):
            behaves()


@verifies("proxy.dict.behaves-like-a-dict", "proxy.dict.methods-not-available")
def test_any_calls_on_a_dict_proxy_do_what_they_do_on_a_dict(mp, observe):
    with mp.Manager() as manager:
        observe(f"a dict proxy lacks: {missing(manager.dict(), DICT_METHODS)}")
        calls = doings(DICT_METHODS, offered(manager.dict(), DICT_METHODS))

        @given(mappings, st.lists(calls, min_size=3, max_size=15))
        def behaves(start, calls):
            check_that_it_behaves(manager.dict(start), dict(start), calls)

        with promise("proxy.dict.behaves-like-a-dict"):
            behaves()


@verifies("proxy.method.picklable-arguments-arrive-equal", "proxy.callmethod.reraises-exceptions")
def test_any_object_goes_to_a_referent_and_back_and_any_exception_comes_back(mp):
    with manager_of(mp, Servant) as manager:
        servant = manager.Servant()

        @given(objects)
        @example({frozenset([1]): {2, 3}})
        @example((1, "two"))
        @example(bytes(range(256)) * 4000)  # more than any pipe holds
        def comes_back(sent):
            came = servant.echo(sent)
            assert type(came) is type(sent), f"echo({sent!r}) through a proxy returned {came!r}, of another type"
            assert came == sent, f"echo({sent!r}) through a proxy returned {came!r}"

        @given(exceptions)
        @example(Refused("it", 1))
        def is_raised(error):
            try:
                returned = servant._callmethod("fail", (error,))
            except Exception as came:
                assert type(came) is type(error) and came.args == error.args, (
                    f"_callmethod() of a method that raises {error!r} raised {came!r}"
                )
            else:
                raise AssertionError(f"_callmethod() of a method that raises {error!r} returned {returned!r}")

        with promise("proxy.method.picklable-arguments-arrive-equal"):
            comes_back()
        with promise("proxy.callmethod.reraises-exceptions"):
            is_raised()


@verifies("proxy.str.any-value")
def test_str_is_repr_of_whatever_is_in_a_list_or_dict(mp):
    with mp.Manager() as manager:

        @given(st.lists(objects, max_size=3), st.dictionaries(text | st.integers(), objects, max_size=3))
        @example(["it's", b"\n"], {})
        def prints(items, mapping):
            shown = str(manager.list(items)), str(manager.dict(mapping))
            assert shown[0] == repr(items), f"str() of a proxy of {items!r} returned {shown[0]!r}"
            assert shown[1] == repr(mapping), f"str() of a proxy of {mapping!r} returned {shown[1]!r}"

        prints()
