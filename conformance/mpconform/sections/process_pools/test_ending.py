"""The end of a pool: ``close``, ``terminate``, ``join``, the ``with`` statement, and garbage collection.

A worker holds a lifeline from its initializer on, so that its end is seen at once.
"""

from __future__ import annotations

import gc
import weakref
from contextlib import contextmanager

from mpconform.kit import Overdue, Task, each, promise, verifies
from mpconform.sections.process_pools.helpers import (
    SUBMITTING,
    Refused,
    arrived,
    return_when_open,
    returned,
    running,
    square,
    wait_and_note,
)


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
        for method in SUBMITTING:
            call = Task(submit, pool, method, [(1,), (2,)])
            try:
                call.wait()
            except Overdue:
                pass  # then it waits, which is no way to refuse
            assert call.error, (
                f"{method}() on a pool after close() {'raised nothing' if call.is_done() else 'waits'}, promised is"
                " that the pool takes no more tasks"
            )


@verifies("pool.close.completes-submitted-tasks", "pool.close.workers-exit")
def test_a_closed_pool_completes_its_tasks_and_then_its_workers_exit(mp, gate, lifelines, patience):
    with running(mp.Pool(2, lifelines.hold)) as pool:
        late = [pool.apply_async(return_when_open, (gate, "late")) for _ in range(2)]
        waiting = [pool.apply_async(square, (number,)) for number in range(20)]
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
            answers = [arrived(result, "apply_async() before close()") for result in [*late, *waiting]]
            assert answers == ["late", "late", *(number * number for number in range(20))], (
                f"22 calls that ran or were waiting when the pool was closed gave {answers!r}"
            )


@contextmanager
def terminating(pool):
    """Run the block while terminate() goes on in a thread; then wait for its return."""
    call = Task(pool.terminate)
    yield
    returned(call, "terminate()")  # not promised to return at once


@verifies("pool.terminate.stops-workers", "pool.terminate.abandons-running-task")
def test_terminate_ends_workers_that_are_idle_or_busy(mp, gate, latch, journal, lifelines, patience):
    with running(mp.Pool(2, lifelines.hold)) as pool:
        lifelines.wait(2)
        pool.apply_async(wait_and_note, (latch, gate, journal))
        latch.wait(1, "task that runs")
        with terminating(pool):
            with promise("pool.terminate.stops-workers"):
                call = "both workers, one of which is busy, end after terminate()"
                patience.until(lambda: len(lifelines.ended()) == 2, call)
            with promise("pool.terminate.abandons-running-task"):
                gate.open()
                patience.never(journal.read, "a task that was running at terminate() goes on")


@verifies("pool.terminate.abandons-waiting-tasks", "pool.join.returns-after-terminate")
def test_terminate_does_not_let_waiting_tasks_begin_and_join_returns_after_it(mp, gate, latch, journal, patience):
    with running(mp.Pool(1)) as pool:
        for _ in range(3):
            pool.apply_async(wait_and_note, (latch, gate, journal))
        latch.wait(1, "task that runs")
        with terminating(pool):
            pass
        with promise("pool.terminate.abandons-waiting-tasks"):
            gate.open()
            patience.never(lambda: latch.count() > 1, "a task that was waiting for the only worker begins")
        with promise("pool.join.returns-after-terminate"):
            returned(Task(pool.join), "join() after terminate() with a task that ran and two that waited")


@verifies("pool.join.waits-for-workers")
def test_join_returns_when_the_workers_have_exited(mp, gate, lifelines, patience):
    with running(mp.Pool(2, lifelines.hold)) as pool:
        lifelines.wait(2)
        pool.apply_async(return_when_open, (gate, "late"))
        pool.close()

        def join():
            pool.join()
            return len(lifelines.ended())

        call = Task(join)
        patience.never(call.is_done, "join() returns while a worker of the closed pool runs a task")
        gate.open()
        ended = returned(call, "join() of a closed pool whose tasks are complete")
    assert ended == 2, f"{ended} of 2 workers had ended when join() of the closed pool returned"


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


@verifies("pool.exit.calls-terminate")
@each("ending", ["its end", "an exception"])
def test_the_with_statement_terminates_the_pool(mp, gate, latch, journal, lifelines, patience, ending):
    def use_in_a_with_statement(pool):
        with pool:
            pool.apply_async(wait_and_note, (latch, gate, journal))
            latch.wait(1, "task that runs")
            if ending == "an exception":
                raise Refused("refused", "in a with statement")

    with running(mp.Pool(1, lifelines.hold)) as pool:
        lifelines.wait(1)
        call = Task(use_in_a_with_statement, pool)
        patience.until(lifelines.ended, f"a worker that runs a task ends when the with statement is left by {ending}")
        gate.open()
        patience.never(journal.read, "a task that was running at the end of a with statement goes on")
        call.wait("the end of the with statement comes to its end")  # not promised to return at once


def dropped(pool):
    """Let the only other reference to a pool go, and return a weak one."""
    return weakref.ref(pool.pop())


@verifies("pool.gc.calls-terminate")
def test_workers_end_when_the_pool_is_garbage_collected(mp, lifelines, patience):
    pool = [mp.Pool(1, lifelines.hold)]
    lifelines.wait(1)
    reference = dropped(pool)
    gc.collect()
    kept = reference()
    if kept is None:
        patience.until(lifelines.ended, "the worker of a pool ends when the pool object has been garbage collected")
    else:  # then nothing is promised
        with running(kept):
            pass


@verifies("pool.gc.unreferenced-pool")
def test_whether_an_unreferenced_pool_is_garbage_collected(mp, observe):
    pool = [mp.Pool(1)]
    reference = dropped(pool)
    gc.collect()
    kept = reference()
    if kept is None:
        observe("a pool that nothing refers to is garbage collected")
    else:
        observe("a pool that nothing refers to is kept alive")
        with running(kept):
            pass
