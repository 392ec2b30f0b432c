"""The commands that read results files: reproduce and report."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from written import call, error, write_lines

from mpreports.lines import SCHEMA

if TYPE_CHECKING:
    from conftest import Suite

DEVIATIONS = ("fail", "hang", "crash", "leak", "flaky")


def line_of_test(name: str, id_: str, verdict: str, script: str) -> dict[str, Any]:
    dossier = {
        "stacks": [],
        "ledger": {"processes": [], "threads": [], "descriptors": [], "files": [], "names": []},
        "output": {"stdout": "", "stderr": ""},
        "traceback": "",
        "reproducer": script,
    }
    return {
        "kind": "test",
        "test": name,
        "requirements": [id_],
        "verdict": verdict,
        "seconds": 0.1,
        "message": verdict,
        "promises": {},
        "attempts": [],
        "dossier": dossier if verdict in DEVIATIONS else None,
        "observation": None,
    }


def line_of_requirement(id_: str, verdict: str, tests: list[str]) -> dict[str, Any]:
    return {
        "kind": "requirement",
        "id": id_,
        "section": "managers",
        "title": "Managers",
        "says": f"{id_} is kept.",
        "doc": "multiprocessing.Process.join",
        "level": "must",
        "check": "it",
        "needs": [],
        "verdict": verdict,
        "tests": tests,
        "because": "",
        "observation": None,
        "standing": "worse" if verdict in DEVIATIONS else "expected",
        "expectation": None,
    }


Save = Callable[..., Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Give a function that writes a results file: for each requirement its verdict, then those of its tests."""

    def write(name: str = "results.jsonl", **requirements: list[str]) -> Path:
        path = tmp_path / name
        tests, judged = [], []
        for slug, (verdict, *of_tests) in requirements.items():
            id_ = slug.replace("_", ".")
            names = [f"test_{slug}.py::test_{number}" for number in range(len(of_tests))]
            tests += [
                line_of_test(test, id_, each, f"print('{id_} {each} {number}')\n")
                for number, (test, each) in enumerate(zip(names, of_tests, strict=True))
            ]
            judged.append(line_of_requirement(id_, verdict, names))
        return write_lines(path, tests, judged)

    return write


def test_reproduce_prints_the_script_and_nothing_else(save: Save) -> None:
    path = save(pool_map_order=["fail", "fail"], pool_map_size=["pass", "pass"], queue_get_it=["leak", "leak"])
    result = call("reproduce", path, "queue.get.it")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "print('queue.get.it leak 0')\n", "")


@pytest.mark.parametrize(
    ("verdicts", "script"),
    [
        (["hang", "pass", "fail", "hang", "hang"], "hang 2"),
        (["fail", "fail", "fail"], "fail 0"),
        (["blocked", "pass", "fail"], "fail 1"),
    ],
)
def test_reproduce_takes_the_first_test_that_decided_the_verdict(save: Save, verdicts: list[str], script: str) -> None:
    result = call("reproduce", save(pool_map_order=verdicts), "pool.map.order")
    assert result.stdout == f"print('pool.map.order {script}')\n"


def test_reproduce_what_a_test_judged_by_itself(tmp_path: Path) -> None:
    """The test fails for one promise; the other, which is kept, has nothing to reproduce."""
    test = line_of_test("test_both", "pool.map.order", "fail", "print('both')\n")
    test["requirements"] = ["pool.map.order", "pool.map.size"]
    test["promises"] = {
        "pool.map.order": {"verdict": "fail", "message": ""},
        "pool.map.size": {"verdict": "pass", "message": ""},
    }
    judged = [
        line_of_requirement("pool.map.order", "fail", ["test_both"]),
        line_of_requirement("pool.map.size", "pass", ["test_both"]),
    ]
    path = write_lines(tmp_path / "results.jsonl", [test], judged)
    assert call("reproduce", path, "pool.map.order").stdout == "print('both')\n"
    assert error(2, "reproduce", path, "pool.map.size") == (
        f"{path}: the verdict on 'pool.map.size' is pass: nothing to reproduce"
    )


def test_reproduce_an_unknown_requirement(save: Save) -> None:
    path = save(pool_map_order=["fail", "fail"], queue_get_it=["pass", "pass"])
    assert error(2, "reproduce", path, "pool.map.odor") == (
        f"{path}: nothing on 'pool.map.odor': did you mean pool.map.order?"
    )
    assert error(2, "reproduce", path, "x") == f"{path}: nothing on 'x': it has a deviation of pool.map.order"


def test_reproduce_lists_only_some_of_many_deviations(save: Save) -> None:
    path = save(**{f"pool_map_n{number}": ["fail", "fail"] for number in range(8)})
    assert error(2, "reproduce", path, "x").endswith(
        "it has a deviation of pool.map.n0, pool.map.n1, pool.map.n2, pool.map.n3, pool.map.n4 and 3 more"
    )


def test_reproduce_what_did_not_deviate(save: Save) -> None:
    path = save(pool_map_order=["pass", "pass"])
    assert error(2, "reproduce", path, "pool.map.order") == (
        f"{path}: the verdict on 'pool.map.order' is pass: nothing to reproduce"
    )
    assert error(2, "reproduce", path, "x") == f"{path}: nothing on 'x': it has no deviation at all"


def cut(path: Path) -> Path:
    """Take the footer off a results file."""
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    return path


@pytest.mark.parametrize(
    "command", [["reproduce", "{}", "pool.map.order"], ["report", "{}"], ["report", "{}", "--html", "{}.d"]]
)
def test_a_file_that_is_not_whole_says_nothing(save: Save, command: list[str]) -> None:
    path = cut(save(pool_map_order=["fail", "fail"]))
    message = error(3, *(part.format(path) for part in command))
    assert message.startswith(f"{path}: is incomplete: ")
    assert message.endswith("run the suite again")
    assert not Path(f"{path}.d").exists()


@pytest.mark.parametrize("command", [["reproduce", "{}", "pool.map.order"], ["report", "{}"]])
def test_a_file_that_is_missing_or_something_else(save: Save, tmp_path: Path, command: list[str]) -> None:
    save("billiard.jsonl", pool_map_order=["fail", "fail"])
    missing = tmp_path / "biliard.jsonl"
    assert error(2, *(part.format(missing) for part in command)) == (
        f"{missing}: no such file: did you mean billiard.jsonl?"
    )
    (tmp_path / "other").write_text(json.dumps({"kind": "else"}) + "\n")
    assert "is no results file" in error(2, *(part.format(tmp_path / "other") for part in command))


def test_report_summarises_each_file(save: Save) -> None:
    bad = save("bad.jsonl", pool_map_order=["fail", "fail"], queue_get_it=["pass", "pass"])
    good = save("good.jsonl", pool_map_order=["pass", "pass"])
    result = call("report", bad, good)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.count("billiard") >= 2
    assert "pool.map.order" in result.stdout
    assert "page:" not in result.stdout


def test_report_writes_a_site_into_a_new_folder(save: Save, tmp_path: Path) -> None:
    path = save(pool_map_order=["fail", "fail"])
    folder = tmp_path / "new" / "site"
    result = call("report", path, "--html", folder)
    assert result.exit_code == 0
    assert result.stdout.endswith(f"page: {folder / 'index.html'}\n")
    assert "requirement/pool.map.order.html" in (folder / "index.html").read_text()
    page = (folder / "requirement" / "pool.map.order.html").read_text()
    assert "pool.map.order fail 0" in page, "the script that shows the deviation is on the page"


def test_report_compares_with_earlier_runs(save: Save, tmp_path: Path) -> None:
    (tmp_path / "before").mkdir()
    save("before/billiard.jsonl", pool_map_order=["pass", "pass"])
    path = save(pool_map_order=["fail", "fail"])
    assert call("report", path, "--html", tmp_path / "site", "--compare", tmp_path / "before").exit_code == 0
    assert "What has changed" in (tmp_path / "site" / "backend" / "billiard.html").read_text()
    (tmp_path / "nothing").mkdir()
    assert error(2, "report", path, "--html", tmp_path / "site", "--compare", tmp_path / "nothing").startswith(
        f"{tmp_path / 'nothing'}: the folder holds no results file"
    )


@pytest.mark.parametrize("kind", ["truncated", "foreign", "newer", "duplicate", "missing"])
def test_a_file_that_cannot_be_used_leaves_the_site_as_it_was(save: Save, tmp_path: Path, kind: str) -> None:
    good, site = save(pool_map_order=["fail", "fail"]), tmp_path / "site"
    assert call("report", good, "--html", site).exit_code == 0
    before = {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}
    bad, text = tmp_path / "bad.jsonl", good.read_text()
    due = {
        "truncated": (3, text[:-20], "is incomplete: "),
        "foreign": (2, '{"kind": "else"}\n', "is no results file"),
        "newer": (
            2,
            text.replace(f'"schema": {SCHEMA}', f'"schema": {SCHEMA + 1}'),
            f"has schema {SCHEMA + 1}, and this mpconform reads {SCHEMA}",
        ),
        "duplicate": (2, text, f"is of the same cell as {good}"),
        "missing": (2, None, "no such file"),
    }
    status, content, message = due[kind]
    if content is not None:
        bad.write_text(content)
    assert message in error(status, "report", good, bad, "--html", site)
    assert {path: path.read_bytes() for path in site.rglob("*") if path.is_file()} == before


def test_report_where_no_site_can_be(save: Save, tmp_path: Path) -> None:
    path = save(pool_map_order=["fail", "fail"])
    (tmp_path / "file").touch()
    assert error(2, "report", path, "--html", tmp_path / "file") == (
        f"{tmp_path / 'file'}: the site cannot be written: it is no folder; name another one"
    )
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "index.html").write_text("mine")
    assert error(2, "report", path, "--html", tmp_path / "theirs") == (
        f"{tmp_path / 'theirs'}: the site cannot be written: "
        "it holds index.html that mpconform did not write; name another folder"
    )


def test_report_needs_a_file() -> None:
    assert "Missing argument" in error(2, "report")


def test_a_deviation_of_a_real_run_is_reproduced(suite: Suite, tmp_path: Path) -> None:
    ran = suite.judge("broken.lacks_half", ["joinable_queue.call.is-a-queue"])
    assert ran.verdicts() == {"joinable_queue.call.is-a-queue": "fail"}, ran
    script = tmp_path / "show.py"
    result = call("reproduce", ran.results, "joinable_queue.call.is-a-queue")
    script.write_text(result.stdout)
    command = [sys.executable, str(script)]
    environment = {"PYTHONPATH": str(Path(__file__).parent), "PATH": ""}
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    assert (ended.returncode, ended.stdout) == (1, ""), ended
    assert "AttributeError: the context has no 'JoinableQueue'\n" in ended.stderr, ended
    assert "broken: joinable_queue.call.is-a-queue" in ended.stderr, ended
