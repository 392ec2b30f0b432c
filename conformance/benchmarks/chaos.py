"""What chaos is good for: how often faults of timing are seen with it, and how often without.

    python conformance/benchmarks/chaos.py [-k WORD] [--runs 10] [--chaos 1] [--jobs 2]

Each mutant of ``tests/mutants/racing.py`` meets the nearest requirement that it breaks, in ten runs without chaos and
in ten with it; a run has seen the mutant if the verdict is not pass. Prints both counts for each mutant, and for the
standard library as it is, which nothing may be seen of.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).parent.parent / "tests"
sys.path.insert(0, str(TESTS))

import mutants  # noqa: E402

from mpreports.results import read_results  # noqa: E402
from mpreports.verdicts import Verdict  # noqa: E402

RIGHT = "(none)"
"""What the standard library as it is, is called."""


def seen(mutant: str, requirement: str, runs: int, jobs: int, chaos: int | None) -> int:
    """Return in how many runs the requirement was not kept."""
    path = os.pathsep.join(filter(None, [str(TESTS), os.environ.get("PYTHONPATH")]))
    chosen = {} if mutant == RIGHT else {mutants.CHOSEN: mutant}
    with tempfile.TemporaryDirectory(prefix="mpc-") as folder:
        results = Path(folder, "results.jsonl")
        command = [sys.executable, "-m", "mpconform", "run", "-b", "mutants.backend", "-m", "fork", "-r", requirement]
        command += ["--repeat", str(runs), "--jobs", str(jobs), "--patience", "0.3", "--results", str(results)]
        command += [] if chaos is None else ["--chaos", str(chaos)]
        subprocess.run(
            [*command, "--", "--no-confirm"],
            env={**os.environ, "PYTHONPATH": path, **chosen},
            stdout=subprocess.DEVNULL,
            check=False,
        )
        tests = [test for test in read_results(results).tests if requirement in test["requirements"]]
    return sum(attempt["verdict"] is not Verdict.PASS for test in tests for attempt in test["attempts"])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-k", default="", help="only the mutants with this word in their names")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--chaos", type=int, default=1, help="the seed")
    told = parser.parse_args()
    mutants.load("racing")
    chosen = {name: one.requirements[0] for name, one in mutants.MUTANTS.items() if told.k in name}
    cases = [*chosen.items(), *((RIGHT, requirement) for requirement in dict.fromkeys(chosen.values()))]
    totals = {False: [0, 0, 0], True: [0, 0, 0]}
    print(f"seen in {told.runs} runs: without chaos, with chaos")
    for mutant, requirement in cases:
        counts = [seen(mutant, requirement, told.runs, told.jobs, chaos) for chaos in (None, told.chaos)]
        print(f"{counts[0]:4}{counts[1]:4}  {mutant.rpartition(':')[2]:45}{requirement}", flush=True)
        right = mutant == RIGHT
        totals[right] = [so_far + now for so_far, now in zip(totals[right], [*counts, told.runs], strict=True)]
    for right, (without, under, runs) in totals.items():
        what = "the standard library as it is" if right else "all mutants"
        print(f"{without:4}{under:4}  {what}, in {runs} runs each")


if __name__ == "__main__":
    main()
