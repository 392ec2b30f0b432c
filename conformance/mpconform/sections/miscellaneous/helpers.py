"""How a child finds out by which method it was started; light, because children import it.

A forked child has the memory of its parent; a child of the fork server has not, and the system has another process
for its parent; a spawned one is a fresh interpreter that its parent has started.
"""

from __future__ import annotations

import os
from typing import Any

marked = False
"""Set by a parent after this module was imported; in a child it is set only if the memory of the parent is there."""


def mark() -> None:
    """Change the memory of this process so that a forked child can tell."""
    global marked
    marked = True


def record_start_method(journal: Any, creator: int) -> None:
    """Write down by which method this process was started; ``creator`` is the pid of its parent."""
    if marked:
        journal.write("fork")
    elif os.getppid() == creator:
        journal.write("spawn")
    else:
        journal.write("forkserver")


STARTED = """
    import json
    import sys

    marked = False

    def record_start_method(journal, creator):
        if marked:
            journal.write("fork")
        elif os.getppid() == creator:
            journal.write("spawn")
        else:
            journal.write("forkserver")

    if __name__ == "__main__":
        marked = True
        package.set_start_method(sys.argv[1])
        child = package.Process(target=record_start_method, args=(Journal(sys.argv[2]), os.getpid()))
        child.start()
        child.join()
    """
"""A program that sets its start method and starts a child, which writes down by which method that was."""
