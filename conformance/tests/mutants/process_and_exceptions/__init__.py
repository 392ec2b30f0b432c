"""Mutants of processes and exceptions."""

from __future__ import annotations

from mutants.process_and_exceptions import ending, exitcodes, making, waiting

__all__ = ["UNSEEN", "ending", "exitcodes", "making", "waiting"]

UNSEEN = {
    "process.sentinel.waitable-on-windows": "it is promised on Windows only",
    "process.join.exitcode-beside-another-thread": "the standard library itself breaks it",
    "process.join.timeout-ends-early-beside-a-grandchild": "the standard library itself breaks it",
    "process.sentinel.ready-beside-a-grandchild": "the standard library itself breaks it",
}
