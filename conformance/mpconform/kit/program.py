"""Small scripts that run as a fresh ``__main__``, in the sandbox of the test that starts them."""

from __future__ import annotations

import inspect
import signal
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

from mpconform.kit.gates import Gate, Journal, Latch, Scratch, touch
from mpconform.kit.lifelines import Lifelines, locked
from mpconform.kit.patience import Overdue, Patience
from mpconform.kit.places import Place, idle


@dataclass(frozen=True)
class Outcome:
    """How a program ended: its exit status (``-N``: ended by signal N) and what it printed."""

    status: int
    output: str
    errors: str


class Running:
    """A program that was started."""

    def __init__(self, process: subprocess.Popen[bytes], script: str) -> None:
        self.process = process
        self.script = script
        self.pid = process.pid

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program's main process."""
        self.process.send_signal(number)

    def output(self) -> str:
        """Return what it has printed to its standard output so far."""
        return Path(self.script + ".out").read_text(errors="replace")

    def wait_for(self, text: str, what: str) -> None:
        """Block until it has printed this; raise ``Overdue``, naming ``what``, if it does not or ends before."""
        Patience().until(lambda: text in self.output() or self.process.poll() is not None, what)
        if text not in self.output():
            raise Overdue(f"{what}: it ended before, with {self.outcome()}")

    def errors(self) -> str:
        """Return what it has printed to its standard error so far."""
        return Path(self.script + ".err").read_text(errors="replace")

    def outcome(self) -> Outcome:
        """Block until the main process has ended; raise ``Overdue``, with what it printed, if it does not."""
        awaiting = Patience().awaiting
        try:
            status = self.process.wait(awaiting)
        except subprocess.TimeoutExpired:
            raise Overdue(
                f"the program ends: not within {awaiting:.1f} s; it printed {self.output()!r}, errors {self.errors()!r}"
            ) from None
        return Outcome(status, self.output(), self.errors())


IMPORTS = """\
from __future__ import annotations
import os
import pickle
import threading
import time
from contextlib import contextmanager
from pathlib import Path

HELD = []
"""


def with_tools(source: str, prelude: str = "") -> str:
    """Return a script in which gates, latches, journals, lifelines and patience are written out: it needs no suite."""
    made_of = (Place, idle, Overdue, Patience, touch, Gate, Latch, Journal, locked, Lifelines)
    tools = [inspect.getsource(tool) for tool in made_of]
    return "\n\n".join([IMPORTS, prelude, *tools, textwrap.dedent(source)])


class Program:
    """Runs scripts :func:`with_tools` in which ``mp`` is the backend in this cell and ``package`` its top module.

    Output goes to files, not to pipes, so that a process that outlives the program can hold nothing up.
    """

    def __init__(self, scratch: Scratch, prelude: str) -> None:
        self.scratch = scratch
        self.prelude = prelude

    def __call__(self, source: str, *arguments: str) -> Outcome:
        """Run the script to its end and return its outcome."""
        return self.start(source, *arguments).outcome()

    def start(self, source: str, *arguments: str) -> Running:
        """Start the script and return at once."""
        script = self.scratch.path("program") + "_main.py"
        Path(script).write_text(with_tools(source, self.prelude))
        with open(script + ".out", "wb") as output, open(script + ".err", "wb") as errors:
            process = subprocess.Popen(
                [sys.executable, script, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                cwd=self.scratch.folder,
            )
        return Running(process, script)
