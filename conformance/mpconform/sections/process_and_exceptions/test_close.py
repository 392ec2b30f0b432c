"""close(), and the methods that belong to the creator of a process object."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mpconform.kit import raises, verifies, works

METHODS = ("start", "join", "is_alive", "terminate", "kill")
ATTRIBUTES = ("name", "daemon", "pid", "ident", "exitcode", "authkey", "sentinel")


def nothing() -> None:
    """Run to the end at once."""


def record_when_open(gate: Any, journal: Any) -> None:
    """Run until the gate opens, then write that down."""
    gate.wait()
    journal.write("the child ran to its end")


def count_descriptors() -> int:
    """Return how many file descriptors are open in this process."""
    return len(list(Path("/dev/fd").iterdir()))


def use(process: Any, member: str) -> str:
    """Call the method, or get the attribute, and tell what came of it in a word."""
    try:
        value = getattr(process, member)
        if member in METHODS:
            value()
    except Exception as error:
        return type(error).__name__
    return "works"


def use_started_and_new(started: Any, new: Any, journal: Any) -> None:
    """Use, in a child, process objects that the parent made."""
    for process, member in ((new, "start"), (started, "join"), (started, "is_alive"), (started, "exitcode")):
        journal.write(f"{member}: {use(process, member)}")
    journal.write(f"terminate: {use(started, 'terminate')}")


@verifies("process.close.releases-resources")
def test_close_releases_file_descriptors(mp):
    processes = []
    for _ in range(3):
        process = mp.Process(target=nothing)
        process.start()
        process.join()
        process.close()
        processes.append(process)  # kept, so that only close() can have released what it holds
        if len(processes) == 1:  # the first one may open what the backend keeps for all
            before = count_descriptors()
    after = count_descriptors()
    assert after <= before, f"start(), join(), close() of two more processes: {before} open descriptors became {after}"


@verifies("process.close.whenever-it-does-not-run")
def test_close_of_a_child_that_was_not_joined_and_of_one_that_was_not_started(mp, lifelines, patience):
    process = mp.Process(target=lifelines.hold)
    process.start()
    lifelines.wait(1, "child that runs")
    lifelines.wait_until_ended("the child ends")
    patience.until(lambda: process.exitcode is not None, "exitcode tells that the child has ended")
    for closed, what in ((process, "a child that has ended and was not joined"), (mp.Process(), "a new process")):
        with works(f"close() of {what}"):
            closed.close()
        with raises(ValueError, f"is_alive() after close() of {what}"):
            closed.is_alive()


@verifies("process.close.raises-while-running")
def test_close_raises_while_the_child_runs(mp, gate, journal, patience):
    process = mp.Process(target=record_when_open, args=(gate, journal))
    process.start()
    try:
        for count in ("", ", once more"):
            with patience.at_once("close()"), raises(ValueError, f"close() while the child runs{count}"):
                process.close()
        alive = process.is_alive()
        assert alive, f"close() was refused while the child runs: is_alive() returned {alive!r} then, promised True"
    finally:
        gate.open()
    journal.wait(1, "record of a child that runs on when close() was refused")
    process.join()


@verifies("process.close.members-raise-value-error")
def test_most_members_raise_value_error_after_close(mp):
    process = mp.Process(target=nothing)
    process.start()
    process.join()
    process.close()
    found = {member: use(process, member) for member in METHODS + ATTRIBUTES}
    raising = [member for member, answer in found.items() if answer == "ValueError"]
    assert len(raising) > len(found) / 2, f"after close(): {found}, promised ValueError from most"


@verifies("process.close.which-members-raise")
def test_which_members_raise_after_close(mp, observe):
    process = mp.Process(target=nothing)
    process.start()
    process.join()
    process.close()
    observe(", ".join(f"{member}: {use(process, member)}" for member in METHODS + ATTRIBUTES))


@verifies("process.creator.calls-from-another-process")
def test_methods_called_by_another_process_than_the_creator(mp, gate, journal, observe):
    started, new = mp.Process(target=gate.wait), mp.Process(target=nothing)
    started.start()
    caller = mp.Process(target=use_started_and_new, args=(started, new, journal))
    caller.start()
    answers = journal.wait(5, "answers")
    gate.open()
    caller.join()
    started.join()
    observe(", ".join(answers))
