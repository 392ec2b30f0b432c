"""What several modules of this section share; light, because children and the processes of managers import it.

Managers that a test makes itself are made by ``of_cell``. A manager class must be importable where its process starts,
and the backend is known in a run only: so the classes are made when ``__getattr__`` is asked for them, and each by
itself, so that what one of them cannot do without concerns no other.
"""

from __future__ import annotations

import functools
import queue as standard
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from mpconform.kit import Journal, Latch, Overdue, Patience, Scratch, backend
from mpconform.kit.histories import Call, Recorder

KEY = b"the key of the server"
LOOPBACK = ("127.0.0.1", 0)

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
    found = manager.list([There(function, *arguments)])[0]
    assert not isinstance(found, There), "an item of a manager's list was never pickled: the list is in this process"
    return found


# Managers, which are tidied up by a shutdown() of which nothing is asked here


@contextmanager
def tidied(manager: Any) -> Iterator[Any]:
    """Give the manager to the block, and shut it down behind it."""
    try:
        yield manager
    finally:
        with suppress(Exception):
            manager.shutdown()


def managed(mp: Any) -> Any:
    """Give a manager that Manager() returned."""
    return tidied(mp.Manager())


def started(manager: Any, *arguments: Any) -> Any:
    """Start a manager with these arguments and give it."""
    manager.start(*arguments)
    return tidied(manager)


def of_cell(mp: Any, kind: Any, *arguments: Any, **keywords: Any) -> Any:
    """Make a manager whose process starts by the start method of the cell; else it would be the default one.

    Only since 3.11 there is ``ctx`` in the documentation: without it, nothing says how the process starts.
    """
    try:
        return kind(*arguments, ctx=mp.get_context(), **keywords)
    except TypeError:
        return kind(*arguments, **keywords)


def desk(mp: Any, *arguments: Any, **keywords: Any) -> Any:
    """Make a manager of notes, which is not started."""
    return of_cell(mp, class_named("Desk"), *arguments, **keywords)


def connected(address: Any, key: bytes = KEY, kind: str = "Desk") -> Any:
    """Return a manager of this class that is connected to a server."""
    manager = class_named(kind)(address=address, authkey=key)
    manager.connect()
    return manager


def connected_when_up(address: Any, kind: str = "Desk") -> Any:
    """Do the same with a server that may not listen yet."""

    def connects() -> Any:
        try:
            return connected(address, kind=kind)
        except (ConnectionRefusedError, FileNotFoundError):
            return None

    return Patience().until(connects, f"the server at {address!r} accepts a connection")


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


def make_note_proxy(managers: Any) -> Any:
    """Make a class of proxies with methods of its own."""

    class NoteProxy(managers.BaseProxy):  # type: ignore[misc]
        _exposed_ = ("get", "put")

        def read(self) -> Any:
            return self._callmethod("get")

        def write(self, value: Any) -> Any:
            return self._callmethod("put", (value,))

    return NoteProxy


def make_parent_proxy(managers: Any) -> Any:
    """Make a class of proxies that says which methods return proxies."""

    class ParentProxy(managers.BaseProxy):  # type: ignore[misc]
        _exposed_ = ("child", "other", "value", "other_value")
        _method_to_typeid_ = {"child": "Note"}  # noqa: RUF012 - documented as a mapping

    return ParentProxy


def register_with_proxytype(kind: Any) -> None:
    kind.register("NoteWithProxy", Note, proxytype=class_named("NoteProxy"))


def register_with_exposed(kind: Any) -> None:
    kind.register("ExposedNote", Note, exposed=("get", "_hidden"))


def register_with_both(kind: Any) -> None:
    kind.register("NoteWithProxyAndExposed", Note, proxytype=class_named("NoteProxy"), exposed=("get", "both"))


def register_parents(kind: Any) -> None:
    kind.register("Note", Note)
    kind.register("Parent", Parent, method_to_typeid={"child": "Note"})


def register_parents_with_proxytype(kind: Any) -> None:
    kind.register("Note", Note)
    kind.register("ParentWithProxy", Parent, proxytype=class_named("ParentProxy"))


def register_parents_with_both(kind: Any) -> None:
    proxytype = class_named("ParentProxy")
    kind.register("Note", Note)
    kind.register("ParentWithProxyAndTypes", Parent, proxytype=proxytype, method_to_typeid={"other": "Note"})


def register_without_a_method(kind: Any) -> None:
    kind.register("NoteWithoutMethod", create_method=False)
    kind.register("Parent", Parent, method_to_typeid={"child": "NoteWithoutMethod"})


def register_beside_the_types_of_sync_manager(kind: Any) -> None:
    kind.register("Note", Note)
    kind.register("Place", getattr(backend().managers, "Namespace", None))


PROXIES = {"NoteProxy": make_note_proxy, "ParentProxy": make_parent_proxy}
"""How each class of proxies is made."""

MANAGERS: dict[str, tuple[str, Callable[[Any], None]]] = {
    "Desk": ("BaseManager", lambda kind: kind.register("Note", Note)),
    "Client": ("BaseManager", lambda kind: kind.register("Note")),
    "Functions": ("BaseManager", lambda kind: kind.register("pair", pair)),
    "Proxytypes": ("BaseManager", register_with_proxytype),
    "Exposed": ("BaseManager", register_with_exposed),
    "ExposedProxytypes": ("BaseManager", register_with_both),
    "Parents": ("BaseManager", register_parents),
    "ParentsWithProxytype": ("BaseManager", register_parents_with_proxytype),
    "ParentsWithBoth": ("BaseManager", register_parents_with_both),
    "ParentsWithoutMethod": ("BaseManager", register_without_a_method),
    "QueueServer": ("BaseManager", lambda kind: kind.register("get_queue", callable=get_shared_queue)),
    "QueueClient": ("BaseManager", lambda kind: kind.register("get_queue")),
    "NotedSyncManager": ("SyncManager", register_beside_the_types_of_sync_manager),
}
"""Of each manager class, the base, and what registers its types."""


@functools.cache
def class_named(name: str) -> Any:
    """Make a class that derives from one of the backend."""
    managers = backend().managers
    if name in PROXIES:
        made = PROXIES[name](managers)
    else:
        base, register = MANAGERS[name]
        made = type(name, (getattr(managers, base),), {})
        register(made)
    made.__qualname__ = name
    return made


def __getattr__(name: str) -> Any:
    """Let whatever unpickles one of these classes find it in this module."""
    if name in PROXIES or name in MANAGERS:
        return class_named(name)
    raise AttributeError(name)


# What children do


def tell(journal: Journal, function: Callable[..., Any], *arguments: Any) -> None:
    """Write down what a call returns, or the class of what it raises."""
    journal.write(Recorder().call("", function, *arguments))


def in_child(mp: Any, scratch: Scratch, function: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a call returns in a child, or the class of what it raises there."""
    journal = scratch.journal()
    child = mp.Process(target=tell, args=(journal, function, *arguments))
    child.daemon = True
    child.start()
    (answer,) = journal.wait(1, f"answer of a child that calls {function.__name__}()")
    with suppress(Exception):
        child.join()
    return answer


def terminated(child: Any) -> None:
    """Tidy up a child that serves for ever."""
    with suppress(Exception):
        child.terminate()
        child.join()


def call_method(proxy: Any, method: str, *arguments: Any) -> Any:
    return getattr(proxy, method)(*arguments)


def arrive_and_call(latch: Latch, proxy: Any, method: str, *arguments: Any) -> Any:
    """Arrive, and then make the call, which is one that waits."""
    latch.arrive()
    return call_method(proxy, method, *arguments)


class Given:
    """Names a proxy that a process was given when it started: only then are proxies handed on here."""

    def __init__(self, place: int) -> None:
        self.place = place


def request_number(number: int, requests: Journal) -> Any:
    """Return a request once it is there, however long the parent takes over it."""
    while True:
        with suppress(Overdue):
            return requests.wait(number, "requests of the parent")[number - 1]


def answer_calls(requests: Journal, answers: Journal, *proxies: Any) -> None:
    """Make each call that is asked for, until it is None."""
    number = 1
    while request := request_number(number, requests):
        function, *arguments = request
        arguments = [proxies[one.place] if isinstance(one, Given) else one for one in arguments]
        tell(answers, function, *arguments)
        number += 1


class Other:
    """Another process, which makes one call at a time."""

    def __init__(self, mp: Any, scratch: Scratch, proxies: tuple[Any, ...]) -> None:
        self.requests, self.answers, self.asked = scratch.journal(), scratch.journal(), 0
        self.child = mp.Process(target=answer_calls, args=(self.requests, self.answers, *proxies))
        self.child.daemon = True
        self.child.start()

    def is_free(self) -> bool:
        return len(self.answers.read()) == self.asked

    def ask(self, request: list[Any]) -> None:
        self.asked += 1
        self.requests.write(request)

    def answer(self, what: str) -> Any:
        """Return what the call returned, or the class of what it raised."""
        return self.answers.wait(self.asked, what)[-1]


class Others:
    """Other processes, which make calls with the proxies that they were given.

    One that is at a call is not asked again; another one is started. So a call that never returns concerns no other.
    """

    def __init__(self, mp: Any, scratch: Scratch, *proxies: Any) -> None:
        self.mp, self.scratch, self.proxies = mp, scratch, proxies
        self.places = {id(proxy): Given(place) for place, proxy in enumerate(proxies)}
        self.all: list[Other] = []

    def begin(self, function: Callable[..., Any], *arguments: Any) -> Other:
        """Let one of the processes make a call."""
        other = next((one for one in self.all if one.is_free()), None)
        if other is None:
            other = Other(self.mp, self.scratch, self.proxies)
            self.all.append(other)
        other.ask([function, *(self.places.get(id(argument), argument) for argument in arguments)])
        return other

    def end(self) -> None:
        """Tidy up."""
        for other in self.all:
            other.requests.write(None)
        for other in self.all:
            if other.is_free():
                with suppress(Exception):
                    other.child.join()


# Histories of what several processes call


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


def use_together(target: Callable[..., None], process: str, together: Together, proxy: Any) -> list[Call]:
    """Call ``target(recorder, together, proxy)`` when all processes are there, and return the history."""
    recorder = Recorder(process)
    together.begin()
    target(recorder, together, proxy)
    return recorder.calls


def history(mp: Any, scratch: Scratch, targets: list[Callable[..., None]], proxy: Any) -> list[Call]:
    """Let a child call each of the targets, all at the same time, and return all calls that they noted."""
    together, others = Together(scratch, len(targets)), Others(mp, scratch, proxy)
    asked = [
        others.begin(use_together, target, f"process {place}", together, proxy)
        for place, target in enumerate(targets, start=1)
    ]
    answers = [other.answer("history of a child that ends") for other in asked]
    others.end()
    wrong = [answer for answer in answers if not isinstance(answer, list)]
    assert not wrong, f"{len(wrong)} of {len(targets)} children raised {wrong} instead of noting what they call"
    return [call for calls in answers for call in calls]
