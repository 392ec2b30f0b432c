"""get_all_start_methods() and get_context(), and what the package leaves out."""

from __future__ import annotations

import os
import sys
import threading
import warnings

from mpconform.kit import promise, raises, verifies
from mpconform.sections.miscellaneous.helpers import TELL, mark, record_start_method, told

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


@verifies(
    "start_methods.get_all.returns-known-names",
    "start_methods.get_all.fork-and-spawn-on-unix",
    "get_context.call.has-the-attributes-of-the-package",
    "get_context.call.has-the-functions-on-start-methods",
    "get_context.method.has-that-start-method",
    "get_context.method.unavailable-raises-valueerror",
    "namespace.threading.left-out",
)
def test_start_methods_and_their_contexts(mp, package):
    methods = package.get_all_start_methods()
    with promise("start_methods.get_all.returns-known-names"):
        assert isinstance(methods, list), f"get_all_start_methods() returned {methods!r}, promised a list"
        assert methods and len(methods) == len(set(methods)) and set(methods) <= {"fork", "spawn", "forkserver"}, (
            f"get_all_start_methods() returned {methods}, promised names out of 'fork', 'spawn' and 'forkserver'"
        )
    with promise("start_methods.get_all.fork-and-spawn-on-unix"):
        missing = {"fork", "spawn"} - set(methods)
        assert not missing, f"get_all_start_methods() returned {methods}, promised 'fork' and 'spawn'"
    with promise("get_context.call.has-the-attributes-of-the-package"):
        check_names(package, NAMES.split())
    with promise("get_context.call.has-the-functions-on-start-methods"):
        check_names(package, START_METHOD_NAMES)
    with promise("get_context.method.has-that-start-method"):
        for method in methods:
            for context in (package.get_context(method), package.get_context(method=method)):
                found = context.get_start_method()
                assert found == method, f"get_context({method!r}).get_start_method(): {found!r}, promised {method!r}"
    with promise("get_context.method.unavailable-raises-valueerror"):
        for owner, what in ((package, "the package"), (mp, "a context")):
            for method in ("", "thread", "Fork"):
                with raises(ValueError, f"get_context({method!r}) of {what}"):
                    owner.get_context(method)
    with promise("namespace.threading.left-out"):
        owners = {"the package": package, "a context": mp}
        found = [f"{name} in {what}" for what, owner in owners.items() for name in OF_THREADING if hasattr(owner, name)]
        assert found == [], f"there is {', '.join(found)}: promised are no analogues of these names of threading"


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


@verifies("get_context.method.pools-and-managers-are-started-so")
def test_each_process_of_a_context_is_started_by_its_method(mp, start_method, scratch):
    mark()
    journal = scratch.journal()
    with mp.Pool(1) as pool:
        pool.apply(record_start_method, (journal, os.getpid()))
    pool.join()
    manager = mp.managers.SyncManager(ctx=mp.get_context(start_method))
    manager.start(record_start_method, (journal, os.getpid()))
    manager.shutdown()
    found = journal.read()
    assert found == [start_method] * 2, (
        f"the process of a Pool and that of a manager of the context of {start_method!r} were started by {found},"
        " promised is that method"
    )


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


@verifies("get_context.none.returns-the-default-context", "get_context.none.fixes-the-start-method")
def test_the_context_of_none_is_the_default_one(program, package):
    outcome = program(
        TELL
        + """
    default, other = package.get_all_start_methods()[:2]
    tell("unset", lambda: package.get_start_method(allow_none=True))
    contexts = package.get_context(), package.get_context(None), package.get_context(method=None)
    tell("methods", lambda: [context.get_start_method() for context in contexts])
    tell("process", lambda: [hasattr(context, "Process") for context in contexts])
    tell("default", lambda: default)
    tell("fixed", lambda: package.get_start_method(allow_none=True))
    tell("set", lambda: package.set_start_method(other))
    """
    )
    found = told(outcome)
    default = found.get("default")
    with promise("get_context.none.returns-the-default-context"):
        assert found.get("methods") == [default] * 3 and found.get("process") == [True] * 3, (
            "get_start_method() of get_context(), get_context(None) and get_context(method=None), and whether each has"
            f" Process: {found.get('methods')}, {found.get('process')}, promised {default!r} and True; {outcome}"
        )
    with promise("get_context.none.fixes-the-start-method"):
        answers = [found.get(question, "no answer") for question in ("unset", "fixed", "set")]
        assert answers == [None, default, "raised RuntimeError"], (
            "get_start_method(allow_none=True) before get_context() and after it, then set_start_method() with another"
            f" method: {answers}, promised None, {default!r} and RuntimeError; {outcome}"
        )


@verifies("get_context.none.fixes-or-leaves-the-start-method")
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
