"""What the modules of this section share, and what children run; light, because children import it."""

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import Iterator
from typing import Any


class JournalHandler(logging.Handler):
    """Writes each message to a journal, from whichever process."""

    def __init__(self, journal: Any) -> None:
        super().__init__()
        self.journal = journal

    def emit(self, record: logging.LogRecord) -> None:
        """Write the message down."""
        self.journal.write(record.getMessage())


@contextlib.contextmanager
def standard_error() -> Iterator[io.StringIO]:
    """Give the stream that ``sys.stderr`` is in the block."""
    with contextlib.redirect_stderr(io.StringIO()) as stream:
        yield stream
