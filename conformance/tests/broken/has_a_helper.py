"""A backend with a helper process for each program, which its adapter starts once for all tests or not at all."""

from __future__ import annotations

import os
import subprocess
import sys

from broken.wrapping import __version__, get_all_start_methods, wrap
from broken.wrapping import delegate as __getattr__
from mpadapters import Adapter

__all__ = ["Cold", "Warm", "__getattr__", "__version__", "get_all_start_methods", "get_context"]

LOG = "BROKEN_HELPERS"
"""The environment variable with the file in which each helper is noted."""

standard = wrap(__name__)
helpers: list[subprocess.Popen[bytes]] = []


def start_helper() -> None:
    """Start the helper of this program, unless it runs."""
    if not helpers:
        helpers.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]))
        with open(os.environ[LOG], "a") as file:
            file.write(f"{helpers[0].pid}\n")


def get_context(method: str | None = None) -> object:
    """Return a context; the helper runs from then on."""
    start_helper()
    return standard(method)


class Cold(Adapter):
    """Says nothing of the helper."""

    name = "cold"
    package = "broken.has_a_helper"
    preload = True


class Warm(Cold):
    """Starts it before the tests."""

    name = "warm"

    def warm_up(self, start_method: str) -> None:
        start_helper()
