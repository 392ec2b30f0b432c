"""Mutants of the synchronization primitives."""

from __future__ import annotations

from mutants.synchronization_primitives import concurrent, conditions, events_and_barriers, locks, timeouts

__all__ = ["UNSEEN", "concurrent", "conditions", "events_and_barriers", "locks", "timeouts"]

STDLIB = "the standard library itself does not keep it"


UNSEEN = {
    "bounded_semaphore.call.negative-value-raises-valueerror": STDLIB,
    "bounded_semaphore.release.adds-n": STDLIB,
    "condition.call.lock-released-elsewhere": STDLIB,
    "condition.notify.without-the-lock-raises-runtimeerror": STDLIB,
    "condition.notify_all.without-the-lock-raises-runtimeerror": STDLIB,
    "condition.wait.without-the-lock-raises-runtimeerror": STDLIB,
    "semaphore.call.negative-value-raises-valueerror": STDLIB,
    "semaphore.release.adds-n": STDLIB,
}
