"""``Barrier``: a fixed number of parties pass it together."""

from __future__ import annotations

import os
from functools import partial

from mpconform.kit import Task, verifies
from mpconform.sections.synchronization_primitives.helpers import never, start_calls


def note_process(journal):
    journal.write(os.getpid())


def fail():
    raise LookupError("the action fails")


def pass_and_count(barrier, actions, results):
    """Pass the barrier and note how many actions were called by then."""
    barrier.wait()
    results.write(len(actions.read()))


def note_parties(barrier, journal):
    journal.write(barrier.parties)


@verifies("barrier.wait.blocks-until-all-have-called")
def test_wait_blocks_until_all_processes_have_called_it(mp, latch, journal):
    barrier = mp.Barrier(2)
    child = start_calls(mp, barrier, [("wait", {})], latch, journal)
    latch.wait(1, "child that calls wait()")
    never(journal.read, "wait() of a Barrier(2) returns when only one process has called it")
    Task(barrier.wait).result("wait() returns when the second process calls it")
    answer = journal.wait(1, "end of wait() in the first process")[0]
    child.join()
    assert isinstance(answer, int), (
        f"wait() in the first process, once the second has called it: {answer!r}, promised is an int"
    )


@verifies("barrier.wait.lets-threads-pass")
def test_wait_blocks_until_all_threads_have_called_it(mp):
    barrier = mp.Barrier(2)
    first = Task(barrier.wait)
    never(first.is_done, "wait() of a Barrier(2) returns when only one thread has called it")
    Task(barrier.wait).result("wait() returns when the second thread calls it")
    first.result("wait() returns in the first thread")


@verifies("barrier.wait.returns-a-different-number-to-each")
def test_wait_returns_a_different_number_to_each_party(mp, latch, journal):
    barrier = mp.Barrier(3)
    child = start_calls(mp, barrier, [("wait", {})], latch, journal)
    threads = [Task(barrier.wait) for _ in range(2)]
    answers = [thread.result("wait() of a Barrier(3) that three call returns") for thread in threads]
    answers += journal.wait(1, "end of wait() in the child")
    child.join()
    assert all(isinstance(answer, int) for answer in answers), f"wait() of three parties: {answers}, promised are ints"
    assert sorted(answers) == [0, 1, 2], f"wait() of three parties: {answers}, promised are 0, 1 and 2 in some order"


@verifies("barrier.action.called-once-before-release")
def test_one_party_calls_the_action_before_any_is_released(mp, scratch):
    actions, results = scratch.journal(), scratch.journal()
    barrier = mp.Barrier(2, partial(note_process, actions))
    child = mp.Process(target=pass_and_count, args=(barrier, actions, results), daemon=True)
    child.start()
    Task(pass_and_count, barrier, actions, results).result("wait() of a Barrier(2) that two call returns")
    counts = results.wait(2, "ends of wait()")
    child.join()
    assert counts == [1, 1], (
        f"when wait() returned in each of two parties, the action was called {counts} times, promised is once"
    )
    callers = actions.read()
    assert len(callers) == 1, f"the action was called {len(callers)} times, promised is once"
    assert callers[0] in (os.getpid(), child.pid), f"the action was called by process {callers[0]}, promised is a party"


@verifies("barrier.action.error-breaks-the-barrier")
def test_an_action_that_raises_breaks_the_barrier(mp, patience):
    barrier = mp.Barrier(1, fail)
    Task(barrier.wait).join(patience.awaiting)
    assert barrier.broken is True, f"broken after the action has raised: {barrier.broken!r}, promised is True"


@verifies("barrier.action.error-in-the-caller")
def test_what_wait_raises_when_the_action_raises(mp, observe, patience):
    thread = Task(mp.Barrier(1, fail).wait)
    thread.join(patience.awaiting)
    kind = type(thread.error).__name__ if thread.error else "nothing"
    observe(f"wait() raises {kind} when the action raises LookupError")


@verifies("barrier.parties.returns-the-number")
def test_parties_is_the_number_of_parties(mp, journal):
    barrier = mp.Barrier(3)
    child = mp.Process(target=note_parties, args=(barrier, journal), daemon=True)
    child.start()
    child.join()
    answers = [barrier.parties, *journal.read()]
    assert answers == [3, 3], f"parties of a Barrier(3), here and in a child: {answers}, promised is 3"


@verifies("barrier.n_waiting.counts-waiting-processes")
def test_n_waiting_counts_those_that_wait(mp, latch, journal, patience):
    barrier = mp.Barrier(3)
    before = barrier.n_waiting
    child = start_calls(mp, barrier, [("wait", {})], latch, journal)
    patience.until(lambda: barrier.n_waiting == 1, "n_waiting is 1 when a child waits")
    first = Task(barrier.wait)
    patience.until(lambda: barrier.n_waiting == 2, "n_waiting is 2 when a child and a thread wait")
    Task(barrier.wait).result("wait() returns when the third party calls it")
    first.result("wait() returns in the second party")
    child.join()
    patience.until(lambda: barrier.n_waiting == 0, "n_waiting is 0 when all have passed")
    assert before == 0, f"n_waiting of a new Barrier: {before!r}, promised is 0"


@verifies("barrier.broken.false-at-first")
def test_a_new_barrier_is_not_broken(mp):
    answer = mp.Barrier(2).broken
    assert answer is False, f"broken of a new Barrier: {answer!r}, promised is False"
