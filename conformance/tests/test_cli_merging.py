"""``mpconform merge``: shards become what one run would have written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from written import call, error, line_of_requirement, line_of_test, spoilt, write, write_lines

import mpconform
from mpconform.registry import load_registry
from mpreports.results import read_results

if TYPE_CHECKING:
    from conftest import Suite

JOIN = "process.join.blocks-until-terminated"
GET = "queue.get.blocks-by-default"
FLUSH = "queue.exit.child-flushes-first"


def test_the_merged_file_is_judged_anew_and_summarised(tmp_path: Path) -> None:
    one = write(tmp_path / "1.jsonl", {GET: "fail"}, needs=[JOIN], selection="section b")
    two = write(tmp_path / "2.jsonl", {JOIN: "fail"}, selection="section a")
    result = call("merge", one, two, "-o", tmp_path / "new" / "whole.jsonl")
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout.endswith(f"\nresults: {tmp_path / 'new' / 'whole.jsonl'}\n")
    assert f"{JOIN}: fail" in result.stdout
    merged = read_results(tmp_path / "new" / "whole.jsonl")
    assert {entry["id"]: entry["verdict"].value for entry in merged.requirements} == {JOIN: "fail", GET: "blocked"}
    assert merged.header["selection"] == "section b, section a"


@pytest.mark.parametrize(
    ("verdicts", "status"),
    [(["pass", "pass"], 0), (["pass", "fail"], 1), (["not-run", "pass"], 3), (["fail", "not-run"], 3)],
)
def test_the_exit_status_is_that_of_a_run(tmp_path: Path, verdicts: list[str], status: int) -> None:
    shards = [
        write(tmp_path / f"{id_}.jsonl", {id_: verdict}) for id_, verdict in zip([JOIN, GET], verdicts, strict=True)
    ]
    assert call("merge", *shards, "-o", tmp_path / "whole.jsonl").exit_code == status


def test_a_shard_whose_run_was_ended_early_is_merged_and_told_of(tmp_path: Path) -> None:
    whole = write(tmp_path / "1.jsonl", {JOIN: "pass", GET: "pass"})
    ended = write(tmp_path / "2.jsonl", {JOIN: "pass", GET: "not-run"}, ended="it was interrupted")
    result = call("merge", whole, ended, "-o", tmp_path / "merged.jsonl")
    assert result.exit_code == 3
    assert "\nthe run was ended early: it was interrupted; every test had been run\n" in result.stdout
    merged = read_results(tmp_path / "merged.jsonl")
    assert {entry["id"]: entry["verdict"].value for entry in merged.requirements} == {JOIN: "pass", GET: "pass"}
    assert merged.footer["ended"] == "it was interrupted"


def test_a_file_with_all_requirements_of_the_suite_is_whole(tmp_path: Path) -> None:
    ids = list(load_registry().requirements)
    shards = [
        write(tmp_path / "1.jsonl", dict.fromkeys(ids[500:], "pass"), selection="b"),
        write(tmp_path / "2.jsonl", dict.fromkeys(ids[:500], "pass"), selection="a"),
    ]
    result = call("merge", *shards, "-o", tmp_path / "whole.jsonl")
    assert result.exit_code == 0
    merged = read_results(tmp_path / "whole.jsonl")
    assert merged.header["selection"] is None
    assert [entry["id"] for entry in merged.requirements] == ids, "they are not in the order of the document"


def test_files_that_cannot_be_used_leave_the_merged_one_as_it_was(tmp_path: Path) -> None:
    good, output = write(tmp_path / "good.jsonl", {JOIN: "pass"}), tmp_path / "whole.jsonl"
    output.write_text("old")
    for path, status, message in spoilt(tmp_path / "spoilt"):
        told = error(status, "merge", good, path, "-o", output)
        assert told.startswith(str(path))
        assert message in told
    stranger = write(tmp_path / "stranger.jsonl", {GET: "pass"}, start_method="fork")
    assert error(2, "merge", good, stranger, "-o", output) == (
        f"{stranger}: does not belong to the others: its start method is 'fork', and 'spawn' in {good}; "
        "merge shards of one cell, run with the same suite, edition and seed"
    )
    contradicting = write(tmp_path / "contradicting.jsonl", {JOIN: "fail"})
    assert error(2, "merge", good, contradicting, "-o", output).startswith(
        f"{contradicting}: contradicts another shard"
    )
    assert output.read_text() == "old"
    assert sorted(entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".")) == []


def test_shards_of_another_version_of_the_suite(tmp_path: Path) -> None:
    shard = write(tmp_path / "1.jsonl", {JOIN: "pass"}, suite="0.0.1")
    assert error(2, "merge", shard, "-o", tmp_path / "whole.jsonl") == (
        f"{shard}: was written by mpconform '0.0.1', this is {mpconform.__version__}: use that one"
    )


def test_wrong_usage(tmp_path: Path) -> None:
    assert "Missing argument" in error(2, "merge", "-o", tmp_path / "x.jsonl")
    shard = write(tmp_path / "1.jsonl", {JOIN: "pass"})
    assert "Missing option '--output'" in error(2, "merge", shard)
    told = error(2, "merge", shard, "-o", tmp_path)
    assert told == f"{tmp_path}: cannot be written: it is no regular file"


def test_shards_of_a_real_run_say_what_the_whole_run_says(suite: Suite, tmp_path: Path) -> None:
    """The items need a queue, which this backend lacks: the shard that does not try a queue alone cannot know."""
    queue, item = "queue.call.carries-items-from-a-child", "queue.item.picklable-object-arrives-equal"
    runs = [suite.judge("broken.lacks_half", ids, "--jobs", "1") for ids in ([item], [queue], [queue, item])]
    *shards, whole = runs
    assert [(ran.verdicts().get(queue), ran.verdicts().get(item)) for ran in runs] == [
        (None, "fail"),
        ("fail", None),
        ("fail", "blocked"),
    ]
    result = call("merge", *(shard.results for shard in shards), "-o", tmp_path / "merged.jsonl")
    assert result.exit_code == 1, result.output
    merged = read_results(tmp_path / "merged.jsonl")
    assert merged.requirements == whole.read().requirements


def test_a_shard_of_a_section_has_all_of_its_requirements(suite: Suite) -> None:
    """Also those that do not apply in this cell, and that no test can decide."""
    ran = suite.judge("stdlib", [], "--section", "logging_support", "--jobs", "1")
    requirements = load_registry().requirements.values()
    assert list(ran.verdicts()) == [one.id for one in requirements if one.section == "logging_support"]
    assert "not-applicable" in ran.verdicts().values()


def test_what_was_never_tried_is_told(tmp_path: Path) -> None:
    said = {"verdict": "not-applicable", "message": "did not arise: the moon is full"}
    entry = line_of_requirement(JOIN, "pass") | {"standing": "unscored"}
    lines = [line_of_test(JOIN, "pass") | said], [entry | {"verdict": "not-applicable", "because": said["message"]}]
    shards = write_lines(tmp_path / "1.jsonl", *lines), write(tmp_path / "2.jsonl", {GET: "pass"})
    result = call("merge", *shards, "-o", tmp_path / "whole.jsonl")
    assert f"never tried, because what it takes did not arise in the cell: 1\n  {JOIN}: the moon" in result.stdout
