"""What changed from one run to another, or from one backend to another: requirement by requirement, cell by cell.

Verdicts fall into four groups:

==========  ====================================================  ============================================
group       verdicts                                              what is known of the promise
==========  ====================================================  ============================================
kept        pass, observed                                        nothing against it
deviates    crash, hang, fail, leak, flaky                        it is broken; the first of these is the worst
undecided   blocked, unsupported                                  nothing, because of what the backend lacks
not there   not-applicable, untestable, not-run, or not in file   nothing, whatever the backend does
==========  ====================================================  ============================================

A change within *deviates* is worse or better by the order of the verdicts; a change within another group is
none. Between groups:

============  ========  ==========  ===========  ===========
from \\ to     kept      deviates    undecided    not there
============  ========  ==========  ===========  ===========
kept          .         worse       worse        vanished
deviates      better    .           vanished     vanished
undecided     better    appeared    .            vanished
not there     appeared  appeared    appeared     .
============  ========  ==========  ===========  ===========

So a deviation of which nothing is known any more is not called better, and one that comes to light because what
stood in front of it was mended is not called worse: *appeared* and *vanished* say that there is nothing to compare
with. What did not run is neither worse nor better: a run that was ended early says nothing of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mpreports.lines import Requirement
from mpreports.results import UNUSABLE, Results, ResultsError, read_results, read_set
from mpreports.verdicts import AS_EXPECTED, DEVIATIONS, NOT_AS_EXPECTED, NOT_COMPLETE, Verdict, worst

Kind = Literal["worse", "better", "appeared", "vanished"]

KINDS: tuple[Kind, ...] = ("worse", "better", "appeared", "vanished")
"""The kinds of changes, in the order in which reports show them."""

_KEPT = frozenset({Verdict.PASS, Verdict.OBSERVED})
_UNDECIDED = frozenset({Verdict.BLOCKED, Verdict.UNSUPPORTED})
_NOT_THERE = frozenset({Verdict.NOT_APPLICABLE, Verdict.UNTESTABLE, Verdict.NOT_RUN, None})
_GROUPS: tuple[frozenset[Verdict | None], ...] = (_KEPT, DEVIATIONS, _UNDECIDED, _NOT_THERE)


@dataclass(frozen=True)
class Change:
    """A requirement whose verdict is another one than it was."""

    requirement: Requirement
    """As the later results have it, or as the earlier ones do if it is not in the later."""
    before: Verdict | None
    """None if the earlier results do not have the requirement."""
    after: Verdict | None
    """None if the later results do not have the requirement."""
    kind: Kind


@dataclass(frozen=True)
class Comparison:
    """One cell, before and after."""

    before: Results | None
    """None if only the later set has the cell; nothing is compared then."""
    after: Results | None
    """None if only the earlier set has the cell; nothing is compared then."""
    changes: list[Change]

    def of_kind(self, kind: Kind) -> list[Change]:
        """Return the changes of one kind, in the order of the document."""
        return [change for change in self.changes if change.kind == kind]


def kind_of(before: Verdict | None, after: Verdict | None) -> Kind | None:
    """Return what kind of change it is from one verdict to another, or None if it is none."""
    was, now = (next(group for group in _GROUPS if verdict in group) for verdict in (before, after))
    if was is now and (was is not DEVIATIONS or before is after):
        return None
    if now is _NOT_THERE or (was is DEVIATIONS and now is _UNDECIDED):
        return "vanished"
    if was is _NOT_THERE or (was is _UNDECIDED and now is DEVIATIONS):
        return "appeared"
    assert before is not None, "what is not in the file is not there"
    assert after is not None, "what is not in the file is not there"
    return "worse" if worst([before, after]) is after else "better"


def compare(before: Results, after: Results) -> list[Change]:
    """Return what changed between two runs, whatever their cells are, in the order of the later one."""
    earlier = {entry["id"]: entry for entry in before.requirements}
    later = {entry["id"]: entry for entry in after.requirements}
    changes = []
    for id_, entry in {**later, **{id_: entry for id_, entry in earlier.items() if id_ not in later}}.items():
        was = earlier[id_]["verdict"] if id_ in earlier else None
        now = later[id_]["verdict"] if id_ in later else None
        kind = kind_of(was, now)
        if kind is not None:
            changes.append(Change(entry, was, now, kind))
    return changes


def compare_sets(before: Sequence[Results], after: Sequence[Results]) -> list[Comparison]:
    """Return one comparison for each cell of either set: those of the later set in its order, then what is gone.

    Two runs are of the same cell if backend, start method, implementation and minor version of Python, and platform
    are the same: another version of the backend is what one wants to compare.

    Raises :class:`ResultsError` if a set has two runs of the same cell, or if the sets have no cell in common: to say
    that nothing got worse would be wrong then.
    """
    earlier, later = _by_cell(before), _by_cell(after)
    comparisons = []
    for cell, run in later.items():
        was = earlier.get(cell)
        comparisons.append(Comparison(was, run, compare(was, run) if was else []))
    if not earlier.keys() & later.keys():
        remedy = "compare the same backend, start method, Python and platform, or two single files (mpconform diff)"
        raise ResultsError(f"{after[0].path}: has no cell in common with {before[0].path}: {remedy}", UNUSABLE)
    return comparisons + [Comparison(run, None, []) for cell, run in earlier.items() if cell not in later]


def exit_status(comparisons: Sequence[Comparison]) -> int:
    """Return the exit status for these comparisons: of what did not run it is never said that it did not get worse."""
    for one in comparisons:
        if one.before is None or one.after is None:
            continue
        ended = any(run.footer["ended"] is not None for run in (one.before, one.after))
        if ended or any(Verdict.NOT_RUN in (change.before, change.after) for change in one.changes):
            return NOT_COMPLETE
    worse = any(one.of_kind("worse") for one in comparisons)
    return NOT_AS_EXPECTED if worse else AS_EXPECTED


def compare_paths(before: Path, after: Path) -> list[Comparison]:
    """Compare what is at two paths: two files, whatever their cells are, or sets of files, cell by cell.

    Raises :class:`ResultsError` if a file cannot be used, and as :func:`compare_sets` does.
    """
    if not before.is_dir() and not after.is_dir():
        was, now = read_results(before), read_results(after)
        return [Comparison(was, now, compare(was, now))]
    return compare_sets(read_set(before), read_set(after))


def _by_cell(runs: Sequence[Results]) -> dict[tuple[str, ...], Results]:
    found: dict[tuple[str, ...], Results] = {}
    for run in runs:
        cell = run.header["cell"]
        python = ".".join(cell["python"].split(".")[:2])
        key = (cell["backend"], cell["start_method"], cell["implementation"], python, cell["platform"])
        if key in found:
            remedy = "take one of them away, or merge them if each is a part"
            raise ResultsError(f"{run.path}: is of the same cell as {found[key].path}: {remedy}", UNUSABLE)
        found[key] = run
    return found
