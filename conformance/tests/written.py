"""Results files for the tests of the commands that read them, and calling a command with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

import mpconform
from mpconform.cli import main
from mpreports.lines import SCHEMA
from mpreports.results import ResultsWriter

CELL = {
    "backend": "billiard",
    "backend_version": "4.2.1",
    "start_method": "spawn",
    "python": "3.11.4",
    "implementation": "CPython",
    "platform": "linux",
}
HEADER: dict[str, Any] = {
    "kind": "header",
    "schema": SCHEMA,
    "suite": mpconform.__version__,
    "cell": CELL,
    "edition": "3.11",
    "seed": 0,
    "started": "2025-01-31T12:00:00Z",
    "tests": None,
    "selection": None,
}


def write(path: Path, verdicts: dict[str, str], needs: Sequence[str] = (), **changes: Any) -> Path:
    """Write a results file with one test for each requirement, which needs all of ``needs``, and return its path.

    The changes are those of the header, of its cell, or of the footer.
    """
    tests = [line_of_test(id_, verdict) for id_, verdict in verdicts.items()]
    requirements = [line_of_requirement(id_, verdict) | {"needs": list(needs)} for id_, verdict in verdicts.items()]
    return write_lines(path, tests, requirements, **changes)


def write_lines(path: Path, tests: list[dict[str, Any]], requirements: list[dict[str, Any]], **changes: Any) -> Path:
    """Write a results file with these lines between its header and its footer, with such changes; return its path."""
    ended = changes.pop("ended", None)
    cell = {**CELL, **{key: changes.pop(key) for key in list(changes) if key in CELL}}
    lines = [{**HEADER, "cell": cell, **changes}, *tests, *requirements]
    footer = {
        "kind": "footer",
        "requirements": Counter(line["verdict"] for line in requirements),
        "tests": Counter(line["verdict"] for line in tests),
        "seconds": 1.0,
        "ended": ended,
        "lines": len(lines),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = ResultsWriter(path)
    for line in [*lines, footer]:
        writer.write(line)
    writer.close()
    return path


def line_of_test(id_: str, verdict: str) -> dict[str, Any]:
    return {
        "kind": "test",
        "test": f"test_{id_}",
        "requirements": [id_],
        "verdict": verdict,
        "seconds": 0.1,
        "message": f"{id_} is {verdict}",
        "promises": {},
        "attempts": [],
        "dossier": None,
        "observation": None,
    }


def line_of_requirement(id_: str, verdict: str) -> dict[str, Any]:
    standing = {"pass": "expected", "blocked": "unscored", "not-run": "unscored"}.get(verdict, "worse")
    return {
        "kind": "requirement",
        "id": id_,
        "section": "managers",
        "title": "Managers",
        "says": f"{id_} is kept.",
        "doc": "multiprocessing.Process.join",
        "level": "must",
        "check": "it",
        "needs": [],
        "verdict": verdict,
        "tests": [f"test_{id_}"],
        "because": f"{id_} is {verdict}",
        "observation": None,
        "standing": standing,
        "expectation": None,
    }


def call(*arguments: object) -> Result:
    """Run a command; a defect of ours is raised."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def error(status: int, *arguments: object) -> str:
    """Return the one line of an error; check that it is one, on standard error, with this exit status."""
    result = call(*arguments)
    assert (result.exit_code, result.stdout) == (status, ""), result.output
    assert result.stderr.startswith("mpconform: error: ")
    assert result.stderr.count("\n") == 1
    return result.stderr.removeprefix("mpconform: error: ").rstrip()


def spoilt(folder: Path) -> list[tuple[Path, int, str]]:
    """Write files that cannot be used; return each with the exit status and the message that it is refused with."""
    whole = write(folder / "whole.jsonl", {"process.join.returns-none-after-exit": "pass"}).read_bytes()
    files = {
        "cut.jsonl": (whole[:-30], 3, "is incomplete"),
        "foreign.jsonl": (b'{"name": "x"}\n', 2, "is no results file"),
        "newer.jsonl": (whole.replace(b'"schema": 2', b'"schema": 3'), 2, "read it with a newer mpconform"),
        "twice.jsonl": (
            whole.replace(b'{"kind": "footer"', whole.splitlines()[2] + b'\n{"kind": "footer"'),
            3,
            "footer",
        ),
    }
    for name, (content, _, _) in files.items():
        (folder / name).write_bytes(content)
    return [(folder / name, status, message) for name, (_, status, message) in files.items()]
