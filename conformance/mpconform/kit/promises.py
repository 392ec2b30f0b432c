"""One promise of several that a test verifies: judged by itself, so that none is accused for another.

What a promise came to is written to a file of the sandbox at once, so that it is known whatever becomes of the test.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from mpconform.kit.patience import Late

TYPE_CHECKING = False  # what typing.TYPE_CHECKING is, without the price of importing it
if TYPE_CHECKING:
    from typing import NoReturn

PROMISES = "MPCONFORM_PROMISES"
"""The environment variable with the file that promises are noted in; without it a broken promise ends the test."""


class NotArisen(Exception):
    """The situation in which something is promised did not arise."""


def did_not_arise(what: str) -> NoReturn:
    """End the test, or the ``promise`` block, with ``not-applicable``: ``what`` was to happen first, and did not.

    For what no test can force: a pass would say that the promise was tried.
    """
    raise NotArisen(f"did not arise: {what}")


@contextmanager
def promise(ident: str) -> Iterator[None]:
    """Judge the block for the requirement ``ident`` alone, which is one of those that the test ``verifies``.

    If the block raises, that promise is broken and the test goes on behind the block; so nothing of what follows may
    rest on what the block was to make. Whatever happens outside of such blocks concerns the promises without a block.
    """
    note_promise(ident, "begun")
    try:
        yield
    except NotArisen as error:
        if PROMISES not in os.environ:
            raise
        note_promise(ident, "not-applicable", str(error))
    except Exception as error:
        if PROMISES not in os.environ:
            raise
        from traceback import format_exc  # slow to import, and no child needs it

        note_promise(ident, "fail", str(error) or repr(error), format_exc(), late=isinstance(error, Late))
    else:
        note_promise(ident, "pass")


def note_promise(ident: str, verdict: str, message: str = "", traceback: str = "", *, late: bool = False) -> None:
    """Note that a promise is being judged, or what came of it, if there is a file for it."""
    if PROMISES in os.environ:
        import json  # as above

        said = {"id": ident, "verdict": verdict, "message": message, "traceback": traceback, "late": late}
        with open(os.environ[PROMISES], "a", encoding="utf-8") as file:
            file.write(json.dumps(said) + "\n")
