"""A fresh interpreter for each sandbox, where forking is not safe: slower, and the same otherwise.

Each sandbox is a ``python`` of its own that collects one test and runs it. What the interpreter
needs to know goes to it in a file beside the sandbox's folder, what comes back is the result that
every sandbox writes.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from mpconform.harness import calibration, folders, ledger, processes, sandbox
from mpconform.harness.supervision import Attempt, await_end, supervise
from mpconform.kit import Patience, cell

TOLD = pytest.StashKey[dict[str, Any]]()
"""What another pytest of the run has told this one, so that it need not find out again."""


class FreshInterpreters:
    """Runs collected items, each in a fresh interpreter; the counterpart of :class:`~.forking.ForkServer`."""

    def __init__(self, items: list[pytest.Item], told: dict[str, Any], options: list[str]) -> None:
        self.items = items
        self.told = told
        self.options = options
        self.parent = os.getppid()
        self.folder = Path()
        self.number = 0

    def run(self, index: int) -> Attempt:
        """Run the item with this index in a sandbox."""
        if self.number == 0:
            self.folder = folders.worker_folder()
            os.environ[cell.LATENCY] = str(self._measure())
        item = self.items[index]
        root, folder, known = self._start([*self.options, f"{item.path}::{item.nodeid.partition('::')[2]}"])
        group = None if processes.adopt_orphans() else root.pid
        attempt = supervise(root, folder, Patience().deadline, self._abandoned, known, group)
        shutil.rmtree(folder, ignore_errors=True)
        return attempt

    def close(self) -> None:
        """Remove what was made."""
        if self.number:
            folders.remove_worker_folder(self.folder)

    def _measure(self) -> float:
        root, folder, known = self._start(None)
        await_end(root, time.monotonic() + Patience().deadline, self._abandoned)
        processes.end_all(besides=known)
        return calibration.latency(folder)

    def _abandoned(self) -> bool:
        return processes.is_orphan(self.parent)

    def _start(self, arguments: list[str] | None) -> tuple[FreshRoot, Path, set[int]]:
        """Start an interpreter with these arguments for pytest, or one that measures the latency."""
        self.number += 1
        folder = self.folder / str(self.number)
        sandbox.prepare(folder)
        order = self.folder / f"{self.number}.json"
        order.write_text(
            json.dumps({"folder": str(folder), "path": sys.path, "arguments": arguments, "told": self.told})
        )
        known = {child.pid for child in psutil.Process().children()}
        with open(folder / sandbox.ERRORS, "ab") as errors:
            process = subprocess.Popen(
                [sys.executable, "-c", f"from mpconform.harness.spawning import main; main({str(order)!r})"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
            )
        return FreshRoot(process), folder, known


class FreshRoot:
    """The root process of a sandbox in a fresh interpreter."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.pid = process.pid

    def poll(self) -> int | None:
        """Return the exit status once it has ended (``-N``: by signal N), else None."""
        return self.process.poll()


class OneTest:
    """The plugin that makes a fresh interpreter's pytest run its one test as a sandbox does."""

    def __init__(self, folder: Path, told: dict[str, Any]) -> None:
        self.folder = folder
        self.told = told

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Hand on what is known of the backend already."""
        config.stash[TOLD] = self.told

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the only item; does not return."""
        sandbox.run(session.items[0], self.folder, ledger.take())
        return True


def main(order: str) -> None:
    """Be the root of a sandbox, as the order file says."""
    told: dict[str, Any] = json.loads(Path(order).read_text())
    sys.path[:] = told["path"]
    folder = Path(told["folder"])
    sandbox.enter(folder)
    if told["arguments"] is None:
        calibration.measure(folder)
    else:
        sys.exit(pytest.main(told["arguments"], plugins=[OneTest(folder, told["told"])]))
