"""Each deliberately broken backend gets its verdict, on the right requirement, and nothing of its run survives."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Ran, Suite

IMPATIENT = ("--patience", "0.25")
"""What a run gets in which something hangs: it costs the deadline twice, the second time to confirm it."""

ALONE = ("--jobs", "1")


def deadline(line: Any) -> float:
    """Return the seconds after which a test that hangs was given up, as its message tells."""
    found = re.fullmatch(r"not done within ([\d.]+) s: it hangs in the test", line["message"])
    assert found, line["message"]
    return float(found[1])


def assert_clean(ran: Ran, status: int) -> None:
    """Assert the exit status of a run, and that nothing has outlived it."""
    assert ran.status == status, (ran.status, ran.stdout, ran.stderr)
    assert ran.left == [], "processes outlived the run"
    assert ran.files == [], "temporary files outlived the run"


@pytest.fixture(scope="module")
def hang_in_join(suite: Suite) -> Ran:
    """Return a run of a backend whose ``join`` hangs."""
    ids = [
        "process.run.invokes-target",
        "process.pid.*",
        "process.join.blocks-until-terminated",
        "process.join.many-times",
        "pipe.call.returns-pair",
    ]
    return suite.judge("broken.hangs_in_join", ids, *ALONE, *IMPATIENT)


def test_a_hang_is_told_from_what_it_blocks(hang_in_join: Ran) -> None:
    assert_clean(hang_in_join, 1)
    assert hang_in_join.verdicts() == {
        "process.run.invokes-target": "pass",
        "process.join.blocks-until-terminated": "hang",
        "process.join.many-times": "blocked",
        "process.pid.none-before-start": "pass",
        "process.pid.is-process-id": "hang",
        "pipe.call.returns-pair": "pass",
    }
    because = hang_in_join.because("process.join.many-times")
    assert because == "needs process.join.blocks-until-terminated, which is hang"
    assert [attempt["verdict"] for attempt in hang_in_join.test("process.pid.is-process-id")["attempts"]] == [
        "hang",
        "hang",
    ]


def test_a_hang_costs_its_deadline_and_no_other_test_anything(hang_in_join: Ran) -> None:
    results = hang_in_join.read()
    hangs = [line for line in results.tests if line["verdict"] == "hang"]
    limit = deadline(hangs[0])
    assert all(line["seconds"] < limit / 4 for line in results.tests if line["verdict"] == "pass")
    attempts = [attempt["seconds"] for line in hangs for attempt in line["attempts"]]
    assert len(attempts) == 4
    for seconds in attempts:
        assert limit <= seconds < 1.5 * limit, f"an attempt took {seconds} s, with a deadline of {limit} s"
    total = results.footer["seconds"]
    assert total - sum(attempts) < 1.5 * limit, f"the run took {total} s, and its hangs {attempts}"


def test_a_hang_shows_where_the_root_hangs(hang_in_join: Ran) -> None:
    root = hang_in_join.test("process.join.blocks-until-terminated")["dossier"]["stacks"][0]["stack"]
    assert re.search(r"hangs_in_join\.py.* in join\b", root), root
    assert "in test_join_blocks_until_the_child_terminates" in root, root


@pytest.mark.parametrize(
    ("method", "isolation"), [("fork", "fork"), ("spawn", "fork"), ("forkserver", "fork"), ("spawn", "fresh")]
)
def test_a_hang_shows_the_stacks_of_every_process(suite: Suite, method: str, isolation: str) -> None:
    ids = ["process.join.returns-none-after-timeout", "process.constructor.group-accepts-none"]
    ran = suite.judge("broken.hangs_in_child", ids, *ALONE, *IMPATIENT, "--isolation", isolation, method=method)
    assert_clean(ran, 1)
    assert set(ran.verdicts().values()) == {"hang"}
    line = ran.test("process.join.returns-none-after-timeout")
    root, *others = [entry["stack"] for entry in line["dossier"]["stacks"]]
    assert "in test_join_returns_none_when_the_timeout_expires" in root, root
    child = [stack for stack in others if "in wait_for_ever" in stack]
    assert len(child) == 1, f"the stack of the child is not among {others}"
    assert re.search(r"hangs_in_child\.py.* in run\b", child[0]), child[0]
