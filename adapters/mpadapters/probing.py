"""Asking a backend for its version and start methods in a process of its own.

Importing a backend may fail, print, hang or crash. The processes that judge, pytest's own among
them, therefore never import one: they ask here first, and only sandboxes import.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from mpadapters.contract import AdapterError
from mpadapters.finding import find

LIMIT = 60.0
"""Seconds that a backend has for being imported."""


@dataclass(frozen=True)
class Probe:
    """What a backend says of itself: its adapter's location, its version, the start methods it can be judged under."""

    name: str
    location: str
    version: str
    start_methods: tuple[str, ...]


def probe(name: str) -> Probe:
    """Return what the backend with this name says of itself.

    Raises :class:`AdapterError`, with one line, if there is no such backend or it cannot be imported.
    """
    with tempfile.TemporaryDirectory(prefix="mpc-") as folder:
        answer = Path(folder, "answer.json")
        errors = Path(folder, "errors")
        with errors.open("wb") as stream:
            process = subprocess.Popen(
                [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}; from mpadapters.probing import main; "
                 f"main({name!r}, {str(answer)!r})"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stream,
            )  # fmt: skip
            try:
                status = process.wait(LIMIT)
            except subprocess.TimeoutExpired:
                raise AdapterError(f"backend {name!r}: importing it was not done within {LIMIT:.0f} s") from None
            finally:
                process.kill()  # nothing, unless the wait was given up: by Ctrl-C too
                process.wait()
        if not answer.exists():
            lines = errors.read_text(errors="replace").strip().splitlines() or ["it printed nothing"]
            raise AdapterError(f"backend {name!r}: importing it ended the interpreter (status {status}): {lines[-1]}")
        told = json.loads(answer.read_text())
    if "error" in told:
        raise AdapterError(told["error"])
    return Probe(told["name"], told["location"], told["version"], tuple(told["start_methods"]))


def main(name: str, answer: str) -> None:
    """Write what :func:`probe` wants to know to the file ``answer``."""
    try:
        adapter = find(name)
        found = asdict(Probe(adapter.name, adapter.location, adapter.version(), adapter.start_methods()))
    except AdapterError as error:
        found = {"error": str(error)}
    except Exception as error:  # noqa: BLE001 - the adapter is another's code
        found = {"error": f"backend {name!r}: its adapter raised {error!r}"}
    part = Path(answer + ".part")
    part.write_text(json.dumps(found))
    part.replace(answer)
