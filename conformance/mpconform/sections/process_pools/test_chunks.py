"""How ``map``, ``imap`` and ``imap_unordered`` chop an iterable: each chunk is a task of its own.

A worker that may run one task only is another process for each chunk.
"""

from __future__ import annotations

from mpconform.kit import Task, promise, verifies
from mpconform.sections.process_pools.helpers import process_of, returned, running, runs

ON = "on a Pool(1, maxtasksperchild=1)"


def chunks(pool, method, items, **chunksize):
    """Return the sizes of the chunks in which a method of the pool makes its calls."""
    call = f"{method}(f, {items}, **{chunksize}) {ON}"
    return runs(returned(Task(lambda: list(getattr(pool, method)(process_of, items, **chunksize))), call))


def check_size(pool, method):
    sizes = chunks(pool, method, range(8), chunksize=4)
    assert all(size <= 6 for size in sizes) and 1 < len(sizes) <= 4, (
        f"{method}(f, range(8), chunksize=4) {ON} ran chunks of the sizes {sizes}, promised is about 4"
    )


@verifies(
    "pool.map.chunks-are-separate-tasks",
    "pool.map.chunksize-sets-size",
    "pool.imap.chunksize-sets-size",
    "pool.imap.chunksize-defaults-to-one",
    "pool.imap_unordered.chunksize-sets-size",
)
def test_each_chunk_is_a_task_and_has_about_the_given_size(mp):
    with running(mp.Pool(1, maxtasksperchild=1)) as pool:
        with promise("pool.map.chunks-are-separate-tasks"):
            sizes = chunks(pool, "map", range(2), chunksize=1)
            assert len(sizes) > 1, (
                f"map(f, range(2), chunksize=1) {ON} ran in one process, promised is that the chunks are separate tasks"
            )
        with promise("pool.map.chunksize-sets-size"):
            check_size(pool, "map")
        with promise("pool.imap.chunksize-sets-size"):
            check_size(pool, "imap")
        with promise("pool.imap.chunksize-defaults-to-one"):
            sizes = chunks(pool, "imap", range(3))
            assert sizes == [1, 1, 1], (
                f"imap(f, range(3)) {ON} ran chunks of the sizes {sizes}, promised is a task for each item"
            )
        with promise("pool.imap_unordered.chunksize-sets-size"):
            check_size(pool, "imap_unordered")
