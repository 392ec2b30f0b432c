"""How a requirement may be worded: one sentence, in the present tense, with a verb that a test can check."""

from __future__ import annotations

import re
from collections.abc import Iterator

VERBS = """
    is are has have does do can cannot
    accepts rejects refuses takes needs requires returns gives yields raises fails succeeds
    equals differs matches holds contains lacks compares identifies denotes designates represents refers
    blocks waits awaits polls starts begins ends exits stops terminates kills dies runs calls invokes executes
    sends receives puts gets reads writes delivers transfers carries forwards passes propagates
    adds removes appends pops inserts deletes discards drops consumes collects
    acquires releases unlocks notifies wakes unblocks resumes interrupts owns
    opens closes connects binds listens joins flushes shuts
    creates makes builds allocates frees destroys unlinks registers exposes provides offers supplies
    sets clears keeps leaves changes preserves resets restores stores becomes stays remains lets
    inherits shares copies pickles unpickles survives applies splits chops sorts iterates
    prints shows writes reports tells names counts numbers decreases increases advances
    defaults uses ignores overrides replaces wraps limits converts evaluates initialises initializes
    exists includes comes goes happens belongs follows precedes reaches sees finds respects tracks
    arranges arrives
    accept refuse take return give raise fail succeed equal differ contain hold refer
    block wait start begin end stop run send receive deliver arrive pass add remove drop acquire release wake
    create make leave stay remain become keep share inherit survive apply print exist come belong reach see
"""

CHECKABLE = frozenset(VERBS.split())
"""Verbs whose truth a test can decide. One that is missing is added here, if a test can decide it."""

UNCHECKABLE = re.compile(
    r"\b(should|shall|will|might|ought|properly|correctly|appropriate(ly)?|reasonabl[ey]|as expected|usually|typically|"
    r"normally|generally)\b",
    re.IGNORECASE,
)
"""Words that tell of intent, of the future, or of nothing definite: no test decides them."""

WORD = re.compile(r"(?<![\w.])[a-z]+(?!\w|\(|\.\w)")
"""A word that is no name in code: not the start of ``start()`` nor of ``Process.start``."""

ANOTHER_SENTENCE = re.compile(r"[.!?]\s+[A-Z]")


def wording_problems(says: str) -> Iterator[str]:
    """Yield what is wrong with the wording of a requirement."""
    if not says.endswith(".") or says.endswith(".."):
        yield "does not end in a full stop"
    if "\n" in says or ANOTHER_SENTENCE.search(says):
        yield "is more than one sentence; give each promise an id of its own"
    vague = UNCHECKABLE.search(says)
    if vague:
        yield f"has the word {vague[0]!r}, which no test can decide; say in the present tense what happens"
    elif not CHECKABLE.intersection(WORD.findall(says)):
        yield "has no checkable verb (returns, raises, blocks, is, ...; they are listed in registry/wording.py)"
