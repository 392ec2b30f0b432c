"""Doing things very often leaves descriptors, threads and memory as they were."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

LIMIT = 600
MEMORY = 2_000_000
"""Bytes by which memory may differ between two moments; one object of 100 bytes lost each time is more."""

SOAK = """\
import gc, json, os, sys

import psutil

import mpreference


def nothing():
    pass


def start_and_join(number):
    context = mpreference.get_context(sys.argv[2])
    for _ in range(number):
        child = context.Process(target=nothing)
        child.start()
        child.join()


def held():
    gc.collect()
    me = psutil.Process()
    return [len(os.listdir("/proc/self/fd")), me.num_threads(), len(me.children()), me.memory_info().rss]


if __name__ == "__main__":
    work = globals()[sys.argv[1]]
    times = int(sys.argv[3])
    work(times // 10)
    before = held()
    work(times)
    print(json.dumps([before, held()]))
"""


def assert_nothing_grows(folder: Path, *arguments: str) -> None:
    """Run one of the works above, and assert that afterwards everything is as it was before."""
    (folder / "soak.py").write_text(SOAK)
    ran = subprocess.run(
        [sys.executable, "soak.py", *arguments], cwd=folder, capture_output=True, text=True, timeout=LIMIT, check=False
    )
    assert ran.returncode == 0, ran.stderr
    before, after = json.loads(ran.stdout)
    assert after[:3] == before[:3], f"descriptors, threads, children: {before[:3]} before, {after[:3]} after"
    assert after[3] - before[3] < MEMORY, f"{after[3] - before[3]} bytes more"


@pytest.mark.parametrize(("method", "times"), [("fork", "10000"), ("forkserver", "1000"), ("spawn", "200")])
def test_processes_leave_nothing(tmp_path: Path, method: str, times: str) -> None:
    assert_nothing_grows(tmp_path, "start_and_join", method, times)
