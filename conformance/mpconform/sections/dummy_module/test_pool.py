"""The pools of the module, which are thread pools."""

from __future__ import annotations

import os
import threading
from contextlib import suppress

from mpconform.kit import each, raises, verifies, works

CALLS = {
    "apply": lambda pool: pool.apply(pow, (2, 3)),
    "apply_async": lambda pool: pool.apply_async(int, ("ff",), {"base": 16}).get(),
    "map": lambda pool: pool.map(abs, [-1, 2, -3]),
    "map_async": lambda pool: pool.map_async(abs, [-1, 2, -3]).get(),
    "imap": lambda pool: list(pool.imap(abs, [-1, 2, -3])),
    "imap_unordered": lambda pool: sorted(pool.imap_unordered(abs, [-1, 2, -3])),
    "starmap": lambda pool: pool.starmap(pow, [(2, 3), (3, 2)]),
    "starmap_async": lambda pool: pool.starmap_async(pow, [(2, 3), (3, 2)]).get(),
}
RESULTS = {"apply": 8, "apply_async": 255, "starmap": [8, 9], "starmap_async": [8, 9]}
"""What each call above returns; those that are not here return [1, 2, 3]."""


def stop(pool):
    """End a pool in good order."""
    pool.close()
    pool.join()


@verifies("dummy.pool.runs-tasks-in-threads")
def test_a_pool_runs_its_tasks_in_threads(mp):
    def task(item):
        return os.getpid(), threading.get_ident(), item

    given = threading.Lock()  # cannot be pickled, nor can the task
    pool = mp.dummy.Pool(2)
    pid, ident, found = pool.apply(task, (given,))
    stop(pool)
    assert pid == os.getpid(), f"a task ran in the process {pid}, promised a thread of this one, {os.getpid()}"
    assert ident != threading.get_ident(), "a task ran in the thread that called apply(), promised a worker"
    assert found is given, f"a task was given {given!r} and returned {found!r}, promised the object itself"


@verifies("dummy.pool.has-all-methods")
@each("method", list(CALLS))
def test_a_pool_has_all_methods(mp, method):
    pool = mp.dummy.Pool(2)
    promised = RESULTS.get(method, [1, 2, 3])
    with works(f"{method}() of a pool of the module"):
        found = CALLS[method](pool)
    stop(pool)
    assert found == promised, f"{method}() of a pool of the module returned {found!r}, promised {promised!r}"


@verifies("dummy.pool.raises-the-exception")
def test_a_pool_raises_the_exception(mp):
    error = ValueError("of the task")

    def fail():
        raise error

    pool = mp.dummy.Pool(1)
    with raises(ValueError, "apply() of a function that raises ValueError") as caught:
        pool.apply(fail)
    stop(pool)
    assert caught.value is error, f"apply() raised {caught.value!r}, promised the object that the task raised"


@verifies("dummy.pool.is-a-thread-pool")
def test_the_pool_is_a_thread_pool(mp):
    pool = mp.dummy.Pool(1)
    stop(pool)
    assert isinstance(pool, mp.pool.ThreadPool), f"Pool() of the module returned {pool!r}, promised a ThreadPool"


@verifies("dummy.thread_pool.is-a-pool")
def test_a_thread_pool_is_a_pool(mp):
    found = mp.pool.ThreadPool.__mro__
    assert mp.pool.Pool in found, f"ThreadPool has the bases {found[1:]}, promised pool.Pool"


@verifies("dummy.thread_pool.number-of-threads")
@each("create", ["Pool", "ThreadPool"])
def test_the_number_of_threads(mp, patience, create):
    together = threading.Barrier(3)

    def task(number):
        with suppress(threading.BrokenBarrierError):
            if number < 3:  # the first three pass only if three threads run them at once
                together.wait(patience.awaiting / 2)
        return threading.get_ident()

    pool = mp.dummy.Pool(3) if create == "Pool" else mp.pool.ThreadPool(processes=3)
    idents = set(pool.map(task, range(60), chunksize=1))
    stop(pool)
    assert len(idents) == 3, f"60 tasks, three of them at once, ran in {len(idents)} threads, promised 3"


def default_number(mp, processes):
    """Return how many threads a pool starts by default where the process is confined to one processor."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    started = []
    stop(mp.pool.ThreadPool(*processes, initializer=lambda: started.append(threading.get_ident())))
    return len(started)


@verifies("dummy.thread_pool.defaults-to-cpu-count")
@each("processes", [(), (None,)])
def test_the_default_number_is_that_of_the_system(mp, processes):
    found = default_number(mp, processes)
    assert found == os.cpu_count(), f"ThreadPool{processes} started {found} threads, promised {os.cpu_count()}"


@verifies("dummy.thread_pool.defaults-to-process-cpu-count")
@each("processes", [(), (None,)])
def test_the_default_number_is_that_of_the_process(mp, processes):
    found = default_number(mp, processes)
    assert found == 1, f"ThreadPool{processes} where one processor is usable started {found} threads, promised 1"


@verifies("dummy.thread_pool.initializer-in-each-thread")
def test_the_initializer_is_called_in_each_thread(mp):
    started = []

    def note(*args):
        started.append((threading.get_ident(), args))

    stop(mp.pool.ThreadPool(3, note, ("one", 2)))
    threads = {ident for ident, _ in started} - {threading.get_ident()}
    assert len(started) == len(threads) == 3, (
        f"the initializer of a ThreadPool(3) was called {len(started)} times in {len(threads)} worker threads"
    )
    assert all(args == ("one", 2) for _, args in started), f"initargs ('one', 2): the initializer got {started}"


@verifies("dummy.thread_pool.refuses-other-arguments")
@each("name", ["maxtasksperchild", "context"])
def test_a_thread_pool_refuses_other_arguments(mp, name):
    with raises(TypeError, f"ThreadPool(1, {name}=None)"):
        mp.pool.ThreadPool(1, **{name: None})


@verifies("dummy.thread_pool.with-statement-ends-it")
def test_a_thread_pool_in_a_with_statement(mp, patience):
    before = threading.enumerate()
    with mp.pool.ThreadPool(2) as pool:
        found = pool.map(abs, [-1, -2])
    assert found == [1, 2], f"map(abs, [-1, -2]) in a with statement returned {found}"
    with raises(ValueError, "apply() after the with statement of the pool"):
        pool.apply(abs, (-1,))
    patience.until(
        lambda: set(threading.enumerate()) <= set(before), "the threads of a pool end after its with statement"
    )


@verifies("dummy.thread_pool.close-completes-and-ends-it")
def test_a_thread_pool_that_is_closed(mp, gate):
    before = threading.enumerate()
    pool = mp.pool.ThreadPool(2)
    results = [pool.apply_async(lambda: gate.wait() or "done") for _ in range(4)]
    pool.close()
    with raises(ValueError, "apply_async() after close()"):
        pool.apply_async(abs, (-1,))
    gate.open()
    pool.join()
    ready = [result.ready() for result in results]
    left = [thread for thread in threading.enumerate() if thread not in before]
    assert ready == [True] * 4, f"ready() of four tasks submitted before close(), after join(): {ready}"
    found = [result.get() for result in results]
    assert found == ["done"] * 4, f"get() of four tasks submitted before close(): {found}"
    assert left == [], f"after join() the threads {left} of the pool still run"
