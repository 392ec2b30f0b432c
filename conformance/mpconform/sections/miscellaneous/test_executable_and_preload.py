"""set_executable() and set_forkserver_preload()."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from mpconform.kit import promise, verifies

PRELOAD = """
    import sys

    def tell(journal):
        loaded = sys.modules.get("preloaded")
        journal.write(("child", os.getpid(), None if loaded is None else loaded.pid))

    if __name__ == "__main__":
        package.set_start_method(sys.argv[1])
        package.set_forkserver_preload(sys.argv[3:])
        for _ in range(2):
            child = package.Process(target=tell, args=(Journal(sys.argv[2]),))
            child.start()
            child.join()
    """
"""A program that names modules to be preloaded and starts two children, which tell their pid and who imported."""

PRELOAD_MAIN = """
    import importlib
    import sys

    if __name__ != "__main__":
        Journal(os.environ["PRELOAD_JOURNAL"]).write(("main module", os.getpid()))

    def tell(journal, name):
        journal.write(("child", os.getpid(), importlib.import_module(name).pid))

    if __name__ == "__main__":
        method, path, folder, name = sys.argv[1:]
        os.environ["PRELOAD_JOURNAL"] = path
        sys.path.insert(0, folder)
        package.set_start_method(method)
        package.set_forkserver_preload([name, "__main__"])
        for _ in range(2):
            child = package.Process(target=tell, args=(Journal(path), name))
            child.start()
            child.join()
    """
"""A program that has a module of a folder preloaded that it adds to sys.path, and itself, and starts two children."""

IMPORTED = """
import os
import pickle

pid = os.getpid()
descriptor = os.open({path!r}, os.O_WRONLY | os.O_APPEND)
os.write(descriptor, pickle.dumps(("import", pid)))
os.close(descriptor)
print("printed by", pid)
"""
"""A module that writes to its output and to a journal which process imports it, and keeps the pid."""


def record_interpreter(journal: Any) -> None:
    """Write down the interpreter of this process, and what the wrapper below has left in its environment."""
    journal.write((sys.executable, os.environ.get("MPCONFORM_TESTS_WRAPPED")))


def interpreter(scratch: Any) -> str:
    """Make a file that runs the interpreter and leaves a trace in its environment; return its path."""
    path = Path(scratch.path("interpreter"))
    path.write_text(f'#!/bin/sh\nMPCONFORM_TESTS_WRAPPED=yes exec "{sys.executable}" "$@"\n')
    path.chmod(0o755)
    return str(path)


def check_interpreter(mp: Any, journal: Any, path: Any) -> None:
    """Check that a child runs the interpreter that was set."""
    mp.set_executable(path)
    child = mp.Process(target=record_interpreter, args=(journal,))
    child.start()
    [(_, trace)] = journal.wait(1, f"record of the next child after set_executable({path!r})")
    child.join()
    assert trace == "yes", f"set_executable({path!r}): the next child was not started by that file"


@verifies("set_executable.call.children-use-it")
def test_children_run_the_interpreter_that_was_set(mp, journal, scratch):
    check_interpreter(mp, journal, interpreter(scratch))


@verifies("set_executable.call.accepts-a-path-like-object")
def test_the_interpreter_may_be_a_path_like_object(mp, journal, scratch):
    check_interpreter(mp, journal, Path(interpreter(scratch)))


@verifies("set_executable.default.sys-executable")
def test_children_run_the_interpreter_of_their_parent(mp, journal):
    child = mp.Process(target=record_interpreter, args=(journal,))
    child.start()
    [(found, trace)] = journal.wait(1, "record of the child's interpreter")
    child.join()
    assert (found, trace) == (sys.executable, None), (
        f"the interpreter of a child is {found!r}, promised {sys.executable!r}, sys.executable of its parent"
    )


def preload(program: Any, scratch: Any, journal: Any, start_method: str, *names: str) -> tuple[Any, list[Any]]:
    """Run the program with these modules to be preloaded; return its outcome and what was written down."""
    folder = Path(scratch.folder)  # where the program runs, and where its children find modules
    folder.joinpath("preloaded.py").write_text(IMPORTED.format(path=journal.path))
    folder.joinpath("refusing.py").write_text("raise ImportError('not here')\n")
    outcome = program(PRELOAD, start_method, journal.path, *names)
    return outcome, journal.read()


def check_preloaded(outcome: Any, found: list[Any]) -> None:
    """Check that the module was imported once, by neither child, and that both have it."""
    imports = [entry[1] for entry in found if entry[0] == "import"]
    children = [entry[1:] for entry in found if entry[0] == "child"]
    assert len(children) == 2, f"set_forkserver_preload(): two children were started, {len(children)} ran; {outcome}"
    assert [importer for _, importer in children] == imports * 2 and len(imports) == 1, (
        f"set_forkserver_preload(['preloaded']): imported by the processes {imports}, promised once; the children find"
        f" it imported by {[importer for _, importer in children]}; {outcome}"
    )
    assert imports[0] not in [pid for pid, _ in children], (
        "set_forkserver_preload(): a child imported the module itself"
    )


@verifies("set_forkserver_preload.call.children-inherit-the-modules", "set_forkserver_preload.call.output-comes-once")
def test_children_inherit_what_was_preloaded(program, scratch, journal, start_method):
    os.environ.pop("PYTHONUNBUFFERED", None)  # what the server prints is to stay in its buffer
    outcome, found = preload(program, scratch, journal, start_method, "preloaded")
    with promise("set_forkserver_preload.call.children-inherit-the-modules"):
        check_preloaded(outcome, found)
    with promise("set_forkserver_preload.call.output-comes-once"):
        lines = sorted(line for line in outcome.output.splitlines() if line.startswith("printed by"))
        promised = sorted(f"printed by {pid}" for what, pid, *_ in found if what == "import")
        assert lines == promised, (
            f"set_forkserver_preload() of a module that prints once when it is imported: printed is {lines}, promised"
            f" {promised}; {outcome}"
        )


@verifies("set_forkserver_preload.call.ignores-importerror")
def test_modules_that_cannot_be_imported_are_ignored(program, scratch, journal, start_method):
    outcome, found = preload(program, scratch, journal, start_method, "no_such_module", "refusing", "preloaded")
    check_preloaded(outcome, found)
    assert outcome.errors == "" and outcome.status == 0, (
        f"set_forkserver_preload() of modules that raise ImportError: {outcome}, promised to be ignored silently"
    )


@verifies(
    "set_forkserver_preload.call.finds-modules-of-sys-path",
    "set_forkserver_preload.call.preloads-the-main-module",
)
def test_a_module_of_an_added_folder_and_the_main_module_are_preloaded(program, scratch, journal, start_method):
    folder = Path(scratch.path("added"))
    folder.mkdir()
    folder.joinpath("preloaded.py").write_text(IMPORTED.format(path=journal.path))
    outcome = program(PRELOAD_MAIN, start_method, journal.path, str(folder), "preloaded")
    found = journal.read()
    children = [entry[1] for entry in found if entry[0] == "child"]
    with promise("set_forkserver_preload.call.finds-modules-of-sys-path"):
        check_preloaded(outcome, found)
    with promise("set_forkserver_preload.call.preloads-the-main-module"):
        mains = [entry[1] for entry in found if entry[0] == "main module"]
        assert len(children) == 2 and len(mains) == 1 and mains[0] not in children, (
            f"set_forkserver_preload(['__main__']): the main module was imported by the processes {mains}, promised is"
            f" once, in the server, and by no child; the children are {children}; {outcome}"
        )


@verifies("set_forkserver_preload.call.no-effect-on-other-methods")
def test_nothing_is_preloaded_for_other_start_methods(program, scratch, journal, start_method):
    outcome, found = preload(program, scratch, journal, start_method, "preloaded")
    assert [entry[0] for entry in found] == ["child", "child"], (
        f"set_forkserver_preload(['preloaded']) and two children: {found}, promised no import; {outcome}"
    )
    assert [entry[2] for entry in found] == [None, None], f"children under {start_method} have the module: {found}"
