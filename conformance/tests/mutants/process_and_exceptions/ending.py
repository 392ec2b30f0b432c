"""Mutants of the ends of processes: at exit, by terminate() and kill(); of close() and of exceptions."""

from __future__ import annotations

import atexit
import multiprocessing
import multiprocessing.connection
import multiprocessing.context
import multiprocessing.pool
import multiprocessing.process
import multiprocessing.util
import os
import signal
import sys
import time
from typing import Any

from mutants import mutant, replace
from mutants.process_and_exceptions.common import BaseProcess, Popen

# The daemon flag, and what is done at exit.


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


# Each way to exit, each half of a sentence.


def leave_children_alone() -> None:
    """Let this process do nothing about its children when it exits."""
    atexit.unregister(multiprocessing.util._exit_function)
    multiprocessing.util._exit_function = lambda *args, **kwargs: None


@mutant("process.daemon.terminated-at-exit", "process.exit.joins-non-daemonic-children")
def a_program_that_fails_leaves_its_children() -> None:
    def hook(*args: Any) -> None:
        leave_children_alone()
        sys.__excepthook__(*args)

    sys.excepthook = hook


@mutant("process.daemon.terminated-at-exit")
def sys_exit_leaves_children_alone() -> None:
    @replace(sys, "exit")
    def leave(original: Any, *args: Any) -> None:
        leave_children_alone()
        original(*args)


@mutant("process.daemon.terminated-when-child-exits", "process.exit.child-joins-its-children")
def a_child_that_fails_leaves_its_children() -> None:
    @replace(BaseProcess, "run")
    def run(original: Any, self: Any) -> None:
        try:
            original(self)
        except Exception:
            leave_children_alone()
            raise


@mutant("process.daemon.terminated-when-child-exits")
def a_child_that_calls_sys_exit_leaves_its_children() -> None:
    @replace(BaseProcess, "run")
    def run(original: Any, self: Any) -> None:
        try:
            original(self)
        except SystemExit:
            leave_children_alone()
            raise


@mutant("process.daemon.not-joined-at-exit")
def daemonic_children_are_joined_until_they_give_up() -> None:
    def leave(*args: Any, **kwargs: Any) -> None:
        for child in multiprocessing.process.active_children():
            child.join()

    leave_children_alone()
    multiprocessing.util._exit_function = leave
    atexit.register(leave)


@mutant("process.exit.joins-non-daemonic-children", "process.exit.child-joins-its-children")
def children_are_joined_for_a_moment_at_exit() -> None:
    def leave(*args: Any, **kwargs: Any) -> None:
        for child in multiprocessing.process.active_children():
            child.join(0.1)

    leave_children_alone()
    multiprocessing.util._exit_function = leave
    atexit.register(leave)


@mutant("process.daemon.may-not-have-children")
def daemonic_processes_may_have_daemonic_children() -> None:
    @replace(BaseProcess, "start")
    def start(original: Any, self: Any) -> None:
        if self.daemon:
            multiprocessing.process.current_process()._config = {}
        original(self)


@mutant("process.daemon.may-not-have-children")
def start_raises_and_the_child_runs_all_the_same() -> None:
    @replace(BaseProcess, "start")
    def start(original: Any, self: Any) -> None:
        if multiprocessing.process.current_process().daemon and os.fork() == 0:
            self.run()
            os._exit(0)
        original(self)


@mutant("process.close.whenever-it-does-not-run")
def close_must_come_after_join() -> None:
    @replace(BaseProcess, "join")
    def join(original: Any, self: Any, timeout: Any = None) -> None:
        original(self, timeout)
        self.joined = True

    @replace(BaseProcess, "close")
    def close(original: Any, self: Any) -> None:
        if self._popen is not None and not hasattr(self, "joined"):
            raise ValueError("not joined")
        original(self)


@mutant("process.close.whenever-it-does-not-run")
def close_must_come_after_start() -> None:
    @replace(BaseProcess, "close")
    def close(original: Any, self: Any) -> None:
        if self._popen is None:
            raise ValueError("not started")
        original(self)


@mutant("process.close.raises-while-running")
def close_raises_something_else() -> None:
    @replace(BaseProcess, "close")
    def close(original: Any, self: Any) -> None:
        try:
            original(self)
        except ValueError:
            raise RuntimeError("it runs") from None


@mutant("process.close.raises-while-running")
def close_waits_a_while_before_it_raises() -> None:
    @replace(BaseProcess, "close")
    def close(original: Any, self: Any) -> None:
        self.join(2.5)
        original(self)


@mutant("process.close.members-raise-value-error")
def members_raise_something_else_after_close() -> None:
    @replace(BaseProcess, "_check_closed")
    def check(original: Any, self: Any) -> None:
        if self._closed:
            raise AttributeError("closed")


@mutant("exceptions.namespace.has-all")
def the_package_lacks_an_exception() -> None:
    delattr(multiprocessing, "BufferTooShort")


@mutant("process_error.class.base-of-all")
def the_timeout_error_is_the_built_in_one() -> None:
    multiprocessing.context.BaseContext.TimeoutError = TimeoutError


@mutant("buffer_too_short.recv_bytes_into.raised")
def the_offset_is_not_taken_off_the_room() -> None:
    @replace(multiprocessing.connection.Connection, "recv_bytes_into")
    def recv_bytes_into(original: Any, self: Any, buffer: Any, offset: int = 0) -> Any:
        try:
            return original(self, buffer, offset)
        except multiprocessing.BufferTooShort as error:
            if offset and len(error.args[0]) <= len(buffer):
                return len(error.args[0])
            raise


@mutant("buffer_too_short.args.first-is-message")
def a_short_buffer_tells_the_beginning_of_the_message() -> None:
    multiprocessing.connection.BufferTooShort = lambda message: multiprocessing.BufferTooShort(message[:1000])


def authentication_error_is_lost(name: str) -> None:
    """Let one of the two steps of authentication raise something else."""

    @replace(multiprocessing.connection, name)
    def step(original: Any, end: Any, key: bytes) -> None:
        try:
            original(end, key)
        except multiprocessing.AuthenticationError:
            raise OSError("refused") from None


@mutant("authentication_error.class.raised")
def the_side_that_checks_raises_something_else() -> None:
    authentication_error_is_lost("deliver_challenge")


@mutant("authentication_error.class.raised")
def the_side_that_is_checked_raises_something_else() -> None:
    authentication_error_is_lost("answer_challenge")


@mutant("timeout_error.class.raised")
def a_timeout_of_imap_raises_something_else() -> None:
    @replace(multiprocessing.pool.IMapIterator, "next")
    def next_result(original: Any, self: Any, timeout: Any = None) -> Any:
        try:
            return original(self, timeout)
        except multiprocessing.TimeoutError:
            raise RuntimeError from None
