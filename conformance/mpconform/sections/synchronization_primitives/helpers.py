"""What several modules of this section share; light, because children import it.

A *primitive* is a Lock, an RLock, a Semaphore or a BoundedSemaphore with one place: what one thread has, all others
have to wait for. The checks of :mod:`.checks` say how it behaves then, whichever it is.

A *task* is what a child is given to do: something to be called that is pickled with the primitives that it uses, and
that tells the test through latches and journals how far it has come.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from mpconform.kit import Gate, Latch, Overdue, Patience, Scratch, Task, backend


def in_a_thread(function: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
    """Make a call that does not block in a thread of its own; return what it returns, or raise what it raises."""
    return Task(function, *arguments, **keywords).result("a call in another thread ends")


def shown(keywords: dict[str, Any]) -> str:
    """Return keywords as they are written in a call."""
    return ", ".join(f"{name}={value!r}" for name, value in keywords.items())


def try_and_release(primitive: Any) -> Any:
    """Acquire without blocking, release what was acquired, and return whether it was."""
    taken = primitive.acquire(False)
    if taken:
        primitive.release()
    return taken


class Blocked:
    """A call, in a thread of its own, that is to block until something else happens.

    ``call`` and ``until`` are how a failure names the call and what it waits for, ``let_go`` makes that happen, and
    ``answers`` are what the call may return then.
    """

    def __init__(
        self,
        call: str,
        function: Callable[[], Any],
        until: str,
        let_go: Callable[[], Any],
        answers: tuple[Any, ...] = (True,),
    ) -> None:
        self.call, self.until, self.let_go, self.answers = call, until, let_go, answers
        self.early = ""
        self.refused: Exception | None = None
        self.task = Task(function)

    def look(self) -> None:
        """Note what came of the call if it has ended by now."""
        if self.task.is_done():
            self.early = self.task.outcome()

    def go(self) -> None:
        """Let the call go."""
        try:
            self.let_go()
        except Exception as error:
            self.refused = error

    def judge(self) -> None:
        """Check that the call ended when it was let go, not before, and what it returned."""
        assert not self.early, f"{self.call}: {self.early} before {self.until}, promised is to block until then"
        if self.refused is not None:
            raise AssertionError(f"{self.until} while {self.call} blocks: raised {self.refused!r}") from self.refused
        if not self.task.is_done():
            raise Overdue(f"{self.call} ends once {self.until} was called: it does not")
        answer = self.task.result()
        assert any(answer is promised for promised in self.answers), (
            f"{self.call}: {answer!r} after {self.until}, promised is {' or '.join(map(repr, self.answers))}"
        )


def let_go(patience: Patience, *calls: Blocked) -> None:
    """Watch some calls that are to block, all at once, then let each go; how each went is for ``judge()`` to say."""

    def all_are_done() -> bool:
        return all(call.task.is_done() for call in calls)

    with suppress(AssertionError):  # there is nothing left to watch
        patience.never(all_are_done, "all calls that are to block are done")
    for call in calls:
        call.look()
    for call in calls:
        call.go()
    with suppress(Overdue):
        patience.until(all_are_done, "all calls end once they are let go")


Made = str | tuple[Any, ...]
"""A call: the name of a method, or that name and arguments; or the name of an attribute, which is read."""

TRY = ("acquire", False)


class Calls:
    """A task: calls of one object, one after another, and what each returned, or the name of what it raised.

    With ``after``, the first call waits until this gate is open.
    """

    def __init__(self, scratch: Scratch, thing: Any, *calls: Made, after: Gate | None = None) -> None:
        self.begun, self.journal = scratch.latch(), scratch.journal()
        self.thing, self.after = thing, after
        self.calls = [(call,) if isinstance(call, str) else call for call in calls]

    def __call__(self) -> None:
        """Make the calls: the child's part."""
        self.begun.arrive()
        if self.after is not None:
            self.after.wait()
        for name, *arguments in self.calls:
            try:
                member = getattr(self.thing, name)
                self.journal.write(member(*arguments) if callable(member) else member)
            except Exception as error:
                self.journal.write(type(error).__name__)

    def answers(self) -> list[Any]:
        """Block until all calls have ended, and return what came of each: the test's part."""
        calls = ", ".join(f"{name}({', '.join(map(repr, arguments))})" for name, *arguments in self.calls)
        return self.journal.wait(len(self.calls), f"ends of {calls} in a child")


THREADS = 2
"""Of each of two processes that use something at once."""


def start_together(begun: Latch, parties: int = 2 * THREADS) -> None:
    """Arrive, and wait until all parties have; without sleeping, so that they go on when the last one is there."""
    begun.arrive()
    end = time.monotonic() + Patience().awaiting
    while begun.count() < parties and time.monotonic() < end:
        pass


class Holding:
    """A task, of a child and of threads at once: each acquires a primitive, and keeps it until it may leave."""

    def __init__(self, scratch: Scratch, primitive: Any) -> None:
        self.begun, self.held, self.leave = scratch.latch(), scratch.latch(), scratch.gate()
        self.primitive = primitive

    def __call__(self) -> None:
        """Acquire, note it, and release once the gate is open."""
        self.begun.arrive()
        self.primitive.acquire()
        self.held.arrive()
        self.leave.wait()
        self.primitive.release()


class Waiting:
    """A task, of a child and of threads at once: each waits for a condition, and notes what ``wait()`` returned."""

    def __init__(self, scratch: Scratch, condition: Any) -> None:
        self.begun, self.journal = scratch.latch(), scratch.journal()
        self.condition = condition

    def __call__(self) -> None:
        """Wait. It arrives at the latch with the lock acquired: who acquires it after that knows that it waits."""
        with self.condition:
            self.begun.arrive()
            self.journal.write(self.condition.wait())

    def thread(self) -> Task:
        """Start a thread that waits; the first to acquire the lock then knows that it does."""
        before = self.begun.count()
        thread = Task(self)
        self.begun.wait(before + 1, "callers of wait()")
        return thread


def do_in_turn(*tasks: Callable[[], None]) -> None:
    """Do the tasks one after another: what a child does in its main thread."""
    for task in tasks:
        task()


def do_at_once(leave: Gate, *tasks: Callable[[], None]) -> None:
    """Do each task in a thread of its own, until the gate opens: none of them keeps the child from its end."""
    for task in tasks:
        Task(task)
    for _ in range(2):  # twice the patience of a gate is the deadline of the test
        with suppress(Overdue):
            leave.wait()


def notify(condition: Any, *numbers: tuple[int, ...]) -> None:
    """Acquire a condition and call notify() with each of the numbers, or notify_all() if there are none."""
    with condition:
        for number in numbers:
            condition.notify(*number)
        if not numbers:
            condition.notify_all()


def pass_on(leave: Gate, *tasks: Callable[[], None]) -> None:
    """Give the tasks to a child of this child, which does each in a thread of its own until the gate opens."""
    grandchild = backend().Process(target=do_at_once, args=(leave, *tasks))
    grandchild.start()
    grandchild.join()


@contextmanager
def grandchild_that_does_at_once(mp: Any, scratch: Scratch, *tasks: Callable[[], None]) -> Iterator[None]:
    """Start a child that starts a child, which does some tasks, each in a thread of its own."""
    leave = scratch.gate()
    child = mp.Process(target=pass_on, args=(leave, *tasks))
    child.start()
    try:
        yield
    finally:
        leave.open()
    child.join()


@contextmanager
def child_that_does(mp: Any, *tasks: Callable[[], None]) -> Iterator[Any]:
    """Start a child that does some tasks in turn; give the child."""
    child = mp.Process(target=do_in_turn, args=tasks)
    child.daemon = True
    child.start()
    yield child
    child.join()


@contextmanager
def child_that_does_at_once(mp: Any, scratch: Scratch, *tasks: Callable[[], None]) -> Iterator[Any]:
    """Start a child that does some tasks, each in a thread of its own; give the child."""
    leave = scratch.gate()
    child = mp.Process(target=do_at_once, args=(leave, *tasks))
    child.daemon = True
    child.start()
    try:
        yield child
    finally:
        leave.open()
    child.join()


def answers_of_a_child(mp: Any, scratch: Scratch, thing: Any, *calls: Made) -> list[Any]:
    """Make :class:`Calls` in a child, and return what came of each."""
    made = Calls(scratch, thing, *calls)
    with child_that_does(mp, made):
        return made.answers()
