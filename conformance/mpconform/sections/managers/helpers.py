"""What several modules of this section share; light, because children and the processes of managers import it.

Managers that a test makes itself are made by ``of_cell``. A manager class must be importable where its process starts,
and the backend is known in a run only: so the classes are made when ``__getattr__`` is asked for them.
"""

from __future__ import annotations

import functools
import os
import pickle
import queue as standard
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from mpconform.kit import Journal, Latch, Patience, Scratch, backend
from mpconform.kit.histories import Call, Recorder

KEY = b"the key of the server"
LOOPBACK = ("127.0.0.1", 0)

held: list[Any] = []
"""In the process of a manager: the files that it has locked, until it ends."""

setting: Any = "not set"
"""In the process of a manager: what its initializer was called with."""


# How a test knows of the process of a manager


class There:
    """Is pickled as a call: in the process that unpickles it, it is the result of ``function(*arguments)``."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> Any:
        return self.call


def there(manager: Any, function: Callable[..., Any], *arguments: Any) -> Any:
    """Return the result of ``function(*arguments)`` in the process of a SyncManager."""
    return manager.list([There(function, *arguments)])[0]


def hold(path: str) -> int:
    """Lock a file until this process ends, however it does; return the id of this process."""
    import fcntl

    file = open(path, "w")  # noqa: SIM115 - it stays open until the process ends
    fcntl.flock(file, fcntl.LOCK_EX)
    held.append(file)
    return os.getpid()


def is_free(path: str) -> bool:
    """Return whether no process holds the file: the one that did has ended."""
    import fcntl

    with open(path) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def of_cell(mp: Any, kind: Any, *arguments: Any, **keywords: Any) -> Any:
    """Make a manager whose process starts by the start method of the cell; else it would be the default one."""
    return kind(*arguments, ctx=mp.get_context(), **keywords)


# What is shared


class Note:
    """What most tests share: it keeps a value, and knows in which process it is."""

    kind = "a public attribute that is no method"

    def __init__(self, value: Any = None, *, mark: Any = None) -> None:
        self.value = value
        self.mark = mark
        self.doubled = functools.partial(double, value)  # an attribute that can be called is a public method too

    def get(self) -> Any:
        return self.value

    def put(self, value: Any) -> None:
        self.value = value

    def both(self) -> tuple[Any, Any]:
        return self.value, self.mark

    def run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Return the result of ``function(*arguments)`` in the process of the object."""
        return function(*arguments)

    def _hidden(self) -> str:
        return "hidden"


class Parent:
    """Has notes, which its methods return."""

    def __init__(self) -> None:
        self.note = Note("at first")
        self.other_note = Note("at first")

    def child(self) -> Note:
        return self.note

    def other(self) -> Note:
        return self.other_note

    def value(self) -> Any:
        return self.note.value

    def other_value(self) -> Any:
        return self.other_note.value


def double(value: Any) -> Any:
    return value * 2


def pair(left: Any, right: Any = "right") -> Note:
    """Return a note of two values: a callable that is no class."""
    return Note((left, right))


def remember(*arguments: Any) -> None:
    """Keep what an initializer is called with."""
    global setting
    setting = arguments


def remembered() -> Any:
    return setting


shared_queue: standard.Queue[Any] = standard.Queue()


def get_shared_queue() -> standard.Queue[Any]:
    return shared_queue


# The manager classes and classes of proxies


@functools.cache
def classes() -> dict[str, Any]:
    """Make the classes that derive from those of the backend."""
    managers = backend().managers

    class NoteProxy(managers.BaseProxy):  # type: ignore[misc, name-defined]
        _exposed_ = ("get", "put")

        def read(self) -> Any:
            return self._callmethod("get")

        def write(self, value: Any) -> Any:
            return self._callmethod("put", (value,))

    class ParentProxy(managers.BaseProxy):  # type: ignore[misc, name-defined]
        _exposed_ = ("child", "other", "value", "other_value")
        _method_to_typeid_ = {"child": "NoteWithoutMethod"}  # noqa: RUF012 - documented as a mapping

    class Desk(managers.BaseManager):  # type: ignore[misc, name-defined]
        """Registers the types above, each in several ways."""

    class QueueServer(managers.BaseManager):  # type: ignore[misc, name-defined]
        """Shares one queue."""

    class QueueClient(managers.BaseManager):  # type: ignore[misc, name-defined]
        """Knows the name of what QueueServer shares, and nothing more."""

    class NotedSyncManager(managers.SyncManager):  # type: ignore[misc, name-defined]
        """A SyncManager with more types."""

    Desk.register("Note", Note)
    Desk.register("NoteWithoutMethod", create_method=False)
    Desk.register("pair", pair)
    Desk.register("ExposedNote", Note, exposed=("get", "_hidden"))
    Desk.register("NoteWithProxy", Note, proxytype=NoteProxy)
    Desk.register("NoteWithProxyAndExposed", Note, proxytype=NoteProxy, exposed=("get", "both"))
    Desk.register("Parent", Parent, method_to_typeid={"child": "Note"})
    Desk.register("ParentWithProxy", Parent, proxytype=ParentProxy)
    Desk.register("ParentWithProxyAndTypes", Parent, proxytype=ParentProxy, method_to_typeid={"other": "Note"})
    Desk.register("ParentOfNoteWithoutMethod", Parent, method_to_typeid={"child": "NoteWithoutMethod"})
    QueueServer.register("get_queue", callable=get_shared_queue)
    QueueClient.register("get_queue")
    NotedSyncManager.register("Note", Note)
    NotedSyncManager.register("Place", managers.Namespace)
    made = NoteProxy, ParentProxy, Desk, QueueServer, QueueClient, NotedSyncManager
    for one in made:
        one.__qualname__ = one.__name__
    return {one.__name__: one for one in made}


def __getattr__(name: str) -> Any:
    """Let whatever unpickles one of these classes find it in this module."""
    if name in ("NoteProxy", "ParentProxy", "Desk", "QueueServer", "QueueClient", "NotedSyncManager"):
        return classes()[name]
    raise AttributeError(name)


def desk(mp: Any, *arguments: Any, **keywords: Any) -> Any:
    """Make a manager of our own types."""
    return of_cell(mp, classes()["Desk"], *arguments, **keywords)


def other_proxy(proxy: Any) -> Any:
    """Return another proxy for the same object."""
    return pickle.loads(pickle.dumps(proxy))


# What children do


def report(journal: Journal, proxy: Any, method: str, *arguments: Any) -> None:
    """Write down what a method of the proxy returns, or the class of what it raises."""
    recorder = Recorder()
    journal.write(recorder.call(method, getattr(proxy, method), *arguments))


def arrive_and_report(latch: Latch, journal: Journal, proxy: Any, method: str, *arguments: Any) -> None:
    """Arrive, and then do the same: the call is one that waits."""
    latch.arrive()
    report(journal, proxy, method, *arguments)


class Together:
    """Lets the turns of several processes overlap."""

    def __init__(self, scratch: Scratch, number: int) -> None:
        self.number = number
        self.here, self.done = scratch.latch(), scratch.latch()

    def begin(self) -> None:
        """Return as soon as all processes are here; in a tight loop, so that all go on at the same moment."""
        self.here.arrive()
        end = time.monotonic() + Patience().awaiting
        while self.here.count() < self.number and time.monotonic() < end:
            pass

    def turns(self, least: int, most: int) -> Iterator[int]:
        """Yield numbers until every process has had ``least`` turns, or this one ``most``."""
        for turn in range(most):
            if turn == least:
                self.done.arrive()
            if turn >= least and self.done.count() >= self.number:
                return
            yield turn


def linger(proxy: Any) -> None:
    """Let other processes come in between two calls: wait for answers, while they run."""
    for _ in range(3):
        str(proxy)


def hold_for_a_moment(recorder: Recorder, together: Together, proxy: Any) -> None:
    """Acquire and release what the proxy refers to, time and again."""
    for _ in together.turns(20, 100):
        recorder.call("acquire", proxy.acquire)
        linger(proxy)
        recorder.call("release", proxy.release)


def use_together(
    target: Callable[..., None], process: str, together: Together, journal: Journal, *arguments: Any
) -> None:
    """Call ``target(recorder, together, *arguments)`` when all processes are there, and write down the history."""
    recorder = Recorder(process)
    together.begin()
    target(recorder, together, *arguments)
    journal.write(recorder.calls)


def history(mp: Any, scratch: Scratch, targets: list[Callable[..., None]], *arguments: Any) -> list[Call]:
    """Let a child call each of the targets, all at the same time, and return all calls that they noted."""
    together, journal, number = Together(scratch, len(targets)), scratch.journal(), len(targets)
    children = [
        mp.Process(target=use_together, args=(target, f"process {place}", together, journal, *arguments), daemon=True)
        for place, target in enumerate(targets, start=1)
    ]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert len(journal.read()) == number, f"{number - len(journal.read())} of {number} children ended without a history"
    return [call for calls in journal.read() for call in calls]


def is_value(proxy: Any, value: Any) -> bool:
    return bool(proxy.value == value)


# How a test complains, and waits


@contextmanager
def accepted(call: str) -> Iterator[None]:
    """Check that the block raises nothing; ``call`` is how a failure names what the block does."""
    try:
        yield
    except Exception as error:
        raise AssertionError(f"{call}: raised {type(error).__name__}, promised is that it does not: {error}") from error


def wait_until_ended(path: str, what: str) -> None:
    """Return once the process that holds the file has ended."""
    Patience().until(lambda: is_free(path), what)


def connect_when_up(manager: Any) -> None:
    """Connect to a server that may not listen yet."""

    def connects() -> bool:
        try:
            manager.connect()
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        return True

    Patience().until(connects, f"the server at {manager.address!r} accepts a connection")
