"""The worker processes of a pool: that they exist, how many there are, and how they are started."""

from __future__ import annotations

import os
import pickle
import socket
import sys
import threading
from contextlib import contextmanager

from mpconform.kit import Task, backend, did_not_arise, promise, verifies, works
from mpconform.sections.process_pools.helpers import (
    arrive_and_return_when_open,
    arrived,
    note_process,
    remember,
    returned,
    running,
    square,
    start_method_of_this_worker,
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


def check_start_method(pool, method, call):
    """Check that a worker of a pool, in whose parent process something is remembered, was started with a method."""
    found = pool.apply(start_method_of_this_worker, (os.getpid(),))
    assert found == method, f"a worker of {call} was started by {found}, promised is {method}"


@verifies("pool.workers.run-tasks", "pool.workers.run-tasks-in-other-processes")
def test_a_task_runs_in_another_process(mp, journal):
    with running(mp.Pool(1)) as pool:
        pool.apply_async(note_process, (journal,))
        with promise("pool.workers.run-tasks"):
            journal.wait(1, "task that was submitted to a Pool(1) runs")
        with promise("pool.workers.run-tasks-in-other-processes"):
            processes = journal.read()
            assert processes and processes[0] != os.getpid(), (
                f"a task on a Pool(1) ran in the processes {processes}, promised is another one than {os.getpid()},"
                " which created the pool"
            )


@verifies("pool.call.returns-a-pool", "pool.enter.returns-the-pool", "pool.call.uses-its-own-context")
def test_the_method_pool_returns_a_pool_with_workers_of_its_start_method(mp, start_method):
    remember("set by the parent process")  # a forked worker inherits it
    with running(mp.Pool(1)) as pool:
        with promise("pool.call.returns-a-pool"):
            assert isinstance(pool, mp.pool.Pool), f"Pool(1) returned {pool!r}, which is no instance of pool.Pool"
        with promise("pool.call.uses-its-own-context"):
            check_start_method(pool, start_method, f"get_context({start_method!r}).Pool(1)")
        with promise("pool.enter.returns-the-pool"), pool as given:
            assert given is pool, f"with Pool(1) as p: p is {given!r}, promised is the pool"


@verifies("pool.call.package-function-uses-the-default-context")
def test_the_function_pool_of_the_package_starts_workers_with_the_method_that_was_set(program, start_method):
    outcome = program(
        f"""
        found = "as in a fresh process"

        def look(creator):
            return found if os.getppid() == creator else "of another parent"

        if __name__ == "__main__":
            found = "inherited"
            package.set_start_method({start_method!r})
            pool = package.Pool(1)
            print(pool.apply(look, (os.getpid(),)))
            pool.terminate()
            pool.join()
        """
    )
    promised = {"fork": "inherited", "spawn": "as in a fresh process", "forkserver": "of another parent"}[start_method]
    assert outcome.output.strip() == promised, (
        f"set_start_method({start_method!r}) and Pool(1): a worker printed a global variable as {outcome.output!r},"
        f" {outcome.errors!r}, promised is {promised!r}"
    )


@verifies("pool.context.none-sets-the-start-method")
def test_a_pool_without_a_context_sets_the_start_method(program):
    outcome = program(
        """
        if __name__ == "__main__":
            before = package.get_start_method(allow_none=True)
            pool = mp.pool.Pool(1, context=None)
            print(before, package.get_start_method(allow_none=True))
            pool.terminate()
            pool.join()
            print(package.get_start_method())
        """
    )
    found = outcome.output.split()
    assert len(found) == 3 and found[0] == "None" and found[1] == found[2], (
        "get_start_method(allow_none=True) before and after pool.Pool(1, context=None), and get_start_method() after"
        f" that: {outcome.output!r}, {outcome.errors!r}, promised is None, and then the default twice"
    )


@verifies("pool.context.starts-the-workers")
def test_a_pool_starts_its_workers_with_the_given_context(mp, package, start_method):
    remember("set by the parent process")
    others = [name for name in package.get_all_start_methods() if name != start_method]
    for method in others or [start_method]:
        with running(mp.pool.Pool(1, context=mp.get_context(method))) as pool:
            check_start_method(pool, method, f"Pool(1, context=get_context({method!r}))")


@verifies("pool.processes.number-of-workers")
def test_a_pool_runs_as_many_tasks_at_once_as_it_has_workers(mp, gate, latch, patience):
    check_number_of_workers(mp.Pool(3), 3, "Pool(3)", gate, latch, patience)


@verifies("pool.processes.defaults-to-cpu-count")
def test_a_pool_has_a_worker_for_each_processor(mp, gate, latch, patience):
    count = os.cpu_count() or 1
    told = 2 if count > 3 else count + 2
    os.cpu_count = lambda: told  # a worker for each of 64 processors would take long; and it tells who asks
    numbers = {told, count}  # that of a backend that has asked when it was imported, too
    call = f"tasks run at the same time on Pool(None), when os.cpu_count() returns {told}, or has returned {count}"
    with running(mp.Pool(None)) as pool:
        tasks = [pool.apply_async(arrive_and_return_when_open, (latch, gate, "done")) for _ in range(count + told + 1)]
        patience.until(lambda: latch.count() in numbers, f"{told} {call}")
        patience.never(lambda: latch.count() > max(numbers), f"more {call}")
        patience.until(lambda: latch.count() in numbers, f"{told} {call}")
        gate.open()
        for task in tasks:
            arrived(task, "apply_async() on Pool(None)")


@verifies("pool.processes.defaults-to-process-cpu-count")
def test_a_pool_has_a_worker_for_each_processor_that_this_process_may_use(mp, gate, latch, patience):
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])  # so that it differs from os.cpu_count()
    number = getattr(os, "process_cpu_count", os.cpu_count)() or 1
    check_number_of_workers(mp.Pool(None), number, "Pool(None)", gate, latch, patience)


def use_a_pool(journal):
    mp = backend()
    with works("a pool in a child process"), running(mp.Pool(2)) as pool:
        answers = [pool.apply(square, (3,)), pool.map(square, range(3), 1), list(pool.imap(square, range(3)))]
    journal.write(answers)


@verifies("pool.call.in-a-child")
def test_a_child_process_has_a_pool_of_its_own(mp, journal):
    child = mp.Process(target=use_a_pool, args=(journal,))
    child.start()
    with running(mp.Pool(1)) as pool:  # so has the parent process, at the same time
        answer = pool.apply(square, (4,))
        [answers] = journal.wait(1, "child has used a pool of its own")
        child.join()
    assert answers == [9, [0, 1, 4], [0, 1, 4]], (
        "apply(square, (3,)), map(square, range(3)) and imap() of the same on a pool that a child process has made gave"
        f" {answers!r}"
    )
    assert answer == 16, f"apply(square, (4,)) on the pool of the parent process returned {answer!r}"


def pools_of_threads(mp, number):
    """Let so many threads make a pool each, at the same time; return the calls, each the square of a number."""
    together = threading.Barrier(number)

    def make_and_use(item):
        together.wait()
        with running(mp.Pool(1)) as pool:
            return pool.apply(square, (item,))

    return [Task(make_and_use, item) for item in range(number)]


@verifies("pool.call.in-threads")
def test_threads_have_pools_of_their_own(mp):
    answers = [returned(call, "Pool(1) and apply() in 3 threads at once") for call in pools_of_threads(mp, 3)]
    assert answers == [0, 1, 4], f"the squares of 0, 1 and 2, on the pools of three threads, are {answers!r}"


@contextmanager
def many_descriptors(number):
    """Have so many open descriptors while the block runs, so that new ones have higher numbers."""
    try:
        import resource
    except ImportError:  # Windows
        did_not_arise("the number of descriptors is not limited by resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < number + 100:
        did_not_arise(f"{number} descriptors are open: the system allows {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (number + 100, hard))
    taken = []
    try:
        while not taken or taken[-1] < number:
            taken.append(os.open(os.devnull, os.O_RDONLY))
        yield
    finally:
        for descriptor in taken:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def check_work(mp, what):
    """Check that a pool does what it is for."""
    with running(mp.Pool(2)) as pool:
        answer = returned(Task(pool.map, square, range(3), 1), f"map() in a program {what}")
    assert answer == [0, 1, 4], f"map(square, range(3)) in a program {what} returned {answer!r}"


@verifies("pool.call.many-descriptors", "pool.call.no-standard-streams", "pool.call.default-timeout-of-sockets")
def test_a_pool_works_in_an_untidy_program(mp):
    with promise("pool.call.many-descriptors"), many_descriptors(1100):
        check_work(mp, "that has 1100 open descriptors")
    with promise("pool.call.no-standard-streams"):
        streams = sys.stdin, sys.stdout, sys.stderr
        sys.stdin = sys.stdout = sys.stderr = None
        try:
            check_work(mp, "in which sys.stdin, sys.stdout and sys.stderr are None")
        finally:
            sys.stdin, sys.stdout, sys.stderr = streams
    with promise("pool.call.default-timeout-of-sockets"):
        socket.setdefaulttimeout(0.001)
        try:
            check_work(mp, "that has called socket.setdefaulttimeout(0.001)")
        finally:
            socket.setdefaulttimeout(None)


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
