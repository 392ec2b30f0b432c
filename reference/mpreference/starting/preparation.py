"""What a child that is not forked is told before it unpickles its process object: its parent's surroundings."""

from __future__ import annotations

import os
import sys

from mpreference import handover, pickling
from mpreference.process import adopt_parent
from mpreference.starting import mainmodule
from mpreference.starting.sentinels import watch_parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from mpreference.process import BaseProcess

FROZEN = "--multiprocessing-fork"
"""The first argument of a frozen program that is run as a child."""

steps: list[tuple[Any, Any]] = []
"""Pairs of functions, ``ask() -> picklable`` in the parent and ``tell(answer)`` in the child: what other rooms hand on.

Both are defined at the top of a module. A step is added when its room is first used, so a child only imports what its
parent has used.
"""


def payload(process: BaseProcess, method: str) -> tuple[list[bytes], list[int]]:
    """Return what a child reads, in parts, and the descriptors that go with it."""
    surroundings = {
        "path": [os.path.abspath(entry) if entry else os.getcwd() for entry in sys.path],
        "argv": sys.argv,
        "folder": os.getcwd(),
        "main": mainmodule.describe(),
        "parent": (process._creator_name, os.getpid()),
    }
    # Two pickles: the second may need the main module, which the first one tells of.
    first = pickling.dumps(surroundings)
    second, given = handover.pickle_for_child(lambda: (process, [(tell, ask()) for ask, tell in steps]), method)
    return [len(first).to_bytes(8, "big"), first, second], given


def receive(data: bytes, lifeline: int | None) -> BaseProcess:
    """Take on the surroundings of the parent and return the process object; ``lifeline`` is a pipe to the parent."""
    length = int.from_bytes(data[:8], "big")
    surroundings = pickling.loads(data[8 : 8 + length])
    sys.path[:] = surroundings["path"]
    sys.argv[:] = surroundings["argv"]
    try:
        os.chdir(surroundings["folder"])
    except OSError:
        pass  # it was removed, or is not ours to enter: the child begins where it is
    name, pid = surroundings["parent"]
    adopt_parent(name, pid, watch_parent(pid, lifeline))
    mainmodule.restore(surroundings["main"])
    process: BaseProcess
    process, told = pickling.loads(memoryview(data)[8 + length :])
    for tell, answer in told:
        tell(answer)
    handover.close_unclaimed()
    return process
