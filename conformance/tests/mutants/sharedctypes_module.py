"""Mutants of the module sharedctypes."""

from __future__ import annotations

import ctypes
import mmap
import multiprocessing
from multiprocessing import heap, sharedctypes
from typing import Any

from mutants import mutant, replace
from mutants.typecodes import wrong_typecodes

UNSEEN: dict[str, str] = {}


@mutant("raw_array.call.returns-a-ctypes-array")
def a_raw_array_is_a_wrapper() -> None:
    @replace(sharedctypes, "RawArray")
    def make(original: Any, *args: Any) -> Any:
        return sharedctypes.synchronized(original(*args))


@mutant("raw_value.call.returns-a-ctypes-object")
def a_raw_value_is_a_wrapper() -> None:
    @replace(sharedctypes, "RawValue")
    def make(original: Any, *args: Any) -> Any:
        return sharedctypes.synchronized(original(*args))


@mutant("raw_array.typecode.those-of-array", "raw_value.typecode.those-of-array")
def the_typecode_q_is_an_int() -> None:
    sharedctypes.typecode_to_type["q"] = ctypes.c_int


@mutant("raw_array.typecode.c")
def there_is_no_typecode_c() -> None:
    del sharedctypes.typecode_to_type["c"]


def instead_of(kind: Any, other: Any, maker: str) -> None:
    """Make ``RawValue`` or ``RawArray`` use another type than it is asked for."""

    @replace(sharedctypes, maker)
    def make(original: Any, typecode_or_type: Any, *args: Any) -> Any:
        return original(other if typecode_or_type is kind else typecode_or_type, *args)


@mutant("raw_array.type.any-ctypes-type")
def an_array_of_bools_is_of_chars() -> None:
    instead_of(ctypes.c_bool, ctypes.c_byte, "RawArray")


@mutant("raw_value.type.any-ctypes-type")
def a_value_of_a_bool_is_a_char() -> None:
    instead_of(ctypes.c_bool, ctypes.c_byte, "RawValue")


@mutant("raw_array.c_char.value-stores-strings", "raw_array.c_char.raw-stores-strings")
def an_array_of_c_char_is_of_bytes() -> None:
    instead_of(ctypes.c_char, ctypes.c_byte, "RawArray")


@mutant("raw_array.size.is-the-length", "raw_array.table.size")
def an_array_is_one_item_longer() -> None:
    @replace(sharedctypes, "RawArray")
    def make(original: Any, kind: Any, items: Any) -> Any:
        return original(kind, items + 1 if isinstance(items, int) else items)


@mutant("raw_array.initializer.gives-the-items", "raw_array.table.initializer")
def items_are_in_reverse() -> None:
    @replace(sharedctypes, "RawArray")
    def make(original: Any, kind: Any, items: Any) -> Any:
        return original(kind, items if isinstance(items, int) else items[::-1])


@mutant("raw_array.size.zeroed")
def memory_is_filled_with_ones() -> None:
    @replace(ctypes, "memset")
    def fill(original: Any, address: int, byte: int, count: int) -> Any:
        return original(address, 1, count)


@mutant("raw_array.size.zeroed-in-used-memory", "raw_value.args.none-as-the-constructor-without")
def memory_is_not_cleared() -> None:
    ctypes.memset = lambda address, byte, count: address


@mutant("raw_array.objects.keep-apart")
def objects_overlap() -> None:
    @replace(heap.Heap, "malloc")
    def malloc(original: Any, self: Any, size: int) -> Any:
        return original(self, max(1, size - 8))


@mutant(
    "raw_array.child.shares-the-memory",
    "raw_value.child.shares-the-memory",
    "raw_value.child.shares-structures",
    "sharedctypes.example.prints-the-documented-results",
)
def the_memory_is_private() -> None:
    @replace(heap.Arena, "__init__")
    def init(original: Any, self: Any, size: int, fd: int = -1) -> None:
        original(self, size, fd)
        self.buffer = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE)


@mutant(
    "raw_value.args.passed-to-the-constructor",
    "raw_value.table.number",
    "raw_value.table.structure",
    "raw_value.pointer.is-stored",
)
def arguments_are_dropped() -> None:
    @replace(sharedctypes, "RawValue")
    def make(original: Any, typecode_or_type: Any, *args: Any) -> Any:
        return original(typecode_or_type)


@mutant("sharedctypes.array.holds-what-raw-array-holds")
def an_array_is_longer_than_a_raw_array() -> None:
    @replace(sharedctypes, "Array")
    def make(original: Any, kind: Any, items: Any, **options: Any) -> Any:
        return original(kind, items + 1 if isinstance(items, int) else items, **options)


@mutant("sharedctypes.value.holds-what-raw-value-holds")
def a_value_drops_its_arguments() -> None:
    @replace(sharedctypes, "Value")
    def make(original: Any, kind: Any, *args: Any, **options: Any) -> Any:
        return original(kind, **options)


def with_lock(maker: str, change: Any) -> None:
    """Change the lock with which ``Value`` or ``Array`` makes its object."""

    @replace(sharedctypes, maker)
    def make(original: Any, *args: Any, lock: Any = True, ctx: Any = None) -> Any:
        return original(*args, lock=change(lock), ctx=ctx)


@mutant("sharedctypes.array.wrapper-by-default")
def an_array_has_no_lock_by_default() -> None:
    with_lock("Array", lambda lock: False if lock is True else lock)


@mutant("sharedctypes.value.wrapper-by-default")
def a_value_has_no_lock_by_default() -> None:
    with_lock("Value", lambda lock: False if lock is True else lock)


@mutant("sharedctypes.array.lock-true-is-a-new-lock")
def all_arrays_have_one_lock() -> None:
    one = multiprocessing.RLock()
    with_lock("Array", lambda lock: one if lock is True else lock)


@mutant("sharedctypes.value.lock-true-is-a-new-lock")
def all_values_have_one_lock() -> None:
    one = multiprocessing.RLock()
    with_lock("Value", lambda lock: one if lock is True else lock)


@mutant(
    "sharedctypes.array.given-lock-is-used",
    "sharedctypes.array.given-rlock-is-used",
    "sharedctypes.array.access-waits-for-the-lock",
)
def an_array_makes_a_lock_of_its_own() -> None:
    with_lock("Array", lambda lock: True)


@mutant(
    "sharedctypes.value.given-lock-is-used",
    "sharedctypes.value.given-rlock-is-used",
    "sharedctypes.value.access-waits-for-the-lock",
)
def a_value_makes_a_lock_of_its_own() -> None:
    with_lock("Value", lambda lock: True)


@mutant("sharedctypes.array.lock-false-returns-the-raw-object")
def an_array_without_a_lock_gets_one() -> None:
    with_lock("Array", lambda lock: lock or True)


@mutant("sharedctypes.value.lock-false-returns-the-raw-object")
def a_value_without_a_lock_gets_one() -> None:
    with_lock("Value", lambda lock: lock or True)


@mutant("copy.call.returns-an-equal-copy")
def a_copy_is_empty() -> None:
    sharedctypes.copy = lambda obj: sharedctypes.RawValue(type(obj))


@mutant("copy.call.is-independent")
def a_copy_is_the_original() -> None:
    sharedctypes.copy = lambda obj: obj


@mutant("copy.child.shares-the-memory")
def a_copy_is_not_shared() -> None:
    sharedctypes.copy = lambda obj: type(obj).from_buffer_copy(obj)


@mutant("synchronized.call.wraps-the-object")
def a_copy_is_wrapped() -> None:
    @replace(sharedctypes, "synchronized")
    def wrap(original: Any, obj: Any, *args: Any, **options: Any) -> Any:
        return original(sharedctypes.copy(obj), *args, **options)


@mutant("synchronized.members.those-of-the-object")
def strings_have_no_raw() -> None:
    del sharedctypes.SynchronizedString.raw


@mutant("synchronized.get_lock.returns-the-given-lock")
def a_lock_that_is_given_is_ignored() -> None:
    @replace(sharedctypes, "synchronized")
    def wrap(original: Any, obj: Any, lock: Any = None, ctx: Any = None) -> Any:
        return original(obj, None, ctx)


@mutant("synchronized.lock.rlock-by-default")
def a_lock_is_made_by_default() -> None:
    @replace(sharedctypes, "synchronized")
    def wrap(original: Any, obj: Any, lock: Any = None, ctx: Any = None) -> Any:
        return original(obj, lock or multiprocessing.Lock(), ctx)


@mutant("synchronized.access.waits-for-the-lock")
def fields_are_read_without_the_lock() -> None:
    sharedctypes.make_property = lambda name: property(
        lambda self: getattr(self.get_obj(), name), lambda self, value: setattr(self.get_obj(), name, value)
    )


@mutant("synchronized.child.shares-object-and-lock")
def get_lock_makes_a_new_lock() -> None:
    sharedctypes.SynchronizedBase.get_lock = lambda self: multiprocessing.RLock()


@mutant("synchronized.with.holds-the-lock")
def with_does_nothing() -> None:
    sharedctypes.SynchronizedBase.__enter__ = lambda self: True
    sharedctypes.SynchronizedBase.__exit__ = lambda self, *error: None


@mutant("synchronized.with.releases-the-lock")
def an_exception_keeps_the_lock() -> None:
    @replace(sharedctypes.SynchronizedBase, "__exit__")
    def leave(original: Any, self: Any, kind: Any, *error: Any) -> None:
        if kind is None:
            original(self, kind, *error)


wrong_typecodes(__name__, "raw_array.typecode.those-of-array", "raw_value.typecode.those-of-array")


@mutant("copy.call.is-independent")
def a_copy_of_an_array_is_the_original() -> None:
    @replace(sharedctypes, "copy")
    def copy(original: Any, obj: Any) -> Any:
        return obj if isinstance(obj, ctypes.Array) else original(obj)


@mutant("copy.call.returns-an-equal-copy")
def a_copy_of_a_short_is_cut() -> None:
    @replace(sharedctypes, "copy")
    def copy(original: Any, obj: Any) -> Any:
        copied = original(obj)
        if isinstance(copied, ctypes.c_ushort):
            copied.value &= 0xFF
        return copied


@mutant("synchronized.access.waits-for-the-lock")
def setting_a_string_takes_no_lock() -> None:
    def assign(self: Any, text: bytes) -> None:
        self.get_obj().raw = text

    sharedctypes.SynchronizedString.raw = property(sharedctypes.SynchronizedString.raw.fget, assign)


@mutant("synchronized.access.waits-for-the-lock", "sharedctypes.value.access-waits-for-the-lock")
def setting_a_number_takes_no_lock() -> None:
    def assign(self: Any, value: Any) -> None:
        self.get_obj().value = value

    sharedctypes.Synchronized.value = property(sharedctypes.Synchronized.value.fget, assign)


@mutant("synchronized.access.waits-for-the-lock", "sharedctypes.array.access-waits-for-the-lock")
def setting_a_slice_takes_no_lock() -> None:
    @replace(sharedctypes.SynchronizedArray, "__setitem__")
    def assign(original: Any, self: Any, index: Any, item: Any) -> None:
        if isinstance(index, slice):
            self.get_obj()[index] = item
        else:
            original(self, index, item)


@mutant("raw_array.size.zeroed")
def structures_are_not_cleared() -> None:
    @replace(sharedctypes, "RawArray")
    def make(original: Any, kind: Any, items: Any) -> Any:
        made = original(kind, items)
        if isinstance(items, int) and isinstance(kind, type) and issubclass(kind, ctypes.Structure):
            ctypes.memset(ctypes.addressof(made), 1, ctypes.sizeof(made))
        return made
