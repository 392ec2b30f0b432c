"""Writing the site so that there is always a whole one: all files beside it first, then a swap.

The folder may hold other things, such as the results files themselves: only what belongs to a site is replaced, and
only if the folder holds a site already or nothing of these names.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

FIRST = "index.html"
MARK = '<meta name="generator" content="mpconform">'
"""What tells a site of ours from other pages: it is near the beginning of the first page."""


def replace_site(folder: Path, files: Iterable[tuple[str, str]]) -> Path:
    """Write the files, each a path within the folder and a text, and return the path of the first page.

    Raises ``FileExistsError`` if there is something else in the place of the site, and ``OSError`` or whatever making
    the files raises; a site that was there is then left as it was.
    """
    if folder.exists() and not folder.is_dir():
        raise FileExistsError("it is no folder; name another one")
    folder.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".site-", dir=folder))
    try:
        made, former = beside / "new", beside / "old"
        made.mkdir()
        former.mkdir()
        for path, text in files:
            target = made / path
            target.parent.mkdir(exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")
        _refuse_others(folder, made)
        _swap(folder, made, former)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return folder / FIRST


def _refuse_others(folder: Path, made: Path) -> None:
    """Raise if one of the names is taken by something that is no part of a site of ours."""
    taken = sorted(entry.name for entry in made.iterdir() if (folder / entry.name).exists())
    first = folder / FIRST
    if taken and not (first.is_file() and MARK in first.read_text("utf-8", "replace")[:1000]):
        raise FileExistsError(f"it holds {', '.join(taken)} that mpconform did not write; name another folder")


def _swap(folder: Path, made: Path, former: Path) -> None:
    """Put the new entries into the place of the old ones; on failure, put the old ones back."""
    # The first page goes last: until then, whoever opens the site finds one that says what it is.
    names = sorted((entry.name for entry in made.iterdir()), key=lambda name: name == FIRST)
    moved: list[tuple[Path, Path]] = []
    try:
        for name in names:
            for source, target in ((folder / name, former / name), (made / name, folder / name)):
                if source.exists():
                    source.rename(target)
                    moved.append((source, target))
    except BaseException:
        for source, target in reversed(moved):
            target.rename(source)
        raise
