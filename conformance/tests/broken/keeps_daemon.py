"""A backend each process of which keeps a helper, a socket, a thread and a file for good; its adapter says so."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import threading

from broken.wrapping import __version__, get_all_start_methods, wrap
from broken.wrapping import delegate as __getattr__
from mpadapters import Adapter

__all__ = ["KeepsDaemon", "__getattr__", "__version__", "get_all_start_methods", "get_context"]

KEPT: list[object] = []


class Keeping:
    def start(self) -> None:
        super().start()
        if KEPT:
            return
        helper = "import time; time.sleep(600)  # the helper that is kept"
        KEPT.append(subprocess.Popen([sys.executable, "-c", helper], start_new_session=True))
        KEPT.append(socket.socket())
        threading.Thread(target=threading.Event().wait, name="kept", daemon=True).start()
        with tempfile.NamedTemporaryFile(prefix="kept-", delete=False):
            pass


get_context = wrap(__name__, Keeping)


class KeepsDaemon(Adapter):
    """Says what is kept."""

    name = "keeps_daemon"
    package = "broken.keeps_daemon"
    keeps = ("*the helper that is kept", "socket:*", "kept", "kept-*")
