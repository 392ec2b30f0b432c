"""A backend that answers otherwise where the documentation leaves it open is accused of nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import mpadapters
from mpadapters.expectations import read_entries
from mpreports.verdicts import DEVIATIONS

if TYPE_CHECKING:
    from conftest import Suite

INHERITED = Path(mpadapters.__file__).parent / "expected" / "stdlib.toml"
"""What is wrong with the standard library, of which these backends are made."""


def test_connections_that_answer_otherwise_are_accused_of_nothing(suite: Suite) -> None:
    sections = ("connection_objects", "listeners_and_clients", "address_formats")
    chosen = [argument for section in sections for argument in ("--section", section)]
    ran = suite.judge("right.connections", [], *chosen, "--jobs", "2")
    inherited = {entry.requirement for entry in read_entries(INHERITED)}
    verdicts = ran.verdicts()
    accused = {
        id_: ran.because(id_) for id_, verdict in verdicts.items() if verdict in DEVIATIONS and id_ not in inherited
    }
    assert accused == {}
    answers = {test["observation"] for test in ran.read().tests}
    assert "the second close() raises ValueError" in answers, "it does answer otherwise"
    assert verdicts["connection.recv.cut-off-message-is-no-object"] == "not-applicable"
