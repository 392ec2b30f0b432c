"""Signals that come while a call blocks: SIGINT interrupts it, one with a handler that returns does not."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import suppress

from mpconform.kit import Late, Overdue, Task, did_not_arise, idle, promise, verifies, works

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
    print("KeyboardInterrupt at", time.monotonic())
else:
    print("returned", answer)
"""
"""Blocks in a call that nothing but a signal can end."""

INTERRUPTED = [
    ("BoundedSemaphore", "acquire", "1"),
    ("Condition", "acquire"),
    ("Condition", "wait"),
    ("Lock", "acquire"),
    ("RLock", "acquire"),
    ("Semaphore", "acquire", "1"),
]
"""The arguments of the program for each call that the documentation names."""


@verifies(
    "bounded_semaphore.acquire.interrupted-by-sigint",
    "condition.acquire.interrupted-by-sigint",
    "condition.wait.interrupted-by-sigint",
    "lock.acquire.interrupted-by-sigint",
    "rlock.acquire.interrupted-by-sigint",
    "semaphore.acquire.interrupted-by-sigint",
)
def test_sigint_interrupts_what_blocks_in_the_main_thread(program, patience):
    running = {arguments: program.start(BLOCK, *arguments) for arguments in INTERRUPTED}

    def has_ended(run):
        return run.process.poll() is not None

    def all_have_ended():
        return all(map(has_ended, running.values()))

    with suppress(Overdue):
        patience.until(
            lambda: all("blocks" in run.output() or has_ended(run) for run in running.values()), "the programs block"
        )
    with suppress(AssertionError):  # there is nothing left to watch: each is judged below
        patience.never(all_have_ended, "all calls end before SIGINT")
    printed = {arguments: run.output() for arguments, run in running.items()}
    sent = time.monotonic()
    for run in running.values():
        run.signal(signal.SIGINT)
    with suppress(Overdue):
        patience.until(all_have_ended, "all programs end once SIGINT has arrived")
    for arguments, run in running.items():
        kind, method = arguments[:2]
        with promise(f"{snake(kind)}.{method}.interrupted-by-sigint"):
            check_that_it_was_interrupted(
                f"{method}() of a {kind} in the main thread", printed[arguments], run, sent, patience
            )


def snake(kind):
    """Return the name of a class as it is in ids."""
    return "bounded_semaphore" if kind == "BoundedSemaphore" else kind.lower()


def check_that_it_was_interrupted(call, before, run, sent, patience):
    """The program had printed ``before`` when SIGINT was sent."""
    assert before == "blocks\n", (
        f"{call}, before SIGINT arrived: the program printed {before!r} and {run.errors()!r}; promised is to block"
    )
    if run.process.poll() is None:
        raise Overdue(f"{call} ends once SIGINT has arrived: it does not")
    printed = run.output()
    assert "KeyboardInterrupt at" in printed, (
        f"{call}, during which SIGINT arrived: the program printed {printed!r} and {run.errors()!r};"
        " promised is KeyboardInterrupt"
    )
    took = float(printed.split()[-1]) - sent
    if took > patience.allowance:
        raise Late(f"{call}: raised KeyboardInterrupt {took:.3f} s after SIGINT, promised is immediately")


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


@verifies("lock.acquire.timeout-outlives-a-signal", "rlock.acquire.timeout-outlives-a-signal")
def test_signals_do_not_change_the_timeout_of_acquire(mp, patience):
    for kind in "Lock", "RLock":
        with promise(f"{kind.lower()}.acquire.timeout-outlives-a-signal"):
            lock = getattr(mp, kind)()
            Task(lock.acquire).wait(f"acquire() of a new {kind} ends")
            check_that_signals_do_not_change_the_timeout(lock, f"a {kind}", patience)


def check_that_signals_do_not_change_the_timeout(lock, what, patience):
    """Another thread has the lock, and acquire() with a timeout is interrupted by signals all the time."""
    timeout = 3 * patience.timeout
    handled, ended = [], threading.Event()
    main = threading.get_ident()

    def send_signals():
        while not ended.wait(timeout / 10):
            signal.pthread_kill(main, signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, lambda number, frame: handled.append(number))
    sender = Task(send_signals)
    call = f"acquire(timeout={timeout}) of {what}, during which signals were handled"
    try:
        with patience.runs_out(timeout, call):
            answer = lock.acquire(timeout=timeout)
    finally:
        ended.set()
        sender.wait("the thread that sends signals ends")
        signal.signal(signal.SIGUSR1, before)
    assert answer is False, f"{call}: {answer!r}, promised is False"
    if not handled:
        did_not_arise(f"a signal that is handled during {call}")
