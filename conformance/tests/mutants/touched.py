"""Which sections a change touches: what git tells apart from another commit."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
SECTIONS = "conformance/mpconform/sections/"
MUTANTS = "conformance/tests/mutants/"
EVERYWHERE = ("conformance/mpconform/kit/", "conformance/mpconform/isolation/")
"""What the tests of each section stand on."""


class GitError(Exception):
    """Git cannot tell what has changed."""


def touched(commit: str, sections: Sequence[str], folder: Path = HERE) -> list[str]:
    """Return which of the sections differ from where this branch left ``commit``; raise :class:`GitError`.

    What is not committed yet counts too.
    """
    base = git(folder, "merge-base", commit, "HEAD")[0]
    paths = git(folder, "diff", "--name-only", "--no-renames", base, "--", ":/")
    paths += git(folder, "ls-files", "--others", "--exclude-standard", "--full-name", "--", ":/")
    return sections_of(paths, sections)


def sections_of(paths: Iterable[str], sections: Sequence[str]) -> list[str]:
    """Return the sections that hold one of these files, or all if each stands on one."""
    found = set()
    for path in paths:
        if path.startswith(EVERYWHERE):
            return list(sections)
        for area in (SECTIONS, MUTANTS):
            if path.startswith(area):
                name = path.removeprefix(area).partition("/")[0].removesuffix(".py")
                if name not in sections and area == MUTANTS:
                    return list(sections)  # how all of them are tried
                found.add(name)
    return [section for section in sections if section in found]


def git(folder: Path, *arguments: str) -> list[str]:
    """Return the lines that git prints, in the folder."""
    done = subprocess.run(
        ["git", "-c", "core.quotePath=false", *arguments], cwd=folder, capture_output=True, text=True, timeout=60
    )
    if done.returncode != 0:
        raise GitError(f"git {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout.splitlines()
