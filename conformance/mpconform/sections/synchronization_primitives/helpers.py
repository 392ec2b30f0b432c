"""What several modules of this section share; light, because children import it.

A *primitive* is a Lock, an RLock, a Semaphore or a BoundedSemaphore with one place: what one thread has, all others
have to wait for. The checks of :mod:`.checks` say how it behaves then, whichever it is.

A *task* is what a child is given to do: something to be called that is pickled with the primitives that it uses, and
that tells the test through latches and journals how far it has come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from mpconform.kit import Gate, Overdue, Scratch, Task


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
