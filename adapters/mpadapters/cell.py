"""The cell: what one run judges. Results carry it in their header, and conditions of expectations look at it."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """Backend, start method, Python and platform; ``dataclasses.asdict`` of it is the cell of a results header."""

    backend: str
    backend_version: str
    start_method: str
    python: str
    implementation: str
    platform: str

    @classmethod
    def here(cls, backend: str, backend_version: str, start_method: str) -> Cell:
        """Return the cell of this interpreter on this platform."""
        python, implementation = platform.python_version(), platform.python_implementation()
        return cls(backend, backend_version, start_method, python, implementation, sys.platform)
