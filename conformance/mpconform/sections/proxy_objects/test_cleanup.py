"""When shared objects are deleted from the manager's process, and when they are kept.

A :class:`~.helpers.Probe` collects the garbage there before it looks, so that nothing depends on how soon a Python
implementation frees what it does not need any longer.
"""

from __future__ import annotations

import gc
import pickle
import time

from mpconform.kit import Overdue, promise, verifies, works
from mpconform.sections.proxy_objects.helpers import Probe, Tracked, manager_of

KEPT = []


def use(proxy):
    """Return in words whether the referent of a proxy is there."""
    try:
        return f"used {proxy.name()}"
    except Exception as error:
        return f"raised {error!r}"


def outlive(gate):
    """Wait for the gate longer than the test does for anything."""
    for _ in range(10):
        try:
            gate.wait()
            break
        except Overdue:
            pass


def use_and_drop(connection, received, dropped, use_it, end):
    proxy = connection.recv()
    received.arrive()
    use_it.wait()
    use(proxy)
    del proxy
    gc.collect()
    dropped.arrive()
    outlive(end)


def use_and_end(connection, received, use_it, journal):
    KEPT.append(connection.recv())  # so that it is there until the process ends
    received.arrive()
    use_it.wait()
    journal.write(use(KEPT[0]))


def hold(connection, received, end):
    proxy = connection.recv()
    received.arrive()
    outlive(end)
    return proxy


class Gone:
    """Whether tracked objects are gone from the manager's process: true once all are.

    It is asked again and again, but asks there at growing intervals only: some implementations never delete them.
    """

    def __init__(self, probe, *labels):
        self.probe, self.labels = probe, labels
        self.due, self.pause = 0.0, 0.01

    def __call__(self):
        if time.monotonic() < self.due:
            return False
        gone = not set(self.labels).intersection(self.probe.living())
        self.due, self.pause = time.monotonic() + self.pause, min(2 * self.pause, 0.5)
        return gone


def remaining(probe, patience, *labels):
    """Wait for all of these objects together to be deleted, and return the labels of those that are not."""
    try:
        patience.until(Gone(probe, *labels), "objects are deleted")
    except Overdue:
        pass
    return set(labels).intersection(probe.living())


@verifies("proxy.cleanup.deleted-with-the-last-proxy", "proxy.cleanup.deleted-with-a-cycle")
def test_an_object_is_deleted_with_its_last_proxy_also_in_a_cycle(mp, patience):
    with manager_of(mp, Tracked, Probe) as manager:
        probe = manager.Probe()
        first = manager.Tracked("of two proxies")
        first.name()
        second = pickle.loads(pickle.dumps(first))
        second.name()
        cycle = [manager.Tracked("in a cycle")]
        cycle.append(cycle)
        before = probe.living()
        assert before == ["in a cycle", "of two proxies"], f"of two objects that have proxies, {before} live"
        del first, second, cycle
        gc.collect()
        left = remaining(probe, patience, "of two proxies", "in a cycle")
    with promise("proxy.cleanup.deleted-with-the-last-proxy"):
        assert "of two proxies" not in left, (
            f"an object lives {patience.awaiting:.1f} s after both of its proxies were garbage collected, promised is"
            " that it is deleted"
        )
    with promise("proxy.cleanup.deleted-with-a-cycle"):
        assert "in a cycle" not in left, (
            f"an object lives {patience.awaiting:.1f} s after a cycle with its proxy was garbage collected, promised is"
            " that it is deleted"
        )


@verifies("proxy.cleanup.kept-while-a-proxy-refers", "proxy.nested.container-keeps-the-referent")
def test_an_object_is_kept_while_a_proxy_is_left_here_or_in_a_container(mp):
    with manager_of(mp, Tracked, Probe) as manager:
        probe = manager.Probe()
        with promise("proxy.cleanup.kept-while-a-proxy-refers"):
            first = manager.Tracked("object")
            second = pickle.loads(pickle.dumps(first))
            del first
            gc.collect()
            living, said = probe.living(), use(second)
            assert living == ["object"], (
                f"of an object that has a proxy left, this lives in the manager's process: {living!r}"
            )
            assert said == "used object", f"a method of the second proxy, after the first was garbage collected: {said}"
        with promise("proxy.nested.container-keeps-the-referent"):
            outer = manager.list([manager.Tracked("inner")])
            gc.collect()
            with works("a method of a proxy that only its container holds"):
                name = outer[0].name()
            assert name == "inner", f"a method of a proxy that only its container holds returned {name!r}"


def hand_over(mp, manager, target, latch, *arguments):
    """Start a child that receives the last proxy of an object; return the child once it has it."""
    here, there = mp.Pipe()
    child = mp.Process(target=target, args=(there, latch, *arguments))
    child.daemon = True
    child.start()
    tracked = manager.Tracked("object")
    here.send(tracked)
    latch.wait(1, "child that received the proxy")
    del tracked
    gc.collect()
    return child


@verifies("proxy.cleanup.kept-for-another-process", "proxy.cleanup.deleted-when-another-process-ends")
def test_an_object_is_kept_while_another_process_has_a_proxy_and_deleted_at_its_end(mp, latch, gate, journal, patience):
    with manager_of(mp, Tracked, Probe) as manager:
        probe = manager.Probe()
        child = hand_over(mp, manager, use_and_end, latch, gate, journal)
        gate.open()
        with promise("proxy.cleanup.kept-for-another-process"):
            [said] = journal.wait(1, "word of the child")
            assert said == "used object", f"a child that has the last proxy of an object calls a method: {said}"
        with promise("proxy.cleanup.deleted-when-another-process-ends"):
            call = "an object is deleted after the process with its last proxy has ended"
            patience.until(Gone(probe, "object"), call)
        child.join()


@verifies("proxy.cleanup.deleted-when-another-process-drops-it")
def test_an_object_is_deleted_when_another_process_drops_its_proxy(mp, scratch, patience):
    with manager_of(mp, Tracked, Probe) as manager:
        probe = manager.Probe()
        received, dropped, use_it, end = scratch.latch(), scratch.latch(), scratch.gate(), scratch.gate()
        child = hand_over(mp, manager, use_and_drop, received, dropped, use_it, end)
        use_it.open()
        dropped.wait(1, "child that dropped its proxy")
        left = remaining(probe, patience, "object")
        end.open()
        child.join()
    assert not left, (
        f"an object lives in the manager's process {patience.awaiting:.1f} s after the child that had its last proxy"
        " garbage collected it; promised is that it is deleted once no proxy refers to it"
    )


@verifies("proxy.cleanup.killed-process")
def test_what_becomes_of_an_object_whose_last_proxy_was_killed(mp, latch, gate, patience, observe):
    with manager_of(mp, Tracked, Probe) as manager:
        probe = manager.Probe()
        child = hand_over(mp, manager, hold, latch, gate)
        child.terminate()
        child.join()
        try:
            patience.never(Gone(probe, "object"), "the object is deleted")
        except AssertionError:
            observe("an object whose last proxy was in a process that was killed is deleted")
        else:
            observe("an object whose last proxy was in a process that was killed is kept")


@verifies("proxy.cleanup.deleted-when-no-container-holds-it")
def test_an_object_is_deleted_once_no_container_holds_its_proxy(mp, patience):
    with manager_of(mp, Tracked, Probe) as manager:
        probe = manager.Probe()
        changed, deleted = manager.list([manager.Tracked("replaced")]), manager.list([manager.Tracked("with it")])
        for outer in changed, deleted:
            with works("a method of a proxy that only its container holds"):
                outer[0].name()
        changed[0] = None
        del deleted, outer
        gc.collect()
        left = remaining(probe, patience, "replaced", "with it")
    for label, way in ("replaced", "it was replaced in the container"), ("with it", "the container was deleted"):
        assert label not in left, (
            f"an object whose last proxy was in a container lives in the manager's process {patience.awaiting:.1f} s"
            f" after {way}; promised is that it is deleted once no proxy refers to it"
        )
