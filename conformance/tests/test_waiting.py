"""Waiting is free: tests that only wait go side by side, however few places there are; those that compute do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Suite

WATCHING = """
def nothing():
    return False

def watch(patience):
    patience.never(nothing, "something happens")
"""


def source_of(number: int, body: str) -> str:
    """Return the source of some tests with the same body."""
    return WATCHING + "".join(f"\n\ndef test_{index}(patience, scratch):\n    {body}\n" for index in range(number))


@pytest.mark.parametrize("isolation", ["fork"])
def test_tests_that_watch_take_about_as_long_as_one(suite: Suite, isolation: str) -> None:
    ran = suite.tests(source_of(12, "watch(patience)"), "--jobs", "1", "--isolation", isolation)
    assert (ran.status, ran.left, ran.files) == (0, [], []), ran
    seconds = [line["seconds"] for line in ran.read().tests]
    assert len(seconds) == 12
    assert min(seconds) >= 1, f"a watch lasts at least a second: {seconds}"
    assert ran.read().footer["seconds"] < sum(seconds) / 2, f"they waited one after another: {seconds}"


@pytest.mark.parametrize("body", ["time.sleep(0.3)", "[time.sleep(0.01) for _ in range(30)]"])
def test_one_place_is_for_one_test_that_does_not_say_that_it_waits(suite: Suite, body: str) -> None:
    ran = suite.tests(source_of(5, body), "--jobs", "1")
    seconds = [line["seconds"] for line in ran.read().tests]
    assert ran.read().footer["seconds"] >= sum(seconds), f"they ran side by side: {seconds}"


def test_what_awaits_something_gives_its_place_up_after_a_while(suite: Suite) -> None:
    """The first waits for a gate that the last opens, which gets its turn with one place only because that waits."""
    source = """
    from mpconform.kit import Gate

    def test_first(tmp_path_of_all):
        Gate(tmp_path_of_all).wait()
    """.replace("tmp_path_of_all):", "patience):").replace("tmp_path_of_all", 'os.environ["THE_GATE"]')
    source += """
    def test_last():
        Gate(os.environ["THE_GATE"]).open()
    """
    gate = suite.folders.mktemp("gate") / "gate"
    ran = suite.tests(source, "--jobs", "1", THE_GATE=str(gate))
    assert ran.status == 0, ran
    assert [line["verdict"] for line in ran.read().tests] == ["pass", "pass"]


def test_a_place_that_is_taken_back_is_taken(suite: Suite) -> None:
    """Whoever has waited goes on at once, and does so beside the one that has got the place."""
    body = "\n    ".join(["with idle():", "    time.sleep(0.5)", "end = time.monotonic() + 0.2",
                          "while time.monotonic() < end:", "    pass"])  # fmt: skip
    ran = suite.tests(source_of(6, body), "--jobs", "1")
    assert ran.status == 0, ran
    seconds = [line["seconds"] for line in ran.read().tests]
    assert ran.read().footer["seconds"] < sum(seconds), f"they went one after another: {seconds}"
