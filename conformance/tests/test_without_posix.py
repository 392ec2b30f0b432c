"""The harness where there is nothing of POSIX, as on Windows: it is imported, collects, and judges the same.

``poor/sitecustomize.py`` takes away what only POSIX has, from the processes of the harness and from no sandbox.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Suite

HERE = Path(__file__).parent

POOR = {"PYTHONPATH": os.pathsep.join([str(HERE / "poor"), str(HERE)]), "POOR": "1"}

IMPORT_ALL = """
# pytest's own process
import os, signal, sys, pkgutil, importlib
assert not hasattr(os, "fork") and not hasattr(signal, "SIGKILL") and not hasattr(os, "WNOHANG")
for name in ("mpadapters", "mpreports", "mpconform"):
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(package.__path__, f"{name}."):
        if not module.name.startswith("mpconform.sections") and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
print(len([name for name in sys.modules if name.startswith(("mpconform", "mpadapters", "mpreports"))]))
"""

FRESH = ("--isolation", "fresh", "--jobs", "2")


def poor(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run an interpreter from which all of it is taken away."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("MPCONFORM_", "PYTEST_"))}
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env={**inherited, **POOR})


def test_all_can_be_imported() -> None:
    ran = poor("-c", IMPORT_ALL)
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) > 60, ran.stdout


def test_the_whole_suite_can_be_collected(tmp_path: Path) -> None:
    plain = ("-m", "pytest", "--collect-only", "-q", "--pyargs", "mpconform.sections", "--rootdir", str(tmp_path))
    ran = poor(*plain, "--backend", "stdlib", "--start-method", "spawn", "-p", "no:cacheprovider")
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr
    assert "tests collected" in ran.stdout.splitlines()[-1] or "/" in ran.stdout.splitlines()[-1], ran.stdout[-500:]


ROOT, PIPE, RUN = "process.start.runs-run", "pipe.call.returns-pair", "process.run.invokes-target"
JOIN, CODE = "process.join.timeout-none-blocks", "process.exitcode.zero-after-run-returns"


@pytest.mark.parametrize(
    ("backend", "verdicts"),
    [
        ("stdlib", {ROOT: "pass", PIPE: "pass", CODE: "pass"}),
        ("broken.crashes", {ROOT: "crash", RUN: "pass", CODE: "blocked"}),
        ("broken.lacks_half", {"queue.put.adds-the-item": "fail", PIPE: "pass", ROOT: "pass"}),
        ("broken.hangs_in_join", {JOIN: "hang", RUN: "pass"}),
        ("broken.leaks_process", {ROOT: "leak", PIPE: "pass"}),
    ],
)
def test_backends_are_judged_the_same(suite: Suite, backend: str, verdicts: dict[str, str]) -> None:
    more = (*FRESH, "--patience", "0.4")
    ran = suite.judge(backend, list(verdicts), *more, method="spawn", **POOR)
    assert ran.verdicts(verdicts) == verdicts, ran
    assert (ran.left, ran.files) == ([], [])
    assert ran.status == (0 if set(verdicts.values()) == {"pass"} else 1)


def test_plain_pytest_judges_too(suite: Suite) -> None:
    chosen = ("--requirement", ROOT, "--requirement", PIPE)
    ran = suite.pytest("--backend", "stdlib", "--start-method", "spawn", *chosen, *FRESH, **POOR)
    assert (ran.status, ran.left, ran.files) == (0, [], []), ran
    assert ran.verdicts() == {ROOT: "pass", PIPE: "pass"}
