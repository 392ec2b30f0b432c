"""log_to_stderr(): the handler that it adds, and what it writes."""

from __future__ import annotations

import logging
import re
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from mpconform.kit import promise, verifies
from mpconform.sections.logging_support.helpers import standard_error

# A few characters of every kind: to choose among all takes longer than the tests.
texts = st.text("ab %{}\n\t\xe9\u20ac\U0001f600")


@verifies(
    "log_to_stderr.call.adds-one-handler",
    "log_to_stderr.call.returns-the-logger",
    "log_to_stderr.call.writes-to-stderr",
    "log_to_stderr.call.keeps-the-level",
    "log_to_stderr.level.sets-the-level",
    "log_to_stderr.level.notset-is-a-level",
)
def test_log_to_stderr(mp):
    logger, own = mp.get_logger(), logging.NullHandler()
    logger.addHandler(own)
    with standard_error() as stream:
        returned = mp.log_to_stderr()
        with promise("log_to_stderr.call.adds-one-handler"):
            found = list(logger.handlers)
            assert own in found, f"the handlers after log_to_stderr() are {found}, promised to keep {own}"
            assert len(found) == 2, f"log_to_stderr() of a logger with one handler leaves {found}, promised one more"
        with promise("log_to_stderr.call.returns-the-logger"):
            assert returned is logger, f"log_to_stderr() returned {returned!r}, promised {logger!r}, as get_logger()"
        logger.warning("first of all")
        logger.error("one more")
    with promise("log_to_stderr.call.writes-to-stderr"):
        text = stream.getvalue()
        for message in ("first of all", "one more"):
            count = text.count(message)
            assert count == 1, f"log_to_stderr(), then a message {message!r}: sys.stderr has it {count} times: {text!r}"
    with promise("log_to_stderr.call.keeps-the-level"):
        logger.setLevel(35)
        for call in ((), (None,)):
            mp.log_to_stderr(*call)
            level = mp.get_logger().level
            assert level == 35, f"setLevel(35), then log_to_stderr{call}: the level is {level}, promised to stay"
    with promise("log_to_stderr.level.sets-the-level"):
        for level_given, promised in ((logging.INFO, logging.INFO), ("ERROR", logging.ERROR), (15, 15)):
            mp.log_to_stderr(level_given)
            level = mp.get_logger().level
            assert level == promised, f"log_to_stderr({level_given!r}): the level is {level}, promised {promised}"
        mp.log_to_stderr(level=logging.INFO)
        level = mp.get_logger().level
        assert level == logging.INFO, f"log_to_stderr(level=INFO): the level is {level}, promised {logging.INFO}"
    with promise("log_to_stderr.level.notset-is-a-level"):
        logger.setLevel(35)
        mp.log_to_stderr(logging.NOTSET)
        level = mp.get_logger().level
        assert level == logging.NOTSET, f"setLevel(35), log_to_stderr(NOTSET): the level is {level}, promised NOTSET, 0"


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
