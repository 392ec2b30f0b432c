"""SharedMemory in one process: close and unlink."""

from __future__ import annotations

import os
from contextlib import suppress

from mpconform.kit import Overdue, promise, verifies
from mpconform.sections.shared_memory.helpers import attached, block, destroy, exists, new_name


def tried(function, *arguments):
    """Return what a call returns, or None if it raises."""
    try:
        return function(*arguments)
    except Exception:
        return None


@verifies(
    "shared_memory.close.ends-access",
    "shared_memory.close.leaves-other-objects",
    "shared_memory.close.leaves-the-block",
    "shared_memory.close.frees-descriptors",
)
def test_close(mp):
    with promise("shared_memory.close.ends-access"), block(mp) as made:
        made.buf[0] = 7
        other, reader = (mp.shared_memory.SharedMemory(made.name) for _ in range(2))
        try:
            for name, one in (("an attached object", other), ("the creator", made)):
                one.close()
                came = tried(lambda one=one: one.buf[0])
                assert came is None, (
                    f"buf[0] of {name} that was closed is {came!r}, promised is that close() ends access"
                )
                tried(lambda one=one: one.buf.__setitem__(0, 8))
                came = reader.buf[0]
                assert came == 7, f"buf[0] = 8 on {name} that was closed has changed the block to {came}"
        finally:
            reader.close()
    with promise("shared_memory.close.leaves-other-objects"), block(mp) as made:
        with attached(mp, made.name) as still:
            mp.shared_memory.SharedMemory(made.name).close()
            made.buf[:5] = b"hello"
            came = bytes(still.buf[:5])
            assert came == b"hello", f"after another object was closed, what was b'hello' is read as {came!r}"
        assert exists(mp, made.name), "there is no block any more after two of three objects for it were closed"
        with attached(mp, made.name) as other:
            came = bytes(other.buf[:5])
        assert came == b"hello", f"after other objects were closed, a new one reads {came!r} where b'hello' was written"
    with promise("shared_memory.close.leaves-the-block"):
        made = mp.shared_memory.SharedMemory(create=True, size=64)
        made.buf[:5] = b"hello"
        made.close()
        assert exists(mp, made.name), f"there is no block {made.name!r} any more after close()"
        with attached(mp, made.name) as other:
            came = bytes(other.buf[:5])
            other.unlink()
        assert came == b"hello", f"after close() the block holds {came!r}, promised is b'hello', which was written"
    with promise("shared_memory.close.frees-descriptors"):
        with block(mp):  # what is kept for good is there afterwards
            pass
        before = len(os.listdir("/dev/fd"))
        for _ in range(10):
            with block(mp) as made, attached(mp, made.name):
                pass
        more = len(os.listdir("/dev/fd")) - before
        assert more == 0, (
            f"{more} descriptors are left of 10 blocks that were created, attached to, closed and unlinked"
        )


@verifies(
    "shared_memory.unlink.destroys-the-block",
    "shared_memory.unlink.before-or-after-close",
    "shared_memory.unlink.frees-the-name",
)
def test_unlink(mp, patience):
    again = new_name()
    first, second, named = (mp.shared_memory.SharedMemory(name, create=True, size=64) for name in (None, None, again))
    named.buf[:5] = b"first"
    first.unlink()
    first.close()
    for one in (second, named):
        one.close()
        one.unlink()
    with suppress(Overdue):  # a block may go at once or later; all of them are awaited together
        patience.until(lambda: not any(exists(mp, one.name) for one in (first, second, named)), "blocks go")
    left = [one.name for one in (first, second, named) if exists(mp, one.name)]
    with promise("shared_memory.unlink.destroys-the-block"):
        assert second.name not in left, f"block {second.name!r}, closed and unlinked, is there after all patience"
    with promise("shared_memory.unlink.before-or-after-close"):
        assert first.name not in left, "a block is there after unlink(), then close(), and all patience"
        assert second.name not in left, "a block is there after close(), then unlink(), and all patience"
    with promise("shared_memory.unlink.frees-the-name"):
        assert again not in left, "a block with a name is there after close(), then unlink(), and all patience"
        try:
            with block(mp, name=again, size=9000) as made:
                assert made.size >= 9000, f"size of a new block of a used name is {made.size}, promised is 9000 or more"
                came = bytes(made.buf[:5])
                assert came != b"first", "a new block of a name that was used holds what the old one held"
        finally:
            destroy(mp, again)
