"""What importing a backend does beyond binding names: what an adapter that says ``preload`` must not have."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping

LOOKED_AT = (
    *("builtins", "os", "posix", "nt", "sys", "signal", "time", "threading", "_thread", "queue"),
    *("select", "selectors", "socket", "_socket", "ssl", "subprocess"),
    *("multiprocessing.context", "multiprocessing.process"),
)
"""Modules that are known to get patched."""

OWN = ("modules", "path_importer_cache", "last_exc", "last_type", "last_value", "last_traceback", "__warningregistry__")
"""Attributes of theirs that may change, or come and go, by importing as such."""


def what_importing_does(load: Callable[[], object]) -> list[str]:
    """Call ``load()``, which imports, and return what else it did, in words: "started 2 threads"."""
    import psutil

    for name in LOOKED_AT:
        try:
            __import__(name)
        except ImportError:
            pass  # of another platform
    before = _state()
    children = {child.pid for child in psutil.Process().children()}
    printed = _printed_by(load)
    after = _state()
    found = []
    if printed:
        found.append(f"prints {printed}")
    threads = threading.active_count() - 1
    if threads:
        found.append(f"starts threads ({', '.join(one.name for one in threading.enumerate()[1:])})")
    started = [child for child in psutil.Process().children() if child.pid not in children]
    if started:
        found.append(f"starts processes ({', '.join(child.name() for child in started)})")
    for kind, words in (("environment", "changes the environment"), ("signals", "handles"), ("patched", "patches")):
        names = sorted(
            name for name in {*before[kind], *after[kind]} if before[kind].get(name) != after[kind].get(name)
        )
        if names:
            more = f" and {len(names) - 5} more" if len(names) > 5 else ""
            found.append(f"{words} ({', '.join(names[:5])}{more})")
    return found


def _state() -> dict[str, Mapping[str, object]]:
    """Return the state that importing should leave alone."""
    handlers = {str(getattr(one, "name", one)): signal.getsignal(one) for one in signal.valid_signals()}
    patched = {
        f"{name}.{attribute}": id(value)
        for name in LOOKED_AT
        if name in sys.modules
        for attribute, value in vars(sys.modules[name]).items()
        if callable(value) and attribute not in OWN
    }
    return {"environment": dict(os.environ), "signals": handlers, "patched": patched}


def _printed_by(load: Callable[[], object]) -> str:
    """Call it and return the first line of what it printed."""
    with tempfile.TemporaryFile() as file:
        kept = os.dup(1), os.dup(2)
        try:
            for stream, number in ((sys.stdout, 1), (sys.stderr, 2)):
                stream.flush()
                os.dup2(file.fileno(), number)
            load()
        finally:
            for stream, number, old in ((sys.stdout, 1, kept[0]), (sys.stderr, 2, kept[1])):
                stream.flush()
                os.dup2(old, number)
                os.close(old)
        file.seek(0)
        lines = file.read(4096).decode(errors="replace").strip().splitlines()
    return repr(lines[0]) if lines else ""
