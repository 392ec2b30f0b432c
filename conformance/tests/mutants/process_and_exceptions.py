"""Mutants of processes and exceptions."""

from __future__ import annotations

import multiprocessing.process
from typing import Any

from mutants import mutant, replace

UNSEEN = {
    "process.sentinel.waitable-on-windows": "it is promised on Windows only",
}


@mutant("process.join.returns-none-after-exit")
def join_returns_the_exit_code() -> None:
    @replace(multiprocessing.process.BaseProcess, "join")
    def join(original: Any, self: Any, timeout: float | None = None) -> Any:
        original(self, timeout)
        return self.exitcode


@mutant("process.join.many-times")
def second_join_raises() -> None:
    @replace(multiprocessing.process.BaseProcess, "join")
    def join(original: Any, self: Any, timeout: float | None = None) -> None:
        if getattr(self, "joined", False):
            raise ValueError("joined already")
        self.joined = True
        original(self, timeout)
