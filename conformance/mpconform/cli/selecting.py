"""Choosing requirements by section, id and level: what ``list`` shows and ``run`` runs."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from mpconform.cli.errors import UsageError
from mpconform.registry.model import Registry, Requirement, did_you_mean


def check_sections(registry: Registry, sections: Sequence[str]) -> None:
    """Raise :class:`UsageError` if a section is unknown."""
    for section in sections:
        if section not in registry.titles:
            known = f"known are {', '.join(registry.titles)}"
            raise UsageError(f"no section {section!r}: {did_you_mean(section, registry.titles, known)}")


def select(
    registry: Registry, sections: Sequence[str], globs: Sequence[str], levels: Sequence[str] = ()
) -> list[Requirement]:
    """Return the requirements in any of the sections, with an id like any of the globs, of any of the levels.

    An empty sequence chooses all. Raises :class:`UsageError` if a section is unknown, if a glob matches no
    requirement at all, or if nothing is left.
    """
    check_sections(registry, sections)
    for glob in globs:
        if not any(fnmatchcase(ident, glob) for ident in registry.requirements):
            parts = [ident.split(".") for ident in registry.requirements]
            globs_too = {".".join([*part[:depth], "*"]) for part in parts for depth in (1, 2)}
            known = [*registry.requirements, *sorted(globs_too)]
            raise UsageError(f"no requirement matches {glob!r}: {did_you_mean(glob, known)}")
    chosen = [
        requirement
        for requirement in registry.requirements.values()
        if (not sections or requirement.section in sections)
        and (not globs or any(fnmatchcase(requirement.id, glob) for glob in globs))
        and (not levels or requirement.level in levels)
    ]
    if not chosen:
        raise UsageError("no requirement is left: the given sections, ids and levels have none in common")
    return chosen
