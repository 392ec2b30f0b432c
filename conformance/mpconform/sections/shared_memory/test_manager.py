"""SharedMemoryManager: its process, and the blocks that it looks after."""

from __future__ import annotations

import os

from mpconform.kit import promise, raises, verifies
from mpconform.sections.shared_memory.helpers import (
    attached,
    attached_list,
    block,
    child_of_a_household,
    create_connected,
    destroy,
    exists,
    managed,
)


@verifies(
    "shared_memory_manager.class.is-a-base-manager",
    "shared_memory_manager.start.starts-a-new-process",
    "shared_memory_manager.shutdown.stops-the-process",
)
def test_start_starts_a_process_and_shutdown_stops_it(mp, lifelines):
    with promise("shared_memory_manager.class.is-a-base-manager"):
        kind, base = mp.managers.SharedMemoryManager, mp.managers.BaseManager
        assert issubclass(kind, base), f"{kind.__mro__} of SharedMemoryManager do not hold BaseManager"
    manager = managed(mp)
    manager.start(lifelines.hold)
    try:
        with promise("shared_memory_manager.start.starts-a-new-process"):
            server = lifelines.wait(1, "processes that called the initializer of a SharedMemoryManager")[0]
            assert server != os.getpid(), (
                "the server of a started SharedMemoryManager runs in the process that started it"
            )
    finally:
        manager.shutdown()
        ended = lifelines.ended()
    with promise("shared_memory_manager.shutdown.stops-the-process"):
        lifelines.wait(1, "processes that called the initializer of a SharedMemoryManager")
        assert ended == lifelines.seen(), "the process of a SharedMemoryManager is still there when shutdown() returns"


@verifies(
    "shared_memory_manager.sharedmemory.returns-a-block",
    "shared_memory_manager.shareablelist.returns-a-list",
    "shared_memory_manager.shutdown.unlinks-all-blocks",
    "shared_memory_manager.shutdown.leaves-other-blocks",
)
def test_a_manager_creates_blocks_and_lists_and_unlinks_them(mp, patience):
    manager = managed(mp)
    manager.start()
    names = []
    try:
        with promise("shared_memory_manager.sharedmemory.returns-a-block"):
            check_that_it_creates_blocks(mp, manager, names)
        with promise("shared_memory_manager.shareablelist.returns-a-list"):
            check_that_it_creates_lists(mp, manager, names)
        made = [manager.SharedMemory(size=128), manager.SharedMemory(64)]
        made += [manager.ShareableList(range(4)).shm, manager.ShareableList("alpha").shm]
        for one in made:
            one.close()
        names += [one.name for one in made]
        there = [name for name in names if exists(mp, name)]
        with block(mp) as other:
            manager.shutdown()
            with promise("shared_memory_manager.shutdown.unlinks-all-blocks"):
                assert there == names, f"of the blocks {names} of a manager only {there} are there before shutdown()"
                for name in names:
                    patience.until(lambda name=name: not exists(mp, name), "a block of a manager goes with shutdown()")
            with promise("shared_memory_manager.shutdown.leaves-other-blocks"):
                left = exists(mp, other.name)
                assert left, "a block that was not created through the manager is gone after shutdown()"
    finally:
        manager.shutdown()
        for name in names:
            destroy(mp, name)


def check_that_it_creates_blocks(mp, manager, names):
    """Add to ``names`` that of each block that is created."""
    made = manager.SharedMemory(size=128)
    assert isinstance(made, mp.shared_memory.SharedMemory), f"SharedMemory(size=128) of a manager is {made!r}"
    names.append(made.name)
    assert made.size >= 128, f"size of SharedMemory(size=128) of a manager is {made.size}"
    made.buf[127] = 7
    with attached(mp, made.name) as other:
        came = other.buf[127]
    assert came == 7, f"an object attached to a block of a manager reads {came} where 7 was written"
    made.close()


def check_that_it_creates_lists(mp, manager, names):
    """Add to ``names`` that of each block that is created."""
    for sequence in (range(4), "alpha", [1, None, b"x", 0.5]):
        values = manager.ShareableList(sequence)
        is_one = isinstance(values, mp.shared_memory.ShareableList)
        assert is_one, f"ShareableList({sequence!r}) of a manager is {values!r}"
        names.append(values.shm.name)
        with attached_list(mp, values.shm.name) as other:
            came = (list(values), list(other))
        promised = list(sequence)
        assert came == (promised, promised), f"ShareableList({sequence!r}) of a manager and attached to it: {came}"
        values.shm.close()


@verifies("shared_memory_manager.with.releases-all-blocks")
def test_the_end_of_a_with_block_releases_all_blocks(mp, patience):
    names = []

    def check_that_blocks_go(how):
        for name in names:
            patience.until(
                lambda name=name: not exists(mp, name), f"a block of a manager goes with the with block {how}"
            )

    def make_blocks(manager):
        for made in (manager.SharedMemory(64), manager.ShareableList(range(20)).shm):
            made.close()
            names.append(made.name)
        there = [name for name in names if exists(mp, name)]
        assert there == names[-2:], (
            f"of the blocks {names[-2:]} of a manager only {there} are there within the with block"
        )

    try:
        with managed(mp) as manager:
            make_blocks(manager)
        check_that_blocks_go("at its end")
        with raises(KeyError, "a with block on a SharedMemoryManager that raises KeyError"), managed(mp) as manager:
            make_blocks(manager)
            raise KeyError
        check_that_blocks_go("that raises")
    finally:
        for name in names:
            destroy(mp, name)


@verifies("shared_memory_manager.connect.from-another-process")
def test_a_child_that_connects_creates_blocks_that_outlive_it(mp, scratch, patience):
    manager = managed(mp, authkey=b"key")
    manager.start()
    names = []
    try:
        with child_of_a_household(mp, scratch, create_connected, manager.address) as (journal, household):
            names = [journal.wait(1, "child that creates a block through a manager")[0]]
            household.wait()
        with attached(mp, names[0]) as other:
            came = bytes(other.buf[:5])
        assert came == b"hello", f"a block that a child made through a manager holds {came!r}, the child wrote b'hello'"
        manager.shutdown()
        patience.until(
            lambda: not exists(mp, names[0]), "a block that a child made through a manager goes with shutdown()"
        )
    finally:
        manager.shutdown()
        for name in names:
            destroy(mp, name)


@verifies("shared_memory_manager.connect.serves-other-managers")
def test_a_connected_manager_creates_blocks_of_the_first(mp, patience):
    manager = managed(mp, authkey=b"key")
    manager.start()
    try:
        connected = mp.managers.SharedMemoryManager(manager.address, authkey=b"key")
        connected.connect()
        made = connected.SharedMemory(64)
        there = exists(mp, made.name)
        made.close()
        assert there, "a block created through a connected manager is not there"
    finally:
        manager.shutdown()
    try:
        patience.until(lambda: not exists(mp, made.name), "a block of a connected manager goes with the first manager")
    finally:
        destroy(mp, made.name)
