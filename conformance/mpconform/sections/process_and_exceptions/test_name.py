"""The name of a process."""

from __future__ import annotations

import re
from typing import Any

from mpconform.kit import backend, verifies

NAMES = """
    import sys

    def record_name(journal):
        journal.write(package.current_process().name)

    def record_name_and_start_two(journal):
        record_name(journal)
        for _ in range(2):
            process = package.Process(target=record_name, args=(journal,))
            process.start()
            process.join()

    if __name__ == "__main__":
        package.set_start_method(sys.argv[1])
        journal = Journal(sys.argv[2])
        for target in record_name, record_name_and_start_two:
            process = package.Process(target=target, args=(journal,))
            process.start()
            process.join()
    """
"""Starts two children one after the other, the second of which starts two of its own; all record their names."""


def record_name(journal: Any) -> None:
    """Write down the name of the process that this runs in."""
    journal.write(backend().current_process().name)


def record_name_together(journal: Any, latch: Any) -> None:
    """Write down the name of the process that this runs in, when two run it at once."""
    latch.arrive()
    latch.wait(2, "children of the same name at once")
    record_name(journal)


@verifies("process.name.is-a-string")
def test_name_is_a_string(mp):
    for process in (mp.Process(), mp.current_process()):
        assert isinstance(process.name, str), f"name of {process!r} is {process.name!r}, promised a string"


@verifies("process.name.may-be-shared")
def test_two_processes_may_have_one_name(mp, journal, latch):
    processes = [mp.Process(target=record_name_together, args=(journal, latch), name="twin") for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    found = journal.wait(2, "records of children with the same name")
    assert found == ["twin", "twin"], f"two children named 'twin' run at once: they recorded {found}"


@verifies("process.name.may-be-changed")
def test_name_may_be_changed_before_start(mp, journal):
    process = mp.Process(target=record_name, args=(journal,), name="initial")
    process.name = "changed"
    assert process.name == "changed", f"name = 'changed': name is {process.name!r}"
    process.start()
    process.join()
    assert journal.read() == ["changed"], f"name = 'changed' before start(): the child's name is {journal.read()}"


@verifies("process.name.same-in-child")
def test_child_sees_its_name(mp, journal):
    process = mp.Process(target=record_name, args=(journal,), name="worker")
    process.start()
    process.join()
    assert journal.read() == ["worker"], (
        f"Process(name='worker'): current_process().name in the child is {journal.read()}, promised ['worker']"
    )


@verifies("process.name.default-form")
def test_default_name_has_the_documented_form(program, start_method, scratch):
    outcome = program(
        """
        import sys

        if __name__ == "__main__":
            package.set_start_method(sys.argv[1])
            print(package.Process().name)
        """,
        start_method,
    )
    name = outcome.output.strip()
    assert re.fullmatch(r"Process-\d+(:\d+)*", name), (
        f"name of a Process() without one: {name!r}, promised the form Process-N1:N2:…:Nk; {outcome}"
    )


@verifies("process.name.default-numbers-children")
def test_default_name_counts_the_children_of_a_parent(program, start_method, journal):
    outcome = program(NAMES, start_method, journal.path)
    found = [name for name in journal.read() if ":" not in name]
    assert found == ["Process-1", "Process-2"], (
        f"the first two children of a program are named {found}, promised ['Process-1', 'Process-2']; {outcome}"
    )


@verifies("process.name.default-names-ancestors")
def test_default_name_continues_that_of_the_parent(program, start_method, journal):
    outcome = program(NAMES, start_method, journal.path)
    found = journal.read()[2:]
    assert found == ["Process-2:1", "Process-2:2"], (
        f"the children of a program's second child are named {found}, "
        f"promised ['Process-2:1', 'Process-2:2']; {outcome}"
    )


@verifies("process.name.default-prefix-in-context")
def test_default_name_in_a_context(mp, observe):
    name = mp.Process().name
    observe(f"the name begins with {name.partition('-')[0]!r}")
