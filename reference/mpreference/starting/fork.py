"""Starting a child by ``fork``: it begins as a copy of this process, and shares whatever its objects hold."""

from __future__ import annotations

import os
import sys

from mpreference.process import adopt_parent, drop_exit_handlers, leave, run_child
from mpreference.starting.handles import ChildHandle, Handle
from mpreference.starting.sentinels import PIDFD, watch_parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mpreference.process import BaseProcess


def launch(process: BaseProcess) -> Handle:
    """Fork a child that runs ``process``."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()  # or the child would print it once more
    if PIDFD:
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            _be_child(process, parent, None)
        return ChildHandle(pid, os.pidfd_open(pid))
    child_ends, parent_holds = os.pipe()
    parent_ends, child_holds = os.pipe()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        os.close(parent_holds)
        os.close(parent_ends)
        _be_child(process, parent, child_ends)
    os.close(child_holds)
    os.close(child_ends)
    return ChildHandle(pid, parent_ends, (parent_holds,))


def _be_child(process: BaseProcess, parent: int, pipe: int | None) -> None:
    code = 1
    try:
        drop_exit_handlers()
        adopt_parent(process._creator_name, parent, watch_parent(parent, pipe))
        code = run_child(process)
    finally:
        leave(code)  # nothing may get back into the code that forked
