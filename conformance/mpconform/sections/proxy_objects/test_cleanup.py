"""When shared objects are deleted from the manager's process, and when they are kept.

A :class:`~.helpers.Probe` collects the garbage there before it looks, so that nothing depends on how soon a Python
implementation frees what it does not need any longer.
"""

from __future__ import annotations

import gc
import pickle
import time

from mpconform.kit import each, verifies
from mpconform.sections.proxy_objects.helpers import Probe, Tracked, manager_of, usable

KEPT = []


def use(proxy):
    """Return in words whether the referent of a proxy is there."""
    try:
        return f"used {proxy.name()}"
    except Exception as error:
        return f"raised {error!r}"


def use_and_drop(connection, received, dropped, use_it, end):
    proxy = connection.recv()
    received.arrive()
    use_it.wait()
    use(proxy)
    del proxy
    gc.collect()
    dropped.arrive()
    end.wait()


def use_and_end(connection, received, use_it, journal):
    KEPT.append(connection.recv())  # so that it is there until the process ends
    received.arrive()
    use_it.wait()
    journal.write(use(KEPT[0]))


def hold(connection, received, end):
    proxy = connection.recv()
    received.arrive()
    end.wait()
    return proxy


def outlives_later_ones(label, manager, probe, patience):
    """Return whether an object lives on while others, that lose their proxies later, are deleted.

    This is instead of waiting, for as long as for what must happen, for what an implementation never does.
    """
    end = time.monotonic() + 2 * patience.watching
    number = 0
    while label in probe.living() and (number < 5 or time.monotonic() < end):
        later = manager.Tracked(f"later {number}")
        del later
        gc.collect()
        patience.until(deleted(probe, f"later {number}"), "an object is deleted with its last proxy")
        number += 1
    return label in probe.living()


def deleted(probe, label):
    """Return a function that tells whether a tracked object is gone."""
    return lambda: label not in probe.living()


@verifies("proxy.cleanup.deleted-with-the-last-proxy")
def test_an_object_is_deleted_with_its_last_proxy(mp, patience):
    with manager_of(mp, Tracked, Probe) as manager:
        probe = manager.Probe()
        first = manager.Tracked("object")
        first.name()
        second = pickle.loads(pickle.dumps(first))
        second.name()
        del first, second
        gc.collect()
        patience.until(
            deleted(probe, "object"), "an object is deleted after both of its proxies were garbage collected"
        )


@verifies("proxy.cleanup.deleted-with-a-cycle")
def test_an_object_is_deleted_with_a_cycle_that_holds_its_proxy(mp, patience):
    with manager_of(mp, Tracked, Probe) as manager:
        probe = manager.Probe()
        cycle = [manager.Tracked("object")]
        cycle.append(cycle)
        del cycle
        gc.collect()
        patience.until(deleted(probe, "object"), "an object is deleted after a cycle with its proxy was collected")


@verifies("proxy.cleanup.kept-while-a-proxy-refers")
def test_an_object_is_kept_while_one_of_its_proxies_is_left(mp):
    with manager_of(mp, Tracked, Probe) as manager:
        probe = manager.Probe()
        first = manager.Tracked("object")
        second = pickle.loads(pickle.dumps(first))
        del first
        gc.collect()
        living, said = probe.living(), use(second)
    assert living == ["object"], f"of an object that has a proxy left, this lives in the manager's process: {living!r}"
    assert said == "used object", f"a method of the second proxy, after the first was garbage collected: {said}"


def hand_over(mp, manager, target, latch, *arguments):
    """Start a child that receives the last proxy of an object; return the child once it has it."""
    here, there = mp.Pipe()
    child = mp.Process(target=target, args=(there, latch, *arguments), daemon=True)
    child.start()
    tracked = manager.Tracked("object")
    here.send(tracked)
    latch.wait(1, "child that received the proxy")
    del tracked
    gc.collect()
    return child


@verifies("proxy.cleanup.kept-for-another-process")
def test_an_object_is_kept_while_another_process_has_a_proxy(mp, latch, gate, journal):
    with manager_of(mp, Tracked) as manager:
        child = hand_over(mp, manager, use_and_end, latch, gate, journal)
        gate.open()
        [said] = journal.wait(1, "word of the child")
        child.join()
    assert said == "used object", f"a child that has the last proxy of an object calls a method: {said}"


@verifies("proxy.cleanup.deleted-when-another-process-drops-it")
def test_an_object_is_deleted_when_another_process_drops_its_proxy(mp, scratch, patience):
    with manager_of(mp, Tracked, Probe) as manager:
        probe = manager.Probe()
        received, dropped, use_it, end = scratch.latch(), scratch.latch(), scratch.gate(), scratch.gate()
        child = hand_over(mp, manager, use_and_drop, received, dropped, use_it, end)
        use_it.open()
        dropped.wait(1, "child that dropped its proxy")
        outlives = outlives_later_ones("object", manager, probe, patience)
        end.open()
        child.join()
    assert not outlives, (
        "an object lives in the manager's process after the child that had its last proxy garbage collected it, while"
        " objects that lost their proxies later are gone; promised is that it is deleted once no proxy refers to it"
    )


@verifies("proxy.cleanup.deleted-when-another-process-ends")
def test_an_object_is_deleted_when_the_process_with_its_last_proxy_ends(mp, latch, gate, journal, patience):
    with manager_of(mp, Tracked, Probe) as manager:
        probe = manager.Probe()
        child = hand_over(mp, manager, use_and_end, latch, gate, journal)
        gate.open()
        child.join()
        patience.until(deleted(probe, "object"), "an object is deleted after the process with its last proxy has ended")


@verifies("proxy.cleanup.killed-process")
def test_what_becomes_of_an_object_whose_last_proxy_was_killed(mp, latch, gate, patience, observe):
    with manager_of(mp, Tracked, Probe) as manager:
        probe = manager.Probe()
        child = hand_over(mp, manager, hold, latch, gate)
        child.terminate()
        child.join()
        try:
            patience.never(deleted(probe, "object"), "the object is deleted")
        except AssertionError:
            observe("an object whose last proxy was in a process that was killed is deleted")
        else:
            observe("an object whose last proxy was in a process that was killed is kept")


@verifies("proxy.cleanup.deleted-when-no-container-holds-it")
@each("way", ["replaced in the container", "container deleted"])
def test_an_object_is_deleted_once_no_container_holds_its_proxy(mp, patience, way):
    with manager_of(mp, Tracked, Probe) as manager:
        probe = manager.Probe()
        outer = manager.list([manager.Tracked("inner")])
        with usable("a method of a proxy that only its container holds"):
            outer[0].name()
        if way == "container deleted":
            del outer
        else:
            outer[0] = None
        gc.collect()
        outlives = outlives_later_ones("inner", manager, probe, patience)
    assert not outlives, (
        f"an object whose last proxy was in a container ({way}) lives in the manager's process, while objects that lost"
        " their proxies later are gone; promised is that it is deleted once no proxy refers to it"
    )
