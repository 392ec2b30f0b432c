"""Reading ``requirements.toml`` of every section, strictly: nothing in it is ever silently ignored."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mpconform.registry.model import (
    LEVELS,
    PLATFORMS,
    SECTIONS,
    START_METHODS,
    Registry,
    RegistryError,
    Requirement,
    did_you_mean,
    edition_number,
    shown,
)
from mpconform.registry.signatures import signature_requirements

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

REQUIREMENTS = "requirements.toml"

ID = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+){1,2}")
ANCHOR = re.compile(r"multiprocessing(\.\w+)*(#[\w.-]+)?")
ELSEWHERE = re.compile(r"(?!multiprocessing\b)[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")

TEXTS = ("says", "doc", "level", "since", "until", "check", "untestable", "ambiguous", "via")
LISTS: dict[str, tuple[str, ...] | None] = {"platforms": PLATFORMS, "start_methods": START_METHODS, "needs": None}
"""The keys that hold lists, with what may stand in each (None: any id, which the lint looks up)."""

Refuse = Callable[[str, str], RegistryError]
"""Makes the error for a key of one requirement and its remedy."""


def sections_root() -> Path:
    """Return the folder of the suite's own sections, without importing any of them."""
    return Path(__file__).parent.parent / "sections"


def load_registry(root: Path | None = None) -> Registry:
    """Return the registry of the sections below ``root``, which is the suite's own unless said otherwise.

    Raises :class:`RegistryError`. That ids name each other rightly is the business of the lint.
    """
    root = root or sections_root()
    titles = {}
    requirements: dict[str, Requirement] = {}
    for section in section_names(root):
        title, found = load_section(root / section)
        titles[section] = title
        for requirement in found:
            other = requirements.setdefault(requirement.id, requirement)
            if other is not requirement:
                raise duplicate(root, requirement, other)
    return Registry(root, titles, requirements)


def section_names(root: Path) -> list[str]:
    """Return the names of the sections below ``root``, in the order of the documentation."""
    if not root.is_dir():
        raise RegistryError(f"no folder of sections at {shown(root)}")
    return [section for section in SECTIONS if (root / section / REQUIREMENTS).is_file()]


def load_section(folder: Path) -> tuple[str, list[Requirement]]:
    """Return the title and the requirements of the section in ``folder``; raise :class:`RegistryError`."""
    file = folder / REQUIREMENTS
    content = read_toml(file)
    title = content.pop("title", None)
    if not isinstance(title, str) or not title.strip():
        raise RegistryError('title: missing; begin the file with the section\'s heading, title = "..."', file)
    written = [read_requirement(file, ident, table) for ident, table in content.items()]
    return title, [*written, *signature_requirements(folder)]


def read_toml(file: Path) -> dict[str, Any]:
    """Return the content of a TOML file; raise :class:`RegistryError`, with the line, if it is none."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RegistryError("there is no such file; every section has one", file) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        place = re.search(r"at line (\d+)", str(error))
        raise RegistryError(f"no valid TOML: {error}", file, int(place[1]) if place else 1) from None


def line_of(file: Path, table: str, key: str = "") -> int:
    """Return the line of a table, or of a key in it, for a message; 1 if it is written in some unusual way."""
    found = 1
    inside = False
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        line = line.strip()
        if line.startswith("["):
            inside = line.startswith((f'["{table}"]', f"['{table}']", f"[{table}]", f"[{table}."))
            found = number if inside else found
        elif inside and key and re.match(rf"\"?{re.escape(key)}\"?\s*=", line):
            return number
    return found


def duplicate(root: Path, requirement: Requirement, other: Requirement) -> RegistryError:
    """Return the error for an id that stands in two sections."""
    file = root / requirement.section / REQUIREMENTS
    message = f"{requirement.id}: is also in section {other.section}; rename or remove one of them"
    return RegistryError(message, file, line_of(file, requirement.id))


def read_requirement(file: Path, ident: str, table: object) -> Requirement:
    """Return the requirement that one table of ``file`` describes; raise :class:`RegistryError`."""

    def refuse(key: str, remedy: str) -> RegistryError:
        message = ": ".join(part for part in (ident, key, remedy) if part)
        return RegistryError(message, file, line_of(file, ident, key))

    if not isinstance(table, dict):
        raise refuse("", "unknown key; only title stands outside of a requirement's table")
    if not ID.fullmatch(ident):
        if any(isinstance(value, dict) for value in table.values()):
            raise refuse("", f'put the id in quotes, ["{ident}.member.promise"]: unquoted dots make nested tables')
        raise refuse("", "no valid id; it has two or three parts of lower-case letters, digits, - and _ between dots")

    for key, value in table.items():
        if key in TEXTS:
            if not isinstance(value, str) or not value.strip():
                raise refuse(key, f"must be a string that is not empty, not {value!r}")
        elif key in LISTS:
            check_list(key, value, refuse)
        else:
            raise refuse(key, f"unknown key; {did_you_mean(key, [*TEXTS, *LISTS], known_keys())}")

    for key in ("says", "doc", "level"):
        if key not in table:
            raise refuse(key, "missing; every requirement has it")
    if table["level"] not in LEVELS:
        raise refuse("level", f"unknown level {table['level']!r}; known are {', '.join(LEVELS)}")
    if not ANCHOR.fullmatch(table["doc"]):
        raise refuse(
            "doc", f"{table['doc']!r} is no anchor, such as multiprocessing.Process.join or multiprocessing#managers"
        )
    if "via" in table and not (
        ELSEWHERE.fullmatch(table["via"]) and table["via"].partition(".")[0] in sys.stdlib_module_names
    ):
        raise refuse("via", f"{table['via']!r} is no name in another module's documentation, as threading.Condition is")
    check_editions(table, refuse)
    if "untestable" in table and "ambiguous" in table:
        raise refuse("ambiguous", "stands beside untestable; a requirement is one of them, remove the other")
    if "check" not in table and "untestable" not in table:
        raise refuse("check", "missing; say in one line what to look at first when the requirement fails")

    return Requirement(
        id=ident,
        section=file.parent.name,
        says=table["says"],
        doc=table["doc"],
        level=table["level"],
        since=table.get("since", "3.7"),
        until=table.get("until"),
        platforms=tuple(table.get("platforms", ())),
        start_methods=tuple(table.get("start_methods", ())),
        needs=tuple(table.get("needs", ())),
        check=table.get("check", ""),
        untestable=table.get("untestable"),
        ambiguous=table.get("ambiguous"),
        via=table.get("via"),
    )


def check_list(key: str, value: object, refuse: Refuse) -> None:
    """Raise unless ``value`` is a list of distinct strings that may stand under ``key``."""
    if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
        raise refuse(key, f"must be a list of strings that is not empty, not {value!r}")
    known = LISTS[key]
    for item in value:
        if known is not None and item not in known:
            raise refuse(key, f"unknown value {item!r}; known are {', '.join(known)}")
        if value.count(item) > 1:
            raise refuse(key, f"{item!r} stands there twice; remove one")


def check_editions(table: dict[str, str], refuse: Refuse) -> None:
    """Raise unless ``since`` and ``until``, if given, are editions in this order."""
    for key in ("since", "until"):
        if key in table:
            try:
                edition_number(table[key])
            except RegistryError as error:
                raise refuse(key, str(error)) from None
    if "until" in table and edition_number(table["until"]) < edition_number(table.get("since", "3.7")):
        raise refuse("until", f"{table['until']} is before since = {table.get('since', '3.7')}; it never applies")


def known_keys() -> str:
    return f"known are {', '.join([*TEXTS, *LISTS])}"
