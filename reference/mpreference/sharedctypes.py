"""Shared ctypes objects (`multiprocessing.sharedctypes`).

A *raw* object is an ordinary ctypes object whose memory is a block of the heap. An attribute of the object keeps the
block; by this attribute a shared object is also told from an ordinary one of the same type when it is pickled: then
the type and the block travel, and the child makes an object on the same memory. Types that ctypes makes on the fly,
like ``c_int * 3``, have no name to be found by; what they are made of travels instead.

A *wrapper* has an object and a lock, and offers the members of the object, each access with the lock held. There is a
class for each kind of ctypes object; a wrapper travels as its object and its lock.

Slices of arrays of plain numbers are read and written as machine values at one go. Where that could differ from
what ctypes does (numbers that are too large, other sequences than lists and tuples), it is left to ctypes.

The rules: access to a raw object is as atomic as that of ctypes, that is, not; a pointer is meaningless in another
process; who keeps a part of an object (an element that is a structure, a memoryview) keeps the object.
"""

from __future__ import annotations

import ctypes
import operator
import struct

from mpreference import pickling
from mpreference.handover import assert_starting
from mpreference.heap import Block, allocate
from mpreference.locks import Lock, RLock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from mpreference.context import BaseContext

TYPECODES: dict[str, Any] = {
    "c": ctypes.c_char,
    "u": ctypes.c_wchar,
    "b": ctypes.c_byte,
    "B": ctypes.c_ubyte,
    "h": ctypes.c_short,
    "H": ctypes.c_ushort,
    "i": ctypes.c_int,
    "I": ctypes.c_uint,
    "l": ctypes.c_long,
    "L": ctypes.c_ulong,
    "q": ctypes.c_longlong,
    "Q": ctypes.c_ulonglong,
    "f": ctypes.c_float,
    "d": ctypes.c_double,
}
"""The typecodes of `array`, and ``c``; with the C types that they stand for."""

NUMBERS = {kind: code for code, kind in TYPECODES.items() if code not in "cu"}
"""The C types of numbers, with the code by which `memoryview` and `struct` know them."""


# Raw objects


def RawValue(typecode_or_type: Any, *args: Any) -> Any:  # noqa: N802 - documented names, all of these
    """Return a ctypes object in shared memory, initialised as its constructor does with ``args``.

    `multiprocessing.sharedctypes.RawValue`.
    """
    value = _new(_kind(typecode_or_type))
    value.__init__(*args)
    return value


def RawArray(typecode_or_type: Any, size_or_initializer: int | Sequence[Any]) -> Any:  # noqa: N802
    """Return a ctypes array in shared memory: of so many zeros, or of the items of a sequence.

    `multiprocessing.sharedctypes.RawArray`.
    """
    kind = _kind(typecode_or_type)
    try:
        length = operator.index(size_or_initializer)  # type: ignore[arg-type]
    except TypeError:
        items: Any = size_or_initializer
        made = _new(kind * len(items))
        made.__init__(*items)
        return made
    return _new(kind * length)


def copy(obj: Any) -> Any:
    """Return a copy of a ctypes object, in shared memory (`multiprocessing.sharedctypes.copy`)."""
    made = _new(type(obj))
    ctypes.memmove(ctypes.byref(made), ctypes.byref(obj), ctypes.sizeof(obj))
    return made


def _kind(typecode_or_type: Any) -> Any:
    """Return the type that is meant."""
    if not isinstance(typecode_or_type, str):
        return typecode_or_type
    if typecode_or_type not in TYPECODES:
        raise TypeError(f"there is no typecode {typecode_or_type!r}: there are {' '.join(TYPECODES)}, or give a type")
    return TYPECODES[typecode_or_type]


def _new(kind: Any) -> Any:
    return _on(kind, allocate(ctypes.sizeof(kind)))


def _on(kind: Any, block: Block) -> Any:
    """Return an object of this ctypes type on the memory of a block."""
    obj = kind.from_buffer(block.view)
    obj._shared_block = block
    pickling.register(kind, _reduce)
    return obj


def _reduce(obj: Any) -> Any:
    """Pickle a ctypes object of a type of which there are shared ones."""
    block = getattr(obj, "_shared_block", None)
    if block is None:
        return obj.__reduce__()
    assert_starting(obj)
    return _restore, (_described(type(obj)), block)


def _restore(description: Any, block: Block) -> Any:
    return _on(_type_of(description), block)


def _described(kind: Any) -> Any:
    """Return what can be pickled instead of a type: for an array that ctypes made, its element type and length."""
    if issubclass(kind, ctypes.Array) and kind is kind._type_ * kind._length_:
        return _described(kind._type_), kind._length_
    return kind


def _type_of(description: Any) -> Any:
    if not isinstance(description, tuple):
        return description
    element, length = description
    return _type_of(element) * length


# Wrappers


def Value(typecode_or_type: Any, *args: Any, lock: Any = True, ctx: BaseContext | None = None) -> Any:  # noqa: N802
    """Return what `RawValue` returns, in a wrapper with a lock: a new `RLock`, or the one given.

    With ``lock=False``, return it bare. `multiprocessing.sharedctypes.Value`.
    """
    return _with_lock(RawValue(typecode_or_type, *args), lock, ctx)


def Array(  # noqa: N802
    typecode_or_type: Any,
    size_or_initializer: int | Sequence[Any],
    *,
    lock: Any = True,
    ctx: BaseContext | None = None,
) -> Any:
    """Return what `RawArray` returns, in a wrapper with a lock: a new `RLock`, or the one given.

    With ``lock=False``, return it bare. `multiprocessing.sharedctypes.Array`.
    """
    return _with_lock(RawArray(typecode_or_type, size_or_initializer), lock, ctx)


def _with_lock(obj: Any, lock: Any, ctx: BaseContext | None) -> Any:
    if lock is False:
        return obj
    return synchronized(obj, None if lock is True else lock, ctx)


def synchronized(obj: Any, lock: Any = None, ctx: BaseContext | None = None) -> SynchronizedBase:
    """Return a wrapper of a ctypes object, with this lock or a new `RLock`.

    It has the members of the object, and ``get_obj()``, ``get_lock()``, and the lock's ``acquire()`` and ``release()``;
    as a context manager it is its lock. `multiprocessing.sharedctypes.synchronized`.
    """
    if lock is None:
        lock = RLock(ctx=ctx)
    elif not (hasattr(lock, "acquire") and hasattr(lock, "release")):
        raise TypeError(f"a lock is True, False, a Lock or an RLock, not {lock!r}")
    if isinstance(obj, ctypes.Array):
        text = obj._type_ in (ctypes.c_char, ctypes.c_wchar)
        return SynchronizedString(obj, lock) if text else SynchronizedArray(obj, lock)
    if isinstance(obj, ctypes._SimpleCData):
        return Synchronized(obj, lock)
    return SynchronizedFields(obj, lock)


class SynchronizedBase:
    """What all wrappers have in common."""

    _obj: Any
    _lock: Lock | RLock

    def __init__(self, obj: Any, lock: Any) -> None:
        vars(self).update(_obj=obj, _lock=lock)

    def __reduce__(self) -> tuple[Any, ...]:
        assert_starting(self)
        return synchronized, (self._obj, self._lock)

    def get_obj(self) -> Any:
        """Return the ctypes object."""
        return self._obj

    def get_lock(self) -> Any:
        """Return the lock."""
        return self._lock

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:
        """Acquire the lock."""
        return self._lock.acquire(block, timeout)

    def release(self) -> None:
        """Release the lock."""
        self._lock.release()

    def __enter__(self) -> bool:
        return self._lock.__enter__()

    def __exit__(self, *error: object) -> None:
        self._lock.__exit__(*error)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} wrapper for {self._obj!r}>"


class Synchronized(SynchronizedBase):
    """A wrapper of a simple object."""

    @property
    def value(self) -> Any:
        """The value of the object."""
        with self._lock:
            return self._obj.value

    @value.setter
    def value(self, value: Any) -> None:
        with self._lock:
            self._obj.value = value


class SynchronizedFields(SynchronizedBase):
    """A wrapper of a structure, or of anything else: whatever it has not itself it gets and sets in the object."""

    def __getattr__(self, name: str) -> Any:
        with self._lock:
            return getattr(self._obj, name)

    def __setattr__(self, name: str, value: Any) -> None:
        with self._lock:
            setattr(self._obj, name, value)


class SynchronizedArray(SynchronizedBase):
    """A wrapper of an array."""

    def __init__(self, obj: Any, lock: Any) -> None:
        super().__init__(obj, lock)
        code: Any = NUMBERS.get(obj._type_) if len(obj) else None
        self._code = code
        if code is not None:
            self._numbers = memoryview(obj).cast("B").cast(code)

    def __len__(self) -> int:
        return len(self._obj)

    def __getitem__(self, index: Any) -> Any:
        with self._lock:
            if self._code is not None and isinstance(index, slice):
                return self._numbers[index].tolist()
            return self._obj[index]

    def __setitem__(self, index: Any, item: Any) -> None:
        with self._lock:
            if self._code is not None and isinstance(index, slice) and isinstance(item, (list, tuple)):
                try:
                    packed = struct.pack(f"{len(item)}{self._code}", *item)
                    self._numbers[index] = memoryview(packed).cast(self._code)
                    return
                except (struct.error, TypeError, ValueError, OverflowError):
                    pass  # ctypes takes it, or says what is wrong
            self._obj[index] = item


class SynchronizedString(SynchronizedArray):
    """A wrapper of an array of characters: its value is the characters up to the first zero."""

    value = Synchronized.value

    @property
    def raw(self) -> bytes:
        """All bytes of an array of c_char."""
        with self._lock:
            return bytes(self._obj.raw)

    @raw.setter
    def raw(self, value: bytes) -> None:
        with self._lock:
            self._obj.raw = value
