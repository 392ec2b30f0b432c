"""Text out of a results file, made fit to be shown.

What a backend printed or raised is quoted in reports, and may hold anything: escape sequences,
NULs, lone surrogates, characters that turn the direction of writing around.
"""

from __future__ import annotations

import re

_COLOUR = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
_UNFIT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters, but for the tab and the line end
    "\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"  # invisible ones, and those that turn the direction
    "\ud800-\udfff\ufffe\uffff]"  # what is no character
)


def plain(text: str) -> str:
    r"""Return the text without terminal sequences, and with every other unprintable character spelled out as ``\x00``.

    Line ends and tabs stay. The result can be encoded as UTF-8 and moves no cursor.
    """
    text = _COLOUR.sub("", text.replace("\r\n", "\n"))
    return _UNFIT.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def one_line(text: str, limit: int = 200) -> str:
    """Return the first line of the text that is not blank, plain and at most ``limit`` characters long."""
    for line in plain(text).split("\n"):
        if line.strip():
            line = line.strip().replace("\t", " ")
            return line if len(line) <= limit else line[: limit - 1] + "…"
    return ""
