"""The workflows and actions: valid by GitHub's schemas, consistent in themselves, and what their scripts do."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import click
import pytest
from ruamel.yaml import YAML

from mpadapters.builtin import BUILTIN
from mpconform.cli import main
from mpconform.registry import load_registry

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
ACTIONS = sorted((GITHUB / "actions").glob("*/action.yml"))
SHOWN = (ROOT / "adapters" / "README.md").read_text("utf-8")
OURS = "mpconform/mpconform/"
"""How others name what is in this repository."""


def name(path: Path) -> str:
    return path.relative_to(GITHUB).as_posix()


def load(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load(path)
    return loaded


def jobs(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = load(path)["jobs"]
    return found


def steps(path: Path) -> list[dict[str, Any]]:
    """Return the steps of all jobs of a workflow, or of an action."""
    if path in ACTIONS:
        return list(load(path)["runs"]["steps"])
    return [step for job in jobs(path).values() for step in job.get("steps", [])]


def check(schema: str, path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(path)]
    # A proxy that nothing listens at: whatever asked the network would fail.
    offline = {**os.environ, "HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=offline, check=False)


@pytest.mark.parametrize("schema", ["vendor.github-workflows", "custom.github-workflows-require-timeout"])
@pytest.mark.parametrize("path", WORKFLOWS, ids=name)
def test_workflows_are_valid_and_every_job_is_bounded(path: Path, schema: str) -> None:
    done = check(schema, path)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", ACTIONS, ids=name)
def test_actions_are_valid(path: Path) -> None:
    done = check("vendor.github-actions", path)
    assert done.returncode == 0, done.stdout


def test_the_schema_refuses_what_is_wrong(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(WORKFLOWS[0].read_text().replace("runs-on:", "run-on:"))
    assert check("vendor.github-workflows", wrong).returncode == 1


# Consistent in themselves


@pytest.mark.parametrize("path", [*WORKFLOWS, *ACTIONS], ids=name)
def test_what_is_used_of_this_repository_is_there_and_gets_the_inputs_that_it_takes(path: Path) -> None:
    for step in steps(path):
        used = step.get("uses", "")
        assert not used.startswith(("./", OURS)), f"{used}: begin it with $/, which is this very commit for others too"
        if used.startswith("$/"):
            takes(GITHUB.parent / used[2:] / "action.yml", load(ROOT / used[2:] / "action.yml")["inputs"], step)


def takes(path: Path, inputs: dict[str, Any], step: dict[str, Any]) -> None:
    """Fail unless the step gives inputs that are declared, and all that are required."""
    given = step.get("with", {})
    assert set(given) <= set(inputs), f"{path} has no inputs {set(given) - set(inputs)}"
    missing = {key for key, told in inputs.items() if told.get("required")} - set(given)
    assert not missing, f"{path} needs {missing}"


@pytest.mark.parametrize("path", [*WORKFLOWS, *ACTIONS], ids=name)
def test_inputs_are_declared_and_used(path: Path) -> None:
    if path in ACTIONS:
        declared = set(load(path)["inputs"])
    else:
        declared = set(((load(path)["on"] or {}).get("workflow_call") or {}).get("inputs", {}))
    assert set(re.findall(r"\binputs\.([\w-]+)", path.read_text())) == declared


@pytest.mark.parametrize("path", WORKFLOWS, ids=name)
def test_what_is_referred_to_is_there(path: Path) -> None:
    for job in jobs(path).values():
        needed = job.get("needs", [])
        for other in [needed] if isinstance(needed, str) else needed:
            assert other in jobs(path), f"{path.name} has no job {other}"
        matrix = job.get("strategy", {}).get("matrix", {})
        for reference in re.findall(r"\bmatrix\.([\w-]+)", str(job)):
            assert reference in matrix, f"{path.name}: no {reference} in the matrix"


@pytest.mark.parametrize("path", [*WORKFLOWS, *ACTIONS], ids=name)
def test_nothing_from_outside_becomes_a_part_of_a_script(path: Path) -> None:
    for step in steps(path):
        assert "${{" not in step.get("run", ""), f"{path.name}: hand it to the script in env: {step['run']}"


@pytest.mark.parametrize("path", WORKFLOWS, ids=name)
def test_no_job_may_do_more_than_it_has_to(path: Path) -> None:
    assert load(path)["permissions"] == {"contents": "read"}
    for step in steps(path):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_artifacts_of_one_run_have_names_of_their_own() -> None:
    for path in WORKFLOWS:
        for job in jobs(path).values():
            uploads = [step["with"]["name"] for step in job["steps"] if "upload-artifact@" in step.get("uses", "")]
            for upload in uploads:
                for variable in job.get("strategy", {}).get("matrix", {}):
                    assert variable == "exclude" or f"matrix.{variable}" in upload, f"{path.name}: {upload}"
            assert len(set(uploads)) == len(uploads)


def test_the_workflow_that_the_readme_shows_is_valid_and_calls_what_is_there(tmp_path: Path) -> None:
    (shown,) = re.findall(r"^```yaml\n(.*?)^```$", SHOWN, re.MULTILINE | re.DOTALL)
    path = tmp_path / "shown.yml"
    path.write_text(shown)
    done = check("vendor.github-workflows", path)
    assert done.returncode == 0, done.stdout
    [job] = load(path)["jobs"].values()
    used, _, ref = job["uses"].removeprefix(OURS).partition("@")
    assert ref == "main"
    takes(ROOT / used, load(ROOT / used)["on"]["workflow_call"]["inputs"], job)


# The matrix of this project


JUDGING = jobs(GITHUB / "workflows" / "conformance.yml")


def matrix(job: str) -> dict[str, Any]:
    found: dict[str, Any] = JUDGING[job]["strategy"]["matrix"]
    return found


def cells(job: str) -> list[dict[str, Any]]:
    """Return the jobs that GitHub makes of one with a matrix."""
    axes = {axis: values for axis, values in matrix(job).items() if axis != "exclude"}
    made = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]
    excluded = matrix(job).get("exclude", [])
    return [one for one in made if not any(entry.items() <= one.items() for entry in excluded)]


def test_all_that_is_supported_is_judged() -> None:
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["classifiers"]
    for job in ("linux", "elsewhere"):
        found = matrix(job)
        assert found["python"] == [text.rpartition(" ")[2] for text in classifiers if re.search(r":: 3\.\d+$", text)]
        assert sorted(found["backend"]) == sorted(adapter.name for adapter in BUILTIN)
        assert set(found["start-method"]) == {"fork", "spawn", "forkserver"}
    systems = {job: [system.partition("-")[0] for system in matrix(job)["system"]] for job in ("linux", "elsewhere")}
    assert systems == {"linux": ["ubuntu"], "elsewhere": ["macos", "windows"]}


def test_no_matrix_has_more_jobs_than_github_allows_and_none_that_cannot_be() -> None:
    assert 0 < len(cells("linux")) <= 256
    assert 0 < len(cells("elsewhere")) <= 256
    windows = [cell for cell in cells("elsewhere") if cell["system"].startswith("windows")]
    assert {cell["start-method"] for cell in windows} == {"spawn"}
    assert {cell["backend"] for cell in windows} == {"stdlib", "billiard", "multiprocess"}


def everything_before(job: str) -> set[str]:
    """Return the jobs that one waits for."""
    needed = JUDGING[job].get("needs", [])
    names = [needed] if isinstance(needed, str) else needed
    return set(names).union(*(everything_before(name) for name in names))


def test_what_is_published_waits_for_no_other_system_and_for_all_of_linux() -> None:
    assert everything_before("publish") == {"linux", "report"}
    assert "needs.linux.result == 'success'" in JUDGING["publish"]["if"]
    assert everything_before("report-elsewhere") == {"elsewhere"}


def test_each_report_takes_the_shards_of_its_own_systems() -> None:
    taken = {job: JUDGING[job]["env"]["SHARDS"] for job in ("report", "report-elsewhere")}
    for job, judging in (("report", "linux"), ("report-elsewhere", "elsewhere")):
        systems = matrix(judging)["system"]
        of_one = [taken[job]]
        if braces := re.search(r"\{(.*)\}", taken[job]):
            of_one = [taken[job].replace(braces[0], choice) for choice in braces[1].split(",")]
        assert of_one == [f"shard-*-{system}-*" for system in systems]
    assert JUDGING["report"]["env"]["WHERE"] != JUDGING["report-elsewhere"]["env"]["WHERE"]


def test_each_section_is_in_one_shard() -> None:
    for job in ("linux", "elsewhere"):
        sections = [section for shard in matrix(job)["shard"] for section in shard["sections"].split()]
        assert sorted(sections) == sorted(load_registry().titles)


# What the scripts do, with a command that notes how it was called

NOTING = """#!/usr/bin/env bash
(IFS=$'\\t'; printf '%s\\n' "$*" >> "$CALLS")
if [ "$1" = merge ]; then mkdir -p "$(dirname "${@: -1}")"; echo merged > "${@: -1}"; fi
if [ "$1" = report ]; then echo "summary of ${*:2}"; fi
case "$*" in *incomplete.jsonl*) exit 3 ;; esac
if [ "$1" = "$FAILING" ]; then exit "$STATUS"; fi
"""

bash = pytest.mark.skipif(sys.platform != "linux", reason="runs the scripts as GitHub's Linux does")


class Script:
    """The script of one step, and what came of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "bin").mkdir()
        (folder / "bin" / "mpconform").write_text(NOTING)
        (folder / "bin" / "mpconform").chmod(0o755)

    def run(self, action: str, inputs: dict[str, str], failing: str = "", status: int = 0) -> int:
        """Run the last script of an action with these inputs; the command ``failing`` ends with ``status``."""
        told = load(GITHUB / "actions" / action / "action.yml")
        step = [step for step in told["runs"]["steps"] if "run" in step][-1]
        values = {key: str(value.get("default", "")) for key, value in told["inputs"].items()} | inputs
        given = {
            key: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: values[found[1]], value)
            for key, value in step["env"].items()
        }
        environment = {
            **given,
            "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "CALLS": str(self.folder / "calls"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "FAILING": failing,
            "STATUS": str(status),
        }
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.stderr == ""
        return done.returncode

    @property
    def calls(self) -> list[str]:
        """What the command was called with, in quotes where a word holds blanks; the real one would understand it."""
        path = self.folder / "calls"
        calls = [line.split("\t") for line in path.read_text().splitlines()] if path.exists() else []
        for words in calls:
            context = click.Context(main, info_name="mpconform")
            command, subcommand, rest = main.resolve_command(context, words)  # type: ignore[attr-defined]
            subcommand.make_context(command, list(rest), parent=context)
        return [shlex.join(words) for words in calls]

    @property
    def summary(self) -> str:
        """What is on the page of the job."""
        path = self.folder / "summary"
        return path.read_text() if path.exists() else ""


@pytest.fixture
def script(tmp_path: Path) -> Script:
    return Script(tmp_path)


@bash
def test_a_backend_is_judged_and_summed_up(script: Script) -> None:
    (script.folder / "results").mkdir()
    (script.folder / "results" / "x.jsonl").touch()
    inputs = {"backend": "my module; exit", "start-method": "fork spawn", "arguments": "-j 2 --seed 7"}
    assert script.run("conformance", inputs) == 0
    assert script.calls == [
        "run --backend 'my module; exit' --results results --start-method fork --start-method spawn -j 2 --seed 7",
        "report results/x.jsonl --markdown",
    ]
    assert script.summary == "summary of results/x.jsonl --markdown\n"


@bash
@pytest.mark.parametrize(("status", "summed_up"), [(0, True), (1, True), (2, False), (3, True)])
def test_the_outcome_of_the_run_is_that_of_the_job(script: Script, status: int, summed_up: bool) -> None:
    inputs = {"backend": "billiard", "results": "one.jsonl", "sections": "managers proxy_objects"}
    assert script.run("conformance", inputs, "run", status) == status
    assert script.calls[0].endswith("--results one.jsonl --start-method all --section managers --section proxy_objects")
    assert script.calls[1:] == (["report one.jsonl --markdown"] if summed_up else [])


@bash
def test_a_run_whose_results_are_not_whole_is_not_complete(script: Script) -> None:
    assert script.run("conformance", {"backend": "billiard", "results": "incomplete.jsonl"}, "run", 1) == 3


@bash
@pytest.mark.parametrize(("status", "ends_with"), [(0, 0), (1, 0), (2, 2), (3, 3)])
def test_a_shard_fails_only_if_it_is_not_complete(script: Script, status: int, ends_with: int) -> None:
    assert script.run("conformance", {"backend": "billiard", "shard": "true"}, "run", status) == ends_with
    assert len(script.calls) == 1
    assert script.summary == ""


@bash
def test_shards_are_merged_cell_by_cell_and_reported_together(script: Script) -> None:
    for cell, shard in (("a", "1"), ("a", "2"), ("b", "1")):
        (script.folder / "shards" / cell).mkdir(parents=True, exist_ok=True)
        (script.folder / "shards" / cell / f"{shard}.jsonl").touch()
    assert script.run("report", {"shards": "shards"}) == 0
    assert script.calls[:2] == [
        "merge shards/a/1.jsonl shards/a/2.jsonl --output results/a.jsonl",
        "merge shards/b/1.jsonl --output results/b.jsonl",
    ]
    assert script.calls[-1] == ("report results/a.jsonl results/b.jsonl --html site --badge site/badges --markdown"), (
        "there is nothing to compare with yet"
    )
    assert script.summary.count("\n") == 1
    kept = [
        path.relative_to(script.folder).as_posix() for path in (script.folder / "mpconform-earlier").rglob("*.jsonl")
    ]
    assert sorted(kept) == ["mpconform-earlier/results/a.jsonl", "mpconform-earlier/results/b.jsonl"]


@bash
@pytest.mark.parametrize("status", [0, 1])
def test_the_report_is_compared_with_the_last_one(script: Script, status: int) -> None:
    for folder in ("results/linux", "mpconform-earlier"):
        (script.folder / folder).mkdir(parents=True)
        (script.folder / folder / f"{folder[:2]}.jsonl").touch()
    assert script.run("report", {}, "diff", status) == 0
    assert "diff mpconform-earlier mpconform-now" in script.calls
    assert script.calls[-1] == (
        "report results/linux/re.jsonl --compare mpconform-earlier --html site --badge site/badges --markdown"
    )
    kept = [path.name for path in (script.folder / "mpconform-earlier").rglob("*.jsonl")]
    assert kept == ["re.jsonl"], "what this run found is not kept for the next"


@bash
def test_a_last_run_that_cannot_be_compared_does_not_fail_the_report(script: Script) -> None:
    for folder in ("results", "mpconform-earlier"):
        (script.folder / folder).mkdir()
        (script.folder / folder / "x.jsonl").touch()
    assert script.run("report", {}, "diff", 2) == 0
    assert script.calls[-1] == "report results/x.jsonl --html site --badge site/badges --markdown"


@bash
@pytest.mark.parametrize(("failing", "status"), [("merge", 1), ("report", 2)])
def test_what_goes_wrong_is_the_outcome_of_the_report(script: Script, failing: str, status: int) -> None:
    (script.folder / "shards" / "a").mkdir(parents=True)
    (script.folder / "shards" / "a" / "1.jsonl").touch()
    assert script.run("report", {"shards": "shards"}, failing, status) == (3 if failing == "report" else status)
    assert "merge shards/a/1.jsonl --output results/a.jsonl" in script.calls


@bash
def test_a_run_that_is_not_complete_is_left_out_and_told(script: Script) -> None:
    (script.folder / "results").mkdir()
    for file in ("complete", "incomplete"):
        (script.folder / "results" / f"{file}.jsonl").touch()
    assert script.run("report", {}) == 3
    assert script.calls[-1] == "report results/complete.jsonl --html site --badge site/badges --markdown"
