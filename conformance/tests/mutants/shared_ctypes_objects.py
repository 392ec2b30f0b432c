"""Mutants of the shared ctypes objects."""

from __future__ import annotations

import ctypes
import mmap
import multiprocessing
import operator
import os
import threading
from multiprocessing import heap, sharedctypes
from typing import Any

from mutants import mutant, replace
from mutants.typecodes import wrong_typecodes

UNSEEN: dict[str, str] = {}


def instead_of(kind: Any, other: Any, maker: str) -> None:
    """Make ``RawValue`` or ``RawArray`` use another type than it is asked for."""

    @replace(sharedctypes, maker)
    def make(original: Any, typecode_or_type: Any, *args: Any) -> Any:
        return original(other if typecode_or_type is kind else typecode_or_type, *args)


@mutant("value.call.holds-a-ctypes-object", "value.child.any-value-goes-there-and-back")
def a_value_of_a_short_holds_a_char() -> None:
    instead_of(ctypes.c_short, ctypes.c_byte, "RawValue")


@mutant("array.call.holds-a-ctypes-array", "array.child.any-item-goes-there-and-back")
def an_array_of_shorts_is_of_chars() -> None:
    instead_of(ctypes.c_short, ctypes.c_byte, "RawArray")


@mutant("value.type.any-ctypes-type")
def a_value_of_a_bool_holds_a_char() -> None:
    instead_of(ctypes.c_bool, ctypes.c_byte, "RawValue")


@mutant("array.type.any-ctypes-type")
def an_array_of_bools_is_of_chars() -> None:
    instead_of(ctypes.c_bool, ctypes.c_byte, "RawArray")


@mutant("value.call.returns-a-synchronized-wrapper")
def a_value_has_no_lock_by_default() -> None:
    @replace(sharedctypes, "Value")
    def make(original: Any, *args: Any, lock: Any = False, ctx: Any = None) -> Any:
        return original(*args, lock=False if lock is True else lock, ctx=ctx)


@mutant("array.call.returns-a-synchronized-wrapper")
def an_array_has_no_lock_by_default() -> None:
    @replace(sharedctypes, "Array")
    def make(original: Any, *args: Any, lock: Any = False, ctx: Any = None) -> Any:
        return original(*args, lock=False if lock is True else lock, ctx=ctx)


@mutant("value.value.is-what-was-set")
def value_is_never_changed() -> None:
    sharedctypes.Synchronized.value = property(lambda self: self.get_obj().value, lambda self, value: None)


@mutant("value.value.is-that-of-the-object")
def the_wrapper_keeps_a_copy_of_the_value() -> None:
    def assign(self: Any, value: Any) -> None:
        self.kept = value

    sharedctypes.Synchronized.value = property(lambda self: getattr(self, "kept", self.get_obj().value), assign)


@mutant(
    "value.child.sees-the-value",
    "value.child.parent-sees-changes",
    "value.child.children-see-each-others-changes",
    "array.child.sees-the-items",
    "array.child.parent-sees-changes",
    "array.child.operations-in-turn-match-a-list",
    "array.c_char.strings-reach-a-child",
)
def the_memory_is_private() -> None:
    @replace(heap.Arena, "__init__")
    def init(original: Any, self: Any, size: int, fd: int = -1) -> None:
        original(self, size, fd)
        self.buffer = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE)


@mutant("value.child.structure-goes-there-and-back")
def a_field_of_64_bits_is_cut() -> None:
    @replace(sharedctypes, "make_property")
    def make(original: Any, name: str) -> Any:
        whole = original(name)
        return property(lambda self: whole.fget(self) & 0xFFFFFFFF, whole.fset) if name == "number" else whole


@mutant("value.typecode.those-of-array", "array.typecode.those-of-array")
def the_typecode_q_is_an_int() -> None:
    sharedctypes.typecode_to_type["q"] = ctypes.c_int


wrong_typecodes(__name__, "value.typecode.those-of-array", "array.typecode.those-of-array")


@mutant("value.type.structure")
def the_wrapper_hides_fields() -> None:
    sharedctypes.make_property = lambda name: None


@mutant("value.args.passed-to-the-constructor")
def arguments_are_dropped() -> None:
    @replace(sharedctypes, "RawValue")
    def make(original: Any, typecode_or_type: Any, *args: Any) -> Any:
        return original(typecode_or_type)


@mutant("value.args.errors-of-the-constructor")
def wrong_arguments_are_dropped() -> None:
    @replace(sharedctypes, "RawValue")
    def make(original: Any, typecode_or_type: Any, *args: Any) -> Any:
        try:
            return original(typecode_or_type, *args)
        except TypeError:
            return original(typecode_or_type)


@mutant("value.args.none-as-the-constructor-without", "array.size.zeroed-in-used-memory")
def memory_is_not_cleared() -> None:
    ctypes.memset = lambda address, byte, count: address


@mutant("array.size.zeroed")
def memory_is_filled_with_ones() -> None:
    @replace(ctypes, "memset")
    def fill(original: Any, address: int, byte: int, count: int) -> Any:
        return original(address, 1, count)


def with_lock(maker: str, change: Any) -> None:
    """Change the lock with which ``Value`` or ``Array`` makes its object."""

    @replace(sharedctypes, maker)
    def make(original: Any, *args: Any, lock: Any = True, ctx: Any = None) -> Any:
        return original(*args, lock=change(lock), ctx=ctx)


@mutant("value.lock.default-is-recursive", "value.lock.true-is-recursive")
def the_lock_of_a_value_is_not_recursive() -> None:
    with_lock("Value", lambda lock: multiprocessing.Lock() if lock is True else lock)


@mutant("value.lock.default-is-new")
def all_values_have_one_lock() -> None:
    one = multiprocessing.RLock()
    with_lock("Value", lambda lock: one if lock is True else lock)


@mutant("array.lock.default-is-new")
def all_arrays_have_one_lock() -> None:
    one = multiprocessing.RLock()
    with_lock("Array", lambda lock: one if lock is True else lock)


@mutant("value.lock.given-lock-is-used", "value.lock.given-rlock-is-used", "value.access.waits-for-a-given-lock")
def a_value_makes_a_lock_of_its_own() -> None:
    with_lock("Value", lambda lock: True)


@mutant("array.lock.given-lock-is-used", "array.lock.given-rlock-is-used", "array.access.waits-for-a-given-lock")
def an_array_makes_a_lock_of_its_own() -> None:
    with_lock("Array", lambda lock: True)


@mutant("value.lock.false-returns-the-object-itself")
def a_value_without_a_lock_gets_one() -> None:
    with_lock("Value", lambda lock: lock or True)


@mutant("array.lock.false-returns-the-array-itself")
def an_array_without_a_lock_gets_one() -> None:
    with_lock("Array", lambda lock: lock or True)


@mutant("value.access.waits-for-the-lock")
def writing_takes_no_lock() -> None:
    def assign(self: Any, value: Any) -> None:
        self.get_obj().value = value

    whole = sharedctypes.Synchronized.value
    sharedctypes.Synchronized.value = property(whole.fget, assign)


@mutant("array.access.waits-for-the-lock")
def setting_an_item_takes_no_lock() -> None:
    def assign(self: Any, index: Any, item: Any) -> None:
        self.get_obj()[index] = item

    sharedctypes.SynchronizedArray.__setitem__ = assign


@mutant("value.get_lock.increments-are-atomic", "array.get_lock.increments-are-atomic")
def get_lock_returns_a_lock_of_the_process() -> None:
    own = threading.RLock()
    sharedctypes.SynchronizedBase.get_lock = lambda self: own


@mutant("array.type.structures-are-in-place")
def items_are_copies() -> None:
    @replace(sharedctypes.SynchronizedArray, "__getitem__")
    def get(original: Any, self: Any, index: Any) -> Any:
        item = original(self, index)
        return type(item).from_buffer_copy(item)


@mutant("array.size.is-the-length")
def an_array_is_one_item_longer() -> None:
    @replace(sharedctypes, "RawArray")
    def make(original: Any, kind: Any, items: Any) -> Any:
        return original(kind, items + 1 if isinstance(items, int) else items)


@mutant("array.initializer.gives-the-items")
def items_are_in_reverse() -> None:
    @replace(sharedctypes, "RawArray")
    def make(original: Any, kind: Any, items: Any) -> Any:
        return original(kind, items if isinstance(items, int) else items[::-1])


@mutant("array.initializer.gives-the-length")
def an_empty_array_has_an_item() -> None:
    @replace(sharedctypes, "RawArray")
    def make(original: Any, kind: Any, items: Any) -> Any:
        return original(kind, items or 1)


@mutant("array.operations.match-a-list")
def steps_are_ignored() -> None:
    @replace(sharedctypes.SynchronizedArray, "__getitem__")
    def get(original: Any, self: Any, index: Any) -> Any:
        return original(self, slice(index.start, index.stop) if isinstance(index, slice) else index)


@mutant("array.index.out-of-range-raises-indexerror")
def negative_indexes_go_round() -> None:
    @replace(sharedctypes.SynchronizedArray, "__getitem__")
    def get(original: Any, self: Any, index: Any) -> Any:
        return original(self, index % len(self) if isinstance(index, int) and index < 0 else index)


@mutant("array.index.out-of-range-raises-indexerror")
def indexes_of_items_that_are_set_go_round() -> None:
    @replace(sharedctypes.SynchronizedArray, "__setitem__")
    def assign(original: Any, self: Any, index: Any, item: Any) -> None:
        original(self, index % len(self) if isinstance(index, int) else index, item)


@mutant("array.c_char.value-stores-strings")
def strings_are_cut() -> None:
    whole = sharedctypes.SynchronizedString.value
    sharedctypes.SynchronizedString.value = property(whole.fget, lambda self, text: whole.fset(self, text[:19]))


@mutant("array.c_char.raw-stores-strings")
def raw_ends_at_the_first_nul() -> None:
    sharedctypes.SynchronizedString.raw = sharedctypes.SynchronizedString.value


# Children, grandchildren and locks.


def depth() -> Any:
    """Return a function that tells whether this process is a grandchild of the one in which this was called."""
    creator = os.getpid()
    return lambda: creator not in (os.getpid(), os.getppid())


@mutant("value.child.grandchild-shares-the-memory", "array.child.grandchild-shares-the-memory")
def a_grandchild_has_a_copy() -> None:
    is_grandchild = depth()

    @replace(sharedctypes.SynchronizedBase, "get_obj")
    def get(original: Any, self: Any) -> Any:
        held = original(self)
        if not is_grandchild():
            return held
        if "copied" not in self.__dict__:
            self.__dict__["copied"] = type(held).from_buffer_copy(held)
        return self.__dict__["copied"]

    def assign(self: Any, value: Any) -> None:
        self.get_obj().value = value

    sharedctypes.Synchronized.value = property(lambda self: self.get_obj().value, assign)
    sharedctypes.SynchronizedArray.__getitem__ = lambda self, index: self.get_obj()[index]
    sharedctypes.SynchronizedArray.__setitem__ = lambda self, index, item: operator.setitem(self.get_obj(), index, item)


@mutant("value.get_lock.is-one-of-all-processes", "array.get_lock.is-one-of-all-processes")
def a_grandchild_has_a_lock_of_its_own() -> None:
    is_grandchild, own = depth(), multiprocessing.RLock()

    @replace(sharedctypes.SynchronizedBase, "get_lock")
    def get(original: Any, self: Any) -> Any:
        return own if is_grandchild() else original(self)


@mutant("value.get_lock.is-one-of-all-processes", "array.get_lock.is-one-of-all-processes")
def a_lock_that_is_given_stays_with_who_gave_it() -> None:
    creator = os.getpid()
    lock = type(multiprocessing.Lock())

    @replace(sharedctypes.SynchronizedBase, "get_lock")
    def get(original: Any, self: Any) -> Any:
        came = original(self)
        if os.getpid() == creator or not isinstance(came, lock):
            return came
        return self.__dict__.setdefault("own", threading.Lock())


@mutant("value.access.waits-for-the-lock", "value.access.waits-for-a-given-lock")
def reading_takes_no_lock() -> None:
    whole = sharedctypes.Synchronized.value
    sharedctypes.Synchronized.value = property(lambda self: self.get_obj().value, whole.fset)


@mutant("value.access.waits-for-a-given-lock")
def writing_takes_no_lock_that_was_given() -> None:
    def assign(self: Any, value: Any) -> None:
        self.get_obj().value = value

    whole = sharedctypes.Synchronized.value
    sharedctypes.Synchronized.value = property(whole.fget, assign)


@mutant("array.access.waits-for-the-lock", "array.access.waits-for-a-given-lock")
def getting_an_item_takes_no_lock() -> None:
    sharedctypes.SynchronizedArray.__getitem__ = lambda self, index: self.get_obj()[index]


@mutant("array.access.waits-for-a-given-lock")
def setting_an_item_takes_no_lock_that_was_given() -> None:
    def assign(self: Any, index: Any, item: Any) -> None:
        self.get_obj()[index] = item

    sharedctypes.SynchronizedArray.__setitem__ = assign


@mutant("array.access.waits-for-the-lock")
def slices_take_no_lock() -> None:
    @replace(sharedctypes.SynchronizedArray, "__getitem__")
    def get(original: Any, self: Any, index: Any) -> Any:
        return self.get_obj()[index] if isinstance(index, slice) else original(self, index)


@mutant("array.size.zeroed")
def structures_are_not_cleared() -> None:
    @replace(sharedctypes, "RawArray")
    def make(original: Any, kind: Any, items: Any) -> Any:
        made = original(kind, items)
        if isinstance(items, int) and isinstance(kind, type) and issubclass(kind, ctypes.Structure):
            ctypes.memset(ctypes.addressof(made), 1, ctypes.sizeof(made))
        return made
