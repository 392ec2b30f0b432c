"""Queues in trouble: killed processes, forks, signals and shortages at the wrong moment."""

from __future__ import annotations

import _socket
import errno
import itertools
import os
import pickle
import queue as standard
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import mpreference
from mpreference import channels, semaphores

LIMIT = 60
LARGE = bytes(8_000_000)
"""More than any pipe holds."""

pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning")

context: Any = mpreference.get_context("fork")


@pytest.fixture
def queue() -> Iterator[Any]:
    """Return a queue, whose thread has ended when the next test begins."""
    made = context.Queue()
    yield made
    made.cancel_join_thread()
    made.close()


@pytest.fixture
def bounded() -> Iterator[None]:
    """Let a test that waits for what never comes fail."""

    def too_late(number: int, frame: object) -> None:
        raise AssertionError("it has taken too long")

    before = signal.signal(signal.SIGALRM, too_late)
    signal.alarm(LIMIT)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def child(target: Callable[..., object], *args: object) -> Any:
    """Return a forked child that runs this, and does not outlive this process."""
    process = context.Process(target=target, args=args, daemon=True)
    process.start()
    return process


def end(process: Any) -> None:
    """Assert that a child ends by itself, in order."""
    process.join(LIMIT)
    assert process.exitcode == 0


def until(condition: Callable[[], object]) -> None:
    """Wait until something is so."""
    limit = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.001)


def put_for_ever(queue: Any, size: int) -> None:
    while True:
        queue.put(bytes(size))


def get_for_ever(queue: Any) -> None:
    while True:
        queue.get()


class Halt:
    """Unpickling this tells that it has begun, and does not end."""

    def __init__(self, ready: int) -> None:
        self.ready = ready

    def __reduce__(self) -> tuple[Callable[[int], None], tuple[int]]:
        return halt, (self.ready,)


def halt(ready: int) -> None:
    os.write(ready, b".")
    signal.pause()


@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize("size", [10, 50_000, 500_000])
def test_processes_that_are_killed_while_they_are_busy_hold_nobody_up(size: int) -> None:
    for _ in range(10):
        queue, filled = context.Queue(), context.Queue()
        processes = [child(put_for_ever, queue, size) for _ in range(2)]
        processes += [child(get_for_ever, queue), child(get_for_ever, queue), child(filled.get)]
        while queue.qsize() < 2:
            time.sleep(0.001)
        for process in processes:
            process.kill()
        for process in processes:
            process.join()
        queue.put("the last")
        filled.put("not empty")
        item: object = None
        while item != "the last":
            try:
                item = queue.get(timeout=LIMIT)
            except (EOFError, pickle.UnpicklingError):
                pass  # it was large, and its sender was killed in the middle of it
        assert filled.get(timeout=LIMIT) == "not empty"
        for made in (queue, filled):
            made.close()
            made.join_thread()


@pytest.mark.usefixtures("bounded")
def test_a_sender_that_is_killed_in_the_middle_of_an_item_is_told_of(queue: Any) -> None:
    sender = child(queue.put, LARGE)
    until(lambda: not queue.empty())
    sender.kill()
    sender.join()
    queue.put("next")
    with pytest.raises((EOFError, pickle.UnpicklingError)):
        queue.get(timeout=LIMIT)
    assert queue.get(timeout=LIMIT) == "next"


@pytest.mark.usefixtures("bounded")
def test_a_receiver_that_is_killed_in_the_middle_of_an_item_takes_it_along(queue: Any) -> None:
    reader, writer = os.pipe()
    receiver = child(queue.get)
    queue.put((Halt(writer), LARGE))
    assert os.read(reader, 1)
    os.close(reader)
    os.close(writer)
    receiver.kill()
    receiver.join()
    queue.put("next")
    assert queue.get(timeout=LIMIT) == "next"


def put_one(queue: Any) -> None:
    queue.put("by the child")


def test_a_forked_child_has_nothing_of_what_its_parent_sends(queue: Any) -> None:
    items = [LARGE, *range(10_000)]
    for item in items:
        queue.put(item)
    end(child(int))  # which it would not, if it had to send its parent's items
    process = child(put_one, queue)
    got = [queue.get(timeout=LIMIT) for _ in range(len(items) + 1)]
    got.remove("by the child")  # it may have come at any point
    assert got == items
    end(process)
    assert queue.empty()


def put_and_fork(queue: Any, pids: Any) -> None:
    queue.put(LARGE)
    until(lambda: not queue.empty())
    pid = os.fork()
    if pid == 0:
        signal.pause()
    pids.put(pid)
    signal.pause()


@pytest.mark.usefixtures("bounded")
def test_a_fork_in_the_middle_of_an_item_keeps_no_pipe_open(queue: Any) -> None:
    pids = context.SimpleQueue()
    sender = child(put_and_fork, queue, pids)
    forked = pids.get()
    try:
        sender.kill()
        sender.join()
        with pytest.raises((EOFError, pickle.UnpicklingError)):
            queue.get(timeout=LIMIT)
    finally:
        os.kill(forked, signal.SIGKILL)


def run(folder: Path, program: str, *arguments: str, limit: float = LIMIT) -> str:
    """Return what a program prints."""
    (folder / "program.py").write_text(program)
    command = [sys.executable, "program.py", *arguments]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=limit, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    return ran.stdout


def test_a_process_does_not_wait_at_its_end_for_nobody(tmp_path: Path) -> None:
    run(
        tmp_path,
        """if True:
        import mpreference
        def get_one(queue):
            queue.get()
        context = mpreference.get_context("fork")
        gone, never = context.Queue(), context.Queue()
        process = context.Process(target=get_one, args=(gone,))
        process.start()
        for number in range(5):
            gone.put(bytes(8_000_000))
            never.put(bytes(8_000_000))
        process.join()
        """,
    )


def test_a_main_process_that_cancelled_ends_while_its_thread_begins_to_send(tmp_path: Path) -> None:
    for _ in range(5):
        run(
            tmp_path,
            """if True:
            import mpreference
            queue = mpreference.get_context("fork").Queue()
            queue.put(bytes(8_000_000))
            queue.cancel_join_thread()
            """,
        )


def test_what_is_put_when_no_thread_is_to_be_had_is_sent_at_the_end(tmp_path: Path) -> None:
    printed = run(
        tmp_path,
        """if True:
        import threading
        import mpreference
        def get_all(queue):
            print(*[item if isinstance(item, str) else len(item) for item in iter(queue.get, "stop")])
        def refuse(self):
            raise RuntimeError("can't start new thread")
        context = mpreference.get_context("fork")
        queue = context.Queue()
        context.Process(target=get_all, args=(queue,)).start()
        threading.Thread.start = refuse
        for item in ("small", bytes(8_000_000), "stop"):
            queue.put(item)
        """,
    )
    assert printed.split() == ["small", "8000000"]


def test_an_object_that_cannot_be_pickled_is_the_error_of_put_and_takes_no_slot() -> None:
    queue = context.Queue(1)
    for _ in range(3):
        with pytest.raises((AttributeError, pickle.PicklingError)):
            queue.put(lambda: None, timeout=LIMIT)
    queue.put_nowait("item")
    with pytest.raises(standard.Full):
        queue.put_nowait("one too many")
    assert queue.get(timeout=LIMIT) == "item"


def test_a_signal_handler_may_put_at_any_point() -> None:
    queue = context.Queue()
    numbers = itertools.count()
    got: list[tuple[str, int]] = []
    taker = threading.Thread(target=lambda: got.extend(iter(queue.get, "stop")))
    taker.start()
    before = signal.signal(signal.SIGALRM, lambda number, frame: queue.put(("by a handler", next(numbers))))
    signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
    try:
        for number in range(20_000):
            queue.put(("by the program", number))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    queue.put("stop")
    taker.join(LIMIT)
    assert [number for who, number in got if who == "by the program"] == [*range(20_000)]
    by_handlers = sorted(number for who, number in got if who == "by a handler")
    assert by_handlers == [*range(next(numbers))]  # in any order, as a handler interrupts another
    assert by_handlers


@pytest.mark.usefixtures("bounded")
def test_a_shortage_of_descriptors_is_awaited(queue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = os.pipe
    shortages = [1, 2, 3]

    def scarce() -> tuple[int, int]:
        if shortages:
            shortages.pop()
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return pipe()

    monkeypatch.setattr(os, "pipe", scarce)
    for item in ("before", LARGE, "after"):
        queue.put(item)
    assert [queue.get(timeout=LIMIT) for _ in range(3)] == ["before", LARGE, "after"]
    assert not shortages


@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize("kind", [channels.KIND, _socket.SOCK_DGRAM])
@pytest.mark.parametrize("native", [True, False])
def test_all_kinds_of_sockets_and_semaphores_do(monkeypatch: pytest.MonkeyPatch, kind: int, native: bool) -> None:
    monkeypatch.setattr(channels, "KIND", kind)
    monkeypatch.setattr(semaphores, "NATIVE", native)
    there, back = context.JoinableQueue(), context.Queue(3)
    items = [*range(5000), LARGE, "text"]

    def echo() -> None:
        for item in iter(there.get, "stop"):
            back.put(item)
            there.task_done()

    process = child(echo)
    for item in items:
        there.put(item)
    assert [back.get(timeout=LIMIT) for _ in items] == items
    there.join()
    assert (there.empty(), back.qsize()) == (True, 0)
    there.put("stop")
    end(process)
    if native:
        assert there.qsize() == 0
    else:
        with pytest.raises(NotImplementedError):
            there.qsize()
