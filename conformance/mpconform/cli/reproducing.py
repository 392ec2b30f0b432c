"""``mpconform reproduce``: the script that shows one deviation on its own."""

from __future__ import annotations

from pathlib import Path

import click

from mpconform.cli.errors import UsageError
from mpconform.registry.model import did_you_mean
from mpreports.lines import said_of
from mpreports.results import read_results
from mpreports.verdicts import DEVIATIONS


@click.command(name="reproduce", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("results", type=click.Path(path_type=Path))
@click.argument("requirement")
def reproduce(results: Path, requirement: str) -> None:
    """Print a script that shows one deviation.

    RESULTS is a results file and REQUIREMENT the id of a requirement that it has a deviation of. The script needs the
    backend, Hypothesis where it tries examples, and nothing else: neither pytest nor this suite.

    \b
      mpconform reproduce results/billiard-spawn-py3.11.jsonl process.kill.ends-process > show.py
      python show.py
    """
    found = read_results(results)
    verdicts = {entry["id"]: entry["verdict"] for entry in found.requirements}
    deviations = [
        (id_, said_of(id_, test)["verdict"] == verdicts.get(id_), test["dossier"]["reproducer"])
        for test in found.tests
        for id_ in test["requirements"]
        if said_of(id_, test)["verdict"] in DEVIATIONS and test["dossier"] is not None and test["dossier"]["reproducer"]
    ]
    scripts: dict[str, str] = {}
    for id_, _, script in sorted(deviations, key=lambda one: not one[1]):  # those that decided the verdict go first
        scripts.setdefault(id_, script)
    if requirement not in scripts:
        if requirement in verdicts:
            raise UsageError(
                f"{results}: the verdict on {requirement!r} is {verdicts[requirement]}: nothing to reproduce"
            )
        otherwise = f"it has a deviation of {listed(list(scripts))}" if scripts else "it has no deviation at all"
        raise UsageError(f"{results}: nothing on {requirement!r}: {did_you_mean(requirement, scripts, otherwise)}")
    click.echo(scripts[requirement], nl=False)


def listed(names: list[str], limit: int = 5) -> str:
    """Return the names in a row, and how many more there are."""
    more = len(names) - limit
    return ", ".join(names[:limit]) + (f" and {more} more" if more > 0 else "")
