"""Mutants of the dummy module."""

from __future__ import annotations

from mutants.dummy_module import channels, pools, threads

__all__ = ["UNSEEN", "channels", "pools", "threads"]

UNSEEN = {"dummy.process.daemon-by-keyword": "the standard library itself breaks it"}
