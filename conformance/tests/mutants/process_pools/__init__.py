"""Mutants of process pools."""

from __future__ import annotations

from mutants.process_pools import async_results, calls, pools

__all__ = ["UNSEEN", "async_results", "calls", "pools"]

UNSEEN = {
    "pool.map_async.callback-of-an-empty-map": "the standard library itself breaks it",
}
