"""``Barrier``: a fixed number of parties pass it together."""

from __future__ import annotations

import os
from functools import partial

from mpconform.kit import Task, promise, verifies
from mpconform.sections.synchronization_primitives.helpers import (
    Blocked,
    Calls,
    child_that_does,
    child_that_does_at_once,
    let_go,
)


def note_process(journal):
    journal.write(os.getpid())


def pass_and_count(barrier, actions, results):
    """Pass the barrier and note in which process, and how many actions were called by then."""
    barrier.wait()
    results.write((os.getpid(), len(actions.read())))


@verifies("barrier.wait.blocks-until-all-have-called")
def test_wait_blocks_until_all_processes_have_called_it(mp, scratch, patience):
    barrier = mp.Barrier(2)
    wait = Calls(scratch, barrier, "wait")
    with child_that_does(mp, wait):
        wait.begun.wait(1, "child that calls wait()")
        patience.never(wait.journal.read, "wait() of a Barrier(2) returns when only one process has called it")
        Task(barrier.wait).result("wait() returns when the second process calls it")
        answer = wait.answers()[0]
    assert isinstance(answer, int), (
        f"wait() in the first process, once the second has called it: {answer!r}, promised is an int"
    )


@verifies("barrier.wait.lets-threads-pass")
def test_wait_blocks_until_all_threads_have_called_it(mp, patience):
    barrier = mp.Barrier(3)
    last = []
    # Each of the first two is awaited with the last one, which is called when neither may have returned.
    threads = [
        Blocked(
            "wait() of a Barrier(3) that two threads have called",
            barrier.wait,
            "wait() in the third",
            lambda: last or last.append(Task(barrier.wait)),
            answers=(0, 1, 2),
        )
        for _ in range(2)
    ]
    let_go(patience, *threads)
    for thread in threads:
        thread.judge()
    last[0].result("wait() in the third thread ends")


@verifies(
    "barrier.parties.returns-the-number",
    "barrier.wait.returns-a-different-number-to-each",
    "barrier.n_waiting.counts-waiting-processes",
    "barrier.abort.breaks-the-barrier",
    "barrier.abort.fails-active-calls",
    "barrier.reset.fails-active-calls",
)
def test_a_barrier_is_one_of_all_processes(mp, scratch, patience):
    of_three, counting, aborted, aborting, resetting = (mp.Barrier(number) for number in (3, 3, 2, 2, 2))
    parties = Calls(scratch, of_three, "parties", "wait")
    wait, abort = Calls(scratch, counting, "wait"), Calls(scratch, aborted, "broken", "abort", "broken")
    wait_for_abort, wait_for_reset = Calls(scratch, aborting, "wait"), Calls(scratch, resetting, "wait")
    with child_that_does_at_once(mp, scratch, parties, wait, abort, wait_for_abort, wait_for_reset):
        with promise("barrier.parties.returns-the-number"):
            answers = [of_three.parties, parties.journal.wait(1, "child that reads parties")[0]]
            assert answers == [3, 3], f"parties of a Barrier(3), here and in a child: {answers}, promised is 3"
        with promise("barrier.wait.returns-a-different-number-to-each"):
            threads = [Task(of_three.wait) for _ in range(2)]
            answers = [thread.result("wait() of a Barrier(3) that three call returns") for thread in threads]
            answers.append(parties.answers()[1])
            ints = all(isinstance(answer, int) for answer in answers)
            assert ints, f"wait() of three parties: {answers}, promised are ints"
            assert sorted(answers) == [0, 1, 2], f"wait() of three: {answers}, promised are 0, 1 and 2 in some order"
        with promise("barrier.n_waiting.counts-waiting-processes"):
            check_that_n_waiting_counts(mp.Barrier(3).n_waiting, counting, wait, patience)
        with promise("barrier.abort.breaks-the-barrier"):
            answers = [*abort.answers(), aborted.broken]
            assert answers == [False, None, True, True], (
                f"broken, abort() and broken in a child, then broken here: {answers}, promised is [False, None, True,"
                " True]"
            )
        with promise("barrier.abort.fails-active-calls"):
            check_that_it_fails_who_waits("abort", wait_for_abort, patience)
        with promise("barrier.reset.fails-active-calls"):
            check_that_it_fails_who_waits("reset", wait_for_reset, patience)


def check_that_n_waiting_counts(at_first, barrier, wait, patience):
    """A child waits in the barrier, of three parties."""
    assert at_first == 0, f"n_waiting of a new Barrier: {at_first!r}, promised is 0"
    patience.until(lambda: barrier.n_waiting == 1, "n_waiting is 1 when a child waits")
    first = Task(barrier.wait)
    patience.until(lambda: barrier.n_waiting == 2, "n_waiting is 2 when a child and a thread wait")
    Task(barrier.wait).result("wait() returns when the third party calls it")
    first.result("wait() returns in the second party")
    wait.answers()
    left = barrier.n_waiting
    assert left == 0, f"n_waiting when wait() has returned in all parties: {left!r}, promised is 0"


def check_that_it_fails_who_waits(method, wait, patience):
    """A child calls wait() of a barrier of two parties."""
    barrier = wait.thing
    patience.until(lambda: barrier.n_waiting == 1, "n_waiting is 1 when a child waits")
    getattr(barrier, method)()
    answer = wait.answers()[0]
    assert answer == "BrokenBarrierError", (
        f"wait() during which another process called {method}(): {answer!r}, promised is BrokenBarrierError"
    )


@verifies("barrier.action.called-once-before-release")
def test_one_party_calls_the_action_before_any_is_released(mp, scratch):
    actions, results = scratch.journal(), scratch.journal()
    barrier = mp.Barrier(2, partial(note_process, actions))
    passing = partial(pass_and_count, barrier, actions, results)
    with child_that_does(mp, passing):
        Task(passing).wait("wait() of a Barrier(2) that two call returns")
        parties, counts = zip(*results.wait(2, "ends of wait()"), strict=True)
        callers = actions.read()
    assert counts == (1, 1), (
        f"when wait() returned in each of two parties, the action was called {counts} times, promised is once"
    )
    assert len(callers) == 1, f"the action was called {len(callers)} times, promised is once"
    assert callers[0] in parties, f"the action was called by process {callers[0]}, promised is a party"
