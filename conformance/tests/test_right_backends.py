"""A backend that answers otherwise where the documentation leaves it open is accused of nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import mpadapters
from mpadapters.expectations import read_entries
from mpreports.verdicts import DEVIATIONS

if TYPE_CHECKING:
    from conftest import Suite

INHERITED = Path(mpadapters.__file__).parent / "expected" / "stdlib.toml"
"""What is wrong with the standard library, of which these backends are made."""


SECTIONS = {
    "connection_objects": "the second close() raises ValueError",
    "listeners_and_clients": "last_accepted is None",
    "address_formats": None,
}
"""What is recorded of an open question in each section, so that the backend does answer otherwise."""


@pytest.mark.parametrize("section", SECTIONS)
def test_connections_that_answer_otherwise_are_accused_of_nothing(suite: Suite, section: str) -> None:
    ran = suite.judge("right.connections", [], "--section", section, "--jobs", "2")
    inherited = {entry.requirement for entry in read_entries(INHERITED)}
    accused = {
        id_: ran.because(id_)
        for id_, verdict in ran.verdicts().items()
        if verdict in DEVIATIONS and id_ not in inherited
    }
    assert accused == {}
    answers = {test["observation"] for test in ran.read().tests}
    assert SECTIONS[section] in answers


def test_bytes_that_no_other_connection_understands_cannot_be_cut_off(suite: Suite) -> None:
    ids = ["connection.recv.cut-off-message-is-no-object", "connection.recv_bytes.waits-for-the-whole-message"]
    ran = suite.judge("right.connections", ids)
    assert ran.verdicts(ids) == {ids[0]: "not-applicable", ids[1]: "pass"}
