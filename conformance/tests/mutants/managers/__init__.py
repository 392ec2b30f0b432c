"""Mutants of managers."""

from __future__ import annotations

from mutants.managers import clauses, ending, making, registering, shared_objects, waiting

__all__ = ["UNSEEN", "clauses", "ending", "making", "registering", "shared_objects", "waiting"]

UNSEEN = {
    "sync_manager.condition.notifies-with-a-given-rlock": "the standard library itself breaks it",
}
