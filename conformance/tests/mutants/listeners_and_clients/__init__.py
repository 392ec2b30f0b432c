"""Mutants of listeners and clients, of the challenge between them, and of wait()."""

from __future__ import annotations

from mutants.listeners_and_clients import accepting, challenge, clients, listeners, waiting

__all__ = ["UNSEEN", "accepting", "challenge", "clients", "listeners", "waiting"]

UNSEEN = {
    "challenge.deliver.long-reply-raises": "the standard library itself breaks it",
    "listener.family.af_pipe": "it is promised on Windows only",
    "wait.windows.waitable-handle": "it is promised on Windows only",
    "wait.windows.object-with-fileno": "it is promised on Windows only",
}
