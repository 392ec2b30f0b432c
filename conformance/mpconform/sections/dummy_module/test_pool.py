"""The pools of the module, which are thread pools."""

from __future__ import annotations

import os
import threading
from contextlib import suppress

from mpconform.kit import Overdue, Task, promise, raises, verifies, works

CALLS = {
    "apply": (lambda pool: pool.apply(pow, (2, 3)), 8),
    "apply_async": (lambda pool: pool.apply_async(int, ("ff",), {"base": 16}).get(), 255),
    "map": (lambda pool: pool.map(abs, [-1, 2, -3]), [1, 2, 3]),
    "map_async": (lambda pool: pool.map_async(abs, [-1, 2, -3]).get(), [1, 2, 3]),
    "imap": (lambda pool: list(pool.imap(abs, [-1, 2, -3])), [1, 2, 3]),
    "imap_unordered": (lambda pool: sorted(pool.imap_unordered(abs, [-1, 2, -3])), [1, 2, 3]),
    "starmap": (lambda pool: pool.starmap(pow, [(2, 3), (3, 2)]), [8, 9]),
    "starmap_async": (lambda pool: pool.starmap_async(pow, [(2, 3), (3, 2)]).get(), [8, 9]),
}
"""Each method that submits tasks, in a call that returns what comes of them; and what that is."""


def stop(pool):
    """End a pool in good order."""
    pool.close()
    pool.join()


def check_that_it_refuses(pool, when):
    """Check that each method refuses to submit tasks: it raises something, and does not wait."""
    for method, (call, _) in CALLS.items():
        calling = Task(call, pool)
        with suppress(Overdue):  # then it waits, which is no way to refuse
            calling.wait()
        assert calling.error is not None, (
            f"{method}() {when} {'raised nothing' if calling.is_done() else 'waits'}, promised is that no task is taken"
        )


@verifies("dummy.pool.runs-tasks-in-threads", "dummy.pool.has-all-methods", "dummy.pool.raises-the-exception")
def test_a_pool_runs_tasks(mp):
    def task(item):
        return os.getpid(), threading.get_ident(), item

    error = ValueError("of the task")

    def fail():
        raise error

    pool = mp.dummy.Pool(2)
    with promise("dummy.pool.runs-tasks-in-threads"):
        given = threading.Lock()  # cannot be pickled, nor can the task
        pid, ident, found = pool.apply(task, (given,))
        assert pid == os.getpid(), f"a task ran in the process {pid}, promised a thread of this one, {os.getpid()}"
        assert ident != threading.get_ident(), "a task ran in the thread that called apply(), promised a worker"
        assert found is given, f"a task was given {given!r} and returned {found!r}, promised the object itself"
    with promise("dummy.pool.has-all-methods"):
        for method, (call, promised) in CALLS.items():
            with works(f"{method}() of a pool of the module"):
                found = call(pool)
            assert found == promised, f"{method}() of a pool of the module returned {found!r}, promised {promised!r}"
    with promise("dummy.pool.raises-the-exception"):
        with raises(ValueError, "apply() of a function that raises ValueError") as caught:
            pool.apply(fail)
        assert caught.value is error, f"apply() raised {caught.value!r}, promised the object that the task raised"
    stop(pool)


@verifies("dummy.pool.is-a-thread-pool", "dummy.thread_pool.is-a-pool", "dummy.thread_pool.refuses-other-arguments")
def test_what_a_thread_pool_is(mp):
    with promise("dummy.pool.is-a-thread-pool"):
        pool = mp.dummy.Pool(1)
        stop(pool)
        assert isinstance(pool, mp.pool.ThreadPool), f"Pool() of the module returned {pool!r}, promised a ThreadPool"
    with promise("dummy.thread_pool.is-a-pool"):
        found = mp.pool.ThreadPool.__mro__
        assert mp.pool.Pool in found, f"ThreadPool has the bases {found[1:]}, promised pool.Pool"
    with promise("dummy.thread_pool.refuses-other-arguments"):
        for name in "maxtasksperchild", "context":
            with raises(Exception, f"ThreadPool(1, {name}=None), which cannot be provided"):
                mp.pool.ThreadPool(1, **{name: None})


@verifies("dummy.pool.timeouts-run-out")
def test_the_timeouts_of_results(mp, gate, patience):
    timeout = patience.timeout
    pool = mp.dummy.Pool(1)
    result, results = pool.apply_async(gate.wait), pool.imap(abs, [-1])
    with patience.runs_out(timeout, f"wait({timeout}) while the call runs"):
        result.wait(timeout)
    call = f"get({timeout}) while the call runs"
    with patience.runs_out(timeout, call), raises(mp.TimeoutError, call):
        result.get(timeout)
    call = f"next({timeout}) of imap() while another call runs"
    with patience.runs_out(timeout, call), raises(mp.TimeoutError, call):
        results.next(timeout)
    gate.open()
    found = results.next(patience.awaiting)
    stop(pool)
    assert found == 1, f"next() of imap(abs, [-1]) after one that timed out returned {found!r}, promised 1"


def check_the_number(pool, promised, what, patience, scratch):
    """Check that a pool, which ``what`` made, runs so many tasks at once and no more; end it."""
    latch, gate = scratch.latch(), scratch.gate()

    def task():
        latch.arrive()
        gate.wait()

    for _ in range(promised + 2):
        pool.apply_async(task)
    latch.wait(promised, f"tasks of a {what}, of {promised + 2}, run at once")
    patience.never(lambda: latch.count() > promised, f"a {what} runs more than {promised} tasks at once")
    gate.open()
    stop(pool)


@verifies("dummy.thread_pool.number-of-threads")
def test_the_number_of_threads(mp, patience, scratch):
    check_the_number(mp.dummy.Pool(3), 3, "dummy.Pool(3)", patience, scratch)
    check_the_number(mp.pool.ThreadPool(3), 3, "ThreadPool(3)", patience, scratch)


def check_the_default(mp, patience, scratch, count):
    """Check that as many tasks run at once as ``count()`` tells, where the process is confined to one processor."""
    if hasattr(os, "sched_setaffinity"):  # then the two counts differ, on a system with several processors
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    told = f", where {count.__name__}() tells {count()}"
    check_the_number(mp.pool.ThreadPool(), count(), f"ThreadPool(){told}", patience, scratch)
    check_the_number(mp.pool.ThreadPool(None), count(), f"ThreadPool(None){told}", patience, scratch)


@verifies("dummy.thread_pool.defaults-to-cpu-count")
def test_the_default_number_is_that_of_the_system(mp, patience, scratch):
    check_the_default(mp, patience, scratch, os.cpu_count)


@verifies("dummy.thread_pool.defaults-to-process-cpu-count")
def test_the_default_number_is_that_of_the_process(mp, patience, scratch):
    check_the_default(mp, patience, scratch, getattr(os, "process_cpu_count"))  # noqa: B009 - it is new in 3.13


@verifies("dummy.thread_pool.initializer-in-each-thread")
def test_the_initializer_is_called_in_each_thread_before_its_tasks(mp, patience):
    started, together = [], threading.Barrier(3)

    def note(*args):
        started.append((threading.get_ident(), args))

    def task(_):
        called = sum(ident == threading.get_ident() for ident, _ in started)
        with suppress(threading.BrokenBarrierError):
            together.wait(patience.awaiting / 4)
        return threading.get_ident(), called

    pool = mp.pool.ThreadPool(3, note, ("one", 2))
    ran = pool.map(task, range(3), chunksize=1)
    stop(pool)
    assert [called for _, called in ran] == [1, 1, 1], (
        f"before each of three tasks at once the initializer was called {[called for _, called in ran]} times in their"
        " threads, promised is once each"
    )
    assert sorted(ident for ident, _ in started) == sorted(ident for ident, _ in ran), (
        f"the initializer of a ThreadPool(3) was called {len(started)} times, promised is once in each of three threads"
    )
    assert all(args == ("one", 2) for _, args in started), f"initargs ('one', 2): the initializer got {started}"


@verifies("dummy.thread_pool.with-statement-ends-it")
def test_a_thread_pool_in_a_with_statement(mp, patience):
    with mp.pool.ThreadPool(2) as pool:
        found = pool.map(abs, [-1, -2])
        worker = pool.apply(threading.current_thread)
    assert found == [1, 2], f"map(abs, [-1, -2]) in a with statement returned {found}"
    check_that_it_refuses(pool, "after the with statement of the pool")
    patience.until(lambda: not worker.is_alive(), "the threads of a pool end after its with statement")


@verifies("dummy.thread_pool.close-completes-and-ends-it")
def test_a_thread_pool_that_is_closed(mp, gate, patience):
    workers = []

    def task():
        gate.wait()
        workers.append(threading.current_thread())
        return "done"

    pool = mp.pool.ThreadPool(2)
    results = [pool.apply_async(task) for _ in range(4)]
    pool.close()
    check_that_it_refuses(pool, "after close()")

    def join_and_look():
        pool.join()
        return [result.ready() for result in results], [worker for worker in workers if worker.is_alive()]

    joining = Task(join_and_look)
    patience.never(joining.is_done, "join() after close() returns although tasks are not done")
    gate.open()
    ready, left = joining.result("join() after close() returns once all tasks are done")
    assert ready == [True] * 4, f"ready() of four tasks submitted before close(), after join(): {ready}"
    assert left == [], f"after join() the threads {left} of the pool still run"
    found = [result.get() for result in results]
    assert found == ["done"] * 4, f"get() of four tasks submitted before close(): {found}"
