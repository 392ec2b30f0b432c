"""The account of the documentation: every sentence yields requirements, or is not normative and says why.

``account.toml`` has one table for each anchor of the documentation; its keys count the sentences below that
anchor, the signature being number 0. A sentence is a list of the ids that it yields, or the reason, as a
string, why it promises nothing that can be checked. An empty list is a sentence that nobody has read closely yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mpconform.registry.loading import ANCHOR, line_of, read_toml
from mpconform.registry.model import Registry, RegistryError

ACCOUNT = "account.toml"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the documentation: where it stands, and what it yields or why it yields nothing."""

    section: str
    anchor: str
    number: int
    yields: tuple[str, ...]
    not_normative: str | None


def load_accounts(registry: Registry) -> dict[str, tuple[Sentence, ...]]:
    """Return the account of each section's sentences; raise :class:`RegistryError`."""
    return {section: load_account(registry.root / section) for section in registry.titles}


def load_account(folder: Path) -> tuple[Sentence, ...]:
    """Return the sentences that the section in ``folder`` accounts for, in order; raise :class:`RegistryError`."""
    file = folder / ACCOUNT
    sentences = []
    for anchor, table in read_toml(file).items():
        if not isinstance(table, dict):
            raise RegistryError(f"{anchor}: must be a table of numbered sentences", file)
        if not ANCHOR.fullmatch(anchor):
            raise RegistryError(
                f'{anchor}: no anchor; write it in quotes, ["multiprocessing.Process.join"] or '
                '["multiprocessing#pipes-and-queues"]',
                file,
                line_of(file, anchor),
            )
        sentences += [read_sentence(file, anchor, key, value) for key, value in table.items()]
    return tuple(sentences)


def read_sentence(file: Path, anchor: str, key: str, value: object) -> Sentence:
    """Return the sentence that one line of an account describes; raise :class:`RegistryError`."""
    if not key.isdecimal():
        problem = "no number; the keys count the sentences below the anchor"
        raise RegistryError(f"{anchor}: {key}: {problem}", file, line_of(file, anchor, key))
    if isinstance(value, str) and value.strip():
        return Sentence(file.parent.name, anchor, int(key), (), value)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return Sentence(file.parent.name, anchor, int(key), tuple(value), None)
    problem = "must be a list of requirement ids, or a string that says why the sentence promises nothing"
    raise RegistryError(f"{anchor}: {key}: {problem}", file, line_of(file, anchor, key))


def is_pending(sentence: Sentence, registry: Registry) -> bool:
    """Return whether a sentence still waits for a requirement that exists."""
    if sentence.not_normative is not None:
        return False
    return not sentence.yields or any(ident not in registry.requirements for ident in sentence.yields)
