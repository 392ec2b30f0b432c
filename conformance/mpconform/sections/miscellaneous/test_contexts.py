"""get_all_start_methods() and get_context(), and what the package leaves out."""

from __future__ import annotations

import os
import sys
import threading
import warnings

from mpconform.kit import promise, raises, verifies
from mpconform.sections.miscellaneous.helpers import mark, record_start_method

NAMES = """
    Process ProcessError BufferTooShort AuthenticationError TimeoutError
    Pipe Queue SimpleQueue JoinableQueue
    active_children cpu_count current_process parent_process freeze_support set_executable set_forkserver_preload
    Barrier BoundedSemaphore Condition Event Lock RLock Semaphore
    Value Array Manager Pool get_logger log_to_stderr
    """
"""What is documented of the package; those in the next list apart."""

START_METHOD_NAMES = ["get_all_start_methods", "get_context", "get_start_method", "set_start_method"]
"""The functions that concern the start method."""

OF_THREADING = ["active_count", "enumerate", "settrace", "setprofile", "Timer", "local"]
"""Names of threading that are documented not to be there."""


@verifies("start_methods.get_all.returns-known-names")
def test_start_methods_are_a_list_of_known_names(package):
    found = package.get_all_start_methods()
    assert isinstance(found, list), f"get_all_start_methods() returned {found!r}, promised a list"
    assert found and len(found) == len(set(found)) and set(found) <= {"fork", "spawn", "forkserver"}, (
        f"get_all_start_methods() returned {found}, promised names out of 'fork', 'spawn' and 'forkserver'"
    )


@verifies("start_methods.get_all.fork-and-spawn-on-unix")
def test_fork_and_spawn_are_supported_on_unix(package):
    found = package.get_all_start_methods()
    assert {"fork", "spawn"} <= set(found), f"get_all_start_methods() returned {found}, promised 'fork' and 'spawn'"


@verifies("start_methods.get_all.spawn-only-on-windows")
def test_only_spawn_is_supported_on_windows(package):
    found = package.get_all_start_methods()
    assert found == ["spawn"], f"get_all_start_methods() returned {found}, promised ['spawn'] on Windows"


@verifies("start_methods.get_all.each-is-supported", "get_context.method.children-are-started-so")
def test_each_start_method_starts_a_child_in_one_program(package, journal):
    mark()
    methods = package.get_all_start_methods()
    with promise("start_methods.get_all.each-is-supported"):
        for number, method in enumerate(methods, 1):
            child = package.get_context(method).Process(target=record_start_method, args=(journal, os.getpid()))
            child.start()
            records = journal.wait(number, f"records of children; the last is started by {method!r}, out of {methods}")
            child.join()
            assert records[-1] == method, f"a child of get_context({method!r}) was started by {records[-1]!r}"
    with promise("get_context.method.children-are-started-so"):
        found = journal.read()
        assert found == methods, f"Process of get_context(method) for each of {methods}: started by {found}"


def check_default(program, promised):
    """Check which start method a program has that sets none."""
    found = program("print(package.get_start_method())")
    assert found.output.strip() == promised, (
        f"print(get_start_method()) in a program that sets none: {found}, promised {promised!r} on {sys.platform}"
    )


@verifies("start_methods.default.fork-on-unix")
def test_the_default_is_fork(program):
    check_default(program, "fork")


@verifies("start_methods.default.forkserver-on-unix")
def test_the_default_is_forkserver(program):
    check_default(program, "forkserver")


@verifies("start_methods.default.spawn-elsewhere")
def test_the_default_is_spawn(program):
    check_default(program, "spawn")


@verifies("start_methods.fork.warns-in-a-threaded-process")
def test_fork_warns_while_another_thread_runs(mp, gate):
    thread = threading.Thread(target=gate.wait)
    thread.start()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        child = mp.Process(target=print)
        child.start()
    gate.open()
    thread.join()
    child.join()
    found = [warning.category.__name__ for warning in caught]
    assert "DeprecationWarning" in found, (
        f"start() by fork while another thread runs gave the warnings {found}, promised a DeprecationWarning"
    )


def check_names(package, names):
    """Check that each context has those of the names that the package has."""
    lacking = []
    for method in package.get_all_start_methods():
        context = package.get_context(method)
        lacking += [f"{method}: {name}" for name in names if hasattr(package, name) and not hasattr(context, name)]
    assert lacking == [], f"names that the package has and a context lacks: {', '.join(lacking)}; promised are the same"


@verifies("get_context.call.has-the-attributes-of-the-package")
def test_contexts_have_the_names_of_the_package(package):
    check_names(package, NAMES.split())


@verifies("get_context.call.has-the-functions-on-start-methods")
def test_contexts_have_the_functions_on_start_methods(package):
    check_names(package, START_METHOD_NAMES)


@verifies("get_context.method.has-that-start-method")
def test_a_context_tells_its_start_method(package):
    for method in package.get_all_start_methods():
        found = package.get_context(method).get_start_method()
        assert found == method, f"get_context({method!r}).get_start_method() returned {found!r}, promised {method!r}"


@verifies("get_context.method.leaves-the-start-method-unset")
def test_a_context_does_not_fix_the_start_method(program):
    outcome = program(
        """
        methods = package.get_all_start_methods()
        for method in methods:
            package.get_context(method)
        unset = package.get_start_method(allow_none=True)
        package.set_start_method(methods[-1])
        print(unset, package.get_start_method() == methods[-1])
        """
    )
    assert outcome.output.strip() == "None True", (
        "get_context() of each method, get_start_method(allow_none=True), set_start_method() with the last one, then"
        f" whether get_start_method() is that: {outcome}, promised None, because contexts leave it unset, and True"
    )


@verifies("get_context.method.unavailable-raises-valueerror")
def test_a_context_of_an_unknown_method_is_refused(package):
    for method in ("", "thread", "Fork"):
        with raises(ValueError, f"get_context({method!r})"):
            package.get_context(method)


@verifies("get_context.none.returns-the-default-context")
def test_the_context_of_none_is_the_default_one(program):
    outcome = program(
        """
        default = package.get_all_start_methods()[0]
        contexts = package.get_context(), package.get_context(None), package.get_context(method=None)
        print([context.get_start_method() == default and hasattr(context, "Process") for context in contexts])
        """
    )
    assert outcome.output.strip() == "[True, True, True]", (
        f"whether get_context(), get_context(None) and get_context(method=None) have the default method: {outcome}"
    )


@verifies("get_context.none.fixes-the-start-method")
def test_whether_the_context_of_none_fixes_the_start_method(program, observe):
    outcome = program("package.get_context()\nprint(package.get_start_method(allow_none=True))")
    observe(f"after get_context() the start method of the program is {outcome.output.strip()}")


@verifies("get_context.context.set_start_method")
def test_set_start_method_of_a_context(mp, start_method, observe):
    try:
        mp.get_context(start_method).set_start_method(start_method)
    except Exception as error:
        observe(f"raises {type(error).__name__}")
    else:
        observe("returns")


@verifies("namespace.threading.left-out")
def test_there_are_no_analogues_of_some_names_of_threading(mp, package):
    owners = {"the package": package, "a context": mp}
    found = [f"{name} in {what}" for what, owner in owners.items() for name in OF_THREADING if hasattr(owner, name)]
    assert found == [], f"there is {', '.join(found)}: promised are no analogues of these names of threading"
