"""get_logger(): the logger of the package, and what children have of it and write by it."""

from __future__ import annotations

import logging
from typing import Any

from mpconform.kit import Task, backend, promise, verifies
from mpconform.sections.logging_support.helpers import JournalHandler, standard_error


def record_level_and_a_message(journal: Any) -> None:
    """Write down the level of this process's logger, then what a warning writes to the standard error stream."""
    journal.write(backend().get_logger().level)
    with standard_error() as stream:
        backend().log_to_stderr().warning("doomed")
    journal.write(stream.getvalue())


def record_customization(journal: Any) -> None:
    """Write down what this process's logger has: the kinds of its handlers, and whether it propagates."""
    logger = backend().get_logger()
    journal.write(([type(handler).__name__ for handler in logger.handlers], logger.propagate))


def send_message() -> None:
    """Send a message to the logger of this process."""
    backend().get_logger().error("from the child")


@verifies(
    "get_logger.call.returns-the-logger",
    "get_logger.new.level-notset",
    "get_logger.new.no-handler",
    "get_logger.new.does-not-propagate",
)
def test_a_new_logger(mp, journal):
    with promise("get_logger.call.returns-the-logger"):
        first, second = mp.get_logger(), mp.get_logger()
        assert isinstance(first, logging.Logger), f"get_logger() returned {first!r}, promised a logger"
        assert first is second, f"get_logger() returned {first!r}, then another object, {second!r}"
        other = Task(mp.get_logger).result()
        assert first is other, f"get_logger() returned {first!r}, and in another thread {other!r}"
    with promise("get_logger.new.level-notset"):
        found = mp.get_logger().level
        assert found == logging.NOTSET, f"the level of a new logger is {found}, promised NOTSET, {logging.NOTSET}"
    with promise("get_logger.new.no-handler"):
        handlers = mp.get_logger().handlers
        assert handlers == [], f"the handlers of a new logger are {handlers}, promised none"
    with promise("get_logger.new.does-not-propagate"):
        handler = JournalHandler(journal)
        logging.getLogger().addHandler(handler)
        try:
            mp.get_logger().error("to the logger of the package")
        finally:
            logging.getLogger().removeHandler(handler)
        records = journal.read()
        assert records == [], f"a handler of the root logger received {records}, promised no propagation"


@verifies("get_logger.call.receives-what-the-package-logs")
def test_the_package_logs_to_the_logger(mp, journal):
    logger = mp.get_logger()
    logger.setLevel(logging.DEBUG)
    logger.addHandler(JournalHandler(journal))
    with mp.Pool(1) as pool:
        pool.apply(abs, (-1,))
    pool.join()
    assert journal.read(), "a pool was used with level DEBUG: the logger of get_logger() received no message"


@verifies("get_logger.child.inherits-the-level", "log_to_stderr.format.names-the-child")
def test_the_level_and_a_message_of_a_child(mp, journal):
    mp.get_logger().setLevel(25)
    child = mp.Process(target=record_level_and_a_message, args=(journal,), name="the child")
    child.start()
    with promise("get_logger.child.inherits-the-level"):
        level = journal.wait(1, "record of the level of a child's logger")[0]
        assert level == 25, f"setLevel(25) in the parent: the level in a child is {level}, promised 25"
    with promise("log_to_stderr.format.names-the-child"):
        found = journal.wait(2, "records of a child: the level, and what it wrote")[1]
        assert found == "[WARNING/the child] doomed\n", (
            f"warning('doomed') in a child of the name 'the child' wrote {found!r},"
            " promised '[WARNING/the child] doomed'"
        )
    child.join()


@verifies("get_logger.child.inherits-handlers")
def test_a_forked_child_has_the_handlers_of_its_parent(mp, journal):
    mp.get_logger().addHandler(JournalHandler(journal))
    child = mp.Process(target=send_message)
    child.start()
    found = journal.wait(1, "message that a forked child sends to the handler of its parent")
    child.join()
    assert found == ["from the child"], f"a handler received {found} of the message that a forked child has sent"


@verifies("get_logger.child.only-the-level-on-windows")
def test_a_child_has_no_handlers_on_windows(mp, journal):
    mp.get_logger().addHandler(JournalHandler(journal))
    child = mp.Process(target=record_customization, args=(journal,))
    child.start()
    [(handlers, _)] = journal.wait(1, "record of the child's logger")
    child.join()
    assert handlers == [], f"the handlers of a child's logger are {handlers}, promised none on Windows"


@verifies("get_logger.child.other-customization")
def test_what_else_a_child_that_is_not_forked_has(mp, journal, observe):
    logger = mp.log_to_stderr()
    logger.addHandler(JournalHandler(journal))
    logger.propagate = True
    child = mp.Process(target=record_customization, args=(journal,))
    child.start()
    [(handlers, propagate)] = journal.wait(1, "record of the child's logger")
    child.join()
    handlers = ", ".join(handlers) or "no handler"
    observe(f"of StreamHandler, JournalHandler and propagation, a child has {handlers}; propagation is {propagate}")
