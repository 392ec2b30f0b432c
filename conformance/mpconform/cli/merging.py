"""``mpconform merge``: shards of one cell into one results file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from mpconform import __version__
from mpconform.cli.errors import UsageError
from mpconform.registry import load_registry
from mpreports.merging import merge as merge_shards
from mpreports.results import read_results
from mpreports.summary import print_never_tried, print_summary
from mpreports.verdicts import exit_status


@click.command(name="merge", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("shards", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="SHARD...")
@click.option("--output", "-o", required=True, type=click.Path(path_type=Path), metavar="FILE",
              help="Write the merged results to this file, which may be there already.")  # fmt: skip
def merge(shards: Sequence[Path], output: Path) -> int:
    """Merge shards of one cell into one results file.

    A shard is what a run of a part of the suite wrote. Each requirement is judged anew from the tests of all shards:
    one that fails, and needs what has failed in another shard, is blocked. Shards of different cells, suite versions,
    editions or seeds, shards that contradict each other, and shards that are not complete are refused. A shard whose
    run was ended early is merged, and the whole is then said to have been ended early too.

    \b
      mpconform run -b billiard -m spawn -s managers -s proxy_objects --results shards/1.jsonl
      mpconform run -b billiard -m spawn -s process_pools --results shards/2.jsonl
      mpconform merge shards/1.jsonl shards/2.jsonl -o results/billiard-spawn.jsonl

    \b
    Exit status, as of one run: 0 everything as expected; 1 a verdict worse or better than expected;
    2 the shards cannot be merged; 3 a shard is not complete or was ended early, or a test did not run.
    """
    found = [read_results(shard) for shard in shards]
    version = found[0].header["suite"]
    if version != __version__:
        raise UsageError(f"{shards[0]}: was written by mpconform {version!a}, this is {__version__}: use that one")
    merge_shards(found, list(load_registry().requirements), output)
    merged = read_results(output)
    console = Console(highlight=False, soft_wrap=True)
    print_summary(merged, console)
    print_never_tried([merged], console)
    console.print(f"results: {output}", markup=False)
    outcomes = [(entry["verdict"], entry["standing"]) for entry in merged.requirements]
    return exit_status(outcomes, complete=merged.footer["ended"] is None)
