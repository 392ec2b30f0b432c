"""What changed: which changes of a verdict are worse, better or neither, and which cells are compared."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from mpreports.comparison import Comparison, compare, compare_paths, compare_sets, exit_status, kind_of
from mpreports.results import ResultsError
from mpreports.verdicts import DEVIATIONS, Verdict

GROUPS = {
    "kept": ["pass", "observed"],
    "deviates": ["flaky", "leak", "fail", "hang", "crash"],
    "undecided": ["blocked", "unsupported"],
    "not there": ["not-applicable", "untestable", "not-run", None],
}
TABLE = {
    "kept": [None, "worse", "worse", "vanished"],
    "deviates": ["better", "order", "vanished", "vanished"],
    "undecided": ["better", "appeared", None, "vanished"],
    "not there": ["appeared", "appeared", "appeared", None],
}


def verdict(value):
    return None if value is None else Verdict(value)


def changes(before, after):
    return [(one.requirement["id"], one.before, one.after, one.kind) for one in compare(before, after)]


def refused(exit_status, call, *arguments):
    with pytest.raises(ResultsError) as caught:
        call(*arguments)
    assert caught.value.exit_status == exit_status
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_every_verdict_is_in_one_group():
    assert sorted(value for group in GROUPS.values() for value in group if value) == sorted(map(str, Verdict))


@pytest.mark.parametrize(("was", "column"), [(was, column) for was in GROUPS for column in range(4)])
def test_the_kind_of_a_change_between_groups(was, column):
    for before, after in itertools.product(GROUPS[was], list(GROUPS.values())[column]):
        expected = TABLE[was][column]
        if expected == "order":
            step = GROUPS[was].index(after) - GROUPS[was].index(before)
            expected = "worse" if step > 0 else "better" if step < 0 else None
        assert kind_of(verdict(before), verdict(after)) == expected, f"{before} -> {after}"


def test_the_readme_has_this_table():
    text = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| \*\*([a-z ]+)\*\*: .*? \|(.*)\|$", text, re.MULTILINE)
    shown = {group: [cell.strip() or None for cell in cells.split("|")] for group, cells in rows}
    assert shown == {
        group: ["by this order" if cell == "order" else cell for cell in row] for group, row in TABLE.items()
    }


def test_the_other_way_round_a_change_is_the_opposite():
    opposite = {"worse": "better", "better": "worse", "appeared": "vanished", "vanished": "appeared", None: None}
    for before, after in itertools.product([*Verdict, None], repeat=2):
        assert kind_of(after, before) == opposite[kind_of(before, after)], f"{before} -> {after}"


def test_what_nothing_is_known_of_is_never_better():
    for before, after in itertools.product(DEVIATIONS, map(verdict, [*GROUPS["undecided"], *GROUPS["not there"]])):
        assert kind_of(before, after) == "vanished"


def test_what_did_not_run_is_neither_worse_nor_better():
    for other in Verdict:
        assert kind_of(other, Verdict.NOT_RUN) in ("vanished", None), f"{other} -> not-run"
        assert kind_of(Verdict.NOT_RUN, other) in ("appeared", None), f"not-run -> {other}"


def test_only_changes_are_told_in_the_order_of_the_later_run_and_then_what_is_gone(samples):
    before = samples.results(
        samples.check("a.gone", "fail"),
        samples.check("a.worse"),
        samples.check("a.same", "fail"),
        samples.check("a.better", "hang"),
        samples.check("a.never", "not-applicable"),
    )
    after = samples.results(
        samples.check("a.new"),
        samples.check("a.better", "leak"),
        samples.check("a.same", "fail", because="another message"),
        samples.check("a.worse", "blocked"),
    )
    assert changes(before, after) == [
        ("a.new", None, "pass", "appeared"),
        ("a.better", "hang", "leak", "better"),
        ("a.worse", "pass", "blocked", "worse"),
        ("a.gone", "fail", None, "vanished"),
    ]


def test_the_requirement_is_as_the_later_results_have_it(samples):
    before = samples.results(samples.check("a.b", "fail", because="old"), samples.check("a.c", because="c"))
    after = samples.results(samples.check("a.b", "hang", because="new"))
    assert [change.requirement["because"] for change in compare(before, after)] == ["new", "c"]


@pytest.mark.parametrize(
    ("before", "after", "ended", "status"),
    [
        ("pass", "pass", False, 0),
        ("fail", "pass", False, 0),
        ("fail", "blocked", False, 0),
        ("pass", "fail", False, 1),
        ("pass", "blocked", False, 1),
        ("pass", "not-run", False, 3),
        ("not-run", "pass", False, 3),
        ("pass", "pass", True, 3),
        ("pass", "fail", True, 3),
    ],
)
def test_what_is_not_known_is_never_called_as_good_as_it_was(samples, before, after, ended, status):
    one = samples.results(samples.check("a.b", before))
    two = samples.results(samples.check("a.b", after), ended="it was interrupted" if ended else None)
    assert exit_status([Comparison(one, two, compare(one, two))]) == status
    gone = Comparison(samples.results(ended="it was interrupted"), None, [])
    assert exit_status([gone, Comparison(one, one, [])]) == 0, "what is not compared counts"


# Which cells are compared


def test_cells_are_paired_whatever_the_version_of_the_backend_and_the_patch_release_of_python_are(samples):
    before = [
        samples.results(samples.check("a.b"), start_method="fork"),
        samples.results(samples.check("a.b", "fail"), start_method="spawn"),
    ]
    after = [
        samples.results(samples.check("a.b"), start_method="spawn", backend_version="5.0", python="3.11.9"),
        samples.results(samples.check("a.b", "fail"), start_method="fork", edition="3.12"),
    ]
    found = compare_sets(before, after)
    assert [(one.before, one.after) for one in found] == [(before[1], after[0]), (before[0], after[1])]
    assert [[change.kind for change in one.changes] for one in found] == [["better"], ["worse"]]


@pytest.mark.parametrize(
    "other",
    [{"backend": "x"}, {"start_method": "fork"}, {"python": "3.1.4"}, {"platform": "x"}, {"implementation": "x"}],
)
def test_a_cell_of_one_side_only_is_told_and_not_compared(samples, other):
    same, alone = samples.results(samples.check("a.b")), samples.results(samples.check("a.b", "fail"), **other)
    [pair, new] = compare_sets([same], [same, alone])
    assert (pair.before, pair.after, pair.changes) == (same, same, [])
    assert (new.before, new.after, new.changes) == (None, alone, [])
    [pair, gone] = compare_sets([alone, same], [same])
    assert (pair.before, pair.after) == (same, same)
    assert (gone.before, gone.after, gone.changes) == (alone, None, [])


def test_folders_without_a_cell_in_common_are_refused(samples, save, tmp_path):
    for name in ("fork", "spawn"):
        (tmp_path / name).mkdir()
        save(tmp_path / name / "x.jsonl", samples.run(samples.check("a.b"), start_method=name))
    assert refused(2, compare_paths, tmp_path / "fork", tmp_path / "spawn") == (
        f"{tmp_path / 'spawn' / 'x.jsonl'}: has no cell in common with {tmp_path / 'fork' / 'x.jsonl'}: "
        "compare the same backend, start method, Python and platform, or two single files (mpconform diff)"
    )


def test_two_runs_of_the_same_cell_are_refused(samples):
    one, two = samples.results(), samples.results(python="3.11.5")
    remedy = "take one of them away, or merge them if each is a part"
    message = f"{two.path}: is of the same cell as {one.path}: {remedy}"
    assert refused(2, compare_sets, [one, two], [one]) == message
    assert refused(2, compare_sets, [one], [one, two]) == message


def test_two_files_are_compared_whatever_their_cells_are(samples):
    one, two = samples.results(samples.check("a.b")), samples.results(samples.check("a.b", "fail"), backend="loky")
    [found] = compare_paths(one.path, two.path)
    assert (found.before, found.after, [change.kind for change in found.changes]) == (one, two, ["worse"])


def test_folders_are_compared_with_all_that_is_in_them_and_below(samples, save, tmp_path):
    for folder, verdict in (("old", "pass"), ("new", "fail")):
        (tmp_path / folder / "below").mkdir(parents=True)
        save(tmp_path / folder / "a.jsonl", samples.run(samples.check("a.b", verdict)))
        save(tmp_path / folder / "below" / "b.jsonl", samples.run(samples.check("a.b"), start_method="fork"))
        (tmp_path / folder / "index.html").write_text("no results")
    found = compare_paths(tmp_path / "old", tmp_path / "new")
    assert [[change.kind for change in one.changes] for one in found] == [["worse"], []]
    [first, second] = compare_paths(tmp_path / "old" / "a.jsonl", tmp_path / "new")
    assert [change.kind for change in first.changes] == ["worse"]
    assert second.before is None


def test_a_folder_without_results_is_refused(tmp_path):
    message = f"{tmp_path}: the folder holds no results file: there is no *.jsonl in it or below"
    assert refused(2, compare_paths, tmp_path, tmp_path) == message


def test_one_file_of_a_folder_that_is_not_whole_spoils_it(samples, save, tmp_path):
    save(tmp_path / "a.jsonl", samples.run(samples.check("a.b")))
    whole = (tmp_path / "a.jsonl").read_bytes()
    (tmp_path / "b.jsonl").write_bytes(whole[:-20])
    assert refused(3, compare_paths, tmp_path, tmp_path).startswith(f"{tmp_path / 'b.jsonl'}: is incomplete")
