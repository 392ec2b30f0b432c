"""Signals that come while a call blocks: SIGINT interrupts it, one with a handler that returns does not."""

from __future__ import annotations

import signal
import threading

from mpconform.kit import Task, idle, verifies, works

BLOCK = """
import sys
import threading

kind, method, *values = sys.argv[1:]
values = map(int, values)
primitive = getattr(mp, kind)(*values)
if method == "wait":
    primitive.acquire()
else:
    # A thread has it, because its owner may acquire an RLock again.
    holder = threading.Thread(target=primitive.acquire)
    holder.start()
    holder.join()
try:
    print("blocks", flush=True)
    answer = getattr(primitive, method)()
except KeyboardInterrupt:
    print("raised KeyboardInterrupt")
else:
    print("returned", answer)
"""
"""Blocks in a call that nothing but a signal can end."""


def check_that_sigint_interrupts(program, patience, kind, method):
    call = f"{method}() of a {kind} in the main thread"
    running = program.start(BLOCK, kind, method, *(["1"] if "Semaphore" in kind else []))
    running.wait_for("blocks", f"the program comes to {call}")
    patience.never(lambda: len(running.output().split()) > 1, f"{call} ends before SIGINT")
    running.signal(signal.SIGINT)
    patience.until(lambda: running.process.poll() is not None, f"{call} ends once SIGINT has arrived")
    outcome = running.outcome()
    assert "raised KeyboardInterrupt" in outcome.output, (
        f"{call}, during which SIGINT arrived: the program printed {outcome.output!r} and {outcome.errors!r};"
        " promised is KeyboardInterrupt"
    )


def check_that_signals_do_not_end(call, ready, go_on, what, patience):
    """While ``call()`` blocks in the main thread, signals are handled: it ends only after ``go_on()``.

    A thread makes it block with ``ready()``, sends signals, and lets it end with ``go_on()``. Return what it returned.
    """
    prepared = threading.Event()
    handled, ended = [], []
    main = threading.get_ident()

    def ended_by_a_signal():
        signal.pthread_kill(main, signal.SIGUSR1)
        return ended

    def send_signals():
        ready()
        prepared.set()
        patience.never(ended_by_a_signal, f"{what} ends when a signal was handled and nothing else happened")
        go_on()

    before = signal.signal(signal.SIGUSR1, lambda number, frame: handled.append(number))
    thread = Task(send_signals)
    try:
        assert prepared.wait(patience.awaiting), f"{what}: what makes it block does not end, promised is that it does"
        try:
            with idle(), works(f"{what}, during which signals were handled"):
                answer = call()
        finally:
            ended.append(True)
    finally:
        thread.join(patience.awaiting)
        signal.signal(signal.SIGUSR1, before)
    thread.result(f"{what}: the thread that sends signals ends")
    assert handled, f"{what}: no signal was handled while it blocked, promised is that all are"
    return answer


def check_that_signals_do_not_end_acquire(primitive, what, patience):
    call = f"acquire() of {what}"
    answer = check_that_signals_do_not_end(primitive.acquire, primitive.acquire, primitive.release, call, patience)
    assert answer is True, f"{call}, during which signals were handled: {answer!r}, promised is True"


@verifies("bounded_semaphore.acquire.interrupted-by-sigint")
def test_sigint_interrupts_acquire_of_a_bounded_semaphore(program, patience):
    check_that_sigint_interrupts(program, patience, "BoundedSemaphore", "acquire")


@verifies("condition.acquire.interrupted-by-sigint")
def test_sigint_interrupts_acquire_of_a_condition(program, patience):
    check_that_sigint_interrupts(program, patience, "Condition", "acquire")


@verifies("condition.wait.interrupted-by-sigint")
def test_sigint_interrupts_wait_of_a_condition(program, patience):
    check_that_sigint_interrupts(program, patience, "Condition", "wait")


@verifies("lock.acquire.interrupted-by-sigint")
def test_sigint_interrupts_acquire_of_a_lock(program, patience):
    check_that_sigint_interrupts(program, patience, "Lock", "acquire")


@verifies("rlock.acquire.interrupted-by-sigint")
def test_sigint_interrupts_acquire_of_an_rlock(program, patience):
    check_that_sigint_interrupts(program, patience, "RLock", "acquire")


@verifies("semaphore.acquire.interrupted-by-sigint")
def test_sigint_interrupts_acquire_of_a_semaphore(program, patience):
    check_that_sigint_interrupts(program, patience, "Semaphore", "acquire")


@verifies("bounded_semaphore.acquire.outlives-a-signal")
def test_signals_do_not_end_acquire_of_a_bounded_semaphore(mp, patience):
    check_that_signals_do_not_end_acquire(mp.BoundedSemaphore(1), "a BoundedSemaphore(1)", patience)


@verifies("lock.acquire.outlives-a-signal")
def test_signals_do_not_end_acquire_of_a_lock(mp, patience):
    check_that_signals_do_not_end_acquire(mp.Lock(), "a Lock", patience)


@verifies("rlock.acquire.outlives-a-signal")
def test_signals_do_not_end_acquire_of_an_rlock(mp, patience):
    check_that_signals_do_not_end_acquire(mp.RLock(), "an RLock", patience)


@verifies("semaphore.acquire.outlives-a-signal")
def test_signals_do_not_end_acquire_of_a_semaphore(mp, patience):
    check_that_signals_do_not_end_acquire(mp.Semaphore(1), "a Semaphore(1)", patience)


@verifies("condition.wait.outlives-a-signal")
def test_signals_do_not_end_wait_of_a_condition(mp, patience):
    condition = mp.Condition()

    def wait():
        with condition:
            return condition.wait()

    def notify():
        with condition:
            condition.notify()

    answer = check_that_signals_do_not_end(wait, lambda: None, notify, "wait() of a Condition", patience)
    assert answer is True, f"wait() of a Condition, during which signals were handled: {answer!r}, promised is True"


@verifies("event.wait.outlives-a-signal")
def test_signals_do_not_end_wait_of_an_event(mp, patience):
    event = mp.Event()
    answer = check_that_signals_do_not_end(event.wait, lambda: None, event.set, "wait() of an Event", patience)
    assert answer is True, f"wait() of an Event, during which signals were handled: {answer!r}, promised is True"


@verifies("barrier.wait.outlives-a-signal")
def test_signals_do_not_end_wait_of_a_barrier(mp, patience):
    barrier = mp.Barrier(2)
    call = "wait() of a Barrier(2) that one thread has called"
    answer = check_that_signals_do_not_end(barrier.wait, lambda: None, barrier.wait, call, patience)
    assert answer in (0, 1), f"{call}, during which signals were handled: {answer!r}, promised is 0 or 1"
