"""Proxies are picklable: they go to other processes, and there they refer to the same referent."""

from __future__ import annotations

import gc
import os
import pickle
from contextlib import suppress
from functools import partial

from mpconform.kit import Patience, backend, promise, verifies, works
from mpconform.sections.proxy_objects.helpers import MAKERS, Servant, Shape, manager_of


def append_and_tell(proxy, latch, gate, journal):
    proxy.append("of the child")
    latch.arrive()
    gate.wait()
    journal.write(proxy[:])


def append_and_write(late, proxy, journal):
    proxy.append("of the child")
    journal.write(proxy[:])


def append_of_the_grandchild(proxy):
    proxy.append("of the grandchild")


def pass_on(proxy):
    child = backend().Process(target=append_of_the_grandchild, args=(proxy,))
    child.start()
    child.join()


def take_a_while(gate):
    """Wait for the gate, and not longer than one watches for anything."""
    with suppress(AssertionError):
        Patience().never(gate.is_open, "the gate opens")


class Slow:
    """An argument that takes a while to be unpickled."""

    def __init__(self, gate):
        self.gate = gate

    def __reduce__(self):
        return take_a_while, (self.gate,)


def send_back(connection):
    proxy = connection.recv()
    proxy.append("of the child")
    connection.send(proxy)


def put_back(there, back):
    proxy = there.get()
    proxy.append("of the child")
    back.put(proxy)


def tell_pids(servant, journal):
    journal.write((servant.pid(), servant._callmethod("pid")))


@verifies("proxy.class.is-a-subclass-of-base-proxy", "proxy.pickle.every-shared-type")
def test_proxies_of_every_type_are_instances_of_base_proxy_and_can_be_pickled(mp):
    with manager_of(mp, Shape) as manager:
        made = [(make.name, make(manager)) for make in MAKERS]
        with promise("proxy.class.is-a-subclass-of-base-proxy"):
            for name, proxy in made:
                bases = type(proxy).__mro__
                assert mp.managers.BaseProxy in bases[1:], (
                    f"the class of the proxy that {name}() returned has the bases {bases[1:]}, promised is BaseProxy"
                )
        with promise("proxy.pickle.every-shared-type"):
            for name, first in made:
                with works(f"pickling and unpickling the proxy that {name}() returned"):
                    second = pickle.loads(pickle.dumps(first))
                    shown = str(second)
                assert isinstance(second, mp.managers.BaseProxy), (
                    f"unpickling what {name}() returned made {second!r}, not a proxy"
                )
                assert shown == str(first), f"of two proxies of one {name}, str() returned {str(first)!r} and {shown!r}"


@verifies("proxy.pickle.round-trip-keeps-the-referent", "proxy.referent.may-have-several-proxies")
def test_a_proxy_that_was_pickled_refers_to_the_same_referent(mp):
    with mp.Manager() as manager:
        first = manager.list(["at first"])
        second = pickle.loads(pickle.dumps(first))
        with promise("proxy.pickle.round-trip-keeps-the-referent"):
            assert isinstance(second, mp.managers.BaseProxy), f"unpickling a pickled proxy made {second!r}, not a proxy"
            second.append("through the second")
            found = first[:]
            assert found == ["at first", "through the second"], (
                f"after append() through a proxy that was pickled and unpickled, the first proxy shows {found!r}"
            )
        with promise("proxy.referent.may-have-several-proxies"):
            one = manager.list(["at first"])
            other = pickle.loads(pickle.dumps(one))
            one.append("through one")
            other.append("through the other")
            one.append("through one again")
            found = [one[:], other[:]]
            assert found == [["at first", "through one", "through the other", "through one again"]] * 2, (
                f"after append() through two proxies of one list in turn, they show {found!r}"
            )


@verifies("proxy.pickle.passed-as-an-argument", "proxy.referent.shared-between-processes")
def test_a_child_and_its_parent_share_the_referent(mp, latch, gate, journal):
    with mp.Manager() as manager:
        items = manager.list(["at first"])
        child = mp.Process(target=append_and_tell, args=(items, latch, gate, journal))
        child.daemon = True
        child.start()
        latch.wait(1, "child that appends to the list proxy that it was given")
        here = items[:]
        items.append("of the parent")
        gate.open()
        [there] = journal.wait(1, "list that the child sees")
        child.join()
    with promise("proxy.pickle.passed-as-an-argument"):
        assert here == ["at first", "of the child"], f"after append() in a child, its parent sees {here!r}"
    with promise("proxy.referent.shared-between-processes"):
        assert [here, there] == [["at first", "of the child"], ["at first", "of the child", "of the parent"]], (
            f"after append() in a child, its parent sees {here!r}; after append() in its parent, the child {there!r}"
        )


@verifies("proxy.pickle.passed-on-to-a-grandchild", "proxy.pickle.argument-that-only-the-child-keeps")
def test_a_child_hands_a_proxy_on_and_is_the_only_one_to_keep_another(mp, journal, gate, patience):
    with mp.Manager() as manager:
        with promise("proxy.pickle.passed-on-to-a-grandchild"):
            items = manager.list(["at first"])
            child = mp.Process(target=pass_on, args=(items,))
            child.start()
            patience.until(lambda: child.exitcode is not None, "a child that starts a child ends")
            child.join()
            found = items[:]
            assert found == ["at first", "of the grandchild"], (
                f"a list proxy is handed on to a child of a child, which appends to it; the list is then {found!r}"
            )
        with promise("proxy.pickle.argument-that-only-the-child-keeps"):
            if hasattr(os, "register_at_fork"):  # where nothing is unpickled, the child is late for this
                os.register_at_fork(after_in_child=partial(take_a_while, gate))
            child = mp.Process(target=append_and_write, args=(Slow(gate), manager.list(["at first"]), journal))
            child.daemon = True
            child.start()
            gc.collect()
            gate.open()  # not before here has the child its proxy, unless start() waits for that
            patience.until(
                lambda: journal.read() or child.exitcode is not None, "a child uses the proxy that it was given"
            )
            child.join()
            found = journal.read()
            assert found == [["at first", "of the child"]], (
                f"a child that is given manager.list(['at first']), made in the call of Process, and is late, is to"
                f" append to it and to see that; it saw {found}, its exit code is {child.exitcode}"
            )


@verifies("proxy.pickle.passed-through-a-pipe")
def test_a_proxy_goes_through_a_pipe_and_back(mp, patience):
    with mp.Manager() as manager:
        items = manager.list()
        here, there = mp.Pipe()
        child = mp.Process(target=send_back, args=(there,))
        child.daemon = True
        child.start()
        here.send(items)
        assert here.poll(patience.awaiting), "a child was to send back the proxy that it received, and nothing came"
        back = here.recv()
        child.join()
        back.append("of the parent")
        found = items[:]
    assert found == ["of the child", "of the parent"], (
        f"a child and, once it has it back, its parent append to a proxy sent through a Pipe; the referent is {found!r}"
    )


@verifies("proxy.pickle.passed-through-a-queue")
def test_a_proxy_goes_through_a_queue_and_back(mp, patience):
    with mp.Manager() as manager:
        items = manager.list()
        there, back = mp.Queue(), mp.Queue()
        child = mp.Process(target=put_back, args=(there, back))
        child.daemon = True
        child.start()
        there.put(items)
        with works("get() of the proxy that a child was to put back on a Queue"):
            received = back.get(timeout=patience.awaiting)
        child.join()
        received.append("of the parent")
        found = items[:]
    assert found == ["of the child", "of the parent"], (
        f"a child and, once it has it back, its parent append to a proxy put on a Queue; the referent is {found!r}"
    )


@verifies("proxy.callmethod.runs-in-the-manager-process")
def test_a_method_runs_in_the_process_of_the_manager(mp, journal):
    with manager_of(mp, Servant) as manager:
        first, second = manager.Servant(), manager.Servant()
        here = {first.pid(), first._callmethod("pid"), second.pid()}
        child = mp.Process(target=tell_pids, args=(first, journal))
        child.daemon = True
        child.start()
        there = set(journal.wait(1, "process ids from the child")[0])
        child.join()
    callers = {mp.current_process().pid, child.pid}
    assert len(here) == 1, f"methods of two proxies ran in the processes {here}, promised is the manager's alone"
    assert there == here, f"a method called by a child ran in {there}, by its parent in {here}"
    assert not here & callers, f"a method ran in process {here}, which is among those of its callers, {callers}"
