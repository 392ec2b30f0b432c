"""``mpconform diff``: what changed between two results files, or two sets of them."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from mpconform.cli.errors import UsageError
from mpconform.cli.output import print_markdown
from mpreports.comparison import compare_paths, exit_status
from mpreports.differences import as_json, print_differences
from mpreports.markdown import difference_markdown


@click.command(name="diff", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("before", type=click.Path(path_type=Path), metavar="A")
@click.argument("after", type=click.Path(path_type=Path), metavar="B")
@click.option("--json", "json_", is_flag=True, help="Print it as JSON, for another program.")
@click.option("--markdown", is_flag=True, help="Print it as Markdown, at most 60 lines, for the page of a CI job.")
def diff(before: Path, after: Path, json_: bool, markdown: bool) -> int:
    """Show which verdicts got worse or better, appeared or vanished from A to B.

    A and B are results files, of two runs or of two backends, or folders with any number of them. Those in folders
    are compared cell by cell: backend, start method, minor version of Python, platform.

    \b
      mpconform diff main.jsonl mine.jsonl
      mpconform diff results/stdlib-spawn-py3.11.jsonl results/billiard-spawn-py3.11.jsonl
      mpconform diff main/ mine/ --markdown >> "$GITHUB_STEP_SUMMARY"

    \b
    Worse: a promise that was kept is broken, or nothing is said of it any more (blocked, unsupported), or it is broken
    in a worse way; from bad to worst these are flaky, leak, fail, hang, crash. Better: the reverse.
    Appeared, vanished: there is nothing to compare with. The requirement is in one of A and B alone, or applies in one
    of them alone; or it is broken in one of them and was not tried in the other.

    \b
    Exit status: 0 nothing got worse; 1 something did; 2 wrong usage, or a file that cannot be used;
    3 a file that is not complete, or a test that did not run.
    """
    if json_ and markdown:
        raise UsageError("--json and --markdown: choose one of them")
    comparisons = compare_paths(before, after)
    if json_:
        click.echo(as_json(comparisons))
    elif markdown:
        print_markdown(difference_markdown(comparisons))
    else:
        print_differences(comparisons, Console(highlight=False, soft_wrap=True))
    return exit_status(comparisons)
