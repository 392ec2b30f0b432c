"""The processes of the module, which are threads, and the functions about them."""

from __future__ import annotations

import os
import threading

from mpconform.kit import Task, promise, verifies
from mpconform.sections.dummy_module.helpers import Elsewhere

NAMES = """
    Process ProcessError BufferTooShort AuthenticationError TimeoutError
    Pipe Queue SimpleQueue JoinableQueue active_children cpu_count current_process parent_process freeze_support
    get_all_start_methods get_context get_start_method set_executable set_forkserver_preload set_start_method
    Barrier BoundedSemaphore Condition Event Lock RLock Semaphore
    Value Array Manager Pool get_logger log_to_stderr connection managers pool sharedctypes
    """
MEMBERS = "run start join name is_alive daemon pid exitcode authkey sentinel terminate kill close"


@verifies("dummy.api.left-out")
def test_what_the_module_leaves_out(mp, observe):
    names = [name for name in NAMES.split() if not hasattr(mp.dummy, name)]
    members = [f"Process().{name}" for name in MEMBERS.split() if not hasattr(mp.dummy.Process(), name)]
    manager = [] if hasattr(mp.dummy.Manager(), "__enter__") else ["with Manager()"]
    observe("left out: " + (", ".join(names + members + manager) or "nothing"))


@verifies("dummy.process.runs-in-a-thread")
def test_a_process_is_a_thread_of_this_process(mp, gate, journal):
    def record():
        journal.write((os.getpid(), threading.get_ident()))
        gate.wait()

    process = Elsewhere(mp.dummy, record)
    [(pid, ident)] = journal.wait(1, "record of the target")
    gate.open()
    process.wait()
    assert pid == os.getpid(), f"the target ran in the process {pid}, promised a thread of this one, {os.getpid()}"
    assert ident != threading.get_ident(), "start() ran the target in the thread that called it, promised another"


@verifies("dummy.process.passes-the-objects-themselves")
def test_the_target_receives_the_objects_themselves(mp, gate):
    found = []

    def record(*args, **kwargs):
        found.append((args, kwargs))
        gate.open()

    given = [threading.Lock(), lambda: None, {}]  # the first two cannot be pickled
    process = mp.dummy.Process(target=record, args=tuple(given[:2]), kwargs={"third": given[2]})
    process.start()
    gate.wait("the target is called")
    process.join()
    [(args, kwargs)] = found
    assert [id(item) for item in (*args, kwargs.get("third"))] == [id(item) for item in given], (
        f"the target was called with {args} and {kwargs}, promised the very objects {given}, the last as third"
    )


@verifies(
    "dummy.process.name",
    "dummy.process.daemon-is-settable",
    "dummy.process.daemon-by-keyword",
    "dummy.freeze_support.has-no-effect",
)
def test_what_needs_no_start(mp):
    with promise("dummy.process.name"):
        found, default = mp.dummy.Process(name="a name").name, mp.dummy.Process().name
        assert found == "a name", f"Process(name='a name').name is {found!r}"
        assert isinstance(default, str), f"Process().name is {default!r}, promised a string"
    with promise("dummy.process.daemon-is-settable"):
        process = mp.dummy.Process()
        for flag in (True, False):
            process.daemon = flag
            assert process.daemon is flag, f"daemon = {flag}: daemon is {process.daemon!r}"
    with promise("dummy.process.daemon-by-keyword"):
        try:
            process = mp.dummy.Process(target=print, daemon=True)
        except TypeError as error:
            raise AssertionError(f"dummy.Process(daemon=True) raised {error!r}, Process takes it") from error
        assert process.daemon is True, f"dummy.Process(daemon=True).daemon is {process.daemon!r}"
    with promise("dummy.freeze_support.has-no-effect"):
        found = mp.dummy.freeze_support()
        assert found is None, f"freeze_support() returned {found!r}, promised None"


@verifies("dummy.process.is_alive", "dummy.process.exitcode")
def test_the_state_of_a_process(mp, gate):
    process = mp.dummy.Process(target=gate.wait)
    alive, codes = [process.is_alive()], [process.exitcode]
    process.start()
    alive.append(process.is_alive())
    codes.append(process.exitcode)
    gate.open()
    process.join()
    alive.append(process.is_alive())
    codes.append(process.exitcode)
    with promise("dummy.process.is_alive"):
        assert [bool(one) for one in alive] == [False, True, False], (
            f"is_alive() before start(), while the target runs, and after join(): {alive}, promised False, True, False"
        )
    with promise("dummy.process.exitcode"):
        assert codes == [None, None, 0], (
            f"exitcode before start(), while the target runs, and after join(): {codes}, promised None, None, 0"
        )


@verifies("dummy.process.join-waits")
def test_join_waits_for_the_target(mp, gate, patience):
    timeout = patience.timeout
    target = Elsewhere(mp.dummy, gate.wait)
    with patience.runs_out(timeout, f"join({timeout}) while the target runs"):
        target.process.join(timeout)

    def join_and_look():
        target.process.join()
        return target.ended

    join = Task(join_and_look)
    patience.never(join.is_done, "join() returns while the target runs")
    gate.open()
    ended = join.result("join() returns once the target has ended")
    assert ended, "join() returned while the target runs, promised to wait"


@verifies("dummy.process.subclass-overrides-run")
def test_a_subclass_overrides_run(mp, patience):
    class Recording(mp.dummy.Process):  # type: ignore[misc, name-defined]
        def run(self):
            self.ran_in = threading.get_ident()

    process = Recording()
    process.start()
    found = patience.until(
        lambda: getattr(process, "ran_in", None), "start() of a subclass calls the run() that it overrides"
    )
    process.join()
    assert found != threading.get_ident(), "start() of a subclass called run() in this thread, promised another"


@verifies("dummy.current_process.is-the-started-object")
def test_current_process_is_the_running_one(mp, patience):
    found = []
    process = mp.dummy.Process(target=lambda: found.append(mp.dummy.current_process()))
    process.start()
    patience.until(lambda: found, "current_process() in the target returns")
    process.join()
    here = mp.dummy.current_process()
    assert found[0] is process, f"current_process() in the target returned {found}, promised {process!r}"
    assert here is not process and here is mp.dummy.current_process(), (
        f"current_process() outside of {process!r} returned {here!r}, promised another object, the same each time"
    )


@verifies("dummy.active_children.those-that-run")
def test_active_children_are_those_that_run(mp, gate):
    ended, process, other = mp.dummy.Process(target=print), mp.dummy.Process(target=gate.wait), mp.dummy.Process()
    ended.start()
    ended.join()
    process.start()
    found = mp.dummy.active_children()
    gate.open()
    process.join()
    after = mp.dummy.active_children()
    assert isinstance(found, list) and found == [process], (
        f"active_children() returned {found!r}, promised a list of {process!r}, which runs; {ended!r} has ended and"
        f" {other!r} was not started"
    )
    assert after == [], f"active_children() after all have ended returned {after!r}, promised none"
