"""A test that judges several promises accuses each for itself: a backend's, and each way in which a test can end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mpreports.judging import NOT_ARISEN

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Ran, Suite

FIRST, SECOND, THIRD = "pipe.call.returns-pair", "process.run.invokes-target", "process.pid.none-before-start"
"""Requirements that need nothing."""

IMPATIENT = ("--patience", "0.1")

DID_NOT_COME = f"the test did not come to it: {SECOND} is not met"

JOIN = ["process.join.returns-none-after-exit", "process.join.takes-timeout", "process.join.many-times"]
"""What one test of the suite judges, in this order."""


@pytest.mark.parametrize(
    ("keyword", "verdicts"),
    [
        ("raises", ["pass", "fail", "pass"]),
        ("hangs", ["pass", "hang", "blocked"]),
        ("crashes", ["pass", "crash", "blocked"]),
    ],
)
@pytest.mark.parametrize("isolation", ["fork", "fresh"])
def test_a_backend_that_breaks_one_promise_of_a_test(
    suite: Suite, keyword: str, verdicts: list[str], isolation: str
) -> None:
    more = ("--jobs", "1", "--patience", "0.5" if isolation == "fresh" else "0.15", "--isolation", isolation)
    ran = suite.judge("broken.minds_keywords", JOIN, *more, BROKEN_KEYWORD=keyword)
    assert (ran.status, ran.left, ran.files) == (1, [], []), ran
    assert [ran.verdicts()[id_] for id_ in JOIN] == verdicts
    line = ran.test(JOIN[1])
    assert [attempt["verdict"] for attempt in line["attempts"]] == [verdicts[1]] * 2, "it is confirmed"
    assert {id_: line["promises"][id_]["verdict"] for id_ in JOIN} == dict(zip(JOIN, verdicts, strict=True))
    if verdicts[2] == "blocked":
        assert ran.because(JOIN[2]) == f"the test did not come to it: {JOIN[1]} is not met"
    if keyword == "raises":
        assert "join() takes no timeout by name" in line["dossier"]["traceback"]
    assert "BROKEN.append" in line["dossier"]["reproducer"]


def judged(suite: Suite, body: str, *arguments: str, status: int = 1) -> Ran:
    """Run a test with this body, which verifies the three."""
    indented = "\n".join(f"    {line}" for line in body.strip("\n").splitlines())
    source = f"@verifies({FIRST!r}, {SECOND!r}, {THIRD!r})\ndef test_all():\n{indented}\n"
    ran = suite.tests(source, *IMPATIENT, *arguments)
    assert (ran.status, ran.left, ran.files) == (status, [], []), ran
    return ran


def blocks(first: str = "pass", second: str = "pass", third: str = "pass", last: str = "pass") -> str:
    """Return the body of a test with three blocks, and what comes after them."""
    ids = (FIRST, SECOND, THIRD)
    pairs = zip(ids, (first, second, third), strict=True)
    lines = [line for id_, do in pairs for line in (f"with promise({id_!r}):", f"    {do}")]
    return "\n".join([*lines, last])


def verdicts(ran: Ran) -> list[str]:
    """Return the verdicts on the three."""
    found = ran.verdicts()
    return [found[id_] for id_ in (FIRST, SECOND, THIRD)]


def test_all_are_kept(suite: Suite) -> None:
    ran = judged(suite, blocks(), status=0)
    assert verdicts(ran) == ["pass", "pass", "pass"]
    assert ran.test(FIRST)["promises"] == {}, "there is nothing to tell apart"


def test_only_the_one_that_is_broken_is_accused(suite: Suite) -> None:
    ran = judged(suite, blocks(second="raise AssertionError('not kept')"))
    assert verdicts(ran) == ["pass", "fail", "pass"]
    assert ran.because(SECOND) == "not kept"


def test_two_that_are_broken_have_a_message_each(suite: Suite) -> None:
    ran = judged(suite, blocks("raise ValueError('one')", third="assert not 3, 'three'"))
    assert verdicts(ran) == ["fail", "pass", "fail"]
    assert ran.because(FIRST) == "one"
    assert ran.because(THIRD).startswith("three")
    traceback = ran.test(FIRST)["dossier"]["traceback"]
    assert "ValueError: one" in traceback
    assert "three" in traceback


def test_all_that_are_broken_have_a_message_each(suite: Suite) -> None:
    ran = judged(suite, blocks(*(f"raise ValueError('no. {number}')" for number in (1, 2, 3))))
    assert verdicts(ran) == ["fail"] * 3
    assert [ran.because(id_) for id_ in (FIRST, SECOND, THIRD)] == ["no. 1", "no. 2", "no. 3"]


@pytest.mark.parametrize(
    ("end", "verdict"), [("time.sleep(600)", "hang"), ("os.abort()", "crash"), ("os._exit(3)", "crash")]
)
def test_what_ends_a_block_leaves_the_earlier_ones_and_blocks_the_later(suite: Suite, end: str, verdict: str) -> None:
    ran = judged(suite, blocks(second=end))
    assert verdicts(ran) == ["pass", verdict, "blocked"]
    assert ran.because(THIRD) == DID_NOT_COME


@pytest.mark.parametrize("error", ["KeyboardInterrupt", "SystemExit"])
def test_what_is_no_exception_ends_the_test_and_accuses_its_block(suite: Suite, error: str) -> None:
    ran = judged(suite, blocks(second=f"raise {error}('out')"))
    assert verdicts(ran) == ["pass", "fail", "blocked"]
    assert error in ran.because(SECOND)


def test_what_fails_outside_of_blocks_concerns_those_without_one(suite: Suite) -> None:
    ran = judged(suite, f"with promise({FIRST!r}):\n    pass\nassert False, 'of the others'")
    assert verdicts(ran) == ["pass", "fail", "fail"]
    assert ran.because(SECOND).startswith("AssertionError: of the others")


def test_what_ends_the_test_after_a_broken_promise_accuses_nobody_else(suite: Suite) -> None:
    body = f"with promise({SECOND!r}):\n    made = 1 / 0\nassert made, 'never said'"
    ran = judged(suite, body)
    assert verdicts(ran) == ["blocked", "fail", "blocked"]
    assert ran.because(FIRST) == ran.because(THIRD) == DID_NOT_COME


def test_what_goes_wrong_after_all_blocks_is_told_once(suite: Suite) -> None:
    ran = judged(suite, blocks(last="raise AssertionError('at the end')"))
    assert verdicts(ran) == ["fail", "pass", "pass"]
    assert ran.because(FIRST) == "AssertionError: at the end"


def test_a_leak_is_told_once_too(suite: Suite) -> None:
    ran = judged(suite, blocks(last="os.open(os.devnull, os.O_RDONLY)"))
    assert verdicts(ran) == ["leak", "pass", "pass"]


def test_a_promise_that_changes_is_flaky_alone(suite: Suite, tmp_path: object) -> None:
    second = f"f = {str(tmp_path)!r} + '/seen'; seen = os.path.exists(f); open(f, 'w').close(); assert seen, 'once'"
    ran = judged(suite, blocks(second=second))
    assert verdicts(ran) == ["pass", "flaky", "pass"]
    assert ran.because(SECOND).startswith("passed 1 of 2 times; else: once")


def test_a_block_that_is_run_again_and_again_counts_by_its_worst(suite: Suite) -> None:
    loop = f"for n in range(4):\n    with promise({FIRST!r}):\n        assert n != 1, n\n"
    ran = judged(suite, loop + blocks(second="pass").partition("\n    pass\n")[2])
    assert verdicts(ran) == ["fail", "pass", "pass"]
    assert ran.because(FIRST).startswith("1")


LATE = "p = Patience(); p.allowance = -1 if {when} else 60\n    with p.at_once('a call'): pass"


@pytest.mark.parametrize("outside", [False, True])
def test_what_is_late_is_looked_at_again_and_only_then_accused(suite: Suite, tmp_path: Path, outside: bool) -> None:
    def body(when: str) -> str:
        late = LATE.format(when=when)
        return late.replace("\n    ", "\n") if outside else blocks(first=late)

    seen = f"not os.path.exists({str(tmp_path / 'seen')!r}) and not open({str(tmp_path / 'seen')!r}, 'w').close()"
    ran = judged(suite, body(seen), status=0)
    assert verdicts(ran) == ["pass", "pass", "pass"]
    assert [attempt["verdict"] for attempt in ran.test(FIRST)["attempts"]] == ["fail", "pass"]
    ran = judged(suite, body("True"))
    assert verdicts(ran)[0] == "fail"
    assert "promised is not to wait" in ran.because(FIRST)


@pytest.mark.parametrize("outside", [False, True])
def test_what_did_not_arise_is_no_pass(suite: Suite, outside: bool) -> None:
    do = "did_not_arise('the moon is full')"
    ran = judged(suite, do if outside else blocks(first=do), status=0)
    assert verdicts(ran) == ["not-applicable", *(["not-applicable"] * 2 if outside else ["pass"] * 2)]
    assert ran.because(FIRST) == f"{NOT_ARISEN}the moon is full"
