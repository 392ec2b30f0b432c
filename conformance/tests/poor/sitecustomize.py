"""Takes away from the processes of the harness what only POSIX has: put this folder on ``PYTHONPATH``.

What the standard library itself does with those names goes on to work: it gets a copy of them. Sandboxes, in which a
backend runs, and what the backend starts are left as they are.
"""

from __future__ import annotations

import os
import signal
import sys
import types

CALLS = (
    *("fork", "forkpty", "setsid", "getpgid", "setpgid", "getpgrp", "setpgrp", "killpg", "WNOHANG", "getsid"),
    *("waitid", "pidfd_open", "wait", "wait3", "wait4", "register_at_fork", "nice"),
)
SIGNALS = (
    *("SIGKILL", "SIGSTOP", "SIGCONT", "SIGHUP", "SIGQUIT", "SIGCHLD", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGPIPE"),
    *("SIGTSTP", "SIGTTIN", "SIGTTOU", "pthread_sigmask", "setitimer", "alarm", "pthread_kill", "sigwait"),
)
MODULES = ("fcntl", "resource", "termios", "pty", "grp", "pwd")


def take_away() -> None:
    """Take all of it away."""
    import asyncio  # noqa: F401 - what needs them to be imported is imported before
    import shutil  # noqa: F401
    import subprocess  # noqa: F401
    import tempfile  # noqa: F401

    import psutil  # noqa: F401

    for whole in (os, signal):
        kept = types.ModuleType(whole.__name__)
        vars(kept).update(vars(whole))
        for module in list(sys.modules.values()):
            if getattr(module, whole.__name__, None) is whole and module is not sys.modules[__name__]:
                setattr(module, whole.__name__, kept)
    for name in CALLS:
        if hasattr(os, name):
            delattr(os, name)
    for name in SIGNALS:
        if hasattr(signal, name):
            delattr(signal, name)
    for name in MODULES:
        sys.modules[name] = None  # type: ignore[assignment]


ORDER = " ".join(sys.orig_argv)

if os.environ.get("POOR") and any(word in ORDER for word in ("mpconform.cli", "pytest", "be_server", "supervise")):
    take_away()
