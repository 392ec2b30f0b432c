"""Mutants of pipes and queues."""

from __future__ import annotations

from mutants.pipes_and_queues import others, queues

__all__ = ["UNSEEN", "others", "queues"]

UNSEEN: dict[str, str] = {}
