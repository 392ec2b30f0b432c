"""One promise of several that a test verifies: judged by itself, so that none is accused for another.

What a promise came to is written to a file of the sandbox at once, so that it is known whatever becomes of the test.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

PROMISES = "MPCONFORM_PROMISES"
"""The environment variable with the file that promises are noted in; without it a broken promise ends the test."""


@contextmanager
def promise(ident: str) -> Iterator[None]:
    """Judge the block for the requirement ``ident`` alone, which is one of those that the test ``verifies``.

    If the block raises, that promise is broken and the test goes on behind the block; so nothing of what follows may
    rest on what the block was to make. Whatever happens outside of such blocks concerns the promises without a block.
    """
    note_promise(ident, "begun")
    try:
        yield
    except Exception as error:
        if PROMISES not in os.environ:
            raise
        from traceback import format_exc  # slow to import, and no child needs it

        note_promise(ident, "fail", str(error) or repr(error), format_exc())
    else:
        note_promise(ident, "pass")


def note_promise(ident: str, verdict: str, message: str = "", traceback: str = "") -> None:
    """Note that a promise is being judged, or what came of it, if there is a file for it."""
    if PROMISES in os.environ:
        import json  # as above

        line = json.dumps({"id": ident, "verdict": verdict, "message": message, "traceback": traceback})
        with open(os.environ[PROMISES], "a", encoding="utf-8") as file:
            file.write(line + "\n")
