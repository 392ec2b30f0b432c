"""Printing for people at a terminal and for the next program in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click


def on_terminal() -> bool:
    """Return whether a person reads standard output: colours and wrapping are for nobody else."""
    return sys.stdout.isatty()


def print_aligned(rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns as wide as they must be: the first, a name, to the left and the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for name, *numbers in rows:
        cells = [name.ljust(widths[0])]
        cells += [number.rjust(width) for number, width in zip(numbers, widths[1:], strict=True)]
        click.echo("  ".join(cells))


def print_tabs(rows: Sequence[Sequence[str]]) -> None:
    """Print one line a row, its cells separated by tabs."""
    for row in rows:
        click.echo("\t".join(row))


def print_markdown(text: str) -> None:
    """Print Markdown, in UTF-8 whatever the encoding of the stream is: it is for a file or another program."""
    click.echo(text.encode(), nl=False)
