"""Mutants of SharedMemory."""

from __future__ import annotations

import mmap
import os
import sys
from multiprocessing.shared_memory import SharedMemory
from typing import Any

from mutants import mutant, replace


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
    "shared_memory.pickle.passed-as-an-argument",
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


@mutant("shared_memory.close.ends-access")
def the_creator_keeps_its_access() -> None:
    @replace(SharedMemory, "__init__")
    def init(original: Any, self: Any, name: Any = None, create: bool = False, *args: Any, **options: Any) -> None:
        original(self, name, create, *args, **options)
        if create:
            self.close = lambda: None


@mutant("shared_memory.close.ends-access")
def what_is_closed_can_be_written() -> None:
    @replace(SharedMemory, "close")
    def close(original: Any, self: Any) -> None:
        name = self.name
        original(self)
        self._buf = Writer(name)


class Writer:
    """Gives nothing, and takes what is written."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __getitem__(self, place: Any) -> Any:
        raise ValueError("closed")

    def __setitem__(self, place: Any, value: Any) -> None:
        with open(f"/dev/shm/{self.name}", "r+b") as block:
            block.seek(place)
            block.write(bytes([value]))

    def release(self) -> None:
        """Be closed once more."""


@mutant("shared_memory.size.at-least-what-was-requested")
def an_attached_object_sees_one_page() -> None:
    @replace(SharedMemory, "__init__")
    def init(original: Any, self: Any, name: Any = None, create: bool = False, *args: Any, **options: Any) -> None:
        original(self, name, create, *args, **options)
        if not create and self._size > 4096:
            self._size, self._buf = 4096, self._buf[:4096]


@mutant("shared_memory.unlink.before-or-after-close")
def unlink_needs_an_open_object() -> None:
    @replace(SharedMemory, "unlink")
    def unlink(original: Any, self: Any) -> None:
        if self._buf is not None:
            original(self)
