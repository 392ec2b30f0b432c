"""Each deliberately broken backend gets its verdict, on the right requirement, and nothing of its run survives."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Ran, Suite

IMPATIENT = ("--patience", "0.15")
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
        "process.pid.none-before-start",
        "process.join.blocks-until-terminated",
        "process.exitcode.zero-after-run-returns",
        "pipe.call.returns-pair",
    ]
    return suite.judge("broken.hangs_in_join", ids, *ALONE, *IMPATIENT)


def test_a_hang_is_told_from_what_it_blocks(hang_in_join: Ran) -> None:
    assert_clean(hang_in_join, 1)
    assert hang_in_join.verdicts() == {
        "process.run.invokes-target": "pass",
        "process.join.blocks-until-terminated": "hang",
        "process.exitcode.zero-after-run-returns": "blocked",
        "process.pid.none-before-start": "pass",
        "pipe.call.returns-pair": "pass",
    }
    because = hang_in_join.because("process.exitcode.zero-after-run-returns")
    assert because == "needs process.join.blocks-until-terminated, which is hang"
    attempts = hang_in_join.test("process.join.blocks-until-terminated")["attempts"]
    assert [attempt["verdict"] for attempt in attempts] == ["hang", "hang"]


def test_a_hang_costs_its_deadline_and_no_other_test_anything(hang_in_join: Ran) -> None:
    results = hang_in_join.read()
    root = hang_in_join.test("process.join.blocks-until-terminated")
    limit = deadline(root)
    assert all(line["seconds"] < limit / 4 for line in results.tests if line["verdict"] == "pass")
    attempts = [attempt["seconds"] for attempt in root["attempts"]]
    assert len(attempts) == 2
    for seconds in attempts:
        assert limit <= seconds < 1.5 * limit, f"an attempt took {seconds} s, with a deadline of {limit} s"
    total = results.footer["seconds"]
    calibrating = max(5.0, 2.5 * limit)  # join() hangs there too, and a latency is at most a sixteenth of the limit
    assert total - sum(attempts) < calibrating + 1.5 * limit, f"the run took {total} s, and its hangs {attempts}"


def test_what_needs_what_hangs_is_tried_once_at_most(hang_in_join: Ran) -> None:
    needing = hang_in_join.test("process.exitcode.zero-after-run-returns")
    assert len(needing["attempts"]) <= 1


def test_a_hang_shows_where_the_root_hangs(hang_in_join: Ran) -> None:
    root = hang_in_join.test("process.join.blocks-until-terminated")["dossier"]["stacks"][0]["stack"]
    assert re.search(r"hangs_in_join\.py.* in join\b", root), root
    assert "in test_join_blocks_until_the_child_terminates" in root, root


@pytest.mark.parametrize(
    ("method", "isolation", "patience"), [("fork", "fork", "0.15"), ("spawn", "fork", "0.3"), ("spawn", "fresh", "0.3")]
)
def test_a_hang_shows_the_stacks_of_every_process(suite: Suite, method: str, isolation: str, patience: str) -> None:
    ids = ["process.join.timeout-none-blocks"]
    more = (*ALONE, "--isolation", isolation, "--patience", patience)
    ran = suite.judge("broken.hangs_in_child", ids, *more, method=method)
    assert_clean(ran, 1)
    assert ran.verdicts() == {ids[0]: "hang"}
    line = ran.test(ids[0])
    root, *others = [entry["stack"] for entry in line["dossier"]["stacks"]]
    assert "in test_join_with_none_blocks_until_the_child_terminates" in root, root
    child = [stack for stack in others if "in wait_for_ever" in stack]
    assert len(child) == 1, f"the stack of the child is not among {others}"
    assert re.search(r"hangs_in_child\.py.* in run\b", child[0]), child[0]


@dataclass(frozen=True)
class Case:
    """A backend, what is to come of some requirements, and what the message of the first one says."""

    backend: str
    verdicts: dict[str, str]
    message: str
    arguments: tuple[str, ...] = ALONE

    def __str__(self) -> str:
        return self.backend


CASES = [
    Case(
        "crashes",
        {
            "process.start.runs-run": "crash",
            "process.start.runs-run-in-another-process": "blocked",
            "process.join.blocks-until-terminated": "blocked",
            "process.exitcode.zero-after-run-returns": "blocked",
            "process.run.invokes-target": "pass",
            "pipe.call.returns-pair": "pass",
        },
        "the process that ran the test was ended by SIGSEGV in the middle of it",
        ("--jobs", "2"),
    ),
    Case(
        "crashes",
        {"process.start.runs-run": "crash", "process.run.invokes-target": "pass"},
        "the process that ran the test was ended by SIGSEGV in the middle of it",
        (*ALONE, "--isolation", "fresh"),
    ),
    Case(
        "exits_early",
        {
            "process.is_alive.false-before-start": "crash",
            "process.is_alive.true-while-running": "blocked",
            "process.join.blocks-until-terminated": "pass",
        },
        "the process that ran the test exited with status 0 in the middle of it",
    ),
    Case(
        "ignores_sigterm",
        {
            "process.terminate.ends-process": "fail",
            "process.terminate.skips-finally": "blocked",
            "process.terminate.sends-sigterm": "pass",
            "process.kill.skips-finally": "pass",
        },
        "terminate()",
        IMPATIENT,
    ),
    Case(
        "kills_its_group",
        {
            "process.terminate.ends-process": "crash",
            "process.terminate.skips-finally": "blocked",
            "process.kill.ends-process": "pass",
            "pipe.call.returns-pair": "pass",
        },
        "the process that ran the test was ended by SIGKILL in the middle of it",
    ),
    Case(
        "lacks_half",
        {
            "queue.put.adds-the-item": "fail",
            "pipe.call.returns-pair": "pass",
            "process.join.blocks-until-terminated": "pass",
        },
        "has no 'Queue'",
    ),
    Case(
        "leaks_descriptor",
        {
            "process.join.blocks-until-terminated": "leak",
            "process.join.timeout-ends-early": "leak",
            "process.run.invokes-target": "pass",
        },
        "left behind: 1 descriptor (",
        (*ALONE, *IMPATIENT),
    ),
    Case(
        "leaks_process",
        {
            "process.join.blocks-until-terminated": "leak",
            "process.run.invokes-target": "pass",
            "pipe.call.returns-pair": "pass",
        },
        "left behind: 1 process (",
        IMPATIENT,
    ),
    Case(
        "litters",
        {"process.join.blocks-until-terminated": "leak", "pipe.call.returns-pair": "pass"},
        "left behind: 1 thread (litter); 2 files (litter-",
        (*ALONE, *IMPATIENT),
    ),
    Case(
        "noisy",
        {"process.join.blocks-until-terminated": "pass", "process.pid.is-process-id": "pass"},
        "",
        ("--jobs", "2"),
    ),
]


@pytest.fixture
def counter(tmp_path: Path) -> str:
    """Return where the flaky backend counts its processes."""
    return str(tmp_path / "counter")


def test_what_changes_is_flaky_with_its_counts(suite: Suite, counter: str) -> None:
    ids = ["pipe.call.returns-pair", "process.run.invokes-target"]
    ran = suite.judge("broken.flaky", ids, *ALONE, BROKEN_FLAKY_COUNTER=counter)
    assert_clean(ran, 1)
    assert ran.verdicts() == {"process.run.invokes-target": "pass", "pipe.call.returns-pair": "flaky"}
    line = ran.test("pipe.call.returns-pair")
    assert [attempt["verdict"] for attempt in line["attempts"]] == ["fail", "pass"]
    assert line["message"].startswith("passed 1 of 2 times; else: "), line["message"]
    assert "Pipe() fails in this process" in line["message"]


def test_repetition_counts_on(suite: Suite, counter: str) -> None:
    arguments = ("--repeat", "3", *ALONE)
    ran = suite.judge("broken.flaky", ["pipe.call.returns-pair"], *arguments, BROKEN_FLAKY_COUNTER=counter)
    assert_clean(ran, 1)
    line = ran.test("pipe.call.returns-pair")
    assert [attempt["verdict"] for attempt in line["attempts"]] == ["fail", "pass", "fail", "pass"]
    assert line["message"].startswith("passed 2 of 4 times; else: "), line["message"]
    assert "passed 2 of 4 times" in ran.stdout, ran.stdout


@pytest.mark.parametrize("isolation", ["fork", "fresh"])
def test_no_hook_of_pytest_sees_what_threads_of_the_backend_raise(suite: Suite, isolation: str) -> None:
    ran = suite.judge("broken.minds_hooks", ["process.pid.is-process-id"], *ALONE, "--isolation", isolation)
    assert set(ran.verdicts().values()) == {"pass"}, ran.because("process.pid.is-process-id")
    assert_clean(ran, 0)


OWN_NAMES = """
import sys
from mpconform.isolation import shared_memory
sys.exit(not shared_memory.own_names())
"""


@pytest.mark.parametrize("isolation", ["fork", "fresh"])
def test_what_a_test_leaves_in_shared_memory_is_its_own_leak(suite: Suite, isolation: str) -> None:
    if subprocess.run([sys.executable, "-c", OWN_NAMES]).returncode != 0:
        pytest.skip("this process may have no folder of names of its own")
    name = f"mpconform-tests-{os.getpid()}"
    ids = ["process.start.runs-run", "process.join.blocks-until-terminated", "pipe.call.returns-pair"]
    arguments = ("--jobs", "2", "--isolation", isolation)
    ran = suite.judge("broken.leaves_shared_memory", ids, *arguments, BROKEN_SHARED_NAME=name)
    assert_clean(ran, 1)
    assert ran.verdicts() == {ids[0]: "leak", ids[1]: "leak", ids[2]: "pass"}
    line = ran.test(ids[0])
    assert line["message"] == f"left behind: 1 name in shared memory ({name})"
    assert line["dossier"]["ledger"]["names"] == [name]
    assert not Path("/dev/shm", name).exists(), "it is seen outside of the run"


def test_a_backend_that_cannot_be_imported_is_wrong_usage(suite: Suite) -> None:
    ran = suite.judge("broken.import_fails")
    assert_clean(ran, 2)
    assert ran.stdout == ""
    [line] = ran.stderr.splitlines()
    assert line.startswith("mpconform: error: ")
    assert "broken.import_fails" in line
    assert "this backend cannot be imported" in line
    assert not ran.results.exists()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_defect_has_its_verdict(suite: Suite, case: Case) -> None:
    ran = suite.judge(f"broken.{case.backend}", list(case.verdicts), *case.arguments)
    assert_clean(ran, 0 if set(case.verdicts.values()) == {"pass"} else 1)
    assert ran.verdicts(case.verdicts) == case.verdicts
    line = ran.test(next(iter(case.verdicts)))
    assert case.message in line["message"]
    if line["verdict"] != "pass":
        assert len(line["attempts"]) == 2, "what goes wrong is tried again"
        assert line["dossier"]["reproducer"].startswith("from __future__"), line["dossier"]["reproducer"]
