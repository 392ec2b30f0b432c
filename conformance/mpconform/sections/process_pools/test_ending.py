"""The end of a pool: ``close``, ``terminate``, ``join``, the ``with`` statement, and garbage collection."""

from __future__ import annotations

import gc
import weakref
from contextlib import contextmanager

from mpconform.kit import each, verifies
from mpconform.sections.process_pools.helpers import (
    SUBMITTING,
    InThread,
    Lifelines,
    Refused,
    arrived,
    hold_lifeline,
    return_when_open,
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
def test_a_closed_pool_refuses_tasks(mp, patience):
    with running(mp.Pool(1)) as pool:
        pool.close()
        for method in SUBMITTING:
            call = InThread(submit, pool, method, [(1,), (2,)])
            call.join(patience.awaiting)
            assert call.error, (
                f"{method}() on a pool after close() {'raised nothing' if call.is_done() else 'waits'}, promised is"
                " that the pool takes no more tasks"
            )


@verifies("pool.close.completes-submitted-tasks")
def test_tasks_that_were_submitted_before_close_are_completed(mp, gate):
    with running(mp.Pool(1)) as pool:
        late = pool.apply_async(return_when_open, (gate, "late"))
        results = [pool.apply_async(square, (number,)) for number in range(20)]
        pool.close()
        gate.open()
        answers = [arrived(mp, result, "apply_async() before close()") for result in [late, *results]]
        pool.join()
    assert answers == ["late", *(number * number for number in range(20))], (
        f"21 calls that were waiting when the pool was closed gave {answers!r}"
    )


@verifies("pool.close.workers-exit")
def test_the_workers_of_a_closed_pool_exit_when_all_tasks_are_complete(mp, gate, patience):
    with Lifelines() as lifelines, running(mp.Pool(2, hold_lifeline, (lifelines.address,))) as pool:
        lifelines.wait(2)
        results = [pool.apply_async(return_when_open, (gate, "late")) for _ in range(2)]
        pool.close()
        patience.never(lifelines.ended, "a worker of a closed pool with two tasks for two workers ends before its task")
        gate.open()
        for result in results:
            arrived(mp, result, "apply_async() before close()")
        patience.until(lambda: lifelines.ended() == 2, "both workers of a closed pool end when all tasks are complete")


@contextmanager
def terminating(pool):
    """Run the block while terminate() goes on in a thread; then wait for its return."""
    call = InThread(pool.terminate)
    yield
    call.join()  # not promised to return at once
    assert call.error is None, f"terminate() raised {call.error!r}"


@verifies("pool.terminate.stops-workers")
def test_terminate_ends_workers_that_are_idle_or_busy(mp, gate, latch, journal, patience):
    with Lifelines() as lifelines, running(mp.Pool(2, hold_lifeline, (lifelines.address,))) as pool:
        lifelines.wait(2)
        pool.apply_async(wait_and_note, (latch, gate, journal))
        latch.wait(1, "task that runs")
        with terminating(pool):
            patience.until(lambda: lifelines.ended() == 2, "both workers, one of which is busy, end after terminate()")


@verifies("pool.terminate.abandons-running-task")
def test_terminate_does_not_let_a_running_task_complete(mp, gate, latch, journal, patience):
    with Lifelines() as lifelines, running(mp.Pool(1, hold_lifeline, (lifelines.address,))) as pool:
        lifelines.wait(1)
        pool.apply_async(wait_and_note, (latch, gate, journal))
        latch.wait(1, "task that runs")
        with terminating(pool):
            patience.until(lifelines.ended, "the worker, which runs a task, ends after terminate()")
            gate.open()
            patience.never(journal.read, "a task that was running at terminate() goes on")


@verifies("pool.terminate.abandons-waiting-tasks")
def test_terminate_does_not_let_waiting_tasks_begin(mp, gate, latch, journal, patience):
    with Lifelines() as lifelines, running(mp.Pool(1, hold_lifeline, (lifelines.address,))) as pool:
        lifelines.wait(1)
        for _ in range(3):
            pool.apply_async(wait_and_note, (latch, gate, journal))
        latch.wait(1, "task that runs")
        with terminating(pool):
            patience.until(lifelines.ended, "the worker, which runs a task, ends after terminate()")
            gate.open()
            patience.never(lambda: latch.count() > 1, "a task that was waiting for the only worker begins")
    assert latch.count() == 1, f"{latch.count()} of three tasks had begun on a Pool(1) when terminate() had returned"


@verifies("pool.join.waits-for-workers")
def test_join_returns_when_the_workers_have_exited(mp, gate, patience):
    with Lifelines() as lifelines, running(mp.Pool(2, hold_lifeline, (lifelines.address,))) as pool:
        lifelines.wait(2)
        pool.apply_async(return_when_open, (gate, "late"))
        pool.close()
        call = InThread(pool.join)
        patience.never(call.is_done, "join() returns while a worker of the closed pool runs a task")
        gate.open()
        call.outcome("join() of a closed pool whose tasks are complete")
        patience.until(lambda: lifelines.ended() == 2, "both workers have ended when join() returns")


@verifies("pool.join.returns-after-terminate")
def test_join_returns_after_terminate_although_tasks_are_not_complete(mp, gate, latch, journal):
    with running(mp.Pool(1)) as pool:
        for _ in range(2):
            pool.apply_async(wait_and_note, (latch, gate, journal))
        latch.wait(1, "task that runs")
        with terminating(pool):
            pass
        InThread(pool.join).outcome("join() after terminate() with a task that ran and one that waited")


@verifies("pool.join.on-a-running-pool")
def test_what_join_does_on_a_pool_that_was_not_closed(mp, patience, observe):
    with running(mp.Pool(1)) as pool:
        call = InThread(pool.join)
        try:
            patience.never(call.is_done, "join() is done")
        except AssertionError:
            answer = f"raises {type(call.error).__name__}" if call.error else "returns"
        else:
            answer = "blocks"
    observe(f"join() on a pool that was neither closed nor terminated {answer}")


@verifies("pool.enter.returns-the-pool")
def test_the_with_statement_gives_the_pool(mp):
    pool = mp.Pool(1)
    with running(pool), pool as given:
        assert given is pool, f"with Pool(1) as p: p is {given!r}, promised is the pool"


@verifies("pool.exit.calls-terminate")
@each("ending", ["its end", "an exception"])
def test_the_with_statement_terminates_the_pool(mp, gate, latch, journal, patience, ending):
    def use_in_a_with_statement(pool):
        with pool:
            pool.apply_async(wait_and_note, (latch, gate, journal))
            latch.wait(1, "task that runs")
            if ending == "an exception":
                raise Refused("refused", "in a with statement")

    with Lifelines() as lifelines, running(mp.Pool(1, hold_lifeline, (lifelines.address,))) as pool:
        lifelines.wait(1)
        call = InThread(use_in_a_with_statement, pool)
        patience.until(lifelines.ended, f"a worker that runs a task ends when the with statement is left by {ending}")
        gate.open()
        patience.never(journal.read, "a task that was running at the end of a with statement goes on")
        call.join()  # not promised to return at once


def dropped(pool):
    """Let the only other reference to a pool go, and return a weak one."""
    return weakref.ref(pool.pop())


@verifies("pool.gc.calls-terminate")
def test_workers_end_when_the_pool_is_garbage_collected(mp, patience):
    with Lifelines() as lifelines:
        pool = [mp.Pool(1, hold_lifeline, (lifelines.address,))]
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
