"""ShareableList: what it holds, and what can be done with it."""

from __future__ import annotations

import pickle
import struct

from mpconform.kit import raises, verifies, works
from mpconform.sections.shared_ctypes_objects.helpers import child_that_answers, do, get_item, iterate, set_item
from mpconform.sections.shared_memory.helpers import attached_list, destroy, new_name, shareable_list, typed

VALUES = ["howdy", b"HoWdY", -273.154, 100, None, True, 42]


SEQUENCES = (VALUES, tuple(VALUES), range(5), "alpha", [])


@verifies("shareable_list.call.takes-any-sequence")
def test_any_sequence_makes_a_list(mp):
    for sequence in SEQUENCES:
        with shareable_list(mp, sequence) as made:
            came = list(made)
            assert typed(came) == typed(sequence), f"ShareableList({sequence!r}) holds {came}"


@verifies("shareable_list.len.is-that-of-the-sequence")
def test_len_is_that_of_the_sequence(mp):
    for sequence in SEQUENCES:
        with shareable_list(mp, sequence) as made:
            assert len(made) == len(sequence), f"len(ShareableList({sequence!r})) is {len(made)}"


@verifies("shareable_list.call.name-is-that-of-the-block")
def test_the_name_is_that_of_the_block(mp):
    name = new_name()
    with shareable_list(mp, VALUES, name=name) as made:
        assert made.shm.name == name, f"ShareableList(values, name={name!r}).shm.name is {made.shm.name!r}"
        with attached_list(mp, name) as other:
            came = list(other)
        assert came == VALUES, f"ShareableList(name={name!r}) holds {came}, promised are the values {VALUES}"


@verifies("shareable_list.call.attaches-by-name")
def test_a_name_alone_attaches_to_the_list(mp):
    with shareable_list(mp, VALUES) as made, attached_list(mp, made.shm.name) as other:
        came = list(other)
        assert typed(came) == typed(VALUES), f"ShareableList(name=name) holds {came}, promised are {VALUES}"
        other[-1] = -999
        assert made[-1] == -999, f"the original has {made[-1]!r} where the attached list was set to -999"
        made[0] = "hello"
        assert other[0] == "hello", f"the attached list has {other[0]!r} where the original was set to 'hello'"


@verifies("shareable_list.values.int-of-64-bits")
def test_an_int_of_64_bits_is_stored(mp):
    values = [-(2**63), 2**63 - 1, 0]
    with shareable_list(mp, values) as made:
        assert list(made) == values, f"ShareableList({values}) holds {list(made)}"
        made[2] = 2**63 - 1
        assert made[2] == 2**63 - 1, f"after l[2] = 2**63 - 1, l[2] is {made[2]}"


@verifies("shareable_list.values.int-beyond-64-bits")
def test_what_becomes_of_a_larger_int(mp, observe):
    name = new_name()
    try:
        with shareable_list(mp, [2**63], name=name) as made:
            observe(f"ShareableList([2**63]) holds {list(made)}")
    except Exception as error:
        observe(f"ShareableList([2**63]) raises {type(error).__name__}")
    finally:
        destroy(mp, name)


@verifies("shareable_list.values.str-of-any-characters")
def test_a_str_of_wide_characters_is_stored(mp):
    values = ["éàüßñçø", b"between", "\U0001f40d" * 6, "日本語の文字列", 7]
    with shareable_list(mp, values) as made:
        with works(f"reading ShareableList({values})"):
            came = list(made)
        assert came == values, f"ShareableList({values}) holds {came}"


def check_long_values(mp, size):
    text, data = "x" * size, b"y" * size
    call = f"ShareableList of a str and a bytes of {size:,} bytes"
    with works(call), shareable_list(mp, [text, data]) as made:
        came = [made[0] == text, made[1] == data]
    assert came == [True, True], f"whether a str and a bytes object of {size:,} bytes came back as they were: {came}"


@verifies("shareable_list.values.almost-10m-bytes")
def test_long_values_are_stored(mp):
    check_long_values(mp, 9_900_000)


@verifies("shareable_list.values.last-byte-below-10m")
def test_values_of_just_less_than_10m_bytes_are_stored(mp):
    check_long_values(mp, 9_999_999)


@verifies("shareable_list.values.trailing-nul")
def test_what_becomes_of_nul_at_the_end(mp, observe):
    with shareable_list(mp, ["text\0", b"data\0\0"]) as made:
        observe(f"'text\\0' comes back as {made[0]!r}, b'data\\0\\0' as {made[1]!r}")


@verifies("shareable_list.values.other-types-are-refused")
def test_values_of_other_types_are_refused(mp):
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


@verifies("shareable_list.getitem.like-a-list")
def test_items_are_got_as_from_a_list(mp):
    with shareable_list(mp, VALUES) as made:
        for index in range(-7, 7):
            assert made[index] == VALUES[index], f"l[{index}] of {VALUES} is {made[index]!r}"
        for index in (7, 1000):
            with raises(IndexError, f"l[{index}] of a ShareableList of 7 values"):
                made[index]


@verifies("shareable_list.getitem.below-the-first-raises-indexerror")
def test_an_index_below_the_first_gets_nothing(mp):
    with shareable_list(mp, [10, 20, 30, 40]) as made:
        for index in (-5, -6, -1000):
            with raises(IndexError, f"l[{index}] of a ShareableList of 4 values"):
                made[index]


@verifies("shareable_list.setitem.replaces-the-value")
def test_an_item_is_set_at_its_place(mp):
    model = [10, 20, 30, 40]
    with shareable_list(mp, model) as made:
        for index, value in ((0, 11), (-1, 44), (2, -33), (-3, 22)):
            made[index] = model[index] = value
            assert list(made) == model, f"after l[{index}] = {value} the list holds {list(made)}, promised is {model}"
        for index in (4, 1000):
            with raises(IndexError, f"l[{index}] = 0 on a ShareableList of 4 values"):
                made[index] = 0
        assert list(made) == model, f"after refused indexes the list holds {list(made)}, promised is {model}"


@verifies("shareable_list.setitem.below-the-first-raises-indexerror")
def test_an_index_below_the_first_sets_nothing(mp):
    with shareable_list(mp, [10, 20, 30, 40]) as made:
        for index in (-5, -6, -1000):
            with raises(IndexError, f"l[{index}] = 0 on a ShareableList of 4 values"):
                made[index] = 0
        assert list(made) == [10, 20, 30, 40], f"after refused indexes [10, 20, 30, 40] is {list(made)}"


@verifies("shareable_list.setitem.changes-the-type")
def test_an_item_is_set_to_another_type(mp):
    with shareable_list(mp, [1, -273.154, 3]) as made:
        for value in (-78.5, "dry ice", 100, b"ice", None, True, 0.5):
            made[1] = value
            came = list(made)
            assert typed(came) == typed([1, value, 3]), f"after l[1] = {value!r} the list holds {came}"


@verifies("shareable_list.setitem.too-long-raises-valueerror")
def test_a_value_that_is_too_long_is_refused(mp):
    for value in ("larger than previously allocated storage space", b"x" * 1000):
        with shareable_list(mp, [1, "dry ice", 3]) as made:
            with raises(ValueError, f"l[1] = {value[:50]!r} where there was 'dry ice'"):
                made[1] = value
            assert list(made) == [1, "dry ice", 3], f"after a value that is too long was refused, l is {list(made)}"


@verifies("shareable_list.length.cannot-change")
def test_the_length_cannot_change(mp):
    with shareable_list(mp, [1, 2, 3]) as made:
        for method in ("append", "insert", "extend", "pop", "remove", "clear"):
            assert not hasattr(made, method), f"a ShareableList has {method}(), promised is that its length is fixed"
        with raises(Exception, "del l[0] on a ShareableList"):
            del made[0]
        assert list(made) == [1, 2, 3], f"after del l[0] was refused, a list of [1, 2, 3] holds {list(made)}"


@verifies("shareable_list.slice.gives-no-shareable-list")
def test_a_slice_is_no_shareable_list(mp):
    with shareable_list(mp, [1, 2, 3]) as made:
        try:
            came = made[:2]
        except Exception:
            came = None
        wrong = isinstance(came, mp.shared_memory.ShareableList)
        assert not wrong, "l[:2] of a ShareableList is a ShareableList, promised is that slicing makes none"


@verifies("shareable_list.index.missing-raises-valueerror")
def test_the_index_of_what_is_missing_raises(mp):
    with shareable_list(mp, VALUES) as made:
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


@verifies("shareable_list.format.packs-the-values")
def test_format_packs_the_values(mp):
    values = [1, 2.5, -(2**40), 1e300]
    with shareable_list(mp, values) as made:
        came = packed_and_unpacked(made, values)
        assert typed(came) == typed(values), f"{values} packed and unpacked with format {made.format!r} are {came}"


@verifies("shareable_list.format.follows-the-types")
def test_format_follows_the_types(mp):
    with shareable_list(mp, [1, 2]) as made, attached_list(mp, made.shm.name) as other:
        before = made.format
        other[1] = 0.5
        for each, name in ((made, "original"), (other, "attached")):
            came = packed_and_unpacked(each, [1, 0.5])
            assert typed(came) == typed([1, 0.5]), f"format of the {name} list [1, 0.5] is {each.format!r} ({before!r})"


@verifies("shareable_list.format.read-only")
def test_format_is_read_only(mp):
    with shareable_list(mp, [1, 2]) as made, raises(AttributeError, "assigning to format of a ShareableList"):
        made.format = "qq"


@verifies("shareable_list.shm.is-the-block")
def test_shm_is_the_block_of_the_values(mp):
    with shareable_list(mp, ["before it was changed"]) as made:
        is_one = isinstance(made.shm, mp.shared_memory.SharedMemory)
        assert is_one, f"shm of a ShareableList is {made.shm!r}, promised is a SharedMemory"
        place = bytes(made.shm.buf).find(b"before")
        assert place >= 0, "the block in shm of a ShareableList does not hold the characters of its str"
        made.shm.buf[place : place + 6] = b"BEFORE"
        came = made[0]
        assert came == "BEFORE it was changed", f"after a change in shm.buf, l[0] is {came!r}"


@verifies("shareable_list.repr.shows-values-and-name")
def test_repr_shows_values_and_name(mp):
    with shareable_list(mp, range(5)) as made:
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


@verifies("shareable_list.pickle.is-the-same-list")
def test_an_unpickled_list_is_the_same_list(mp):
    with shareable_list(mp, range(10)) as made:
        other = pickle.loads(pickle.dumps(made))
        try:
            made[0], other[1] = -1, -2
            first, second = list(made), list(other)
        finally:
            other.shm.close()
        promised = [-1, -2, *range(2, 10)]
        assert first == promised, f"the original holds {first} after the unpickled list was changed too"
        assert second == promised, f"the unpickled list holds {second} after the original was changed too"
