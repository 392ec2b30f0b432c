"""``close`` and ``join``: a pool that takes no more tasks, and whose workers exit when all are complete.

A worker holds a lifeline from its initializer on, so that its end is seen at once.
"""

from __future__ import annotations

from mpconform.kit import Task, promise, verifies
from mpconform.sections.process_pools.helpers import (
    SUBMITTING,
    arrived,
    note_process,
    process_of,
    return_when_open,
    returned,
    running,
    settled,
    square,
)
from mpconform.sections.process_pools.watching import stopped


def submit(pool, method, items):
    """Submit the square of each of the items, packed in a tuple, and return what the method returns."""
    if method.startswith("apply"):
        return getattr(pool, method)(square, items[0])
    if method.startswith("starmap"):
        return getattr(pool, method)(square, items)
    return getattr(pool, method)(square, [item for (item,) in items])


@verifies("pool.close.refuses-tasks")
def test_a_closed_pool_refuses_tasks(mp):
    with running(mp.Pool(1)) as pool:
        pool.close()
        calls = {method: Task(submit, pool, method, [(1,), (2,)]) for method in SUBMITTING}
        settled(list(calls.values()))
        for method, call in calls.items():
            assert call.error, (
                f"{method}() on a pool after close() {'raised nothing' if call.is_done() else 'waits'}, promised is"
                " that the pool takes no more tasks"
            )


@verifies("pool.close.completes-submitted-tasks", "pool.close.workers-exit")
def test_a_closed_pool_completes_its_tasks_and_then_its_workers_exit(mp, gate, lifelines, patience):
    with running(mp.Pool(2, lifelines.hold)) as pool:
        late = [pool.apply_async(return_when_open, (gate, "late")) for _ in range(2)]
        waiting = [pool.apply_async(square, (number,)) for number in range(20)]
        waiting += [pool.map_async(square, range(20), 3), pool.starmap_async(pow, [(2, 3)])]
        iterators = [pool.imap(square, range(20)), pool.imap_unordered(square, [3])]
        pool.close()
        with promise("pool.close.workers-exit"):
            lifelines.wait(2)
            call = "a worker of a closed pool, which has tasks for both of two workers, ends before it is done"
            patience.never(lifelines.ended, call)
            gate.open()
            patience.until(
                lambda: len(lifelines.ended()) == 2, "both workers of a closed pool end when all tasks are complete"
            )
        gate.open()
        with promise("pool.close.completes-submitted-tasks"):
            squares = [number * number for number in range(20)]
            answers = [arrived(result, "a call that was made before close()") for result in [*late, *waiting]]
            assert answers == ["late", "late", *squares, squares, [8]], (
                f"24 calls that ran or were waiting when the pool was closed gave {answers!r}"
            )
            answers = [
                returned(Task(list, iterator), "list() of an iterator of a closed pool") for iterator in iterators
            ]
            assert answers == [squares, [9]], f"imap() and imap_unordered() before close() gave {answers!r}"


@verifies("pool.close.spent-workers-are-replaced")
def test_a_closed_pool_replaces_workers_until_its_tasks_are_complete(mp, gate, lifelines):
    with running(mp.Pool(1, lifelines.hold, (), 1)) as pool:
        first = pool.apply_async(return_when_open, (gate, "late"))
        others = [pool.apply_async(process_of, (number,)) for number in range(3)]
        pool.close()
        gate.open()
        call = "a call before close() on a Pool(1, maxtasksperchild=1) with four"
        arrived(first, call)
        processes = {arrived(result, call) for result in others}
        assert len(processes) == 3, f"3 calls on a closed Pool(1, maxtasksperchild=1) ran in the processes {processes}"
        returned(Task(pool.join), "join() of a closed pool whose workers run one task each")
        assert lifelines.ended() == lifelines.seen(), (
            f"of the workers {lifelines.seen()} of a closed pool, {lifelines.ended()} had ended when join() returned"
        )


@verifies("pool.join.waits-for-workers", "pool.join.again")
def test_join_returns_when_the_workers_have_exited(mp, gate, journal, lifelines, patience):
    with running(mp.Pool(2, lifelines.hold)) as pool:
        workers = lifelines.wait(2)
        pool.apply_async(note_process, (journal, gate))
        [busy] = journal.wait(1, "task that runs")
        pool.close()

        def join():
            pool.join()
            return lifelines.ended()

        call = Task(join)
        with promise("pool.join.waits-for-workers"):
            patience.never(call.is_done, "join() returns while a worker of the closed pool runs a task")
            [idle] = [worker for worker in workers if worker != busy]
            with stopped(idle):
                gate.open()
                what = "join() returns when all tasks are complete, and before a worker that cannot exit has done so"
                patience.never(lambda: call.is_done() and len(lifelines.ended()) < 2, what)
            ended = returned(call, "join() of a closed pool whose tasks are complete")
            assert ended == workers, (
                f"of the workers {workers} of the closed pool, {ended} had ended when join() returned; promised are all"
            )
        gate.open()
        with promise("pool.join.again"):
            returned(call, "join() of a closed pool whose tasks are complete")
            with patience.at_once("a second join() of a pool whose workers have exited"):
                returned(Task(pool.join), "a second join()")


@verifies("pool.join.after-an-empty-map")
def test_join_returns_after_maps_of_nothing(mp):
    with running(mp.Pool(1)) as pool:
        results = [pool.map_async(square, []), pool.starmap_async(square, [])]
        iterators = [pool.imap(square, []), pool.imap_unordered(square, [])]
        pool.close()
        returned(Task(pool.join), "join() of a closed pool that was given maps of nothing only")
        answers = [arrived(result, "an asynchronous map of nothing") for result in results]
        answers += [returned(Task(list, iterator), "list() of an iterator over nothing") for iterator in iterators]
    assert answers == [[], [], [], []], f"four maps of nothing gave {answers!r}"


@verifies("pool.join.on-a-running-pool")
def test_what_join_does_on_a_pool_that_was_not_closed(mp, patience, observe):
    with running(mp.Pool(1)) as pool:
        call = Task(pool.join)
        try:
            patience.never(call.is_done, "join() is done")
        except AssertionError:
            answer = f"raises {type(call.error).__name__}" if call.error else "returns"
        else:
            answer = "blocks"
    observe(f"join() on a pool that was neither closed nor terminated {answer}")
