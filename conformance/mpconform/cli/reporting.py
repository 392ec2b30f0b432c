"""``mpconform report``: a summary, a site, Markdown and badges of results files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from mpconform.cli.errors import UsageError
from mpconform.cli.output import print_markdown
from mpreports.badge import write_badges
from mpreports.comparison import Comparison, compare_sets
from mpreports.markdown import report_markdown
from mpreports.results import Results, read_set, without_via
from mpreports.site import write_site
from mpreports.summary import print_never_tried, print_summary
from mpreports.swapping import swapped
from mpreports.teeth import Teeth, read_teeth

STDOUT = Path("-")
"""What ``--markdown`` without a file stands for."""


@click.command(name="report", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("results", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--html", "folder", type=click.Path(path_type=Path), metavar="DIR",
              help="Write a site to this folder: it opens from disk and from any web server.")  # fmt: skip
@click.option("--compare", type=click.Path(path_type=Path), metavar="PATH",
              help="Let the site and the Markdown tell what has changed since earlier runs of the same cells: a "
                   "results file, or a folder of them.")  # fmt: skip
@click.option("--markdown", type=click.Path(path_type=Path), metavar="[FILE]", is_flag=False, flag_value="-",
              help="Print a summary as Markdown, at most 60 lines, instead; or write it to this file.")  # fmt: skip
@click.option("--badge", type=click.Path(path_type=Path), metavar="PATH",
              help="Write the JSON that shields.io makes a badge of: to this file, ending in .json, or one for each "
                   "backend into this folder.")  # fmt: skip
@click.option("--without-via", "own", is_flag=True,
              help="Leave out what this documentation promises only by referring to another module's.")  # fmt: skip
@click.option("--teeth", "bites", type=click.Path(path_type=Path), metavar="FILE",
              help="Let the site tell what each pass is worth: which broken versions of the standard library the tests "
                   "noticed, as `python -m mutants --matrix FILE.json` has found.")  # fmt: skip
def report(
    results: Sequence[Path],
    folder: Path | None,
    compare: Path | None,
    markdown: Path | None,
    badge: Path | None,
    own: bool,
    bites: Path | None,
) -> None:
    """Summarise results files, and make a site of them.

    The site compares all the files given, and those in folders: one column of its matrix for each.

    \b
      mpconform report results --html site
      mpconform report results/*.jsonl --html site --compare results-of-last-week
      mpconform report results/*.jsonl --badge site/badges
      mpconform report results/*.jsonl --markdown >> "$GITHUB_STEP_SUMMARY"
    """
    if markdown is not None and markdown.suffix == ".jsonl":
        raise UsageError(f"--markdown {markdown}: would replace results by Markdown; name the results first")
    if compare is not None and folder is None and markdown is None:
        raise UsageError("--compare is for the site and the Markdown: ask for one of them (or see mpconform diff)")
    if bites is not None and folder is None:
        raise UsageError("--teeth is for the site: name a folder with --html")
    teeth = read_teeth(bites) if bites is not None else None
    found = [run for path in results for run in read_set(path)]
    earlier = read_set(compare) if compare is not None else []
    if own:
        found, earlier = [without_via(run) for run in found], [without_via(run) for run in earlier]
    comparisons = compare_sets(earlier, found) if compare is not None else []
    first_page = site_in(folder, found, comparisons, teeth) if folder is not None else None
    to_stdout = markdown == STDOUT
    console = Console(highlight=False, soft_wrap=True, stderr=to_stdout)  # what is not Markdown goes elsewhere then
    for one in [] if to_stdout else found:
        print_summary(one, console)
        console.print()
    if not to_stdout:
        print_never_tried(found, console)
    if first_page is not None:
        console.print(f"page: {first_page}", markup=False)
    if badge is not None:
        for path in badges_in(badge, found):
            console.print(f"badge: {path}", markup=False)
    if to_stdout:
        print_markdown(report_markdown(found, comparisons))
    elif markdown is not None:
        write_markdown(markdown, report_markdown(found, comparisons))
        console.print(f"markdown: {markdown}", markup=False)


def site_in(
    folder: Path, found: Sequence[Results], comparisons: Sequence[Comparison] = (), teeth: Teeth | None = None
) -> Path:
    """Write a site about these results to a folder, which is made if need be, and return its first page."""
    try:
        return write_site(found, folder, comparisons, teeth)
    except OSError as error:
        raise UsageError(f"{folder}: the site cannot be written: {error.strerror or error}") from None


def badges_in(path: Path, found: Sequence[Results]) -> list[Path]:
    """Write the badge of a backend to a file, or one for each into a folder, and return what was written."""
    try:
        return write_badges(found, path)
    except (ValueError, OSError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"--badge {path}: cannot be written: {reason}") from None


def write_markdown(path: Path, text: str) -> None:
    """Write Markdown to a file, whole or not at all."""
    try:
        with swapped(path) as beside:
            beside.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(f"--markdown {path}: cannot be written: {error.strerror or error}") from None
