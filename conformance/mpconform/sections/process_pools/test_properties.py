"""Properties: the mapping methods do what the built-in ``map`` does, and any picklable object goes through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from mpconform.kit import promise, verifies
from mpconform.sections.process_pools.helpers import arrived, pair, running, same, tag

END = "the end of an iterator"

text = st.text("ab \n\0\xe9\u20ac\U0001f600", max_size=20)  # a given alphabet spares a table of all characters

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | text
    | st.binary()
    | st.builds(bytes, st.integers(0, 200_000))
    | st.sampled_from([ValueError, len, NotImplemented, ...])
)
objects = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(text, inner, max_size=4)
        | st.frozensets(st.integers() | text, max_size=4)
    ),
    max_leaves=6,
)

KINDS: dict[str, Callable[[list[Any]], Any]] = {
    "list": list,
    "tuple": tuple,
    "iterator": iter,
    "generator": lambda items: (item for item in items),
    "range": lambda items: range(len(items)),
    "keys of a dict": lambda items: dict.fromkeys(items, "value"),
    "str": lambda items: "".join(chr(ord("a") + item % 26) for item in items),
}
"""How the items of an example are given: what is made of a list of them, anew for each call."""

kinds = st.sampled_from(list(KINDS))
numbers = st.lists(st.integers(), max_size=40)
chunksizes = st.integers(1, 12) | st.just(1000)


def shown(method, kind, items, size):
    return f"{method}(f, {kind} of {items!r}, chunksize={size})"


def check_iterator(method, pool, kind, items, size, in_order=True):
    """Check what ``imap`` or ``imap_unordered`` gives, and that it ends and stays ended; a size of 0 is the default."""
    promised = list(map(tag, KINDS[kind](items)))
    iterator = getattr(pool, method)(tag, KINDS[kind](items), *([size] if size else []))
    answer = list(iterator)
    after = next(iterator, END)
    call = shown(method, kind, items, size or "default")
    assert after == END, f"{call}: next() after the end returned {after!r}, promised is StopIteration"
    if not in_order:
        answer, promised = sorted(answer), sorted(promised)
    assert answer == promised, f"{call} gave {answer!r}, the built-in map() gives {promised!r}"


def check_map(pool):
    @given(kinds, numbers, st.none() | chunksizes)
    @example("list", [], None)
    @example("generator", [], 3)
    @example("generator", list(range(10)), None)
    @example("list", list(range(10)), 3)
    def is_equal(kind, items, size):
        answer = pool.map(tag, KINDS[kind](items), size)
        promised = list(map(tag, KINDS[kind](items)))
        assert answer == promised, (
            f"{shown('map', kind, items, size)} returned {answer!r}, the built-in map() gives {promised!r}"
        )

    is_equal()


def check_map_async(pool):
    @given(kinds, numbers, st.none() | chunksizes)
    @example("list", [], None)
    @example("generator", [], 3)
    @example("list", list(range(10)), 3)
    def is_equal(kind, items, size):
        call = shown("map_async", kind, items, size)
        answer = arrived(pool.map_async(tag, KINDS[kind](items), size), call)
        promised = list(map(tag, KINDS[kind](items)))
        assert answer == promised, f"get() of {call} returned {answer!r}, the built-in map() gives {promised!r}"

    is_equal()


def check_starmap(pool):
    element = st.tuples(st.sampled_from([list, tuple]), st.integers(), st.integers()).map(
        lambda made: made[0](made[1:])
    )
    elements = element | st.sampled_from(["ab", range(2), {"a": 1, "b": 2}, b"ab"])
    plain = ("list", "tuple", "iterator", "generator")

    @given(st.sampled_from(plain), st.lists(elements, max_size=20), st.none() | chunksizes)
    @example("list", [], None)
    @example("generator", [], 3)
    @example("list", [(number, "a") for number in range(10)], 3)
    @example("list", ["ab", range(2), b"ab", {"a": 1, "b": 2}, [1, 2]], 2)
    def is_equal(kind, items, size):
        answer = pool.starmap(pair, KINDS[kind](items), size)
        promised = [pair(*item) for item in items]
        assert answer == promised, (
            f"{shown('starmap', kind, items, size)} returned {answer!r}, promised is {promised!r}"
        )

    is_equal()


def check_iterators(method, pool, in_order=True):
    @given(kinds, numbers, st.just(0) | chunksizes)
    @example("list", [], 0)
    @example("generator", [], 3)
    @example("list", list(range(10)), 3)
    def is_equal(kind, items, size):
        check_iterator(method, pool, kind, items, size, in_order)

    is_equal()


@verifies("pool.map.equals-builtin-map", "pool.starmap.any-iterables")
def test_one_worker_gives_what_the_built_in_map_gives(mp):
    with running(mp.Pool(1)) as pool:
        with promise("pool.map.equals-builtin-map"):
            check_map(pool)
        with promise("pool.starmap.any-iterables"):
            check_starmap(pool)


@verifies("pool.map.equals-builtin-map", "pool.starmap.any-iterables", "pool.map_async.result-equals-map")
def test_two_workers_give_what_the_built_in_map_gives(mp):
    with running(mp.Pool(2)) as pool:
        with promise("pool.map.equals-builtin-map"):
            check_map(pool)
        with promise("pool.starmap.any-iterables"):
            check_starmap(pool)
        with promise("pool.map_async.result-equals-map"):
            check_map_async(pool)


@verifies("pool.imap.equals-builtin-map", "pool.imap_unordered.one-worker-keeps-order")
def test_iterators_of_one_worker_give_what_the_built_in_map_gives(mp):
    with running(mp.Pool(1)) as pool:
        with promise("pool.imap.equals-builtin-map"):
            check_iterators("imap", pool)
        with promise("pool.imap_unordered.one-worker-keeps-order"):
            check_iterators("imap_unordered", pool)


@verifies("pool.imap.equals-builtin-map", "pool.imap_unordered.same-results-in-any-order")
def test_iterators_of_two_workers_give_what_the_built_in_map_gives(mp):
    with running(mp.Pool(2)) as pool:
        with promise("pool.imap.equals-builtin-map"):
            check_iterators("imap", pool)
        with promise("pool.imap_unordered.same-results-in-any-order"):
            check_iterators("imap_unordered", pool, in_order=False)


@verifies("pool.apply.picklable-object-arrives-equal")
def test_any_picklable_object_goes_to_a_worker_and_back(mp):
    with running(mp.Pool(1)) as pool:

        @given(objects)
        @example(None)
        @example(False)
        @example(())
        @example(ValueError)
        @example(bytes(1_000_000))
        def goes_through(item):
            answer = pool.apply(same, (item,))
            assert type(answer) is type(item) and answer == item, (
                f"apply(f, (item,)), where f returns its argument {item!r}, returned {answer!r}"
            )

        goes_through()
