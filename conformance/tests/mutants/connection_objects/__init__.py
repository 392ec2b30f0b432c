"""Mutants of connection objects."""

from __future__ import annotations

from mutants.connection_objects import buffers, closing, over_a_listener, polling, receiving, sending, travelling

__all__ = ["UNSEEN", "buffers", "closing", "over_a_listener", "polling", "receiving", "sending", "travelling"]

ITSELF = "the standard library has this fault itself, so every run shows that the test can fail"

UNSEEN = {
    "connection.send_bytes.several-dimensions": ITSELF,
    "connection.recv_bytes_into.part-of-an-item": ITSELF,
    "connection.recv_bytes_into.several-dimensions": ITSELF,
}
