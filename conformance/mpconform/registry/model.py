"""What a requirement is, and the registry that holds them all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

SECTIONS: tuple[str, ...] = (
    "process_and_exceptions",
    "pipes_and_queues",
    "miscellaneous",
    "connection_objects",
    "synchronization_primitives",
    "shared_ctypes_objects",
    "sharedctypes_module",
    "managers",
    "proxy_objects",
    "process_pools",
    "listeners_and_clients",
    "address_formats",
    "authentication_keys",
    "logging_support",
    "dummy_module",
    "shared_memory",
    "signatures",
)
"""The headings of the documentation, in its order, each a folder of :mod:`mpconform.sections`.

The last two stand apart: shared memory has a page of its own since 3.8, and signatures are those of all sections.
"""

LEVELS: tuple[str, ...] = ("must", "should", "may")
PLATFORMS: tuple[str, ...] = ("linux", "darwin", "win32", "aix", "cygwin", "freebsd")
START_METHODS: tuple[str, ...] = ("fork", "spawn", "forkserver")

DOCUMENTATION = "https://docs.python.org/3/library/"


class RegistryError(Exception):
    """The registry cannot be read, or has no such entry; one line with the file, its line, the key and the remedy."""

    def __init__(self, message: str, file: Path | None = None, line: int = 1) -> None:
        super().__init__(message if file is None else f"{shown(file)}:{line}: {message}")
        self.message = message
        self.file = file
        self.line = line


@dataclass(frozen=True, slots=True)
class Requirement:
    """One testable promise of the documentation. The fields are described in the README of this area."""

    id: str
    section: str
    says: str
    doc: str
    level: str
    since: str
    until: str | None
    platforms: tuple[str, ...]
    start_methods: tuple[str, ...]
    needs: tuple[str, ...]
    check: str
    untestable: str | None
    ambiguous: str | None
    via: str | None = None

    def not_applicable(self, edition: str, platform: str, start_method: str) -> str | None:
        """Return why the requirement does not apply in such a cell, or None if it does.

        ``edition`` is one of the documentation (``"3.11"``), ``platform`` a value of ``sys.platform``.
        """
        if edition_number(edition) < edition_number(self.since):
            return f"promised since edition {self.since}, this is {edition}"
        if self.until is not None and edition_number(edition) > edition_number(self.until):
            return f"promised until edition {self.until}, this is {edition}"
        # Some values of sys.platform carry a version: freebsd14.
        if self.platforms and not platform.startswith(self.platforms):
            return f"promised on {', '.join(self.platforms)}, this is {platform}"
        if self.start_methods and start_method not in self.start_methods:
            return f"promised under {', '.join(self.start_methods)}, this is {start_method}"
        return None

    @property
    def link(self) -> str:
        """The address of the promise in the public documentation."""
        return documentation_link(self.doc)

    @property
    def via_link(self) -> str | None:
        """The address of what other documentation promises it, if one does."""
        return documentation_link(f"{self.via.partition('.')[0]}#{self.via}") if self.via else None


class Registry:
    """The requirements of all sections, in the order of the documentation."""

    def __init__(self, root: Path, titles: dict[str, str], requirements: dict[str, Requirement]) -> None:
        self.root = root
        self.titles = titles
        self.requirements = requirements

    @property
    def needs(self) -> dict[str, tuple[str, ...]]:
        """The ids that each requirement cannot do without, by its own."""
        return {one.id: one.needs for one in self.requirements.values()}

    def get(self, ident: str) -> Requirement:
        """Return the requirement with this id; raise :class:`RegistryError`, with the close matches, if none has it."""
        if ident not in self.requirements:
            raise RegistryError(f"no requirement {ident!r}: {did_you_mean(ident, self.requirements)}")
        return self.requirements[ident]


def edition_number(edition: str) -> tuple[int, int]:
    """Return an edition such as ``"3.11"`` as a pair that compares; raise :class:`RegistryError` if it is none."""
    major, _, minor = edition.partition(".")
    if not (major.isdecimal() and minor.isdecimal()):
        raise RegistryError(f"{edition!r} is no edition of the documentation: write it like '3.11'")
    return int(major), int(minor)


def documentation_link(anchor: str) -> str:
    """Return the address of an anchor: ``multiprocessing.Process.join`` or ``multiprocessing#reference``."""
    page, _, heading = anchor.partition("#")
    if heading:
        return f"{DOCUMENTATION}{page}.html#{heading}"
    # The one module of the package that has a page of its own.
    apart = ("multiprocessing.shared_memory", "multiprocessing.managers.SharedMemoryManager")
    page = "multiprocessing.shared_memory" if anchor.startswith(apart) else "multiprocessing"
    return f"{DOCUMENTATION}{page}.html#{anchor}"


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "`mpconform list` shows them all") -> str:
    """Return the end of a message about an unknown name: its close matches, or ``otherwise`` if there is none."""
    from difflib import get_close_matches

    close = get_close_matches(name, list(known), n=3)
    return f"did you mean {' or '.join(close)}?" if close else otherwise


def shown(path: Path) -> str:
    """Return how a message names a file: relative to the current folder if it lies below it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
