"""What is wrong with the sections: gaps between promises, tests and sentences, and rules that a module breaks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mpconform.registry.accounts import ACCOUNT, Sentence, load_account, load_accounts
from mpconform.registry.loading import REQUIREMENTS, duplicate, line_of, load_section, section_names
from mpconform.registry.model import LEVELS, SECTIONS, Registry, RegistryError, Requirement, did_you_mean, shown
from mpconform.registry.modules import module_findings
from mpconform.registry.signatures import PREFIX
from mpconform.registry.testing import SectionModule, TestRef, module_files, read_module
from mpconform.registry.wording import wording_problems


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong, and where."""

    file: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{shown(self.file)}:{self.line}: {self.message}"


def lint(root: Path) -> list[Problem]:
    """Return all problems of the sections below ``root``, by file and line.

    While a file cannot be read, only such problems are reported: the others would follow from them.
    """
    problems: list[Problem] = []
    registry, modules = read_everything(root, problems)
    if not problems:
        tests = collected_tests(modules)
        problems += folder_problems(root)
        accounts = load_accounts(registry)
        yielded = {ident for account in accounts.values() for sentence in account for ident in sentence.yields}
        for requirement in registry.requirements.values():
            problems += requirement_problems(registry, requirement, tests, yielded)
        problems += cycle_problems(registry)
        problems += account_problems(registry, accounts)
        for module in modules:
            problems += [Problem(module.file, line, message) for line, message in module_findings(module)]
            for test in module.tests():
                problems += test_problems(registry, test)
    return sorted(set(problems))


def read_everything(root: Path, problems: list[Problem]) -> tuple[Registry, list[SectionModule]]:
    """Read all files below ``root``, adding to ``problems`` each that cannot be read and each id that stands twice."""

    def note(error: RegistryError) -> None:
        problems.append(Problem(error.file or root, error.line, error.message))

    titles: dict[str, str] = {}
    requirements: dict[str, Requirement] = {}
    for section in section_names(root):
        try:
            titles[section], found = load_section(root / section)
        except RegistryError as error:
            note(error)
            continue
        for requirement in found:
            if requirement.id in requirements:
                note(duplicate(root, requirement, requirements[requirement.id]))
            requirements.setdefault(requirement.id, requirement)
        try:
            load_account(root / section)
        except RegistryError as error:
            note(error)
    modules = []
    for file in module_files(root):
        try:
            modules.append(read_module(file))
        except RegistryError as error:
            note(error)
    return Registry(root, titles, requirements), modules


def collected_tests(modules: list[SectionModule]) -> dict[str, list[TestRef]]:
    """Return the tests of each id."""
    tests: dict[str, list[TestRef]] = {}
    for module in modules:
        for test in module.tests():
            for ident in test.requirements:
                tests.setdefault(ident, []).append(test)
    return tests


def folder_problems(root: Path) -> Iterator[Problem]:
    """Yield the folders below ``root`` that no section's tests would be looked for in."""
    for folder in sorted(root.iterdir()):
        if not folder.is_dir() or folder.name.startswith((".", "__")):
            continue  # caches of tools
        if folder.name not in SECTIONS:
            known = f"known are {', '.join(SECTIONS)}"
            yield Problem(folder, 1, f"{folder.name}: is no section; {did_you_mean(folder.name, SECTIONS, known)}")
        elif not (folder / REQUIREMENTS).is_file():
            yield Problem(folder / REQUIREMENTS, 1, "there is no such file; every section has one")


def requirement_problems(
    registry: Registry, requirement: Requirement, tests: Mapping[str, list[TestRef]], yielded: Collection[str]
) -> Iterator[Problem]:
    """Yield what is wrong with one requirement; ``yielded`` are the ids that sentences yield."""
    file = registry.root / requirement.section / REQUIREMENTS

    def problem(key: str, message: str) -> Problem:
        subject = f"{requirement.id}: {key}: " if key else f"{requirement.id}: "
        return Problem(file, line_of(file, requirement.id, key), subject + message)

    for message in wording_problems(requirement.says):
        yield problem("says", message)
    for needed in requirement.needs:
        if needed not in registry.requirements:
            yield problem("needs", f"names {needed!r}; {did_you_mean(needed, registry.requirements, 'no such id')}")
            continue
        level = registry.requirements[needed].level
        if LEVELS.index(level) > LEVELS.index(requirement.level):
            yield problem("needs", f"{needed!r} is a {level!r}, weaker than this {requirement.level!r}; correct one")

    own_tests = tests.get(requirement.id, [])
    if requirement.untestable is None and not own_tests:
        yield problem("", "is verified by no test; write one, or say why not with untestable")
    if requirement.untestable is not None and own_tests:
        yield problem("untestable", f"yet {own_tests[0].name} verifies it; remove the one or the other")
    if requirement.ambiguous is not None:
        for test in own_tests:
            if "observe" not in test.arguments:
                yield problem("ambiguous", f"{test.name} records no observation; it must take the fixture observe")
    if not requirement.id.startswith(PREFIX) and requirement.id not in yielded:
        yield problem("", f"no sentence yields it; name it in {ACCOUNT}")


def cycle_problems(registry: Registry) -> Iterator[Problem]:
    """Yield each requirement that, by way of its needs, needs itself."""
    for requirement in registry.requirements.values():
        path = way_back(registry, requirement.id)
        # Each member of a cycle finds it; only the first by name tells.
        if path and requirement.id == min(path):
            file = registry.root / requirement.section / REQUIREMENTS
            line = line_of(file, requirement.id, "needs")
            circle = " -> ".join([*path, requirement.id])
            yield Problem(file, line, f"{requirement.id}: needs: go in a circle, {circle}; remove one of them")


def way_back(registry: Registry, start: str) -> list[str]:
    """Return the shortest chain of needs that begins at ``start`` and leads back to it, or an empty list."""
    chains = [[start]]
    seen = set()
    for chain in chains:  # grows while it is walked: a search in breadth
        requirement = registry.requirements.get(chain[-1])
        for needed in requirement.needs if requirement else ():
            if needed == start:
                return chain
            if needed not in seen:
                seen.add(needed)
                chains.append([*chain, needed])
    return []


def account_problems(registry: Registry, accounts: Mapping[str, tuple[Sentence, ...]]) -> Iterator[Problem]:
    """Yield sentences that are not accounted for, and ids in an account that do not exist."""
    for section, account in accounts.items():
        file = registry.root / section / ACCOUNT
        previous: Sentence | None = None
        for sentence in account:
            where = f"{sentence.anchor}: {sentence.number}: "
            line = line_of(file, sentence.anchor, str(sentence.number))
            begins = previous is None or previous.anchor != sentence.anchor
            expected = (0, 1) if begins or previous is None else (previous.number + 1,)
            if sentence.number not in expected:
                yield Problem(file, line, where + f"stands where sentence {expected[-1]} should; leave none out")
            if sentence.not_normative is None and not sentence.yields:
                yield Problem(file, line, where + "is pending; name the ids it yields, or say why it promises nothing")
            for ident in sentence.yields:
                if ident not in registry.requirements:
                    hint = did_you_mean(ident, registry.requirements, "no such id")
                    yield Problem(file, line, where + f"yields {ident!r}; {hint}")
            previous = sentence


def test_problems(registry: Registry, test: TestRef) -> Iterator[Problem]:
    """Yield what is wrong between one test and the registry."""
    known = [registry.requirements[ident] for ident in test.requirements if ident in registry.requirements]
    for ident in test.requirements:
        if ident not in registry.requirements:
            hint = did_you_mean(ident, registry.requirements, "no such id")
            yield Problem(test.file, test.line, f"{test.name}: verifies {ident!r}; {hint}")
    for requirement in known:
        if requirement.section != test.file.parent.name:
            message = (
                f"{test.name}: verifies {requirement.id!r}, which section {requirement.section} has; move it there"
            )
            yield Problem(test.file, test.line, message)
    if "observe" in test.arguments and known and not any(requirement.ambiguous for requirement in known):
        yield Problem(test.file, test.line, f"{test.name}: takes observe, but no requirement it verifies is ambiguous")
