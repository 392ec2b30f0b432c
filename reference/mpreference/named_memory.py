"""Memory that any process can open by its name: the system calls behind :mod:`mpreference.shared_memory`.

POSIX has ``shm_open`` and ``shm_unlink`` for it, which Python reaches through `ctypes`. On Linux such memory is known
to be a file in a folder of its own, so there `os` is enough, and much faster to import.
"""

from __future__ import annotations

import os
import sys

FOLDER = "/dev/shm"
IN_FILES = sys.platform == "linux" and os.path.isdir(FOLDER)
"""Whether named memory is a file in ``FOLDER``."""


def open_named(name: str, flags: int) -> int:
    """Open the memory of this name with the flags of `os.open`; return a descriptor that no child inherits.

    New memory has no bytes, and is for this user only. Raises ``FileExistsError``, ``FileNotFoundError`` and other
    ``OSError``, as `os.open` does.
    """
    if IN_FILES:
        return os.open(_path(name), flags, 0o600)
    import ctypes

    shm_open = ctypes.CDLL(None, use_errno=True).shm_open
    # Not of all three: the mode is a variable argument on some systems, which is passed in another way.
    shm_open.argtypes = [ctypes.c_char_p, ctypes.c_int]
    descriptor: int = shm_open(_name(name), flags, ctypes.c_uint(0o600))
    if descriptor < 0:
        raise _error(name, ctypes.get_errno())
    os.set_inheritable(descriptor, False)
    return descriptor


def unlink_named(name: str) -> None:
    """Remove the name: the memory is freed when the last process has unmapped it. Raises ``OSError``."""
    if IN_FILES:
        os.unlink(_path(name))
        return
    import ctypes

    shm_unlink = ctypes.CDLL(None, use_errno=True).shm_unlink
    shm_unlink.argtypes = [ctypes.c_char_p]
    if shm_unlink(_name(name)) < 0:
        raise _error(name, ctypes.get_errno())


def _path(name: str) -> str:
    return f"{FOLDER}/{_bare(name)}"


def _name(name: str) -> bytes:
    """Return the name for the system, where one begins with a slash and has no other."""
    return b"/" + os.fsencode(_bare(name))


def _bare(name: str) -> str:
    bare = name.removeprefix("/")
    if bare in ("", ".", "..") or "/" in bare or "\0" in bare:
        raise ValueError(f"{name!r} is no name for shared memory: it is that of a file, without a folder")
    return bare


def _error(name: str, number: int) -> OSError:
    return OSError(number, os.strerror(number), name)
