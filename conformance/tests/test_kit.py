"""The kit: what every test of the suite and every child that one starts is written with."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mpconform.kit import Overdue, Patience, Scratch, backend, cell, each, marks, raises, verifies
from mpconform.kit.program import Program


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait half a second for what must happen, so that what does not happen is told soon."""
    monkeypatch.setenv(cell.PATIENCE, "0.0625")


@pytest.fixture
def scratch(tmp_path: Path) -> Scratch:
    return Scratch(str(tmp_path))


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait as long as a run does."""
    monkeypatch.setenv(cell.PATIENCE, "1")


def other_process(body: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start an interpreter that runs the body, which finds the arguments in ``sys.argv``."""
    source = "import sys\nfrom mpconform.kit import Gate, Journal, Latch\n" + textwrap.dedent(body)
    return subprocess.Popen([sys.executable, "-c", source, *arguments])


def forked(body: Callable[[int], object], times: int = 1) -> list[int]:
    """Fork children that call the body and end; return their pids."""
    pids = []
    for number in range(times):
        pid = os.fork()
        if pid == 0:
            try:
                body(number)
            finally:
                os._exit(0)
        pids.append(pid)
    return pids


@pytest.mark.usefixtures("patient")
def test_a_gate_is_opened_by_another_process(scratch: Scratch) -> None:
    gate = scratch.gate()
    assert not gate.is_open()
    with other_process("Gate(sys.argv[1]).open()", gate.path) as other:
        gate.wait()
    assert gate.is_open()
    assert other.returncode == 0


@pytest.mark.usefixtures("patient")
def test_a_gate_holds_another_process_up(scratch: Scratch) -> None:
    gate, latch = scratch.gate(), scratch.latch()
    [pid] = forked(lambda number: (gate.wait(), latch.arrive()))
    Patience().never(latch.count, "the child goes through a gate that is shut")
    gate.open()
    os.waitpid(pid, 0)
    assert latch.count() == 1


def test_a_gate_that_stays_shut_is_overdue(scratch: Scratch) -> None:
    with pytest.raises(Overdue, match=r"^the door of the bank opens: not within 0\.5 s$"):
        scratch.gate().wait("the door of the bank opens")


@pytest.mark.usefixtures("patient")
def test_a_latch_counts_the_arrivals_of_all_processes(scratch: Scratch) -> None:
    latch = scratch.latch()
    forked_pids = forked(lambda number: [latch.arrive() for _ in range(20)], times=3)
    with other_process("Latch(sys.argv[1]).arrive()", latch.path):
        latch.wait(61)
    for pid in forked_pids:
        os.waitpid(pid, 0)
    assert latch.count() == 61


def test_a_latch_that_is_not_reached_is_overdue(scratch: Scratch) -> None:
    latch = scratch.latch()
    latch.arrive()
    with pytest.raises(Overdue, match=r"^2 guests: not within 0\.5 s$"):
        latch.wait(2, "guests")


@pytest.mark.usefixtures("patient")
def test_a_journal_keeps_what_all_processes_write(scratch: Scratch) -> None:
    journal = scratch.journal()
    large = "x" * 3000

    def write(number: int) -> None:
        for entry in range(50):
            journal.write((number, entry, large))

    pids = forked(write, times=3)
    with other_process("Journal(sys.argv[1]).write({'from': 'elsewhere'})", journal.path):
        values = journal.wait(151)
    for pid in pids:
        os.waitpid(pid, 0)
    assert values.count({"from": "elsewhere"}) == 1
    for number in range(3):
        written = [value for value in values if isinstance(value, tuple) and value[0] == number]
        assert written == [(number, entry, large) for entry in range(50)], f"entries of process {number} got mixed up"


def test_a_journal_is_read_while_an_entry_is_being_written(scratch: Scratch) -> None:
    journal = scratch.journal()
    journal.write("whole")
    size = Path(journal.path).stat().st_size
    journal.write("half of this one")
    os.truncate(journal.path, size + 9)
    assert journal.read() == ["whole"]


def test_a_journal_that_is_not_filled_is_overdue(scratch: Scratch) -> None:
    journal = scratch.journal()
    journal.write(1)
    with pytest.raises(Overdue, match=r"^2 confessions: not within 0\.5 s$"):
        journal.wait(2, "confessions")


def test_scratch_gives_everything_a_path_of_its_own(scratch: Scratch) -> None:
    made = [scratch.gate().path, scratch.gate().path, scratch.latch().path, scratch.journal().path, scratch.path()]
    assert len(set(made)) == 5
    assert {str(Path(path).parent) for path in made} == {scratch.folder}
    assert not Path(made[-1]).exists()


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize(
    ("latency", "awaiting", "watching"), [(0.001, 8, 1), (0.05, 8, 1), (0.2, 16, 1), (1.5, 60, 1.5), (5, 60, 2)]
)
def test_patience_grows_with_the_latency(latency: float, awaiting: float, watching: float) -> None:
    patience = Patience(latency)
    assert (patience.awaiting, patience.watching) == pytest.approx((awaiting, watching))
    assert patience.deadline > patience.awaiting


def test_patience_learns_of_the_cell_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cell.LATENCY, "0.5")
    monkeypatch.setenv(cell.PATIENCE, "3")
    patience = Patience()
    assert (patience.latency, patience.awaiting, patience.watching) == pytest.approx((0.5, 120, 3))


def test_until_returns_the_first_true_value() -> None:
    values = iter([0, None, "", "value", "another"])
    assert Patience().until(lambda: next(values), "a value comes") == "value"


def test_until_names_what_did_not_come() -> None:
    start = time.monotonic()
    with pytest.raises(Overdue, match=r"^a value comes: not within 0\.5 s$"):
        Patience().until(lambda: 0, "a value comes")
    assert time.monotonic() - start >= 0.5


def test_overdue_is_a_failed_assertion() -> None:
    assert issubclass(Overdue, AssertionError)


@pytest.mark.usefixtures("patient")
def test_never_watches_to_the_end_and_is_quiet_if_nothing_happens() -> None:
    start = time.monotonic()
    Patience().never(list, "something happens")
    assert time.monotonic() - start >= Patience().watching


@pytest.mark.usefixtures("patient")
def test_never_names_what_happened() -> None:
    values = iter([0, 0, 1])
    with pytest.raises(AssertionError, match=r"^the door opens: it did, 0\.0\d\d s after the watch began$"):
        Patience().never(lambda: next(values), "the door opens")


def test_raises_gives_the_exception() -> None:
    with raises(LookupError, "f()") as caught:
        raise KeyError("k")
    assert repr(caught.value) == "KeyError('k')"


def test_raises_takes_no_call_that_does_not_end_for_one_that_raises() -> None:
    with pytest.raises(Overdue, match=r"^f ends$"), raises(Exception, "f()"):
        raise Overdue("f ends")


def test_raises_complains_of_no_exception() -> None:
    with (
        pytest.raises(AssertionError, match=r"^f\(\): promised to raise ValueError, raised nothing$"),
        raises(ValueError, "f()"),
    ):
        pass


def test_raises_complains_of_another_exception_and_keeps_it() -> None:
    with pytest.raises(AssertionError) as failure, raises(ValueError, "f()"):
        raise OSError("no")
    assert str(failure.value) == "f(): promised to raise ValueError, raised OSError('no')"
    assert isinstance(failure.value.__cause__, OSError)


def test_raises_tells_exceptions_of_one_name_apart() -> None:
    other = type("ValueError", (Exception,), {"__module__": "elsewhere"})
    with pytest.raises(AssertionError) as failure, raises(ValueError, "f()"):
        raise other
    assert str(failure.value) == "f(): promised to raise builtins.ValueError, raised that of elsewhere"


def test_raises_does_not_stop_what_ends_a_process() -> None:
    with pytest.raises(SystemExit), raises(ValueError, "f()"):
        raise SystemExit(3)


def test_the_marks_are_plain_attributes() -> None:
    @verifies("a.b.c", "a.b.d")
    @each("size", range(3))
    @each("name", ["x"])
    def test() -> str:
        return "as it was"

    assert getattr(test, marks.VERIFIES) == ("a.b.c", "a.b.d")
    assert sorted(getattr(test, marks.EACH)) == [("name", ["x"]), ("size", [0, 1, 2])]
    assert test() == "as it was"


def test_a_child_finds_the_backend_by_the_environment(tmp_path: Path) -> None:
    source = (
        "from mpconform.kit import backend; import multiprocessing; mp = backend(); assert backend() is mp; "
        "assert mp.context is multiprocessing.get_context('spawn'), mp.context"
    )
    environment = {**os.environ, cell.ADAPTER: "mpadapters.builtin:Stdlib", cell.START_METHOD: "spawn"}
    subprocess.run([sys.executable, "-c", source], env=environment, check=True)


def test_there_is_no_backend_outside_of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(cell.ADAPTER, raising=False)
    backend.cache_clear()
    with pytest.raises(KeyError, match=cell.ADAPTER):
        backend()


def test_importing_the_kit_is_cheap() -> None:
    source = "import sys, mpconform.kit; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    found = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True).stdout.split()
    for heavy in (
        "pytest",
        "_pytest",
        "hypothesis",
        "multiprocessing",
        "mpadapters",
        "mpreports",
        "psutil",
        "subprocess",
    ):
        assert heavy not in found, f"importing mpconform.kit imports {heavy}, and every child pays for it"


@pytest.fixture
def program(scratch: Scratch) -> Program:
    """Run scripts in which ``mp`` is a string, which is enough to see that it is there."""
    return Program(scratch, "mp = 'the backend'\n")


@pytest.mark.usefixtures("patient")
def test_a_program_gives_its_output_errors_and_status(program: Program) -> None:
    outcome = program(
        """
        import sys
        print(__name__, mp, sys.argv[1:])
        print("oh dear", file=sys.stderr)
        sys.exit(3)
        """,
        "one",
        "two",
    )
    assert outcome.output == "__main__ the backend ['one', 'two']\n"
    assert outcome.errors == "oh dear\n"
    assert outcome.status == 3


@pytest.mark.usefixtures("patient")
def test_a_program_that_a_signal_ends(program: Program) -> None:
    assert program("import os, signal; os.kill(os.getpid(), signal.SIGKILL)").status == -signal.SIGKILL


@pytest.mark.usefixtures("patient")
def test_a_program_has_the_tools_without_the_suite(program: Program, scratch: Scratch) -> None:
    gate, latch, journal = scratch.gate(), scratch.latch(), scratch.journal()
    running = program.start(
        """
        import sys
        Latch(sys.argv[2]).arrive()
        Gate(sys.argv[1]).wait("the test opens the gate")
        Patience().until(lambda: True, "nothing")
        Journal(sys.argv[3]).write(sorted(name for name in sys.modules if name.startswith("mp")))
        print("done")
        """,
        gate.path,
        latch.path,
        journal.path,
    )
    latch.wait(1)
    assert running.output() == ""
    gate.open()
    outcome = running.outcome()
    assert (outcome.status, outcome.output) == (0, "done\n"), outcome
    assert journal.read() == [[]]


@pytest.mark.usefixtures("patient")
def test_a_program_can_be_signalled(program: Program, scratch: Scratch) -> None:
    latch = scratch.latch()
    running = program.start("import sys, time\nLatch(sys.argv[1]).arrive()\ntime.sleep(60)", latch.path)
    latch.wait(1)
    running.signal(signal.SIGTERM)
    assert running.outcome().status == -signal.SIGTERM


@pytest.mark.usefixtures("patient")
def test_a_process_that_outlives_its_program_holds_nothing_up(program: Program, scratch: Scratch) -> None:
    gate, latch = scratch.gate(), scratch.latch()
    outcome = program(
        """
        import sys
        print("before", flush=True)
        if os.fork() == 0:
            Gate(sys.argv[1]).wait()
            print("after", flush=True)
            Latch(sys.argv[2]).arrive()
        """,
        gate.path,
        latch.path,
    )
    assert (outcome.status, outcome.output) == (0, "before\n")
    gate.open()
    latch.wait(1, "end of the process that outlived its program")


def test_a_program_that_does_not_end_is_overdue_with_what_it_printed(program: Program) -> None:
    running = program.start(
        """
        import sys
        print("so far", flush=True)
        print("so bad", file=sys.stderr, flush=True)
        time.sleep(60)
        """
    )
    try:
        Patience(0.1).until(lambda: running.errors(), "the program prints")
        with pytest.raises(Overdue) as overdue:
            running.outcome()
    finally:
        running.process.kill()
        running.process.wait()
    assert str(overdue.value) == "the program ends: not within 0.5 s; it printed 'so far\\n', errors 'so bad\\n'"


def test_a_child_that_imports_the_kit_does_not_pay_for_typing():
    code = "import sys, mpconform.kit; sys.exit('typing' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
