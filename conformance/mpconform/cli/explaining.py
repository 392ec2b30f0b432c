"""``mpconform explain``: one requirement, for the reader of a failure."""

from __future__ import annotations

import click

from mpconform.cli.output import on_terminal
from mpconform.registry import Registry, Requirement, load_registry
from mpconform.registry.accounts import load_accounts
from mpconform.registry.model import shown
from mpconform.registry.testing import TestRef, tests_by_requirement


@click.command("explain")
@click.argument("requirement", metavar="ID")
def explain(requirement: str) -> int:
    """Explain the requirement ID: what is promised and where, what to check first when it fails, and its tests.

    \b
      mpconform explain process.join.returns-none-after-exit
    """
    registry = load_registry()
    found = registry.get(requirement)
    click.echo(found.id)
    click.echo(f"  {found.says}\n")
    for name, value in facts(registry, found):
        click.echo(f"{name:<15}{value}".rstrip())
    for test in tests_by_requirement(registry.root).get(found.id, []):
        click.echo(f"\n{shown(test.file)}:{test.line}  {test.name}")
        show_source(test)
    return 0


def facts(registry: Registry, requirement: Requirement) -> list[tuple[str, str]]:
    """Return the lines of the explanation: a name, or an empty one on a line that goes on, and a value."""
    lines = [
        ("section", f"{registry.titles[requirement.section]} ({requirement.section})"),
        ("documentation", requirement.doc),
        ("", requirement.link),
    ]
    for account in load_accounts(registry).values():
        for sentence in account:
            if requirement.id in sentence.yields:
                lines.append(("", f"sentence {sentence.number} below {sentence.anchor}"))
    if requirement.via is not None:
        lines += [("via", requirement.via), ("", requirement.via_link or "")]
    lines.append(("level", requirement.level))
    lines.append(("editions", editions(requirement)))
    if requirement.platforms:
        lines.append(("platforms", ", ".join(requirement.platforms)))
    if requirement.start_methods:
        lines.append(("start methods", ", ".join(requirement.start_methods)))
    for number, needed in enumerate(requirement.needs):
        lines.append(("needs" if number == 0 else "", needed))
        if needed in registry.requirements:
            lines.append(("", f"  {registry.requirements[needed].says}"))
    if requirement.check:
        lines.append(("check first", requirement.check))
    if requirement.ambiguous is not None:
        lines.append(("ambiguous", f"{requirement.ambiguous} (its answer is recorded, never scored)"))
    if requirement.untestable is not None:
        lines.append(("untestable", requirement.untestable))
    return lines


def editions(requirement: Requirement) -> str:
    """Return in which editions of the documentation the promise stands, in words."""
    if requirement.until is None:
        return f"{requirement.since} and later"
    if requirement.until == requirement.since:
        return f"{requirement.since} only"
    return f"{requirement.since} to {requirement.until}"


def show_source(test: TestRef) -> None:
    """Print the source of a test, in colour at a terminal and as it stands anywhere else."""
    if not on_terminal():
        click.echo(test.source)
        return
    from rich.console import Console
    from rich.syntax import Syntax

    Console().print(Syntax(test.source, "python", background_color="default", word_wrap=True))
