"""Mutants of processes and exceptions."""

from __future__ import annotations

import atexit
import multiprocessing
import multiprocessing.connection
import multiprocessing.context
import multiprocessing.pool
import multiprocessing.popen_fork
import multiprocessing.process
import multiprocessing.util
import os
import signal
import time
from typing import Any

from mutants import mutant, replace

UNSEEN = {
    "process.sentinel.waitable-on-windows": "it is promised on Windows only",
}

BaseProcess: Any = multiprocessing.process.BaseProcess
Popen: Any = multiprocessing.popen_fork.Popen


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


# join().


@mutant("process.join.takes-timeout")
def join_takes_no_keyword() -> None:
    @replace(BaseProcess, "join")
    def join(original: Any, self: Any, *timeout: Any) -> None:
        original(self, *timeout)


@mutant("process.join.blocks-until-terminated")
def join_without_timeout_returns_at_once() -> None:
    @replace(BaseProcess, "join")
    def join(original: Any, self: Any, *timeout: Any) -> None:
        original(self, *(timeout or (0,)))


@mutant("process.join.timeout-none-blocks")
def join_with_none_returns_at_once() -> None:
    @replace(BaseProcess, "join")
    def join(original: Any, self: Any, *timeout: Any) -> None:
        original(self, *[0 if one is None else one for one in timeout])


@mutant("process.join.timeout-bounds-wait")
def join_ignores_the_timeout() -> None:
    @replace(BaseProcess, "join")
    def join(original: Any, self: Any, timeout: Any = None) -> None:
        original(self)


@mutant("process.join.timeout-ends-early")
def join_always_takes_the_whole_timeout() -> None:
    @replace(BaseProcess, "join")
    def join(original: Any, self: Any, timeout: Any = None) -> None:
        time.sleep(timeout or 0)
        original(self, timeout)


@mutant("process.join.returns-none-after-exit")
def join_returns_the_exit_code() -> None:
    @replace(BaseProcess, "join")
    def join(original: Any, self: Any, timeout: Any = None) -> Any:
        original(self, timeout)
        return self.exitcode


@mutant("process.join.returns-none-after-timeout")
def join_raises_when_time_is_up() -> None:
    @replace(BaseProcess, "join")
    def join(original: Any, self: Any, timeout: Any = None) -> None:
        original(self, timeout)
        if self.exitcode is None:
            raise TimeoutError


@mutant("process.join.exitcode-tells-outcome", "process.exitcode.none-before-termination")
def exitcode_is_zero_while_the_child_runs() -> None:
    original = BaseProcess.exitcode
    BaseProcess.exitcode = property(lambda self: original.fget(self) or 0)


@mutant("process.join.many-times")
def second_join_raises() -> None:
    @replace(BaseProcess, "join")
    def join(original: Any, self: Any, timeout: Any = None) -> None:
        if getattr(self, "joined", False):
            raise ValueError("joined already")
        self.joined = True
        original(self, timeout)


@mutant("process.join.refuses-itself", "process.join.before-start-is-an-error")
def join_returns_if_there_is_nothing_to_join() -> None:
    @replace(BaseProcess, "join")
    def join(original: Any, self: Any, timeout: Any = None) -> None:
        if self._popen is not None and self._parent_pid == os.getpid():
            original(self, timeout)


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


# is_alive() and the daemon flag.


@mutant("process.is_alive.false-before-start")
def alive_before_start() -> None:
    @replace(BaseProcess, "is_alive")
    def is_alive(original: Any, self: Any) -> bool:
        return self._popen is None or original(self)


@mutant("process.is_alive.true-while-running")
def never_alive() -> None:
    BaseProcess.is_alive = lambda self: False


@mutant("process.is_alive.false-after-termination")
def alive_until_joined() -> None:
    @replace(BaseProcess, "is_alive")
    def is_alive(original: Any, self: Any) -> bool:
        return self._popen is not None and self._popen.returncode is None


@mutant("process.daemon.is-a-boolean")
def the_daemon_flag_is_a_number() -> None:
    original = BaseProcess.daemon
    BaseProcess.daemon = property(lambda self: int(original.fget(self)), original.fset)


@mutant("process.daemon.settable-before-start")
def the_daemon_flag_cannot_be_changed() -> None:
    BaseProcess.daemon = property(BaseProcess.daemon.fget, lambda self, flag: None)


@mutant("process.daemon.terminated-at-exit", "process.daemon.terminated-when-child-exits")
def daemonic_children_are_left_alone() -> None:
    @replace(BaseProcess, "start")
    def start(original: Any, self: Any) -> None:
        original(self)
        if self.daemon:
            multiprocessing.process._children.discard(self)


@mutant("process.daemon.not-joined-at-exit")
def daemonic_children_are_joined_at_exit() -> None:
    @replace(Popen, "terminate")
    def terminate(original: Any, self: Any) -> None:
        time.sleep(0.5)
        self.wait()

    BaseProcess.terminate = lambda self: self._popen.terminate()


@mutant("process.exit.joins-non-daemonic-children", "process.exit.child-joins-its-children")
def other_children_are_forgotten_at_exit() -> None:
    @replace(BaseProcess, "start")
    def start(original: Any, self: Any) -> None:
        original(self)
        multiprocessing.process._children.discard(self)


@mutant("process.daemon.may-not-have-children")
def daemonic_processes_may_have_children() -> None:
    @replace(BaseProcess, "start")
    def start(original: Any, self: Any) -> None:
        multiprocessing.process.current_process()._config = {}
        original(self)


# pid, exitcode, authkey, sentinel.


@mutant("process.pid.none-before-start")
def the_pid_is_zero_before_start() -> None:
    original = BaseProcess.pid
    BaseProcess.pid = property(lambda self: original.fget(self) or 0)


@mutant("process.pid.is-process-id")
def the_pid_is_that_of_the_parent() -> None:
    BaseProcess.pid = BaseProcess.ident = property(lambda self: self._popen and self._parent_pid)


@mutant("process.exitcode.is-exit-status", "process.exitcode.sys-exit-number")
def exit_statuses_are_true_or_false() -> None:
    exitcode_is(lambda code: min(code, 1))


@mutant("process.exitcode.negative-signal", "process.kill.sends-sigkill", "process.example.terminated-child")
def signals_are_told_as_the_shell_does() -> None:
    exitcode_is(lambda code: code if code >= 0 else 128 - code)


@mutant("process.exitcode.zero-after-run-returns")
def exitcode_of_success_is_one() -> None:
    exitcode_is(lambda code: code or 1)


@mutant("process.exitcode.one-after-exception")
def exitcode_of_an_exception_is_two() -> None:
    exitcode_is(lambda code: code * 2)


def exitcode_is(shown: Any) -> None:
    """Show another exit code than that of the child."""
    original = BaseProcess.exitcode

    def exitcode(self: Any) -> Any:
        code = original.fget(self)
        return None if code is None else shown(code)

    BaseProcess.exitcode = property(exitcode)


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


@mutant("process.sentinel.is-an-integer")
def the_sentinel_is_an_object() -> None:
    sentinel_is(lambda self, sentinel: [sentinel])


@mutant("process.sentinel.ready-when-ended", "process.sentinel.wait-on-several", "process.sentinel.selectable-on-unix")
def the_sentinel_never_gets_ready() -> None:
    sentinel_is(lambda self, sentinel: self.__dict__.setdefault("unused", os.pipe())[0])


@mutant("process.sentinel.ready-when-ended", "process.sentinel.selectable-on-unix")
def the_sentinel_is_always_ready() -> None:
    sentinel_is(lambda self, sentinel: self.__dict__.setdefault("null", os.open(os.devnull, os.O_RDONLY)))


def sentinel_is(shown: Any) -> None:
    """Show another sentinel than the one that a process has."""
    original = BaseProcess.sentinel
    BaseProcess.sentinel = property(lambda self: shown(self, original.fget(self)))


# terminate(), kill(), close().


@mutant("process.terminate.ends-process", "process.kill.ends-process")
def signals_are_not_sent() -> None:
    Popen._send_signal = lambda self, number: None


@mutant("process.terminate.sends-sigterm", "process.example.terminated-child")
def terminate_kills() -> None:
    BaseProcess.terminate = BaseProcess.kill


@mutant("process.terminate.skips-finally", "process.kill.skips-finally")
def processes_are_interrupted() -> None:
    @replace(Popen, "_send_signal")
    def send(original: Any, self: Any, number: int) -> None:
        original(self, signal.SIGINT)


@mutant("process.kill.sends-sigkill")
def kill_terminates() -> None:
    BaseProcess.kill = BaseProcess.terminate


@mutant("process.terminate.skips-exit-handlers", "process.kill.skips-finally")
def exit_handlers_run_at_a_signal() -> None:
    @replace(BaseProcess, "_bootstrap")
    def bootstrap(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        signal.signal(signal.SIGUSR1, lambda number, frame: (atexit._run_exitfuncs(), os._exit(1)))
        return original(self, *args, **kwargs)

    @replace(Popen, "_send_signal")
    def send(original: Any, self: Any, number: int) -> None:
        original(self, signal.SIGUSR1)


@mutant("process.terminate.spares-descendants", "process.kill.spares-descendants")
def the_whole_group_is_ended() -> None:
    @replace(BaseProcess, "_bootstrap")
    def bootstrap(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        os.setpgid(0, 0)
        return original(self, *args, **kwargs)

    Popen._send_signal = lambda self, number: os.killpg(self.pid, number)


@mutant("process.close.releases-resources")
def close_releases_nothing() -> None:
    @replace(Popen, "close")
    def close(original: Any, self: Any) -> None:
        self.finalizer = None

    @replace(multiprocessing.util, "Finalize")
    def finalize(original: Any, *args: Any, **kwargs: Any) -> Any:
        return None


@mutant("process.close.raises-while-running")
def close_waits() -> None:
    @replace(BaseProcess, "close")
    def close(original: Any, self: Any) -> None:
        if self.exitcode is not None:
            original(self)


@mutant("process.close.members-raise-value-error")
def close_does_nothing() -> None:
    BaseProcess.close = lambda self: None


@mutant("process.repr.shows-state")
def the_text_form_shows_no_state() -> None:
    BaseProcess.__repr__ = object.__repr__


# Exceptions.


@mutant("exceptions.namespace.has-all")
def a_context_has_exceptions_of_its_own() -> None:
    for name in ("ProcessError", "BufferTooShort", "AuthenticationError", "TimeoutError"):
        setattr(multiprocessing.context.BaseContext, name, type(name, (Exception,), {}))


@mutant("process_error.class.is-an-exception")
def process_error_is_a_base_exception() -> None:
    multiprocessing.context.BaseContext.ProcessError = type("ProcessError", (BaseException,), {})


@mutant("process_error.class.base-of-all")
def the_exceptions_have_no_common_base() -> None:
    multiprocessing.context.BaseContext.ProcessError = type("ProcessError", (Exception,), {})


@mutant("buffer_too_short.recv_bytes_into.raised")
def a_short_buffer_raises_something_else() -> None:
    multiprocessing.connection.BufferTooShort = ValueError


@mutant("buffer_too_short.args.first-is-message")
def a_short_buffer_tells_no_message() -> None:
    multiprocessing.connection.BufferTooShort = lambda message: multiprocessing.BufferTooShort()


@mutant("authentication_error.class.raised")
def a_wrong_key_raises_something_else() -> None:
    multiprocessing.connection.AuthenticationError = ValueError


@mutant("timeout_error.class.raised")
def a_timeout_raises_something_else() -> None:
    multiprocessing.pool.TimeoutError = RuntimeError
