"""What the READMEs state: the commands parse, the environments exist, the links lead somewhere, the tables agree."""

from __future__ import annotations

import configparser
import os
import re
import shlex
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import click
import pytest

from mpadapters.builtin import BUILTIN, MORE
from mpconform.cli import main
from mpconform.registry import load_registry
from mpconform.registry.model import Requirement
from mpreports.results import read_results
from mpreports.verdicts import DEVIATIONS, Verdict

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
SUITE = (ROOT / "conformance" / "README.md").read_text(encoding="utf-8")
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
    elif words[0] == "pytest":
        raise AssertionError(f"{page}: which pytest that is depends on where it is typed; write python -m pytest")
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


# conformance/README.md


def blocks(language: str) -> list[str]:
    """Return the code of one language in the README of this area."""
    found = SUITE.split("```")[1::2]
    return [block.removeprefix(f"{language}\n") for block in found if block.startswith(f"{language}\n")]


def test_keys_of_a_requirement_are_all_described() -> None:
    table = SUITE.split("| the table's name |")[1].split("\n\n")[0]
    described = {key for row in table.splitlines() for key in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert described == {field.name for field in fields(Requirement)} - {"id", "section"}


def test_the_requirement_that_is_shown_is_a_real_one() -> None:
    [shown] = blocks("toml")
    [(ident, keys)] = tomllib.loads(shown).items()
    real = load_registry().get(ident)
    for key, value in keys.items():
        assert getattr(real, key) == (tuple(value) if isinstance(value, list) else value), key


def test_the_test_that_is_shown_passes(tmp_path: Path) -> None:
    [shown] = blocks("python")
    (tmp_path / "test_shown.py").write_text(shown)
    command = [sys.executable, "-m", "pytest", "--backend", "stdlib", "--start-method", "spawn", "--rootdir=."]
    command += ["--results", "results.jsonl", "test_shown.py"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("MPCONFORM_", "PYTEST_"))}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    verdicts = {entry["id"]: entry["verdict"] for entry in read_results(tmp_path / "results.jsonl").requirements}
    assert verdicts == dict.fromkeys(re.findall(r'promise\("(.*)"\)', shown), "pass")


def test_every_folder_is_described() -> None:
    described = set(re.findall(r"^\| `(.+?)/` \|", SUITE, re.MULTILINE))
    area = ROOT / "conformance"
    folders = {path.parent for path in area.rglob("*.py")}
    top = {path.relative_to(area).parts for path in folders if path != area / "mpconform"}
    assert described == {"/".join(parts[: 2 if parts[0] == "mpconform" else 1]) for parts in top}


def test_what_is_in_the_tree_of_processes_is_there() -> None:
    (tree,) = (block for block in blocks("") if "└─" in block)
    named = re.findall(r"\b[a-z]+/(?:[a-z_]+\.py)?", tree)
    assert len(named) == 4, named
    for name in named:
        assert (ROOT / "conformance" / "mpconform" / name).exists(), name


def test_tox_runs_what_the_readme_says() -> None:
    tox = (ROOT / "tox.ini").read_text()
    assert "mpconform run --backend stdlib" in tox
    judged = set(re.findall(r"--backend ([\w-]+)", tox))
    assert judged == {adapter.name for adapter in BUILTIN} | set(MORE)
    assert "tox -e lint,types,tests" in (ROOT / ".ci" / "run").read_text()
