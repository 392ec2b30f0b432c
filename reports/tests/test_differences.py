"""What changed, as the terminal shows it, word for word, and as JSON."""

from __future__ import annotations

import io
import json
import re

import pytest
from rich.console import Console

from mpreports.comparison import Comparison, compare, compare_sets
from mpreports.differences import as_json, closing_line, print_differences


def printed(comparisons, **options):
    stream = io.StringIO()
    print_differences(comparisons, Console(file=stream, **options))
    return stream.getvalue()


@pytest.fixture
def comparison(samples):
    before = samples.results(
        samples.check("a.one"),
        samples.check("a.two"),
        samples.check("a.three", "hang"),
        samples.check("a.four", "fail"),
        selection="section a",
    )
    after = samples.results(
        samples.check("a.one", "fail", because="start() returned 0\nmore"),
        samples.check("a.two", "blocked", because="needs a.one, which is fail"),
        samples.check("a.three"),
        samples.check("a.five", "crash", because=""),
        backend_version="5.0",
    )
    return Comparison(before, after, compare(before, after))


TEXT = """\
before: billiard 4.2.1 · spawn · CPython 3.11.4 · linux · edition 3.11
        only a part of the suite was chosen: section a
after:  billiard 5.0 · spawn · CPython 3.11.4 · linux · edition 3.11

worse: 2
  a.one: pass → fail
      start() returned 0
  a.two: pass → blocked
      needs a.one, which is fail

better: 1
  a.three: hang → pass

appeared: 1
  a.five: not there → crash
      no message

vanished: 1
  a.four: fail → not there

2 worse, 1 better, 1 appeared, 1 vanished
"""


def test_one_cell(comparison):
    assert printed([comparison]) == TEXT


def test_several_cells(samples, comparison):
    same = samples.results(samples.check("a.b"), start_method="fork")
    new = samples.results(samples.check("a.b"), start_method="forkserver")
    found = compare_sets([comparison.before, same], [comparison.after, same, new])
    text = printed(found)
    assert text.startswith(TEXT.rpartition("\n\n")[0])
    assert text.endswith(
        """
before: billiard 4.2.1 · fork · CPython 3.11.4 · linux · edition 3.11
after:  billiard 4.2.1 · fork · CPython 3.11.4 · linux · edition 3.11

before: no such cell
after:  billiard 4.2.1 · forkserver · CPython 3.11.4 · linux · edition 3.11

2 worse, 1 better, 1 appeared, 1 vanished in 2 cells; 1 only after
"""
    )


def test_nothing_changed(samples):
    one, two = samples.results(samples.check("a.b")), samples.results(start_method="fork")
    assert closing_line([Comparison(one, one, [])]) == "nothing changed"
    assert (
        closing_line([Comparison(one, one, []), Comparison(two, None, [])])
        == "nothing changed in 1 cell; 1 only before"
    )


def test_a_run_that_was_ended_early_is_named(samples):
    whole = samples.results(samples.check("a.b"), samples.check("a.c", "fail"))
    ended = samples.results(samples.check("a.b", "not-run"), samples.check("a.c", "fail"), ended="it was interrupted")
    text = printed([Comparison(whole, ended, compare(whole, ended))])
    title = "billiard 4.2.1 · spawn · CPython 3.11.4 · linux · edition 3.11"
    told = "the run was ended early: it was interrupted; 1 test did not run"
    assert text == (
        f"before: {title}\nafter:  {title}\n        {told}\n\n"
        "vanished: 1\n  a.b: pass → not-run\n\n1 vanished; 1 ended early after\n"
    )
    assert closing_line([Comparison(ended, ended, []), Comparison(ended, whole, compare(ended, whole))]) == (
        "1 appeared in 2 cells; 2 ended early before; 1 ended early after"
    )
    [cell] = json.loads(as_json([Comparison(whole, ended, [])]))["cells"]
    assert (cell["before"]["ended"], cell["after"]["ended"]) == (None, "it was interrupted")


def test_a_pipe_gets_no_escape_codes_and_no_wrapping(samples):
    before = samples.results(samples.check("a.b"))
    after = samples.results(samples.check("a.b", "fail", because="word " * 39 + "end"))
    text = printed([Comparison(before, after, compare(before, after))], width=40)
    assert "\x1b" not in text
    assert "word end\n" in text, "a line was wrapped"


def test_a_terminal_gets_the_same_words_in_colour(comparison):
    coloured = printed([comparison], force_terminal=True, width=200, color_system="truecolor")
    assert "\x1b[31m  a.one" in coloured
    assert "\x1b[32m  a.three" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == TEXT


def test_a_stream_that_knows_only_ascii_will_do(comparison):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    print_differences([comparison], Console(file=stream))
    stream.flush()
    text = stream.buffer.getvalue().decode("ascii")
    assert "  a.one: pass -> fail\n" in text
    assert "billiard 5.0 - spawn" in text


def test_hostile_text_is_shown_and_does_nothing(samples):
    hostile = "[bold]x[/bold] \x1b[2J\x1b]0;title\x07\u202e\x00\ud800"
    before = samples.results(backend=hostile, selection=hostile)
    after = samples.results(samples.check("a." + hostile, "fail", because=hostile), backend=hostile)
    text = printed([Comparison(before, after, compare(before, after))])
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800]", text), "a control character got through"
    assert text.count("[bold]x[/bold] \\x1b]0;title\\x07\\u202e\\x00\\ud800") == 5


def test_json(comparison):
    found = json.loads(as_json([comparison, Comparison(comparison.before, None, [])]))
    assert {key: found[key] for key in found if key != "cells"} == {
        "worse": 2,
        "better": 1,
        "appeared": 1,
        "vanished": 1,
    }
    [cell, gone] = found["cells"]
    assert cell["before"] == {
        "file": str(comparison.before.path),
        "cell": comparison.before.header["cell"],
        "suite": "0.1.0",
        "edition": "3.11",
        "selection": "section a",
        "ended": None,
    }
    assert cell["after"]["cell"]["backend_version"] == "5.0"
    assert (gone["after"], gone["changes"]) == (None, [])
    link = "https://docs.python.org/3.11/library/multiprocessing.html#multiprocessing.Process.join"
    assert cell["changes"] == [
        {"requirement": id_, "kind": kind, "before": before, "after": after, "because": because, "link": link}
        for id_, kind, before, after, because in [
            ("a.one", "worse", "pass", "fail", "start() returned 0\nmore"),
            ("a.two", "worse", "pass", "blocked", "needs a.one, which is fail"),
            ("a.three", "better", "hang", "pass", ""),
            ("a.five", "appeared", None, "crash", ""),
            ("a.four", "vanished", "fail", None, ""),
        ]
    ]


def test_json_is_pure_ascii(samples):
    after = samples.results(samples.check("a.b", "fail", because="\ud800 \u4e2d \x1b"))
    text = as_json([Comparison(samples.results(), after, compare(samples.results(), after))])
    assert text.isascii()
    assert json.loads(text)["cells"][0]["changes"][0]["because"] == "\ud800 \u4e2d \x1b"
