"""Synchronization primitives, under their documented names (`multiprocessing#synchronization-primitives`)."""

from __future__ import annotations

from mpreference.conditions import Barrier, Condition, Event
from mpreference.locks import BoundedSemaphore, Lock, RLock, Semaphore

__all__ = ["Barrier", "BoundedSemaphore", "Condition", "Event", "Lock", "RLock", "Semaphore"]
