"""Shared memory by the block: where semaphores, counters and shared ctypes objects live.

An *arena* is a file without a name that a process maps: anonymous memory of the kernel's, which goes when
the last process that maps it goes, however that ends. Forked children inherit the mapping; others get the descriptor
with their start, and map the same file somewhere else. Hence nothing in here is ever an address: a *block* is an arena
and an offset in it.

A block of `LARGE` bytes or more has an arena of its own and vanishes with its last user. Smaller ones
are cut out of common arenas: the sizes are powers of two from `LINE` on, and each size has a list of places to be had.
When it is empty, the next `LARGE` bytes of an arena are cut into places of this size.

The rules, which make this safe without reference counts across processes:

* Only the process that made an arena allocates from it. A forked child begins with a heap of its own; what it
  inherited it uses, and never gives back.
* When a block is collected, its place is used again if no other process can know it: it was not pickled for a child,
  and no fork began since it was allocated. Otherwise the place is *retired*: it is not used again, and goes with its
  arena, once nothing in that is in use or to be had. So nobody ever gets memory that somebody still uses, whoever
  was killed; and a program that makes and shares small things for ever fills one arena after the other, and loses
  each of them again.
* The heap has no lock, because it may be needed anywhere: in a finalizer that runs in the middle of an allocation, in
  a signal handler, in the child of a fork that another thread made. It does nothing but append to, extend and pop
  lists, each of which is one step.
* Blocks are zeroed when they are allocated.
* Who uses the view of a block keeps the block.
"""

from __future__ import annotations

import mmap
import os
import weakref

from mpreference.handover import assert_starting, give, take

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Place = tuple["Arena", int]

MEMFD = hasattr(os, "memfd_create")
"""Whether the system makes files that have no name from the start; elsewhere one is made and unlinked."""

ARENA = 1 << 18
"""Bytes of an arena for small blocks."""

LARGE = 1 << 16
"""Bytes from which on a block has an arena of its own."""

LINE = 64
"""The alignment of blocks, and the smallest: a cache line, so that two locks do not slow each other down."""


class Arena:
    """A mapped file without a name. ``identity`` tells it apart in all processes that map it."""

    def __init__(self, size: int, descriptor: int, identity: bytes) -> None:
        self.size = size
        self.identity = identity
        self._descriptor = descriptor
        self.view = memoryview(mmap.mmap(descriptor, size))
        _arenas[identity] = self

    def __del__(self, close: Callable[[int], None] = os.close) -> None:
        close(self._descriptor)  # the mapping goes with the last view of it

    def __reduce__(self) -> tuple[Any, ...]:
        return _map, (self.size, give(self._descriptor), self.identity)


_arenas: weakref.WeakValueDictionary[bytes, Arena] = weakref.WeakValueDictionary()
"""All that this process has mapped."""


def _create(size: int) -> Arena:
    """Return a new arena of so many bytes."""
    return Arena(size, _nameless_file(size), os.urandom(16))


def _map(size: int, ticket: int, identity: bytes) -> Arena:
    """Return the arena that the parent has sent, mapped once however often it comes."""
    descriptor = take(ticket)
    known = _arenas.get(identity)
    if known is None:
        return Arena(size, descriptor, identity)
    os.close(descriptor)
    return known


def _nameless_file(size: int) -> int:
    """Return the descriptor of a new file of so many zero bytes that nobody can open."""
    if MEMFD:
        descriptor = os.memfd_create("mpreference")
    else:
        import tempfile

        descriptor, path = tempfile.mkstemp(prefix="mpreference-")
        os.unlink(path)
    os.ftruncate(descriptor, size)
    return descriptor


class Block:
    """Some zeroed bytes that processes share: ``view`` is a writable memoryview of them.

    It is shared with children by fork, or by being pickled while a child is started. It is kept by those who use it.
    """

    __slots__ = ("_arena", "_epoch", "_heap", "_offset", "_room", "view")

    def __init__(self, arena: Arena, offset: int, size: int, heap: _Heap | None = None, room: int = 0) -> None:
        self._heap = heap
        self._epoch = heap.epoch if heap is not None else None
        self._room = room
        self._arena = arena
        self._offset = offset
        self.view = arena.view[offset : offset + size]

    def __reduce__(self) -> tuple[Any, ...]:
        assert_starting(self)
        self._heap = None
        return Block, (self._arena, self._offset, len(self.view))

    def __del__(self) -> None:
        heap = self._heap
        if heap is not None and self._epoch is heap.epoch and not heap.forking:
            heap.places[self._room].append((self._arena, self._offset))


class _Heap:
    """Where one process allocates."""

    def __init__(self) -> None:
        self.places: dict[int, list[Place]] = {1 << power: [] for power in range(6, 17)}
        """The places to be had, by their size."""
        self.epoch = object()
        """Another one after each fork."""
        self.forking: list[None] = []
        """An entry for each fork that has begun and not ended: in this time no place is given back."""
        self._uncut: list[Place] = []

    def place(self, room: int) -> Place:
        """Return a place of this size, a power of two, that nobody uses."""
        while True:
            try:
                return self.places[room].pop()
            except IndexError:
                arena, start = self._uncut_piece()
                self.places[room].extend([(arena, start + LARGE - end) for end in range(room, LARGE + 1, room)])

    def _uncut_piece(self) -> Place:
        while True:
            try:
                return self._uncut.pop()
            except IndexError:
                arena = _create(ARENA)
                self._uncut.extend([(arena, ARENA - end) for end in range(LARGE, ARENA + 1, LARGE)])


def allocate(size: int) -> Block:
    """Return a new block of so many bytes, all zero. Raise ``OSError`` if the system has no memory for it."""
    if size >= LARGE:
        return Block(_create(size), 0, size)
    room = max(LINE, 1 << (size - 1).bit_length())
    heap = _heap
    arena, offset = heap.place(room)
    block = Block(arena, offset, size, heap, room)
    block.view[:] = bytes(size)
    return block


_heap = _Heap()


def _before_fork() -> None:
    _heap.forking.append(None)


def _after_fork_in_parent() -> None:
    _heap.epoch = object()
    _heap.forking.pop()


def _after_fork_in_child() -> None:
    global _heap
    _heap = _Heap()


os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)
