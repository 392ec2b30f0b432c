"""Chaos: nobody stays starved; what it shows is told with its schedule; a right backend is clean, a broken one not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mpconform.cli.errors import UsageError
from mpconform.cli.running import settled_chaos
from mpconform.isolation import chaos
from mpconform.isolation.chaos import ANY, Chaos, refusal
from mpconform.kit import Patience
from mpconform.kit.cell import CHAOS

if TYPE_CHECKING:
    from conftest import Suite

HERE = Path(__file__).parent

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there is chaos on Linux only")

TRIED = """
import os, time
from mpconform.isolation.chaos import Chaos, descendants, state_of, threads_of

pids = []
for _ in range(3):
    pid = os.fork()
    if pid == 0:
        while True:
            pass
    pids.append(pid)
for number in range(8):
    chaos = Chaos(f"1 test {number}")
    chaos.prepare()
    chaos.restore()
    end = time.monotonic() + 0.4
    while time.monotonic() < end:
        time.sleep(chaos.tick())
    chaos.release()
    assert chaos.told, "nobody was starved"
    assert os.sched_getscheduler(0) == os.SCHED_OTHER
    assert not any(f" {os.getpid()} " in line for line in chaos.told), "this process is not one of the sandbox"
    for pid in descendants():
        assert state_of(pid)[1] in "RS", (state_of(pid), chaos.told)
        assert all(os.sched_getscheduler(thread) == os.SCHED_OTHER for thread in threads_of(pid)), chaos.told
assert sorted(descendants()) == sorted(pids)
for pid in pids:
    os.kill(pid, 9)
    os.waitpid(pid, 0)
print("all went on")
"""


def test_nothing_stays_starved() -> None:
    ran = subprocess.run([sys.executable, "-c", TRIED], capture_output=True, text=True, timeout=60)
    assert ran.stdout == "all went on\n", ran.stderr


def test_what_is_killed_while_it_is_starved_is_no_trouble() -> None:
    source = """
import os, time
from mpconform.isolation.chaos import Chaos
pid = os.fork()
if pid == 0:
    time.sleep(60)
numbers = (number for number in range(100))
while True:
    chaos = Chaos(f"1 test {next(numbers)}")
    end = time.monotonic() + 0.05
    while chaos.descriptor is None and time.monotonic() < end:
        chaos.tick()
    if chaos.descriptor is not None:
        break
    chaos.release()
os.kill(pid, 9)
assert os.waitpid(pid, 0)[1] == 9
chaos.release()
for _ in range(3):
    chaos.next = 0
    chaos.tick()
print("went on")
"""
    ran = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=60)
    assert ran.stdout == "went on\n", ran.stderr


def test_a_schedule_is_drawn_from_its_name() -> None:
    def drawn(name: str) -> tuple[object, ...]:
        made = Chaos(name)
        return made.spans, made.core, made.by_turns, made.favourite, made.draws.random()

    assert drawn("1 test 1") == drawn("1 test 1")
    others = {drawn(name) for name in ("1 test 1", "2 test 1", "1 other 1", "1 test 2")}
    assert len(others) == 4


def test_patience_is_longer_by_what_may_be_stolen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(CHAOS, raising=False)
    plain = Patience(0.05)
    monkeypatch.setenv(CHAOS, "1")
    patience = Patience(0.05)
    assert patience.awaiting == plain.awaiting + Patience.MAY_STEAL
    assert patience.allowance == plain.allowance + Patience.MAY_STEAL
    assert patience.deadline >= plain.deadline + 2 * Patience.MAY_STEAL
    assert (patience.watching, patience.timeout) == (plain.watching, plain.timeout)


def test_elsewhere_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chaos.sys, "platform", "win32")
    assert refusal() == "it is there on Linux only, and this is win32"
    with pytest.raises(UsageError, match=r"^--chaos: it is there on Linux only, and this is win32$"):
        settled_chaos(3, update=False)


def test_seeds() -> None:
    assert settled_chaos(None, update=True) is None
    assert settled_chaos(7, update=False) == 7
    assert (settled_chaos(ANY, update=False) or 0) > 0


def test_what_chaos_shows_is_no_expectation(suite: Suite) -> None:
    ran = suite.judge("stdlib", ["lock.acquire.returns-true"], "--chaos", "3", "--update-expectations")
    assert ran.status == 2
    assert ran.stderr.startswith("mpconform: error: --chaos: ")
    assert ran.stderr.count("\n") == 1


@pytest.mark.parametrize("isolation", ["fork", "fresh"])
def test_a_right_backend_is_clean(suite: Suite, isolation: str) -> None:
    ids = ["lock.acquire.excludes-all-others", "queue.delivery.exactly-once", "process.terminate.spares-descendants"]
    ran = suite.judge("stdlib", ids, "--chaos", "11", "--isolation", isolation)
    assert ran.status == 0, (ran.stdout, ran.stderr)
    assert (ran.left, ran.files) == ([], [])
    assert ran.read().header["chaos"] == 11
    assert "chaos 11" in ran.stdout.splitlines()[0]


def test_without_it_the_results_do_not_speak_of_it(suite: Suite) -> None:
    ran = suite.judge("stdlib", ["lock.acquire.returns-true"], **{CHAOS: "4"})
    assert ran.status == 0
    assert "chaos" not in ran.read().header
    assert "chaos" not in ran.stdout


# By this seed, the schedule of the test has some long stops of the first process.
IMPATIENT = """
@verifies("lock.acquire.returns-true")
def test_nobody_is_ever_slow(mp):
    child = mp.Process(target=time.sleep, args=(60,), daemon=True)
    child.start()
    end = last = time.monotonic()
    end += 9
    while last < end:
        before, last = last, time.monotonic()
        assert last - before < 0.8, "somebody was slow"
"""
"""What holds unless somebody is starved for nearly a second, which a busy machine does not do."""


def test_what_chaos_shows_is_told_with_its_schedule(suite: Suite, tmp_path: Path) -> None:
    ran = suite.tests(IMPATIENT, "--chaos", "521")
    assert ran.status == 1, ran
    [test] = ran.read().tests
    assert test["verdict"] in ("fail", "flaky"), test
    assert len(test["attempts"]) == 5, "it is run again four times"
    assert "somebody was slow" in test["message"]
    schedule = "521 test_made_up.py::test_nobody_is_ever_slow 1"
    assert test["message"].endswith(f" [under chaos: schedule {schedule}]")
    assert test["dossier"] is not None
    told = test["dossier"]["traceback"]
    assert f"chaos 521, schedule 1 of {schedule.split()[1]}: " in told
    assert " stopped for " in told

    script = test["dossier"]["reproducer"]
    assert "mpconform run -b stdlib -m fork --chaos 521 -r lock.acquire.returns-true\n" in script
    assert f"    starve({schedule!r})\n" in script
    (tmp_path / "script.py").write_text(script)
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    ended = subprocess.run(
        [sys.executable, tmp_path / "script.py"], capture_output=True, text=True, timeout=60, env=environment
    )
    assert f"chaos 521, schedule 1 of {schedule.split()[1]}: " in ended.stderr
    if ended.returncode == 0:
        assert ended.stdout == "the promise is kept\n"
    else:
        assert (ended.returncode, "somebody was slow" in ended.stderr) == (1, True), ended


def test_a_failure_that_needs_no_chaos_is_one(suite: Suite) -> None:
    source = """
    @verifies("lock.acquire.returns-true")
    def test_it(mp):
        with promise("lock.acquire.returns-true"):
            assert mp is None, "it never holds"
    """
    ran = suite.tests(source, "--chaos", "2")
    [test] = ran.read().tests
    assert (test["verdict"], len(test["attempts"])) == ("fail", 5)
    assert "it never holds" in test["message"]
    assert "under chaos: schedule 2 " in test["message"]


def test_a_hang_is_ended_whoever_is_starved(suite: Suite) -> None:
    source = """
    @verifies("lock.acquire.returns-true")
    def test_it(mp):
        child = mp.Process(target=time.sleep, args=(600,))
        child.start()
        child.join()
    """
    ran = suite.tests(source, "--chaos", "4", "--patience", "0.1", "--no-confirm")
    [test] = ran.read().tests
    assert test["verdict"] == "hang"
    assert test["dossier"] is not None
    assert len(test["dossier"]["stacks"]) == 2
    assert all("File" in str(stack["stack"]) for stack in test["dossier"]["stacks"]), test["dossier"]["stacks"]
    assert ran.left == []


def test_a_broken_backend_is_caught(suite: Suite) -> None:
    """A lock that is taken over from whoever is slow, in twenty runs."""
    ids = ["lock.acquire.excludes-all-others"]
    chosen = {"MPCONFORM_TESTS_MUTANT": "racing:a_lock_is_leased"}
    ran = suite.judge("mutants.backend", ids, "--chaos", "1", "--repeat", "20", "--", "--no-confirm", **chosen)
    assert ran.verdicts(ids)[ids[0]] in ("fail", "flaky"), ran.stdout
    assert "under chaos: schedule 1 test_" in ran.because(ids[0])
