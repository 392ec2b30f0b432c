"""Managers: who holds a shared object, and what is left when somebody ends, is killed or is interrupted."""

from __future__ import annotations

import gc
import os
import pickle
import signal
import threading
import time
import warnings
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest

import mpreference
from mpreference import managers, process

LIMIT = 30
METHODS = ("fork", "spawn", "forkserver")
KEY = b"another key than that of the process"


class Tracked:
    """Is counted as long as it exists."""

    alive: ClassVar[weakref.WeakSet[Tracked]] = weakref.WeakSet()

    def __init__(self) -> None:
        self.alive.add(self)

    def number(self) -> int:
        gc.collect()
        return len(self.alive)

    def pid(self) -> int:
        return os.getpid()

    def threads(self) -> int:
        return threading.active_count()

    def proxy_and_rubbish(self, proxy: Any) -> Any:
        return proxy, lambda: None

    def rubbish(self) -> Any:
        return 2**70

    def wait(self, path: str) -> str:
        """Return when there is this file."""
        until(Path(path).exists)
        return "waited"

    def lists(self) -> list[int]:
        return [1]

    def fail(self, error: BaseException) -> None:
        raise error


class Manager(managers.SyncManager):
    """Has a Tracked."""


Manager.register("Tracked", Tracked, method_to_typeid={"lists": "list"})
Manager.register("set", set, managers.SetProxy)


def until(condition: Callable[[], object]) -> None:
    """Return as soon as the condition is true."""
    end = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < end, "it does not come true"
        time.sleep(0.005)  # nothing tells of it


@pytest.fixture(params=METHODS)
def context(request: pytest.FixtureRequest) -> Any:
    return mpreference.get_context(request.param)


@pytest.fixture
def manager() -> Iterator[Any]:
    with Manager(ctx=mpreference.get_context("fork")) as started:
        yield started


@contextmanager
def forked() -> Iterator[None]:
    """Have a child, which does nothing, and kill it."""
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is a copy of a process with threads, and needs none of them
        pid = os.fork()
    if pid == 0:
        os.close(writer)
        os.read(reader, 1)
        os._exit(0)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(reader)
        os.close(writer)


def hold(proxies: list[Any], connection: Any) -> None:
    """Tell that this process is there; let go of proxies, or end, when told to."""
    connection.send(len(proxies))
    while connection.recv() == "let go":
        proxies.clear()
        gc.collect()
        connection.send("gone")


class TestHolding:
    """A shared object is there as long as a proxy of it is, in any process."""

    def test_a_forked_child_holds_what_its_parent_drops_at_once(self, manager: Any) -> None:
        probe, proxies = manager.Tracked(), [manager.Tracked()]
        here, there = mpreference.Pipe()
        context: Any = mpreference.get_context("fork")
        child = context.Process(target=hold, args=(proxies, there))
        child.start()
        child._args = ()
        proxies.clear()
        assert here.recv() == 1
        assert probe.number() == 2
        here.send("let go")
        assert here.recv() == "gone"
        until(lambda: probe.number() == 1)
        here.send("end")
        child.join()

    def test_a_child_that_is_killed_holds_nothing(self, manager: Any, context: Any) -> None:
        probe = manager.Tracked()
        here, there = mpreference.Pipe()
        child = context.Process(target=hold, args=([manager.Tracked()], there))
        child.start()
        assert here.recv() == 1
        child._args = ()
        gc.collect()
        assert probe.number() == 2
        child.kill()
        child.join()
        until(lambda: probe.number() == 1)

    def test_a_child_that_never_uses_its_proxies_holds_them_until_it_ends(self, manager: Any) -> None:
        probe, proxy = manager.Tracked(), manager.Tracked()
        with forked():
            del proxy
            assert probe.number() == 2
        until(lambda: probe.number() == 1)

    def test_a_container_holds_what_nobody_else_does(self, manager: Any) -> None:
        probe, outer = manager.Tracked(), manager.list([manager.Tracked(), manager.list([manager.Tracked()])])
        assert probe.number() == 3
        assert outer[1][0].pid() == probe.pid()
        outer.pop()
        until(lambda: probe.number() == 2)
        del outer
        until(lambda: probe.number() == 1)

    def test_a_proxy_that_is_taken_out_holds_what_the_container_has_lost(self, manager: Any) -> None:
        probe, outer = manager.Tracked(), manager.list([manager.Tracked()])
        taken = outer.pop()
        assert (probe.number(), taken.pid()) == (2, probe.pid())
        del taken
        until(lambda: probe.number() == 1)

    def test_a_reply_that_cannot_be_sent_holds_nothing(self, manager: Any) -> None:
        probe, proxy = manager.Tracked(), manager.Tracked()
        with pytest.raises(managers.RemoteError, match="lambda"):
            probe.proxy_and_rubbish(proxy)
        del proxy
        until(lambda: probe.number() == 1)

    def test_nothing_is_kept_of_a_call_that_raised(self, manager: Any) -> None:
        probe = manager.Tracked()
        with pytest.raises(KeyError):
            probe.fail(KeyError(manager.Tracked()))
        gc.collect()
        until(lambda: probe.number() == 1)

    def test_a_proxy_of_a_manager_with_a_key_of_its_own_goes_to_a_child(self, context: Any) -> None:
        with Manager(authkey=KEY, ctx=context) as started:
            outer = started.list([started.list([1])])
            here, there = mpreference.Pipe()
            child = context.Process(target=append_to_inner, args=(outer, there))
            child.start()
            assert here.recv() == [1, 2]
            child.join()
            assert outer[0][:] == [1, 2]

    def test_a_pickle_knows_nothing_of_the_key(self, manager: Any) -> None:
        pickled = pickle.dumps(manager.list([1]))
        assert bytes(process.current_process().authkey) not in pickled


def append_to_inner(outer: Any, connection: Any) -> None:
    outer[0].append(2)
    connection.send(outer[0][:])


class TestEnds:
    """Nothing is left of a manager, whoever ends."""

    def test_the_threads_of_the_server_end_with_those_of_its_clients(self, manager: Any) -> None:
        probe = manager.Tracked()
        before = probe.threads()
        for _ in range(5):
            thread = threading.Thread(target=probe.pid)
            thread.start()
            thread.join()
        until(lambda: probe.threads() == before)

    def test_a_child_keeps_no_connection_of_its_parent(self, manager: Any) -> None:
        probe = manager.Tracked()
        before = probe.threads()
        called, end = threading.Event(), threading.Event()

        def call() -> None:
            probe.pid()
            called.set()
            end.wait(LIMIT)

        thread = threading.Thread(target=call)
        thread.start()
        called.wait(LIMIT)
        assert probe.threads() == before + 1
        with forked():
            end.set()
            thread.join()
            until(lambda: probe.threads() == before + 1)  # for the lease of the child
        until(lambda: probe.threads() == before)

    def test_start_raises_what_keeps_the_server_from_serving(self, tmp_path: Path, context: Any) -> None:
        (tmp_path / "socket").touch()
        with pytest.raises(OSError, match="in use") as caught:
            Manager(str(tmp_path / "socket"), ctx=context).start()
        assert "Traceback" in str(caught.value.__cause__)
        with pytest.raises(ZeroDivisionError):
            Manager(ctx=context).start(divmod, (1, 0))
        with pytest.raises(RuntimeError, match="ended with 3"):
            Manager(ctx=context).start(os._exit, (3,))

    def test_a_manager_says_what_it_cannot_do(self, manager: Any) -> None:
        fresh: Any = Manager()
        for call in (fresh.list, fresh.shutdown, fresh.join):
            with pytest.raises(RuntimeError):
                call()
        with pytest.raises(RuntimeError, match="already"):
            manager.start()
        with pytest.raises(ValueError, match="none"):
            fresh.connect()
        with pytest.raises(TypeError):
            pickle.dumps(manager)
        with pytest.raises(TypeError):
            fresh.start(5)


class TestCalls:
    """A thread gets the reply to its own request, whatever comes in between."""

    def test_a_call_that_was_interrupted_spoils_nothing(self, manager: Any, tmp_path: Path) -> None:
        probe = manager.Tracked()

        def interrupt(number: int, frame: object) -> None:
            raise InterruptedError

        before = signal.signal(signal.SIGALRM, interrupt)
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            with pytest.raises(InterruptedError):
                probe.wait(str(tmp_path / "file"))
        finally:
            signal.signal(signal.SIGALRM, before)
        assert probe.pid() != os.getpid()
        (tmp_path / "file").touch()

    def test_a_handler_may_call_while_a_call_waits(self, manager: Any, tmp_path: Path) -> None:
        probe, items = manager.Tracked(), manager.list()

        def call(number: int, frame: object) -> None:
            items.append("by the handler")
            (tmp_path / "file").touch()

        before = signal.signal(signal.SIGALRM, call)
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            assert probe.wait(str(tmp_path / "file")) == "waited"
        finally:
            signal.signal(signal.SIGALRM, before)
        assert items[:] == ["by the handler"]

    def test_a_proxy_may_go_while_its_link_is_in_use(self, manager: Any) -> None:
        probe, cycle = manager.Tracked(), [manager.Tracked()]
        cycle.append(cycle)
        with manager._link._dropping:
            del cycle
            gc.collect()
        until(lambda: probe.number() == 1)

    def test_exceptions_of_any_kind_are_raised(self, manager: Any) -> None:
        probe = manager.Tracked()
        for error in (SystemExit(3), KeyboardInterrupt(), StopIteration(1), mpreference.TimeoutError("late")):
            with pytest.raises(type(error)) as caught:
                probe.fail(error)
            assert caught.value.args == error.args

    def test_a_server_in_this_process_is_called_without_connections(self) -> None:
        server = Manager(authkey=KEY).get_server()
        ident, _ = server.link.ask("create", ("list", [[]]))
        items = managers.ListProxy(managers.Token("list", server.address, ident), server.link, held=True)
        value = items[0]
        value.append("only in the copy")
        assert items[:] == [[]]
        assert pickle.loads(pickle.dumps(items))[:] == [[]]
        lock_ident, _ = server.link.ask("create", ("RLock",))
        lock = managers.AcquirerProxy(managers.Token("RLock", server.address, lock_ident), server.link, held=True)
        items.append(lock)
        lock.acquire()
        assert items[-1].acquire(False) is True
        found = []
        thread = threading.Thread(target=lambda: found.append(lock.acquire(False)))
        thread.start()
        thread.join()
        assert found == [False]
        items.clear()
        assert server.link.ask("number_of_objects", ()) == 2

    def test_a_child_of_the_server_reaches_its_objects(self) -> None:
        server = Manager(authkey=KEY).get_server()
        ident, _ = server.link.ask("create", ("list", [1]))
        items = managers.ListProxy(managers.Token("list", server.address, ident), server.link, held=True)
        here, there = mpreference.Pipe(duplex=False)
        threading.Thread(target=server.serve_until, args=([here],), daemon=True).start()
        context: Any = mpreference.get_context("fork")
        child = context.Process(target=items.append, args=(2,))
        child.start()
        child.join()
        there.send_bytes(b"")
        assert items[:] == [1, 2]

    def test_a_set(self, manager: Any) -> None:
        numbers = same = manager.set([1, 2, 3])
        numbers |= {4}
        numbers &= {1, 2, 4}
        numbers -= {1}
        numbers ^= {4, 5}
        assert numbers is same
        assert (sorted(numbers), 5 in numbers, len(numbers), numbers & {2}) == ([2, 5], True, 2, {2})
        assert ({1} | numbers, numbers.union([7]), numbers._getvalue()) == ({1, 2, 5}, {2, 5, 7}, {2, 5})

    def test_by_xml(self) -> None:
        with Manager(serializer="xmlrpclib", ctx=mpreference.get_context("fork")) as started:
            manager: Any = started
            items, probe = manager.list([1]), manager.Tracked()
            items.append({"a": [b"bytes", None, 2.5]})
            assert items._getvalue() == [1, {"a": [b"bytes", None, 2.5]}]
            with pytest.raises(managers.RemoteError, match="IndexError: list index out of range"):
                items[20]
            with pytest.raises(OverflowError):
                items.append(2**70)
            with pytest.raises(managers.RemoteError, match="OverflowError"):
                probe.rubbish()
            inner = probe.lists()
            assert (type(inner), inner._getvalue()) == (managers.ListProxy, [1])
