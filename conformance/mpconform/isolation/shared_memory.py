"""A folder of names in shared memory for each server, so that what a test leaves there is its own for sure (Linux).

Such names outlive the processes that made them, and all programs of a machine share one folder of them. Where this
process may, it gets a mount namespace with a folder of its own in that place; where it may not, nothing is
looked at, since nobody could tell whose the names are.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

FOLDER = Path("/dev/shm")

CLONE_NEWNS = 0x00020000
MS_REC, MS_PRIVATE = 0x4000, 0x40000


def own_names() -> bool:
    """Give this process, and those that it starts from now on, a folder of names of their own; return whether it could.

    Must not be called with more than one thread.
    """
    if sys.platform != "linux" or not FOLDER.is_dir():
        return False
    libc = ctypes.CDLL(None)
    if libc.unshare(CLONE_NEWNS) != 0:
        return False
    # Private first, so that the mount is not seen elsewhere.
    return bool(
        libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) == 0
        and libc.mount(b"mpconform", bytes(FOLDER), b"tmpfs", 0, b"mode=1777") == 0
    )


def take_names() -> list[str]:
    """Return the names that are there, and remove them; the folder is this process's own."""
    found = sorted(os.listdir(FOLDER))
    for name in found:
        try:
            (FOLDER / name).unlink()
        except OSError:
            pass  # a folder, or it went away meanwhile
    return found
