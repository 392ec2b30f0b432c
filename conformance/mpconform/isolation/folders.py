"""Where a run keeps its files: one folder, with a folder in it for each server, with one in that for each sandbox.

The names are short because the path of a Unix socket, which a backend may make below them, may have
no more than about a hundred bytes.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from mpconform.kit import cell

SERVER = "s"

FOLDER = "MPCONFORM_RUN_FOLDER"
"""The environment variable with the run's folder: a sandbox, which has a temporary folder of its own, finds it too."""


def run_folder() -> Path:
    """Return the folder of this run, made if need be."""
    folder = Path(os.environ.setdefault(FOLDER, f"{tempfile.gettempdir()}/mpc-{os.environ[cell.RUN][:12]}"))
    folder.mkdir(exist_ok=True)
    return folder


def server_folder() -> Path:
    """Make a new folder for one server's sandboxes and return it."""
    return Path(tempfile.mkdtemp(prefix=SERVER, dir=run_folder()))


def remove_server_folder(folder: Path) -> None:
    """Remove a server's folder and, with the last of them, the run's: nobody else may be left to do it."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        others = any(folder.parent.glob(f"{SERVER}*"))
    except FileNotFoundError:
        return  # another server that ends has just removed it
    if not others:
        shutil.rmtree(folder.parent, ignore_errors=True)
