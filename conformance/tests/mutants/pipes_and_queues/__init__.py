"""Mutants of pipes and queues."""

from __future__ import annotations

from mutants.pipes_and_queues import ends, getting, items, others, putting, states

__all__ = ["UNSEEN", "ends", "getting", "items", "others", "putting", "states"]

UNSEEN = {
    "queue.exit.unpicklable-item-holds-back-no-other": "the standard library itself breaks it",
}
