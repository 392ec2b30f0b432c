"""Mutants of the constructor, of run() and start(), of names and keys."""

from __future__ import annotations

import multiprocessing.process
import os
from typing import Any

from mutants import mutant, replace
from mutants.process_and_exceptions.common import BaseProcess

# The constructor.


@mutant("process.constructor.accepts-keywords")
def name_goes_by_another_keyword() -> None:
    @replace(BaseProcess, "__init__")
    def init(original: Any, self: Any, group: Any = None, target: Any = None, title: Any = None, *rest: Any) -> None:
        original(self, group, target, title, *rest)


@mutant("process.constructor.positional-order")
def args_and_kwargs_change_places() -> None:
    @replace(BaseProcess, "__init__")
    def init(
        original: Any, self: Any, g: Any = None, t: Any = None, n: Any = None, k: Any = (), a: Any = (), **o: Any
    ) -> None:
        original(self, g, t, n, a, k, **o)


@mutant("process.constructor.daemon-is-keyword-only")
def daemon_goes_by_position() -> None:
    @replace(BaseProcess, "__init__")
    def init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args[:5], **({"daemon": args[5]} if args[5:] else {}), **kwargs)


@mutant("process.constructor.group-accepts-none")
def group_is_refused() -> None:
    @replace(BaseProcess, "__init__")
    def init(original: Any, self: Any, **kwargs: Any) -> None:
        if "group" in kwargs:
            raise TypeError("no groups")
        original(self, **kwargs)


@mutant("process.constructor.target-defaults-to-nothing", "process.run.without-target")
def no_target_is_an_error() -> None:
    @replace(BaseProcess, "run")
    def run(original: Any, self: Any) -> None:
        if self._target is None:
            raise ValueError("no target")
        original(self)


@mutant("process.constructor.sets-name")
def names_are_cut() -> None:
    @replace(BaseProcess, "__init__")
    def init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self._name = self._name[:6]


@mutant("process.constructor.passes-args")
def args_are_reversed_for_the_child() -> None:
    @replace(BaseProcess, "start")
    def start(original: Any, self: Any) -> None:
        self._args = (*self._args[:1], *reversed(self._args[1:]))
        original(self)


@mutant("process.constructor.passes-kwargs")
def one_of_kwargs_is_lost() -> None:
    @replace(BaseProcess, "start")
    def start(original: Any, self: Any) -> None:
        self._kwargs = dict(list(self._kwargs.items())[1:])
        original(self)


@mutant("process.constructor.no-arguments-by-default")
def an_argument_is_added() -> None:
    @replace(BaseProcess, "start")
    def start(original: Any, self: Any) -> None:
        self._args = (*self._args, self)
        original(self)


@mutant("process.constructor.args-may-be-a-list")
def args_must_be_a_tuple() -> None:
    @replace(BaseProcess, "__init__")
    def init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        if not isinstance(kwargs.get("args", ()), tuple):
            raise TypeError("args is no tuple")
        original(self, *args, **kwargs)


@mutant("process.constructor.daemon-sets-flag")
def the_argument_daemon_is_ignored() -> None:
    @replace(BaseProcess, "__init__")
    def init(original: Any, self: Any, *args: Any, daemon: Any = None, **kwargs: Any) -> None:
        original(self, *args, **kwargs)


@mutant("process.constructor.daemon-none-inherits")
def daemon_is_false_by_default() -> None:
    @replace(BaseProcess, "__init__")
    def init(original: Any, self: Any, *args: Any, daemon: Any = None, **kwargs: Any) -> None:
        original(self, *args, daemon=bool(daemon), **kwargs)


@mutant("process.subclass.overridden-constructor")
def a_subclass_is_named_by_default() -> None:
    @replace(BaseProcess, "__init__")
    def init(original: Any, self: Any, *args: Any, name: Any = None, **kwargs: Any) -> None:
        original(self, *args, name=name if "Greeting" not in type(self).__name__ else None, **kwargs)


@mutant("process.class.has-methods-of-thread")
def is_alive_is_an_attribute() -> None:
    BaseProcess.is_alive = True


# run() and start().


@mutant("process.run.invokes-target")
def run_calls_the_target_twice() -> None:
    @replace(BaseProcess, "run")
    def run(original: Any, self: Any) -> None:
        original(self)
        original(self)


@mutant("process.run.passes-arguments")
def run_drops_kwargs() -> None:
    @replace(BaseProcess, "run")
    def run(original: Any, self: Any) -> None:
        self._target(*self._args)


@mutant("process.run.may-be-overridden")
def the_override_of_run_is_passed_over() -> None:
    @replace(BaseProcess, "start")
    def start(original: Any, self: Any) -> None:
        self.run = lambda: BaseProcess.run(self)
        original(self)


@mutant("process.start.runs-run")
def start_starts_a_child_without_a_target() -> None:
    @replace(BaseProcess, "start")
    def start(original: Any, self: Any) -> None:
        self._target = None
        original(self)


@mutant("process.start.runs-run-in-another-process")
def start_runs_the_target_here() -> None:
    @replace(BaseProcess, "start")
    def start(original: Any, self: Any) -> None:
        self.run()
        self._target = None
        original(self)


@mutant("process.start.returns-while-activity-runs")
def start_waits_for_the_child() -> None:
    @replace(BaseProcess, "start")
    def start(original: Any, self: Any) -> None:
        original(self)
        self.join()


@mutant("process.start.activity-runs-once")
def start_starts_again() -> None:
    @replace(BaseProcess, "start")
    def start(original: Any, self: Any) -> None:
        vars(self).update(vars(self).setdefault("as_it_was", dict(vars(self))))
        original(self)


# The name.


def name_is(shown: Any) -> None:
    """Show another name than the one that a process has."""
    original = BaseProcess.name
    BaseProcess.name = property(lambda self: shown(original.fget(self)), original.fset)


@mutant("process.name.is-a-string")
def the_name_is_a_byte_string() -> None:
    name_is(str.encode)


@mutant("process.name.may-be-shared")
def names_are_made_unique() -> None:
    used = set()

    @replace(BaseProcess, "start")
    def start(original: Any, self: Any) -> None:
        self._name += "'" if self._name in used else ""
        used.add(self._name)
        original(self)


@mutant("process.name.may-be-changed")
def the_name_cannot_be_changed() -> None:
    BaseProcess.name = property(BaseProcess.name.fget, lambda self, name: None)


@mutant("process.name.same-in-child")
def a_child_has_a_name_of_its_own() -> None:
    @replace(BaseProcess, "_bootstrap")
    def bootstrap(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        self._name = "child"
        return original(self, *args, **kwargs)


@mutant("process.name.default-form")
def the_default_name_has_no_hyphen() -> None:
    name_is(lambda name: name.replace("-", " "))


@mutant("process.name.default-numbers-children")
def default_names_count_from_zero() -> None:
    name_is(lambda name: name.replace("-2", "-1"))


@mutant("process.name.default-names-ancestors")
def default_names_leave_out_ancestors() -> None:
    name_is(lambda name: name.replace("-2:", "-"))


# The key.


@mutant("process.authkey.is-bytes")
def the_key_is_text() -> None:
    authkey_is(lambda key: key.hex())


@mutant("process.authkey.random-in-main")
def the_key_is_always_the_same() -> None:
    authkey_is(lambda key: b"the key")


def authkey_is(shown: Any) -> None:
    """Show another key than the one that a process has."""
    original = BaseProcess.authkey
    BaseProcess.authkey = property(lambda self: shown(original.fget(self)), original.fset)


@mutant("process.authkey.inherited", "process.authkey.same-in-child", "process.authkey.set-key-reaches-child")
def each_process_has_a_key_of_its_own() -> None:
    @replace(BaseProcess, "__init__")
    def init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self._config = {**self._config, "authkey": multiprocessing.process.AuthenticationString(os.urandom(32))}


@mutant("process.authkey.settable")
def the_key_cannot_be_set() -> None:
    BaseProcess.authkey = property(BaseProcess.authkey.fget, lambda self, key: None)


# Each parameter, each half of a sentence.


def parameter_goes_by_another_name(keyword: str) -> None:
    """Register a mutant whose constructor does not know a keyword."""

    def change() -> None:
        @replace(BaseProcess, "__init__")
        def init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
            if keyword in kwargs:
                raise TypeError(f"unexpected keyword argument {keyword!r}")
            original(self, *args, **kwargs)

    change.__name__ = f"{keyword}_is_no_keyword"
    mutant("process.constructor.accepts-keywords")(change)


for parameter in ("group", "target", "args", "kwargs", "daemon"):
    parameter_goes_by_another_name(parameter)


@mutant("process.constructor.positional-order")
def there_is_no_group() -> None:
    @replace(BaseProcess, "__init__")
    def init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *((None, *args) if args else ()), **kwargs)


@mutant("process.constructor.daemon-sets-flag")
def false_is_no_daemon_flag() -> None:
    @replace(BaseProcess, "__init__")
    def init(original: Any, self: Any, *args: Any, daemon: Any = None, **kwargs: Any) -> None:
        original(self, *args, daemon=daemon or None, **kwargs)


@mutant("process.constructor.daemon-none-inherits")
def none_is_taken_as_false() -> None:
    @replace(BaseProcess, "__init__")
    def init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        if "daemon" in kwargs:
            kwargs["daemon"] = bool(kwargs["daemon"])
        original(self, *args, **kwargs)


@mutant("process.subclass.overridden-constructor")
def attributes_of_a_subclass_are_lost() -> None:
    @replace(BaseProcess, "_bootstrap")
    def bootstrap(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        vars(self).pop("greeting", None)
        return original(self, *args, **kwargs)


@mutant("process.run.invokes-target")
def run_calls_nothing_here() -> None:
    main = os.getpid()

    @replace(BaseProcess, "run")
    def run(original: Any, self: Any) -> None:
        if os.getpid() != main:
            original(self)


@mutant("process.run.passes-arguments")
def run_drops_all_but_one_of_args() -> None:
    @replace(BaseProcess, "run")
    def run(original: Any, self: Any) -> None:
        self._args = self._args[:1]
        original(self)


@mutant("process.name.may-be-changed")
def the_child_has_the_initial_name() -> None:
    @replace(BaseProcess, "__init__")
    def init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.initial_name = self._name

    @replace(BaseProcess, "_bootstrap")
    def bootstrap(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        self._name = self.initial_name
        return original(self, *args, **kwargs)


@mutant("process.authkey.inherited")
def the_key_of_the_parent_is_looked_up_late() -> None:
    @replace(BaseProcess, "__init__")
    def init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self._config = multiprocessing.process.current_process()._config
