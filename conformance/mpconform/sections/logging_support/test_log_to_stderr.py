"""log_to_stderr(): the handler that it adds, and what it writes."""

from __future__ import annotations

import logging
import re
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from mpconform.kit import each, verifies
from mpconform.sections.logging_support.helpers import standard_error

# A few characters of every kind: to choose among all takes longer than the tests.
texts = st.text("ab %{}\n\t\xe9\u20ac\U0001f600")


@verifies("log_to_stderr.call.returns-the-logger")
def test_log_to_stderr_returns_the_logger(mp):
    found, promised = mp.log_to_stderr(), mp.get_logger()
    assert found is promised, f"log_to_stderr() returned {found!r}, promised {promised!r}, as get_logger()"


@verifies("log_to_stderr.call.adds-one-handler")
def test_log_to_stderr_adds_a_handler(mp):
    logger, own = mp.get_logger(), logging.NullHandler()
    logger.addHandler(own)
    mp.log_to_stderr()
    found = logger.handlers
    assert own in found, f"the handlers after log_to_stderr() are {found}, promised to keep {own}"
    assert len(found) == 2, f"log_to_stderr() of a logger with one handler leaves it with {found}, promised one more"


@verifies("log_to_stderr.call.writes-to-stderr")
def test_messages_are_written_to_stderr(mp):
    with standard_error() as stream:
        logger = mp.log_to_stderr()
        logger.warning("first of all")
        logger.error("one more")
    found = stream.getvalue()
    for text in ("first of all", "one more"):
        count = found.count(text)
        assert count == 1, f"after log_to_stderr() and a message {text!r}, sys.stderr has it {count} times: {found!r}"


@verifies("log_to_stderr.call.keeps-the-level")
@each("call", [(), (None,)])
def test_log_to_stderr_keeps_the_level(mp, call):
    mp.get_logger().setLevel(35)
    found = mp.log_to_stderr(*call).level
    assert found == 35, f"setLevel(35), then log_to_stderr{call}: the level is {found}, promised to stay"


@verifies("log_to_stderr.call.twice")
def test_a_second_call_of_log_to_stderr(mp, observe):
    mp.log_to_stderr()
    observe(f"two calls leave {len(mp.log_to_stderr().handlers)} handlers")


@verifies("log_to_stderr.format.level-process-message")
def test_any_message_in_the_documented_format(mp):
    with standard_error() as stream:
        logger = mp.log_to_stderr()
    logger.setLevel(1)
    name = mp.current_process().name

    @given(texts, st.sampled_from(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]))
    @example("", "INFO")
    @example("50 % of {all} %s", "ERROR")
    @example("two\nlines", "WARNING")
    def is_written(text, level):
        stream.seek(0)
        stream.truncate()
        logger.log(getattr(logging, level), "%s", text)
        found, promised = stream.getvalue(), f"[{level}/{name}] {text}\n"
        assert found == promised, f"log({level}, {text!r}) wrote {found!r}, promised {promised!r}"

    is_written()


@verifies("log_to_stderr.level.sets-the-level")
@each("level", [logging.INFO, "INFO", 35])
def test_log_to_stderr_with_a_level(mp, level):
    found = mp.log_to_stderr(level).level
    promised = logging.INFO if level == "INFO" else level
    assert found == promised, f"log_to_stderr({level!r}): the level is {found}, promised {promised}"


@verifies("log_to_stderr.example.session")
def test_the_example_session(program):
    outcome: Any = program(
        """
        import logging

        if __name__ == "__main__":
            logger = mp.log_to_stderr()
            logger.setLevel(logging.INFO)
            logger.warning("doomed")
            manager = mp.Manager()
            manager.shutdown()
        """
    )
    assert outcome.errors.startswith("[WARNING/MainProcess] doomed\n"), (
        f"log_to_stderr(), then warning('doomed') in a main process: {outcome}, promised [WARNING/MainProcess] doomed"
    )
    assert re.search(r"^\[INFO/SyncManager-[\d:]+\] .", outcome.errors, re.MULTILINE), (
        f"log_to_stderr(), level INFO, a manager: {outcome}, promised lines that begin with [INFO/SyncManager-"
    )
