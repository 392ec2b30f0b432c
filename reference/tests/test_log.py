"""The logger: what it costs who does not ask for it, and what children have of it."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from mpreference import log

PROGRAM = """
import sys

import mpreference

def report(generations):
    mpreference.get_logger().info("%d to go", generations)
    if generations:
        context = mpreference.get_context(sys.argv[1])
        child = context.Process(target=report, args=(generations - 1,), name=f"generation {generations}")
        child.start()
        child.join()

if __name__ == "__main__":
    mpreference.log_to_stderr("INFO")
    report(2)
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_children_of_children_log_to_stderr_under_their_names(tmp_path: Path, method: str) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    command = [sys.executable, "program.py", method]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    lines = [line for line in ran.stderr.splitlines() if "to go" in line]
    assert lines == ["[INFO/MainProcess] 2 to go", "[INFO/generation 2] 1 to go", "[INFO/generation 1] 0 to go"]


def test_messages_go_nowhere_until_somebody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "_logger", None)
    records: list[logging.LogRecord] = []
    handler = logging.Handler(logging.DEBUG)
    monkeypatch.setattr(handler, "emit", records.append)
    logger = logging.getLogger(log.NAME)
    logger.addHandler(handler)
    try:
        log.debug("not this")
        assert log.get_logger() is logger
        logger.setLevel(logging.DEBUG)
        log.debug("but %s", "this")
        log.info("and this")
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
    assert [(record.levelname, record.getMessage()) for record in records] == [
        ("DEBUG", "but this"),
        ("INFO", "and this"),
    ]
    assert {(record.processName, record.filename) for record in records} == {("MainProcess", "test_log.py")}
