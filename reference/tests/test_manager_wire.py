"""Managers of this package and of the standard library of the same Python get on with each other.

The other end is a child interpreter, so that nothing here imports ``multiprocessing``, nor anything there this package.
"""

from __future__ import annotations

import ast
import json
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from mpreference import Pipe, current_process, errors, managers

KEY = b"the key of both"
LIMIT = 60

STANDARD = """
import collections, json, multiprocessing, queue, sys, threading
from multiprocessing.managers import BaseProxy, ListProxy, Namespace, RemoteError, SyncManager

KEY = b"the key of both"
multiprocessing.current_process().authkey = KEY

class Note:
    def __init__(self):
        self.items = [1, 2]
    def held(self):
        return self.items
    def echo(self, value):
        return value
    def fail(self):
        raise KeyError("it", 1)
    def time_out(self):
        raise multiprocessing.TimeoutError("late")
    def unpicklable(self):
        return lambda: None
    def _hidden(self):
        pass

class Manager(SyncManager):
    pass
"""

SERVER = f"""{STANDARD}
Manager.register("Note", Note, method_to_typeid={{"held": "list"}})
manager = Manager(eval(sys.argv[1]), KEY, serializer=sys.argv[2])
server = manager.get_server()
print(repr(server.address), flush=True)
server.serve_forever()
"""

CLIENT = f"""{STANDARD}
Manager.register("Note")
manager = Manager(eval(sys.argv[1]), KEY, serializer=sys.argv[2])
manager.connect()
found = {{}}

def raised(call, *args):
    try:
        return call(*args)
    except Exception as error:  # noqa: BLE001 - whatever it is
        return type(error).__name__

"""
CLIENT_END = """
assert not any(name.startswith("mpreference") for name in sys.modules)
print(json.dumps(found))
"""


class Note:
    """What is shared; the standard library has the same."""

    def __init__(self) -> None:
        self.items = [1, 2]

    def held(self) -> list[int]:
        return self.items

    def echo(self, value: Any) -> Any:
        return value

    def fail(self) -> None:
        raise KeyError("it", 1)

    def time_out(self) -> None:
        raise errors.TimeoutError("late")

    def unpicklable(self) -> Any:
        return lambda: None

    def _hidden(self) -> None:
        pass


class OurManager(managers.SyncManager):
    """Has a Note."""


shared: list[Any] = []
OurManager.register("Note", Note, method_to_typeid={"held": "list"})
OurManager.register("Shared", lambda: shared, managers.ListProxy)


@contextmanager
def our_server(serializer: str = "pickle", address: Any = None) -> Iterator[managers.Server]:
    """Let a server of ours run in a thread."""
    server = OurManager(address, KEY, serializer).get_server()
    stop, stopping = Pipe(duplex=False)
    thread = threading.Thread(target=server.serve_until, args=([stop],))
    thread.start()
    try:
        yield server
    finally:
        stopping.send_bytes(b"")
        thread.join()


@contextmanager
def standard_server(serializer: str = "pickle", address: Any = None) -> Iterator[Any]:
    """Let a server of the standard library run; give its address."""
    command = [sys.executable, "-c", SERVER, repr(address), serializer]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield ast.literal_eval(server.stdout.readline())
        finally:
            server.kill()


def standard_client(server: managers.Server, program: str, serializer: str = "pickle") -> dict[str, Any]:
    """Let a client of the standard library run; return what it has found."""
    command = [sys.executable, "-c", CLIENT + program + CLIENT_END, repr(server.address), serializer]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


@pytest.fixture
def theirs(monkeypatch: pytest.MonkeyPatch) -> Iterator[managers.SyncManager]:
    """A manager of ours that is connected to a server of the standard library."""
    monkeypatch.setattr(current_process(), "authkey", KEY)
    before = set(sys.modules)  # other tests import what they like
    with standard_server() as address:
        manager = OurManager(address, KEY)
        manager.connect()
        yield manager
    assert not [name for name in set(sys.modules) - before if name.partition(".")[0] == "multiprocessing"]


def name_of_raised(call: Any, *arguments: Any) -> Any:
    try:
        return call(*arguments)
    except Exception as error:  # noqa: BLE001 - whatever it is
        return type(error)


# Their client, our server


def test_their_client_uses_each_of_our_types() -> None:
    with our_server() as server:
        found = standard_client(
            server,
            """
items = manager.list([3, 1])
items.append(2); items.sort(); items += [4]; items *= 2
found["list"] = [items[:], len(items), 4 in items, items[-1], str(items), raised(items.__getitem__, 20)]
table = manager.dict(a=1); table["b"] = 2
found["dict"] = [list(table), sorted(table.keys()), table.copy(), table.pop("a"), raised(table.__getitem__, "a")]
space = manager.Namespace(); space.x = 1
found["namespace"] = [space.x, str(space), raised(getattr, space, "y"), type(space._getvalue()) is Namespace]
value, array = manager.Value("i", 1), manager.Array("i", [1, 2]); value.value += 1; array[0] = 5
found["numbers"] = [value.value, value._getvalue().value, array[0], len(array), str(value)]
waiting = manager.Queue(1); waiting.put("item")
found["queue"] = [raised(waiting.put_nowait, 2), waiting.get(), raised(waiting.get_nowait), waiting.empty()]
lock, event, barrier = manager.RLock(), manager.Event(), manager.Barrier(1); event.set()
condition = manager.Condition(lock)
with condition:
    condition.notify()
    found["sync"] = [lock.acquire(False), event.wait(), barrier.wait(), barrier.parties, raised(condition.wait, 0)]
    lock.release()
""",
        )
    assert found == {
        "list": [[1, 2, 3, 4] * 2, 8, True, 4, "[1, 2, 3, 4, 1, 2, 3, 4]", "IndexError"],
        "dict": [["a", "b"], ["a", "b"], {"a": 1, "b": 2}, 1, "KeyError"],
        "namespace": [1, "Namespace(x=1)", "AttributeError", True],
        "numbers": [2, 2, 5, 2, "Value('i', 2)"],
        "queue": ["Full", "item", "Empty", True],
        "sync": [True, True, 0, 1, False],
    }


def test_their_client_nests_and_lets_go() -> None:
    with our_server() as server:
        found = standard_client(
            server,
            """
note, outer = manager.Note(), manager.list()
outer.append(manager.dict(a=1)); outer.append(note)
outer[0]["b"] = 2
held = note.held(); held.append(3)
found["nested"] = [str(outer[0]), outer[1].echo(5), type(outer[0]).__name__, held[:], note.held()[:]]
found["auto"] = [type(outer[1]).__name__, isinstance(outer[1], BaseProxy)]
found["mine"] = [note.echo(x) == x for x in (1, "two", b"3", [4.5, None], {"a": (1, 2)}, {1, 2})]
found["errors"] = [raised(note._callmethod, name) for name in ("fail", "time_out", "unpicklable", "_hidden", "nono")]
found["unknown"] = raised(manager._create, "Unknown")
found["objects"] = [manager._number_of_objects()]
outer.pop(0)
len(outer)  # until its next call the thread may not have counted what it was sent
del held
found["objects"].append(manager._number_of_objects())
assert len(manager._debug_info().splitlines()) == 4, manager._debug_info()
""",
        )
        assert server.link.ask("number_of_objects", ()) == 0, "the client let go of all when it ended"
    assert found == {
        "nested": ["{'a': 1, 'b': 2}", 5, "DictProxy", [1, 2, 3], [1, 2]],
        "auto": ["AutoProxy[Note]", True],
        "mine": [True] * 6,
        "errors": ["KeyError", "TimeoutError", "RemoteError", "RemoteError", "RemoteError"],
        "unknown": "RemoteError",
        "objects": [4, 2],
    }


def test_their_client_has_a_thread_of_ours_for_each_of_its_own() -> None:
    with our_server(address=("127.0.0.1", 0)) as server:
        found = standard_client(
            server,
            """
lock = manager.RLock()
lock.acquire()
others = []
thread = threading.Thread(target=lambda: others.append(lock.acquire(False)))
thread.start()
thread.join()
found["acquired"] = [lock.acquire(False), others]
""",
        )
    assert found == {"acquired": [True, [False]]}


def test_their_client_by_xml() -> None:
    with our_server("xmlrpclib") as server:
        found = standard_client(
            server,
            """
items = manager.list([1])
items.append("two")
found["items"] = [items._getvalue(), items[1], len(items), raised(items.__getitem__, 20)]
""",
            "xmlrpclib",
        )
    assert found == {"items": [[1, "two"], "two", 2, "RemoteError"]}


def test_a_proxy_of_another_server_goes_to_their_client() -> None:
    with our_server() as server, our_server() as other:
        manager = OurManager(other.address, KEY)
        manager.connect()
        inner = manager.list([1])
        shared[:] = [inner]
        found = standard_client(
            server,
            """
Manager.register("Shared", proxytype=ListProxy)
inner = manager.Shared()[0]
inner.append(2)
found["inner"] = [inner[:], type(inner).__name__]
""",
        )
        shared.clear()
        assert found == {"inner": [[1, 2], "ListProxy"]}
        assert inner[:] == [1, 2]


# Our client, their server


def test_our_client_uses_each_of_their_types(theirs: Any) -> None:
    items = theirs.list([3, 1])
    items.append(2)
    items.sort()
    items += [4]
    assert (items[:], len(items), 4 in items, str(items)) == ([1, 2, 3, 4], 4, True, "[1, 2, 3, 4]")
    assert name_of_raised(items.__getitem__, 20) is IndexError
    table = theirs.dict(a=1)
    table["b"] = 2
    assert (list(table), table.keys(), table.copy()) == (["a", "b"], ["a", "b"], {"a": 1, "b": 2})
    space = theirs.Namespace()
    space.x = 1
    assert (space.x, str(space), type(space._getvalue())) == (1, "Namespace(x=1)", managers.Namespace)
    value, array = theirs.Value("i", 1), theirs.Array("i", [1, 2])
    value.value += 1
    assert (value.value, value._getvalue().value, array[0], len(array)) == (2, 2, 1, 2)
    waiting = theirs.Queue(1)
    waiting.put("item")
    assert name_of_raised(waiting.put_nowait, 2) is queue.Full
    lock, event, barrier = theirs.Lock(), theirs.Event(), theirs.Barrier(1)
    event.set()
    with theirs.Condition(lock) as acquired:
        assert (acquired, lock.acquire(False)) == (True, False)
    assert (event.wait(), barrier.wait(), barrier.parties) == (True, 0, 1)
    with theirs.Pool(1) as pool:
        assert pool.apply(abs, (-1,)) == 1
        assert pool.map_async(abs, [-1, -2]).get() == [1, 2]
        assert list(pool.imap(abs, [-1, -2])) == [1, 2]


def test_our_client_nests_and_lets_go(theirs: Any) -> None:
    note, outer = theirs.Note(), theirs.list()
    outer.append(theirs.dict(a=1))
    outer.append(note)
    outer[0]["b"] = 2
    assert (str(outer[0]), type(outer[0]), outer[1].echo(5)) == ("{'a': 1, 'b': 2}", managers.DictProxy, 5)
    held = note.held()
    held.append(3)
    assert (held[:], type(held)) == ([1, 2, 3], managers.ListProxy)
    expected = [KeyError, errors.TimeoutError, managers.RemoteError, managers.RemoteError]
    names = ["fail", "time_out", "unpicklable", "_hidden"]
    assert [name_of_raised(note._callmethod, name) for name in names] == expected
    assert name_of_raised(theirs._create, "Unknown", (), {}) is managers.RemoteError
    before = theirs._link.ask("number_of_objects", ())
    made = [theirs.list(), note.held()]
    assert theirs._link.ask("number_of_objects", ()) == before + 2
    del made
    assert theirs._link.ask("number_of_objects", ()) == before


def test_our_client_has_a_connection_for_each_thread(theirs: Any) -> None:
    lock = theirs.RLock()
    others = []
    lock.acquire()
    thread = threading.Thread(target=lambda: others.append(lock.acquire(False)))
    thread.start()
    thread.join()
    assert (lock.acquire(False), others) == (True, [False])


def test_our_client_by_xml() -> None:
    with standard_server("xmlrpclib", ("127.0.0.1", 0)) as address:
        manager: Any = OurManager(address, KEY, "xmlrpclib")
        manager.connect()
        items = manager.list([1])
        items.append("two")
        assert (items._getvalue(), items[1], len(items)) == ([1, "two"], "two", 2)
        assert name_of_raised(items.__getitem__, 20) is managers.RemoteError


def test_our_client_is_refused_with_another_key() -> None:
    with standard_server() as address, pytest.raises(errors.AuthenticationError):
        OurManager(address, b"another key").connect()
