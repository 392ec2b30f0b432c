"""SharedMemory in one process: creating and attaching; names and sizes."""

from __future__ import annotations

import pickle

from hypothesis import given
from hypothesis import strategies as st

from mpconform.kit import promise, raises, verifies
from mpconform.sections.shared_ctypes_objects.strategies import unshrunk
from mpconform.sections.shared_memory.helpers import attached, block, exists, new_name


@verifies(
    "shared_memory.create.makes-a-block",
    "shared_memory.create.false-attaches",
    "shared_memory.create.needs-an-existing-block",
    "shared_memory.create.refuses-an-existing-name",
    "shared_memory.buf.is-a-memoryview",
    "shared_memory.pickle.is-the-same-block",
)
def test_blocks_are_created_and_attached_to(mp):
    with promise("shared_memory.create.makes-a-block"), block(mp, size=10) as made:
        made.buf[:4] = bytearray([22, 33, 44, 55])
        made.buf[4] = 100
        came = bytes(made.buf[:5])
        assert came == b"\x16\x21\x2c\x37\x64", f"buf[:5] is {came!r} after 22, 33, 44, 55, 100 were written there"
    with promise("shared_memory.create.false-attaches"), block(mp) as made, attached(mp, made.name) as other:
        made.buf[:5] = b"hello"
        came = bytes(other.buf[:5])
        assert came == b"hello", f"an attached object reads {came!r} where b'hello' was written"
        other.buf[:5] = b"howdy"
        came = bytes(made.buf[:5])
        assert came == b"howdy", f"the creator reads {came!r} where an attached object wrote b'howdy'"
    with promise("shared_memory.create.needs-an-existing-block"):
        name = new_name()
        with raises(Exception, f"SharedMemory({name!r}), where there is no such block"):
            mp.shared_memory.SharedMemory(name).close()
        assert not exists(mp, name), f"SharedMemory({name!r}) made a block, although create is false"
    with promise("shared_memory.create.refuses-an-existing-name"), block(mp) as made:
        made.buf[:5] = b"hello"
        with raises(Exception, "SharedMemory(name, create=True, size=64), where there is a block of that name"):
            mp.shared_memory.SharedMemory(made.name, create=True, size=64).close()
        with attached(mp, made.name) as other:
            came = bytes(other.buf[:5])
        assert came == b"hello", f"the block of that name holds {came!r} afterwards, it was b'hello'"
    with promise("shared_memory.buf.is-a-memoryview"), block(mp) as made, attached(mp, made.name) as other:
        for whose, view in (("the creator", made.buf), ("an attached object", other.buf)):
            assert type(view) is memoryview, f"type(buf) of {whose} is {type(view)}, promised is memoryview"
            found = view.itemsize, view.readonly
            assert found == (1, False), f"itemsize and readonly of the buf of {whose} are {found}, promised 1 and False"
    with promise("shared_memory.pickle.is-the-same-block"), block(mp) as made:
        other = pickle.loads(pickle.dumps(made))
        try:
            assert other.name == made.name, f"name of an unpickled SharedMemory is {other.name!r}, not {made.name!r}"
            made.buf[0], other.buf[1] = 7, 8
            seen = (other.buf[0], made.buf[1])
        finally:
            other.close()
        assert seen == (7, 8), f"the original and the unpickled object see {seen} where the other wrote 7 and 8"


@verifies(
    "shared_memory.name.given-name-is-used",
    "shared_memory.name.generated-by-default",
    "shared_memory.name.is-that-of-the-block",
    "shared_memory.name.read-only",
)
def test_names(mp):
    with promise("shared_memory.name.given-name-is-used"):
        name = new_name()
        with block(mp, name=name) as made:
            assert made.name == name, f"name of SharedMemory({name!r}, create=True, size=64) is {made.name!r}"
            made.buf[0] = 7
            with attached(mp, name) as other:
                came = other.buf[0]
            assert came == 7, f"SharedMemory({name!r}) attaches to a block with {came} where 7 was written"
    with promise("shared_memory.name.generated-by-default"):
        with block(mp) as first, block(mp) as second, block(mp, name=None) as third:
            names = [first.name, second.name, third.name]
        assert all(isinstance(name, str) and name for name in names), f"generated names are {names}, promised: strings"
        assert len(set(names)) == 3, f"three new blocks are called {names}, promised is a name of its own for each"
    with promise("shared_memory.name.is-that-of-the-block"), block(mp) as made, attached(mp, made.name) as other:
        assert other.name == made.name, f"name of an object attached to {made.name!r} is {other.name!r}"
    with promise("shared_memory.name.read-only"), block(mp) as made, attached(mp, made.name) as other:
        for one in (made, other):
            before = one.name
            with raises(Exception, "assigning to name of a SharedMemory"):
                one.name = new_name()
            assert one.name == before, f"name is {one.name!r} after the attempt to set it, was {before!r}"


SIZES = (1, 10, 4095, 4096, 4097, 1_000_000)


@verifies(
    "shared_memory.size.at-least-what-was-requested",
    "shared_memory.size.is-that-of-buf",
    "shared_memory.size.ignored-when-attaching",
    "shared_memory.size.read-only",
)
def test_sizes(mp):
    with promise("shared_memory.size.at-least-what-was-requested"):
        for size in SIZES:
            with block(mp, size=size) as made:
                assert made.size >= size, f"size of SharedMemory(create=True, size={size}) is {made.size}"
                made.buf[size - 1] = 7
                with attached(mp, made.name) as other:
                    came = other.size, other.buf[size - 1]
                assert came == (made.size, 7), (
                    f"an object attached to a SharedMemory(create=True, size={size}) has the size and the last byte"
                    f" {came}, promised are {made.size} and 7"
                )
    with promise("shared_memory.size.is-that-of-buf"):
        for size in SIZES:
            with block(mp, size=size) as made, attached(mp, made.name) as other:
                for one in (made, other):
                    length = one.buf.nbytes
                    assert one.size == length, f"size of a SharedMemory is {one.size}, and its buf has {length} bytes"
    with promise("shared_memory.size.ignored-when-attaching"), block(mp, size=5000) as made:
        made.buf[4999] = 7
        for size in (0, 1, 100_000):
            with attached(mp, made.name, size=size) as other:
                assert other.size == made.size, f"SharedMemory(name, size={size}).size is {other.size}, not {made.size}"
                came = other.buf[4999]
            assert came == 7, f"SharedMemory(name, size={size}).buf[4999] is {came}, promised is the 7 that is there"
    with promise("shared_memory.size.read-only"), block(mp) as made:
        before = made.size
        with raises(Exception, "assigning to size of a SharedMemory"):
            made.size = 128
        assert made.size == before, f"size is {made.size} after the attempt to set it, was {before}"


@verifies("shared_memory.buf.any-bytes-at-any-offset")
def test_any_bytes_at_any_offset_are_seen(mp):
    size = 5000
    with block(mp, size=size) as made, attached(mp, made.name) as other:

        @unshrunk
        @given(st.integers(0, size), st.binary(max_size=100) | st.integers(0, size).map(bytes), st.booleans())
        def is_seen(offset, content, backwards):
            writer, reader = (other, made) if backwards else (made, other)
            made.buf[:size] = other.buf[:size] = promised = bytearray(size)
            content = content[: size - offset]
            writer.buf[offset : offset + len(content)] = content
            promised[offset : offset + len(content)] = content
            found = bytes(reader.buf[:size])
            wrong = sum(byte != right for byte, right in zip(found, promised, strict=True)) if found != promised else 0
            assert not wrong, f"after buf[{offset}:{offset + len(content)}] = {content!r}, {wrong} bytes are wrong"

        is_seen()
