"""What a test left in shared memory: names that outlive the processes that made them (Linux).

All programs of the machine share the one folder of names, and sandboxes run side by side. So a name is taken for a
test's own only if it came while the test ran, belongs to this user, and no living process has it open or mapped; and
it is a leak only if the test leaves another such name when it is run alone.
"""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path("/dev/shm")


def names() -> set[str]:
    """Return the names of the semaphores and the shared memory of this user; none where the system shows none."""
    found = set()
    for path in FOLDER.glob("*"):
        try:
            if path.stat().st_uid == os.getuid():
                found.add(path.name)
        except OSError:
            pass  # it went away meanwhile
    return found


def left_since(before: set[str]) -> list[str]:
    """Return the names that are there now, were not there before, and that no living process uses."""
    new = names() - before
    return sorted(new - _in_use(new)) if new else []


def _in_use(wanted: set[str]) -> set[str]:
    """Return those of the names that some process has open or mapped."""
    used: set[str] = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            mapped = (process / "maps").read_text()
            opened = [os.readlink(entry) for entry in (process / "fd").iterdir()]
        except OSError:
            continue  # it has ended, or is another user's, and so are its names
        text = "\n".join([mapped, *opened])
        used.update(name for name in wanted if f"{FOLDER}/{name}" in text)
    return used
