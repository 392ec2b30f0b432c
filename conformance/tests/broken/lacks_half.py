"""A backend that lacks half of the API: the queues, the managers, the pools, the shared values, most of the locks."""

from __future__ import annotations

from multiprocessing import connection

from broken.wrapping import __version__, get_all_start_methods, wrap

__all__ = ["__version__", "connection", "get_all_start_methods", "get_context"]

LACKS = (
    "Array",
    "Barrier",
    "BoundedSemaphore",
    "Condition",
    "Event",
    "JoinableQueue",
    "Manager",
    "Pool",
    "Queue",
    "RawArray",
    "RawValue",
    "SimpleQueue",
    "Value",
)

get_context = wrap(__name__, lacks=LACKS)
