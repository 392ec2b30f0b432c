"""Benchmark: locks in one process, handing over between two processes, and shared arrays.

``python reference/benchmarks/sharing_state.py``
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

CREATIONS = 2000
USES = 50_000
BARE_USES = 400_000
HANDOVERS = 8000
SLICES = 5000
BYTES = 8192

Setting = Callable[[Any], Any]


def repeated(times: int, make: Callable[[Any], Callable[[], object]]) -> Setting:
    """Return the work of calling, so many times, what ``make`` makes of a package."""

    @contextmanager
    def work(package: Any) -> Iterator[Callable[[], object]]:
        call = make(package)

        def run() -> None:
            for _ in range(times):
                call()

        yield run

    return work


@contextmanager
def bare(package: Any) -> Iterator[Callable[[], object]]:
    """Acquire and release a lock that nobody else wants."""
    lock = package.Lock()

    def run() -> None:
        acquire, release = lock.acquire, lock.release
        for _ in range(BARE_USES):
            acquire()
            release()

    yield run


def held(kind: str) -> Setting:
    """Return the work of entering and leaving a lock that nobody else wants."""

    @contextmanager
    def work(package: Any) -> Iterator[Callable[[], object]]:
        lock = getattr(package, kind)()

        def run() -> None:
            for _ in range(USES):
                with lock:
                    pass

        yield run

    return work


def between_two(
    make: Callable[[Any], tuple[Any, ...]], here: Callable[..., None], there: Callable[..., None]
) -> Setting:
    """Return the work of handing over to a child, which does ``there`` for ever, and back, by ``here``."""

    def serve(*shared: Any) -> None:
        while True:
            there(*shared)

    @contextmanager
    def work(package: Any) -> Iterator[Callable[[], object]]:
        context = package.get_context("fork")
        shared = make(context)
        child = context.Process(target=serve, args=shared, daemon=True)
        child.start()

        def run() -> None:
            for _ in range(HANDOVERS):
                here(*shared)

        yield run
        child.terminate()
        child.join()

    return work


def semaphore_here(ping: Any, pong: Any) -> None:
    """Release one semaphore and wait for the other."""
    ping.release()
    pong.acquire()


def semaphore_there(ping: Any, pong: Any) -> None:
    """Answer."""
    ping.acquire()
    pong.release()


def event_here(ping: Any, pong: Any) -> None:
    """Set one event and wait for the other."""
    ping.set()
    pong.wait()
    pong.clear()


def event_there(ping: Any, pong: Any) -> None:
    """Answer."""
    ping.wait()
    ping.clear()
    pong.set()


def take_turns(mine: int) -> Callable[[Any, Any], None]:
    """Return the function that waits for the turn, takes it, and notifies the other side."""

    def step(condition: Any, turn: Any) -> None:
        with condition:
            condition.wait_for(lambda: turn.value == mine)
            turn.value = 1 - mine
            condition.notify()

    return step


def slices(read: bool) -> Setting:
    """Return the work of reading or writing all of an array at once."""

    def make(package: Any) -> Callable[[], object]:
        shared = package.Array("i", BYTES // 4)
        content = list(range(BYTES // 4))

        def get() -> object:
            return shared[:]

        def put() -> object:
            shared[:] = content
            return None

        return get if read else put

    return repeated(SLICES, make)


def increment(package: Any) -> Callable[[], object]:
    """Return the function that adds one to a Value, as documented."""
    counter = package.Value("i")

    def call() -> object:
        with counter.get_lock():
            counter.value += 1
        return None

    return call


if __name__ == "__main__":
    from compare import Work, compare, show

    WORKS = [
        Work("make a Lock", 0.5, repeated(CREATIONS, lambda package: package.Lock)),
        Work("make a Condition", 0.5, repeated(CREATIONS // 4, lambda package: package.Condition)),
        Work("make a Value", 0.6, repeated(CREATIONS, lambda package: lambda: package.Value("i"))),
        Work("with Lock", 4.0, held("Lock")),
        Work("with RLock", 6.0, held("RLock")),
        Work("Lock.acquire, Lock.release", 14.0, bare),
        Work("add one to a Value", 5.0, repeated(USES // 10, increment)),
        Work(
            "there and back: Semaphore",
            1.5,
            between_two(lambda context: (context.Semaphore(0), context.Semaphore(0)), semaphore_here, semaphore_there),
        ),
        Work(
            "there and back: Event",
            1.5,
            between_two(lambda context: (context.Event(), context.Event()), event_here, event_there),
        ),
        Work(
            "there and back: Condition",
            1.5,
            between_two(lambda context: (context.Condition(), context.RawValue("i")), take_turns(0), take_turns(1)),
        ),
        Work("read 8 KiB of an Array", 0.6, slices(read=True)),
        Work("write 8 KiB of an Array", 0.6, slices(read=False)),
    ]
    show(compare(WORKS))
