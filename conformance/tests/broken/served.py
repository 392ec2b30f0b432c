"""A backend that works as long as its server runs, and adapters that start one: well, not at all, or for ever."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from broken.wrapping import __version__, get_all_start_methods, wrap
from broken.wrapping import delegate as __getattr__
from mpadapters import Adapter

__all__ = [
    "Served",
    "ServedAndHanging",
    "ServedLate",
    "Unserved",
    "__getattr__",
    "__version__",
    "get_all_start_methods",
    "get_context",
]

SERVER = "BROKEN_SERVER"
"""The environment variable that tells children of the server."""

LOG = "BROKEN_SERVER_LOG"
"""The file in which the adapter notes what it is asked to do."""

standard = wrap(__name__)


def get_context(method: str | None = None) -> object:
    """Return a context, if the server runs."""
    os.kill(int(os.environ[SERVER]), 0)
    return standard(method)


def note(what: str) -> None:
    with open(os.environ[LOG], "a") as file:
        file.write(what + "\n")


class Served(Adapter):
    """Starts the server, which is a process that waits."""

    name = "served"
    package = "broken.served"

    def start(self) -> None:
        note("start")
        self.server = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        os.environ[SERVER] = str(self.server.pid)

    def stop(self) -> None:
        note("stop")
        if hasattr(self, "server"):
            self.server.kill()
            self.server.wait()


class Unserved(Served):
    """Its server cannot be started."""

    def start(self) -> None:
        note("start")
        raise RuntimeError("there is no such server")


class ServedAndHanging(Served):
    """Its server runs, and a method of its backend hangs."""

    name = "served_and_hanging"
    package = "broken.hangs_in_is_alive"


class ServedLate(Served):
    """Its stop() does not return."""

    def stop(self) -> None:
        super().stop()
        time.sleep(600)
