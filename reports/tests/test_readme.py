"""The README of this area: its example is valid, its table is complete, its code runs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import jsonschema

from mpreports.lines import SCHEMA
from mpreports.results import read_results
from mpreports.verdicts import SCORED, Verdict

AREA = Path(__file__).parent.parent
README = (AREA / "README.md").read_text("utf-8")


def fenced(language):
    (block,) = re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return block


def test_the_example_is_valid(tmp_path):
    schema = json.loads((files("mpreports") / "schema" / f"results-{SCHEMA}.schema.json").read_text("utf-8"))
    lines = [json.loads(text) for text in fenced("jsonl").splitlines()]
    for line in lines:
        jsonschema.validate(line, schema, cls=jsonschema.Draft202012Validator)
    path = tmp_path / "r.jsonl"
    path.write_text(fenced("jsonl"), "utf-8")
    results = read_results(path)
    assert [results.header, *results.tests, *results.requirements, results.footer] == lines


def test_the_table_of_verdicts_is_the_one_in_force():
    rows = [
        f"| {verdict.sign} | `{verdict}` | {verdict.meaning} | {'yes' if verdict in SCORED else 'no'} |"
        for verdict in Verdict
    ]
    assert "\n".join(rows) in README


def test_the_code_runs(tmp_path):
    (tmp_path / "results.jsonl").write_text(fenced("jsonl"), "utf-8")
    command = [sys.executable, "-X", "utf8", "-c", fenced("python")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "billiard 3.11\n✗ process.start.only-once the second start() returned; promised: AssertionError\n"
    )
    (tmp_path / "results.jsonl").write_text(fenced("jsonl")[:-10], "utf-8")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", timeout=60)
    assert done.returncode == 1
    assert done.stderr == "results.jsonl: is incomplete: line 6 is cut; run the suite again (exit status 3)\n"


def test_links_lead_to_files():
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", README):
        assert (AREA / target).exists(), f"{target} is not there"


def test_every_module_is_named():
    for module in (AREA / "mpreports").rglob("*.py"):
        name = module.relative_to(AREA / "mpreports").as_posix()
        assert module.name == "__init__.py" or f"[`{name}`]" in README, f"{name} is not in the table"
