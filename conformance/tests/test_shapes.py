"""Backends of unusual shapes, each judged for what it is: by its own declarations, and never by what surrounds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil
import pytest

from mpconform.registry import load_registry

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Ran, Suite

STARTS = "process.start.runs-run"
PIPE = "pipe.call.returns-pair"
PROCESSES = [STARTS, "process.join.blocks-until-terminated", "process.is_alive.false-before-start", PIPE]


def assert_clean(ran: Ran, status: int) -> None:
    """Assert the exit status of a run, and that nothing has outlived it."""
    assert ran.status == status, (ran.status, ran.stdout, ran.stderr)
    assert (ran.left, ran.files) == ([], [])


def needing(root: str) -> set[str]:
    """Return the requirement and all that need it, directly or not."""
    requirements = load_registry().requirements.values()
    found = {root}
    while more := {one.id for one in requirements if found.intersection(one.needs)} - found:
        found |= more
    return found


def test_a_get_context_that_hangs_costs_one_deadline(suite: Suite) -> None:
    ran = suite.judge("broken.hangs_in_get_context", [], "--", "-p", "impatient")
    assert_clean(ran, 3)
    [line] = [line for line in ran.stderr.splitlines() if line.startswith("mpconform: error: ")]
    assert line == (
        "mpconform: error: broken.hangs_in_get_context under fork: backend 'broken.hangs_in_get_context': "
        "getting it under 'fork' was not done within 3 s"
    )
    assert not any(line.startswith('{"kind": "test"') for line in ran.results.read_text().splitlines())


def test_plain_pytest_tells_of_a_get_context_that_hangs(suite: Suite) -> None:
    ran = suite.pytest("--backend", "broken.hangs_in_get_context", "-p", "impatient", "--requirement", PIPE)
    assert_clean(ran, 3)
    assert "getting it under 'fork' was not done within 3 s" in ran.stdout
    assert "Traceback" not in ran.stdout + ran.stderr


@pytest.mark.parametrize(("method", "isolation"), [("fork", "fork"), ("spawn", "fork"), ("spawn", "fresh")])
def test_what_a_backend_prints_changes_nothing(suite: Suite, method: str, isolation: str) -> None:
    ran = suite.judge("broken.noisy", PROCESSES, "--jobs", "2", "--isolation", isolation, method=method)
    assert_clean(ran, 0)
    assert ran.verdicts(PROCESSES) == dict.fromkeys(PROCESSES, "pass")
    assert "fake" not in ran.stdout, "what it printed is among what was to be read"


KEPT = ["process.start.runs-run", "process.join.timeout-none-blocks"]


@pytest.mark.parametrize("isolation", ["fork", "fresh"])
def test_what_is_kept_by_design_is_no_leak(suite: Suite, isolation: str) -> None:
    ran = suite.judge("broken.keeps_daemon:KeepsDaemon", KEPT, "--jobs", "2", "--isolation", isolation)
    assert_clean(ran, 0)
    assert ran.verdicts() == dict.fromkeys(KEPT, "pass")


def test_what_is_kept_is_a_leak_if_no_adapter_says_so(suite: Suite) -> None:
    ran = suite.judge("broken.keeps_daemon", KEPT, "--jobs", "2")
    assert_clean(ran, 1)
    assert ran.verdicts() == dict.fromkeys(KEPT, "leak")
    ledger = ran.test(KEPT[0])["dossier"]["ledger"]
    [process], [file] = ledger["processes"], ledger["files"]
    assert "the helper that is kept" in process
    assert file.startswith("kept-")
    assert (ledger["descriptors"], ledger["threads"]) == ([], []), "what does not grow is no leak"


def test_workers_that_inherit_nothing_find_their_way(suite: Suite) -> None:
    roots = ["pool.workers.run-tasks", "pool.workers.run-tasks-in-other-processes", "pool.apply.returns-the-result"]
    backend = "broken.inherits_nothing:InheritsNothing"
    ran = suite.judge(backend, [*roots, PIPE, STARTS], "--jobs", "2", method="spawn")
    assert_clean(ran, 0)
    unsupported = dict.fromkeys([PIPE, STARTS], "unsupported")
    assert ran.verdicts([*roots, PIPE, STARTS]) == {**dict.fromkeys(roots, "pass"), **unsupported}
    assert ran.because(PIPE) == "there is a pool and nothing else"


OPEN = "get_context.context.set_start_method"


@pytest.mark.parametrize(
    ("answer", "observed"), [("exit", "SystemExit"), ("crash", "crash: "), ("hang", "hang: not done within")]
)
def test_whatever_is_done_about_an_open_question_is_the_answer(suite: Suite, answer: str, observed: str) -> None:
    more = ("--jobs", "1", "--patience", "0.15")
    ran = suite.judge("broken.exits_when_asked", [OPEN, PIPE], *more, BROKEN_ANSWER=answer)
    assert_clean(ran, 0)
    assert ran.verdicts([OPEN, PIPE]) == {OPEN: "observed", PIPE: "pass"}
    [entry] = [entry for entry in ran.read().requirements if entry["id"] == OPEN]
    assert observed in str(entry["observation"])
    assert len(ran.test(OPEN)["attempts"]) == 1, "there is nothing to confirm"


def test_one_glob_says_all_that_is_not_offered(suite: Suite) -> None:
    globs = ["listener.family.*", "listener.accept.*", "connection.send.*", "client.call.*"]
    ran = suite.judge("broken.no_unix:NoUnix", globs, "--jobs", "2")
    verdicts = ran.verdicts()
    unsupported = {id_ for id_, verdict in verdicts.items() if verdict == "unsupported"}
    assert {id_: verdict for id_, verdict in verdicts.items() if verdict in ("fail", "blocked", "hang", "crash")} == {}
    assert_clean(ran, 0)
    root = "listener.family.af_unix"
    assert unsupported == needing(root).intersection(verdicts)
    assert ran.because(root) == "there are no Unix sockets"
    because = ran.because("listener.family.af_unix-default-address")
    assert because == f"needs {root}, which is unsupported: there are no Unix sockets"
    assert "pass" in verdicts.values()


@pytest.mark.parametrize(("adapter", "status"), [("Warm", 0), ("Cold", 1)])
def test_what_is_warmed_up_is_no_leak_and_ends_with_the_run(
    suite: Suite, tmp_path: Path, adapter: str, status: int
) -> None:
    log = tmp_path / "helpers"
    ran = suite.judge(f"broken.has_a_helper:{adapter}", PROCESSES, "--jobs", "1", BROKEN_HELPERS=str(log))
    assert_clean(ran, status)
    assert not any(psutil.pid_exists(int(pid)) for pid in log.read_text().split())
    if adapter == "Warm":
        assert ran.verdicts(PROCESSES) == dict.fromkeys(PROCESSES, "pass")
    else:
        assert ran.verdicts()[STARTS] == "leak"
