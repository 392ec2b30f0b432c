"""The adapters that come with the suite: those of what mirrors the layout, and where the others are."""

from __future__ import annotations

import importlib

from mpadapters.contract import Adapter

HEAP = "/dev/shm/pym-* (deleted)"
"""The file behind the heap of shared objects, in the standard library and in what was forked from it.

A process holds it twice: by the heap's own descriptor and by that of the mapping.
"""


class Stdlib(Adapter):
    """The standard library's ``multiprocessing``, of the interpreter that runs the suite."""

    name = "stdlib"
    package = "multiprocessing"
    preload = True
    keeps = (HEAP, HEAP)

    def warm_up(self, start_method: str) -> None:
        """Start the resource tracker, if each program of the cell has one.

        A program that forks has one from its first block of shared memory on, and perhaps never.
        """
        if start_method != "fork":
            importlib.import_module(f"{self.package}.resource_tracker").ensure_running()


class Billiard(Adapter):
    """Celery's fork of the standard library's package."""

    name = "billiard"
    package = "billiard"
    install = "billiard"
    preload = True
    keeps = (HEAP, HEAP)
    lacks = ("shared_memory*", "shareable_list*")
    unsupported = "billiard has no shared_memory module"


class Multiprocess(Stdlib):
    """The fork of the standard library's package that pickles with dill."""

    name = "multiprocess"
    package = "multiprocess"
    install = "multiprocess"


class Reference(Adapter):
    """The reference implementation of this project: POSIX only."""

    name = "reference"
    package = "mpreference"
    preload = True
    keeps = ("/memfd:mpreference (deleted)",) * 2  # an arena of its heap: the descriptor, and that of the mapping


BUILTIN: tuple[type[Adapter], ...] = (Stdlib, Reference, Billiard, Multiprocess)
"""What the suite is held against in its own tests."""

MORE = {
    "dummy": "mpadapters.threaded:Dummy",
    "gevent": "mpadapters.threaded:Gevent",
    "eventlet": "mpadapters.threaded:Eventlet",
    "loky": "mpadapters.contexts:Loky",
    "loky-init-main": "mpadapters.contexts:LokyInitMain",
    "torch": "mpadapters.contexts:Torch",
    "ray": "mpadapters.clusters:Ray",
    "lithops": "mpadapters.clusters:Lithops",
}
"""The others: name to location. No child pays for those that it does not use."""
