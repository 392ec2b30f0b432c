"""Mutants of managers."""

from __future__ import annotations

from mutants.managers import making, registering, shared_objects

__all__ = ["UNSEEN", "making", "registering", "shared_objects"]

UNSEEN = {
    "sync_manager.condition.notifies-with-a-given-rlock": "the standard library itself breaks it",
}
