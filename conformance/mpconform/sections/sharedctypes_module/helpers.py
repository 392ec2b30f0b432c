"""What children of this section do; light, because they import it."""

from __future__ import annotations

from typing import Any


def swap_point(point: Any, x: float, y: float) -> tuple[float, float]:
    """Return the fields of a point and assign them."""
    found = (point.x, point.y)
    point.x, point.y = x, y
    return found


def swap_and_try_lock(wrapper: Any, assigned: Any) -> tuple[bool, Any]:
    """Return whether the lock of a wrapper could be acquired at once, and if so, what value was before it was set."""
    lock = wrapper.get_lock()
    if not lock.acquire(False):
        return False, None
    try:
        found = wrapper.get_obj().value
        wrapper.get_obj().value = assigned
        return True, found
    finally:
        lock.release()
