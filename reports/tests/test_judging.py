"""From runs of tests to verdicts on requirements: what one run says, what several do, what needs make of it."""

from __future__ import annotations

import itertools

import pytest

from mpreports.judging import (
    EXEMPT,
    NOT_ARISEN,
    UNTRIED,
    Judged,
    Judgement,
    Note,
    by_requirement,
    exemptions,
    judge,
    never_arisen,
    settle,
    split,
    unmet,
)
from mpreports.judging import Tested as Said  # pytest takes what is called Test for its own
from mpreports.verdicts import AS_EXPECTED, BLOCKING, DEVIATIONS, NOT_COMPLETE, Verdict, exit_status

PASS, FAIL, HANG, CRASH, LEAK, FLAKY = (
    Verdict.PASS,
    Verdict.FAIL,
    Verdict.HANG,
    Verdict.CRASH,
    Verdict.LEAK,
    Verdict.FLAKY,
)
BLOCKED, UNSUPPORTED, NOT_APPLICABLE = Verdict.BLOCKED, Verdict.UNSUPPORTED, Verdict.NOT_APPLICABLE
OBSERVED, UNTESTABLE, NOT_RUN = Verdict.OBSERVED, Verdict.UNTESTABLE, Verdict.NOT_RUN


# One run of a test

GOOD, BROKEN, UNENDED = Note(PASS), Note(FAIL, "block"), Note(None)


def missed(id_):
    return Judged(BLOCKED, f"the test did not come to it: {id_} is not met")


def outside(verdict):
    return Judged(verdict, "" if verdict is PASS else "outside")


BLOCK_FAILED = Judged(FAIL, "block")

SPLITS = {
    "all passes and there are no blocks": (PASS, {}, [outside(PASS)] * 3),
    "there are no blocks": (FAIL, {}, [outside(FAIL)] * 3),
    "it hangs and there are no blocks": (HANG, {}, [outside(HANG)] * 3),
    "it leaks and there are no blocks": (LEAK, {}, [outside(LEAK)] * 3),
    "it was not tried": (BLOCKED, {}, [outside(BLOCKED)] * 3),
    "it could not be run": (NOT_RUN, {}, [outside(NOT_RUN)] * 3),
    "all blocks pass": (PASS, {"a": GOOD, "b": GOOD, "c": GOOD}, [outside(PASS)] * 3),
    "all blocks fail": (PASS, {"a": BROKEN, "b": BROKEN, "c": BROKEN}, [BLOCK_FAILED] * 3),
    "one block fails": (PASS, {"a": GOOD, "b": BROKEN, "c": GOOD}, [outside(PASS), BLOCK_FAILED, outside(PASS)]),
    "one block fails and the rest has none": (PASS, {"b": BROKEN}, [outside(PASS), BLOCK_FAILED, outside(PASS)]),
    "something else raises before the blocks": (FAIL, {}, [outside(FAIL)] * 3),
    "something else raises between the blocks": (FAIL, {"a": GOOD}, [outside(PASS), outside(FAIL), outside(FAIL)]),
    "something else raises behind a broken block": (FAIL, {"a": BROKEN}, [BLOCK_FAILED, missed("a"), missed("a")]),
    "it hangs behind a broken block": (HANG, {"a": GOOD, "b": BROKEN}, [outside(PASS), BLOCK_FAILED, missed("b")]),
    "it hangs in a block": (HANG, {"a": GOOD, "b": UNENDED}, [outside(PASS), outside(HANG), missed("b")]),
    "it crashes in the first block": (CRASH, {"a": UNENDED}, [outside(CRASH), missed("a"), missed("a")]),
    "it hangs in a block behind a broken one": (
        HANG,
        {"a": BROKEN, "b": UNENDED},
        [BLOCK_FAILED, outside(HANG), missed("b")],
    ),
    "something else raises behind all blocks": (
        FAIL,
        {"a": GOOD, "b": GOOD, "c": GOOD},
        [outside(FAIL), outside(PASS), outside(PASS)],
    ),
    "it crashes behind all blocks, of which one is broken": (
        CRASH,
        {"a": GOOD, "b": BROKEN, "c": GOOD},
        [outside(PASS), BLOCK_FAILED, outside(PASS)],
    ),
    "it leaks and all have blocks": (
        LEAK,
        {"a": GOOD, "b": GOOD, "c": GOOD},
        [outside(LEAK), outside(PASS), outside(PASS)],
    ),
    "it leaks, all have blocks, and one is broken": (
        LEAK,
        {"a": GOOD, "b": BROKEN, "c": GOOD},
        [outside(PASS), BLOCK_FAILED, outside(PASS)],
    ),
    "it leaks and some have blocks": (LEAK, {"a": GOOD}, [outside(PASS), outside(LEAK), outside(LEAK)]),
    "it leaks and a block is broken": (LEAK, {"a": BROKEN}, [BLOCK_FAILED, outside(PASS), outside(PASS)]),
    "it leaks and a block did not end": (
        LEAK,
        {"a": UNENDED, "b": GOOD},
        [outside(LEAK), outside(PASS), outside(PASS)],
    ),
}


@pytest.mark.parametrize("case", SPLITS)
def test_what_one_run_says_of_each_requirement(case):
    verdict, notes, said = SPLITS[case]
    found = split(["a", "b", "c"], outside(verdict), notes)
    assert list(found) == ["a", "b", "c"]
    assert list(found.values()) == said


@pytest.mark.parametrize("verdict", [*DEVIATIONS - {FLAKY}, PASS])
def test_a_test_of_one_requirement_says_what_it_gave(verdict):
    assert split(["a"], outside(verdict), {}) == {"a": outside(verdict)}
    assert split(["a"], outside(verdict), {"a": GOOD}) == {"a": outside(verdict)}
    assert split([], outside(verdict), {}) == {}


def test_whatever_goes_wrong_is_told_of_something():
    for verdict, notes in itertools.product(
        DEVIATIONS - {FLAKY}, itertools.product([GOOD, BROKEN, UNENDED, None], repeat=2)
    ):
        noted = {id_: note for id_, note in zip("ab", notes, strict=True) if note is not None}
        found = split("ab", outside(verdict), noted)
        assert any(one.verdict in DEVIATIONS for one in found.values()), f"{verdict} with {noted} is lost"


def test_a_note_on_what_the_test_does_not_verify_changes_nothing():
    assert split(["a"], outside(PASS), {"x": BROKEN}) == {"a": outside(PASS)}
    assert split(["a"], outside(HANG), {"x": UNENDED}) == {"a": outside(HANG)}


def test_what_was_observed_is_kept_with_each():
    found = split(["a", "b"], Judged(PASS, "", "by number"), {"a": BROKEN})
    assert found == {"a": Judged(FAIL, "block", "by number"), "b": Judged(PASS, "", "by number")}


# Several runs of a test


def attempts(words):
    """Return attempts by their verdicts, each with its number as its message; ``late`` is a failure by the clock."""
    found = []
    for number, word in enumerate(words.split(), 1):
        late = word == "late"
        found.append(Judged(FAIL if late else Verdict(word), "" if word == "pass" else f"no. {number}", None, late))
    return found


SETTLED = [
    ("pass", PASS, ""),
    ("pass pass pass", PASS, ""),
    ("fail", FAIL, "no. 1"),
    ("fail fail", FAIL, "no. 2"),
    ("leak leak", LEAK, "no. 2"),
    # What fails each time is not flaky, however it fails: it is the worst.
    ("fail hang", HANG, "no. 2"),
    ("hang fail", HANG, "no. 1"),
    ("hang fail fail", HANG, "no. 1"),
    ("leak fail", FAIL, "no. 2"),
    ("crash hang", CRASH, "no. 1"),
    ("fail pass", FLAKY, "passed 1 of 2 times; else: no. 1"),
    ("pass leak", FLAKY, "passed 1 of 2 times; else: no. 2"),
    ("pass hang fail pass", FLAKY, "passed 2 of 4 times; else: no. 3"),
    # What could not be run tells nothing, whatever the others say.
    ("not-run", NOT_RUN, "no. 1"),
    ("fail not-run", NOT_RUN, "no. 2"),
    ("not-run pass", NOT_RUN, "no. 1"),
    ("blocked not-run", NOT_RUN, "no. 2"),
    # What an attempt did not come to, another one may.
    ("blocked pass", PASS, ""),
    ("fail blocked", FAIL, "no. 1"),
    ("pass blocked fail", FLAKY, "passed 1 of 2 times; else: no. 3"),
    ("blocked", BLOCKED, "no. 1"),
    ("blocked blocked", BLOCKED, "no. 2"),
    # What was too late once may be a busy machine's fault.
    ("late pass", PASS, ""),
    ("late fail", FAIL, "no. 2"),
    ("late hang pass", FLAKY, "passed 1 of 2 times; else: no. 2"),
    ("late leak", LEAK, "no. 2"),
    # What did not arise was not tried.
    ("not-applicable", NOT_APPLICABLE, "no. 1"),
    ("not-applicable pass", PASS, ""),
    ("fail not-applicable", FAIL, "no. 1"),
]


@pytest.mark.parametrize(("words", "verdict", "message"), SETTLED)
def test_what_several_runs_say(words, verdict, message):
    assert settle(attempts(words), observing=False) == Judged(verdict, message)


def test_what_is_late_each_time_fails_and_is_still_only_late():
    assert settle(attempts("late late"), observing=False) == Judged(FAIL, "no. 2", None, late=True)


@pytest.mark.parametrize(
    ("words", "settled"),
    [
        ("pass", Judged(OBSERVED)),
        ("fail", Judged(OBSERVED, "", "fail: no. 1")),
        ("pass pass", Judged(OBSERVED)),
        ("hang hang", Judged(OBSERVED, "", "hang: no. 2")),
        ("pass crash", Judged(OBSERVED, "", "crash: no. 2")),
        ("blocked fail", Judged(OBSERVED, "", "fail: no. 2")),
        # Nothing was done, and so nothing was observed.
        ("not-run", Judged(NOT_RUN, "no. 1")),
        ("blocked blocked", Judged(BLOCKED, "no. 2")),
    ],
)
def test_whatever_is_done_about_an_open_question_is_the_answer(words, settled):
    assert settle(attempts(words), observing=True) == settled


@pytest.mark.parametrize("observing", [True, False])
def test_what_the_test_has_observed_is_the_last_that_it_has(observing):
    given = [Judged(PASS, "", "first"), Judged(PASS, "", "second"), Judged(PASS)]
    assert settle(given, observing=observing).observation == "second"
    assert settle([Judged(FAIL, "late", "by number")], observing=observing).observation == "by number"


@pytest.mark.parametrize(
    ("verdicts", "told"),
    [
        ("pass", ""),
        ("missed", "the moon is full"),
        ("missed missed", "the moon is full"),
        ("elsewhere missed unsupported not-run blocked", "the moon is full"),
        ("missed pass", ""),
        ("fail missed", ""),
        ("missed observed", ""),
        ("elsewhere unsupported", ""),
        ("", ""),
    ],
)
def test_what_did_not_arise_in_any_cell(samples, verdicts, told):
    reasons = {"missed": f"{NOT_ARISEN}the moon is full", "elsewhere": "promised on win32, this is linux"}
    entries = []
    for word in verdicts.split():
        verdict = Verdict("not-applicable" if word in reasons else word)
        entries.append(samples.check("a.b.c", verdict, because=reasons.get(word, "why"))[1])
    assert never_arisen(entries) == told


# What the lines of a file say


def test_a_line_says_the_same_of_all_unless_it_tells_them_apart(samples):
    [one, _], [two, _] = samples.check("a", "hang", because="slow"), samples.check("b", "fail", because="b")
    one |= {"requirements": ["a", "b"], "observation": "seen"}
    two |= {
        "requirements": ["b", "c"],
        "promises": {"b": {"verdict": "pass", "message": ""}, "c": {"verdict": FAIL, "message": "c"}},
    }
    first, second = Judged(HANG, "slow", "seen"), Judged(PASS)
    assert by_requirement([one, two]) == {
        "a": [Said(one["test"], first)],
        "b": [Said(one["test"], first), Said(two["test"], second)],
        "c": [Said(two["test"], Judged(FAIL, "c"))],
    }


# What has a verdict without a test

NEEDS = {
    "top": ["middle", "side"],  # before what it needs
    "middle": ["bottom"],
    "bottom": [],
    "side": [],
}


@pytest.mark.parametrize("verdict", EXEMPT)
def test_what_needs_what_is_exempt_is_so_too(verdict):
    why = f"needs bottom, which is {verdict}: ray: only a pool"
    assert exemptions({"bottom": (verdict, "ray: only a pool")}, NEEDS) == {
        "bottom": (verdict, "ray: only a pool"),
        "middle": (verdict, why),
        "top": (verdict, why),
    }


@pytest.mark.parametrize(
    ("own", "found"),
    [
        ({}, {}),
        ({"top": (UNSUPPORTED, "no")}, {}),
        (
            {"side": (NOT_APPLICABLE, "not here")},
            {"top": (NOT_APPLICABLE, "needs side, which is not-applicable: not here")},
        ),
        # What no test can tell can be there all the same. What it needs must be.
        ({"bottom": (UNTESTABLE, "nobody can see it")}, {}),
        ({"middle": (UNTESTABLE, "nobody can see it")}, {}),
        (
            {"middle": (UNTESTABLE, "nobody can see it"), "bottom": (UNSUPPORTED, "no")},
            {"top": (UNSUPPORTED, "needs bottom, which is unsupported: no")},
        ),
        # What has a verdict by itself keeps it.
        (
            {"bottom": (UNSUPPORTED, "no"), "middle": (NOT_APPLICABLE, "not here"), "top": (UNTESTABLE, "how?")},
            {},
        ),
        (
            {"bottom": (UNSUPPORTED, "no"), "middle": (NOT_APPLICABLE, "not here")},
            {"top": (NOT_APPLICABLE, "needs middle, which is not-applicable: not here")},
        ),
        # The first of several needs is the reason.
        (
            {"bottom": (UNSUPPORTED, "no"), "side": (NOT_APPLICABLE, "not here")},
            {
                "middle": (UNSUPPORTED, "needs bottom, which is unsupported: no"),
                "top": (UNSUPPORTED, "needs bottom, which is unsupported: no"),
            },
        ),
    ],
)
def test_what_else_is_exempt(own, found):
    assert exemptions(own, NEEDS) == own | found


def test_a_long_chain_has_a_short_reason():
    needs = {"0": [], **{str(number): [str(number - 1)] for number in range(1, 50)}}
    found = exemptions({"0": (UNSUPPORTED, "no")}, needs)
    assert {why for _, why in list(found.values())[1:]} == {"needs 0, which is unsupported: no"}
    assert len(found) == 50


# The judgement on a requirement


def judged(given, needs=NEEDS, exempt=None):
    """Judge requirements with one test each, which gave this verdict; return the judgements."""
    tests = {id_: [Said(f"test_{id_}", Judged(Verdict(word), word))] for id_, word in given.items()}
    return judge(given, tests, exempt or {}, needs)


def told(found):
    return {id_: (str(one.verdict), one.because) for id_, one in found.items()}


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ("pass", PASS),
        ("pass fail pass", FAIL),
        ("leak hang fail", HANG),
        ("hang crash", CRASH),
        ("pass flaky", FLAKY),
        ("pass blocked", BLOCKED),
        ("pass not-run", NOT_RUN),
        ("observed", OBSERVED),
        ("blocked not-run", NOT_RUN),
        ("fail not-run", FAIL),
    ],
)
def test_the_worst_of_several_tests_counts(words, verdict):
    tests = [Said(f"test_{number}", Judged(Verdict(word), word)) for number, word in enumerate(words.split())]
    [judgement] = judge(["x"], {"x": tests}, {}, {}).values()
    assert judgement == Judgement(verdict, str(verdict), None, tuple(one.test for one in tests))


def test_the_first_that_decides_gives_the_reason_and_the_first_that_observes_the_observation():
    given = [Judged(PASS), Judged(FAIL, "first", "seen"), Judged(FAIL, "second", "seen too")]
    [judgement] = judge(["x"], {"x": [Said("test", one) for one in given]}, {}, {}).values()
    assert (judgement.because, judgement.observation) == ("first", "seen")


def test_what_has_no_test_that_ran_did_not_run():
    assert judge(["x", "y"], {"y": [Said("test", Judged(NOT_RUN))]}, {}, {}) == {
        "x": Judgement(NOT_RUN, "its tests did not run"),
        "y": Judgement(NOT_RUN, "its tests did not run", None, ("test",)),
    }


@pytest.mark.parametrize("verdict", UNTRIED)
def test_what_is_exempt_is_not_asked_of_tests(verdict):
    found = judged({"bottom": "fail", "middle": "fail"}, exempt={"bottom": (verdict, "why")})
    assert found["bottom"] == Judgement(verdict, "why")
    assert told(found)["middle"] == ("fail", "fail"), "it is blocked by what was not tried"


def test_judgements_come_in_the_order_of_the_ids():
    assert list(judged({"z": "pass", "a": "fail", "m": "pass"})) == ["z", "a", "m"]


JUDGED = {
    "a pass is a pass, although a need is not met": ("fail pass pass", "fail pass pass"),
    "a failure without what it needs is blocked": ("fail fail pass", "fail blocked pass"),
    "the root is named, and not what stands between": ("fail fail fail", "fail blocked blocked"),
    "what passes on the way does not hide the root": ("fail pass fail", "fail pass blocked"),
    "a need that is met blocks nothing": ("pass fail pass", "pass fail pass"),
    "what needs what is broken is not the root": ("pass fail fail", "pass fail blocked"),
    "what leaks or changes without what it needs is blocked": ("fail leak flaky", "fail blocked blocked"),
    "hangs block as failures do": ("hang hang crash", "hang blocked blocked"),
    "and so do crashes": ("crash fail leak", "crash blocked blocked"),
    "a leak is not in the way": ("leak fail pass", "leak fail pass"),
    "nor is what changes": ("flaky hang pass", "flaky hang pass"),
    "nor what did not run": ("not-run fail pass", "not-run fail pass"),
    "what did not run is not blocked": ("fail not-run fail", "fail not-run blocked"),
    "nor is what is observed": ("fail observed fail", "fail observed blocked"),
    "what was held back for a need is blocked by it": ("crash blocked blocked", "crash blocked blocked"),
    "what a test did not come to is in the way itself": ("pass blocked fail", "pass blocked blocked"),
}


@pytest.mark.parametrize("case", JUDGED)
def test_what_needs_make_of_it(case):
    given, said = (words.split() for words in JUDGED[case])
    chain = ("bottom", "middle", "top")
    found = judged(dict(zip(chain, given, strict=True)))
    assert [str(one.verdict) for one in found.values()] == said
    root = next((id_ for id_, word in zip(chain, given, strict=True) if Verdict(word) in BLOCKING), None)
    for id_, was, now in zip(chain, given, said, strict=True):
        reason = (
            f"needs {root}, which is {given[chain.index(root)]}" if root and now == "blocked" and id_ != root else was
        )
        assert found[id_].because == reason, id_
        assert found[id_].tests == (f"test_{id_}",)


def test_the_trouble_may_come_with_any_of_several_needs():
    assert told(judged({"top": "fail", "side": "hang", "bottom": "pass", "middle": "pass"}))["top"] == (
        "blocked",
        "needs side, which is hang",
    )


def test_the_trouble_is_seen_through_what_is_not_judged_at_all():
    assert told(judged({"top": "fail", "bottom": "fail"}))["top"] == ("blocked", "needs bottom, which is fail")
    exempt = {"middle": (UNTESTABLE, "nobody can see it")}
    found = judged({"top": "fail", "middle": "pass", "bottom": "fail"}, exempt=exempt)
    assert told(found) == {
        "top": ("blocked", "needs bottom, which is fail"),
        "middle": ("untestable", "nobody can see it"),
        "bottom": ("fail", "fail"),
    }


def test_what_is_in_the_way_of_each_by_all_verdicts():
    for below, own in itertools.product(Verdict, repeat=2):
        found = judged({"bottom": str(below), "middle": str(own)})["middle"].verdict
        blocked = below in BLOCKING and own in DEVIATIONS | {BLOCKED}
        assert found is (BLOCKED if blocked else own), f"{own}, which needs what is {below}"


def test_a_run_in_which_a_test_did_not_run_is_not_complete():
    for word, status in (("pass", AS_EXPECTED), ("not-run", NOT_COMPLETE)):
        found = judged({"x": word}).values()
        assert exit_status([(one.verdict, "unscored") for one in found], complete=True) == status


@pytest.mark.parametrize(
    ("verdicts", "root"),
    [
        ({}, None),
        ({"bottom": FAIL}, "bottom"),
        ({"bottom": FAIL, "middle": FAIL}, "bottom"),
        ({"bottom": PASS, "middle": HANG}, "middle"),
        ({"middle": PASS, "side": CRASH}, "side"),
        ({"middle": LEAK, "side": BLOCKED}, "side"),
        ({"top": FAIL}, None),
    ],
)
def test_what_is_in_the_way(verdicts, root):
    assert unmet("top", NEEDS, verdicts) == root


def test_what_hangs_is_not_blocked_by_what_its_own_test_did_not_come_to() -> None:
    hang = Said("test_both", Judged(Verdict.HANG, "not done"))
    not_come_to = Said("test_both", Judged(Verdict.BLOCKED, "the test did not come to it: a is not met"))
    judged = judge(["a", "b"], {"a": [hang], "b": [not_come_to]}, {}, {"a": ["b"], "b": []})
    assert {id_: one.verdict for id_, one in judged.items()} == {"a": Verdict.HANG, "b": Verdict.BLOCKED}
