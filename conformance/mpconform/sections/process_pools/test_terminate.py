"""What ends a pool without waiting for its tasks: ``terminate``, the ``with`` statement, and garbage collection.

A worker holds a lifeline from its initializer on, so that its end is seen at once.
"""

from __future__ import annotations

import gc
import signal
import sys
import weakref
from contextlib import ExitStack, contextmanager

from mpconform.kit import Task, did_not_arise, promise, verifies
from mpconform.sections.process_pools.helpers import (
    Refused,
    returned,
    running,
    square,
    wait_and_note,
)
from mpconform.sections.process_pools.watching import stopped


@contextmanager
def terminating(pool):
    """Run the block while terminate() goes on in a thread; then wait for its return."""
    call = Task(pool.terminate)
    yield
    returned(call, "terminate()")  # not promised to return at once


def all_ended(lifelines, number):
    """Return a condition: so many workers, which have held on to lifelines, have all ended."""
    return lambda: len(lifelines.ended()) == number


@verifies(
    "pool.terminate.stops-workers-immediately", "pool.terminate.stops-workers", "pool.terminate.abandons-running-task"
)
def test_terminate_ends_workers_that_are_idle_or_busy(mp, gate, latch, journal, lifelines, patience):
    with running(mp.Pool(2, lifelines.hold)) as pool:
        lifelines.wait(2)
        pool.apply_async(wait_and_note, (latch, gate, journal))
        latch.wait(1, "task that runs")
        call = "both workers, one of which is busy, end after terminate()"
        with promise("pool.terminate.stops-workers-immediately"), patience.no_later(patience.watching, call):
            terminate = Task(pool.terminate)
            patience.until(all_ended(lifelines, 2), call)
        with promise("pool.terminate.stops-workers"):  # there was time
            ended = lifelines.ended()
            assert len(ended) == 2, f"of two workers, one of which was busy, {len(ended)} ended after terminate()"
        with promise("pool.terminate.abandons-running-task"):
            gate.open()
            patience.never(journal.read, "a task that was running at terminate() goes on")
        returned(terminate, "terminate()")


@verifies("pool.terminate.abandons-waiting-tasks", "pool.join.returns-after-terminate", "pool.terminate.again")
def test_terminate_does_not_let_waiting_tasks_begin_and_join_returns_after_it(mp, gate, latch, journal, patience):
    with running(mp.Pool(1)) as pool:
        for _ in range(3):
            pool.apply_async(wait_and_note, (latch, gate, journal))
        pool.map_async(journal.write, range(9), 1)
        latch.wait(1, "task that runs")
        with terminating(pool):
            pass
        with promise("pool.terminate.abandons-waiting-tasks"):
            gate.open()
            patience.never(
                lambda: latch.count() > 1 or journal.read(), "a task that was waiting for the only worker begins"
            )
        with promise("pool.terminate.again"):
            returned(Task(pool.terminate), "a second terminate()")
        with promise("pool.join.returns-after-terminate"):
            returned(Task(pool.join), "join() after terminate() with a task that ran and others that waited")


@verifies("pool.join.waits-after-terminate")
def test_join_after_terminate_returns_when_the_workers_have_exited(mp, lifelines, patience):
    def terminate_and_join():
        pool.terminate()
        pool.join()
        return lifelines.ended()

    with running(mp.Pool(2, lifelines.hold)) as pool:
        workers = lifelines.wait(2)
        with stopped(workers[0]):
            call = Task(terminate_and_join)
            what = "join() after terminate() returns before a worker that cannot exit has done so"
            patience.never(lambda: call.is_done() and len(lifelines.ended()) < 2, what)
        ended = returned(call, "join() after terminate()")
    assert ended == workers, (
        f"of the workers {workers}, {ended} had ended when join() after terminate() returned, promised is that all have"
    )


@verifies("pool.terminate.a-closed-pool")
def test_terminate_ends_the_workers_of_a_closed_pool(mp, gate, latch, journal, lifelines, patience):
    with running(mp.Pool(1, lifelines.hold, (), 1)) as pool:
        for _ in range(2):
            pool.apply_async(wait_and_note, (latch, gate, journal))
        latch.wait(1, "task that runs")
        pool.close()
        with terminating(pool):
            what = "the worker of a closed Pool(1, maxtasksperchild=1), which is busy, ends after terminate()"
            patience.until(lifelines.ended, what)
            gate.open()
            patience.never(
                lambda: journal.read() or latch.count() > 1,
                "a task that ran or waited at terminate() of a closed pool goes on or begins",
            )
        assert lifelines.ended() == lifelines.seen(), "a worker of a closed pool was started at terminate(), and lives"


def take_no_notice(number, frame):
    pass


def leave(number, frame):
    sys.exit(0)


def hold_and_handle(lifelines, handler):
    """Be a worker that has a handler for the signal to terminate, as one that was forked may inherit."""
    signal.signal(signal.SIGTERM, handler)
    lifelines.hold()


@verifies("pool.terminate.in-spite-of-a-signal-handler")
def test_terminate_ends_workers_that_handle_the_signal(mp, scratch, gate, latch, journal, patience):
    handlers = {"does nothing": take_no_notice, "calls sys.exit()": leave}
    with ExitStack() as pools:
        lives, calls = {}, []
        for what, handler in handlers.items():
            lives[what] = scratch.lifelines()
            pool = pools.enter_context(running(mp.Pool(1, hold_and_handle, (lives[what], handler))))
            pool.apply_async(wait_and_note, (latch, gate, journal))
            calls.append(pool)
        latch.wait(2, "tasks that run")
        calls = [Task(pool.terminate) for pool in calls]
        for what, lifelines in lives.items():
            patience.until(lifelines.ended, f"a busy worker whose handler for SIGTERM {what} ends after terminate()")
        gate.open()
        patience.never(journal.read, "a task that was running at terminate() goes on")
        for call in calls:
            returned(call, "terminate() of a pool whose workers handle SIGTERM")


def fail_to_begin(lifelines):
    lifelines.hold()
    raise Refused("refused", "to begin")


@verifies("pool.terminate.after-a-failing-initializer")
def test_a_pool_whose_initializer_raises_can_be_ended(mp, lifelines, patience):
    with running(mp.Pool(1, fail_to_begin, (lifelines,))) as pool:
        pool.apply_async(square, (3,))
        lifelines.wait(1)
        returned(Task(pool.terminate), "terminate() of a pool whose initializer raises")
        returned(Task(pool.join), "join() of a pool whose initializer raises, after terminate()")
        ended = lifelines.ended()
        assert ended == lifelines.seen(), "a worker of a pool whose initializer raises lives on after join()"
        patience.never(lambda: lifelines.seen() != ended, "a worker is started after terminate() and join()")


@verifies("pool.initializer.that-raises")
def test_what_becomes_of_a_task_when_the_initializer_raises(mp, lifelines, patience, observe):
    with running(mp.Pool(1, fail_to_begin, (lifelines,))) as pool:
        call = Task(lambda: pool.apply_async(square, (3,)).get())
        lifelines.wait(1)
        try:
            patience.never(call.is_done, "the call is complete")
        except AssertionError:
            observe(f"a call {call.outcome().split('(')[0]}")
        else:
            observe(
                f"a call waits, while {'more workers are' if len(lifelines.seen()) > 1 else 'no worker is'} started"
            )


ENDINGS = ("its end", "an exception")


@verifies("pool.exit.calls-terminate")
def test_the_with_statement_terminates_the_pool(mp, scratch, gate, latch, journal, patience):
    def use_in_a_with_statement(pool, ending):
        with pool:
            pool.apply_async(wait_and_note, (latch, gate, journal))
            latch.wait(len(ENDINGS), "tasks that run")
            if ending == "an exception":
                raise Refused("refused", "in a with statement")

    with ExitStack() as pools:
        lives = {ending: scratch.lifelines() for ending in ENDINGS}
        calls = {}
        for ending, lifelines in lives.items():
            pool = pools.enter_context(running(mp.Pool(1, lifelines.hold)))
            lifelines.wait(1)
            calls[ending] = Task(use_in_a_with_statement, pool, ending)
        for ending, lifelines in lives.items():
            patience.until(lifelines.ended, f"a busy worker ends when the with statement is left by {ending}")
        gate.open()
        patience.never(journal.read, "a task that was running at the end of a with statement goes on")
        for call in calls.values():
            call.wait("the end of the with statement comes to its end")  # not promised to return at once
        error = calls["an exception"].error
        assert isinstance(error, Refused), f"the with statement was left by Refused, and {error!r} came out of it"


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
    if kept is not None:
        with running(kept):
            did_not_arise("a pool that nothing refers to is garbage collected")
    patience.until(lifelines.ended, "the worker of a pool ends when the pool object has been garbage collected")


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
