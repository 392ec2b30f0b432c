"""``mpconform report --markdown`` and ``--badge``: where they go, and what is left if they cannot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from written import call, error, line_of_requirement, line_of_test, spoilt, write, write_lines

ID = "process.join.returns-none-after-exit"
OTHER = "process.join.blocks-until-terminated"


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return write(tmp_path / "results.jsonl", {ID: "fail"})


def test_a_folder_stands_for_the_results_in_it(results: Path) -> None:
    result = call("report", results.parent)
    assert result.exit_code == 0, result
    assert result.stdout == call("report", results).stdout


def test_markdown_alone_takes_the_place_of_the_summary(results: Path) -> None:
    result = call("report", results, "--markdown")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("## mpconform: 1 worse than expected\n")
    assert f"- fail [`{ID}`](https://docs.python.org/3.11/library/multiprocessing.html#" in result.stdout
    assert result.stdout.count("\n") <= 60


def test_markdown_to_a_file_comes_beside_the_summary(results: Path, tmp_path: Path) -> None:
    path = tmp_path / "new" / "summary.md"
    result = call("report", results, "--markdown", path)
    assert result.exit_code == 0
    assert result.stdout.startswith("billiard 4.2.1 · spawn")
    assert result.stdout.endswith(f"markdown: {path}\n")
    assert path.read_text("utf-8") == call("report", results, "--markdown").stdout


def test_what_else_is_written_is_not_told_amid_the_markdown(results: Path, tmp_path: Path) -> None:
    result = call("report", results, "--badge", tmp_path / "badge.json", "--markdown")
    assert result.stdout == call("report", results, "--markdown").stdout
    assert result.stderr == f"badge: {tmp_path / 'badge.json'}\n"


def test_markdown_tells_what_changed_since_an_earlier_run(results: Path, tmp_path: Path) -> None:
    write(tmp_path / "earlier" / "results.jsonl", {ID: "pass"})
    result = call("report", results, "--markdown", "--compare", tmp_path / "earlier")
    assert "### Since the earlier run: 1 worse\n" in result.stdout
    assert f"- worse: pass → fail [`{ID}`]" in result.stdout


def test_earlier_runs_of_other_cells_are_refused(results: Path, tmp_path: Path) -> None:
    other, site = write(tmp_path / "other.jsonl", {ID: "pass"}, start_method="fork"), tmp_path / "site"
    told = error(2, "report", results, "--markdown", "--compare", other)
    assert told.startswith(f"{results}: has no cell in common with {other}: compare the same backend, start method")
    assert error(2, "report", results, "--html", site, "--compare", other) == told
    assert not site.exists()


def test_markdown_never_takes_the_place_of_results(results: Path) -> None:
    before = results.read_bytes()
    assert error(2, "report", "--markdown", results, results) == (
        f"--markdown {results}: would replace results by Markdown; name the results first"
    )
    assert results.read_bytes() == before


def test_a_badge_for_one_backend_is_a_file(results: Path, tmp_path: Path) -> None:
    result = call("report", results, "--badge", tmp_path / "badge.json")
    assert result.exit_code == 0
    assert result.stdout.endswith(f"badge: {tmp_path / 'badge.json'}\n")
    assert json.loads((tmp_path / "badge.json").read_text()) == {
        "schemaVersion": 1,
        "label": "mpconform: billiard",
        "message": "1 worse than expected",
        "color": "red",
    }


def test_badges_for_several_backends_are_a_folder(results: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other.jsonl", {ID: "pass"}, backend="my_module")
    assert error_after_summary("report", results, other, "--badge", tmp_path / "badge.json") == (
        f"--badge {tmp_path / 'badge.json'}: cannot be written: 2 backends do not go into one badge; name a folder"
    )
    assert call("report", results, other, "--badge", tmp_path / "badges").exit_code == 0
    assert sorted(path.name for path in (tmp_path / "badges").iterdir()) == ["billiard.json", "my_module.json"]


def error_after_summary(*arguments: object) -> str:
    """Return the one line of an error that comes when the summary has been printed."""
    result = call(*arguments)
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    return result.stderr.removeprefix("mpconform: error: ").rstrip()


@pytest.mark.parametrize("option", ["--markdown", "--badge"])
def test_files_that_cannot_be_used_leave_what_was_there(results: Path, tmp_path: Path, option: str) -> None:
    output = tmp_path / "output.json"
    output.write_text("old")
    for path, status, message in spoilt(tmp_path / "spoilt"):
        told = error(status, "report", results, path, option, output)
        assert told.startswith(str(path))
        assert message in told
    assert output.read_text() == "old"
    (tmp_path / "file").touch()
    told = error_after_summary("report", results, option, tmp_path / "file" / "x.json")
    assert told.startswith(f"{option} {tmp_path / 'file' / 'x.json'}: cannot be written: ")


def test_promises_of_other_documentation_can_be_left_out(tmp_path: Path) -> None:
    entries = [line_of_requirement(ID, "fail") | {"via": "threading.Condition"}, line_of_requirement(OTHER, "pass")]
    lines = [line_of_test(ID, "fail"), line_of_test(OTHER, "pass")], entries
    results = write_lines(tmp_path / "results.jsonl", *lines)
    assert f"{ID}: fail" in call("report", results).stdout
    earlier = write_lines(tmp_path / "earlier.jsonl", *lines)
    result = call("report", results, "--without-via", "--html", tmp_path / "site", "--compare", earlier)
    assert "only a part of the suite was chosen: without 1 promise that other documentation makes\n" in result.stdout
    assert "all 1 as expected: 1 pass\n" in result.stdout
    assert [path.stem for path in (tmp_path / "site" / "requirement").iterdir()] == [OTHER]
    assert call("report", results, "--without-via", "--markdown").stdout.startswith("## mpconform: as expected (part")


def test_what_was_never_tried_is_told_below_the_summaries(tmp_path: Path) -> None:
    missed = {"verdict": "not-applicable", "standing": "unscored", "because": "did not arise: the moon is full"}
    lines = [line_of_test(ID, "not-applicable")], [line_of_requirement(ID, "pass") | missed]
    results = write_lines(tmp_path / "1.jsonl", *lines)
    end = f"\nnever tried, because what it takes did not arise in the cell: 1\n  {ID}: the moon is full\n"
    assert call("report", results).stdout.endswith(end)
    assert end not in call("report", results, "--markdown").stdout
    tried = write(tmp_path / "2.jsonl", {ID: "pass"}, start_method="fork")
    assert "never tried" not in call("report", results, tried).stdout


def test_what_a_pass_is_worth_is_told_by_the_site_alone(results: Path, tmp_path: Path) -> None:
    teeth = tmp_path / "teeth.json"
    empty = {"suite": "0.1.0", "python": "3.11.4", "platform": "linux", "requirements": [], "mutants": []}
    teeth.write_text(json.dumps({"kind": "teeth", "schema": 1, **empty}))
    assert call("report", results, "--html", tmp_path / "site", "--teeth", teeth).exit_code == 0
    assert (tmp_path / "site" / "teeth.html").exists()
    assert error(2, "report", results, "--teeth", teeth) == "--teeth is for the site: name a folder with --html"
    told = error(2, "report", results, "--html", tmp_path / "other", "--teeth", results)
    assert told.startswith(f"{results}: is no account of teeth: ")
    assert not (tmp_path / "other").exists()
