"""Starting a child by ``spawn``: a fresh interpreter, which gets what it needs and nothing else.

The child's command line names two things: the descriptor of a pipe, through which the *preparation* and the pickled
process object come, and the descriptors that those refer to by tickets (:mod:`mpreference.handover`). Each
was duplicated by the very call that started the child; every other inheritable descriptor is closed by it.
"""

from __future__ import annotations

import os
import sys

from mpreference.starting import preparation
from mpreference.starting.handles import ChildHandle, Handle
from mpreference.starting.sentinels import PIDFD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from mpreference.process import BaseProcess

_executable: list[str] = []


def set_executable(path: str | bytes | os.PathLike[str]) -> None:
    """Set the interpreter that children run, instead of ``sys.executable`` (`multiprocessing.set_executable`)."""
    _executable[:] = [os.fsdecode(path)]


def executable() -> str:
    """Return the path of the interpreter that children run."""
    return _executable[0] if _executable else sys.executable


def execute(place: str, descriptors: list[int], *, apart: bool = False) -> int:
    """Start an interpreter that calls the function at ``place``, a ``module:name``, with descriptors; return its pid.

    The function gets a list of what the descriptors, in their order, are there. These and the standard streams are all
    that the interpreter inherits; ``apart`` it has none of the streams, and a process group of its own.
    """
    import subprocess  # for the flags alone, which no public function gives

    first = max(2, *descriptors) + 1  # above all of them, so that none is overwritten before it was duplicated
    targets = list(range(first, first + len(descriptors)))
    actions: list[tuple[object, ...]] = [
        (os.POSIX_SPAWN_DUP2, descriptor, target) for descriptor, target in zip(descriptors, targets, strict=True)
    ]
    for name in os.listdir("/dev/fd"):
        try:
            if int(name) > 2 and int(name) not in targets and os.get_inheritable(int(name)):
                actions.append((os.POSIX_SPAWN_CLOSE, int(name)))
        except OSError:
            pass  # the descriptor of the listing, closed by now
    more: dict[str, Any] = {}
    if apart:
        actions.append((os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDWR, 0))
        actions += [(os.POSIX_SPAWN_DUP2, 0, 1), (os.POSIX_SPAWN_DUP2, 0, 2)]
        more["setpgroup"] = 0
    if getattr(sys, "frozen", False):
        command = [executable(), preparation.FROZEN, place, *map(str, targets)]
    else:
        package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        module, _, name = place.partition(":")
        program = f"import sys; sys.path.append({package!r}); from {module} import {name}; {name}({targets})"
        command = [executable(), *subprocess._args_from_interpreter_flags(), "-c", program]  # type: ignore[attr-defined]
    return os.posix_spawn(command[0], command, os.environ, file_actions=actions, **more)


def launch(process: BaseProcess) -> Handle:
    """Spawn a child that runs ``process``; raise whatever its pickling raises, before there is a child."""
    payload, given = preparation.payload(process, "spawn")
    reader, writer = os.pipe()
    if PIDFD:
        pid = execute("mpreference.starting.child:spawned", [reader, *given])
        handle = ChildHandle(pid, os.pidfd_open(pid))
    else:
        child_ends, parent_holds = os.pipe()
        parent_ends, child_holds = os.pipe()
        pid = execute("mpreference.starting.child:spawned_with_pipes", [reader, child_ends, child_holds, *given])
        os.close(child_ends)
        os.close(child_holds)
        handle = ChildHandle(pid, parent_ends, (parent_holds,))
    os.close(reader)
    send(writer, payload)
    return handle


def send(descriptor: int, payload: list[bytes]) -> None:
    """Write the payload to a child and close the descriptor."""
    try:
        for part in payload:
            rest = memoryview(part)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
    except BrokenPipeError:
        pass  # the child has ended meanwhile: its exit code tells
    finally:
        os.close(descriptor)
