"""What a sandbox costs: the same tests in plain pytest and each in a sandbox, side by side in one run.

    python conformance/benchmarks/isolation.py

prints, for each round, the CPU time of one test either way, and at the end the medians of all rounds and their
difference. Time on the clock would say little: sandboxes run side by side. The target is at most 8 ms.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = 300
ROUNDS = 7
TARGET = 0.008

SUITE = """\
from mpconform.kit import each


@each("number", range({tests}))
def test_nothing(mp, number):
    assert mp.Process is not None, "the backend is there"
"""


def used() -> float:
    """Return the CPU time, in seconds, of all processes that this one has started and that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure(folder: Path, isolation: str) -> float:
    """Return the CPU time of a run of the tests in ``folder``."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider"]
    command += [
        "--backend",
        "stdlib",
        "--start-method",
        "fork",
        f"--isolation={isolation}",
        f"--rootdir={folder}",
        "test_nothing.py",
    ]
    before = used()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, timeout=120)
    return used() - before


def per_test(folders: dict[int, Path], isolation: str) -> float:
    """Return the CPU time of one test: what many take more than one does."""
    (few, short), (many, long) = sorted(folders.items())
    return (measure(long, isolation) - measure(short, isolation)) / (many - few)


def main() -> None:
    """Measure and print."""
    found: dict[str, list[float]] = {"none": [], "fork": []}
    with tempfile.TemporaryDirectory(prefix="mpc-") as name:
        folders = {tests: Path(name, str(tests)) for tests in (1, TESTS)}
        for tests, folder in folders.items():
            folder.mkdir()
            (folder / "test_nothing.py").write_text(SUITE.format(tests=tests))
        print(f"CPU time of one test in milliseconds, of {TESTS}")
        print("round   plain pytest   sandbox   difference")
        for number in range(1, ROUNDS + 1):
            for isolation, times in found.items():
                times.append(per_test(folders, isolation))
            plain, boxed = found["none"][-1], found["fork"][-1]
            print(f"{number:5}{plain * 1000:15.2f}{boxed * 1000:10.2f}{(boxed - plain) * 1000:13.2f}", flush=True)
    plain, boxed = (statistics.median(times) for times in found.values())
    print(f"  all{plain * 1000:15.2f}{boxed * 1000:10.2f}{(boxed - plain) * 1000:13.2f}")
    print(f"a sandbox costs {(boxed - plain) * 1000:.2f} ms CPU a test; the target is at most {TARGET * 1000:.0f} ms")


if __name__ == "__main__":
    main()
