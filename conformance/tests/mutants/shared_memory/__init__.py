"""Mutants of shared memory."""

from __future__ import annotations

from mutants.shared_memory import blocks, lists, managing

__all__ = ["UNSEEN", "blocks", "lists", "managing"]

BY_ITSELF = "the standard library breaks it as it is"

UNSEEN = {
    "shared_memory.block.outlives-its-creator": BY_ITSELF,
    "shared_memory.close.in-an-unrelated-program-leaves-the-block": BY_ITSELF,
    "shareable_list.values.str-of-any-characters": BY_ITSELF,
    "shareable_list.values.last-byte-below-10m": BY_ITSELF,
    "shareable_list.getitem.below-the-first-raises-indexerror": BY_ITSELF,
    "shareable_list.setitem.below-the-first-raises-indexerror": BY_ITSELF,
    "shared_memory.track.ignored-on-windows": "it is promised on Windows only",
}
