"""Which tests are run, in which order: what was asked for, roots first, and nothing that is not tried in this cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

from mpconform.kit import marks
from mpconform.plugin.items import requirements_of
from mpconform.registry import Registry, RegistryError, Requirement
from mpconform.registry.model import did_you_mean
from mpreports.verdicts import Verdict


class Marks:
    """Reads the marks of the kit."""

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Make one test of each value that a test is marked with."""
        for name, values in getattr(metafunc.function, marks.EACH, ()):
            metafunc.parametrize(name, values, ids=[_label(value) for value in values])


def _label(value: object) -> str:
    """Return what a value is called in the name of its test: the same in every process."""
    for attribute in ("name", "__name__"):
        if hasattr(value, attribute):
            return str(getattr(value, attribute))
    return str(value)


class Selection:
    """Leaves out the tests that were not asked for, and those of which no requirement is tried in this cell."""

    def __init__(
        self,
        registry: Registry,
        exempt: Mapping[str, tuple[Verdict, str]],
        sections: Sequence[str],
        globs: Sequence[str],
    ) -> None:
        self.registry = registry
        self.exempt = exempt
        self.sections = sections
        self.globs = globs
        for glob in globs:
            if not any(fnmatchcase(id_, glob) for id_ in registry.requirements):
                registry.get(glob)
        for section in sections:
            if section not in registry.titles:
                raise RegistryError(f"no section {section!r}: {did_you_mean(section, registry.titles)}")

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Pass over the folders of sections that were not asked for: their tests verify nothing else."""
        if not self.sections and not self.globs:
            return None
        section = collection_path.name
        if collection_path.parent != self.registry.root or section not in self.registry.titles:
            return None
        requirements = [one for one in self.registry.requirements.values() if one.section == section]
        return None if any(self._wanted((requirement.id,)) for requirement in requirements) else True

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep what is wanted, roots first: what others need is known before they are run."""
        for item in items:
            for id_ in requirements_of(item):
                if id_ not in self.registry.requirements:
                    raise pytest.UsageError(f"{item.nodeid} verifies {id_!r}, which no requirements.toml has")
        wanted = [item for item in items if self._wanted(requirements_of(item))]
        config.hook.pytest_deselected(items=[item for item in items if item not in wanted])
        depth = depths(self.registry)
        items[:] = sorted(wanted, key=lambda item: max((depth(id_) for id_ in requirements_of(item)), default=0))

    def _wanted(self, ids: tuple[str, ...]) -> bool:
        if not ids:
            return not (self.sections or self.globs)
        requirements = [self.registry.get(id_) for id_ in ids]
        return (
            any(id_ not in self.exempt for id_ in ids)
            and (not self.sections or any(requirement.section in self.sections for requirement in requirements))
            and (not self.globs or any(fnmatchcase(id_, glob) for id_ in ids for glob in self.globs))
        )


def depths(registry: Registry) -> Callable[[str], int]:
    """Return what tells how long the longest chain of needs is that a requirement hangs on."""

    @cache
    def depth(id_: str) -> int:
        return max((1 + depth(needed) for needed in registry.get(id_).needs), default=0)

    return depth


def words(config: pytest.Config) -> str | None:
    """Return what part of the suite was asked for, in words, or None for the whole."""
    option = config.option
    parts = [f"section {slug}" for slug in option.section] + [f"requirement {glob}" for glob in option.requirement]
    parts += [f"-k {option.keyword}"] if option.keyword else []
    parts += [argument for argument in config.args if "::" in argument or argument.endswith(".py")]
    for name in ("lf", "deselect"):
        if getattr(option, name, None):
            parts.append(f"--{name}")
    return ", ".join(parts) or None


def chosen(config: pytest.Config) -> Callable[[Requirement], bool]:
    """Return what tells of which requirements all tests were asked for; of none if tests themselves were chosen."""
    option = config.option
    other = option.keyword or any(getattr(option, name, None) for name in ("lf", "deselect"))
    if other or any("::" in argument or argument.endswith(".py") for argument in config.args):
        return lambda requirement: False
    return lambda requirement: (
        (not option.section or requirement.section in option.section)
        and (not option.requirement or any(fnmatchcase(requirement.id, glob) for glob in option.requirement))
    )
