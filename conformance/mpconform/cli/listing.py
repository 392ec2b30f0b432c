"""``mpconform list``: the requirements, and the proof that none is left out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click

from mpconform.cli.errors import UsageError
from mpconform.cli.output import on_terminal, print_aligned, print_tabs
from mpconform.cli.selecting import check_sections, select
from mpconform.registry import SECTIONS, Registry, Requirement, load_registry
from mpconform.registry.model import LEVELS


@click.command("list")
@click.option("--section", "sections", multiple=True, metavar="NAME", help="Only of this section; may be repeated.")
@click.option(
    "--requirement", "globs", multiple=True, metavar="GLOB", help="Only with an id like this; may be repeated."
)
@click.option(
    "--level", "levels", multiple=True, type=click.Choice(LEVELS), help="Only of this level; may be repeated."
)
@click.option("--coverage", is_flag=True, help="Count instead: what is tested, observed, untestable, and pending.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def list_requirements(
    sections: tuple[str, ...], globs: tuple[str, ...], levels: tuple[str, ...], coverage: bool, form: str
) -> int:
    """List the requirements: id, level and promise, in the order of the documentation.

    In a pipe, each is one line of id, level, section and promise, with tabs between.

    With --coverage, account for every sentence of the documentation instead: it yields requirements or is not
    normative, and each requirement is tested, observed, or untestable for a reason. The exit status is 1 if
    anything is pending or the sections have any other gap.

    \b
      mpconform list --section process_pools
      mpconform list --requirement 'queue.*' --level must --format json
      mpconform list --coverage
    """
    registry = load_registry()
    if coverage:
        if globs or levels:
            raise UsageError("--coverage counts whole sections: leave out --requirement and --level")
        check_sections(registry, sections)
        return show_coverage(registry, sections, form)
    requirements = select(registry, sections, globs, levels)
    if form == "json":
        click.echo(json.dumps([as_json(requirement) for requirement in requirements], indent=2))
    elif on_terminal():
        show_on_terminal(registry, requirements)
    else:
        print_tabs([[one.id, one.level, one.section, one.says] for one in requirements])
    return 0


def as_json(requirement: Requirement) -> dict[str, Any]:
    """Return all there is to know of a requirement, for another program."""
    return {**asdict(requirement), "link": requirement.link, "via_link": requirement.via_link}


def show_on_terminal(registry: Registry, requirements: Sequence[Requirement]) -> None:
    """Print the requirements below the headings of their sections."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console()
    for section, title in registry.titles.items():
        own = [requirement for requirement in requirements if requirement.section == section]
        if not own:
            continue
        console.print(Text(f"{title} ({section}): {len(own)}", style="bold"))
        for requirement in own:
            level = requirement.level + (f", via {requirement.via}" if requirement.via else "")
            console.print(Text.assemble("  ", (requirement.id, "cyan"), "  ", (level, "dim")))
            console.print(Padding(Text(requirement.says), (0, 0, 0, 4)))
        console.print()


def show_coverage(registry: Registry, sections: Sequence[str], form: str) -> int:
    """Print the account of the sections, all if none is named; return 1 if it has a gap, else 0."""
    from mpconform.registry.coverage import coverage, standing
    from mpconform.registry.lint import lint
    from mpconform.registry.testing import tests_by_requirement

    found = lint(registry.root)
    if sections:
        folders = [registry.root / section for section in sections]
        found = [problem for problem in found if any(folder in problem.file.parents for folder in folders)]
    problems = [str(problem) for problem in found]
    if not sections:
        missing = [section for section in SECTIONS if section not in registry.titles]
        problems += [f"{section}: this heading of the documentation has no section" for section in missing]
    tests = tests_by_requirement(registry.root)
    counts = [count for count in coverage(registry, tests) if not sections or count.section in sections]
    shown = [one for one in registry.requirements.values() if not sections or one.section in sections]
    untestable = {one.id: one.untestable for one in shown if one.untestable is not None}
    pending = [one.id for one in shown if standing(one, tests) == "pending"]

    if form == "json":
        answer = {
            "sections": [{**asdict(count), "pending": count.pending} for count in counts],
            "untestable": untestable,
            "pending": pending,
            "problems": problems,
        }
        click.echo(json.dumps(answer, indent=2))
    else:
        columns = ("sentences", "not normative", "requirements", "tested", "observed", "untestable", "pending")
        rows = [[getattr(count, column.replace(" ", "_")) for column in columns] for count in counts]
        total = [sum(column) for column in zip(*rows, strict=True)]
        names = [*(count.section for count in counts), "all"]
        numbers = [[str(number) for number in row] for row in [*rows, total]]
        print_aligned([["section", *columns], *([name, *row] for name, row in zip(names, numbers, strict=True))])
        show_list("untestable, and why", [f"{ident}: {why}" for ident, why in untestable.items()])
        show_list("pending", pending)
        show_list("problems", problems)
    return 1 if problems or any(count.pending for count in counts) else 0


def show_list(heading: str, lines: Sequence[str]) -> None:
    """Print lines below a heading, or nothing if there are none."""
    if lines:
        click.echo(f"\n{heading}:")
        for line in lines:
            click.echo(f"  {line}")
