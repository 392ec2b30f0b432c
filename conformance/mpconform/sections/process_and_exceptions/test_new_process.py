"""The constructor, and what a process object is before it is started; run(), called where the object was made."""

from __future__ import annotations

import functools
import os
from typing import Any

from mpconform.kit import backend, promise, raises, verifies, works


def record_call(journal: Any, *args: Any, **kwargs: Any) -> None:
    """Write down with what the target was called, and in which process."""
    journal.write((os.getpid(), args, kwargs))


@functools.cache
def greeting_process() -> Any:
    """Make a subclass that overrides the constructor; the backend is known in a run only."""

    class GreetingProcess(backend().Process):  # type: ignore[misc]
        def __init__(self, journal: Any, greeting: str) -> None:
            super().__init__(name="greeter")
            self.journal = journal
            self.greeting = greeting

        def run(self) -> None:
            self.journal.write((self.greeting, self.name))

    GreetingProcess.__qualname__ = "GreetingProcess"
    return GreetingProcess


def __getattr__(name: str) -> Any:
    """Let a child that unpickles an instance find its class in this module."""
    if name == "GreetingProcess":
        return greeting_process()
    raise AttributeError(name)


@verifies(
    "process.constructor.accepts-keywords",
    "process.constructor.daemon-is-keyword-only",
    "process.constructor.sets-name",
    "process.constructor.daemon-sets-flag",
    "process.class.has-methods-of-thread",
    "process.name.is-a-string",
    "process.daemon.is-a-boolean",
    "process.pid.none-before-start",
    "process.authkey.is-bytes",
    "process.authkey.inherited",
    "process.authkey.settable",
)
def test_process_object_that_was_not_started(mp):
    with promise("process.constructor.accepts-keywords"):
        given = {"group": None, "target": print, "name": "x", "args": (1,), "kwargs": {"sep": ""}, "daemon": True}
        for name, value in given.items():
            with works(f"Process({name}={value!r})"):
                mp.Process(**{name: value})
        with works("Process() with all keywords"):
            mp.Process(**given)
    with (
        promise("process.constructor.daemon-is-keyword-only"),
        raises(TypeError, "Process(None, None, None, (), {}, True), daemon by position"),
    ):
        mp.Process(None, None, None, (), {}, True)
    with promise("process.constructor.sets-name"):
        name = mp.Process(name="worker of the month").name
        assert name == "worker of the month", f"Process(name='worker of the month').name is {name!r}"
    with promise("process.constructor.daemon-sets-flag"):
        for flag in (True, False):
            found = mp.Process(daemon=flag).daemon
            assert found is flag, f"Process(daemon={flag}).daemon is {found!r}"
    process, both = mp.Process(), (mp.Process(), mp.current_process())
    with promise("process.class.has-methods-of-thread"):
        for method in ("run", "start", "join", "is_alive"):
            assert callable(getattr(process, method, None)), f"Process().{method}: promised a method, as a thread has"
        for attribute in ("name", "daemon"):
            assert hasattr(process, attribute), f"Process().{attribute}: promised an attribute, as a thread has"
    with promise("process.name.is-a-string"):
        for one in both:
            assert isinstance(one.name, str), f"name of {one!r} is {one.name!r}, promised a string"
    with promise("process.daemon.is-a-boolean"):
        for one in both:
            assert isinstance(one.daemon, bool), f"daemon of {one!r} is {one.daemon!r}, promised True or False"
    with promise("process.pid.none-before-start"):
        assert process.pid is None, f"pid before start() is {process.pid!r}, promised None"
    with promise("process.authkey.is-bytes"):
        for one in both:
            kind = type(one.authkey).__name__
            assert isinstance(one.authkey, bytes), f"authkey of {one!r} is a {kind}, promised a byte string"
    with promise("process.authkey.inherited"):
        current = mp.current_process()
        original = bytes(current.authkey)
        first, made_before = bytes(mp.Process().authkey), mp.Process()
        current.authkey = b"another key of the parent"
        second, kept = bytes(mp.Process().authkey), bytes(made_before.authkey)
        current.authkey = original
        assert first == original, f"authkey of a new process is {first!r}, promised the parent's, {original!r}"
        assert second == b"another key of the parent", (
            f"authkey of a new process is {second!r}, promised b'another key of the parent', which its parent then has"
        )
        assert kept == original, (
            f"authkey of a process that was made before its parent got another key is {kept!r}, promised {original!r}"
        )
    with promise("process.authkey.settable"):
        process.authkey = b"a key of its own"
        assert process.authkey == b"a key of its own", f"authkey = b'a key of its own': authkey is {process.authkey!r}"
        own = mp.current_process().authkey
        assert own != b"a key of its own", "authkey of a process object set: the parent's changed"


@verifies(
    "process.run.invokes-target",
    "process.run.passes-arguments",
    "process.run.without-target",
    "process.constructor.positional-order",
    "process.constructor.group-accepts-none",
    "process.constructor.args-may-be-a-list",
)
def test_run_where_the_process_was_made(mp, scratch):
    def calls(args: Any = (), **given: Any) -> Any:
        """Return in which process, and with what, run() calls a target that has these arguments."""
        journal = scratch.journal()
        mp.Process(target=record_call, args=type(args)([journal, *args]), **given).run()
        return journal.read()

    here = os.getpid()
    with promise("process.run.invokes-target"):
        found = calls()
        assert found == [(here, (), {})], (
            f"Process(target=f).run() in process {here}: f was called in {[call[0] for call in found]}, promised once"
            " and here"
        )
    with promise("process.run.passes-arguments"):
        found = calls((1, "b"), kwargs={"c": 3, "d": None})
        assert found == [(here, (1, "b"), {"c": 3, "d": None})], (
            f"Process(target=f, args=(journal, 1, 'b'), kwargs={{'c': 3, 'd': None}}).run(): f was called with {found}"
        )
    with promise("process.run.without-target"), works("Process().run()"):
        mp.Process().run()
    with promise("process.constructor.positional-order"):
        journal = scratch.journal()
        process = mp.Process(None, record_call, "fifth", (journal, 1), {"two": 2})
        assert process.name == "fifth", f"Process(None, f, 'fifth', …): name is {process.name!r}, promised 'fifth'"
        process.run()
        assert journal.read() == [(here, (1,), {"two": 2})], (
            f"Process(None, f, name, (journal, 1), {{'two': 2}}): run() called f with {journal.read()}, "
            "promised [((1,), {'two': 2})] after journal"
        )
    with promise("process.constructor.group-accepts-none"):
        found = calls(group=None)
        assert len(found) == 1, f"Process(group=None, target=f).run(): f was called {len(found)} times, not once"
    with promise("process.constructor.args-may-be-a-list"):
        with works("Process(target=f, args=[…]).run(), with a list"):
            found = calls([1, 2])
        assert found == [(here, (1, 2), {})], f"args=[journal, 1, 2]: the target got {found!r} after journal"


@verifies("process.constructor.group-other-than-none")
def test_group_that_is_not_none(mp, observe):
    try:
        mp.Process(group="a group")
    except Exception as error:
        observe(f"refused: {type(error).__name__}")
    else:
        observe("accepted")


@verifies(
    "process.constructor.target-defaults-to-nothing",
    "process.constructor.passes-kwargs",
    "process.constructor.no-arguments-by-default",
    "process.subclass.overridden-constructor",
)
def test_children_that_were_made_in_some_ways(mp, scratch, gate):
    with promise("process.constructor.target-defaults-to-nothing"):
        process = mp.Process()
        process.start()
        process.join()
        assert process.exitcode == 0, f"Process() without a target: exitcode is {process.exitcode!r}, promised 0"
    with promise("process.constructor.passes-kwargs"):
        journal = scratch.journal()
        process = mp.Process(target=record_call, args=(journal,), kwargs={"one": 1, "two": [2]})
        process.start()
        [(_, args, kwargs)] = journal.wait(1, "call of the target")
        process.join()
        assert kwargs == {"one": 1, "two": [2]}, f"kwargs={{'one': 1, 'two': [2]}}: the target got {kwargs!r}"
        assert args == (), f"no further args given: the target got {args!r}"
    with promise("process.constructor.no-arguments-by-default"):
        process = mp.Process(target=gate.open)
        process.start()
        gate.wait("the target, which takes no arguments, is called without args and kwargs")
        process.join()
    with promise("process.subclass.overridden-constructor"):
        journal = scratch.journal()
        process = greeting_process()(journal, "hello")
        process.start()
        [found] = journal.wait(1, "record of the subclass's run()")
        process.join()
        assert found == ("hello", "greeter"), (
            "a subclass sets greeting='hello' and name='greeter' in its constructor: its run() in the child saw"
            f" {found!r}"
        )


@verifies("process.authkey.random-in-main")
def test_main_process_of_each_program_has_a_key_of_its_own(program):
    script = "print(bytes(mp.current_process().authkey).hex())"
    outcomes = [running.outcome() for running in [program.start(script) for _ in range(2)]]
    keys = [outcome.output.strip() for outcome in outcomes]
    assert keys[0] and keys[1], f"authkey of the main process: {outcomes}, promised a random byte string"
    assert keys[0] != keys[1], f"authkey of the main process: {keys[0]} in two programs, promised to be random"
