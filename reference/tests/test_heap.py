"""The heap: blocks are zeroed, apart, shared, and used again only when nobody else can know them."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from mpreference import handover, heap, pickling
from mpreference.heap import LARGE, LINE, Block, allocate


def descriptors() -> int:
    """Return how many descriptors this process has."""
    return len(os.listdir("/proc/self/fd"))


def place(block: Block) -> tuple[bytes, int]:
    """Return what tells the place of a block."""
    return block._arena.identity, block._offset


def in_a_child(check: Callable[[], bool]) -> bool:
    """Return what ``check()`` returns in a forked child."""
    pid = os.fork()
    if pid == 0:
        status = 2
        try:
            status = 0 if check() else 1
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def sent_to_a_child(block: Block) -> Block:
    """Return a block as a child gets it that is not forked."""
    data, given = handover.pickle_for_child(lambda: block, "spawn")
    handover.receive([os.dup(descriptor) for descriptor in given])
    received: Block = pickling.loads(data)
    return received


def test_live_blocks_are_apart_zeroed_and_aligned() -> None:
    held: list[Block] = []
    for round_ in range(3):
        for size in (0, 1, LINE - 1, LINE, LINE + 1, 1000, LARGE - 1, LARGE, LARGE + 1):
            block = allocate(size)
            assert len(block.view) == size
            assert not any(block.view), f"a block of {size} bytes is not zeroed"
            assert block._offset % LINE == 0
            block.view[:] = bytes([len(held) + 1]) * size
            held.append(block)
        assert all(set(block.view) <= {number + 1} for number, block in enumerate(held)), f"overlap in round {round_}"
        del held[1::2]  # and what comes next takes their places
        for number, block in enumerate(held):
            block.view[:] = bytes([number + 1]) * len(block.view)


def test_a_place_that_nobody_else_knows_is_used_again() -> None:
    before = allocate(100)
    before.view[:] = b"x" * 100
    where = place(before)
    del before
    again = allocate(90)
    assert place(again) == where
    assert not any(again.view)


def test_a_place_that_a_forked_child_knows_is_not_used_again() -> None:
    reader, writer = os.pipe()
    blocks = [allocate(LINE)]
    blocks[0].view[:] = b"c" * LINE
    pid = os.fork()
    if pid == 0:
        os.close(writer)
        os.read(reader, 1)  # until the parent has dropped the block, and allocated
        os._exit(0 if bytes(blocks[0].view) == b"c" * LINE else 1)
    where = place(blocks.pop())
    others = [allocate(LINE) for _ in range(5)]
    for other in others:
        other.view[:] = b"p" * LINE
    os.close(writer)
    os.close(reader)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert where not in map(place, others)


def test_a_place_is_not_used_again_if_a_fork_begins_or_goes_on_meanwhile() -> None:
    block = allocate(LINE)
    heap._before_fork()
    during, late = allocate(LINE), allocate(LINE)
    taboo = {place(block), place(during), place(late)}
    del block, during
    heap._after_fork_in_parent()
    del late
    assert taboo.isdisjoint(place(allocate(LINE)) for _ in range(5))


def test_a_forked_child_allocates_elsewhere() -> None:
    mine = allocate(LINE)
    arena = place(mine)[0]
    assert in_a_child(lambda: place(allocate(LINE))[0] != arena)


def test_a_forked_child_shares_what_it_inherits() -> None:
    block = allocate(10)

    def write() -> bool:
        block.view[3] = 33
        return True

    in_a_child(write)
    assert block.view[3] == 33


@pytest.mark.parametrize("size", [LINE, LARGE])
def test_a_block_is_sent_with_the_start_of_a_child(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    block, other = allocate(size), allocate(size)
    before = descriptors()
    known = sent_to_a_child(block)
    assert descriptors() == before, "an arena that is known was mapped again, or its descriptor kept"
    known.view[0] = 5
    assert block.view[0] == 5
    monkeypatch.setattr(heap, "_arenas", {})  # as in a new process
    unknown = sent_to_a_child(block)
    assert unknown._arena is not block._arena
    unknown.view[0] = 6
    assert block.view[0] == 6
    assert not any(other.view)
    where = place(block)
    del block, known, unknown
    assert place(allocate(size)) != where, "what a child may know was used again"


def test_a_block_is_not_pickled_into_a_message() -> None:
    with pytest.raises(RuntimeError, match="inheritance"):
        pickling.dumps(allocate(8))


def test_a_large_block_goes_with_its_last_user() -> None:
    gc.collect()
    before = descriptors()
    block = allocate(LARGE)
    assert descriptors() > before
    view = block.view
    del block
    view[0] = 1  # it is still mapped
    del view
    assert descriptors() == before


def test_small_blocks_that_were_shared_go_with_their_arena() -> None:
    before = descriptors()
    for _ in range(4 * heap.ARENA // LARGE):
        blocks = [allocate(LARGE // 2) for _ in range(2)]
        in_a_child(lambda: True)
        del blocks
    assert descriptors() <= before + 4  # an arena in use has two descriptors, and there may be one that is used up


def test_without_memfd_nothing_has_a_name_either(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(heap, "MEMFD", False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    block = allocate(LARGE)
    assert not any(block.view)
    block.view[:] = b"x" * LARGE
    assert not any(tmp_path.iterdir())
    assert in_a_child(lambda: set(block.view) == {ord("x")})


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_threads_and_forks_and_finalizers_may_allocate_at_once() -> None:
    class Cycle:
        """Allocates when it is collected, in whichever thread and wherever that is."""

        def __init__(self) -> None:
            self.me = self

        def __del__(self) -> None:
            allocate(LINE).view[0] = 255

    failures = []

    def work(mark: int) -> None:
        held = []
        for number in range(300):
            Cycle()
            block = allocate(LINE)
            if any(block.view):
                failures.append(f"not zeroed: {block.view[:8].tolist()}")
            block.view[:] = bytes([mark]) * LINE
            held.append(block)
            if any(set(other.view) != {mark} for other in held[-5:]):
                failures.append("overlap")
            if number % 3 == 2:
                del held[-2]
            if number % 100 == 50 and not in_a_child(lambda: place(allocate(LINE)) != place(held[-1])):
                failures.append("a child allocated what its parent has")

    threads = [threading.Thread(target=work, args=(mark,)) for mark in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
