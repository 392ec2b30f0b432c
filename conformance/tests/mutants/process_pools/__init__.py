"""Mutants of process pools."""

from __future__ import annotations

from mutants.process_pools import async_results, calls, ending, iterators, lost_results, pools

__all__ = ["UNSEEN", "async_results", "calls", "ending", "iterators", "lost_results", "pools"]

BROKEN = "the standard library itself breaks it"

UNSEEN = {
    "pool.map_async.callback-of-an-empty-map": BROKEN,
    "pool.apply_async.raising-callback-spares-others": BROKEN,
    "pool.apply_async.raising-error_callback-spares-others": BROKEN,
    "async_result.get.raises-base-exceptions": BROKEN,
    "pool.apply_async.error_callback-receives-base-exceptions": BROKEN,
    "pool.map.raises-base-exceptions": BROKEN,
    "pool.imap.raises-base-exceptions": BROKEN,
    "async_result.get.one-way-exception-raises": BROKEN,
    "async_result.get.after-a-one-way-exception": BROKEN,
    "pool.terminate.in-spite-of-a-signal-handler": BROKEN,
}
