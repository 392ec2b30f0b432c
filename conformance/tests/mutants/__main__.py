"""``python -m mutants``: break the standard library in small ways, and see which of them the tests do not notice."""

from __future__ import annotations

import sys
from pathlib import Path

import click

import mutants
from mutants import matrix
from mutants.touched import GitError, touched
from mutants.trying import try_mutants, without_mutant


@click.command(name="python -m mutants", context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--section", "-s", "sections", multiple=True, help="Only the mutants of this section. Repeatable.")
@click.option(
    "--requirement", "-r", "globs", multiple=True, metavar="GLOB", help="Only these requirements. Repeatable."
)
@click.option("--start-method", "-m", "method", help="Try all under this start method.  [default: fork where promised]")
@click.option("--jobs", "-j", type=click.IntRange(1), default=1, show_default=True, help="Tests side by side.")
@click.option("--quiet", "-q", is_flag=True, help="Show only what survives.")
@click.option("--since", "commit", metavar="COMMIT", help="Only the sections that differ from this commit, such as "
              "origin/main; all if what they stand on does.")  # fmt: skip
@click.option("--matrix", "file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Let each mutant meet all tests of the modules that it concerns; write which requirement catches "
                   "which mutant, and what else fails on it, to this file: JSON if it ends in .json.")  # fmt: skip
def main(
    sections: tuple[str, ...],
    globs: tuple[str, ...],
    method: str | None,
    jobs: int,
    quiet: bool,
    commit: str | None,
    file: Path | None,
) -> None:
    """Try the mutants; print what the tests say of each. Exit status 1 if one survives or a requirement has none."""
    known = mutants.sections()
    for section in sections:
        if section not in known:
            raise click.BadParameter(f"{section!r} has no mutants; sections with mutants: {', '.join(known)}")
    chosen = list(sections or known)
    if commit is not None:
        try:
            chosen = touched(commit, chosen)
        except GitError as error:
            raise click.ClickException(str(error)) from None
        click.echo(f"touched since {commit}: {', '.join(chosen) or 'no section'}")
        if not chosen:
            return
    if file is not None:
        if globs or method:
            raise click.UsageError("--matrix is of whole sections, under fork: leave out --requirement, --start-method")
        outcomes, noticed = matrix.try_widely(chosen, jobs)
        matrix.write(file, matrix.account(chosen, outcomes, noticed))
        click.echo(f"{len(noticed)} times something else failed too: see {file}")
    else:
        outcomes = try_mutants(chosen, globs, method, jobs)
    survived = [outcome for outcome in outcomes if not outcome.seen]
    for outcome in survived if quiet else outcomes:
        sign = "seen    " if outcome.seen else "SURVIVED"
        click.echo(f"{sign} {outcome.requirement}  {outcome.mutant}\n         {outcome.message.splitlines()[0][:300]}")
    missing = [] if globs else without_mutant(chosen)
    for ident in missing:
        click.echo(f"NO MUTANT {ident}")
    click.echo(f"{len(outcomes)} tried, {len(survived)} survived, {len(missing)} requirements without a mutant")
    sys.exit(1 if survived or missing else 0)


if __name__ == "__main__":
    main()
