"""The worker processes of a pool: that they exist, how many there are, and how they are started."""

from __future__ import annotations

import os
import pickle

from mpconform.kit import promise, verifies
from mpconform.sections.process_pools.helpers import (
    arrive_and_return_when_open,
    arrived,
    note_process,
    remember,
    remembered,
    running,
)


def check_number_of_workers(pool, number, call, gate, latch, patience):
    """Check that exactly so many tasks run at the same time, with one task more than that."""
    with running(pool):
        tasks = [pool.apply_async(arrive_and_return_when_open, (latch, gate, "done")) for _ in range(number + 1)]
        latch.wait(number, f"of {number + 1} tasks at the same time on {call}, which has {number} workers")
        patience.never(
            lambda: latch.count() > number,
            f"{call}, promised to have {number} workers, runs {number + 1} tasks at the same time",
        )
        gate.open()
        for task in tasks:
            arrived(task, f"apply_async() on {call}")


def global_in_a_worker(pool):
    """Return what a worker finds in a variable that this process has set: a forked one inherits it."""
    remember("set by the parent process")
    with running(pool()) as workers:
        return workers.apply(remembered)


@verifies("pool.workers.run-tasks")
def test_a_pool_runs_a_task(mp, latch):
    with running(mp.Pool(1)) as pool:
        pool.apply_async(latch.arrive)
        latch.wait(1, "task that was submitted to a Pool(1) runs")


@verifies("pool.workers.run-tasks-in-other-processes")
def test_a_task_runs_in_another_process(mp, journal):
    with running(mp.Pool(1)) as pool:
        pool.apply_async(note_process, (journal,))
        [process] = journal.wait(1, "task that was submitted to a Pool(1) runs")
    assert process != os.getpid(), "a task on a Pool(1) ran in the process that created the pool"


@verifies("pool.call.returns-a-pool", "pool.enter.returns-the-pool")
def test_the_function_pool_returns_a_pool_and_the_with_statement_gives_it(mp):
    pool = mp.Pool(1)
    with running(pool):
        with promise("pool.call.returns-a-pool"):
            assert isinstance(pool, mp.pool.Pool), f"Pool(1) returned {pool!r}, which is no instance of pool.Pool"
        with promise("pool.enter.returns-the-pool"), pool as given:
            assert given is pool, f"with Pool(1) as p: p is {given!r}, promised is the pool"


@verifies("pool.call.uses-its-own-context")
def test_the_method_pool_of_a_context_starts_workers_with_its_start_method(mp, start_method):
    found = global_in_a_worker(lambda: mp.Pool(1))
    assert (found == ("set by the parent process",)) == (start_method == "fork"), (
        f"a worker of get_context({start_method!r}).Pool(1) found the global variable {found!r}; only a forked process"
        " inherits what the parent process has set"
    )


@verifies("pool.call.package-function-uses-the-default-context")
def test_the_function_pool_of_the_package_starts_workers_with_the_method_that_was_set(program, start_method):
    outcome = program(
        f"""
        found = "as in a fresh process"

        def look(item):
            return found

        if __name__ == "__main__":
            found = "inherited"
            package.set_start_method({start_method!r})
            pool = package.Pool(1)
            print(pool.apply(look, (None,)))
            pool.terminate()
            pool.join()
        """
    )
    promised = "inherited" if start_method == "fork" else "as in a fresh process"
    assert outcome.output.strip() == promised, (
        f"set_start_method({start_method!r}) and Pool(1): a worker printed a global variable as {outcome.output!r},"
        f" {outcome.errors!r}, promised is {promised!r}"
    )


@verifies("pool.context.starts-the-workers")
def test_a_pool_starts_its_workers_with_the_given_context(mp, package, start_method):
    others = [name for name in package.get_all_start_methods() if (name == "fork") != (start_method == "fork")]
    method = others[0] if others else start_method
    context = mp.get_context(method)
    found = global_in_a_worker(lambda: mp.pool.Pool(1, context=context))
    assert (found == ("set by the parent process",)) == (method == "fork"), (
        f"a worker of Pool(1, context=get_context({method!r})) found the global variable {found!r}; only a forked"
        " process inherits what the parent process has set"
    )


@verifies("pool.processes.number-of-workers")
def test_a_pool_runs_as_many_tasks_at_once_as_it_has_workers(mp, gate, latch, patience):
    check_number_of_workers(mp.Pool(3), 3, "Pool(3)", gate, latch, patience)


@verifies("pool.processes.defaults-to-cpu-count")
def test_a_pool_has_a_worker_for_each_processor(mp, gate, latch, patience):
    check_number_of_workers(mp.Pool(), os.cpu_count() or 1, "Pool()", gate, latch, patience)


@verifies("pool.processes.defaults-to-process-cpu-count")
def test_a_pool_has_a_worker_for_each_processor_that_this_process_may_use(mp, gate, latch, patience):
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])  # so that it differs from os.cpu_count()
    number = getattr(os, "process_cpu_count", os.cpu_count)() or 1
    check_number_of_workers(mp.Pool(None), number, "Pool(None)", gate, latch, patience)


@verifies("pool.creator.sent-to-another-process")
def test_whether_a_pool_can_be_sent_to_another_process(mp, observe):
    with running(mp.Pool(1)) as pool:
        try:
            pickle.dumps(pool)
        except Exception as error:
            observe(f"pickling a pool raises {type(error).__name__}")
        else:
            observe("a pool can be pickled")


@verifies("pool.example.from-the-documentation")
def test_the_example_of_the_documentation(program):
    outcome = program(
        """
        import sys

        def square(number):
            return number * number

        if __name__ == "__main__":
            gate, patience = Gate(sys.argv[1]), Patience()
            with mp.Pool(processes=4) as pool:
                result = pool.apply_async(square, (10,))
                print(result.get(timeout=patience.awaiting))
                print(pool.map(square, range(10)))
                iterator = pool.imap(square, range(10))
                print(next(iterator))
                print(next(iterator))
                print(iterator.next(timeout=patience.awaiting))
                result = pool.apply_async(gate.wait)
                try:
                    result.get(timeout=patience.timeout)
                except mp.TimeoutError:
                    print("TimeoutError")
                gate.open()
                result.wait()
        """,
        "gate-of-the-example",
    )
    promised = ["100", "[0, 1, 4, 9, 16, 25, 36, 49, 64, 81]", "0", "1", "4", "TimeoutError"]
    assert outcome.output.splitlines() == promised, (
        f"the example printed {outcome.output.splitlines()!r}, promised is {promised!r}; errors: {outcome.errors!r}"
    )
    assert outcome.status == 0, f"the example ended with status {outcome.status}, errors: {outcome.errors!r}"
