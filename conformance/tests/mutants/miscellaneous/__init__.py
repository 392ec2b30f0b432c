"""Mutants of the miscellaneous functions of the package."""

from __future__ import annotations

from mutants.miscellaneous import functions, methods

__all__ = ["UNSEEN", "functions", "methods"]

UNSEEN = {
    "set_forkserver_preload.call.preloads-the-main-module": "the standard library itself breaks it before 3.13.8",
    "set_forkserver_preload.call.finds-modules-of-sys-path": "the standard library itself breaks it before 3.13.1",
    "set_forkserver_preload.call.output-comes-once": "the standard library itself breaks it before 3.13.6",
    "start_methods.get_all.spawn-only-on-windows": "it is promised on Windows only",
    "start_methods.default.spawn-elsewhere": "it is promised on Windows and macOS only",
    "get_context.call.has-the-functions-on-start-methods": "the standard library itself breaks it",
}
