"""`SharedMemoryManager`: a process that keeps blocks of shared memory, and removes them when it ends.

The blocks are made in that process, so that their lives are those of its making: who uses one only attaches to it. They
are unlinked when the process ends; if it is killed, by its tracker (:mod:`mpreference.tracking`).
"""

from __future__ import annotations

from mpreference.finalizers import FILES, Finalizer
from mpreference.managers.manager import BaseManager
from mpreference.managers.proxies import BaseProxy
from mpreference.shared_memory import ShareableList, SharedMemory, list_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


class _Keeper:
    """In the manager's process: keeps all blocks, for all clients."""

    def __init__(self) -> None:
        self._blocks: list[SharedMemory] = []

    def block(self, size: int) -> str:
        """Make a block and return its name."""
        return self._keep(SharedMemory(create=True, size=size))

    def list(self, values: list[Any]) -> str:
        """Make a block with a list of these values and return its name."""
        return self._keep(ShareableList(values).shm)

    def _keep(self, block: SharedMemory) -> str:
        if not self._blocks:
            Finalizer(None, self._release, priority=FILES)
        self._blocks.append(block)
        return block.name

    def _release(self) -> None:
        while self._blocks:
            block = self._blocks.pop()
            block.close()
            try:
                block.unlink()
            except FileNotFoundError:
                pass  # a client has done it


_keeper = _Keeper()


def _get_keeper() -> _Keeper:
    return _keeper


class _KeeperProxy(BaseProxy):
    """Of the keeper."""

    _exposed_ = ("block", "list")


class SharedMemoryManager(BaseManager):
    """A manager of blocks of shared memory (`multiprocessing.managers.SharedMemoryManager`).

    All blocks that were made by it, or by another one that is connected to its server, are unlinked when it is shut
    down.
    """

    def SharedMemory(self, size: int) -> SharedMemory:  # noqa: N802 - the documented name
        """Return a new block of at least so many bytes (`...managers.SharedMemoryManager.SharedMemory`)."""
        return SharedMemory(self._keep("block", size), track=False)

    def ShareableList(self, sequence: Iterable[Any]) -> ShareableList:  # noqa: N802 - the documented name
        """Return a new list with these values (`...managers.SharedMemoryManager.ShareableList`)."""
        return list_in(SharedMemory(self._keep("list", list(sequence)), track=False))

    def _keep(self, what: str, argument: Any) -> str:
        name: str = self._create("_keeper", (), {})._callmethod(what, (argument,))
        return name


SharedMemoryManager.register("_keeper", _get_keeper, _KeeperProxy, create_method=False)
