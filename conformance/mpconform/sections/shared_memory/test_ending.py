"""SharedMemory in one process: close and unlink."""

from __future__ import annotations

import os

from mpconform.kit import verifies
from mpconform.sections.shared_memory.helpers import attached, block, destroy, exists, new_name


@verifies("shared_memory.close.ends-access")
def test_a_closed_object_gives_no_access(mp):
    with block(mp) as made:
        other = mp.shared_memory.SharedMemory(made.name)
        other.close()
        try:
            came = other.buf[0]
        except Exception:
            came = None
        assert came is None, f"buf[0] of a closed SharedMemory is {came!r}, promised is that close() ends access"


@verifies("shared_memory.close.leaves-other-objects")
def test_close_leaves_other_objects_open(mp):
    with block(mp) as made:
        mp.shared_memory.SharedMemory(made.name).close()
        made.buf[:5] = b"hello"
        assert exists(mp, made.name), "there is no block any more after one of two objects for it was closed"
        with attached(mp, made.name) as other:
            came = bytes(other.buf[:5])
        assert came == b"hello", f"after another object was closed, what was b'hello' is read as {came!r}"


@verifies("shared_memory.close.leaves-the-block")
def test_close_does_not_destroy_the_block(mp):
    made = mp.shared_memory.SharedMemory(create=True, size=64)
    made.buf[:5] = b"hello"
    made.close()
    assert exists(mp, made.name), f"there is no block {made.name!r} any more after close()"
    with attached(mp, made.name) as other:
        came = bytes(other.buf[:5])
        other.unlink()
    assert came == b"hello", f"after close() the block holds {came!r}, promised is b'hello', which was written"


@verifies("shared_memory.close.frees-descriptors")
def test_closed_blocks_leave_no_descriptor(mp):
    with block(mp):  # what is kept for good is there afterwards
        pass
    before = len(os.listdir("/dev/fd"))
    for _ in range(10):
        with block(mp) as made, attached(mp, made.name):
            pass
    more = len(os.listdir("/dev/fd")) - before
    assert more == 0, f"{more} descriptors are left of 10 blocks that were created, attached to, closed and unlinked"


@verifies("shared_memory.unlink.destroys-the-block")
def test_a_block_goes_after_unlink(mp, patience):
    with block(mp) as made:
        pass
    patience.until(lambda: not exists(mp, made.name), f"block {made.name!r}, closed and unlinked, goes")


@verifies("shared_memory.unlink.before-or-after-close")
def test_unlink_and_close_in_either_order(mp, patience):
    first = mp.shared_memory.SharedMemory(create=True, size=64)
    first.unlink()
    first.close()
    patience.until(lambda: not exists(mp, first.name), "a block goes after unlink(), then close()")
    second = mp.shared_memory.SharedMemory(create=True, size=64)
    second.close()
    second.unlink()
    patience.until(lambda: not exists(mp, second.name), "a block goes after close(), then unlink()")


@verifies("shared_memory.unlink.frees-the-name")
def test_a_name_is_free_after_unlink(mp, patience):
    name = new_name()
    with block(mp, name=name) as made:
        made.buf[:5] = b"first"
    patience.until(lambda: not exists(mp, name), "a block that was closed and unlinked goes")
    try:
        with block(mp, name=name, size=9000) as again:
            assert again.size >= 9000, f"size of a new block of a name that was used is {again.size}, promised: >= 9000"
            came = bytes(again.buf[:5])
            assert came != b"first", "a new block of a name that was used holds what the old one held"
    finally:
        destroy(mp, name)
