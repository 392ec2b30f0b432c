"""A backend whose pool works in processes that inherit nothing: neither the environment nor ``sys.path``.

They are children of another process and are told only what the adapter hands on.
"""

from __future__ import annotations

import base64
import os
import pickle
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

from mpadapters import Adapter

__version__ = "1.0"

WORKER = """
import base64, os, pickle, sys
for line in sys.stdin.buffer:
    function, arguments, named = pickle.loads(base64.b64decode(line))
    sys.stdout.buffer.write(base64.b64encode(pickle.dumps(function(*arguments, **named))) + b"\\n")
    sys.stdout.buffer.flush()
"""


class Result:
    """What comes of the calls, in their order."""

    def __init__(self, answers: Any) -> None:
        self.answers = answers

    def get(self, timeout: float | None = None) -> Any:
        return pickle.loads(base64.b64decode(self.answers.readline()))


class Pool:
    """A pool of one worker that only applies functions."""

    def __init__(self, processes: int | None = None, environment: dict[str, str] | None = None) -> None:
        self.worker = subprocess.Popen(
            [sys.executable, "-c", WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment or {}
        )

    def apply_async(self, function: Any, args: tuple[Any, ...] = (), kwds: Any = None) -> Result:
        assert self.worker.stdin is not None
        self.worker.stdin.write(base64.b64encode(pickle.dumps((function, args, kwds or {}))) + b"\n")
        self.worker.stdin.flush()
        return Result(self.worker.stdout)

    def apply(self, function: Any, args: tuple[Any, ...] = (), kwds: Any = None) -> Any:
        return self.apply_async(function, args, kwds).get()

    def close(self) -> None:
        assert self.worker.stdin is not None
        self.worker.stdin.close()

    def terminate(self) -> None:
        self.worker.kill()

    def join(self) -> None:
        self.worker.communicate() if self.worker.stdin and not self.worker.stdin.closed else self.worker.wait()
        if self.worker.stdout:
            self.worker.stdout.close()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *exception: object) -> None:
        self.terminate()
        self.join()


class InheritsNothing(Adapter):
    """Hands the variables of the cell on."""

    name = "inherits_nothing"
    package = "broken.inherits_nothing"
    supports = ("pool.*", "async_result.*")
    unsupported = "there is a pool and nothing else"

    def start_methods(self) -> tuple[str, ...]:
        return ("spawn",)

    def namespace(self, start_method: str) -> Any:
        environment = {**self.environment(), "PATH": os.environ["PATH"]}
        return SimpleNamespace(Pool=lambda processes=None: Pool(processes, environment))
