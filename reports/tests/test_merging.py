"""Shards made into one results file: what the whole says, and what is refused."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mpreports.merging import merge
from mpreports.results import ResultsError, read_results

NEEDS = {"a.start": (), "a.join": ("a.start",), "b.map": ("a.join",), "b.order": (), "c.none": ()}


@pytest.fixture
def merged(tmp_path):
    """Merge the shards; give the results."""

    def make(*shards, name="merged.jsonl"):
        merge(shards, list(NEEDS), tmp_path / name)
        return read_results(tmp_path / name)

    return make


@pytest.fixture
def refused(tmp_path):
    """Merge shards that do not belong together; give the message, and see that nothing was written."""

    def make(*shards):
        before = sorted(tmp_path.iterdir())
        with pytest.raises(ResultsError) as caught:
            merge(shards, list(NEEDS), tmp_path / "merged.jsonl")
        assert caught.value.exit_status == 2
        assert sorted(tmp_path.iterdir()) == before, "something was written"
        assert "\n" not in str(caught.value)
        return str(caught.value)

    return make


@pytest.fixture(autouse=True)
def needing(samples, monkeypatch):
    """Let each requirement that a test makes need what it does in this suite."""
    plain = samples.check

    def check(id_, *arguments, **changes):
        return plain(id_, *arguments, **{"needs": list(NEEDS.get(id_, ())), **changes})

    monkeypatch.setattr(samples, "check", check)


def verdicts(results):
    return {entry["id"]: (entry["verdict"], entry["standing"]) for entry in results.requirements}


def test_the_whole_is_what_one_run_would_have_written(samples, merged):
    known = {"requirement": "b.*", "verdict": "fail", "reason": "slow", "link": None}
    checks = [
        samples.check("a.start"),
        samples.check("a.join", "leak"),
        samples.check("b.map", "fail", "expected", expectation=known),
        samples.check("b.order", "observed", observation="by number"),
        samples.check("c.none", "untestable"),
    ]
    checks[3][0]["observation"] = "by number"
    checks[-1] = [checks[-1][1] | {"tests": []}]
    whole = samples.results(*checks, tests=4)
    shards = [
        samples.results(*checks[2:4], selection="section b", started="2025-01-31T12:00:01Z"),
        samples.results(*checks[:2], selection="section a"),
        samples.results(checks[4], selection="section c", started="2025-01-31T12:00:02Z"),
    ]
    found = merged(*shards)
    assert found.header == whole.header
    assert found.requirements == whole.requirements
    assert sorted(found.tests, key=str) == sorted(whole.tests, key=str)
    assert found.footer == whole.footer | {"seconds": 37.5}


def test_as_long_as_something_is_missing_it_is_a_part(samples, merged):
    one = samples.results(samples.check("a.start"), selection="section a")
    two = samples.results(samples.check("b.map"), selection="section b")
    assert merged(one, two, one).header["selection"] == "section a, section b"


def test_a_whole_run_among_the_shards_makes_it_whole(samples, merged):
    one = samples.results(samples.check("a.start"))
    assert merged(one, samples.results(samples.check("a.start"), selection="section a")).header["selection"] is None


# Judged anew from all tests


@pytest.mark.parametrize("broken", ["fail", "hang", "crash"])
@pytest.mark.parametrize("tested", ["fail", "leak", "blocked"])
def test_what_does_not_pass_and_needs_what_failed_in_another_shard_is_blocked(samples, merged, broken, tested):
    found = merged(samples.results(samples.check("b.map", tested)), samples.results(samples.check("a.join", broken)))
    assert verdicts(found) == {"a.join": (broken, "worse"), "b.map": ("blocked", "unscored")}
    assert found.requirements[1]["because"] == f"needs a.join, which is {broken}"
    assert found.tests[0]["verdict"] == tested, "what the test itself gave is kept"


def test_what_passes_has_passed_whatever_failed_in_another_shard(samples, merged):
    found = merged(samples.results(samples.check("b.map")), samples.results(samples.check("a.join", "fail")))
    assert verdicts(found)["b.map"] == ("pass", "expected")


def test_the_root_of_the_trouble_is_named(samples, merged):
    shards = [samples.results(samples.check(id_, "fail")) for id_ in ("b.map", "a.join", "a.start")]
    found = merged(*shards)
    assert verdicts(found) == {
        "a.start": ("fail", "worse"),
        "a.join": ("blocked", "unscored"),
        "b.map": ("blocked", "unscored"),
    }
    assert [entry["because"] for entry in found.requirements[1:]] == ["needs a.start, which is fail"] * 2


@pytest.mark.parametrize("harmless", ["leak", "flaky", "pass", "observed", "not-run"])
def test_nothing_else_blocks(samples, merged, harmless):
    found = merged(samples.results(samples.check("b.map", "fail")), samples.results(samples.check("a.join", harmless)))
    assert verdicts(found)["b.map"] == ("fail", "worse")


def blocked(samples, id_, root):
    """Return the lines of a requirement that did not pass, and was blocked in its shard."""
    test, entry = samples.check(id_, "fail")
    return [test, entry | {"verdict": "blocked", "because": f"needs {root}, which is fail", "standing": "unscored"}]


def test_a_shard_that_had_blocked_it_itself_is_not_believed_twice(samples, merged):
    """What a shard says of a requirement counts for nothing where its tests say it."""
    one = samples.results(samples.check("a.join", "fail"), blocked(samples, "b.map", "a.join"))
    found = merged(one, samples.results(samples.check("a.start", "hang")))
    assert found.requirements[2]["because"] == "needs a.start, which is hang"


def test_a_shard_knows_what_is_needed_by_way_of_what_is_not_in_its_file(samples, merged):
    one = samples.results(samples.check("a.start", "fail"), blocked(samples, "b.map", "a.start"))
    for shards in ([one], [one, samples.results(samples.check("b.order"))]):
        found = merged(*shards)
        assert verdicts(found)["b.map"] == ("blocked", "unscored")
        assert found.requirements[1]["because"] == "needs a.start, which is fail"


def test_what_a_test_did_not_come_to_is_what_another_says(samples, merged):
    missed = samples.check("b.order", "blocked", because="the test did not come to it: c.none is not met")
    test, entry = samples.check("b.order", "fail", because="by size")
    other = [test | {"test": "other"}, entry | {"tests": ["other"]}]
    found = merged(samples.results(missed), samples.results(other))
    assert verdicts(found) == {"b.order": ("fail", "worse")}
    assert found.requirements[0]["because"] == "by size"


def test_a_test_says_of_each_requirement_what_it_says_of_that_one(samples, merged):
    test, join = samples.check("a.join", "fail")
    promises = {"a.join": {"verdict": "pass", "message": ""}, "b.order": {"verdict": "fail", "message": "by size"}}
    test |= {"requirements": ["a.join", "b.order"], "promises": promises}
    order = samples.check("b.order")[1] | {"tests": [test["test"]]}
    found = merged(samples.results([test, join], [order]))
    assert verdicts(found) == {"a.join": ("pass", "expected"), "b.order": ("fail", "worse")}
    assert [entry["because"] for entry in found.requirements] == ["", "by size"]


def test_what_is_exempt_stays_so_whatever_its_tests_say(samples, merged):
    lacking = samples.check("a.start", "unsupported", because="only a pool")
    found = merged(samples.results(lacking), samples.results(samples.check("a.join", "fail")))
    assert verdicts(found) == {"a.start": ("unsupported", "unscored"), "a.join": ("fail", "worse")}
    assert (found.requirements[0]["because"], found.requirements[0]["tests"]) == ("only a pool", [])


def test_tests_of_one_requirement_in_several_shards_count_together(samples, merged):
    shards = []
    for number, verdict in enumerate(["pass", "hang", "fail"]):
        test, requirement = samples.check("b.order", verdict, because=verdict)
        test["test"] = f"test_{number}"
        shards.append(samples.results([test, requirement | {"tests": [f"test_{number}"]}]))
    [entry] = merged(*shards).requirements
    assert (entry["verdict"], entry["because"], entry["standing"]) == ("hang", "hang", "worse")
    assert entry["tests"] == ["test_0", "test_1", "test_2"]


def test_the_standing_follows_from_the_expectation(samples, merged):
    known = {"requirement": "b.order", "verdict": "fail", "reason": "slow", "link": None}
    for verdict, standing in (("fail", "expected"), ("hang", "worse"), ("pass", "better"), ("blocked", "unscored")):
        found = merged(samples.results(samples.check("b.order", verdict, "unscored", expectation=known)))
        assert verdicts(found)["b.order"] == (verdict, standing)


def test_what_has_no_test_that_ran_is_kept_as_it_is(samples, merged):
    entry = samples.check("b.order", "not-run", because="its tests did not run")[1]
    [found] = merged(samples.results([entry | {"tests": []}])).requirements
    assert (found["verdict"], found["because"]) == ("not-run", "its tests did not run")


def test_the_whole_was_ended_early_if_a_shard_was(samples, merged):
    whole, first, second = samples.results(), samples.results(ended="it was interrupted"), samples.results(ended="full")
    assert merged(whole, whole).footer["ended"] is None
    assert merged(whole, first, second).footer["ended"] == "it was interrupted"


def test_a_test_that_one_shard_did_not_run_is_as_another_has_it(samples, merged):
    ended = samples.results(samples.check("a.start", "not-run"), ended="it was interrupted")
    whole = samples.results(samples.check("a.start", "fail"))
    for shards in ([ended, whole], [whole, ended]):
        found = merged(*shards)
        assert verdicts(found) == {"a.start": ("fail", "worse")}
        assert found.footer["ended"] == "it was interrupted"


def test_a_test_that_two_shards_ran_counts_once(samples, merged):
    one = samples.results(samples.check("a.start", "fail"))
    assert len(merged(one, samples.results(samples.check("a.start", "fail"))).tests) == 1


# What does not belong together

CELL = "merge shards of one cell, run with the same suite, edition and seed"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"backend": "loky"}, "its backend is 'loky', and 'billiard'"),
        ({"backend_version": "4.3"}, "its backend version is '4.3', and '4.2.1'"),
        ({"start_method": "fork"}, "its start method is 'fork', and 'spawn'"),
        ({"python": "3.11.5"}, "its python is '3.11.5', and '3.11.4'"),
        ({"implementation": "PyPy"}, "its implementation is 'PyPy', and 'CPython'"),
        ({"platform": "win\x1b[1m32\n"}, r"its platform is 'win\x1b[1m32\n', and 'linux'"),
        ({"suite": "0.2.0"}, "its suite version is '0.2.0', and '0.1.0'"),
        ({"edition": "3.12"}, "its edition is '3.12', and '3.11'"),
        ({"seed": 8}, "its seed is 8, and 7"),
        ({"chaos": 5}, "its seed of chaos is 5, and None"),
    ],
)
def test_shards_of_different_cells_suites_editions_or_seeds_are_refused(samples, refused, change, told):
    one, two = samples.results(samples.check("a.start")), samples.results(samples.check("b.map"), **change)
    assert refused(one, two) == f"{two.path}: does not belong to the others: {told} in {one.path}; {CELL}"


def test_a_test_with_two_verdicts_is_refused(samples, refused):
    one, two = samples.results(samples.check("a.start")), samples.results(samples.check("a.start", "hang"))
    assert refused(one, two) == (
        f"{two.path}: contradicts another shard: by 'test_a.start.py::test', 'a.start' is hang, and pass in "
        f"{one.path}; run both again"
    )


def test_a_test_that_says_different_things_of_one_of_its_requirements_is_refused(samples, refused):
    shards = []
    for good, bad in (("a.start", "a.join"), ("a.join", "a.start")):
        test, entry = samples.check("a.start", "fail")
        promises = {good: {"verdict": "pass", "message": ""}, bad: {"verdict": "fail", "message": "no"}}
        shards.append(samples.results([test | {"requirements": ["a.start", "a.join"], "promises": promises}, entry]))
    told = refused(*shards)
    assert "contradicts another shard: by 'test_a.start.py::test', 'a.start' is fail, and pass in" in told


@pytest.mark.parametrize(
    "change",
    [
        {"says": "It does something else."},
        {"expectation": {"requirement": "*", "verdict": "fail", "reason": "slow", "link": None}},
        {"verdict": "unsupported"},
    ],
)
def test_shards_that_say_different_things_of_a_requirement_are_refused(samples, refused, change):
    test, entry = samples.check("a.start")
    one, two = samples.results([test, entry]), samples.results([test, entry | change])
    assert refused(one, two) == (
        f"{two.path}: does not belong to the others: of 'a.start' it does not say what another shard does; "
        "run all with the same suite, adapter and expectations"
    )


def test_a_requirement_that_the_suite_does_not_have_is_refused(samples, refused):
    one = samples.results(samples.check("x.y"))
    assert refused(one) == f"{one.path}: this suite has no requirement 'x.y'; merge it with the suite that made it"


# Written whole or not at all


def test_the_merged_file_may_take_the_place_of_a_shard(samples, tmp_path):
    one, two = samples.results(samples.check("a.start")), samples.results(samples.check("b.map"))
    merge([one, two], list(NEEDS), one.path)
    assert list(verdicts(read_results(one.path))) == ["a.start", "b.map"]


def test_a_file_that_was_there_stays_if_the_shards_do_not_belong_together(samples, refused, tmp_path):
    (tmp_path / "merged.jsonl").write_text("old")
    refused(samples.results(), samples.results(seed=8))
    assert (tmp_path / "merged.jsonl").read_text() == "old"


def test_a_file_that_was_there_stays_if_the_disk_is_full(samples, tmp_path, monkeypatch):
    shard = samples.results(samples.check("a.start"))
    path = tmp_path / "new" / "merged.jsonl"
    merge([shard], list(NEEDS), path)
    before = path.read_bytes()

    def full(self, line):
        raise ResultsError(f"{self.path}: the results are incomplete: No space left on device", 3)

    monkeypatch.setattr("mpreports.results.ResultsWriter.write", full)
    with pytest.raises(ResultsError, match="No space left"):
        merge([shard], list(NEEDS), path)
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == ["merged.jsonl"]


def test_where_no_file_can_be(samples, tmp_path):
    shard = samples.results(samples.check("a.start"))
    for path, why in ((tmp_path, "it is no regular file"), (shard.path / "x.jsonl", "")):
        with pytest.raises(ResultsError) as caught:
            merge([shard], list(NEEDS), path)
        assert str(caught.value).startswith(f"{path}: cannot be written: {why}")
        assert caught.value.exit_status == 2
    if sys.platform != "win32":
        with pytest.raises(ResultsError, match="no regular file"):
            merge([shard], list(NEEDS), Path("/dev/null"))
