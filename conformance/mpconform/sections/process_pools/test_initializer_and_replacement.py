"""``initializer``, ``initargs`` and ``maxtasksperchild``: how a worker process begins and ends."""

from __future__ import annotations

import os
from collections import Counter

from mpconform.kit import Task, promise, verifies
from mpconform.sections.process_pools.helpers import (
    arrived,
    note_process,
    process_and_remembered,
    process_of,
    remember,
    remembered,
    returned,
    running,
    runs,
    square,
)


@verifies(
    "pool.initializer.precedes-tasks",
    "pool.initializer.no-arguments-by-default",
    "pool.initializer.none-calls-nothing",
    "pool.initializer.called-once-in-each-worker",
)
def test_a_worker_calls_the_initializer_once_before_its_first_task(mp, scratch):
    with promise("pool.initializer.precedes-tasks"):
        with running(mp.Pool(1, remember, ("a", ["b"]))) as pool:
            found = pool.apply(remembered)
        assert found == ("a", ["b"]), (
            f"the first task of Pool(1, initializer, ('a', ['b'])) found that the initializer was called with {found!r}"
        )
    with promise("pool.initializer.no-arguments-by-default"):
        with running(mp.Pool(1, initializer=remember)) as pool:
            found = pool.apply(remembered)
        assert found == (), f"Pool(1, initializer=f) called it with {found!r}, promised is without arguments"
    with promise("pool.initializer.none-calls-nothing"):
        call = "apply(square, (3,)) on a Pool(1, None, ('ignored',))"
        with running(mp.Pool(1, None, ("ignored",))) as pool:
            answer = returned(Task(pool.apply, square, (3,)), call)
        assert answer == 9, f"{call} returned {answer!r}, promised is 9"
    with promise("pool.initializer.called-once-in-each-worker"):
        begun, tasks, gate = scratch.journal(), scratch.journal(), scratch.gate()
        with running(mp.Pool(2, note_process, (begun,))) as pool:
            results = [pool.apply_async(note_process, (tasks, gate)) for _ in range(2)]
            workers = tasks.wait(2, "tasks at the same time on a Pool(2)")
            gate.open()
            for result in results:
                arrived(result, "apply_async() on a pool with an initializer")
        assert Counter(begun.read()) == Counter(workers), (
            f"the initializer was called in the processes {begun.read()}, the workers are {workers}; promised is once"
            " in each"
        )


def applied(pool, number, function, *args):
    """Return what a function returns that is applied so many times, one after another."""
    call = f"apply() of {number} functions, one after another, on a pool with maxtasksperchild"
    return returned(Task(lambda: [pool.apply(function, args) for _ in range(number)]), call)


@verifies("pool.maxtasksperchild.worker-is-replaced", "pool.initializer.called-in-replacements")
def test_fresh_workers_complete_what_spent_ones_may_not_and_call_the_initializer(mp):
    with running(mp.Pool(1, remember, ("a",), 1)) as pool:
        with promise("pool.maxtasksperchild.worker-is-replaced"):
            found = applied(pool, 2, process_and_remembered)
            processes = {process for process, _ in found}
            assert len(processes) == 2, f"2 tasks on a Pool(1, f, ('a',), 1) both ran in the process {processes}"
        with promise("pool.initializer.called-in-replacements"):
            found = applied(pool, 2, process_and_remembered)
            assert [given for _, given in found] == [("a",)] * 2, (
                f"tasks in two workers, one after another, found that the initializer was called with {found!r},"
                " promised is with ('a',) in each"
            )


@verifies("pool.maxtasksperchild.limits-tasks-of-a-worker", "pool.maxtasksperchild.none-keeps-workers")
def test_a_worker_runs_as_many_tasks_as_it_may_and_no_more(mp):
    with promise("pool.maxtasksperchild.limits-tasks-of-a-worker"):
        with running(mp.Pool(1, maxtasksperchild=2)) as pool:
            processes = applied(pool, 4, process_of, None)
        assert runs(processes) == [2, 2], (
            f"4 tasks on a Pool(1, maxtasksperchild=2) ran in the processes {processes}, promised are 2 tasks for each"
        )
    with promise("pool.maxtasksperchild.none-keeps-workers"):
        for given in (), (None,):
            with running(mp.Pool(1, None, (), *given)) as pool:
                processes = {pool.apply(process_of, (number,)) for number in range(40)}
            assert len(processes) == 1, (
                f"40 tasks on a Pool(1) without maxtasksperchild ran in {len(processes)} processes"
            )


@verifies("pool.maxtasksperchild.spent-worker-exits", "pool.maxtasksperchild.several-workers")
def test_a_worker_exits_after_its_last_task(mp, lifelines, patience):
    with running(mp.Pool(2, lifelines.hold, (), 1)) as pool:
        with promise("pool.maxtasksperchild.spent-worker-exits"):
            process = pool.apply(os.getpid)
            lifelines.wait(1)
            patience.until(
                lambda: lifelines.has_ended(process),
                "a worker of a Pool(2, f, (), maxtasksperchild=1) ends after its task",
            )
        with promise("pool.maxtasksperchild.several-workers"):
            results = [pool.apply_async(process_of, (number,)) for number in range(6)]
            processes = [arrived(result, "one of 6 calls on a Pool(2, maxtasksperchild=1)") for result in results]
            assert len(set(processes)) == 6, (
                f"6 calls at once on a Pool(2, maxtasksperchild=1) ran in the processes {processes}, promised is one"
                " for each"
            )
