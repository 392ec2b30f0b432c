"""Mutants of exit codes."""

from __future__ import annotations

import os
import pickle
import signal
import sys
from collections.abc import Callable
from typing import Any

from mutants import mutant, replace
from mutants.process_and_exceptions.common import BaseProcess


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


@mutant("process.exitcode.is-exit-status", "process.exitcode.sys-exit-number")
def exit_statuses_have_seven_bits() -> None:
    exitcode_is(lambda code: code & 127 if code > 0 else code)


@mutant("process.exitcode.negative-signal")
def signals_are_told_without_a_sign() -> None:
    exitcode_is(abs)


@mutant("process.exitcode.negative-signal")
def signals_have_five_bits() -> None:
    exitcode_is(lambda code: code if code >= 0 else -(-code & 31))


def run_ends(ending: Callable[[Any, Any], None]) -> None:
    """Let the children of this process run in another way; it gets the process object and what it is to run."""
    main = os.getpid()

    @replace(BaseProcess, "run")
    def run(original: Any, self: Any) -> None:
        ending(self, original) if os.getpid() != main else original(self)


@mutant("process.exitcode.zero-after-run-returns")
def exitcode_is_what_the_target_returns() -> None:
    def ending(self: Any, run: Any) -> None:
        value = self._target(*self._args, **self._kwargs)
        os._exit(value if isinstance(value, int) else 0)

    run_ends(ending)


@mutant("process.exitcode.zero-after-run-returns")
def what_the_target_returns_must_be_picklable() -> None:
    run_ends(lambda self, run: pickle.dumps(self._target(*self._args, **self._kwargs)) and None)


@mutant("process.exitcode.sys-exit-number")
def an_exit_amid_an_exception_is_one() -> None:
    def ending(self: Any, run: Any) -> None:
        try:
            run(self)
        except SystemExit as error:
            os._exit(1 if error.__context__ else error.code or 0)

    run_ends(ending)


@mutant("process.exitcode.sys-exit-number")
def an_exit_needs_the_standard_error_stream() -> None:
    def ending(self: Any, run: Any) -> None:
        try:
            run(self)
        except SystemExit:
            sys.stderr.write("")
            raise

    run_ends(ending)


@mutant("process.exitcode.one-after-exception")
def an_interrupted_child_ends_by_the_signal() -> None:
    def ending(self: Any, run: Any) -> None:
        try:
            run(self)
        except KeyboardInterrupt:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGINT)

    run_ends(ending)


@mutant("process.exitcode.one-after-exception")
def only_an_exception_that_can_be_told_is_one() -> None:
    def ending(self: Any, run: Any) -> None:
        try:
            run(self)
        except BaseException as error:
            try:
                sys.stderr.write(str(error))
            except ValueError:
                os._exit(0)
            raise

    run_ends(ending)
