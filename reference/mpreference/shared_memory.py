"""Blocks of memory that any process attaches to by name (`multiprocessing.shared_memory`), and a list in one.

A :class:`SharedMemory` is a mapping of such memory. The name is all that two processes need to have in common, so
this is what is pickled. Who has closed the last object for a block has not removed it: a block stays until
:meth:`SharedMemory.unlink` is called, or until it is *tracked* and the processes that track it have ended, by
whatever (:mod:`mpreference.tracking`). What is tracked:

=======================  =======================  ===========================
``track``                a block that is created  one that is attached to
=======================  =======================  ===========================
true, Python 3.13 on     yes                      yes, as documented there
true, earlier            yes                      no: its creator cares for it
false                    no                       no
=======================  =======================  ===========================

A :class:`ShareableList` is laid out for any process to find its way in it, all numbers little endian::

    8 bytes       MAGIC
    8 bytes       n, the number of values
    n x 32 bytes  entries: place, room, length, kind, of 8 bytes each
    rooms         the values, each in the room that its entry tells of

A room is a multiple of 8 bytes, and at least 8, so a number goes everywhere; a str or bytes goes where its bytes have
room. The length is stored, so a value is given back as it was, whatever it ends with. Nothing is locked: two
processes that set the same item at the same time need a lock of their own.
"""

from __future__ import annotations

import mmap
import operator
import os
import struct
import sys

from mpreference import tracking
from mpreference.named_memory import open_named, unlink_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    Value = int | float | bool | str | bytes | None

__all__ = ["ShareableList", "SharedMemory"]

ATTACHING_TRACKS = sys.version_info >= (3, 13)
"""Whether a block is tracked by who attaches to it."""


class SharedMemory:
    """A block of shared memory, created anew or attached to (`multiprocessing.shared_memory.SharedMemory`).

    With ``create``, ``size`` is the number of bytes, all zero at first, and a name is made if none is given; raises
    ``FileExistsError`` if there is a block of this name. Without, ``size`` is ignored; raises ``FileNotFoundError`` if
    there is none. ``track`` says whether the block is unlinked when the processes that track it have ended.
    """

    def __init__(self, name: str | None = None, create: bool = False, size: int = 0, *, track: bool = True) -> None:
        if name is not None and not isinstance(name, str):
            raise TypeError(f"the name of shared memory is a str, not {name!r}")
        if create:
            size = operator.index(size)
            if size <= 0:
                raise ValueError(f"new shared memory needs a size of at least one byte, not {size}")
            name = f"mpr_{os.urandom(8).hex()}" if name is None else name
            self._map = _create(name, size)
        elif name is None:
            raise ValueError("attaching to shared memory needs a name; create=True makes a new block")
        else:
            self._map = _attach(name)
        self._name = name
        self._track = track
        self._size = len(self._map)
        self._buf = memoryview(self._map)
        if track and (create or ATTACHING_TRACKS):
            tracking.track("memory", name)

    @property
    def buf(self) -> memoryview:
        """The bytes of the block; nothing can be read from it after close() (`...SharedMemory.buf`)."""
        return self._buf

    @property
    def name(self) -> str:
        """The name by which other processes attach to the block (`...SharedMemory.name`)."""
        return self._name

    @property
    def size(self) -> int:
        """The size of the block in bytes, which may be more than was asked for (`...SharedMemory.size`)."""
        return self._size

    def close(self) -> None:
        """Give up the access of this object; the block stays (`multiprocessing.shared_memory.SharedMemory.close`).

        Raises ``BufferError`` if something else still uses ``buf``, an array or a slice of it for example.
        """
        self._buf.release()
        self._map.close()

    def unlink(self) -> None:
        """Remove the name, for all processes: to be called once (`...SharedMemory.unlink`).

        The memory is freed when no object is attached to it any more. Raises ``FileNotFoundError`` if it was removed.
        """
        unlink_named(self._name)
        tracking.untrack("memory", self._name)

    def __del__(self) -> None:
        try:
            self.close()
        except (AttributeError, BufferError):
            pass  # it was never attached; or its memory is in use, and is unmapped with the last user

    def __reduce__(self) -> tuple[Callable[[str, bool], SharedMemory], tuple[str, bool]]:
        return _attached, (self._name, self._track)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._name!r}, size={self._size})"


def _attached(name: str, track: bool) -> SharedMemory:
    return SharedMemory(name, track=track)


def _create(name: str, size: int) -> mmap.mmap:
    descriptor = open_named(name, os.O_RDWR | os.O_CREAT | os.O_EXCL)
    try:
        os.ftruncate(descriptor, size)
        return mmap.mmap(descriptor, size)
    except BaseException:
        unlink_named(name)
        raise
    finally:
        os.close(descriptor)  # the mapping has one of its own


def _attach(name: str) -> mmap.mmap:
    descriptor = open_named(name, os.O_RDWR)
    try:
        return mmap.mmap(descriptor, os.fstat(descriptor).st_size)
    finally:
        os.close(descriptor)


MAGIC = b"mprlist1"
_HEADER = struct.Struct("<8sq")
_ENTRY = struct.Struct("<qqqq")
_INT = struct.Struct("<q")
_FLOAT = struct.Struct("<d")

NONE, BOOL, INT, FLOAT, STR, BYTES = range(6)
"""The kinds of values."""


class ShareableList:
    """A list of fixed length in shared memory (`multiprocessing.shared_memory.ShareableList`).

    Made of the values of ``sequence``, in a new block that is called ``name`` if that is given; without a
    sequence, attached to the list in the block of that name. The values are int of 64 bits, float, bool, str, bytes
    and None: raises ``TypeError`` for any other type, and ``OverflowError`` for a larger int.
    """

    def __init__(self, sequence: Iterable[Value] | None = None, *, name: str | None = None) -> None:
        if sequence is None:
            self._use(SharedMemory(name))
        else:
            self._make([_encode(value) for value in sequence], name)

    def _make(self, encoded: list[tuple[int, bytes]], name: str | None) -> None:
        place = _HEADER.size + len(encoded) * _ENTRY.size
        entries = []
        for kind, data in encoded:
            room = max(8, -len(data) // 8 * -8)
            entries.append((place, room, len(data), kind))
            place += room
        self._shm = SharedMemory(name, create=True, size=place)
        self._count = len(encoded)
        buffer = self._shm.buf
        for index, (entry, (_, data)) in enumerate(zip(entries, encoded, strict=True)):
            buffer[entry[0] : entry[0] + len(data)] = data
            _ENTRY.pack_into(buffer, _place_of_entry(index), *entry)
        _HEADER.pack_into(buffer, 0, MAGIC, len(encoded))

    def _use(self, block: SharedMemory) -> None:
        magic, count = _HEADER.unpack_from(block.buf) if block.size >= _HEADER.size else (b"", 0)
        if magic != MAGIC:
            raise ValueError(f"there is no ShareableList in the shared memory {block.name!r}")
        self._shm = block
        self._count = count

    @property
    def shm(self) -> SharedMemory:
        """The block that holds the values (`multiprocessing.shared_memory.ShareableList.shm`)."""
        return self._shm

    @property
    def format(self) -> str:
        """The `struct` format of the rooms as they are now filled (`...ShareableList.format`).

        A str or bytes is unpacked as its bytes, and None as nothing.
        """
        return "<" + "".join(_format(*self._entry(index)[1:]) for index in range(self._count))

    def count(self, value: object) -> int:
        """Return how often the value occurs (`multiprocessing.shared_memory.ShareableList.count`)."""
        return sum(value == item for item in self)

    def index(self, value: object) -> int:
        """Return the first position of the value, or raise ``ValueError`` (`...ShareableList.index`)."""
        for position, item in enumerate(self):
            if value == item:
                return position
        raise ValueError(f"{value!r} is not in this list")

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Value]:
        return (self[index] for index in range(self._count))

    def __getitem__(self, index: int) -> Value:
        place, _, length, kind = self._entry(self._position(index))
        return _decode(kind, bytes(self._shm.buf[place : place + length]))

    def __setitem__(self, index: int, value: Value) -> None:
        position = self._position(index)
        place, room, _, _ = self._entry(position)
        kind, data = _encode(value)
        if len(data) > room:
            raise ValueError(f"a value of {len(data)} bytes has no room at index {position}: there are {room} bytes")
        self._shm.buf[place : place + len(data)] = data
        _ENTRY.pack_into(self._shm.buf, _place_of_entry(position), place, room, len(data), kind)

    def _position(self, index: int) -> int:
        position = operator.index(index)
        if position < 0:
            position += self._count
        if not 0 <= position < self._count:
            raise IndexError(f"index {index} is out of range: this list has {self._count} values")
        return position

    def _entry(self, position: int) -> tuple[int, int, int, int]:
        entry: tuple[int, int, int, int] = _ENTRY.unpack_from(self._shm.buf, _place_of_entry(position))
        return entry

    def __reduce__(self) -> tuple[Callable[[SharedMemory], ShareableList], tuple[SharedMemory]]:
        return list_in, (self._shm,)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list(self)!r}, name={self._shm.name!r})"


def list_in(block: SharedMemory) -> ShareableList:
    """Return the list that is in this block."""
    found = ShareableList.__new__(ShareableList)
    found._use(block)
    return found


def _place_of_entry(index: int) -> int:
    return _HEADER.size + index * _ENTRY.size


def _encode(value: Any) -> tuple[int, bytes]:
    """Return the kind of the value and its bytes."""
    if value is None:
        return NONE, b""
    if isinstance(value, bool):
        return BOOL, bytes([value])
    if isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            raise OverflowError(f"a ShareableList holds int of 64 bits, which {value} is not")
        return INT, _INT.pack(value)
    if isinstance(value, float):
        return FLOAT, _FLOAT.pack(value)
    if isinstance(value, str):
        return STR, value.encode()
    if isinstance(value, bytes):
        return BYTES, value
    raise TypeError(f"a ShareableList holds int, float, bool, str, bytes and None, not {type(value).__name__}")


def _decode(kind: int, data: bytes) -> Value:
    if kind == NONE:
        return None
    if kind == BOOL:
        return data != b"\0"
    if kind == INT:
        number: int = _INT.unpack(data)[0]
        return number
    if kind == FLOAT:
        fraction: float = _FLOAT.unpack(data)[0]
        return fraction
    return data.decode() if kind == STR else data


def _format(room: int, length: int, kind: int) -> str:
    """Return the `struct` format of a room with this value."""
    values = {NONE: "", BOOL: "?", INT: "q", FLOAT: "d"}.get(kind, f"{length}s")
    padding = room - length
    return values + (f"{padding}x" if padding else "")
