"""What a sandbox costs: the same tests in plain pytest and each in a sandbox, side by side in one run.

    python conformance/benchmarks/isolation.py

prints, for each round, the median time of one test either way, and at the end the medians of all
rounds and their difference. The target is a difference of at most 10 ms.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

TESTS = 200
ROUNDS = 7
TARGET = 0.010
TIMES = "MPCONFORM_BENCHMARK_TIMES"

SUITE = f"""\
from mpconform.kit import each


@each("number", range({TESTS}))
def test_nothing(mp, number):
    assert mp.Process is not None, "the backend is there"
"""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol() -> Iterator[None]:
    """Note how long one test takes, with all that pytest and the harness do for it."""
    start = time.perf_counter()
    result = yield
    with open(os.environ[TIMES], "a") as file:
        file.write(json.dumps(time.perf_counter() - start) + "\n")
    return result


def measure(folder: Path, isolation: str) -> float:
    """Return the median of the seconds that one test takes."""
    times = folder / f"times-{isolation}"
    times.unlink(missing_ok=True)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:xdist",
        "-p",
        "no:cacheprovider",
        "-p",
        Path(__file__).stem,
    ]
    command += [
        "--backend",
        "stdlib",
        "--start-method",
        "fork",
        f"--isolation={isolation}",
        f"--rootdir={folder}",
        "-k",
        "nothing",
        ".",
    ]
    environment: dict[str, Any] = {**os.environ, TIMES: str(times), "PYTHONPATH": str(Path(__file__).parent)}
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL, timeout=120)
    return statistics.median(json.loads(line) for line in times.read_text().splitlines())


def main() -> None:
    """Measure and print."""
    found: dict[str, list[float]] = {"none": [], "fork": []}
    with tempfile.TemporaryDirectory(prefix="mpc-") as name:
        folder = Path(name)
        (folder / "test_nothing.py").write_text(SUITE)
        print(f"{TESTS} tests, medians of one test in milliseconds")
        print("round   plain pytest   sandbox   difference")
        for number in range(1, ROUNDS + 1):
            for isolation, times in found.items():
                times.append(measure(folder, isolation))
            plain, boxed = found["none"][-1], found["fork"][-1]
            print(f"{number:5}{plain * 1000:15.2f}{boxed * 1000:10.2f}{(boxed - plain) * 1000:13.2f}")
    plain, boxed = (statistics.median(times) for times in found.values())
    print(f"  all{plain * 1000:15.2f}{boxed * 1000:10.2f}{(boxed - plain) * 1000:13.2f}")
    print(f"a sandbox costs {(boxed - plain) * 1000:.2f} ms a test; the target is at most {TARGET * 1000:.0f} ms")


if __name__ == "__main__":
    main()
