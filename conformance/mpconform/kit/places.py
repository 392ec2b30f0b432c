"""Telling the harness that this test computes nothing for a while, so that another one may.

A run has a **place** for each core. A test that only watches or awaits something gives its place up until it goes on:
so waiting is free, and a watch can be as long as it has to be. The harness looks at one byte of shared memory for each
sandbox; outside of a sandbox, and in the children and the other threads of a test, nothing is told.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Place:
    """The place of the sandbox that this process is the root of, if it is one."""

    flag: memoryview | None = None
    owner = 0


def take_place(flag: memoryview) -> None:
    """Let :func:`idle` tell through the one byte of ``flag`` whether this process gives its place up."""
    Place.flag, Place.owner = flag, os.getpid()
    flag[0] = 0


@contextmanager
def idle() -> Iterator[None]:
    """Give this test's place up as long as the block runs, which only waits for time to pass or for others."""
    flag = Place.flag
    if flag is None or os.getpid() != Place.owner or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = flag[0]
    flag[0] = 1
    try:
        yield
    finally:
        flag[0] = before
