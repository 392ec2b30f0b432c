"""Files that are there whole or not at all: written beside their place, then swapped in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def swapped(path: Path) -> Iterator[Path]:
    """Give a path beside this one, whose folder is made if need be; then put what was written there in its place.

    After an error, also one of the caller, the file is as it was. Raises ``OSError`` if it cannot be written.
    """
    path = path.resolve()  # so that a link stays one
    if path.exists() and not path.is_file():
        raise OSError("it is no regular file")
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield beside
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
