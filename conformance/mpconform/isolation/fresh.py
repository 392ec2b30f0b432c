"""Servers and sandboxes where forking is not safe: each sandbox is a fresh interpreter; slower, and the same otherwise.

A server is a program here, which connects to the socket that it is told of. Each sandbox is a ``python`` of its own
that collects one test and runs it. What the interpreter needs to know goes to it in a file beside the sandbox's
folder, what comes back is the result that every sandbox writes.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

from mpconform.isolation import calibration, ledger, sandbox
from mpconform.isolation.processes import Root, die_with
from mpconform.isolation.server import Server, serve

STARTING = 60.0
"""Seconds that a server has for being started."""

TOLD = pytest.StashKey[dict[str, Any]]()
"""What another pytest of the run has told this one, so that it need not find out again."""


NO_OTHERS = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"
"""The environment variable that keeps pytest from loading whatever plugins are installed.

They would take part in the judging; and pytest rewrites the assertions in all modules of their distributions, among
them Hypothesis with its hundred and more.
"""

ALONE = ("-p", "mpconform.plugin.options")
"""The arguments that give pytest the one plugin that it needs then."""


@dataclass
class Plan:
    """What a server of fresh interpreters has to know: what is told to each pytest, its arguments, and the tests."""

    told: dict[str, Any]
    arguments: list[str]
    tests: list[str]


def start_server(plan: Plan, folder: Path) -> Server:
    """Start a server that keeps its orders in ``folder``."""
    order = folder / f"server-{os.urandom(4).hex()}.json"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(STARTING)
        address = listener.getsockname()
        order.write_text(json.dumps({"address": address, "parent": os.getpid(), **asdict(plan)}))
        setup = f"import sys; sys.path[:] = {sys.path!r}; from mpconform.isolation.fresh import be_server"
        process = subprocess.Popen(
            [sys.executable, "-c", f"{setup}; be_server({str(order)!r})"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        channel, _ = listener.accept()
    channel.settimeout(None)
    return Server(channel, process.pid, process.wait)


def be_server(order: str) -> None:
    """Be a server, as the order file says. Does not return."""
    told = json.loads(Path(order).read_text())
    die_with(told["parent"])
    plan = Plan(told["told"], told["arguments"], told["tests"])

    def make(item: int | None, folder: Path) -> Root:
        sandbox.prepare(folder)
        arguments = None if item is None else [*plan.arguments, plan.tests[item]]
        task = folder.with_suffix(".json")
        task.write_text(
            json.dumps({"folder": str(folder), "path": sys.path, "arguments": arguments, "told": plan.told})
        )
        with open(folder / sandbox.ERRORS, "ab") as errors:
            process = subprocess.Popen(
                [sys.executable, "-c", f"from mpconform.isolation.fresh import be_root; be_root({str(task)!r})"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
            )
        return FreshRoot(process)

    serve(socket.create_connection(tuple(told["address"])), make)


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


def be_root(task: str) -> None:
    """Be the root of a sandbox, as the task file says."""
    told: dict[str, Any] = json.loads(Path(task).read_text())
    sys.path[:] = told["path"]
    folder = Path(told["folder"])
    sandbox.enter(folder)
    if told["arguments"] is None:
        calibration.measure(folder)
    else:
        os.environ[NO_OTHERS] = "1"
        sys.exit(pytest.main(told["arguments"], plugins=[OneTest(folder, told["told"])]))
