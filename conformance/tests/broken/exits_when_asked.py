"""A backend that ends the interpreter, or hangs, where the documentation leaves open what happens.

A context's ``set_start_method`` does as the environment says by ``BROKEN_ANSWER``.
"""

from __future__ import annotations

import os
import threading

from broken.wrapping import __version__, get_all_start_methods, wrap
from broken.wrapping import delegate as __getattr__

__all__ = ["__getattr__", "__version__", "get_all_start_methods", "get_context"]


def set_start_method(method: str | None, force: bool = False) -> None:
    answer = os.environ["BROKEN_ANSWER"]
    if answer == "exit":
        raise SystemExit("not here")
    if answer == "crash":
        os.abort()
    threading.Event().wait()


get_context = wrap(__name__, set_start_method=set_start_method)
