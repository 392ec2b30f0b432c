"""Mutants of shared memory."""

from __future__ import annotations

import mmap
import os
import sys
from multiprocessing import managers, shared_memory
from multiprocessing.shared_memory import ShareableList, SharedMemory
from types import SimpleNamespace
from typing import Any

from mutants import mutant, replace

BY_ITSELF = "the standard library breaks it as it is"

UNSEEN = {
    "shared_memory.block.outlives-its-creator": BY_ITSELF,
    "shared_memory.close.in-an-unrelated-program-leaves-the-block": BY_ITSELF,
    "shareable_list.values.str-of-any-characters": BY_ITSELF,
    "shareable_list.values.last-byte-below-10m": BY_ITSELF,
    "shareable_list.getitem.below-the-first-raises-indexerror": BY_ITSELF,
    "shareable_list.setitem.below-the-first-raises-indexerror": BY_ITSELF,
    "shared_memory.track.ignored-on-windows": "it is promised on Windows only",
}

# SharedMemory


@mutant("shared_memory.create.makes-a-block")
def buf_is_a_copy() -> None:
    whole = SharedMemory.buf
    SharedMemory.buf = property(lambda self: memoryview(bytearray(whole.fget(self))))


@mutant(
    "shared_memory.create.false-attaches",
    "shared_memory.buf.any-bytes-at-any-offset",
    "shared_memory.block.shared-with-another-process",
    "shared_memory.block.shared-with-an-unrelated-program",
    "shared_memory.pickle.is-the-same-block",
    "shareable_list.child.shares-the-values",
)
def the_memory_is_private() -> None:
    @replace(mmap, "mmap")
    def private(original: Any, *args: Any, **options: Any) -> Any:
        return original(*args, flags=mmap.MAP_PRIVATE, **options)


def changing_arguments(change: Any) -> None:
    """Call the constructor with the arguments that ``change`` returns for it."""

    @replace(SharedMemory, "__init__")
    def init(
        original: Any, self: Any, name: str | None = None, create: bool = False, size: int = 0, **options: Any
    ) -> None:
        original(self, *change(name, create, size), **options)


@mutant("shared_memory.create.needs-an-existing-block")
def attaching_creates_what_is_missing() -> None:
    @replace(SharedMemory, "__init__")
    def init(original: Any, self: Any, name: Any = None, *args: Any, **options: Any) -> None:
        try:
            original(self, name, *args, **options)
        except FileNotFoundError:
            original(self, name, True, 64)


@mutant("shared_memory.create.refuses-an-existing-name")
def creating_attaches_to_what_is_there() -> None:
    @replace(SharedMemory, "__init__")
    def init(original: Any, self: Any, name: Any = None, create: bool = False, size: int = 0) -> None:
        try:
            original(self, name, create, size)
        except FileExistsError:
            self._flags = os.O_RDWR
            original(self, name)


@mutant("shared_memory.name.given-name-is-used")
def a_given_name_is_ignored() -> None:
    changing_arguments(lambda name, create, size: (None if create else name, create, size))


@mutant("shared_memory.name.generated-by-default")
def every_name_is_the_same() -> None:
    SharedMemory.name = property(lambda self: "same")


@mutant("shared_memory.name.is-that-of-the-block")
def an_attached_object_has_another_name() -> None:
    whole = SharedMemory.name
    SharedMemory.name = property(lambda self: whole.fget(self) + ("" if self._flags & os.O_EXCL else "_attached"))


@mutant("shared_memory.name.read-only")
def name_can_be_assigned() -> None:
    SharedMemory.name = SharedMemory.name.setter(lambda self, name: None)


@mutant("shared_memory.size.read-only")
def size_can_be_assigned() -> None:
    SharedMemory.size = SharedMemory.size.setter(lambda self, size: None)


@mutant("shared_memory.size.at-least-what-was-requested")
def a_block_is_too_small() -> None:
    changing_arguments(lambda name, create, size: (name, create, max(1, size - 1)))


@mutant("shared_memory.size.is-that-of-buf")
def size_is_not_that_of_buf() -> None:
    SharedMemory.size = property(lambda self: self._size + 1)


@mutant("shared_memory.size.ignored-when-attaching")
def attaching_believes_the_size() -> None:
    @replace(SharedMemory, "__init__")
    def init(original: Any, self: Any, name: Any = None, create: bool = False, size: int = 0) -> None:
        original(self, name, create, size)
        self._size = size or self._size


@mutant("shared_memory.buf.is-a-memoryview")
def buf_is_the_map() -> None:
    SharedMemory.buf = property(lambda self: self._mmap)


@mutant("shared_memory.close.ends-access")
def close_does_nothing() -> None:
    SharedMemory.close = lambda self: None


@mutant(
    "shared_memory.close.leaves-other-objects",
    "shared_memory.close.leaves-the-block",
    "shared_memory.close.in-a-child-leaves-the-block",
)
def close_destroys_the_block() -> None:
    @replace(SharedMemory, "close")
    def close(original: Any, self: Any) -> None:
        original(self)
        try:
            self.unlink()
        except OSError:
            pass


@mutant("shared_memory.close.frees-descriptors")
def close_leaves_a_descriptor() -> None:
    @replace(SharedMemory, "close")
    def close(original: Any, self: Any) -> None:
        self._fd = -1
        original(self)


@mutant(
    "shared_memory.unlink.destroys-the-block",
    "shared_memory.unlink.before-or-after-close",
    "shared_memory.unlink.frees-the-name",
)
def unlink_does_nothing() -> None:
    SharedMemory.unlink = lambda self: None


if sys.version_info >= (3, 13):

    def tracking(create: bool, track: bool) -> None:
        """Ignore what is said about tracking, when creating or when attaching."""

        @replace(SharedMemory, "__init__")
        def init(original: Any, self: Any, name: Any = None, *args: Any, **options: Any) -> None:
            if bool((args and args[0]) or options.get("create")) is create:
                options["track"] = track
            original(self, name, *args, **options)


@mutant("shared_memory.track.cleans-up-after-a-program")
def created_blocks_are_never_tracked() -> None:
    tracking(create=True, track=False)


@mutant("shared_memory.track.false-leaves-what-was-created")
def created_blocks_are_always_tracked() -> None:
    tracking(create=True, track=True)


@mutant("shared_memory.track.false-leaves-what-was-attached")
def attached_blocks_are_always_tracked() -> None:
    tracking(create=False, track=True)


@mutant("shared_memory.track.deletes-what-was-attached")
def attached_blocks_are_never_tracked() -> None:
    tracking(create=False, track=False)


# ShareableList


@mutant("shareable_list.call.holds-the-values")
def an_empty_str_becomes_none() -> None:
    @replace(ShareableList, "__getitem__")
    def get(original: Any, self: Any, position: int) -> Any:
        item = original(self, position)
        return None if item == "" else item


def changing_the_sequence(change: Any) -> None:
    """Make lists of what ``change`` returns for a sequence."""

    @replace(ShareableList, "__init__")
    def init(original: Any, self: Any, sequence: Any = None, *, name: Any = None) -> None:
        original(self, None if sequence is None else change(sequence), name=name)


@mutant("shareable_list.call.takes-any-sequence")
def only_lists_are_taken() -> None:
    changing_the_sequence(lambda sequence: sequence if isinstance(sequence, list) else [sequence])


@mutant("shareable_list.len.is-that-of-the-sequence")
def len_is_one_too_many() -> None:
    @replace(ShareableList, "__len__")
    def length(original: Any, self: Any) -> Any:
        return original(self) + 1


@mutant("shareable_list.call.name-is-that-of-the-block")
def the_name_of_a_new_list_is_ignored() -> None:
    @replace(ShareableList, "__init__")
    def init(original: Any, self: Any, sequence: Any = None, *, name: Any = None) -> None:
        original(self, sequence, name=name if sequence is None else None)


@mutant("shareable_list.call.attaches-by-name")
def attaching_makes_a_copy() -> None:
    @replace(ShareableList, "__init__")
    def init(original: Any, self: Any, sequence: Any = None, *, name: Any = None) -> None:
        original(self, sequence, name=name)
        if sequence is None:
            copied = list(self)
            self.shm.close()
            original(self, copied)


@mutant("shareable_list.values.int-of-64-bits")
def an_int_has_32_bits() -> None:
    @replace(ShareableList, "__getitem__")
    def get(original: Any, self: Any, position: int) -> Any:
        item = original(self, position)
        return item & 0xFFFFFFFF if type(item) is int else item


@mutant("shareable_list.values.almost-10m-bytes")
def long_values_are_refused() -> None:
    def check(sequence: Any) -> Any:
        for value in sequence:
            if isinstance(value, str | bytes) and len(value) > 1_000_000:
                raise ValueError("too long")
        return sequence

    changing_the_sequence(check)


@mutant("shareable_list.values.other-types-are-refused")
def values_of_other_types_become_str() -> None:
    storable = (int, float, bool, str, bytes, type(None))
    changing_the_sequence(lambda items: [item if isinstance(item, storable) else str(item) for item in items])


@mutant("shareable_list.getitem.like-a-list")
def negative_indexes_count_from_zero() -> None:
    @replace(ShareableList, "__getitem__")
    def get(original: Any, self: Any, position: int) -> Any:
        return original(self, position if position >= 0 else -position - 1)


@mutant("shareable_list.setitem.replaces-the-value")
def setting_by_a_negative_index_counts_from_zero() -> None:
    @replace(ShareableList, "__setitem__")
    def assign(original: Any, self: Any, position: int, value: Any) -> None:
        original(self, position if position >= 0 else -position - 1, value)


@mutant("shareable_list.setitem.changes-the-type")
def an_item_keeps_its_type() -> None:
    @replace(ShareableList, "__setitem__")
    def assign(original: Any, self: Any, position: int, value: Any) -> None:
        original(self, position, value if value is None else type(self[position])(value))


@mutant("shareable_list.setitem.too-long-raises-valueerror")
def a_long_value_is_cut() -> None:
    @replace(ShareableList, "__setitem__")
    def assign(original: Any, self: Any, position: int, value: Any) -> None:
        try:
            original(self, position, value)
        except ValueError:
            original(self, position, value[:3])


@mutant("shareable_list.operations.match-a-list", "shareable_list.index.first-position")
def index_finds_the_last() -> None:
    def index(self: Any, value: Any) -> int:
        return max(place for place, item in enumerate(self) if item == value)

    ShareableList.index = index


@mutant("shareable_list.index.missing-raises-valueerror")
def index_of_what_is_missing_is_minus_one() -> None:
    @replace(ShareableList, "index")
    def index(original: Any, self: Any, value: Any) -> int:
        return original(self, value) if value in list(self) else -1


@mutant("shareable_list.count.occurrences")
def count_looks_at_types() -> None:
    ShareableList.count = lambda self, value: sum(type(item) is type(value) and item == value for item in self)


@mutant("shareable_list.length.cannot-change")
def there_is_an_append() -> None:
    ShareableList.append = lambda self, value: None


@mutant("shareable_list.slice.gives-no-shareable-list")
def a_slice_is_a_new_list() -> None:
    @replace(ShareableList, "__getitem__")
    def get(original: Any, self: Any, position: Any) -> Any:
        return ShareableList(list(self)[position]) if isinstance(position, slice) else original(self, position)


@mutant("shareable_list.format.packs-the-values")
def format_is_that_of_ints() -> None:
    ShareableList.format = property(lambda self: "q" * len(self))


@mutant("shareable_list.format.follows-the-types")
def format_is_kept_from_the_start() -> None:
    whole = ShareableList.format

    @replace(ShareableList, "__init__")
    def init(original: Any, self: Any, *args: Any, **options: Any) -> None:
        original(self, *args, **options)
        self.kept = whole.fget(self)

    ShareableList.format = property(lambda self: self.kept)


@mutant("shareable_list.format.read-only")
def format_can_be_assigned() -> None:
    ShareableList.format = ShareableList.format.setter(lambda self, value: None)


@mutant("shareable_list.shm.is-the-block")
def shm_is_something_like_it() -> None:
    @replace(ShareableList, "__init__")
    def init(original: Any, self: Any, *args: Any, **options: Any) -> None:
        original(self, *args, **options)
        real = self.shm
        self.shm = SimpleNamespace(buf=real.buf, name=real.name, close=real.close, unlink=real.unlink)


@mutant("shareable_list.repr.shows-values-and-name")
def repr_shows_no_name() -> None:
    ShareableList.__repr__ = lambda self: f"ShareableList({list(self)})"


@mutant("shareable_list.pickle.is-the-same-list")
def the_values_are_pickled() -> None:
    ShareableList.__reduce__ = lambda self: (ShareableList, (list(self),))


# SharedMemoryManager

Manager = managers.SharedMemoryManager


@mutant("shared_memory_manager.class.is-a-base-manager")
def the_manager_is_a_class_of_its_own() -> None:
    managers.SharedMemoryManager = type("SharedMemoryManager", (), {})


@mutant("shared_memory_manager.start.starts-a-new-process")
def getpid_tells_the_process_that_started() -> None:
    here = os.getpid()
    os.getpid = lambda: here


@mutant("shared_memory_manager.shutdown.stops-the-process")
def shutdown_does_nothing() -> None:
    managers.BaseManager._finalize_manager = staticmethod(lambda *args, **options: None)


@mutant("shared_memory_manager.shutdown.unlinks-all-blocks")
def the_server_forgets_lists() -> None:
    @replace(managers._SharedMemoryTracker, "register_segment")
    def register(original: Any, self: Any, name: str) -> None:
        if len(self.segment_names) < 3:
            original(self, name)


@mutant("shared_memory_manager.shutdown.leaves-other-blocks")
def shutdown_unlinks_every_block_of_the_process() -> None:
    made: list[Any] = []

    @replace(SharedMemory, "__init__")
    def init(original: Any, self: Any, name: Any = None, create: bool = False, size: int = 0) -> None:
        original(self, name, create, size)
        if create:
            made.append(self)

    @replace(Manager, "start")
    def start(original: Any, self: Any) -> None:
        original(self)
        shutdown = self.shutdown

        def all_of_it() -> None:
            shutdown()
            for block in made:
                try:
                    block.unlink()
                except OSError:
                    pass

        self.shutdown = all_of_it


@mutant("shared_memory_manager.sharedmemory.returns-a-block")
def a_managed_block_is_half_as_large() -> None:
    @replace(Manager, "SharedMemory")
    def make(original: Any, self: Any, size: int) -> Any:
        return original(self, size // 2)


@mutant("shared_memory_manager.shareablelist.returns-a-list")
def a_managed_list_is_in_reverse() -> None:
    @replace(Manager, "ShareableList")
    def make(original: Any, self: Any, sequence: Any) -> Any:
        return original(self, sequence[::-1])


@mutant("shared_memory_manager.with.releases-all-blocks")
def an_exception_leaves_the_manager_running() -> None:
    @replace(managers.BaseManager, "__exit__")
    def leave(original: Any, self: Any, kind: Any, *error: Any) -> None:
        if kind is None:
            original(self, kind, *error)


@mutant("shared_memory_manager.connect.serves-other-managers")
def a_connected_manager_registers_nothing() -> None:
    @replace(Manager, "SharedMemory")
    def make(original: Any, self: Any, size: int) -> Any:
        return shared_memory.SharedMemory(create=True, size=size)
