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
    from mpreference.process import BaseProcess

_executable: list[str] = []


def set_executable(path: str | bytes | os.PathLike[str]) -> None:
    """Set the interpreter that children run, instead of ``sys.executable`` (`multiprocessing.set_executable`)."""
    _executable[:] = [os.fsdecode(path)]


def executable() -> str:
    """Return the path of the interpreter that children run."""
    return _executable[0] if _executable else sys.executable


def execute(call: str, descriptors: list[int]) -> int:
    """Start an interpreter that calls ``mpreference.starting.child.{call}(descriptors)``; return its pid.

    The descriptors, and the standard streams, are all that it inherits.
    """
    import subprocess  # for the flags alone, which no public function gives

    first = max(descriptors) + 1
    actions: list[tuple[int, ...]] = []
    targets = []
    for number, descriptor in enumerate(descriptors):
        # Above all of them, so that none is overwritten before it was duplicated.
        targets.append(first + number)
        actions.append((os.POSIX_SPAWN_DUP2, descriptor, first + number))
    for name in os.listdir("/dev/fd"):
        try:
            if int(name) > 2 and int(name) not in targets and os.get_inheritable(int(name)):
                actions.append((os.POSIX_SPAWN_CLOSE, int(name)))
        except OSError:
            pass  # the descriptor of the listing, closed by now
    if getattr(sys, "frozen", False):
        command = [executable(), preparation.FROZEN, call, *map(str, targets)]
    else:
        place = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        program = (
            f"import sys; sys.path.append({place!r}); from mpreference.starting import child; child.{call}({targets})"
        )
        command = [executable(), *subprocess._args_from_interpreter_flags(), "-c", program]  # type: ignore[attr-defined]
    return os.posix_spawn(command[0], command, os.environ, file_actions=actions)


def launch(process: BaseProcess) -> Handle:
    """Spawn a child that runs ``process``; raise whatever its pickling raises, before there is a child."""
    payload, given = preparation.payload(process, "spawn")
    reader, writer = os.pipe()
    if PIDFD:
        pid = execute("spawned", [reader, *given])
        handle = ChildHandle(pid, os.pidfd_open(pid))
    else:
        child_ends, parent_holds = os.pipe()
        parent_ends, child_holds = os.pipe()
        pid = execute("spawned_with_pipes", [reader, child_ends, child_holds, *given])
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
