"""The adapters that come with the suite."""

from __future__ import annotations

from mpadapters.contract import Adapter

HEAP = "/dev/shm/pym-* (deleted)"
"""The file behind the heap of shared objects, in the standard library and in what was forked from it."""


class Stdlib(Adapter):
    """The standard library's ``multiprocessing``, of the interpreter that runs the suite."""

    name = "stdlib"
    package = "multiprocessing"
    keeps = (HEAP,)

    def version(self) -> str:
        """Return the version of the interpreter: the package has none of its own."""
        import platform  # slow to import, and no child needs it

        return platform.python_version()


class Billiard(Adapter):
    """Celery's fork of the standard library's package."""

    name = "billiard"
    package = "billiard"
    keeps = (HEAP,)
    install = "billiard"
    lacks = ("shared_memory*", "shareable_list*", "signature.shared_memory*", "signature.shareable_list*")
    unsupported = "billiard has no shared_memory module"


class Multiprocess(Adapter):
    """The fork of the standard library's package that pickles with dill."""

    name = "multiprocess"
    package = "multiprocess"
    keeps = (HEAP,)
    install = "multiprocess"


class Reference(Adapter):
    """The reference implementation of this project: POSIX only."""

    name = "reference"
    package = "mpreference"
    keeps = ("/memfd:mpreference (deleted)",) * 2  # an arena of its heap: the descriptor, and that of the mapping


BUILTIN: tuple[type[Adapter], ...] = (Stdlib, Reference, Billiard, Multiprocess)
