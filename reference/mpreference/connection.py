"""Connections between processes, as the documentation names them (`multiprocessing.connection`).

The rooms behind the names: :mod:`mpreference.streams` (what a connection is), :mod:`mpreference.waiting`,
:mod:`mpreference.listeners`, :mod:`mpreference.authentication`.
"""

from __future__ import annotations

from mpreference.authentication import answer_challenge, deliver_challenge
from mpreference.listeners import Client, Listener
from mpreference.streams import Connection, Pipe
from mpreference.waiting import wait

__all__ = ["Client", "Connection", "Listener", "Pipe", "answer_challenge", "deliver_challenge", "wait"]
