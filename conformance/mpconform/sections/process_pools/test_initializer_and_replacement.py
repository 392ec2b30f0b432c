"""``initializer``, ``initargs`` and ``maxtasksperchild``: how a worker process begins and ends."""

from __future__ import annotations

import os
from collections import Counter

from mpconform.kit import Task, each, verifies
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


@verifies("pool.initializer.called-once-in-each-worker")
def test_each_worker_calls_the_initializer_once(mp, scratch):
    begun, tasks, gate = scratch.journal(), scratch.journal(), scratch.gate()
    with running(mp.Pool(2, note_process, (begun,))) as pool:
        results = [pool.apply_async(note_process, (tasks, gate)) for _ in range(2)]
        workers = tasks.wait(2, "tasks at the same time on a Pool(2)")
        gate.open()
        for result in results:
            arrived(result, "apply_async() on a pool with an initializer")
    assert Counter(begun.read()) == Counter(workers), (
        f"the initializer was called in the processes {begun.read()}, the workers are {workers}; promised is once in"
        " each"
    )


@verifies("pool.initializer.precedes-tasks")
def test_a_worker_calls_the_initializer_before_its_first_task(mp):
    with running(mp.Pool(1, remember, ("a", ["b"]))) as pool:
        found = pool.apply(remembered)
    assert found == ("a", ["b"]), (
        f"the first task of Pool(1, initializer, ('a', ['b'])) found that the initializer was called with {found!r}"
    )


@verifies("pool.initializer.no-arguments-by-default")
def test_an_initializer_without_initargs_is_called_without_arguments(mp):
    with running(mp.Pool(1, initializer=remember)) as pool:
        found = pool.apply(remembered)
    assert found == (), f"Pool(1, initializer=f) called it with {found!r}, promised is without arguments"


@verifies("pool.initializer.none-calls-nothing")
def test_a_pool_without_an_initializer_ignores_initargs(mp):
    with running(mp.Pool(1, None, ("ignored",))) as pool:
        answer = returned(Task(pool.apply, square, (3,)), "apply(square, (3,)) on a Pool(1, None, ('ignored',))")
    assert answer == 9, f"square of 3 on a Pool(1, None, ('ignored',)): the result is {answer!r}"


def applied(pool, number, function, *args):
    """Return what a function returns that is applied so many times, one after another."""
    call = f"apply() of {number} functions, one after another, on a pool with maxtasksperchild"
    return returned(Task(lambda: [pool.apply(function, args) for _ in range(number)]), call)


@verifies("pool.initializer.called-in-replacements")
def test_a_worker_that_replaces_another_calls_the_initializer_too(mp):
    with running(mp.Pool(1, remember, ("a",), 1)) as pool:
        found = applied(pool, 2, process_and_remembered)
    assert len({process for process, _ in found}) == 2, f"2 tasks with maxtasksperchild=1 ran in {found!r}"
    assert [given for _, given in found] == [("a",)] * 2, (
        f"tasks in two workers, one after another, found that the initializer was called with {found!r}, promised is"
        " with ('a',) in each"
    )


@verifies("pool.maxtasksperchild.worker-is-replaced")
def test_fresh_workers_complete_what_spent_ones_may_not(mp):
    with running(mp.Pool(1, maxtasksperchild=1)) as pool:
        processes = set(applied(pool, 2, process_of, None))
    assert len(processes) == 2, f"2 tasks on a Pool(1, maxtasksperchild=1) both ran in the process {processes}"


@verifies("pool.maxtasksperchild.limits-tasks-of-a-worker")
def test_a_worker_runs_as_many_tasks_as_it_may_and_no_more(mp):
    with running(mp.Pool(1, maxtasksperchild=2)) as pool:
        processes = applied(pool, 4, process_of, None)
    assert runs(processes) == [2, 2], (
        f"4 tasks on a Pool(1, maxtasksperchild=2) ran in the processes {processes}, promised are 2 tasks for each"
    )


@verifies("pool.maxtasksperchild.spent-worker-exits")
def test_a_worker_exits_after_its_last_task(mp, lifelines, patience):
    with running(mp.Pool(1, lifelines.hold, (), 1)) as pool:
        pool.apply(os.getpid)
        lifelines.wait(1)
        patience.until(lifelines.ended, "a worker of a Pool(1, maxtasksperchild=1) ends after its task")


@verifies("pool.maxtasksperchild.none-keeps-workers")
@each("given", [(), (None,)])
def test_a_worker_runs_any_number_of_tasks_without_maxtasksperchild(mp, given):
    with running(mp.Pool(1, None, (), *given)) as pool:
        processes = {pool.apply(process_of, (number,)) for number in range(40)}
    assert len(processes) == 1, f"40 tasks on a Pool(1) without maxtasksperchild ran in {len(processes)} processes"
