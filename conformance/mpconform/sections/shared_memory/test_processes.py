"""SharedMemory between processes: who sees what, and what is left when one of them ends."""

from __future__ import annotations

from mpconform.kit import promise, verifies
from mpconform.sections.shared_memory.helpers import (
    Household,
    attached,
    block,
    child_of_a_household,
    create_and_close,
    destroy,
    exists,
    new_name,
    swap_bytes,
    swap_bytes_of_an_argument,
)


@verifies("shared_memory.block.shared-with-another-process", "shared_memory.close.in-a-child-leaves-the-block")
def test_a_child_attaches_by_name_and_leaves_the_block(mp, scratch):
    with block(mp) as made:
        made.buf[:5] = b"there"
        with child_of_a_household(mp, scratch, swap_bytes, made.name, b"again") as (journal, household):
            with promise("shared_memory.block.shared-with-another-process"):
                came = journal.wait(1, "child that attaches to a block by its name")[0]
                assert came == b"there", f"a child that attached by name reads {came!r}, its parent wrote b'there'"
                came = bytes(made.buf[:5])
                assert came == b"again", f"the parent reads {came!r}, its child wrote b'again'"
            with promise("shared_memory.close.in-a-child-leaves-the-block"):
                journal.wait(1, "child that attaches to a block and closes it")
                household.wait()
                there = exists(mp, made.name)
                assert there, "a block is gone after a child that attached to it has closed it and ended"


@verifies("shared_memory.pickle.passed-as-an-argument")
def test_a_child_uses_a_block_that_is_its_argument(mp, scratch):
    with block(mp) as made:
        made.buf[:5] = b"there"
        with child_of_a_household(mp, scratch, swap_bytes_of_an_argument, made, b"again") as (journal, household):
            came = journal.wait(1, "child that uses a block that it was given")[0]
            household.wait()
            assert came == b"there", f"a child that was given a SharedMemory reads {came!r}, its parent wrote b'there'"
            came = bytes(made.buf[:5])
            assert came == b"again", f"the parent reads {came!r}, its child wrote b'again'"


@verifies("shared_memory.block.shared-with-an-unrelated-program")
def test_a_program_attaches_by_name(mp, program):
    with block(mp) as made:
        made.buf[:5] = b"there"
        outcome = program(f"""
            other = mp.shared_memory.SharedMemory({made.name!r})
            print(bytes(other.buf[:5]).decode())
            other.buf[:5] = b"again"
            other.close()
        """)
        assert outcome.output == "there\n", f"a program reads {outcome.output!r} from the block ({outcome.errors})"
        came = bytes(made.buf[:5])
        assert came == b"again", f"the block holds {came!r}, a program wrote b'again'"
        # Whether the block is there after the program has ended is another promise's business.
        if not exists(mp, made.name):
            mp.shared_memory.SharedMemory(made.name, create=True, size=64).close()


@verifies("shared_memory.block.outlives-its-creator")
def test_a_block_is_there_after_its_creator_has_ended(mp, scratch):
    name = new_name()
    with child_of_a_household(mp, scratch, create_and_close, name, b"hello") as (journal, household):
        journal.wait(1, "child that creates a block and closes it")
        household.wait()
    try:
        assert exists(mp, name), "a block that a child created and closed is gone after the child has ended"
        with attached(mp, name) as other:
            came = bytes(other.buf[:5])
        assert came == b"hello", f"a block that a child created holds {came!r} after it has ended, promised is b'hello'"
    finally:
        destroy(mp, name)


def run_to_the_end_of_all(program, scratch, source):
    """Run a program to the end of all that it starts; it must end well."""
    household = Household(scratch.path("household"))
    outcome = program(f"os.dup2(os.open({household.path!r}, os.O_WRONLY), 2)\n{source}")
    household.wait()
    assert outcome.status == 0, f"a program that uses blocks ended with status {outcome.status}: {outcome.output!r}"


@verifies("shared_memory.close.in-an-unrelated-program-leaves-the-block")
def test_a_block_is_there_after_a_program_has_attached_to_it_and_ended(mp, program, scratch):
    with block(mp) as made:
        run_to_the_end_of_all(program, scratch, f"mp.shared_memory.SharedMemory({made.name!r}).close()")
        there = exists(mp, made.name)
        assert there, "a block is gone after a program that attached to it has closed it and ended"


TRACKING = """\
attached, untracked, created, left = {names}
mp.shared_memory.SharedMemory(attached, track=True).close()
mp.shared_memory.SharedMemory(untracked, track=False).close()
mp.shared_memory.SharedMemory(created, create=True, size=64).close()
mp.shared_memory.SharedMemory(left, create=True, size=64, track=False).close()
mp.shared_memory.SharedMemory(created, track=False).close()
"""
"""Attaches to blocks and creates others, which are there while it runs."""


@verifies(
    "shared_memory.track.deletes-what-was-attached",
    "shared_memory.track.false-leaves-what-was-attached",
    "shared_memory.track.cleans-up-after-a-program",
    "shared_memory.track.false-leaves-what-was-created",
)
def test_of_what_a_program_uses_only_tracked_blocks_go(mp, program, scratch, patience):
    names = [new_name() for _ in range(4)]
    attached_to, untracked, created, left = names
    try:
        for name in attached_to, untracked:
            mp.shared_memory.SharedMemory(name, create=True, size=64).close()
        run_to_the_end_of_all(program, scratch, TRACKING.format(names=names))
        with promise("shared_memory.track.deletes-what-was-attached"):
            patience.until(lambda: not exists(mp, attached_to), "a block goes when a program that tracks it has ended")
        with promise("shared_memory.track.false-leaves-what-was-attached"):
            there = exists(mp, untracked)
            assert there, "a block is gone after a program that attached to it with track=False has ended"
        with promise("shared_memory.track.cleans-up-after-a-program"):
            patience.until(lambda: not exists(mp, created), "a block goes when the program that created it has ended")
        with promise("shared_memory.track.false-leaves-what-was-created"):
            there = exists(mp, left)
            assert there, "a block created with track=False is gone after the program that created it has ended"
    finally:
        for name in names:
            destroy(mp, name)


@verifies("shared_memory.track.ignored-on-windows")
def test_a_block_goes_with_its_handles_on_windows(mp):
    for track in (True, False):
        made = mp.shared_memory.SharedMemory(create=True, size=64, track=track)
        made.close()
        gone = not exists(mp, made.name)
        assert gone, f"a block created with track={track} is there after all handles to it were closed"
