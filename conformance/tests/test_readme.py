"""What the READMEs state: the commands parse, the environments exist, the links lead somewhere, the tables agree."""

from __future__ import annotations

import configparser
import re
import shlex
from pathlib import Path

import click
import pytest

from mpconform.cli import main
from mpconform.registry import load_registry
from mpreports.verdicts import DEVIATIONS, Verdict

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("*/README.md"))]
COMMANDS = [
    (page.relative_to(ROOT).as_posix(), line.removeprefix("$ "))
    for page in PAGES
    for line in page.read_text().splitlines()
    if line.startswith("$ ")
]


def environments() -> set[str]:
    """Return the names of the tox environments, factors left out."""
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini")
    sections = [section.removeprefix("testenv:") for section in tox.sections() if section.startswith("testenv:")]
    return {section.rpartition("}")[2] for section in sections}


def test_there_are_commands_to_check() -> None:
    assert len(COMMANDS) > 8, COMMANDS


@pytest.mark.parametrize(("page", "command"), COMMANDS)
def test_commands_exist_and_parse(page: str, command: str) -> None:
    words = shlex.split(command.partition(" > ")[0].partition(" && ")[0])
    if words[0] == "mpconform":
        context = click.Context(main, info_name="mpconform")
        name, subcommand, rest = main.resolve_command(context, words[1:])  # type: ignore[attr-defined]
        subcommand.make_context(name, list(rest), parent=context, resilient_parsing=False)
    elif "tox" in words and "-e" in words:
        for environment in words[words.index("-e") + 1].split(","):
            assert re.sub(r"^py3\d+-", "", environment) in environments(), (
                f"{page}: tox has no environment {environment}"
            )


def test_both_main_commands_are_shown() -> None:
    readme = (ROOT / "README.md").read_text()
    assert "tox -e conformance" in readme
    assert "tox -e tests" in readme


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    prose = re.sub(r"(?ms)^```.*?^```$", "", page.read_text())  # in examples there are addresses to be replaced
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", prose):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name} links to {target}, which does not exist"


def test_every_verdict_is_explained() -> None:
    readme = (ROOT / "README.md").read_text()
    rows = set(re.findall(r"^\| `([a-z-]+)` \|", readme, re.MULTILINE))
    assert rows == {verdict.value for verdict in DEVIATIONS} | {"pass"}
    for verdict in Verdict:
        assert f"`{verdict.value}`" in readme, f"README.md does not explain {verdict.value}"


def test_the_requirement_that_the_readme_shows_is_a_real_one() -> None:
    for id_ in re.findall(r"process\.[a-z_]+\.[a-z-]+", (ROOT / "README.md").read_text()):
        load_registry().get(id_)


def test_keys_of_a_requirement_are_all_described() -> None:
    page = (ROOT / "conformance" / "README.md").read_text()
    for key in (
        "says",
        "doc",
        "level",
        "since",
        "until",
        "platforms",
        "start_methods",
        "needs",
        "check",
        "untestable",
        "ambiguous",
    ):
        assert f"`{key}`" in page, f"conformance/README.md does not describe {key}"


def test_tox_runs_what_the_readme_says() -> None:
    tox = (ROOT / "tox.ini").read_text()
    assert "mpconform run --backend stdlib" in tox
    assert "tox -e lint,types,tests" in (ROOT / ".ci" / "run").read_text()
