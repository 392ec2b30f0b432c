"""Results files: what is written is read back, and what is not whole is refused."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mpreports.results import LIMIT, ResultsError, ResultsWriter, read_results, without_via
from mpreports.verdicts import Verdict


def refused(path, exit_status):
    """Return the message with which the file is refused, which must be one line and name the file."""
    with pytest.raises(ResultsError) as caught:
        read_results(path)
    message = str(caught.value)
    assert caught.value.exit_status == exit_status, message
    assert str(path) in message, message
    assert "\n" not in message, message
    return message


def raw(path, lines):
    """Write the lines as they are, unchecked."""
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_what_is_written_is_read_back(samples, save, tmp_path):
    lines = samples.run(samples.check("a.b.c"), samples.check("a.b.d", "fail"), tests=2, selection="-k a")
    results = save(tmp_path / "r.jsonl", lines)
    assert [results.header, *results.tests, *results.requirements, results.footer] == lines
    assert results.path == tmp_path / "r.jsonl"
    assert results.requirements[1]["verdict"] is Verdict.FAIL


def test_a_file_of_before_there_was_via_is_read(samples, tmp_path):
    path = tmp_path / "old.jsonl"
    path.write_bytes(samples.mixed().path.read_bytes().replace(b', "via": null', b""))
    assert b"via" not in path.read_bytes()
    old = read_results(path)
    assert not [entry for entry in old.requirements if "via" in entry]
    assert without_via(old) is old


def test_what_other_documentation_makes_can_be_left_out(samples):
    both = samples.check("a.b.shared", "fail", via="threading.Condition")
    both[0]["requirements"].append("a.b.own")
    only = samples.check("a.b.other", "hang", via="threading.Condition")
    run = samples.results(both, samples.check("a.b.own"), only, tests=3, selection="-k x")
    less = without_via(run)
    assert [entry["id"] for entry in less.requirements] == ["a.b.own"]
    assert [test["test"] for test in less.tests] == ["test_a.b.shared.py::test", "test_a.b.own.py::test"]
    assert less.header == run.header | {
        "tests": 2,
        "selection": "-k x, without 2 promises that other documentation makes",
    }
    assert less.footer == run.footer | {"requirements": {"pass": 1}, "tests": {"fail": 1, "pass": 1}, "lines": 4}
    assert without_via(less) is less


def test_every_line_is_on_disk_as_soon_as_it_is_written(samples, tmp_path):
    writer = ResultsWriter(tmp_path / "r.jsonl")
    for number, line in enumerate(samples.run(samples.check("a.b.c")), start=1):
        writer.write(line)
        assert (tmp_path / "r.jsonl").read_bytes().count(b"\n") == number == writer.lines
    writer.close()


def test_an_older_file_is_replaced(samples, save, tmp_path):
    path = tmp_path / "r.jsonl"
    save(path, samples.run(samples.check("a.b.c")))
    ResultsWriter(path).close()
    assert "incomplete" in refused(path, 3)


# Texts that the backend under test may come up with


@pytest.mark.parametrize(
    "text",
    ["\ud800", "a\x00b", "\x1b[31mred\x1b[0m", "line\nline\r\nline\u2028", '"quoted" \\ {}', "\ufeff", "😀 é"],
    ids=ascii,
)
def test_hostile_text_is_read_back_as_it_was(samples, save, tmp_path, text):
    dossier = {"traceback": text, "reproducer": text, "stacks": [{"pid": 1, "command": text, "stack": text}]}
    dossier |= {"ledger": {"processes": [text], "threads": [], "descriptors": [], "files": [text], "names": [text]}}
    dossier |= {"output": {"stdout": text, "stderr": text}}
    lines = samples.run(samples.check("a.b.c", "fail", because=text, dossier=dossier), backend=text)
    path = tmp_path / "r.jsonl"
    assert save(path, lines).tests == lines[1:2]
    assert path.read_bytes().isascii(), "the file holds a byte that is not ASCII"


def test_a_text_over_the_limit_loses_its_middle_and_says_how_much(samples, save, tmp_path):
    text = "begin" + "x" * 10_000_000 + "end"
    results = save(tmp_path / "r.jsonl", samples.run(samples.check("a.b.c", "fail", because=text)))
    message = results.tests[0]["message"]
    assert len(message.encode()) <= LIMIT
    cut = re.fullmatch(r"(beginx+)\n\[… (\d+) bytes cut …\]\n(x+end)", message)
    assert cut, f"no note of a cut: {message[:20]!r} … {message[-20:]!r}"
    assert len(cut[1]) + int(cut[2]) + len(cut[3]) == len(text), "the note does not say how much is missing"
    assert results.requirements[0]["because"] == message
    assert (tmp_path / "r.jsonl").stat().st_size < 4 * LIMIT


def test_a_text_at_the_limit_stays(samples, save, tmp_path):
    text = "é" * (LIMIT // 2)
    results = save(tmp_path / "r.jsonl", samples.run(samples.check("a.b.c", "fail", because=text)))
    assert results.tests[0]["message"] == text


def test_what_was_cut_once_is_not_cut_again(samples, save, tmp_path):
    text = "\ud800é😀" * LIMIT
    once = save(tmp_path / "1.jsonl", samples.run(samples.check("a.b.c", "fail", because=text))).tests[0]["message"]
    twice = save(tmp_path / "2.jsonl", samples.run(samples.check("a.b.c", "fail", because=once))).tests[0]["message"]
    assert once == twice


# Files that are not whole


def test_a_file_cut_anywhere_is_incomplete(samples, save, tmp_path):
    path = tmp_path / "r.jsonl"
    save(path, samples.run(samples.check("a.b.c"), samples.check("a.b.d", "hang")))
    data = path.read_bytes()
    for size in range(len(data)):
        path.write_bytes(data[:size])
        message = refused(path, 3)
        assert "is incomplete" in message, f"cut at byte {size}: {message}"
        assert "run the suite again" in message, f"cut at byte {size}: {message}"


def test_without_its_footer_a_file_is_incomplete(samples, tmp_path):
    path = raw(tmp_path / "r.jsonl", samples.run(samples.check("a.b.c"))[:-1])
    assert refused(path, 3) == f"{path}: is incomplete: it has no footer; run the suite again"


@pytest.mark.parametrize("missing", range(1, 5))
def test_a_file_that_lost_a_line_is_incomplete(samples, tmp_path, missing):
    lines = samples.run(samples.check("a.b.c"), samples.check("a.b.d", "fail"))
    del lines[missing]
    assert "its footer says 5 lines and it holds 4" in refused(raw(tmp_path / "r.jsonl", lines), 3)


def test_a_file_with_fewer_tests_than_announced_is_incomplete(samples, tmp_path):
    path = raw(tmp_path / "r.jsonl", samples.run(samples.check("a.b.c"), tests=2))
    assert "its header says 2 tests and it holds 1" in refused(path, 3)


@pytest.mark.parametrize("what", ["tests", "requirements"])
def test_a_file_whose_footer_counts_other_verdicts_is_incomplete(samples, tmp_path, what):
    lines = samples.run(samples.check("a.b.c", "fail"))
    lines[-1][what] = {"pass": 1}
    message = refused(raw(tmp_path / "r.jsonl", lines), 3)
    assert f"its footer says 1 {what} with the verdict pass and it holds 0" in message


# Files that are no results files


@pytest.mark.parametrize(
    "content",
    [b"hello\n", b"\x7fELF\x00\x01", b"[1, 2]\n", b'{"name": "x"}\n', b'{"kind": "footer"}\n', b"\n", b"\xff\xfe\n"],
)
def test_a_foreign_file_is_refused(tmp_path, content):
    path = tmp_path / "r.jsonl"
    path.write_bytes(content)
    assert "is no results file: it does not begin with a header" in refused(path, 2)


@pytest.mark.parametrize(("schema", "remedy"), [(1, "run the suite again"), (3, "read it with a newer mpconform")])
def test_a_file_of_another_schema_is_refused(samples, tmp_path, schema, remedy):
    lines = samples.run(samples.check("a.b.c"), schema=schema)
    lines[0]["new"] = "key"
    path = raw(tmp_path / "r.jsonl", lines)
    message = f"{path}, line 1: has schema {schema}, and this mpconform reads 2: {remedy}"
    assert refused(path, 2) == message


def test_a_newer_schema_is_told_before_anything_else_is_judged(samples, tmp_path):
    path = raw(tmp_path / "r.jsonl", [samples.header(schema=3), {"kind": "novelty"}])
    assert "has schema 3" in refused(path, 2)


def test_a_missing_file_is_told_with_close_matches(samples, save, tmp_path):
    save(tmp_path / "billiard-fork.jsonl", samples.run())
    path = tmp_path / "biliard-fork.jsonl"
    assert refused(path, 2) == f"{path}: no such file: did you mean billiard-fork.jsonl?"


def test_a_missing_file_without_close_matches_is_told_with_what_there_is(samples, save, tmp_path):
    path = tmp_path / "other"
    assert refused(path, 2).endswith("no such file: run the suite first")
    save(tmp_path / "billiard-fork.jsonl", samples.run())
    assert refused(path, 2).endswith("no such file: the folder holds billiard-fork.jsonl")
    assert "nor is there a folder" in refused(tmp_path / "nowhere" / "r.jsonl", 2)


def test_a_folder_is_refused(tmp_path):
    assert "cannot be read: it is a folder; name the files in it" in refused(tmp_path, 2)


def change(line, key, value):
    line[key] = value


@pytest.mark.parametrize(
    ("number", "damage", "message"),
    [
        (1, lambda line: line.pop("seed"), "key 'seed' is missing"),
        (1, lambda line: line["cell"].pop("python"), "key 'cell.python' is missing"),
        (1, lambda line: change(line, "schema", "2"), "key 'schema': 2 was due, not '2'"),
        (1, lambda line: change(line, "seed", True), "key 'seed': a whole number was due, not a truth value"),
        (2, lambda line: change(line, "kind", "tset"), "key 'kind': header or test or requirement or footer was due"),
        (2, lambda line: change(line, "more", 1), "key 'more' is unknown"),
        (2, lambda line: change(line, "verdict", "passed"), "key 'verdict': a verdict was due, not 'passed'"),
        (2, lambda line: change(line, "seconds", "1"), "key 'seconds': a number was due, not a text"),
        (2, lambda line: change(line, "requirements", ["a", 1]), "key 'requirements[1]': a text was due"),
        (
            2,
            lambda line: change(line["dossier"]["stacks"][0], "pid", None),
            "key 'dossier.stacks[0].pid': a whole number",
        ),
        (3, lambda line: change(line, "level", "shall"), "key 'level': must or should or may was due, not 'shall'"),
        (3, lambda line: change(line, "expectation", []), "key 'expectation': an object was due, not a list"),
        (4, lambda line: change(line, "tests", {"x": 1}), "key 'tests.x': a verdict was due, not 'x'"),
        (4, lambda line: change(line, "requirements", None), "key 'requirements': an object was due, not null"),
    ],
)
def test_a_line_that_is_not_what_its_kind_says_is_named_with_its_key(samples, tmp_path, number, damage, message):
    lines = json.loads(json.dumps(samples.run(samples.check("a.b.c", "fail"))))
    damage(lines[number - 1])
    path = raw(tmp_path / "r.jsonl", lines)
    assert refused(path, 2).startswith(f"{path}, line {number}: {message}")


def test_the_writer_refuses_what_the_reader_would(samples, tmp_path):
    writer = ResultsWriter(tmp_path / "r.jsonl")
    writer.write(samples.header())
    for damage in ({"seconds": "1"}, {"seconds": float("nan")}, {"verdict": None}, {"kind": "tset"}, {"more": 1}):
        with pytest.raises(ValueError, match=r"results line 2: "):
            writer.write(samples.check("a.b.c")[0] | damage)
    writer.close()
    assert (tmp_path / "r.jsonl").read_bytes().count(b"\n") == 1, "a line that was refused was written all the same"


@pytest.mark.parametrize("text", [b"no json", b"", b'{"kind": "test"', b'{"kind": NaN}', b"[" * 100_000, b'"\xff"'])
def test_a_line_that_is_no_json_is_named(samples, tmp_path, text):
    path = raw(tmp_path / "r.jsonl", samples.run(samples.check("a.b.c")))
    lines = path.read_bytes().split(b"\n")
    lines[1] = text
    path.write_bytes(b"\n".join(lines))
    assert refused(path, 2).startswith(f"{path}, line 2: is no JSON: ")


@pytest.mark.parametrize(
    ("order", "number", "message"),
    [
        ([0, 2, 1, 3], 3, "no test may follow a requirement"),
        ([0, 0, 1, 2, 3], 2, "no header may follow a header"),
        ([0, 1, 2, 3, 3], 5, "no footer may follow a footer"),
        ([0, 1, 3, 2, 3], 4, "no requirement may follow a footer"),
    ],
)
def test_lines_out_of_order_are_refused(samples, tmp_path, order, number, message):
    lines = samples.run(samples.check("a.b.c"))
    path = raw(tmp_path / "r.jsonl", [lines[index] for index in order])
    assert refused(path, 2) == f"{path}, line {number}: key 'kind': {message}"


def test_a_requirement_that_comes_twice_is_refused(samples, tmp_path):
    lines = samples.run(samples.check("a.b.c"), samples.check("a.b.d")[1:], samples.check("a.b.d")[1:])
    path = raw(tmp_path / "r.jsonl", lines)
    assert refused(path, 2) == f"{path}, line 5: key 'id': 'a.b.d' came before"


def test_a_test_that_comes_twice_is_refused(samples, tmp_path):
    path = raw(tmp_path / "r.jsonl", samples.run(samples.check("a.b.c")[:1], samples.check("a.b.c")))
    assert refused(path, 2) == f"{path}, line 3: key 'test': 'test_a.b.c.py::test' came before"


# Writing that fails


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ResultsError, match=r"r\.jsonl: cannot be written: No such file or directory") as caught:
        ResultsWriter(tmp_path / "nowhere" / "r.jsonl")
    assert caught.value.exit_status == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this platform has no device that is always full")
def test_a_full_disk_is_told_at_the_first_line(samples):
    writer = ResultsWriter(Path("/dev/full"))
    with pytest.raises(
        ResultsError, match=r"^/dev/full: the results are incomplete: No space left on device$"
    ) as caught:
        writer.write(samples.header())
    assert caught.value.exit_status == 3
    with pytest.raises(ResultsError, match="incomplete"):
        writer.write(samples.header())
    writer.close()


FILLING_DISK = """
import json, resource, signal, sys
from pathlib import Path
from mpreports.results import ResultsError, ResultsWriter

path, limit = Path(sys.argv[1]), int(sys.argv[2])
lines = json.loads(sys.stdin.read())
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
writer = ResultsWriter(path)
errors = 0
for line in lines:
    try:
        writer.write(line)
    except ResultsError:
        errors += 1
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
writer.close()
print(errors)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
def test_nothing_is_written_after_a_disk_was_full_even_if_there_is_room_again(samples, tmp_path):
    path = tmp_path / "r.jsonl"
    lines = samples.run(samples.check("a.b.c"), samples.check("a.b.d"))
    limit = len(json.dumps(lines[0])) + 50  # room for the header and the beginning of the next line
    command = [sys.executable, "-c", FILLING_DISK, str(path), str(limit)]
    done = subprocess.run(command, input=json.dumps(lines), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert path.stat().st_size == limit, "the file went on after the error"
    assert int(done.stdout) == 5, f"only the first of 6 lines had room, but {done.stdout.strip()} failed"
    refused(path, 3)
