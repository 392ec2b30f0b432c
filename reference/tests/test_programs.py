"""Whole programs, as tutorials have them: they print the same on this package as on the standard library's.

Each file in `programs` imports the package where another program would import `multiprocessing`; one word is all that
is changed in it for the run that it is compared with.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAMS = sorted((Path(__file__).parent / "programs").glob("*.py"))
METHODS = ("fork", "spawn", "forkserver")
LIMIT = 60


def output(source: str, folder: Path, name: str, method: str) -> str:
    """Return what a program prints, both streams."""
    folder.mkdir()
    (folder / name).write_text(source, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, name, method],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert ran.returncode == 0, f"{name} ended with {ran.returncode} and wrote:\n{ran.stdout}"
    return ran.stdout


def test_there_are_programs() -> None:
    assert len(PROGRAMS) >= 10


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
def test_a_program_prints_the_same(tmp_path: Path, program: Path, method: str) -> None:
    source = program.read_text(encoding="utf-8")
    ours = output(source, tmp_path / "ours", program.name, method)
    theirs = output(re.sub(r"\bmpreference\b", "multiprocessing", source), tmp_path / "theirs", program.name, method)
    assert ours == theirs
    assert ours
