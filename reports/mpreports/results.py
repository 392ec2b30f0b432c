"""Writing a results file, and reading one that is whole.

A results file is JSON Lines: a header, one line for each test, one for each requirement, a footer
that says how many lines came before it. Two rules keep a run that did not finish from looking
like one that did:

- The writer writes each line at once, and the footer last. After an error it writes nothing more.
- The reader accepts a file only if it ends with a footer, the footer's counts agree with what the
  file holds, and the last line is ended. Anything less is refused as incomplete.

The texts in a line come from the backend under test and may hold anything. Every line is pure ASCII
on disk, whatever they hold, and a text of more than 64 KiB loses its middle.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

from mpreports.lines import KINDS, SCHEMA, Footer, Header, LineError, Requirement, Test, fit_line
from mpreports.verdicts import Verdict

LIMIT = 64 * 1024
"""Bytes (as UTF-8) of the longest text that a results file holds."""

UNUSABLE, INCOMPLETE = 2, 3
"""Exit statuses of the command for a file that is no results file, and for a run that is not complete."""


class ResultsError(Exception):
    """A results file cannot be used or written; the message is one line: the file, what is wrong, the remedy."""

    def __init__(self, message: str, exit_status: int) -> None:
        super().__init__(message)
        self.exit_status = exit_status


@dataclass(frozen=True)
class Results:
    """One run: what a whole results file holds."""

    path: Path
    header: Header
    tests: list[Test]
    requirements: list[Requirement]
    footer: Footer


class ResultsWriter:
    """Writes the lines of one results file, each at once."""

    def __init__(self, path: Path) -> None:
        """Create the file, or empty it if it exists; raise :class:`ResultsError` if it cannot be written."""
        self.path = path
        self.lines = 0
        """How many lines have been written."""
        try:
            # Unbuffered: what an error leaves unwritten must not be written later, by close().
            self._file = open(path, "wb", buffering=0)  # noqa: SIM115
        except OSError as error:
            raise ResultsError(f"{path}: cannot be written: {error.strerror or error}", UNUSABLE) from error

    def write(self, line: Mapping[str, Any]) -> None:
        """Append one line.

        Raises ``ValueError``, naming the key, if the line is not what its kind says, and
        :class:`ResultsError` if it cannot be written, now and at every later call.
        """
        try:
            fitted = fit_line(dict(line))
            encoded = json.dumps(_cut(fitted), allow_nan=False).encode("ascii") + b"\n"
        except (LineError, ValueError) as error:
            raise ValueError(f"results line {self.lines + 1}: {error}") from None
        if self._file.closed:
            raise ResultsError(f"{self.path}: is closed, and is incomplete unless its footer was written", INCOMPLETE)
        rest = memoryview(encoded)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            self._file.close()
            raise self._failed(error) from error
        self.lines += 1

    def close(self) -> None:
        """Close the file; raise :class:`ResultsError` if what was written did not reach it."""
        try:
            self._file.close()
        except OSError as error:
            raise self._failed(error) from error

    def _failed(self, error: OSError) -> ResultsError:
        return ResultsError(f"{self.path}: the results are incomplete: {error.strerror or error}", INCOMPLETE)


def _cut(value: Any) -> Any:
    """Return the value with the middle of every text that is over the limit replaced by a note."""
    if isinstance(value, dict):
        return {key: _cut(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_cut(member) for member in value]
    if not isinstance(value, str):
        return value
    data = value.encode("utf-8", "surrogatepass")
    if len(data) <= LIMIT:
        return value
    kept = LIMIT // 2 - 40  # leaves room for the note, so that what was cut once is not cut again
    # A character that the cut goes through is dropped, and counted as cut.
    head, tail = data[:kept].decode("utf-8", "ignore"), data[-kept:].decode("utf-8", "ignore")
    return f"{head}\n[… {len(data) - len(head.encode()) - len(tail.encode())} bytes cut …]\n{tail}"


def read_results(path: Path) -> Results:
    """Return what the results file holds; raise :class:`ResultsError` unless it is a whole results file.

    The error's ``exit_status`` is 3 for a run that is not complete and 2 for everything else.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise ResultsError(_missing(path), UNUSABLE) from None
    except OSError as error:
        why = "it is a folder; name the files in it" if path.is_dir() else error.strerror or error
        raise ResultsError(f"{path}: cannot be read: {why}", UNUSABLE) from error

    # The beginning tells whether this is a results file at all; only then is a missing end a cut.
    start = b'{"kind"'
    if data[: len(start)] != start[: len(data)]:
        raise ResultsError(f"{path}: is no results file: it does not begin with a header", UNUSABLE)
    *ended, rest = data.split(b"\n")
    if not ended:
        raise _incomplete(path, "it has no whole header")
    lines = []
    for number, text in enumerate(ended, start=1):
        lines.append(_read_line(path, number, text))
    if rest:
        raise _incomplete(path, f"line {len(ended) + 1} is cut")
    if lines[-1]["kind"] != "footer":
        raise _incomplete(path, "it has no footer")
    return _assemble(path, lines)


def read_set(path: Path) -> list[Results]:
    """Return what one results file holds, or what each ``*.jsonl`` in a folder and below does, by name.

    Raises :class:`ResultsError` unless all are whole results files, and if there is none.
    """
    if not path.is_dir():
        return [read_results(path)]
    files = sorted(path.rglob("*.jsonl"))
    if not files:
        raise ResultsError(f"{path}: the folder holds no results file: there is no *.jsonl in it or below", UNUSABLE)
    return [read_results(file) for file in files]


def without_via(run: Results) -> Results:
    """Return the run without the promises that other documentation makes, and without the tests of nothing else."""
    kept = [entry for entry in run.requirements if entry.get("via") is None]
    left_out = len(run.requirements) - len(kept)
    if not left_out:
        return run
    ids = {entry["id"] for entry in kept}
    tests = [test for test in run.tests if not test["requirements"] or ids.intersection(test["requirements"])]
    header, footer = run.header.copy(), run.footer.copy()
    words = f"without {left_out} promise{'' if left_out == 1 else 's'} that other documentation makes"
    header["selection"] = ", ".join(filter(None, [header["selection"], words]))
    header["tests"] = len(tests)
    footer["requirements"] = dict(Counter(entry["verdict"] for entry in kept))
    footer["tests"] = dict(Counter(test["verdict"] for test in tests))
    footer["lines"] = 1 + len(tests) + len(kept)
    return Results(run.path, header, tests, kept, footer)


def _read_line(path: Path, number: int, text: bytes) -> dict[str, Any]:
    """Return one line of the file, checked; its number counts from 1."""
    where = f"{path}, line {number}"
    try:
        line = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ResultsError(f"{where}: is no JSON: {error}", UNUSABLE) from None
    if number == 1:
        if not isinstance(line, dict) or line.get("kind") != "header":
            raise ResultsError(f"{path}: is no results file: it does not begin with a header", UNUSABLE)
        schema = line.get("schema")
        if isinstance(schema, int) and schema != SCHEMA:
            remedy = "read it with a newer mpconform" if schema > SCHEMA else "run the suite again"
            raise ResultsError(f"{where}: has schema {schema}, and this mpconform reads {SCHEMA}: {remedy}", UNUSABLE)
    try:
        return fit_line(line)
    except LineError as error:
        raise ResultsError(f"{where}: {error}", UNUSABLE) from None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _assemble(path: Path, lines: list[dict[str, Any]]) -> Results:
    """Return the results that these lines make; they must be in order, distinct, and as many as the file says."""
    order = list(KINDS)
    kinds = [line["kind"] for line in lines]
    for number in range(1, len(kinds)):
        before, kind = kinds[number - 1], kinds[number]
        if order.index(kind) < order.index(before) or (kind == before and kind in ("header", "footer")):
            raise ResultsError(f"{path}, line {number + 1}: key 'kind': no {kind} may follow a {before}", UNUSABLE)

    header, footer = cast(Header, lines[0]), cast(Footer, lines[-1])
    tests = cast("list[Test]", [line for line in lines if line["kind"] == "test"])
    requirements = cast("list[Requirement]", [line for line in lines if line["kind"] == "requirement"])
    if footer["lines"] != len(lines) - 1:
        raise _incomplete(path, f"its footer says {footer['lines']} lines and it holds {len(lines) - 1}")
    if header["tests"] is not None and header["tests"] != len(tests):
        raise _incomplete(path, f"its header says {header['tests']} tests and it holds {len(tests)}")
    _compare(path, "tests", footer["tests"], Counter(test["verdict"] for test in tests))
    _compare(path, "requirements", footer["requirements"], Counter(entry["verdict"] for entry in requirements))
    _refuse_twins(path, 2, "test", [test["test"] for test in tests])
    _refuse_twins(path, 2 + len(tests), "id", [entry["id"] for entry in requirements])
    return Results(path, header, tests, requirements, footer)


def _compare(path: Path, what: str, said: dict[Verdict, int], held: Counter[Verdict]) -> None:
    for verdict in Verdict:
        if said.get(verdict, 0) != held[verdict]:
            counts = f"{said.get(verdict, 0)} {what} with the verdict {verdict} and it holds {held[verdict]}"
            raise _incomplete(path, f"its footer says {counts}")


def _refuse_twins(path: Path, first: int, key: str, values: list[str]) -> None:
    """Raise if a value comes twice; ``first`` is the number of the line that the first value is from."""
    seen: set[str] = set()
    for number, value in enumerate(values, start=first):
        if value in seen:
            raise ResultsError(f"{path}, line {number}: key {key!r}: {value!a} came before", UNUSABLE)
        seen.add(value)


def _incomplete(path: Path, why: str) -> ResultsError:
    return ResultsError(f"{path}: is incomplete: {why}; run the suite again", INCOMPLETE)


def _missing(path: Path) -> str:
    """Return the message for a file that is not there, with what may have been meant."""
    if not path.parent.is_dir():
        return f"{path}: no such file, nor is there a folder {path.parent}"
    names = sorted(entry.name for entry in path.parent.iterdir() if entry.is_file())
    close = get_close_matches(path.name, names, n=3)
    if close:
        return f"{path}: no such file: did you mean {' or '.join(close)}?"
    others = [name for name in names if name.endswith(".jsonl")][:3]
    return f"{path}: no such file: " + (f"the folder holds {', '.join(others)}" if others else "run the suite first")
