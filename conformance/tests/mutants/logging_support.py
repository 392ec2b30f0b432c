"""Mutants of the logging functions."""

from __future__ import annotations

import logging
import multiprocessing.process
import multiprocessing.util
import os
import sys
import threading
from typing import Any

from mutants import mutant, replace

UNSEEN = {
    "get_logger.child.only-the-level-on-windows": "it is promised on Windows only",
    "log_to_stderr.level.notset-is-a-level": "the standard library itself breaks it",
}


@mutant("get_logger.call.returns-the-logger")
def each_call_makes_a_logger() -> None:
    @replace(multiprocessing.util, "get_logger")
    def get_logger(original: Any) -> logging.Logger:
        return logging.Logger("multiprocessing")


@mutant("get_logger.call.receives-what-the-package-logs", "log_to_stderr.example.session")
def the_package_logs_to_another_logger() -> None:
    other = logging.Logger("other")

    @replace(multiprocessing.util, "get_logger")
    def get_logger(original: Any) -> logging.Logger:
        return other


@mutant("get_logger.new.level-notset")
def a_new_logger_has_a_level() -> None:
    multiprocessing.util.get_logger().setLevel(logging.WARNING)


@mutant("get_logger.new.no-handler")
def a_new_logger_has_a_handler() -> None:
    multiprocessing.util.get_logger().addHandler(logging.NullHandler())


@mutant("get_logger.new.does-not-propagate")
def a_new_logger_propagates() -> None:
    logger: Any = multiprocessing.util.get_logger()
    logger.propagate = True
    logger.parent = logging.getLogger()


@mutant("get_logger.child.inherits-the-level", "get_logger.child.inherits-handlers")
def a_child_has_a_new_logger() -> None:
    main = os.getpid()

    @replace(multiprocessing.util, "get_logger")
    def get_logger(original: Any) -> logging.Logger:
        return original() if os.getpid() == main else logging.Logger("multiprocessing")


@mutant("log_to_stderr.call.returns-the-logger")
def log_to_stderr_returns_nothing() -> None:
    @replace(multiprocessing.util, "log_to_stderr")
    def log_to_stderr(original: Any, level: Any = None) -> None:
        original(level)


@mutant("log_to_stderr.call.adds-one-handler")
def log_to_stderr_replaces_the_handlers() -> None:
    @replace(multiprocessing.util, "log_to_stderr")
    def log_to_stderr(original: Any, level: Any = None) -> Any:
        logger = original(level)
        logger.handlers = logger.handlers[-1:]
        return logger


@mutant("log_to_stderr.call.writes-to-stderr")
def log_to_stderr_writes_to_stdout() -> None:
    @replace(multiprocessing.util, "log_to_stderr")
    def log_to_stderr(original: Any, level: Any = None) -> Any:
        logger = original(level)
        logger.handlers[-1].setStream(sys.stdout)
        return logger


@mutant("log_to_stderr.call.keeps-the-level")
def log_to_stderr_sets_a_level() -> None:
    @replace(multiprocessing.util, "log_to_stderr")
    def log_to_stderr(original: Any, level: Any = None) -> Any:
        return original(level or logging.INFO)


@mutant("log_to_stderr.format.level-process-message")
def the_message_is_stripped() -> None:
    @replace(logging.StreamHandler, "format")
    def format_record(original: Any, self: Any, record: logging.LogRecord) -> Any:
        return original(self, record).rstrip()


@mutant("log_to_stderr.format.names-the-child")
def the_process_is_always_the_main_one() -> None:
    @replace(logging.StreamHandler, "format")
    def format_record(original: Any, self: Any, record: logging.LogRecord) -> Any:
        record.processName = "MainProcess"
        return original(self, record)


@mutant("log_to_stderr.level.sets-the-level")
def the_level_is_ignored() -> None:
    @replace(multiprocessing.util, "log_to_stderr")
    def log_to_stderr(original: Any, level: Any = None) -> Any:
        return original()


# Each clause.


@mutant("get_logger.call.returns-the-logger")
def each_thread_has_a_logger() -> None:
    local = threading.local()

    @replace(multiprocessing.util, "get_logger")
    def get_logger(original: Any) -> logging.Logger:
        if not hasattr(local, "logger"):
            local.logger = logging.Logger("multiprocessing")
        return local.logger


@mutant("get_logger.child.inherits-the-level")
def a_child_has_the_level_of_the_first_call() -> None:
    @replace(multiprocessing.process.BaseProcess, "_bootstrap")
    def bootstrap(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        multiprocessing.util.get_logger().setLevel(logging.NOTSET)
        return original(self, *args, **kwargs)


@mutant("log_to_stderr.call.adds-one-handler")
def log_to_stderr_adds_two_handlers() -> None:
    @replace(multiprocessing.util, "log_to_stderr")
    def log_to_stderr(original: Any, level: Any = None) -> Any:
        original(level)
        return original(level)


@mutant("log_to_stderr.call.writes-to-stderr")
def warnings_are_not_written() -> None:
    @replace(multiprocessing.util, "log_to_stderr")
    def log_to_stderr(original: Any, level: Any = None) -> Any:
        logger = original(level)
        logger.handlers[-1].setLevel(logging.ERROR)
        return logger


@mutant("log_to_stderr.call.writes-to-stderr")
def all_is_written_twice() -> None:
    @replace(logging.StreamHandler, "emit")
    def emit(original: Any, self: Any, record: logging.LogRecord) -> None:
        original(self, record)
        original(self, record)


@mutant("log_to_stderr.call.keeps-the-level")
def an_explicit_none_clears_the_level() -> None:
    @replace(multiprocessing.util, "log_to_stderr")
    def log_to_stderr(original: Any, *level: Any) -> Any:
        logger = original(*level)
        if level == (None,):
            logger.setLevel(logging.NOTSET)
        return logger


@mutant("log_to_stderr.level.sets-the-level")
def a_level_is_a_number() -> None:
    @replace(multiprocessing.util, "log_to_stderr")
    def log_to_stderr(original: Any, level: Any = None) -> Any:
        return original(level if isinstance(level, int) else None)


@mutant("log_to_stderr.level.sets-the-level")
def a_level_is_one_of_those_with_a_name() -> None:
    @replace(multiprocessing.util, "log_to_stderr")
    def log_to_stderr(original: Any, level: Any = None) -> Any:
        return original(level // 10 * 10 if isinstance(level, int) else level)


@mutant("log_to_stderr.format.level-process-message")
def the_level_is_a_number() -> None:
    @replace(logging.StreamHandler, "format")
    def format_record(original: Any, self: Any, record: logging.LogRecord) -> Any:
        record.levelname = str(record.levelno)
        return original(self, record)
