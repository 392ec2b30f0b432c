"""``mpconform diff``: what it prints, in each form, and its exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from written import call, error, spoilt, write

IDS = ["process.join.returns-none-after-exit", "queue.get.blocks-by-default"]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Write an earlier run and a later one, in which one verdict is worse and one is better."""
    before = write(tmp_path / "before.jsonl", {IDS[0]: "pass", IDS[1]: "hang"})
    after = write(tmp_path / "after.jsonl", {IDS[0]: "fail", IDS[1]: "pass"}, backend_version="5.0")
    return before, after


def test_what_got_worse_is_told_and_is_the_exit_status(files: tuple[Path, Path]) -> None:
    result = call("diff", *files)
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout.endswith(
        f"""
worse: 1
  {IDS[0]}: pass → fail
      {IDS[0]} is fail

better: 1
  {IDS[1]}: hang → pass

1 worse, 1 better
"""
    )


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [
        ({IDS[0]: "pass"}, {IDS[0]: "pass"}, 0),
        ({IDS[0]: "fail"}, {IDS[0]: "pass"}, 0),
        ({IDS[0]: "fail"}, {IDS[0]: "fail", IDS[1]: "crash"}, 0),
        ({IDS[0]: "fail", IDS[1]: "fail"}, {IDS[0]: "blocked"}, 0),
        ({IDS[0]: "pass"}, {IDS[0]: "blocked"}, 1),
        ({IDS[0]: "pass"}, {IDS[0]: "not-run"}, 3),
        ({IDS[0]: "fail"}, {IDS[0]: "hang"}, 1),
    ],
)
@pytest.mark.parametrize("form", [[], ["--json"], ["--markdown"]])
def test_exit_status(
    tmp_path: Path, before: dict[str, str], after: dict[str, str], status: int, form: list[str]
) -> None:
    files = write(tmp_path / "before.jsonl", before), write(tmp_path / "after.jsonl", after)
    assert call("diff", *files, *form).exit_code == status


def test_two_backends(tmp_path: Path) -> None:
    one = write(tmp_path / "one.jsonl", {IDS[0]: "pass"})
    two = write(tmp_path / "two.jsonl", {IDS[0]: "fail"}, backend="loky", start_method="fork")
    result = call("diff", one, two)
    assert result.exit_code == 1
    assert "before: billiard 4.2.1 · spawn" in result.stdout
    assert "after:  loky 4.2.1 · fork" in result.stdout


def test_folders_are_compared_cell_by_cell(tmp_path: Path) -> None:
    for folder, verdicts in (("old", ["pass", "pass"]), ("new", ["pass", "fail"])):
        for method, verdict in zip(["fork", "spawn"], verdicts, strict=True):
            write(tmp_path / folder / f"{method}.jsonl", {IDS[0]: verdict}, start_method=method)
    write(tmp_path / "new" / "more.jsonl", {IDS[0]: "fail"}, start_method="forkserver")
    result = call("diff", tmp_path / "old", tmp_path / "new", "--json")
    found = json.loads(result.stdout)
    cells = {cell["after"]["cell"]["start_method"]: cell["changes"] for cell in found["cells"]}
    assert {method: len(changes) for method, changes in cells.items()} == {"fork": 0, "spawn": 1, "forkserver": 0}
    assert (found["worse"], result.exit_code) == (1, 1)


def test_markdown_is_utf_8_whatever_the_encoding_of_the_stream_is(files: tuple[Path, Path]) -> None:
    code = "from mpconform.cli import main; main(prog_name='mpconform')"
    command = [sys.executable, "-c", code, "diff", *map(str, files), "--markdown"]
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    result = subprocess.run(command, capture_output=True, timeout=60, env=environment, check=False)
    assert (result.returncode, result.stderr) == (1, b"")
    assert result.stdout.decode().startswith("## mpconform: 1 worse, 1 better\n")
    assert "- worse: pass → fail [`process.join." in result.stdout.decode()


def test_a_pipe_gets_no_colour(files: tuple[Path, Path]) -> None:
    assert "\x1b" not in call("diff", *files).stdout


def test_files_that_cannot_be_used(files: tuple[Path, Path], tmp_path: Path) -> None:
    for path, status, message in spoilt(tmp_path / "spoilt"):
        for arguments in ((files[0], path), (path, files[0])):
            told = error(status, "diff", *arguments)
            assert told.startswith(str(path))
            assert message in told
    assert "no such file: did you mean before.jsonl" in error(2, "diff", files[0], tmp_path / "bfore.jsonl")
    (tmp_path / "empty").mkdir()
    assert "holds no results file" in error(2, "diff", files[0], tmp_path / "empty")


def test_a_folder_in_which_a_cell_comes_twice(files: tuple[Path, Path], tmp_path: Path) -> None:
    told = error(2, "diff", tmp_path, tmp_path)
    assert told == (
        f"{files[0]}: is of the same cell as {files[1]}: take one of them away, or merge them if each is a part"
    )


def test_only_one_form(files: tuple[Path, Path]) -> None:
    assert error(2, "diff", *files, "--json", "--markdown") == "--json and --markdown: choose one of them"
