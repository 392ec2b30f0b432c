"""Benchmark: messages through pipes, waiting on many connections, and connecting with a key.

``python reference/benchmarks/connections.py``
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from compare import Work, compare, show

SMALL = {"name": "a task", "number": 12345678, "flags": (True, False, None)}
"""Some 64 bytes, pickled."""

LARGE = bytes(1 << 20)
TRIPS = 8000
LARGES = 400
WAITS = 4000
CONNECTS = 1000
KEY = b"the key of both"


def echo(connection: Any) -> None:
    """Send back what comes, until None does."""
    while (obj := connection.recv()) is not None:
        connection.send(obj)


def swallow(connection: Any, done: Any) -> None:
    """Receive objects until None comes; say so after each that is a text."""
    while (obj := connection.recv()) is not None:
        if isinstance(obj, str):
            done.send(obj)


def swallow_bytes(connection: Any, done: Any) -> None:
    """Receive messages until an empty one comes; say so after each of one byte."""
    while message := connection.recv_bytes():
        if len(message) == 1:
            done.send("done")


@contextmanager
def child(package: Any, target: Callable[..., None], *args: Any) -> Iterator[None]:
    """Run a forked child during the block, which tells it to end."""
    process = package.get_context("fork").Process(target=target, args=args)
    process.start()
    yield
    process.join()


@contextmanager
def round_trips(package: Any) -> Iterator[Callable[[], object]]:
    """Send a small object and receive it back."""
    here, there = package.Pipe()
    with child(package, echo, there):

        def run() -> None:
            for _ in range(TRIPS):
                here.send(SMALL)
                here.recv()

        yield run
        here.send(None)


def large(duplex: bool, as_bytes: bool) -> Callable[[Any], Any]:
    """Return the work of sending large messages one way."""

    @contextmanager
    def work(package: Any) -> Iterator[Callable[[], object]]:
        incoming, outgoing = package.Pipe(duplex)
        done, say = package.Pipe(False)
        with child(package, swallow_bytes if as_bytes else swallow, incoming, say):

            def run_objects() -> None:
                for _ in range(LARGES):
                    outgoing.send(LARGE)
                outgoing.send("that was all")
                done.recv()

            def run_bytes() -> None:
                for _ in range(LARGES):
                    outgoing.send_bytes(LARGE)
                outgoing.send_bytes(b".")
                done.recv()

            yield run_bytes if as_bytes else run_objects
            outgoing.send_bytes(b"") if as_bytes else outgoing.send(None)

    return work


@contextmanager
def waiting(package: Any) -> Iterator[Callable[[], object]]:
    """Wait on 64 connections, one of which is ready."""
    wait = import_module(f"{package.__name__}.connection").wait
    ends = [package.Pipe(False) for _ in range(64)]
    readers = [reader for reader, _ in ends]
    ends[40][1].send("ready")

    def run() -> None:
        for _ in range(WAITS):
            wait(readers)

    yield run


def accept(listener: Any) -> None:
    """Accept clients until one says that it is the last."""
    while True:
        with listener.accept() as connection:
            if connection.recv() == "the last":
                return


@contextmanager
def connecting(package: Any) -> Iterator[Callable[[], object]]:
    """Connect with a key, over a socket that is a file, to a listener in another process, and say something."""
    connection = import_module(f"{package.__name__}.connection")

    def connect(word: str) -> None:
        with connection.Client(listener.address, authkey=KEY) as client:
            client.send(word)

    with connection.Listener(family="AF_UNIX", backlog=16, authkey=KEY) as listener, child(package, accept, listener):

        def run() -> None:
            for _ in range(CONNECTS):
                connect("hello")

        yield run
        connect("the last")


WORKS = [
    Work("round trip of 64 bytes", 0.85, round_trips),
    Work("1 MiB, simplex, as objects", 0.5, large(False, False)),
    Work("1 MiB, simplex, as bytes", 0.5, large(False, True)),
    Work("1 MiB, duplex, as objects", 0.35, large(True, False)),
    Work("1 MiB, duplex, as bytes", 0.35, large(True, True)),
    Work("wait on 64 connections", 0.5, waiting),
    Work("connect with a key", 0.9, connecting),
]

if __name__ == "__main__":
    show(compare(WORKS))
