"""What each kind of line of a results file holds.

The types below are the one place in which the keys are written down for Python: :func:`fit` checks
a line against them, for the reader and for the writer, and a test holds them against the published
schema (``schema/results-2.schema.json``).
"""

from __future__ import annotations

import functools
import types
from typing import Any, Literal, TypedDict, Union, get_args, get_origin, get_type_hints, is_typeddict

from mpreports.verdicts import Verdict

SCHEMA = 2
"""The version of the results format that this package writes and reads."""


class Cell(TypedDict):
    """Backend, start method, Python and platform: what one run judges."""

    backend: str
    backend_version: str
    start_method: str
    python: str
    implementation: str
    platform: str


class _Header(TypedDict):
    """What the first line of every run has."""

    kind: Literal["header"]
    schema: Literal[2]
    suite: str
    cell: Cell
    edition: str
    seed: int
    started: str  # ISO 8601, UTC
    tests: int | None  # how many were to run, where that was known in advance
    selection: str | None  # what part of the suite was chosen; None is the whole


class Header(_Header, total=False):
    """The first line: what was judged, by what, and how much was to come."""

    chaos: int  # the seed of the chaos that the tests were run under; not there if there was none


class Attempt(TypedDict):
    """One run of a test that was run more than once."""

    verdict: Verdict
    seconds: float
    message: str


class Stack(TypedDict):
    """Where one process of the sandbox was."""

    pid: int
    command: str
    stack: str


class Ledger(TypedDict):
    """What the test left behind, one text for each thing."""

    processes: list[str]
    threads: list[str]
    descriptors: list[str]
    files: list[str]
    names: list[str]  # in shared memory


class Output(TypedDict):
    """What the sandbox printed."""

    stdout: str
    stderr: str


class Dossier(TypedDict):
    """What is kept of a failure."""

    stacks: list[Stack]
    ledger: Ledger
    output: Output
    traceback: str
    reproducer: str


class Promise(TypedDict):
    """What a test said of one of several requirements."""

    verdict: Verdict
    message: str


class Test(TypedDict):
    """One test and its verdict."""

    kind: Literal["test"]
    test: str
    requirements: list[str]
    verdict: Verdict
    seconds: float
    message: str
    promises: dict[str, Promise]  # by requirement, where the test does not say the same of all
    attempts: list[Attempt]
    dossier: Dossier | None
    observation: str | None


class Expectation(TypedDict):
    """The entry of the expectations file that applies to a requirement in this cell."""

    requirement: str  # an id, or the glob that matched it
    verdict: Verdict
    reason: str
    link: str | None


class _Requirement(TypedDict):
    """What every line of a requirement has."""

    kind: Literal["requirement"]
    id: str
    section: str
    title: str  # of the section
    says: str
    doc: str
    level: Literal["must", "should", "may"]
    check: str
    needs: list[str]
    verdict: Verdict
    tests: list[str]
    because: str
    observation: str | None
    standing: Literal["expected", "worse", "better", "unscored"]
    expectation: Expectation | None


class Requirement(_Requirement, total=False):
    """One requirement and its verdict in this cell."""

    via: str | None  # what other documentation makes the promise, where this one only refers to it; older files lack it


class Footer(TypedDict):
    """The last line: what a whole file must hold."""

    kind: Literal["footer"]
    requirements: dict[Verdict, int]
    tests: dict[Verdict, int]
    seconds: float
    ended: str | None  # what ended the run before all was done; None is nothing
    lines: int  # before the footer


def said_of(id_: str, test: Test) -> Promise | Test:
    """Return the part of a test's line with the verdict on one requirement that it verifies, and the message."""
    return test["promises"].get(id_, test)


KINDS: dict[str, type] = {"header": Header, "test": Test, "requirement": Requirement, "footer": Footer}
"""The kinds of lines, in the order in which a file holds them."""


class LineError(Exception):
    """A line is not what its kind says; the message names the key, such as ``dossier.stacks[0].pid``."""


def fit_line(line: object) -> dict[str, Any]:
    """Return the line with its verdicts as :class:`Verdict`.

    Raises :class:`LineError` if it is no line of a results file.
    """
    if not isinstance(line, dict):
        raise LineError(f"an object was due, not {_name(line)}")
    kind = line.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise LineError(f"key 'kind': {' or '.join(KINDS)} was due, not {_show(kind)}")
    fitted: dict[str, Any] = fit(line, KINDS[kind], "")
    return fitted


def fit(value: Any, due: Any, key: str) -> Any:
    """Return ``value`` as the type that is ``due``; raise :class:`LineError`, naming ``key``, if it does not fit."""
    origin = get_origin(due)
    if is_typeddict(due):
        return _fit_keys(value, due, key)
    if origin is list and isinstance(value, list):
        (item,) = get_args(due)
        return [fit(member, item, f"{key}[{index}]") for index, member in enumerate(value)]
    if origin is dict and isinstance(value, dict):
        name, item = get_args(due)
        return {fit(k, name, f"{key}.{k}"): fit(v, item, f"{key}.{k}") for k, v in value.items()}
    if origin in (Union, types.UnionType):
        (item,) = (member for member in get_args(due) if member is not type(None))
        return None if value is None else fit(value, item, key)
    if origin is Literal:
        if value in get_args(due) and not isinstance(value, bool):
            return value
        allowed = " or ".join(str(member) for member in get_args(due))
        raise LineError(f"key {key!r}: {allowed} was due, not {_show(value)}")
    if due is Verdict and isinstance(value, str):
        try:
            return Verdict(value)
        except ValueError:
            raise LineError(f"key {key!r}: a verdict was due, not {_show(value)}") from None
    if due is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if due is bool and isinstance(value, bool):
        return value
    if due in (str, int, float) and isinstance(value, due) and not isinstance(value, bool):
        return value
    raise LineError(f"key {key!r}: {_DUE.get(origin or due, due)} was due, not {_name(value)}")


_DUE = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "a truth value",
    list: "a list",
    dict: "an object",
    Verdict: "a verdict",
}


def _fit_keys(value: Any, due: type, key: str) -> dict[str, Any]:
    """Return the object with each of its keys fitted; every key that is required must be there, and no other."""
    if not isinstance(value, dict):
        raise LineError(f"key {key!r}: an object was due, not {_name(value)}")
    hints = _hints(due)
    within = f"{key}." if key else ""
    for name in hints:
        if name not in value and name in due.__required_keys__:  # type: ignore[attr-defined]
            raise LineError(f"key {within + name!r} is missing")
    for name in value:
        if name not in hints:
            raise LineError(f"key {within + str(name)!r} is unknown")
    return {name: fit(value[name], hints[name], within + name) for name in hints if name in value}


@functools.cache
def _hints(due: type) -> dict[str, Any]:
    return get_type_hints(due)


def _name(value: object) -> str:
    """Return what the value is, in the words of JSON."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a truth value"
    for kind in (str, int, float, list, dict):
        if isinstance(value, kind):
            return _DUE[kind]
    return f"a {type(value).__name__}"


def _show(value: object) -> str:
    """Return the value as an error shows it: short, whatever it holds."""
    return ascii(value) if len(ascii(value)) <= 60 else f"{ascii(value)[:60]}…"
