"""How the mapping methods chop an iterable: each chunk is a task of its own.

A worker that may run one task only is another process for each chunk.
"""

from __future__ import annotations

from mpconform.kit import Task, promise, verifies
from mpconform.sections.process_pools.helpers import process_of, returned, running, runs

ON = "on a Pool(1, maxtasksperchild=1)"


def chunks(pool, method, items, **chunksize):
    """Return the sizes of the chunks in which a method of the pool makes its calls."""

    def processes():
        given = [(item,) for item in items] if method.startswith("starmap") else items
        made = getattr(pool, method)(process_of, given, **chunksize)
        return list(made.get() if method.endswith("async") else made)

    call = f"{method}(f, {items}, **{chunksize}) {ON}"
    found = returned(Task(processes), call)
    assert len(found) == len(items), f"{call} gave {len(found)} results, promised is one for each item"
    return runs(found)


def check_chunksize(pool, *methods):
    """Check the sizes of the chunks that these methods make, each in a block for its own requirement."""
    for method in methods:
        with promise(f"pool.{method}.chunksize-sets-size"):
            sizes = chunks(pool, method, range(8), chunksize=4)
            assert all(size <= 6 for size in sizes) and 1 < len(sizes) <= 4, (
                f"{method}(f, range(8), chunksize=4) {ON} ran chunks of the sizes {sizes}, promised is about 4"
            )


@verifies(
    "pool.map.chunks-are-separate-tasks",
    "pool.map.chunksize-sets-size",
    "pool.map_async.chunksize-sets-size",
    "pool.starmap.chunksize-sets-size",
    "pool.starmap_async.chunksize-sets-size",
)
def test_each_chunk_is_a_task_and_has_about_the_given_size(mp):
    with running(mp.Pool(1, maxtasksperchild=1)) as pool:
        with promise("pool.map.chunks-are-separate-tasks"):
            sizes = chunks(pool, "map", range(2), chunksize=1)
            assert len(sizes) > 1, (
                f"map(f, range(2), chunksize=1) {ON} ran in one process, promised is that the chunks are separate tasks"
            )
        check_chunksize(pool, "map", "map_async", "starmap", "starmap_async")


@verifies(
    "pool.imap.chunksize-sets-size",
    "pool.imap.chunksize-defaults-to-one",
    "pool.imap_unordered.chunksize-sets-size",
    "pool.imap_unordered.chunksize-defaults-to-one",
)
def test_each_chunk_of_an_iterator_is_a_task_and_has_about_the_given_size(mp):
    with running(mp.Pool(1, maxtasksperchild=1)) as pool:
        for method in "imap", "imap_unordered":
            check_chunksize(pool, method)
            with promise(f"pool.{method}.chunksize-defaults-to-one"):
                sizes = chunks(pool, method, range(2))
                assert sizes == [1, 1], (
                    f"{method}(f, range(2)) {ON} ran chunks of the sizes {sizes}, promised is a task for each item"
                )
