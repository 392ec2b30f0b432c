"""Mutants of SharedMemoryManager."""

from __future__ import annotations

import multiprocessing.process
import multiprocessing.util
import os
import threading
from multiprocessing import managers, shared_memory
from multiprocessing.shared_memory import SharedMemory
from typing import Any

from mutants import mutant, replace

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


@mutant("shared_memory_manager.with.releases-all-blocks")
def the_end_of_a_block_leaves_the_manager_running() -> None:
    @replace(managers.BaseManager, "__exit__")
    def leave(original: Any, self: Any, kind: Any, *error: Any) -> None:
        if kind is not None:
            original(self, kind, *error)


@mutant("shared_memory_manager.shutdown.stops-the-process")
def shutdown_returns_before_the_process_ends() -> None:
    original = managers.BaseManager._finalize_manager
    managers.BaseManager._finalize_manager = staticmethod(
        lambda *arguments, **options: threading.Thread(None, original, None, arguments, options).start()
    )


@mutant("shared_memory_manager.connect.from-another-process")
def a_block_goes_with_the_child_that_made_it() -> None:
    @replace(Manager, "SharedMemory")
    def make(original: Any, self: Any, size: int) -> Any:
        made = original(self, size)
        if multiprocessing.process.parent_process() is not None:
            multiprocessing.util.Finalize(None, made.unlink, exitpriority=0)
        return made


@mutant("shared_memory_manager.connect.from-another-process")
def blocks_of_a_child_are_not_registered() -> None:
    @replace(Manager, "SharedMemory")
    def make(original: Any, self: Any, size: int) -> Any:
        if multiprocessing.process.parent_process() is None:
            return original(self, size)
        return shared_memory.SharedMemory(create=True, size=size)
