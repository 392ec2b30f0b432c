"""The name of a process."""

from __future__ import annotations

import re
from typing import Any

from mpconform.kit import promise, verifies

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
        print(package.Process().name)
    """
"""Starts two children one after the other, the second of which starts two of its own; all record their names.

At last it prints that of one more.
"""


def record_when_two_are_up(latch: Any, journal: Any, number: int) -> None:
    """Write the number down when two processes run this at once."""
    latch.arrive()
    latch.wait(2, "children of the same name at once")
    journal.write(number)


@verifies("process.name.may-be-shared")
def test_two_processes_may_have_one_name(mp, journal, latch):
    processes = [
        mp.Process(target=record_when_two_are_up, args=(latch, journal, number), name="twin") for number in range(2)
    ]
    for process in processes:
        process.start()
    found = journal.wait(2, "records of two children with the same name that run at once")
    for process in processes:
        process.join()
    assert sorted(found) == [0, 1], f"two children named 'twin', of the numbers 0 and 1: they recorded {found}"
    names = [process.name for process in processes]
    assert names == ["twin", "twin"], f"two processes with name='twin' are started: their names are {names}"


@verifies("process.name.default-form", "process.name.default-numbers-children", "process.name.default-names-ancestors")
def test_default_names_count_the_children_of_each_parent(program, start_method, journal):
    outcome = program(NAMES, start_method, journal.path)
    names = journal.read()
    with promise("process.name.default-form"):
        name = outcome.output.strip()
        assert re.fullmatch(r"Process-[1-9]\d*(:[1-9]\d*)*", name), (
            f"name of a Process() without one: {name!r}, promised the form Process-N1:N2:…:Nk; {outcome}"
        )
    with promise("process.name.default-numbers-children"):
        found = names[:2]
        assert found == ["Process-1", "Process-2"], (
            f"the first two children of a program are named {found}, promised ['Process-1', 'Process-2']; {outcome}"
        )
    with promise("process.name.default-names-ancestors"):
        parent, found = "".join(names[1:2]), names[2:]
        assert found == [f"{parent}:1", f"{parent}:2"], (
            f"the children of a program's second child, {parent}, are named {found}, "
            f"promised {[f'{parent}:1', f'{parent}:2']}; {outcome}"
        )


@verifies("process.name.default-prefix-in-context")
def test_default_name_in_a_context(mp, observe):
    name = mp.Process().name
    observe(f"the name begins with {name.partition('-')[0]!r}")
