"""Pools when something goes wrong: workers and parents that are killed or stopped, and what cannot be pickled."""

from __future__ import annotations

import gc
import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

import mpreference
from mpreference import pool_processes
from mpreference.errors import ProcessError
from mpreference.pool import AHEAD, NotPicklable, Pool, RemoteTraceback, ThreadPool, WorkerLost
from mpreference.pool_channels import Outbox
from mpreference.waiting import readable

LIMIT = 60
BIG = 5_000_000
"""Bytes of what does not fit into a pipe by far."""

FORK = mpreference.get_context("fork")

pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning")


def until(condition: Callable[[], object], what: str) -> None:
    """Wait until the condition holds."""
    end = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < end, f"in vain: {what}"
        time.sleep(0.005)


def in_thread(call: Callable[..., object], *args: Any) -> threading.Thread:
    thread = threading.Thread(target=call, args=args, daemon=True)
    thread.start()
    return thread


def end(pool: Pool) -> None:
    """End the pool, at once, and see that nothing is left of it."""
    pids = [worker.process.pid for worker in crew(pool)._workers]
    pool.terminate()
    in_time = in_thread(pool.join)
    in_time.join(LIMIT)
    assert not in_time.is_alive(), "join() waits after terminate()"
    assert not [pid for pid in pids if psutil.pid_exists(pid)]


@pytest.fixture
def told() -> Iterator[tuple[int, int]]:
    """Return a pipe by which tasks tell."""
    pipe = os.pipe()
    os.set_blocking(pipe[0], False)
    yield pipe
    for descriptor in pipe:
        os.close(descriptor)


@pytest.fixture
def pool(told: tuple[int, int]) -> Iterator[Pool]:
    """Two workers."""
    pool = FORK.Pool(2)
    yield pool
    end(pool)


@pytest.fixture
def narrow(told: tuple[int, int]) -> Iterator[Pool]:
    """One worker."""
    pool = FORK.Pool(1)
    yield pool
    end(pool)


def hear(told: tuple[int, int]) -> bytes:
    """Return what was told, once there is something."""
    assert readable(told[0], LIMIT), "nobody tells anything"
    return os.read(told[0], 100)


def crew(pool: Pool) -> Any:
    return pool._crew


def workers(pool: Pool) -> list[int]:
    """Return the pids of the workers, once all are idle."""
    until(lambda: len(crew(pool)._idle) == pool._size, "all workers are idle")
    return [worker.process.pid for worker in crew(pool)._workers]


def stop(pid: int) -> None:
    """Stop a process."""
    os.kill(pid, signal.SIGSTOP)
    until(lambda: psutil.Process(pid).status() == psutil.STATUS_STOPPED, "the process is stopped")


# Tasks


def tell_and_wait(writer: int) -> None:
    """Tell that this runs, and run until the worker is killed."""
    os.write(writer, b"+")
    while True:
        signal.pause()


def tell_and_die(writer: int, mortal: bool = True) -> None:
    os.write(writer, b"+")
    if mortal:
        os.kill(os.getpid(), signal.SIGKILL)


def ignore_terminate() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def refuse_odd(number: int) -> int:
    if number % 2:
        raise KeyError(number)
    return number


def fail(*args: object) -> None:
    raise KeyError("as it is meant", *args)


def make_function() -> Callable[[], None]:
    return lambda: None


class Awkward(Exception):
    """Cannot be put together again from its arguments."""

    def __init__(self, one: int, other: int) -> None:
        super().__init__(one + other)


class Untouchable(Exception):
    """Cannot be pickled."""

    def __reduce__(self) -> Any:
        raise TypeError("not this one")


def raise_new(kind: type[Exception], *args: object) -> None:
    raise kind(*args)


class TestLostWorkers:
    """A task whose worker is killed fails, that one alone, and the worker is replaced."""

    def test_in_the_middle_of_a_task(self, narrow: Pool, told: tuple[int, int]) -> None:
        failures: list[BaseException] = []
        (pid,) = workers(narrow)
        lost = narrow.apply_async(tell_and_wait, (told[1],), error_callback=failures.append)
        after = narrow.apply_async(os.getpid)
        hear(told)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(WorkerLost, match="signal 9, Killed"):
            lost.get(LIMIT)
        assert after.get(LIMIT) != pid
        assert [type(error) for error in failures] == [WorkerLost]

    def test_under_a_map(self, pool: Pool, told: tuple[int, int]) -> None:
        with pytest.raises(WorkerLost):
            pool.starmap(tell_and_die, [(told[1], number == 3) for number in range(8)], 1)
        assert hear(told) == b"+" * 8, "the other items are done"

    def test_in_the_middle_of_an_imap(self, pool: Pool, told: tuple[int, int]) -> None:
        results = pool.imap(tell_and_die, [told[1]])
        with pytest.raises(WorkerLost):
            next(results)
        assert list(results) == []

    def test_a_task_that_exits(self, pool: Pool) -> None:
        before = workers(pool)
        for _ in range(4):
            with pytest.raises(SystemExit, match="3"):
                pool.apply(sys.exit, (3,))
        until(lambda: not set(before) & set(workers(pool)), "both are replaced")
        assert pool.map(abs, [-1, -2], 1) == [1, 2]

    def test_a_task_that_ends_its_worker(self, pool: Pool) -> None:
        with pytest.raises(WorkerLost, match="exit code 3"):
            pool.apply(os._exit, (3,))
        assert pool.apply(abs, (-1,)) == 1

    def test_idle_ones_lose_nothing(self, pool: Pool) -> None:
        before = workers(pool)
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        until(lambda: not set(before) & set(workers(pool)), "both are replaced")
        assert pool.map(abs, [-1, -2], 1) == [1, 2]

    def test_what_they_have_not_read_is_not_lost(self, pool: Pool) -> None:
        before = workers(pool)
        for pid in before:
            stop(pid)
        results = [pool.apply_async(abs, (-number,)) for number in range(4)]
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        assert [result.get(LIMIT) for result in results] == [0, 1, 2, 3]

    def test_while_a_large_task_is_sent(self, pool: Pool) -> None:
        stopped, _ = workers(pool)
        stop(stopped)
        results = [pool.apply_async(len, (bytes(BIG),)) for _ in range(6)]
        until(lambda: sum(result.ready() for result in results) == 5, "the other worker goes on")
        os.kill(stopped, signal.SIGKILL)
        assert [result.get(LIMIT) for result in results] == [BIG] * 6

    def test_while_a_large_result_is_sent(self, pool: Pool) -> None:
        sending, _ = workers(pool)
        results = [pool.apply_async(bytes, (BIG * 4,)) for _ in range(2)]
        os.kill(sending, signal.SIGKILL)
        outcomes = [result.successful() for result in results if result.wait(LIMIT) or result.ready()]
        assert len(outcomes) == 2
        assert pool.apply(abs, (-1,)) == 1

    def test_what_kills_before_it_is_read_is_not_tried_for_ever(
        self, narrow: Pool, told: tuple[int, int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Outbox, "unread", lambda self: True)
        with pytest.raises(WorkerLost):
            narrow.apply_async(tell_and_die, (told[1],)).get(LIMIT)
        assert hear(told) == b"+" * pool_processes.TRIES

    def test_an_initializer_that_fails(self, capfd: pytest.CaptureFixture[str]) -> None:
        pool = FORK.Pool(1, fail)
        with pytest.raises(WorkerLost, match=r"3 workers in a row .* exit code 1"):
            pool.apply_async(abs, (-1,)).get(LIMIT)
        with pytest.raises(ValueError, match="takes no more tasks") as caught:
            pool.apply(abs, (-1,))
        assert isinstance(caught.value.__cause__, WorkerLost)
        end(pool)
        assert "as it is meant" in capfd.readouterr().err

    def test_workers_that_cannot_be_started(self) -> None:
        before = len(os.listdir("/dev/fd"))
        with pytest.raises(AttributeError):
            mpreference.get_context("spawn").Pool(2, make_function())
        assert len(os.listdir("/dev/fd")) == before


PARENT = """
import os
import sys
import mpreference

if __name__ == "__main__":
    pool = mpreference.get_context(sys.argv[1]).Pool(3)
    pool.map(abs, range(20), 1)
    if os.fork() == 0:
        sys.stdin.read()  # and so it lives on
        os._exit(0)
    pool.apply_async(bytes, (50_000_000,))
    pool.apply_async(len, (bytes(50_000_000),))
    print(*(child.pid for child in mpreference.active_children()), flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_workers_end_when_their_parent_is_killed(tmp_path: Path, method: str) -> None:
    (tmp_path / "program.py").write_text(PARENT)
    command = [sys.executable, "program.py", method]
    with subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        workers = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
        assert len(workers) == 3
        parent.kill()
        assert not psutil.wait_procs(workers, LIMIT)[1]


class TestForks:
    """A pool is for the process that has created it."""

    def test_a_forked_copy_does_nothing(self, pool: Pool) -> None:
        before = workers(pool)
        calls = [partial(call, abs, [-1]) for call in (pool.apply, pool.map, pool.imap)]
        refused = 0
        child = os.fork()
        if child == 0:
            try:
                for call in (*calls, pool.close, pool.join):
                    try:
                        call()
                    except RuntimeError:
                        refused += 1
                pool.__exit__()
                del pool, call, calls
                gc.collect()
            finally:
                os._exit(refused)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 5
        assert pool.map(abs, [-1, -2], 1) == [1, 2]
        assert workers(pool) == before

    def test_a_pool_in_a_child(self, told: tuple[int, int]) -> None:
        child = FORK.Process(target=use_a_pool, args=(told[1],))
        child.start()
        child.join(LIMIT)
        assert child.exitcode == 0
        assert hear(told) == b"[1, 2]"


def use_a_pool(writer: int) -> None:
    """Use a pool and forget to end it."""
    pool = FORK.Pool(2)
    os.write(writer, str(pool.map(abs, [-1, -2])).encode())


class TestWhatCannotTravel:
    """It fails the task, with an exception that can."""

    def test_a_result(self, narrow: Pool) -> None:
        with pytest.raises(NotPicklable, match="returned a function") as caught:
            narrow.apply(make_function)
        assert "make_function.<locals>" in str(caught.value.__cause__)

    def test_a_result_that_cannot_be_restored(self, narrow: Pool) -> None:
        with pytest.raises(TypeError, match="missing 1 required positional argument"):
            narrow.apply(Awkward, (1, 2))
        assert narrow.apply(abs, (-1,)) == 1

    @pytest.mark.parametrize(("kind", "given"), [(Awkward, (1, 2)), (Untouchable, ())])
    def test_an_exception(self, narrow: Pool, kind: type[Exception], given: tuple[int, ...]) -> None:
        with pytest.raises(NotPicklable, match=f"raised a {kind.__name__}") as caught:
            narrow.apply(raise_new, (kind, *given))
        assert "in raise_new" in str(caught.value.__cause__)

    def test_an_argument(self, narrow: Pool) -> None:
        failures: list[BaseException] = []
        result = narrow.apply_async(abs, (make_function(),), error_callback=failures.append)
        with pytest.raises(AttributeError):
            result.get(LIMIT)
        assert len(failures) == 1
        with pytest.raises(AttributeError):
            narrow.map(abs, [1, make_function()], 1)
        results = narrow.imap(abs, [-1, make_function(), -3])
        assert next(results) == 1
        with pytest.raises(AttributeError):
            next(results)
        assert list(results) == [3]

    def test_the_pool_itself(self, narrow: Pool) -> None:
        with pytest.raises(TypeError, match="cannot be pickled"):
            narrow.apply(abs, (narrow,))

    def test_what_an_exception_has_with_it(self, narrow: Pool) -> None:
        with pytest.raises(KeyError) as caught:
            narrow.apply(fail, ("here",))
        assert isinstance(caught.value.__cause__, RemoteTraceback)
        assert 'raise KeyError("as it is meant", *args)' in str(caught.value.__cause__)


class TestCallbacks:
    """They are called by a thread of the pool, which goes on whatever they do."""

    def test_one_that_raises(self, narrow: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
        shown: list[threading.ExceptHookArgs] = []
        monkeypatch.setattr(threading, "excepthook", shown.append)
        assert narrow.apply_async(abs, (-1,), callback=fail).get(LIMIT) == 1
        assert narrow.apply(abs, (-2,)) == 2
        assert [hook.exc_type for hook in shown] == [KeyError]

    def test_one_that_terminates(self, narrow: Pool) -> None:
        narrow.apply_async(abs, (-1,), callback=lambda _: narrow.terminate())
        crew(narrow)._minder.join(LIMIT)
        assert repr(narrow) == "<Pool ended, workers: 1>"

    def test_one_that_submits(self, narrow: Pool) -> None:
        more: list[Any] = []
        narrow.apply_async(abs, (-1,), callback=lambda one: more.append(narrow.apply_async(abs, (-one - 1,))))
        until(lambda: more, "the callback is called")
        assert more[0].get(LIMIT) == 2


class TestEnding:
    """To terminate takes no time, and nobody waits in vain for what was not done."""

    def test_those_who_wait_are_told(self, narrow: Pool, told: tuple[int, int]) -> None:
        called: list[object] = []
        results = [narrow.apply_async(tell_and_wait, (told[1],), {}, called.append, called.append) for _ in range(3)]
        endless = threading.Event()
        iterators = [narrow.imap(abs, [1]), narrow.imap(abs, map(endless.wait, itertools.repeat(None)))]
        hear(told)
        narrow.terminate()
        for result in results:
            with pytest.raises(ProcessError, match="was terminated"):
                result.get(LIMIT)
        for iterator in iterators:
            with pytest.raises(ProcessError, match="was terminated"):
                iterator.next(LIMIT)
            assert list(iterator) == []
        assert called == []

    def test_workers_that_do_not_heed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pool_processes, "GRACE", 0.2)
        pool = FORK.Pool(3, ignore_terminate)
        stop(workers(pool)[0])
        for _ in range(2):
            pool.apply_async(len, (bytes(BIG),))
        end(pool)

    def test_a_pool_that_is_forgotten(self) -> None:
        pool = FORK.Pool(2)
        pids = workers(pool)
        with pytest.warns(ResourceWarning, match="neither closed nor terminated"):  # noqa: PT031
            del pool
            gc.collect()
        until(lambda: not any(map(psutil.pid_exists, pids)), "the workers end")

    def test_a_pool_of_whose_result_somebody_thinks(self) -> None:
        pool = FORK.Pool(1)
        (pid,) = workers(pool)
        result = pool.apply_async(time.sleep, (0.2,))
        del pool
        gc.collect()
        with pytest.warns(ResourceWarning):  # noqa: PT031
            assert result.get(LIMIT) is None
            until(lambda: not psutil.pid_exists(pid), "the worker ends")

    def test_descriptors_and_threads(self) -> None:
        before = len(os.listdir("/dev/fd")), threading.active_count()
        for maximum in (None, 1):
            with FORK.Pool(2, None, (), maximum) as pool:
                list(pool.imap(abs, range(10)))
            pool = FORK.Pool(2, None, (), maximum)
            pool.map(abs, range(10))
            pool.close()
            pool.join()
        del pool
        assert (len(os.listdir("/dev/fd")), threading.active_count()) == before


class TestMany:
    """Many tasks, and large ones."""

    def test_two_thousand_at_once(self, pool: Pool) -> None:
        results = [pool.apply_async(abs, (-number,)) for number in range(2000)]
        assert [result.get(LIMIT) for result in results] == list(range(2000))

    @pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
    def test_large_arguments_and_results(self, method: str) -> None:
        data = os.urandom(1000) * (BIG // 1000)
        with mpreference.get_context(method).Pool(2) as pool:
            assert pool.map(bytes, [data] * 4, 1) == [data] * 4

    def test_none_waits_behind_a_long_one(self, pool: Pool, told: tuple[int, int]) -> None:
        long = pool.apply_async(tell_and_wait, (told[1],))
        hear(told)
        assert pool.map(abs, range(100), 1) == list(range(100))
        assert not long.ready()


class TestLaziness:
    """`imap` reads a bounded number of items ahead of what is taken, unless nobody is going to take anything."""

    def test_an_endless_iterable(self, pool: Pool) -> None:
        read = itertools.count()
        results = pool.imap(abs, read)
        ahead = AHEAD * 2
        for number in range(3 * ahead):
            assert next(results) == number
        assert next(read) <= 4 * ahead + 1

    def test_an_iterator_that_is_dropped(self, narrow: Pool, told: tuple[int, int]) -> None:
        def items() -> Iterator[int]:
            yield from range(5 * AHEAD)
            os.write(told[1], b"+")

        narrow.imap(abs, items())
        hear(told)

    def test_a_pool_that_is_joined(self, narrow: Pool) -> None:
        results = narrow.imap(abs, range(5 * AHEAD))
        narrow.close()
        joining = in_thread(narrow.join)
        joining.join(LIMIT)
        assert not joining.is_alive()
        assert list(results) == list(range(5 * AHEAD))

    def test_what_comes_after_a_failure(self, pool: Pool) -> None:
        results = pool.imap(refuse_odd, range(5), 2)
        found: list[object] = []
        for _ in range(5):
            try:
                found.append(next(results))
            except KeyError as error:
                found.append(str(error))
        assert found == [0, "1", 2, "3", 4]
        assert list(results) == []


class TestArguments:
    """What makes no sense is refused at once."""

    @pytest.mark.parametrize("given", [(0,), (-1,), (1, None, (), 0)])
    def test_numbers(self, given: tuple[Any, ...]) -> None:
        with pytest.raises(ValueError, match="is at least 1"):
            FORK.Pool(*given)

    def test_types(self) -> None:
        with pytest.raises(TypeError, match="initializer"):
            FORK.Pool(1, "no function")
        with pytest.raises(TypeError):
            FORK.Pool("2")

    @pytest.mark.parametrize("method", ["map", "map_async", "starmap", "imap", "imap_unordered"])
    def test_of_methods(self, narrow: Pool, method: str) -> None:
        with pytest.raises(ValueError, match="chunksize is at least 1"):
            getattr(narrow, method)(abs, [], 0)
        with pytest.raises(TypeError):
            getattr(narrow, method)(abs, 7)


class TestThreads:
    """Pools of threads."""

    def test_an_initializer_that_fails(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(threading, "excepthook", lambda hook: None)
        pool = ThreadPool(2, fail)
        with pytest.raises((KeyError, ValueError)):
            pool.apply_async(abs, (-1,)).get(LIMIT)
        pool.join()

    def test_what_was_not_done(self) -> None:
        gate = threading.Event()
        pool = ThreadPool(1)
        results = [pool.apply_async(gate.wait) for _ in range(3)]
        pool.terminate()
        for result in results:
            with pytest.raises(ProcessError, match="was terminated"):
                result.get(LIMIT)
        gate.set()
        pool.join()

    def test_many(self) -> None:
        with ThreadPool(4) as pool:
            assert pool.map(abs, range(3000), 1) == list(range(3000))
            assert list(pool.imap(abs, range(3000))) == list(range(3000))
            assert pool.map(abs, []) == []
