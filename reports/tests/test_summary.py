"""The summary in the terminal, word for word."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from mpreports.summary import closing_line, never_tried, print_never_tried, print_summary
from mpreports.verdicts import Verdict


def printed(results, **options):
    """Return the summary as a pipe gets it, unless the options of the console say otherwise."""
    stream = io.StringIO()
    print_summary(results, Console(file=stream, **options))
    return stream.getvalue()


def closing(*checks):
    return closing_line([requirement for _, requirement in checks])


ALL_EXPECTED = """\
billiard 4.2.1 · spawn · CPython 3.11.4 · linux · edition 3.11

                     pass  unsupported
The process section     2            -
The pool section        -            1
total                   2            1

all 3 as expected: 2 pass, 1 unsupported
"""

MIXED = """\
billiard 4.2.1 · spawn · CPython 3.11.4 · linux · edition 3.11
only a part of the suite was chosen: -k process

                     pass  fail  hang  blocked
The process section     -     1     1        1
The queue section       2     1     -        -
total                   2     2     1        1

worse than expected: 2
  process.start.runs-run: fail
      start() returned 0; promised: None
      check first: what process.start.runs-run waits for
  process.kill.ends-it: hang, expected fail
      no message
      check first: what process.kill.ends-it waits for

better than expected, so that the expectation is stale: 1
  queue.get.timeout: pass
      expected fail: never looked at the clock

2 worse than expected, 1 better, 2 of 6 as expected: 1 pass, 1 expected deviation; undecided: 1 blocked
"""


def test_everything_as_expected(samples):
    results = samples.results(
        samples.check("process.join.returns-none"),
        samples.check("pool.map.keeps-order", "unsupported"),
        samples.check("process.start.runs-run"),
    )
    assert printed(results) == ALL_EXPECTED


def test_what_is_not_expected_is_named(samples):
    known = {"requirement": "queue.*", "verdict": "fail", "reason": "never looked at the clock", "link": None}
    results = samples.results(
        samples.check("process.start.runs-run", "fail", because="start() returned 0; promised: None\nand more"),
        samples.check("process.kill.ends-it", "hang", because="", expectation=known),
        samples.check("process.pid.int", "blocked"),
        samples.check("queue.get.timeout", "pass", "better", expectation=known),
        samples.check("queue.put.blocks"),
        samples.check("queue.close.twice", "fail", "expected", expectation=known),
        selection="-k process",
    )
    assert printed(results) == MIXED


def test_every_verdict_that_occurs_has_a_column_and_a_count(samples):
    text = printed(samples.mixed())
    assert text.splitlines()[2].split() == [verdict.value for verdict in Verdict]
    assert text.splitlines()[6].split() == ["total", "2", "2", *["1"] * 10]


def test_what_was_never_tried_is_named(samples):
    missed = samples.check("a.b.c", "not-applicable", because="did not arise: the moon is full\nindeed")
    other = samples.check("a.b.d", "not-applicable", because="did not arise: it rains")
    runs = [samples.results(missed, other), samples.results(missed, samples.check("a.b.d"))]
    assert never_tried(runs) == {"a.b.c": "the moon is full\nindeed"}
    stream = io.StringIO()
    print_never_tried(runs, Console(file=stream))
    print_never_tried(runs[1:], Console(file=stream))
    print_never_tried([samples.results(samples.check("a.b.d"))], Console(file=stream))
    assert stream.getvalue() == (
        "never tried, because what it takes did not arise in any of 2 cells: 1\n  a.b.c: the moon is full\n"
        "never tried, because what it takes did not arise in the cell: 1\n  a.b.c: the moon is full\n"
    )


def test_nothing_at_all(samples):
    expected = "billiard 4.2.1 · spawn · CPython 3.11.4 · linux · edition 3.11\n\nnothing was judged\n"
    assert printed(samples.results()) == expected
    assert printed(samples.results(chaos=5)) == expected.replace("edition 3.11", "edition 3.11 · chaos 5")


def test_closing_lines(samples):
    ok, bad = samples.check("a.b.c"), samples.check("a.b.d", "crash")
    known = samples.check("a.b.e", "fail", "expected")
    better = samples.check("a.b.f", "pass", "better")
    assert closing(ok, ok) == "all 2 as expected: 2 pass"
    assert closing(ok, known, known) == "all 3 as expected: 1 pass, 2 expected deviations"
    assert closing(better) == "1 better than expected, 0 of 1 as expected"
    assert closing(bad, better, ok) == "1 worse than expected, 1 better, 1 of 3 as expected: 1 pass"


@pytest.mark.parametrize("verdict", ["not-run", "blocked"])
def test_what_is_not_known_never_looks_like_passed(samples, verdict):
    line = closing(samples.check("a.b.c"), samples.check("a.b.d", verdict))
    assert line == f"1 of 2 as expected: 1 pass; undecided: 1 {verdict}"
    worse = closing(samples.check("a.b.d", verdict, "worse"))
    assert worse == f"1 worse than expected, 0 of 1 as expected; undecided: 1 {verdict}"


# Where it is printed to


def test_a_pipe_gets_no_escape_codes_and_no_wrapping(samples):
    long = samples.check("a.b.c", "fail", because="word " * 39 + "end")
    text = printed(samples.results(long), width=40)
    assert "\x1b" not in text
    assert "word end\n" in text, "a line was wrapped"
    assert not re.search(r"[\u2500-\u257f]", text), "boxes were drawn"
    assert not [line for line in text.splitlines() if line != line.rstrip()], "lines end with blanks"


def test_a_terminal_gets_the_same_words(samples):
    results = samples.mixed()
    coloured = printed(results, force_terminal=True, width=200, color_system="truecolor")
    assert "\x1b[31m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == printed(results)


def test_a_narrow_terminal_gets_signs_and_what_they_mean(samples):
    text = printed(samples.mixed(), force_terminal=True, width=80, color_system=None)
    legend, heads = text.splitlines()[2:4]
    assert legend == ", ".join(f"{verdict.sign} {verdict}" for verdict in Verdict)
    assert heads.split() == [verdict.sign for verdict in Verdict]
    assert max(len(line) for line in text.splitlines()[3:8]) <= 80


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_stream_of_any_encoding_will_do(samples, encoding):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    check = samples.check("a.b.c", "fail", because="中 \ud800")
    print_summary(samples.results(check), Console(file=stream, force_terminal=True, width=10))
    stream.flush()
    text = stream.buffer.getvalue().decode(encoding)
    assert ("中 \\ud800" if encoding == "utf-8" else "\\u4e2d \\ud800") in text
    assert ("billiard 4.2.1 · spawn" if encoding == "utf-8" else "billiard 4.2.1 - spawn") in text


# What a backend may come up with


def test_hostile_text_is_shown_and_does_nothing(samples):
    hostile = "[bold]x[/bold] [/] :boom: \x1b[2J\x1b]0;title\x07\u202e\x00"
    shown = "[bold]x[/bold] [/] :boom: \\x1b]0;title\\x07\\u202e\\x00"
    known = {"requirement": "x", "verdict": "fail", "reason": hostile, "link": None}
    results = samples.results(
        samples.check("a." + hostile, "fail", because=hostile, title=hostile, check=hostile),
        samples.check("b." + hostile, "pass", "better", expectation=known, title=hostile),
        backend=hostile,
        selection=hostile,
    )
    for options in ({}, {"force_terminal": True, "color_system": None, "width": 500}):
        text = printed(results, **options)
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text), "a control character got through"
        for place in (f"{shown} 4.2.1", f"chosen: {shown}", f"\n{shown} ", f"a.{shown}: fail", f"first: {shown}"):
            assert place in text, f"{place!r} is not in the summary"
        assert f"      {shown}\n" in text
        assert f"expected fail: {shown}\n" in text


@pytest.mark.parametrize(
    ("missed", "rest"),
    [([], "every test had been run"), (["a.c"], "1 test did not run"), (["a.c", "a.d"], "2 tests did not run")],
)
def test_a_run_that_was_ended_early_says_so_before_all_is_said(samples, missed, rest):
    checks = [samples.check("a.b"), *(samples.check(id_, "not-run") for id_ in missed)]
    lines = printed(samples.results(*checks, ended="the time limit of 60 s\x1b\nmore")).splitlines()
    assert lines[-2] == f"the run was ended early: the time limit of 60 s\\x1b; {rest}"
    assert "ended early" not in printed(samples.results(*checks))
