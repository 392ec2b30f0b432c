"""What one run of one test came to. Small, and plain data: it goes from a sandbox to pytest's process as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mpconform.isolation.chaos import Chaos
from mpreports.judging import Judged, Note, split
from mpreports.verdicts import Verdict


@dataclass
class Outcome:
    """The verdict on what a test did outside of its ``promise`` blocks, those on the blocks, and the dossier."""

    verdict: Verdict
    message: str = ""
    seconds: float = 0.0
    traceback: str = ""
    observation: str | None = None
    notes: dict[str, Note] = field(default_factory=dict)
    """What came of each promise that was judged by itself."""
    ledger: dict[str, list[str]] = field(default_factory=dict)
    """What was left behind, by kind, a text for each thing."""
    stacks: list[dict[str, object]] = field(default_factory=list)
    schedule: str = ""
    """The name of the schedule of chaos under which it went wrong, if it was run under one."""
    chaos: str = ""
    """What that did to it, in words."""
    late: bool = False
    """Whether all that was wrong outside of the blocks is that something came too late."""
    stdout: str = ""
    stderr: str = ""

    @classmethod
    def from_dict(cls, told: dict[str, Any]) -> Outcome:
        """Make it again of what :meth:`as_dict` gave, before or after a journey as JSON."""
        notes = {id_: Note(verdict and Verdict(verdict), *more) for id_, (verdict, *more) in told["notes"].items()}
        return cls(**{**told, "verdict": Verdict(told["verdict"]), "notes": notes})

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)

    @property
    def passed(self) -> bool:
        """Whether nothing at all was wrong."""
        return self.verdict is Verdict.PASS and all(note.verdict is Verdict.PASS for note in self.notes.values())

    def judged(self, ids: Sequence[str]) -> dict[str, Judged]:
        """Return what this says of each of the requirements that the test verifies."""
        return split(ids, Judged(self.verdict, self.message, self.observation, self.late), self.notes)

    def short(self) -> str:
        """Return in short what was wrong, outside of the blocks or else in the first of them."""
        broken = (note.message for note in self.notes.values() if note.verdict is Verdict.FAIL)
        return self.message or next(broken, "")

    def told(self) -> str:
        """Return the tracebacks of all that was wrong."""
        tracebacks = [self.traceback, *(note.traceback for note in self.notes.values())]
        return "\n\n".join(filter(None, [*tracebacks, self.chaos]))

    def blame(self, chaos: Chaos) -> None:
        """Say of all that went wrong that it did so under this chaos."""
        under = f" [under chaos: schedule {chaos.name}]"
        self.schedule, self.chaos = chaos.name, chaos.account()
        if self.verdict is not Verdict.PASS:
            self.message += under
        for id_, note in self.notes.items():
            if note.verdict is Verdict.FAIL:
                self.notes[id_] = note._replace(message=note.message + under)


def last_failure(outcomes: Sequence[Outcome]) -> Outcome | None:
    """Return the last that is not all right, or None if all are."""
    return next((outcome for outcome in reversed(outcomes) if not outcome.passed), None)


def read_notes(file: Path) -> dict[str, Note]:
    """Return what came of each promise that the test judged by itself: the worst, if it did so more than once."""
    notes: dict[str, Note] = {}
    if file.exists():
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
            told = json.loads(line)
            verdict = None if told["verdict"] == "begun" else Verdict(told["verdict"])
            before = notes.get(told["id"])
            if before is None or before.verdict is not Verdict.FAIL:
                notes[told["id"]] = Note(verdict, told["message"], told["traceback"], told["late"])
    return notes
