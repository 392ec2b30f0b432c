"""The constructor of a process, and what its arguments become."""

from __future__ import annotations

import functools
from typing import Any

from mpconform.kit import backend, each, raises, verifies, works


def record_call(journal: Any, *args: Any, **kwargs: Any) -> None:
    """Write down with what the target was called."""
    journal.write((args, kwargs))


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


@verifies("process.constructor.accepts-keywords")
@each(
    "argument",
    [("group", None), ("target", print), ("name", "x"), ("args", (1,)), ("kwargs", {"sep": ""}), ("daemon", True)],
)
def test_constructor_accepts_each_argument_by_keyword(mp, argument):
    name, value = argument
    with works(f"Process({name}={value!r})"):
        mp.Process(**{name: value})


@verifies("process.constructor.positional-order")
def test_constructor_takes_its_arguments_by_position(mp, journal):
    process = mp.Process(None, record_call, "fifth", (journal, 1), {"two": 2})
    assert process.name == "fifth", f"Process(None, f, 'fifth', …): name is {process.name!r}, promised 'fifth'"
    process.run()
    assert journal.read() == [((1,), {"two": 2})], (
        f"Process(None, f, name, (journal, 1), {{'two': 2}}): run() called f with {journal.read()}, "
        "promised [((1,), {'two': 2})] after journal"
    )


@verifies("process.constructor.daemon-is-keyword-only")
def test_constructor_refuses_daemon_by_position(mp):
    with raises(TypeError, "Process(None, None, None, (), {}, True), daemon by position"):
        mp.Process(None, None, None, (), {}, True)


@verifies("process.constructor.group-accepts-none")
def test_group_none_changes_nothing(mp, journal):
    process = mp.Process(group=None, target=record_call, args=(journal,))
    process.run()
    assert journal.read() == [((), {})], f"Process(group=None, target=f).run(): f was called {journal.read()}, not once"


@verifies("process.constructor.group-other-than-none")
def test_group_that_is_not_none(mp, observe):
    try:
        mp.Process(group="a group")
    except Exception as error:
        observe(f"refused: {type(error).__name__}")
    else:
        observe("accepted")


@verifies("process.constructor.target-defaults-to-nothing")
def test_process_without_target_starts_and_ends(mp):
    process = mp.Process()
    process.start()
    process.join()
    assert process.exitcode == 0, f"Process() without a target: exitcode is {process.exitcode!r}, promised 0"


@verifies("process.constructor.sets-name")
def test_name_is_the_one_given(mp):
    process = mp.Process(name="worker of the month")
    assert process.name == "worker of the month", f"Process(name='worker of the month').name is {process.name!r}"


@verifies("process.constructor.passes-kwargs")
def test_target_is_called_with_kwargs(mp, journal):
    process = mp.Process(target=record_call, args=(journal,), kwargs={"one": 1, "two": [2]})
    process.start()
    [(args, kwargs)] = journal.wait(1, "call of the target")
    process.join()
    assert kwargs == {"one": 1, "two": [2]}, f"kwargs={{'one': 1, 'two': [2]}}: the target got {kwargs!r}"
    assert args == (), f"no further args given: the target got {args!r}"


@verifies("process.constructor.no-arguments-by-default")
def test_target_is_called_with_nothing_by_default(mp, gate):
    process = mp.Process(target=gate.open)
    process.start()
    gate.wait("the target, which takes no arguments, is called without args and kwargs")
    process.join()


@verifies("process.constructor.args-may-be-a-list")
def test_args_may_be_a_list(mp, journal):
    with works("Process(target=f, args=[…]).run(), with a list"):
        mp.Process(target=record_call, args=[journal, 1, 2]).run()
    assert journal.read() == [((1, 2), {})], f"args=[journal, 1, 2]: the target got {journal.read()!r} after journal"


@verifies("process.constructor.daemon-sets-flag")
@each("flag", [True, False])
def test_daemon_argument_sets_the_flag(mp, flag):
    process = mp.Process(daemon=flag)
    assert process.daemon is flag, f"Process(daemon={flag}).daemon is {process.daemon!r}"


@verifies("process.subclass.overridden-constructor")
def test_subclass_may_override_the_constructor(mp, journal):
    process = greeting_process()(journal, "hello")
    process.start()
    [found] = journal.wait(1, "record of the subclass's run()")
    process.join()
    assert found == ("hello", "greeter"), (
        f"a subclass sets greeting='hello' and name='greeter' in its constructor: its run() in the child saw {found!r}"
    )


@verifies("process.class.has-methods-of-thread")
def test_process_has_what_a_thread_has(mp):
    process = mp.Process()
    for method in ("run", "start", "join", "is_alive"):
        assert callable(getattr(process, method, None)), f"Process().{method}: promised a method, as a thread has"
    for attribute in ("name", "daemon"):
        assert hasattr(process, attribute), f"Process().{attribute}: promised an attribute, as a thread has"
