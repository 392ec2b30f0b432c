"""The badge: the words and the colour for each outcome, and the files."""

from __future__ import annotations

import json

import pytest

from mpreports.badge import badges, outcome, write_badges


@pytest.mark.parametrize(
    ("verdicts", "words", "colour"),
    [
        ([("pass", "expected"), ("blocked", "unscored"), ("observed", "unscored")], "as expected", "brightgreen"),
        ([("pass", "expected"), ("fail", "expected")], "1 known deviation", "yellowgreen"),
        ([("leak", "expected"), ("fail", "expected")], "2 known deviations", "yellowgreen"),
        ([("fail", "worse"), ("hang", "worse"), ("fail", "expected")], "2 worse than expected", "red"),
        ([("pass", "better"), ("fail", "expected")], "1 better than expected", "yellow"),
        ([("pass", "better"), ("fail", "worse")], "1 worse than expected, 1 better than expected", "red"),
        ([("pass", "expected"), ("not-run", "unscored")], "1 did not run", "lightgrey"),
        ([("fail", "worse"), ("not-run", "unscored")], "1 worse than expected, 1 did not run", "red"),
        ([("pass", "better"), ("not-run", "unscored")], "1 did not run, 1 better than expected", "lightgrey"),
        ([], "nothing was judged", "lightgrey"),
    ],
)
def test_outcomes(samples, verdicts, words, colour):
    checks = [samples.check(f"a.n{number}", *each) for number, each in enumerate(verdicts)]
    assert outcome([samples.results(*checks)]) == (words, colour)


@pytest.mark.parametrize(
    ("verdicts", "words", "colour"),
    [
        (["pass"], "ended early", "lightgrey"),
        (["fail"], "1 worse than expected, ended early", "red"),
        (["pass", "not-run"], "1 did not run", "lightgrey"),
    ],
)
def test_what_was_ended_early_is_never_as_expected(samples, verdicts, words, colour):
    checks = [samples.check(f"a.n{number}", verdict) for number, verdict in enumerate(verdicts)]
    whole, ended = samples.results(start_method="fork"), samples.results(*checks, ended="it was interrupted")
    assert outcome([whole, ended]) == (words, colour)


def test_a_requirement_counts_once_in_however_many_cells(samples):
    fork, spawn = (samples.results(samples.check("a.b", "fail"), start_method=name) for name in ("fork", "spawn"))
    assert outcome([fork, spawn])[0] == "1 worse than expected"
    assert outcome([fork, samples.results(samples.check("a.b", "fail"), backend="x")])[0] == "2 worse than expected"


def test_a_part_of_the_suite_does_not_look_like_the_whole(samples):
    part, whole = samples.results(samples.check("a.b"), selection="-k a"), samples.results(samples.check("a.b"))
    assert outcome([whole, part])[0] == "as expected (part of the suite)"


def test_each_backend_has_its_own(samples):
    runs = [samples.results(samples.check("a.b", "fail")), samples.results(samples.check("a.b"), backend="my.own")]
    assert badges(runs) == {
        "billiard": {
            "schemaVersion": 1,
            "label": "mpconform: billiard",
            "message": "1 worse than expected",
            "color": "red",
        },
        "my.own": {
            "schemaVersion": 1,
            "label": "mpconform: my.own",
            "message": "as expected",
            "color": "brightgreen",
        },
    }


def test_into_a_file_and_into_a_folder(samples, tmp_path):
    one, two = samples.results(samples.check("a.b")), samples.results(samples.check("a.b"), backend="x")
    path = tmp_path / "new" / "badge.json"
    assert write_badges([one], path) == [path]
    assert json.loads(path.read_text()) == badges([one])["billiard"]
    folder = tmp_path / "badges"
    assert write_badges([one, two], folder) == [folder / "billiard.json", folder / "x.json"]
    assert json.loads((folder / "x.json").read_text()) == badges([two])["x"]
    assert sorted(entry.name for entry in folder.iterdir()) == ["billiard.json", "x.json"]
    with pytest.raises(ValueError, match="2 backends do not go into one badge; name a folder"):
        write_badges([one, two], path)
    assert json.loads(path.read_text()) == badges([one])["billiard"], "the file that was there is gone"


@pytest.mark.parametrize("name", ["../../x", "/etc/x", "a\x00b\\c", ".", "..", "", "\ud800", "CON|<x>", "x" * 5000])
def test_a_backend_of_any_name_writes_into_the_folder_and_nowhere_else(samples, tmp_path, name):
    runs = [samples.results(samples.check("a.b"), backend=name), samples.results(samples.check("a.b"))]
    written = write_badges(runs, tmp_path / "a" / "badges")
    assert sorted(path.name for path in (tmp_path / "a" / "badges").iterdir()) == sorted(path.name for path in written)
    assert len(written) == 2
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["badges"]
    badge = json.loads(written[0].read_text())
    assert badge["label"].isprintable()
    assert len(badge["label"]) <= 80


def test_a_badge_that_cannot_be_written_leaves_the_old_one(samples, tmp_path, monkeypatch):
    path = tmp_path / "badge.json"
    path.write_text("old")

    def full(*arguments, **options):
        raise OSError("no space")

    monkeypatch.setattr("pathlib.Path.write_text", full)
    with pytest.raises(OSError, match="no space"):
        write_badges([samples.results(samples.check("a.b"))], path)
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir() if entry.suffix != ".jsonl"] == ["badge.json"]


def test_what_is_no_file_is_not_replaced(samples, tmp_path):
    (tmp_path / "x.json").mkdir()
    with pytest.raises(OSError, match="no regular file"):
        write_badges([samples.results(samples.check("a.b"))], tmp_path / "x.json")
