"""A backend whose ``Pipe`` fails in every other process that uses it, the first one to begin with.

The processes are counted in the file that the environment variable ``BROKEN_FLAKY_COUNTER`` names. So a test that
uses ``Pipe`` fails, and passes when it is run again alone.
"""

from __future__ import annotations

import functools
import multiprocessing
import os

from broken.wrapping import __version__, get_all_start_methods, wrap
from broken.wrapping import delegate as __getattr__

__all__ = ["__getattr__", "__version__", "get_all_start_methods", "get_context"]


@functools.cache
def fails() -> bool:
    """Return whether ``Pipe`` fails in this process; its forked children do as it does."""
    counter = os.environ.get("BROKEN_FLAKY_COUNTER")
    if counter is None:
        raise RuntimeError("broken.flaky: set BROKEN_FLAKY_COUNTER to the path of a file")
    descriptor = os.open(counter, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, b".")
        return os.lseek(descriptor, 0, os.SEEK_CUR) % 2 == 1
    finally:
        os.close(descriptor)


def pipe(duplex: bool = True) -> object:
    if fails():
        raise OSError("Pipe() fails in this process")
    return multiprocessing.Pipe(duplex)


get_context = wrap(__name__, Pipe=pipe)
