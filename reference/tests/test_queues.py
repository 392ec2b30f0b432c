"""Queues in trouble: killed processes, forks, signals and shortages at the wrong moment, and very many items."""

from __future__ import annotations

import json
import os
import queue as standard
import resource
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import _socket
import pytest

import mpreference
from mpreference import channels, pickling, semaphores

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


@pytest.mark.parametrize("size", [10, 50_000, 500_000])
def test_processes_that_are_killed_while_they_are_busy_hold_nobody_up(size: int) -> None:
    for _ in range(10):
        queue, filled = context.Queue(), context.Queue()
        processes = [child(put_for_ever, queue, size) for _ in range(2)]
        processes += [child(get_for_ever, queue), child(get_for_ever, queue), child(filled.get)]
        until(lambda queue=queue: queue.qsize() > 1)
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
            except (EOFError, pickling.UnpicklingError):
                pass  # it was large, and its sender was killed in the middle of it
        assert filled.get(timeout=LIMIT) == "not empty"
        for made in (queue, filled):
            made.close()
            made.join_thread()


def test_a_sender_that_is_killed_in_the_middle_of_an_item_is_told_of(queue: Any) -> None:
    sender = child(queue.put, LARGE)
    until(lambda: not queue.empty())
    sender.kill()
    sender.join()
    queue.put("next")
    with pytest.raises((EOFError, pickling.UnpicklingError)):
        queue.get(timeout=LIMIT)
    assert queue.get(timeout=LIMIT) == "next"


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
    reader = queue._channel._reader.fileno()
    process = child(os.close, reader)  # so that it would end, if it waited for its parent's items to be sent
    end(process)
    process = child(put_one, queue)
    assert [queue.get(timeout=LIMIT) for _ in items] == items
    assert queue.get(timeout=LIMIT) == "by the child"
    end(process)
    assert queue.empty()


def test_a_fork_in_the_middle_of_a_large_item_keeps_no_pipe_open(queue: Any) -> None:
    receiver = child(queue.get)
    reader, writer = os.pipe()
    queue.put((Halt(writer), LARGE))
    assert os.read(reader, 1)
    bystander = child(signal.pause)  # holds no end of the pipe between the two
    receiver.kill()
    queue.put("next")
    assert queue.get(timeout=LIMIT) == "next"
    bystander.kill()
    for process in (receiver, bystander):
        process.join()
    os.close(reader)
    os.close(writer)


def run(folder: Path, program: str, *arguments: str) -> str:
    """Return what a program prints."""
    (folder / "program.py").write_text(program)
    command = [sys.executable, "program.py", *arguments]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
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


def test_an_object_that_cannot_be_pickled_is_the_error_of_put_and_takes_no_slot() -> None:
    queue = context.Queue(1)
    for _ in range(3):
        with pytest.raises((AttributeError, pickling.PicklingError)):
            queue.put(lambda: None, timeout=LIMIT)
    queue.put_nowait("item")
    with pytest.raises(standard.Full):
        queue.put_nowait("one too many")
    assert queue.get(timeout=LIMIT) == "item"


def test_a_signal_handler_may_put_at_any_point() -> None:
    queue = context.Queue()
    put: Counter[str] = Counter()

    def handler(number: int, frame: object) -> None:
        queue.put(f"signal {put['signal']}")
        put["signal"] += 1

    got: list[str] = []
    taker = threading.Thread(target=lambda: got.extend(iter(queue.get, "stop")))
    taker.start()
    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
    try:
        while put["signal"] < 50 or put["main"] < 20_000:
            queue.put(f"main {put['main']}")
            put["main"] += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    queue.put("stop")
    taker.join(LIMIT)
    for kind, number in put.items():
        assert [item for item in got if item.startswith(kind)] == [f"{kind} {count}" for count in range(number)]


def test_a_shortage_of_descriptors_is_awaited(queue: Any) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    receiver_is_there, there = os.pipe()
    process = child(lambda: (os.write(there, b"."), queue.get(), queue.get()))
    os.read(receiver_is_there, 1)
    queue.put("starts the thread")
    resource.setrlimit(resource.RLIMIT_NOFILE, (os.dup(0) + 1, hard))
    try:
        with pytest.raises(OSError, match="open files"):
            os.pipe()
        queue.put(LARGE)
        assert not process.sentinel or process.is_alive()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    end(process)


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


SOAK = """\
import gc, json, os, sys

import psutil

import mpreference

context = mpreference.get_context("fork")
ROUND = 1000


def echo(incoming, outgoing):
    for item in iter(incoming.get, None):
        outgoing.put(item)


def through(there, back, number):
    for first in range(0, number, ROUND):
        items = [*range(first, first + ROUND), bytes(100_000)]
        for item in items:
            there.put(item)
        assert [back.get() for _ in items] == items


def held(child):
    gc.collect()
    return [
        [len(os.listdir(f"/proc/{process.pid}/fd")), process.num_threads(), process.memory_info().rss]
        for process in (psutil.Process(), psutil.Process(child.pid))
    ]


if __name__ == "__main__":
    there, back = context.Queue(), context.Queue(ROUND)
    child = context.Process(target=echo, args=(there, back))
    child.start()
    through(there, back, int(sys.argv[1]) // 10)
    before = held(child)
    through(there, back, int(sys.argv[1]))
    print(json.dumps([before, held(child)]))
    there.put(None)
    child.join()
"""


def test_a_million_items_leave_nothing(tmp_path: Path) -> None:
    before, after = json.loads(run(tmp_path, SOAK, "1000000"))
    for side in (0, 1):
        assert after[side][:2] == before[side][:2], "descriptors, threads"
        assert after[side][2] - before[side][2] < 2_000_000, "bytes"
