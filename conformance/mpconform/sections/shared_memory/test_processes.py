"""SharedMemory between processes: who sees what, and what is left when one of them ends."""

from __future__ import annotations

from mpconform.kit import verifies
from mpconform.sections.shared_ctypes_objects.helpers import child_that_answers
from mpconform.sections.shared_memory.helpers import (
    Lifeline,
    attach_and_close,
    attached,
    block,
    create_and_close,
    destroy,
    exists,
    new_name,
    run_child,
    swap_bytes,
)


@verifies("shared_memory.block.shared-with-another-process")
def test_a_child_attaches_by_name(mp):
    with block(mp) as made, child_that_answers(mp, swap_bytes) as ask:
        made.buf[:5] = b"there"
        came = ask(made.name, b"again")
        assert came == b"there", f"a child that attached by name reads {came!r}, its parent wrote b'there'"
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
    run_child(mp, create_and_close, Lifeline(scratch.path("lifeline")), name, b"hello")
    try:
        assert exists(mp, name), "a block that a child created and closed is gone after the child has ended"
        with attached(mp, name) as other:
            came = bytes(other.buf[:5])
        assert came == b"hello", f"a block that a child created holds {came!r} after it has ended, promised is b'hello'"
    finally:
        destroy(mp, name)


@verifies("shared_memory.close.in-a-child-leaves-the-block")
def test_a_block_is_there_after_a_child_has_attached_to_it_and_ended(mp, scratch):
    with block(mp) as made:
        run_child(mp, attach_and_close, Lifeline(scratch.path("lifeline")), made.name)
        there = exists(mp, made.name)
        assert there, "a block is gone after a child that attached to it has closed it and ended"


ATTACH = """
    os.dup2(os.open({lifeline!r}, os.O_WRONLY), 2)
    mp.shared_memory.SharedMemory({name!r}{options}).close()
"""


def attach_in_a_program(program, scratch, name, options=""):
    """Run a program that attaches to a block and closes it, to the end of all that it starts."""
    lifeline = Lifeline(scratch.path("lifeline"))
    outcome = program(ATTACH.format(lifeline=lifeline.path, name=name, options=options))
    lifeline.wait()
    assert outcome.status == 0, f"a program that attached to a block ended with status {outcome.status}"


@verifies("shared_memory.close.in-an-unrelated-program-leaves-the-block")
def test_a_block_is_there_after_a_program_has_attached_to_it_and_ended(mp, program, scratch):
    made = mp.shared_memory.SharedMemory(create=True, size=64)
    try:
        attach_in_a_program(program, scratch, made.name)
        there = exists(mp, made.name)
        assert there, "a block is gone after a program that attached to it has closed it and ended"
    finally:
        made.close()
        destroy(mp, made.name)


@verifies("shared_memory.track.false-leaves-what-was-attached")
def test_a_program_that_does_not_track_leaves_the_block(mp, program, scratch):
    made = mp.shared_memory.SharedMemory(create=True, size=64)
    try:
        attach_in_a_program(program, scratch, made.name, ", track=False")
        there = exists(mp, made.name)
        assert there, "a block is gone after a program that attached to it with track=False has ended"
    finally:
        made.close()
        destroy(mp, made.name)


@verifies("shared_memory.track.deletes-what-was-attached")
def test_a_program_that_tracks_deletes_the_block(mp, program, scratch, patience):
    made = mp.shared_memory.SharedMemory(create=True, size=64)
    try:
        attach_in_a_program(program, scratch, made.name, ", track=True")
        patience.until(lambda: not exists(mp, made.name), "a block goes when a program that tracks it has ended")
    finally:
        made.close()
        destroy(mp, made.name)


CREATE = """
    os.dup2(os.open({lifeline!r}, os.O_WRONLY), 2)
    mp.shared_memory.SharedMemory({tracked!r}, create=True, size=64)
    mp.shared_memory.SharedMemory({untracked!r}, create=True, size=64, track=False)
    os._exit(0)
"""


@verifies("shared_memory.track.cleans-up-after-a-program", "shared_memory.track.false-leaves-what-was-created")
def test_of_what_a_program_leaves_only_tracked_blocks_go(mp, program, scratch, patience):
    tracked, untracked = new_name(), new_name()
    lifeline = Lifeline(scratch.path("lifeline"))
    try:
        program(CREATE.format(lifeline=lifeline.path, tracked=tracked, untracked=untracked))
        lifeline.wait()
        patience.until(lambda: not exists(mp, tracked), "a block goes when the program that created it has ended")
        there = exists(mp, untracked)
        assert there, "a block created with track=False is gone after the program that created it has ended"
    finally:
        destroy(mp, tracked)
        destroy(mp, untracked)


@verifies("shared_memory.track.ignored-on-windows")
def test_a_block_goes_with_its_handles_on_windows(mp):
    for track in (True, False):
        made = mp.shared_memory.SharedMemory(create=True, size=64, track=track)
        made.close()
        gone = not exists(mp, made.name)
        assert gone, f"a block created with track={track} is there after all handles to it were closed"
