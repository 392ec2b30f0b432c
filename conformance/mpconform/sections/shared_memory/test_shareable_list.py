"""ShareableList: what it holds, and what can be done with it."""

from __future__ import annotations

import pickle
import struct

from mpconform.kit import promise, raises, verifies, works
from mpconform.sections.shared_ctypes_objects.helpers import child_that_answers, do, get_item, iterate, set_item
from mpconform.sections.shared_memory.helpers import attached_list, destroy, new_name, shareable_list, typed

VALUES = ["howdy", b"HoWdY", -273.154, 100, None, True, 42]


LENGTHENED = [("append", (4,)), ("insert", (0, 4)), ("extend", ([4],)), ("pop", ()), ("remove", (1,)), ("clear", ())]
"""Calls that change the length of a list."""

SEQUENCES = (VALUES, tuple(VALUES), range(5), "alpha", [])


@verifies(
    "shareable_list.call.takes-any-sequence",
    "shareable_list.len.is-that-of-the-sequence",
    "shareable_list.call.name-is-that-of-the-block",
    "shareable_list.call.attaches-by-name",
    "shareable_list.pickle.is-the-same-list",
)
def test_lists_are_made_and_attached_to(mp):
    with promise("shareable_list.call.takes-any-sequence"):
        for sequence in SEQUENCES:
            with shareable_list(mp, sequence) as made:
                came = list(made)
                assert typed(came) == typed(sequence), f"ShareableList({sequence!r}) holds {came}"
    with promise("shareable_list.len.is-that-of-the-sequence"):
        for sequence in SEQUENCES:
            with shareable_list(mp, sequence) as made:
                assert len(made) == len(sequence), f"len(ShareableList({sequence!r})) is {len(made)}"
    with promise("shareable_list.call.name-is-that-of-the-block"):
        name = new_name()
        with shareable_list(mp, VALUES, name=name) as made:
            assert made.shm.name == name, f"ShareableList(values, name={name!r}).shm.name is {made.shm.name!r}"
            with attached_list(mp, name) as other:
                came = list(other)
            assert came == VALUES, f"ShareableList(name={name!r}) holds {came}, promised are the values {VALUES}"
    with (
        promise("shareable_list.call.attaches-by-name"),
        shareable_list(mp, VALUES) as made,
        attached_list(mp, made.shm.name) as other,
    ):
        came = list(other)
        assert typed(came) == typed(VALUES), f"ShareableList(name=name) holds {came}, promised are {VALUES}"
        other[-1] = -999
        assert made[-1] == -999, f"the original has {made[-1]!r} where the attached list was set to -999"
        made[0] = "hello"
        assert other[0] == "hello", f"the attached list has {other[0]!r} where the original was set to 'hello'"
    with promise("shareable_list.pickle.is-the-same-list"), shareable_list(mp, range(10)) as made:
        other = pickle.loads(pickle.dumps(made))
        try:
            made[0], other[1] = -1, -2
            first, second = list(made), list(other)
        finally:
            other.shm.close()
        promised = [-1, -2, *range(2, 10)]
        assert first == promised, f"the original holds {first} after the unpickled list was changed too"
        assert second == promised, f"the unpickled list holds {second} after the original was changed too"


@verifies(
    "shareable_list.values.int-of-64-bits",
    "shareable_list.values.other-types-are-refused",
    "shareable_list.values.str-of-any-characters",
)
def test_values_that_are_stored(mp):
    with promise("shareable_list.values.int-of-64-bits"):
        values = [-(2**63), 2**63 - 1, 0]
        with shareable_list(mp, values) as made:
            assert list(made) == values, f"ShareableList({values}) holds {list(made)}"
            made[2] = 2**63 - 1
            assert made[2] == 2**63 - 1, f"after l[2] = 2**63 - 1, l[2] is {made[2]}"
    with promise("shareable_list.values.other-types-are-refused"):
        for value in ([1], (1,), {1: 2}, {1}, 1j, object()):
            name = new_name()
            try:
                with raises(Exception, f"ShareableList([{value!r}])"), shareable_list(mp, [value], name=name):
                    pass
            finally:
                destroy(mp, name)
            with shareable_list(mp, [1, 2]) as made:
                with raises(Exception, f"l[0] = {value!r} on a ShareableList"):
                    made[0] = value
                assert list(made) == [1, 2], f"after l[0] = {value!r} was refused, a list of [1, 2] holds {list(made)}"
    with promise("shareable_list.values.str-of-any-characters"):
        texts = ["éàüßñçø", b"between", "\U0001f40d" * 6, "日本語の文字列", 7]
        with shareable_list(mp, texts) as made:
            with works(f"reading ShareableList({texts})"):
                came = list(made)
            assert came == texts, f"ShareableList({texts}) holds {came}"


@verifies("shareable_list.values.int-beyond-64-bits", "shareable_list.values.trailing-nul")
def test_what_becomes_of_a_larger_int_and_of_nul_at_the_end(mp, observe):
    name = new_name()
    try:
        with shareable_list(mp, [2**63], name=name) as made:
            number = f"ShareableList([2**63]) holds {list(made)}"
    except Exception as error:
        number = f"ShareableList([2**63]) raises {type(error).__name__}"
    finally:
        destroy(mp, name)
    with shareable_list(mp, ["text\0", b"data\0\0"]) as made:
        observe(f"{number}; 'text\\0' comes back as {made[0]!r}, b'data\\0\\0' as {made[1]!r}")


def check_long_values(mp, size):
    text, data = "x" * size, b"y" * size
    call = f"ShareableList of a str and a bytes of {size:,} bytes"
    with works(call), shareable_list(mp, [text, data]) as made:
        came = [made[0] == text, made[1] == data]
    assert came == [True, True], f"whether a str and a bytes object of {size:,} bytes came back as they were: {came}"


@verifies(
    "shareable_list.values.almost-10m-bytes",
    "shareable_list.values.last-byte-below-10m",
)
def test_long_values_are_stored(mp):
    with promise("shareable_list.values.almost-10m-bytes"):
        check_long_values(mp, 9_900_000)
    with promise("shareable_list.values.last-byte-below-10m"):
        check_long_values(mp, 9_999_999)


@verifies(
    "shareable_list.getitem.like-a-list",
    "shareable_list.setitem.replaces-the-value",
    "shareable_list.setitem.changes-the-type",
    "shareable_list.setitem.too-long-raises-valueerror",
)
def test_items_are_got_and_set(mp):
    with promise("shareable_list.getitem.like-a-list"), shareable_list(mp, VALUES) as made:
        for index in range(-7, 7):
            assert made[index] == VALUES[index], f"l[{index}] of {VALUES} is {made[index]!r}"
        for index in (7, 1000):
            with raises(IndexError, f"l[{index}] of a ShareableList of 7 values"):
                made[index]
    with promise("shareable_list.setitem.replaces-the-value"):
        model = [10, 20, 30, 40]
        with shareable_list(mp, model) as made:
            for index, value in ((0, 11), (-1, 44), (2, -33), (-3, 22)):
                made[index] = model[index] = value
                assert list(made) == model, (
                    f"after l[{index}] = {value} the list holds {list(made)}, promised is {model}"
                )
            for index in (4, 1000):
                with raises(IndexError, f"l[{index}] = 0 on a ShareableList of 4 values"):
                    made[index] = 0
            assert list(made) == model, f"after refused indexes the list holds {list(made)}, promised is {model}"
    with promise("shareable_list.setitem.changes-the-type"), shareable_list(mp, [1, -273.154, 3]) as made:
        for value in (-78.5, "dry ice", 100, b"ice", None, True, 0.5):
            made[1] = value
            came = list(made)
            assert typed(came) == typed([1, value, 3]), f"after l[1] = {value!r} the list holds {came}"
    with promise("shareable_list.setitem.too-long-raises-valueerror"):
        for long in ("larger than previously allocated storage space", b"x" * 1000):
            with shareable_list(mp, [1, "dry ice", 3]) as made:
                with raises(ValueError, f"l[1] = {long[:50]!r} where there was 'dry ice'"):
                    made[1] = long
                assert list(made) == [1, "dry ice", 3], f"after a value that is too long was refused, l is {list(made)}"


@verifies(
    "shareable_list.getitem.below-the-first-raises-indexerror",
    "shareable_list.setitem.below-the-first-raises-indexerror",
)
def test_an_index_below_the_first_is_refused(mp):
    with (
        promise("shareable_list.getitem.below-the-first-raises-indexerror"),
        shareable_list(mp, [10, 20, 30, 40]) as made,
    ):
        for index in (-5, -6, -1000):
            with raises(IndexError, f"l[{index}] of a ShareableList of 4 values"):
                made[index]
    with (
        promise("shareable_list.setitem.below-the-first-raises-indexerror"),
        shareable_list(mp, [10, 20, 30, 40]) as made,
    ):
        for index in (-5, -6, -1000):
            with raises(IndexError, f"l[{index}] = 0 on a ShareableList of 4 values"):
                made[index] = 0
        assert list(made) == [10, 20, 30, 40], f"after refused indexes [10, 20, 30, 40] is {list(made)}"


@verifies(
    "shareable_list.length.cannot-change",
    "shareable_list.slice.gives-no-shareable-list",
    "shareable_list.index.missing-raises-valueerror",
)
def test_what_a_list_that_keeps_its_length_has_and_has_not(mp):
    with promise("shareable_list.length.cannot-change"), shareable_list(mp, [1, 2, 3]) as made:
        for method, arguments in LENGTHENED:
            with raises(Exception, f"{method}{arguments} of a ShareableList, whose length is fixed"):
                getattr(made, method)(*arguments)
        with raises(Exception, "del l[0] on a ShareableList"):
            del made[0]
        assert list(made) == [1, 2, 3], f"after all of that was refused, a list of [1, 2, 3] holds {list(made)}"
    with promise("shareable_list.slice.gives-no-shareable-list"), shareable_list(mp, [1, 2, 3]) as made:
        try:
            came = made[:2]
        except Exception:
            came = None
        wrong = isinstance(came, mp.shared_memory.ShareableList)
        assert not wrong, "l[:2] of a ShareableList is a ShareableList, promised is that slicing makes none"
    with promise("shareable_list.index.missing-raises-valueerror"), shareable_list(mp, VALUES) as made:
        for value in (7, b"howdy", "HoWdY", False):
            with raises(ValueError, f"l.index({value!r}) of {VALUES}"):
                made.index(value)


def packed_and_unpacked(shared, values):
    """Return what becomes of the values when they are packed and unpacked with the format of the list."""
    try:
        return list(struct.unpack(shared.format, struct.pack(shared.format, *values)))
    except struct.error as error:
        raise AssertionError(
            f"format of ShareableList({values}) is {shared.format!r}, which packs none: {error}"
        ) from error


@verifies(
    "shareable_list.format.packs-the-values",
    "shareable_list.format.follows-the-types",
    "shareable_list.format.read-only",
    "shareable_list.shm.is-the-block",
    "shareable_list.repr.shows-values-and-name",
)
def test_format_and_shm_and_repr(mp):
    with promise("shareable_list.format.packs-the-values"):
        values = [1, 2.5, -(2**40), 1e300]
        with shareable_list(mp, values) as made:
            came = packed_and_unpacked(made, values)
            assert typed(came) == typed(values), f"{values} packed and unpacked with format {made.format!r} are {came}"
    with (
        promise("shareable_list.format.follows-the-types"),
        shareable_list(mp, [1, 2]) as made,
        attached_list(mp, made.shm.name) as other,
    ):
        before = made.format
        other[1] = 0.5
        for each, name in ((made, "original"), (other, "attached")):
            came = packed_and_unpacked(each, [1, 0.5])
            assert typed(came) == typed([1, 0.5]), f"format of the {name} list [1, 0.5] is {each.format!r} ({before!r})"
    with promise("shareable_list.format.read-only"), shareable_list(mp, [1, 2]) as made:
        before = made.format
        with raises(Exception, "assigning to format of a ShareableList"):
            made.format = "qd"
        assert made.format == before, f"format is {made.format!r} after the attempt to set it, was {before!r}"
    with promise("shareable_list.shm.is-the-block"), shareable_list(mp, ["before it was changed"]) as made:
        is_one = isinstance(made.shm, mp.shared_memory.SharedMemory)
        assert is_one, f"shm of a ShareableList is {made.shm!r}, promised is a SharedMemory"
        place = bytes(made.shm.buf).find(b"before")
        assert place >= 0, "the block in shm of a ShareableList does not hold the characters of its str"
        made.shm.buf[place : place + 6] = b"BEFORE"
        came = made[0]
        assert came == "BEFORE it was changed", f"after a change in shm.buf, l[0] is {came!r}"
    with promise("shareable_list.repr.shows-values-and-name"), shareable_list(mp, range(5)) as made:
        promised = f"ShareableList([0, 1, 2, 3, 4], name={made.shm.name!r})"
        assert repr(made) == promised, f"repr(ShareableList(range(5))) is {made!r}, promised is {promised}"


@verifies("shareable_list.child.shares-the-values")
def test_a_child_shares_the_values(mp):
    with shareable_list(mp, [1, 2.5, "three"]) as made, child_that_answers(mp, do, made) as ask:
        made[1] = 3.5
        came = ask(iterate)
        assert came == [1, 3.5, "three"], f"a child that was given the list sees {came}, promised is [1, 3.5, 'three']"
        ask(set_item, 2, "four")
        assert made[2] == "four", f"the parent sees {made[2]!r} where its child has set 'four'"
        came = ask(get_item, -1)
        assert came == "four", f"the child sees {came!r} where it has set 'four'"
