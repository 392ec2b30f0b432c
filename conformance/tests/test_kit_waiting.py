"""The kit's ways to wait, to judge by itself, and to tell who has ended: places, promises, lifelines, tasks, works."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from mpconform.kit import Late, Lifelines, Overdue, Patience, Scratch, Task, cell, idle, promise, works
from mpconform.kit.places import Place, take_place
from mpconform.kit.promises import PROMISES


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait half a second for what must happen."""
    monkeypatch.setenv(cell.PATIENCE, "0.0625")


@pytest.fixture
def flag() -> Iterator[memoryview]:
    """Return the byte that tells of the place of this process, which has one."""
    flag = memoryview(bytearray(b"\7"))
    take_place(flag)
    yield flag
    Place.flag, Place.owner = None, 0


def forked(body: Callable[[], object]) -> int:
    """Fork a child that calls the body and waits to be killed; return its pid."""
    pid = os.fork()
    if pid == 0:
        try:
            body()
            while True:
                time.sleep(60)
        finally:
            os._exit(0)
    return pid


# Places


def test_a_place_is_taken_then_given_up_for_a_block(flag: memoryview) -> None:
    assert flag[0] == 0
    with idle():
        assert flag[0] == 1
        with idle():
            assert flag[0] == 1
        assert flag[0] == 1, "the inner block has taken the place that the outer one gave up"
    assert flag[0] == 0


def test_a_place_is_taken_back_whatever_the_block_raises(flag: memoryview) -> None:
    with pytest.raises(KeyError), idle():
        raise KeyError
    assert flag[0] == 0


def test_other_threads_and_children_tell_nothing_of_the_place(flag: memoryview) -> None:
    seen: list[int] = []

    def look() -> None:
        with idle():
            seen.append(flag[0])

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [0]
    Place.owner = os.getpid() + 1  # as in a child
    look()
    assert seen == [0, 0]


def test_without_a_place_idle_is_nothing() -> None:
    with idle():
        assert Place.flag is None


@pytest.mark.usefixtures("impatient")
def test_watching_gives_the_place_up_and_awaiting_does_so_after_a_while(flag: memoryview) -> None:
    seen: list[int] = []
    threading.Timer(0.01, lambda: seen.append(flag[0])).start()
    Patience(0.05).never(list, "something happens")
    assert seen in ([1], [0])  # it looks now and then, which takes the place
    assert flag[0] == 0
    start, given_up = time.monotonic(), []

    def look() -> bool:
        return time.monotonic() > start + 0.4

    watch = Task(lambda: [given_up.append((time.monotonic() - start, flag[0])) or time.sleep(0.005) for _ in range(75)])
    Patience(0.01).until(look, "a while passes")
    watch.wait()
    assert not any(value for at, value in given_up if at < 0.2), "it is given up at once"
    assert any(value for at, value in given_up if at > 0.26), "it is never given up"


# Patience


def test_the_timeout_of_a_call_is_short_whatever_the_patience_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Patience(0.01).timeout == pytest.approx(0.1)
    assert Patience(0.4).timeout == pytest.approx(0.8)
    assert Patience(50).timeout == pytest.approx(2)
    monkeypatch.setenv(cell.PATIENCE, "0.1")
    assert Patience(0.01).timeout == pytest.approx(0.1), "a shorter one could not be told from nothing"


@pytest.mark.parametrize(
    ("took", "error"), [(0.0, "promised is to wait 0.2 s$"), (0.2, None), (0.5, "promised is to wait 0.2 s at most")]
)
def test_a_timeout_runs_out_neither_too_early_nor_too_late(took: float, error: str | None) -> None:
    patience = Patience(0.01)
    assert patience.allowance == pytest.approx(0.5)
    patience.allowance = 0.2
    with pytest.raises(AssertionError, match=error) if error else nullcontext(), patience.runs_out(0.2, "f()"):
        time.sleep(took)


def test_what_is_at_once_does_not_wait() -> None:
    patience = Patience(0.01)
    patience.allowance = 0.05
    with patience.at_once("f()"):
        pass
    with pytest.raises(Late, match=r"f\(\): done after 0.1.. s, promised is not to wait"), patience.at_once("f()"):
        time.sleep(0.1)


# Promises


@pytest.fixture
def noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[tuple[str, str, str]]]:
    """Note promises in a file; return what returns what is noted."""
    file = tmp_path / "promises"
    monkeypatch.setenv(PROMISES, str(file))

    def read() -> list[tuple[str, str, str]]:
        lines = [json.loads(line) for line in file.read_text().splitlines()]
        return [(line["id"], line["verdict"], line["message"]) for line in lines]

    return read


Noted = Callable[[], list[tuple[str, str, str]]]


def test_each_promise_is_noted_at_once(noted: Noted) -> None:
    with promise("a"):
        assert noted() == [("a", "begun", "")]
    with promise("b"):
        raise ValueError("not so")
    assert noted() == [("a", "begun", ""), ("a", "pass", ""), ("b", "begun", ""), ("b", "fail", "not so")]


def test_an_exception_without_words_is_named(noted: Noted) -> None:
    with promise("a"):
        raise IndexError
    assert noted()[-1] == ("a", "fail", "IndexError()")


def test_what_is_no_exception_gets_through_and_the_promise_has_no_end(noted: Noted) -> None:
    with pytest.raises(SystemExit), promise("a"):
        raise SystemExit(1)
    assert noted() == [("a", "begun", "")]


def test_a_broken_promise_that_nobody_notes_ends_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PROMISES, raising=False)
    with promise("a"):
        pass
    with pytest.raises(ValueError, match="not so"), promise("a"):
        raise ValueError("not so")


# Lifelines


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_end_of_a_process_is_told_at_once(tmp_path: Path, number: signal.Signals) -> None:
    lifelines = Scratch(str(tmp_path)).lifelines()
    pids = [forked(lifelines.hold) for _ in range(2)]
    assert lifelines.wait(2) == sorted(pids)
    assert lifelines.ended() == []
    os.kill(pids[0], number)
    os.waitpid(pids[0], 0)
    assert lifelines.ended() == [pids[0]]
    assert lifelines.has_ended(pids[0])
    assert not lifelines.has_ended(pids[1])
    os.kill(pids[1], signal.SIGKILL)
    lifelines.wait_until_ended("both end")
    os.waitpid(pids[1], 0)


def test_a_lifeline_is_not_inherited(tmp_path: Path) -> None:
    lifelines = Scratch(str(tmp_path)).lifelines()
    gate = Scratch(str(tmp_path)).gate()

    def hold_and_fork() -> None:
        lifelines.hold()
        Path(gate.path + ".pid").write_text(f"{forked(gate.wait)}\n")

    pid = forked(hold_and_fork)
    lifelines.wait(1)
    inherits = Patience().until(lambda: _number(Path(gate.path + ".pid")), "it forks")
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    assert lifelines.ended() == [pid], "its child, which lives, holds it"
    os.kill(inherits, signal.SIGKILL)


def _number(file: Path) -> int:
    text = file.read_text() if file.exists() else ""
    return int(text) if text.endswith("\n") else 0


@pytest.mark.usefixtures("impatient")
def test_lifelines_that_are_not_held_or_do_not_end_are_overdue(tmp_path: Path) -> None:
    lifelines = Lifelines(str(tmp_path / "lines"))
    with pytest.raises(Overdue, match=r"^1 processes hold their lifelines: not within 0\.5 s$"):
        lifelines.wait(1)
    pid = forked(lifelines.hold)
    Patience().until(lifelines.seen, "it holds on")
    with pytest.raises(Overdue, match=r"^it ends: not within 0\.5 s$"):
        lifelines.wait_until_ended("it ends")
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


# Tasks and works


def test_the_outcome_of_a_task_in_words() -> None:
    assert Task(len, "abc").outcome() == "returned 3"
    assert Task(int, "x").outcome().startswith("raised ValueError(")


def test_a_task_gives_its_result_or_raises() -> None:
    assert Task(sorted, [2, 1], reverse=True).result() == [2, 1]
    with pytest.raises(ZeroDivisionError):
        Task(lambda: 1 / 0).result()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("ask", [Task.outcome, Task.result, Task.wait])
def test_a_task_that_does_not_end_is_overdue(ask: Callable[[Task], Any]) -> None:
    event = threading.Event()
    task = Task(event.wait)
    assert not task.is_done()
    with pytest.raises(Overdue, match=r"^wait\(\) returns or raises: not within 0\.5 s$"):
        ask(task)
    event.set()
    task.join()
    assert task.is_done()


def test_works_names_the_call_that_raises() -> None:
    with works("f()"):
        pass
    with (
        pytest.raises(AssertionError, match=r"^f\(\): raised KeyError\('k'\), promised is that it works$"),
        works("f()"),
    ):
        raise KeyError("k")


@pytest.mark.parametrize("error", [Overdue("too late"), AssertionError("is wrong")])
def test_works_leaves_failed_assertions_alone(error: AssertionError) -> None:
    with pytest.raises(AssertionError) as caught, works("f()"):
        raise error
    assert caught.value is error
