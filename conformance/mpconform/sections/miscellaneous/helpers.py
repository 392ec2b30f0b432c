"""What the modules of this section share; light, because children import it.

How a child finds out by which method it was started: a forked child has the memory of its parent; a child of the fork
server has not, and the system has another process for its parent; a spawned one is a fresh interpreter that its parent
has started.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
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


def answer(look: Callable[[], Any]) -> Any:
    """Return what the call returns, or in words what it raised: no answer keeps others from being given."""
    try:
        return look()
    except Exception as error:
        return f"raised {error!r}"


TELL = """
    import json
    import sys

    def tell(question, look):
        try:
            answer = look()
        except Exception as error:
            answer = f"raised {type(error).__name__}"
        print(json.dumps(["told", question, answer]), flush=True)
    """
"""The beginning of a program that tells the answers to some questions, whatever becomes of the others."""


def told(outcome: Any) -> dict[str, Any]:
    """Return the answers of such a program, which may have printed other things as well."""
    lines = [json.loads(line) for line in outcome.output.splitlines() if line.startswith('["told"')]
    return {question: answer for _, question, answer in lines}


def other_than(method: str, methods: list[str]) -> str:
    """Return another one of the start methods, or the same if there is no other."""
    return next((other for other in methods if other != method), method)


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
