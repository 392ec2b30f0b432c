"""Doing things very often leaves descriptors, threads and memory as they were, in every process that takes part."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

LIMIT = 900
MEMORY = 2_000_000
"""Bytes by which memory may differ between two moments; 20 lost with each of 100,000 objects are as many."""

SOAK = """\
import gc, json, sys, time

import psutil

import mpreference

context = mpreference.get_context(sys.argv[2])
ROUND = 1000


def nothing():
    pass


def processes():
    def start_and_join(number):
        for _ in range(number):
            child = context.Process(target=nothing)
            child.start()
            child.join()

    return start_and_join, []


def proxies():
    manager = context.Manager()
    outer = manager.list([manager.list()])
    objects = count_objects(manager)

    def make_and_drop(number):
        for _ in range(number // 2):
            manager.list()  # of a new object
            outer[0]  # of one that is there
        end = time.monotonic() + 30
        while (left := count_objects(manager) - objects) and time.monotonic() < end:
            time.sleep(0.01)  # the server is told of what is dropped, and does not answer
        assert not left, f"{left} objects are left in the manager"

    return make_and_drop, mpreference.active_children()


def count_objects(manager):
    return manager._link.ask("number_of_objects", ())


def items():
    there, back = context.Queue(), context.Queue(ROUND)
    child = context.Process(target=echo, args=(there, back), daemon=True)
    child.start()

    def put_and_get(number):
        for first in range(0, number, ROUND):
            items = [bytes(100_000), *range(first, first + ROUND)]
            for item in items:
                there.put(item)
            assert [back.get() for _ in items] == items

    return put_and_get, [child]


def echo(incoming, outgoing):
    while True:
        outgoing.put(incoming.get())


def held(others):
    gc.collect()
    return [
        [process.num_fds(), process.num_threads(), len(process.children()), process.memory_info().rss]
        for process in [psutil.Process(), *(psutil.Process(other.pid) for other in others)]
    ]


if __name__ == "__main__":
    work, others = globals()[sys.argv[1]]()
    times = int(sys.argv[3])
    work(times // 10)
    before = held(others)
    work(times)
    print(json.dumps([before, held(others)]))
"""


def assert_nothing_grows(folder: Path, *arguments: str) -> None:
    """Do one of the works above, and assert that afterwards everything is as it was before."""
    (folder / "soak.py").write_text(SOAK)
    ran = subprocess.run(
        [sys.executable, "soak.py", *arguments], cwd=folder, capture_output=True, text=True, timeout=LIMIT, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stderr
    names = "the program", "the other process"
    for name, before, after in zip(names, *json.loads(ran.stdout), strict=False):
        assert after[:3] == before[:3], f"{name} has descriptors, threads, children: {before[:3]}, then {after[:3]}"
        assert after[3] - before[3] < MEMORY, f"{name} has {after[3] - before[3]} bytes more"


@pytest.mark.parametrize(("method", "times"), [("fork", "10000"), ("forkserver", "1000"), ("spawn", "200")])
def test_processes_leave_nothing(tmp_path: Path, method: str, times: str) -> None:
    assert_nothing_grows(tmp_path, "processes", method, times)


def test_proxies_leave_nothing(tmp_path: Path) -> None:
    assert_nothing_grows(tmp_path, "proxies", "fork", "100000")


def test_items_of_queues_leave_nothing(tmp_path: Path) -> None:
    assert_nothing_grows(tmp_path, "items", "fork", "1000000")
