"""What the modules of this section share."""

from __future__ import annotations

from typing import Any


def running(dummy: Any, target: Any, *args: Any) -> Any:
    """Start a process of the module, which ends with this process if it does not end before."""
    process = dummy.Process(target=target, args=args)
    process.daemon = True
    process.start()
    return process
