"""What each pass is worth: the account of which broken versions of the standard library each requirement noticed.

The suite's own tests write it, as JSON: ``python -m mutants --matrix FILE``.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypedDict

from mpreports.lines import LineError, fit
from mpreports.results import UNUSABLE, ResultsError


class Bite(TypedDict):
    """What the tests of a requirement said to one mutant that breaks it."""

    mutant: str
    clause: str  # of the promise
    caught: bool
    said: str


class Bites(TypedDict):
    """What the tests of one requirement caught."""

    requirement: str
    mutants: list[Bite]
    without: str | None  # why there is no mutant


class Notice(TypedDict):
    """What a requirement said to a mutant that does not break it, nor what it needs."""

    requirement: str
    said: str


class Mutant(TypedDict):
    """One way to break the standard library."""

    mutant: str
    clause: str
    breaks: list[str]
    noticed: list[Notice]


class Account(TypedDict):
    """What the file holds."""

    kind: Literal["teeth"]
    schema: Literal[1]
    suite: str
    python: str
    platform: str
    requirements: list[Bites]
    mutants: list[Mutant]


@dataclass(frozen=True)
class Teeth:
    """The account, by requirement."""

    account: Account
    bites: dict[str, Bites]

    def noticed(self, ids: Collection[str]) -> list[Mutant]:
        """Return the mutants that something else noticed too, if these requirements have to do with it."""
        found = []
        for mutant in self.account["mutants"]:
            concerned = {*mutant["breaks"], *(one["requirement"] for one in mutant["noticed"])}
            if mutant["noticed"] and not concerned.isdisjoint(ids):
                found.append(mutant)
        return found


def caught(bites: Bites) -> int:
    """Return how many mutants a requirement caught."""
    return sum(one["caught"] for one in bites["mutants"])


def read_teeth(path: Path) -> Teeth:
    """Return what the file holds; raise :class:`ResultsError` if it is no such account."""
    try:
        account: Account = fit(json.loads(path.read_text("utf-8")), Account, "")
    except OSError as error:
        raise ResultsError(f"{path}: cannot be read: {error.strerror or error}", UNUSABLE) from None
    except (ValueError, RecursionError, LineError) as error:
        remedy = "python -m mutants --matrix FILE.json writes one"
        raise ResultsError(f"{path}: is no account of teeth: {error}; {remedy}", UNUSABLE) from None
    return Teeth(account, {bites["requirement"]: bites for bites in account["requirements"]})
