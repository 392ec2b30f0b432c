"""Expectations: the known deviations of a backend, each with its reason and a link or a proof.

They are kept in a TOML file of ``[[deviation]]`` tables::

    [[deviation]]
    requirement = "queue.get.timeout-raises-empty"     # an id, or a glob: "queue.*"
    verdict = "hang"
    reason = "get() looks at its timeout only between two polls"
    link = "https://example.org/issues/12"
    start_method = ["spawn", "forkserver"]

Rules
-----
* An entry needs a requirement, a verdict, a reason, and a ``link`` or a ``proof`` (the command that shows it).
* An entry holds in the cells that meet all of its conditions: ``python`` and ``version`` (of the backend) are
  version specifiers (``">=3.12"``), ``platform`` and ``start_method`` are a text or a list. No condition: everywhere.
* In one cell, an entry with the very id decides over a glob, and among globs the first in the file does.
  Two entries with the same requirement must not hold in the same cell.
* Entries with the same ``cause``, a text, are one finding.
* An entry speaks of every requirement that it decides: a glob says that each of them deviates in that way.
* Every mistake is an :class:`ExpectationsError`, one line that names the file, the entry and the remedy.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any

import tomlkit
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from mpadapters.cell import Cell
from mpadapters.contract import START_METHODS

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

REQUIRED = ("requirement", "verdict", "reason")
PROOFS = ("link", "proof")
CONDITIONS = ("python", "platform", "start_method", "version")
KEYS = (*REQUIRED, *PROOFS, "cause", *CONDITIONS)


class ExpectationsError(Exception):
    """An expectations file cannot be used; the message is one line: the file, the entry, the remedy."""


@dataclass(frozen=True)
class Expectation:
    """One entry of the file. An empty text or tuple is a condition that was not given."""

    requirement: str
    verdict: str
    reason: str
    link: str = ""
    python: str = ""
    platform: tuple[str, ...] = ()
    start_method: tuple[str, ...] = ()
    version: str = ""
    proof: str = ""
    cause: str = ""
    """What deviates; entries with the same cause are one finding."""

    @cached_property
    def is_glob(self) -> bool:
        """Whether the requirement is a glob and not the id of one."""
        return any(character in self.requirement for character in "*?[")

    def covers(self, requirement: str) -> bool:
        """Return whether the entry is about the requirement with this id."""
        return fnmatchcase(requirement, self.requirement) if self.is_glob else requirement == self.requirement

    def holds_in(self, cell: Cell) -> bool:
        """Return whether the cell meets all conditions."""
        return (
            (not self.python or _release(cell.python) in SpecifierSet(self.python))
            and (not self.platform or cell.platform in self.platform)
            and (not self.start_method or cell.start_method in self.start_method)
            and (not self.version or _meets(cell.backend_version, self.version))
        )


@dataclass(frozen=True)
class Expectations:
    """The entries of one file, in its order."""

    path: Path
    entries: tuple[Expectation, ...]

    def for_cell(self, cell: Cell) -> list[Expectation]:
        """Return the entries that hold in the cell; raise :class:`ExpectationsError` if two contradict each other."""
        numbered = [(number, entry) for number, entry in enumerate(self.entries, 1) if entry.holds_in(cell)]
        first: dict[str, int] = {}
        for number, entry in numbered:
            if entry.requirement in first:
                raise ExpectationsError(
                    f"{self.path}: entries {first[entry.requirement]} and {number} ({entry.requirement!r}) both hold "
                    f"in this cell ({cell.start_method}, Python {cell.python}, {cell.platform}): "
                    f"merge them, or make their conditions exclude each other"
                )
            first[entry.requirement] = number
        return [entry for _, entry in numbered]


def expected(entries: Collection[Expectation], requirement: str) -> Expectation | None:
    """Return the entry that decides the requirement with this id: the one with the very id, else the first glob."""
    for entry in entries:
        if entry.requirement == requirement:
            return entry
    return next((entry for entry in entries if entry.covers(requirement)), None)


def load_expectations(path: Path, verdicts: Collection[str], requirements: Collection[str]) -> Expectations:
    """Return what the file at ``path`` expects.

    ``verdicts`` are the names that an entry may use, ``requirements`` the ids that there are. Raises
    :class:`ExpectationsError` for a file that cannot be read and for every mistake in it.
    """
    entries = read_entries(path)
    for number, entry in enumerate(entries, 1):
        where = _where(path, number, entry.requirement)
        if entry.verdict not in verdicts:
            raise ExpectationsError(f"{where}: no verdict {entry.verdict!r}: {_hint(entry.verdict, verdicts)}")
        if not any(entry.covers(requirement) for requirement in requirements):
            kind = "glob matches no requirement" if entry.is_glob else "is no requirement"
            close = get_close_matches(entry.requirement, requirements, n=3)
            hint = f"did you mean {' or '.join(close)}?" if close else "`mpconform list` shows all ids"
            raise ExpectationsError(f"{where}: {entry.requirement!r} {kind}: {hint}")
    return Expectations(path, tuple(entries))


def read_entries(path: Path) -> list[Expectation]:
    """Return the entries of the file, checked for all that can be told without a list of requirements."""
    try:
        return parse_entries(path.read_text(encoding="utf-8"), path)
    except FileNotFoundError:
        near = [str(file.name) for file in path.parent.glob("*.toml")]
        close = get_close_matches(path.name, near, n=1)
        hint = f"did you mean {path.with_name(close[0])}?" if close else "--update-expectations creates it"
        raise ExpectationsError(f"{path}: no such file: {hint}") from None
    except OSError as error:
        raise ExpectationsError(f"{path}: cannot be read ({error.strerror}): make it a readable file") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ExpectationsError(f"{path}, line {line}: is not UTF-8: save the file in that encoding") from None


def parse_entries(text: str, path: Path) -> list[Expectation]:
    """Return the entries of a file's text; ``path`` is how mistakes name it."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+), column \d+\)", str(error))
        line = int(found[1]) if found else len(text.splitlines())
        problem = re.sub(r"\s*\(at [^()]*\)$", "", str(error).splitlines()[0])
        raise ExpectationsError(f"{path}, line {line}: is not TOML: {problem}") from None
    for key in document:
        if key != "deviation":
            raise ExpectationsError(f"{path}: unknown key {key!r}: each known deviation is a [[deviation]] table")
    tables = document.get("deviation", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ExpectationsError(
            f"{path}: deviation is no list of tables: begin each with [[deviation]], in two brackets"
        )
    return [_entry(table, path, number) for number, table in enumerate(tables, 1)]


def _entry(table: dict[str, Any], path: Path, number: int) -> Expectation:
    """Return the entry that a table of the file holds."""
    where = _where(path, number, table.get("requirement"))
    for key in table:
        if key not in KEYS:
            raise ExpectationsError(f"{where}: unknown key {key!r}: {_hint(key, KEYS)}")
    for key in REQUIRED:
        if key not in table:
            raise ExpectationsError(f'{where}: key {key!r} is missing: add {key} = "..."')
    if not any(key in table for key in PROOFS):
        raise ExpectationsError(
            f"{where}: neither 'link' nor 'proof': add a link to the issue, or the command that shows the deviation"
        )
    for key in KEYS:
        if key in table and key not in ("platform", "start_method"):
            if not isinstance(table[key], str):
                raise ExpectationsError(f"{where}: key {key!r} is {table[key]!r}: write it as a text, in quotes")
            if not table[key].strip():
                raise ExpectationsError(f"{where}: key {key!r} is empty: fill it in or leave it out")
    if "link" in table and not re.match(r"https?://[^\s/]", table["link"]):
        raise ExpectationsError(f"{where}: link {table['link']!r} is no address: begin it with https:// or http://")
    for key in ("python", "version"):
        try:
            SpecifierSet(table.get(key, ""))
        except InvalidSpecifier:
            raise ExpectationsError(
                f'{where}: {key} {table[key]!r} is no version specifier: write it like ">=3.12" or ">=3.11,<3.13"'
            ) from None
    start_methods = _texts(table, "start_method", where)
    for method in start_methods:
        if method not in START_METHODS:
            raise ExpectationsError(f"{where}: no start method {method!r}: {_hint(method, START_METHODS)}")
    values = {key: table[key] for key in table if key not in ("platform", "start_method")}
    return Expectation(**values, platform=_texts(table, "platform", where), start_method=start_methods)


def _texts(table: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    """Return the value of a key that takes a text or a list of them; an empty tuple if it is not given."""
    value = table.get(key)
    if value is None:
        return ()
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not values or not all(isinstance(item, str) and item for item in values):
        raise ExpectationsError(f"{where}: key {key!r} is {value!r}: write a text or a list of them, or leave it out")
    return tuple(values)


def _where(path: Path, number: int, requirement: object) -> str:
    """Return how a message names an entry."""
    return f"{path}, entry {number}" + (f" ({requirement!r})" if requirement else "")


def _hint(wrong: str, known: Collection[str]) -> str:
    """Return what a message proposes instead of a wrong name."""
    close = get_close_matches(wrong, known, n=3)
    return f"did you mean {' or '.join(close)}?" if close else f"known are {', '.join(known)}"


def _release(python: str) -> Version:
    """Return the release numbers of a Python version alone, so that 3.14.0rc1 meets ">=3.14"."""
    found = re.match(r"\d+(\.\d+)*", python)
    return Version(found[0] if found else "0")


def _meets(version: str, specifier: str) -> bool:
    """Return whether a backend's version meets the specifier; one that is no version meets none."""
    try:
        return SpecifierSet(specifier).contains(Version(version), prereleases=True)
    except InvalidVersion:
        return False


def stale(entries: Sequence[Expectation], found: Mapping[str, str]) -> list[Expectation]:
    """Return the entries that decide a requirement whose verdict was found to be another one.

    ``entries`` are those of the cell, ``found`` the verdicts of the requirements that were judged in it.
    """
    wrong = []
    for requirement, verdict in found.items():
        entry = expected(entries, requirement)
        if entry and entry.verdict != verdict and entry not in wrong:
            wrong.append(entry)
    return wrong


PASS = "pass"
"""The verdict that is no deviation."""

NEW_FILE = """\
# Known deviations: what the keys mean is told in adapters/README.md of mpconform.
"""


class _Block:
    """The lines of one entry: the comments right above it and its table, then what follows up to the next entry."""

    def __init__(self, text: str, entry: Expectation) -> None:
        end = re.search(r"(\n[ \t]*(#[^\n]*)?)*\Z", text)
        self.table = text[: end.start() if end else None] + "\n"
        self.after = text[len(self.table) :]
        self.entry = entry

    def set_start_methods(self, methods: Sequence[str]) -> None:
        """Change the entry's list, and nothing else of its lines."""
        document = tomlkit.parse(self.table)
        document["deviation"][0]["start_method"] = list(methods)
        self.table = tomlkit.dumps(document)
        self.entry = replace(self.entry, start_method=tuple(methods))

    def clear(self) -> None:
        """Leave nothing but comments that stand apart from the entry."""
        self.table = ""
        self.after = self.after.lstrip("\n")


def update_expectations(
    path: Path,
    cell: Cell,
    found: Mapping[str, tuple[str, str]],
    *,
    backend: str,
    start_methods: Sequence[str] = START_METHODS,
) -> list[str]:
    """Rewrite the file so that a run of this cell that finds the same is as expected; return what was changed.

    ``found`` has the verdict and the message of every requirement that was judged (scored) in the cell, the
    passed ones too; what is not in it is left alone. ``start_methods`` are those that the backend has.

    An entry that is stale in this cell loses its start method, and goes, with the comments right above it, when
    none is left. A deviation that no entry expects becomes an entry for this start method, or widens the list of
    an entry that says the same. All else in the file stays as it is. The file is replaced at once or not at all.
    """
    path = path.resolve()
    raw = path.read_bytes() if path.exists() else NEW_FILE.encode()
    entries = read_entries(path) if path.exists() else []
    head, blocks = _split(raw.decode().replace("\r\n", "\n"), entries, path)
    verdicts = {requirement: verdict for requirement, (verdict, _) in found.items()}
    standing = list(blocks)
    changes: list[str] = []

    narrowed: dict[str, Expectation] = {}  # what a glob said rightly before it lost this cell: its reason is kept
    while True:
        in_cell = Expectations(path, tuple(block.entry for block in standing)).for_cell(cell)
        wrong = stale(in_cell, verdicts)
        if not wrong:
            break
        for requirement, verdict in verdicts.items():
            decides = expected(in_cell, requirement)
            if decides in wrong and decides and decides.is_glob and decides.verdict == verdict:
                narrowed.setdefault(requirement, decides)
        for block in [block for block in standing if block.entry in wrong]:
            changes.append(f"no longer {block.entry.verdict} under {cell.start_method}: {block.entry.requirement}")
            left = [m for m in block.entry.start_method or start_methods if m != cell.start_method]
            if left:
                block.set_start_methods(left)
            else:
                standing.remove(block)
                block.clear()

    for requirement, (verdict, message) in found.items():
        if verdict == PASS or expected(in_cell, requirement):
            continue
        changes.append(f"now {verdict} under {cell.start_method}: {requirement}")
        new = _observed(requirement, verdict, message, narrowed.get(requirement), cell, backend)
        same = next((block for block in standing if _says_the_same(block.entry, new)), None)
        if same:
            same.set_start_methods([*same.entry.start_method, cell.start_method])
        else:
            standing.append(_Block(_render(new), new))

    if changes:
        text = head + "".join(block.table + block.after for block in blocks)
        text = "\n".join([text.rstrip("\n") + "\n", *(block.table for block in standing if block not in blocks)])
        _replace(path, text.replace("\n", "\r\n" if b"\r\n" in raw else "\n").encode())
    return changes


def _split(text: str, entries: Sequence[Expectation], path: Path) -> tuple[str, list[_Block]]:
    """Return the text above the first entry, and the lines of each entry."""
    starts = [
        match.start()
        for match in re.finditer(r"^(?:[ \t]*#[^\n]*\n)*[ \t]*\[\[[ \t]*deviation[ \t]*\]\]", text, re.MULTILINE)
    ]
    pieces = [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=False)]
    blocks = []
    for piece, entry in zip(pieces, entries, strict=False):
        try:
            alone = parse_entries(piece, path)
        except ExpectationsError:
            alone = []
        if alone == [entry]:
            blocks.append(_Block(piece, entry))
    if not len(pieces) == len(entries) == len(blocks):
        raise ExpectationsError(f"{path}: cannot be rewritten: write each entry as a [[deviation]] table of its own")
    return (text[: starts[0]] if starts else text), blocks


def _observed(
    requirement: str, verdict: str, message: str, said: Expectation | None, cell: Cell, backend: str
) -> Expectation:
    """Return the entry for a deviation that was found; ``said`` is what a glob said about it so far."""
    if said:
        return replace(said, requirement=requirement, start_method=(cell.start_method,))
    # The halves of surrogate pairs, which stand for stray bytes, have no place in a file of UTF-8.
    lines = [line.strip() for line in message.encode("utf-8", "replace").decode().splitlines() if line.strip()]
    reason = lines[0] if lines else f"{verdict}, without a message"
    proof = f"mpconform reproduce {requirement} --backend {backend} --start-method {cell.start_method}"
    return Expectation(requirement, verdict, reason, start_method=(cell.start_method,), proof=proof)


def _says_the_same(entry: Expectation, new: Expectation) -> bool:
    """Return whether the entry would say all that the new one says if only its list had one start method more."""
    same = replace(entry, start_method=new.start_method, link=new.link, proof=new.proof, cause=new.cause)
    return same == new


def _render(new: Expectation) -> str:
    """Return the lines of a new entry."""
    table = tomlkit.table()
    for key in KEYS:
        value = getattr(new, key)
        if value:
            table[key] = list(value) if isinstance(value, tuple) else value
    tables = tomlkit.aot()
    tables.append(table)
    return tomlkit.dumps({"deviation": tables})


def _replace(path: Path, content: bytes) -> None:
    """Put the content in place of the file at once: whoever reads meanwhile sees the old or the new one, whole."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        raise ExpectationsError(f"{path}: cannot be written ({error.strerror}); it is as it was") from error
    finally:
        beside.unlink(missing_ok=True)
