"""get_logger(): the logger of the package, and what children have of it."""

from __future__ import annotations

import logging
from typing import Any

from mpconform.kit import backend, verifies
from mpconform.sections.logging_support.helpers import JournalHandler


def record_level(journal: Any) -> None:
    """Write down the level of this process's logger."""
    journal.write(backend().get_logger().level)


def record_customization(journal: Any) -> None:
    """Write down what this process's logger has: the kinds of its handlers, and whether it propagates."""
    logger = backend().get_logger()
    journal.write(([type(handler).__name__ for handler in logger.handlers], logger.propagate))


def send_message() -> None:
    """Send a message to the logger of this process."""
    backend().get_logger().error("from the child")


@verifies("get_logger.call.returns-the-logger")
def test_get_logger_returns_one_logger(mp):
    first, second = mp.get_logger(), mp.get_logger()
    assert isinstance(first, logging.Logger), f"get_logger() returned {first!r}, promised a logger"
    assert first is second, f"get_logger() returned {first!r}, then another object, {second!r}"


@verifies("get_logger.call.receives-what-the-package-logs")
def test_the_package_logs_to_the_logger(mp, journal):
    logger = mp.get_logger()
    logger.setLevel(logging.DEBUG)
    logger.addHandler(JournalHandler(journal))
    with mp.Pool(1) as pool:
        pool.apply(abs, (-1,))
    pool.join()
    assert journal.read(), "a pool was used with level DEBUG: the logger of get_logger() received no message"


@verifies("get_logger.new.level-notset")
def test_a_new_logger_has_no_level(mp):
    found = mp.get_logger().level
    assert found == logging.NOTSET, f"the level of a new logger is {found}, promised {logging.NOTSET}, which is NOTSET"


@verifies("get_logger.new.no-handler")
def test_a_new_logger_has_no_handler(mp):
    found = mp.get_logger().handlers
    assert found == [], f"the handlers of a new logger are {found}, promised none"


@verifies("get_logger.new.does-not-propagate")
def test_messages_do_not_reach_the_root_logger(mp, journal):
    handler = JournalHandler(journal)
    logging.getLogger().addHandler(handler)
    try:
        mp.get_logger().error("to the logger of the package")
    finally:
        logging.getLogger().removeHandler(handler)
    assert journal.read() == [], f"a handler of the root logger received {journal.read()}, promised no propagation"


@verifies("get_logger.child.inherits-the-level")
def test_a_child_has_the_level_of_its_parent(mp, journal):
    mp.get_logger().setLevel(35)
    child = mp.Process(target=record_level, args=(journal,))
    child.start()
    child.join()
    assert journal.read() == [35], (
        f"setLevel(35) in the parent: the level in a child is {journal.read()}, promised [35]"
    )


@verifies("get_logger.child.inherits-handlers")
def test_a_forked_child_has_the_handlers_of_its_parent(mp, journal):
    mp.get_logger().addHandler(JournalHandler(journal))
    child = mp.Process(target=send_message)
    child.start()
    child.join()
    found = journal.read()
    assert found == ["from the child"], f"a handler received {found} of the message that a forked child has sent"


@verifies("get_logger.child.only-the-level-on-windows")
def test_a_child_has_no_handlers_on_windows(mp, journal):
    mp.get_logger().addHandler(JournalHandler(journal))
    child = mp.Process(target=record_customization, args=(journal,))
    child.start()
    child.join()
    [(handlers, _)] = journal.wait(1, "record of the child's logger")
    assert handlers == [], f"the handlers of a child's logger are {handlers}, promised none on Windows"


@verifies("get_logger.child.other-customization")
def test_what_else_a_child_that_is_not_forked_has(mp, journal, observe):
    logger = mp.log_to_stderr()
    logger.addHandler(JournalHandler(journal))
    logger.propagate = True
    child = mp.Process(target=record_customization, args=(journal,))
    child.start()
    child.join()
    [(handlers, propagate)] = journal.wait(1, "record of the child's logger")
    handlers = ", ".join(handlers) or "no handler"
    observe(f"of StreamHandler, JournalHandler and propagation, a child has {handlers}; propagation is {propagate}")
