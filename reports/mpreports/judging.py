"""From what tests gave to verdicts on requirements: pure functions, for the run of a cell and for a merge of shards.

========================  ==================================================================================
from                      to
========================  ==================================================================================
one run of one test       :func:`split`: a verdict for each requirement that the test verifies
several runs of it        :func:`settle`: one verdict, or ``flaky``
all tests of a cell       :func:`judge`: the verdict on each requirement, with what it needs in view
========================  ==================================================================================

Three rules travel along needs:

* what needs something that the backend does not offer, or that is not promised in this cell, is exempt as well;
* what does not pass, and needs something that is not met, is ``blocked`` by that: it is accused of nothing;
* what passes has passed, whatever it needs.

What is given as the reason is always the root: the one at the end of the chain of needs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from mpreports.lines import Requirement, Test, said_of
from mpreports.verdicts import BLOCKING, DEVIATIONS, SCORED, Verdict, worst

EXEMPT = (Verdict.UNSUPPORTED, Verdict.NOT_APPLICABLE)
"""The verdicts without a test that pass on to whatever needs the requirement."""

UNTRIED = frozenset({*EXEMPT, Verdict.UNTESTABLE})
"""The verdicts that do not come from tests."""

NOT_ARISEN = "did not arise: "
"""What the reason begins with where the situation of a promise did not come about, and so nothing was tried."""


class Judged(NamedTuple):
    """What is known of one requirement, from one run of a test or from all."""

    verdict: Verdict
    message: str = ""
    observation: str | None = None
    late: bool = False
    """Whether it fails only because something came too late, for which a busy machine may be to blame."""


class Note(NamedTuple):
    """What came of a block in which a test judges one requirement alone; ``verdict`` is None if it did not end."""

    verdict: Verdict | None
    message: str = ""
    traceback: str = ""
    late: bool = False


class Tested(NamedTuple):
    """What one test, by name, says of one requirement in the end."""

    test: str
    judged: Judged


class Judgement(NamedTuple):
    """The verdict on a requirement, why, what was observed, and the tests that it comes from."""

    verdict: Verdict
    because: str = ""
    observation: str | None = None
    tests: tuple[str, ...] = ()


def split(ids: Sequence[str], outcome: Judged, notes: Mapping[str, Note]) -> dict[str, Judged]:
    """Return what one run of a test says of each requirement that it verifies.

    ``outcome`` is what became of the test outside of the blocks that ``notes`` tells of. It concerns the requirements
    without a block, and those whose block did not end. But a test that ends early says nothing (``blocked``) of what
    it did not come to, if that may be due to a promise that was broken before; and what is left behind may be too.

    If each requirement has had its block, and none was broken, the first is told of the outcome: what went wrong must
    be told, but once.
    """
    done = {
        id_: Judged(note.verdict, note.message, outcome.observation, note.late)
        for id_, note in notes.items()
        if note.verdict is not None
    }
    unended = [id_ for id_ in ids if id_ in notes and id_ not in done]
    broken = [id_ for id_ in ids if id_ in done and done[id_].verdict is Verdict.FAIL]
    found: dict[str, Judged] = {}
    for id_ in ids:
        if id_ in done:
            found[id_] = done[id_]
        elif id_ in unended or not (unended or broken):
            found[id_] = outcome
        elif outcome.verdict in BLOCKING:
            found[id_] = Judged(Verdict.BLOCKED, f"the test did not come to it: {(unended or broken)[0]} is not met")
        elif outcome.verdict is Verdict.LEAK:
            found[id_] = Judged(Verdict.PASS, "", outcome.observation)
        else:
            found[id_] = outcome
    if ids and all(id_ in done for id_ in ids) and not broken and outcome.verdict is not Verdict.PASS:
        found[ids[0]] = outcome
    return found


def settle(attempts: Sequence[Judged], *, observing: bool) -> Judged:
    """Return what several runs of a test, at least one, say of a requirement.

    An attempt that could not be made tells nothing, and so neither do the others. One that is ``blocked``, or whose
    situation did not arise, says nothing of the requirement, and counts only if all are so. One that was ``late``
    counts only if all were: what comes too late on a busy machine is no deviation. ``observing`` says that the
    requirement is an open question: then whatever was done is the answer.
    """
    observation = next((one.observation for one in reversed(attempts) if one.observation is not None), None)
    told = [one for one in attempts if one.verdict not in (Verdict.BLOCKED, Verdict.NOT_APPLICABLE)]
    if not told:
        return attempts[-1]
    told = [one for one in told if not one.late] or told
    missing = next((one for one in told if one.verdict is Verdict.NOT_RUN), None)
    if missing is not None:
        return missing
    bad = [one for one in told if one.verdict is not Verdict.PASS]
    if observing:
        if bad and observation is None:
            observation = f"{bad[-1].verdict}: {bad[-1].message}"
        return Judged(Verdict.OBSERVED, "", observation)
    if not bad:
        return Judged(Verdict.PASS, "", observation)
    if len(bad) < len(told):
        message = f"passed {len(told) - len(bad)} of {len(told)} times; else: {bad[-1].message}"
        return Judged(Verdict.FLAKY, message, observation)
    verdict = worst(one.verdict for one in bad)
    message = next(one.message for one in reversed(bad) if one.verdict is verdict)
    return Judged(verdict, message, observation, all(one.late for one in bad))


def by_requirement(tests: Iterable[Test]) -> dict[str, list[Tested]]:
    """Return what the lines of tests say, by requirement, in their order."""
    found: dict[str, list[Tested]] = {}
    for test in tests:
        for id_ in test["requirements"]:
            said = said_of(id_, test)
            judged = Judged(Verdict(said["verdict"]), said["message"], test["observation"])
            found.setdefault(id_, []).append(Tested(test["test"], judged))
    return found


def exemptions(
    own: Mapping[str, tuple[Verdict, str]], needs: Mapping[str, Sequence[str]]
) -> dict[str, tuple[Verdict, str]]:
    """Return the verdict without a test on each requirement that has one, and why.

    ``own`` holds those that have one by themselves; the others have it by what they need. ``needs`` has an entry for
    every requirement, and no circle.
    """

    @cache
    def root(id_: str) -> str | None:
        """Return the first, of what it needs directly or not, that is exempt by itself."""
        for needed in needs.get(id_, ()):
            found = needed if needed in own and own[needed][0] in EXEMPT else root(needed)
            if found is not None:
                return found
        return None

    exempt = dict(own)
    for id_ in needs:
        needed = root(id_)
        if id_ not in own and needed is not None:
            verdict, reason = own[needed]
            exempt[id_] = verdict, f"needs {needed}, which is {verdict}: {reason}"
    return exempt


def judge(
    ids: Iterable[str],
    tests: Mapping[str, Sequence[Tested]],
    exempt: Mapping[str, tuple[Verdict, str]],
    needs: Mapping[str, Sequence[str]],
) -> dict[str, Judgement]:
    """Return the judgement on each of ``ids``, in their order.

    ``tests`` tells for each requirement what its tests say, ``exempt`` which have a verdict without a test, and
    ``needs`` which others each cannot do without.
    """
    own: dict[str, Judgement] = {}
    for id_ in ids:
        own[id_] = Judgement(*exempt[id_]) if id_ in exempt else _from_tests(tests.get(id_, ()))
    verdicts = {id_: judgement.verdict for id_, judgement in own.items()}
    of_test: dict[str, set[str]] = {}
    for id_, judgement in own.items():
        for test in judgement.tests:
            of_test.setdefault(test, set()).add(id_)
    judgements = {}
    for id_, judgement in own.items():
        if judgement.verdict in DEVIATIONS | {Verdict.BLOCKED}:
            beside = {other for test in judgement.tests for other in of_test[test]}
            root = unmet(id_, needs, verdicts, beside)
            if root is not None:
                because = f"needs {root}, which is {verdicts[root]}"
                judgement = judgement._replace(verdict=Verdict.BLOCKED, because=because)
        judgements[id_] = judgement
    return judgements


def _from_tests(tests: Sequence[Tested]) -> Judgement:
    verdict = worst(one.judged.verdict for one in tests)
    because = next((one.judged.message for one in tests if one.judged.verdict is verdict), "")
    observation = next((one.judged.observation for one in tests if one.judged.observation is not None), None)
    if verdict is Verdict.NOT_RUN and not because:
        because = "its tests did not run"
    return Judgement(verdict, because, observation, tuple(one.test for one in tests))


def never_arisen(entries: Iterable[Requirement]) -> str:
    """Return what did not arise in any cell, of the lines that the cells have of one requirement.

    It is empty if some cell could judge the requirement, and if in none a test began to try it.
    """
    missed = ""
    for entry in entries:
        if entry["verdict"] in SCORED or entry["verdict"] is Verdict.OBSERVED:
            return ""
        if entry["verdict"] is Verdict.NOT_APPLICABLE and entry["because"].startswith(NOT_ARISEN):
            missed = missed or entry["because"].removeprefix(NOT_ARISEN)
    return missed


def unmet(
    id_: str, needs: Mapping[str, Sequence[str]], verdicts: Mapping[str, Verdict], beside: Collection[str] = ()
) -> str | None:
    """Return which requirement blocks this one: it is needed, directly or not, and is not met; None if all are.

    It is the root of the trouble, if needs have needs. ``verdicts`` are those that the own tests gave. One that is
    judged ``beside`` this one, by the same test, does not block it by being blocked: the test did not come to it, and
    the cause of that may be this very one.
    """
    for needed in needs.get(id_, ()):
        root = unmet(needed, needs, verdicts, beside) or needed
        verdict = verdicts.get(root)
        if verdict in BLOCKING and not (verdict is Verdict.BLOCKED and root in beside):
            return root
    return None
