"""How long the site takes to be written, what it weighs, and how soon its filters answer in a browser.

    python reports/benchmarks/site.py [--cells 60] [--requirements 500]

The runs are made up, in the proportions of real ones: of a hundred requirements three are not kept, each with a
dossier of some ten kilobytes for each start method, five are observed, and ten are not applicable in some cells.
The bounds that are to be kept: 5 s, 5 MB, 100 ms.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mpreports.lines import SCHEMA
from mpreports.results import ResultsWriter, read_results
from mpreports.site import write_site

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession

METHODS = ("fork", "spawn", "forkserver")
PYTHONS = ("3.10.13", "3.11.7", "3.12.1", "3.13.0")
BACKENDS = ("stdlib", "billiard", "multiprocess", "loky", "torch", "ray", "lithops")

SCRIPT = "".join(
    f"def helper_{number}(mp, scratch):\n    return mp.Process, scratch, {number}\n\n\n" for number in range(130)
)
PROMISE = "Something that the documentation promises of this call comes true, whichever way the arguments are given."


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", type=int, default=60)
    parser.add_argument("--requirements", type=int, default=500)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = [write_run(Path(folder), number, options.requirements) for number in range(options.cells)]
        results, seconds = timed(lambda: [read_results(path) for path in paths])
        print(f"read {len(paths)} results files: {seconds}")
        first, seconds = timed(lambda: write_site(results, Path(folder, "site")))
        print(f"written for the first time: {seconds}")
        _, seconds = timed(lambda: write_site(results, Path(folder, "site")))
        print(f"written over an older one: {seconds}")
        files = [path for path in first.parent.rglob("*") if path.is_file()]
        weight = sum(path.stat().st_size for path in files) / 1e6
        print(f"{len(files)} files, {weight:.2f} MB; the matrix {first.stat().st_size / 1e6:.2f} MB")
        measure_filters(first)


def timed(call: Callable[[], Any]) -> tuple[Any, str]:
    """Return what the call returns, and how long it took."""
    wall, busy = time.perf_counter(), time.process_time()
    value = call()
    return value, f"{time.perf_counter() - wall:.2f} s, {time.process_time() - busy:.2f} s of them computing"


def write_run(folder: Path, number: int, requirements: int) -> Path:
    """Write the results file of one cell."""
    method = METHODS[number % 3]
    python = PYTHONS[number // 3 % 4]
    backend = BACKENDS[number // 12 % len(BACKENDS)]
    cell = {"backend": backend, "backend_version": f"4.{number // 84}", "start_method": method, "python": python,
            "implementation": "CPython", "platform": "linux"}  # fmt: skip
    tests, entries = [], []
    for index in range(requirements):
        test, entry = judged(index, method, python, backend)
        tests.append(test)
        entries.append(entry)
    header = {"kind": "header", "schema": SCHEMA, "suite": "0.1.0", "cell": cell, "edition": python.rpartition(".")[0],
              "seed": 0, "started": "2025-01-31T12:00:00Z", "tests": None, "selection": None}  # fmt: skip
    footer = {"kind": "footer", "requirements": Counter(entry["verdict"] for entry in entries),
              "tests": Counter(test["verdict"] for test in tests), "seconds": 60.0, "ended": None,
              "lines": 1 + 2 * requirements}  # fmt: skip
    path = folder / f"{number:03}.jsonl"
    writer = ResultsWriter(path)
    for line in [header, *tests, *entries, footer]:
        writer.write(line)
    writer.close()
    return path


def judged(index: int, method: str, python: str, backend: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the lines of one test and its requirement."""
    section = f"section_{index * 15 // 1500 if index > 1500 else index % 15:02}"
    id_ = f"{section}.some_call.keeps-promise-number-{index}"
    verdict = "pass"
    if (index + 7 * BACKENDS.index(backend)) % 33 == 0:
        verdict = "fail"
    elif index % 20 == 1:
        verdict = "observed"
    elif index % 10 == 2 and (method == "fork" or python.startswith("3.10")):
        verdict = "not-applicable"
    because = f"AssertionError: call {index} of {backend} returned 0, promised is None" if verdict == "fail" else ""
    frame = f'  File "/some/folder/tests/test_{section}.py", line {index}, in test_{index}\n    assert value is None\n'
    dossier = {
        "stacks": [],
        "ledger": {"processes": [], "threads": [], "descriptors": [], "files": [], "names": []},
        "output": {"stdout": "", "stderr": ""},
        "traceback": frame * 16,
        "reproducer": f"# {id_}\nimport {backend} as mp\nmp = mp.get_context('{method}')\n{SCRIPT}",
    }
    test = {"kind": "test", "test": f"{section}/test_{section}.py::test_that_the_promise_{index}_is_kept",
            "requirements": [id_], "verdict": verdict, "seconds": 0.02, "message": because, "promises": {},
            "attempts": [], "dossier": dossier if verdict == "fail" else None, "observation": None}  # fmt: skip
    entry = {"kind": "requirement", "id": id_, "section": section, "title": f"The {section}", "says": PROMISE,
             "doc": "multiprocessing.Process.join", "level": "must", "check": "what the call returns", "needs": [],
             "verdict": verdict, "tests": [test["test"]], "because": because,
             "observation": f"returns {backend}" if verdict == "observed" else None,
             "standing": "expected" if verdict in ("pass", "fail") else "unscored",
             "expectation": {"requirement": id_, "verdict": "fail", "reason": f"{backend} returns something else",
                             "link": "https://example.org/issues/1"} if verdict == "fail" else None}  # fmt: skip
    return test, entry


MEASURE = """async ([selector, value]) => {
  const field = document.querySelector(selector);
  const start = performance.now();
  if (field.type === "checkbox") field.click();
  else { field.value = value; field.dispatchEvent(new Event("input", { bubbles: true })); }
  await new Promise((done) => requestAnimationFrame(() => {
    document.getElementById("matrix").getBoundingClientRect();
    const channel = new MessageChannel(); // its message comes after the frame is painted
    channel.port1.onmessage = done;
    channel.port2.postMessage(null);
  }));
  return performance.now() - start;
}"""

STEPS = [
    ("one verdict", "[data-key=verdict] input[value=fail]", None),
    ("all verdicts again", "[data-key=verdict] input[value=fail]", None),
    ("one backend", "[data-key=backend] input[value=stdlib]", None),
    ("a second backend", "[data-key=backend] input[value=billiard]", None),
    ("only those that differ", "#differs", None),
    ("those that do not, too", "#differs", None),
    ("the first backend off", "[data-key=backend] input[value=stdlib]", None),
    ("all backends again", "[data-key=backend] input[value=billiard]", None),
    ("one start method", "[data-key=method] input[value=spawn]", None),
    ("all start methods again", "[data-key=method] input[value=spawn]", None),
    ("one section", "[data-key=section] input", None),
    ("all sections again", "[data-key=section] input", None),
    ("a letter", "#text", "4"),
    ("two letters", "#text", "42"),
    ("no letter", "#text", ""),
]


def measure_filters(page: Path) -> None:
    """Print how long it takes from each step to the frame that shows its outcome."""
    browser = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if browser is None:
        print("no chromium here: how soon the filters answer is not measured")
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        tab = chromium.new_page(viewport={"width": 1280, "height": 900})
        session = tab.context.new_cdp_session(tab)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        start = time.perf_counter()
        tab.goto(page.absolute().as_uri())
        print(f"the matrix is loaded: {1000 * (time.perf_counter() - start):.0f} ms")
        for name, selector, value in STEPS:
            before = computing(session)
            took = tab.evaluate(MEASURE, [selector, value])
            print(f"  {name}: {took:.0f} ms, {computing(session) - before:.0f} ms of them computing")
        chromium.close()


def computing(session: CDPSession) -> float:
    """Return how long the page has kept its thread busy, in milliseconds."""
    metrics = {metric["name"]: metric["value"] for metric in session.send("Performance.getMetrics")["metrics"]}
    return float(1000 * metrics["TaskDuration"])


if __name__ == "__main__":
    main()
