"""Text out of a results file made fit to be shown."""

from __future__ import annotations

import pytest

from mpreports.text import one_line, plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb\nc", "a\tb\nc"),
        ("a\r\nb\rc", "a\nb\\rc"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x00\x7f\x9b", "\\x00\\x7f\\x9b"),
        ("\ud800", "\\ud800"),
        ("abc\u202edcba\u2066", "abc\\u202edcba\\u2066"),
        ("é 😀 中", "é 😀 中"),
    ],
    ids=ascii,
)
def test_plain(text, shown):
    assert plain(text) == shown
    plain(text).encode("utf-8")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("\n \n", ""),
        ("\n\n  first\t1 \nsecond", "first 1"),
        ("x" * 200, "x" * 200),
        ("x" * 201, "x" * 199 + "…"),
    ],
)
def test_one_line(text, shown):
    assert one_line(text) == shown
