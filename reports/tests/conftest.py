"""Results files for the tests of the reports: small runs, made line by line as the suite makes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from mpreports.lines import SCHEMA
from mpreports.results import Results, ResultsWriter, read_results

Line = dict[str, Any]

DOSSIER: Line = {
    "stacks": [{"pid": 4711, "command": "python -c child", "stack": 'File "tests.py", line 3, in wait'}],
    "ledger": {
        "processes": ["4712 sleeping"],
        "threads": [],
        "descriptors": ["7 -> pipe"],
        "files": [],
        "names": ["psm_1"],
    },
    "output": {"stdout": "hello\n", "stderr": "warning: slow\n"},
    "traceback": "Traceback (most recent call last):\n  ...\nAssertionError: join() returned 0",
    "reproducer": "import billiard as mp\nprint(mp.Process)\n",
}


def header(**changes: Any) -> Line:
    """Return a header; the changes may also be those of its cell."""
    cell = {
        "backend": "billiard",
        "backend_version": "4.2.1",
        "start_method": "spawn",
        "python": "3.11.4",
        "implementation": "CPython",
        "platform": "linux",
    }
    cell.update({key: changes.pop(key) for key in list(changes) if key in cell})
    line = {
        "kind": "header",
        "schema": SCHEMA,
        "suite": "0.1.0",
        "cell": cell,
        "edition": "3.11",
        "seed": 7,
        "started": "2025-01-31T12:00:00Z",
        "tests": None,
        "selection": None,
    }
    return line | changes


def check(id_: str, verdict: str = "pass", standing: str | None = None, **changes: Any) -> list[Line]:
    """Return the lines of one test and its requirement, whose section is the first word of the id."""
    scored = verdict in ("pass", "fail", "hang", "crash", "leak", "flaky")
    if standing is None:
        standing = ("expected" if verdict == "pass" else "worse") if scored else "unscored"
    because = changes.pop("because", "" if verdict == "pass" else f"{id_} said so")
    test = {
        "kind": "test",
        "test": f"test_{id_}.py::test",
        "requirements": [id_],
        "verdict": verdict,
        "seconds": 0.25,
        "message": because,
        "promises": {},
        "attempts": [],
        "dossier": changes.pop("dossier", None if verdict == "pass" or not scored else DOSSIER),
        "observation": None,
    }
    section = id_.split(".", maxsplit=1)[0]
    requirement = {
        "kind": "requirement",
        "id": id_,
        "section": section,
        "title": f"The {section} section",
        "says": f"{id_} does what it should.",
        "doc": "multiprocessing.Process.join",
        "via": None,
        "level": "must",
        "check": f"what {id_} waits for",
        "needs": [],
        "verdict": verdict,
        "tests": [test["test"]],
        "because": because,
        "observation": None,
        "standing": standing,
        "expectation": None,
    }
    return [test, requirement | changes]


def run(*checks: list[Line], **changes: Any) -> list[Line]:
    """Return the lines of a whole run."""
    ended = changes.pop("ended", None)
    lines = [header(**changes)]
    lines += [line for members in checks for line in members if line["kind"] == "test"]
    lines += [line for members in checks for line in members if line["kind"] == "requirement"]
    footer = {
        "kind": "footer",
        "requirements": Counter(line["verdict"] for line in lines if line["kind"] == "requirement"),
        "tests": Counter(line["verdict"] for line in lines if line["kind"] == "test"),
        "seconds": 12.5,
        "ended": ended,
        "lines": len(lines),
    }
    return [*lines, footer]


def write(path: Path, lines: list[Line]) -> Results:
    """Write the lines and read them back."""
    writer = ResultsWriter(path)
    for line in lines:
        writer.write(line)
    writer.close()
    return read_results(path)


def account(text: str = "") -> dict[str, Any]:
    """Return an account of teeth with this at the end of each of its texts."""
    other = {"mutant": "x:y", "clause": "an other mutant", "breaks": ["x"]}
    join, start = "process.join.returns-none", "process.start.runs-run"
    joins = {"mutant": f"p:joins{text}", "clause": f"join() returns 0{text}", "caught": True, "said": f"fail: 0{text}"}
    starts = {"mutant": f"p:starts{text}", "clause": f"it is late{text}", "caught": False, "said": f"pass: {text}"}
    return {
        "kind": "teeth",
        "schema": 1,
        "suite": f"0.1.0{text}",
        "python": f"3.11.4{text}",
        "platform": f"linux{text}",
        "requirements": [
            {"requirement": join, "mutants": [joins, starts], "without": None},
            {"requirement": start, "mutants": [], "without": f"no way{text}"},
        ],
        "mutants": [
            {
                "mutant": f"p:joins{text}",
                "clause": f"join() returns 0{text}",
                "breaks": [join],
                "noticed": [{"requirement": start, "said": f"fail: 1{text}"}, {"requirement": f"x{text}", "said": "y"}],
            },
            {"mutant": f"p:starts{text}", "clause": f"it is late{text}", "breaks": [join], "noticed": []},
            other | {"noticed": [{"requirement": "y", "said": ""}]},
        ],
    }


class Samples:
    """What the tests make results with; one object, because test modules do not import each other."""

    header = staticmethod(header)
    check = staticmethod(check)
    run = staticmethod(run)
    account = staticmethod(account)

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made = 0

    def results(self, *checks: list[Line], **changes: Any) -> Results:
        """Return the results of a run with these checks, from a file of their own."""
        self.made += 1
        return write(self.folder / f"sample-{self.made}.jsonl", run(*checks, **changes))

    def mixed(self, **changes: Any) -> Results:
        """Return results in which every verdict and every standing occurs."""
        known = {
            "requirement": "queue.*",
            "verdict": "fail",
            "reason": "put() after close() is ignored",
            "link": "https://example.org/issues/1",
        }
        return self.results(
            check("process.join.returns-none"),
            check("process.start.runs-run", "fail", because="start() returned 0; promised: None\nmore of it"),
            check("process.kill.ends-it", "hang"),
            check("process.exitcode.none-before", "crash", "worse", expectation=known | {"verdict": "fail"}),
            check("queue.put.blocks", "leak"),
            check("queue.get.timeout", "flaky"),
            check("queue.close.refuses-put", "fail", "expected", expectation=known),
            check("queue.empty.tells", "pass", "better", expectation=known),
            check("queue.full.tells", "blocked", because="needs queue.put.blocks, which is leak"),
            check("pool.map.keeps-order", "unsupported", because="the backend offers no pool"),
            check("pool.map.lists", "not-applicable", because="not on linux"),
            check("pool.close.twice", "observed", observation="nothing happens", because=""),
            check("pool.fast", "untestable", because="fast is no number"),
            check("pool.join", "not-run", because="the run was stopped"),
            **changes,
        )

    def hostile(self, text: str) -> Results:
        """Return results in which every text is this one, or begins with it where two must differ."""
        dossier = {
            "stacks": [{"pid": 1, "command": text, "stack": text}],
            "ledger": {"processes": [text], "threads": [text], "descriptors": [text], "files": [text], "names": [text]},
            "output": {"stdout": text, "stderr": text},
            "traceback": text,
            "reproducer": text,
        }
        known = {"requirement": text, "verdict": "fail", "reason": text, "link": text}
        words = dict.fromkeys(("title", "says", "doc", "via", "check", "section"), text) | {"expectation": known}
        failed = check(text, "fail", "worse", dossier=dossier, because=text, observation=text, **words)
        failed[0]["attempts"] = [{"verdict": verdict, "seconds": 1.0, "message": text} for verdict in ("fail", "pass")]
        failed[0]["observation"] = text
        blocked = check(text + "2", "blocked", because=text + "3", observation=text, **words)
        lacking = check(text + "4", "unsupported", because=text, **words)
        keys = ("backend", "backend_version", "start_method", "python", "implementation", "platform")
        cell = dict.fromkeys(keys, text)
        return self.results(failed, blocked, lacking, suite=text, edition=text, started=text, selection=text, **cell)


class Tags(HTMLParser):
    """Reads a page into its tags, in order, with the names of their attributes, and its text."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, list[str]]] = []
        self.text = ""
        self.feed(path.read_text("utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, [name for name, _ in attrs]))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def tags() -> Callable[[Path], list[tuple[str, list[str]]]]:
    return lambda path: Tags(path).tags


@pytest.fixture
def text_of() -> Callable[[Path], str]:
    return lambda path: Tags(path).text


@pytest.fixture
def samples(tmp_path: Path) -> Samples:
    return Samples(tmp_path)


@pytest.fixture
def save() -> Callable[[Path, list[Line]], Results]:
    return write


@pytest.fixture(scope="session")
def shared_samples(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    """For what many tests look at and none changes."""
    return Samples(tmp_path_factory.mktemp("samples"))
