"""``mpconform report``: a summary and a page of results files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from mpconform.cli.errors import UsageError
from mpreports.page import write_page
from mpreports.results import Results, read_results
from mpreports.summary import print_summary


@click.command(name="report", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("results", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--html", "folder", type=click.Path(path_type=Path), metavar="DIR", help="Write a page to this folder.")
def report(results: Sequence[Path], folder: Path | None) -> None:
    """Summarise results files, and make a page of them.

    The page compares all the files given: one column for each.

    \b
      mpconform report results/*.jsonl --html site
    """
    found = [read_results(path) for path in results]
    console = Console(highlight=False, soft_wrap=True)
    for one in found:
        print_summary(one, console)
        console.print()
    if folder is not None:
        console.print(f"page: {page_in(folder, found)}")


def page_in(folder: Path, found: Sequence[Results]) -> Path:
    """Write a page of these results to a folder, which is made if need be, and return its path."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return write_page(found, folder)
    except OSError as error:
        raise UsageError(f"{folder}: the page cannot be written: {error.strerror or error}") from None
