"""One referent, used by several processes at the same time."""

from __future__ import annotations

from mpconform.kit import verifies
from mpconform.kit.histories import Recorder
from mpconform.kit.linearizability import unexplained

PROCESSES = ("first", "second", "third")
CALLS = 24
APPENDS = 60


def use_table(table, process, latch, gate, journal):
    """Take and give two keys in turn, as the others do, and look at them."""
    recorder = Recorder(process)
    latch.arrive()
    gate.wait()
    for number in range(CALLS // 3):
        key = "ab"[number % 2]
        recorder.call("setdefault", table.setdefault, key, f"{process} {number}")
        recorder.call("pop", table.pop, key, None)
        recorder.call("get", table.get, "ba"[number % 2])
    journal.write(recorder.calls)


def append(items, process, latch, gate):
    latch.arrive()
    gate.wait()
    for number in range(APPENDS):
        items.append((process, number))


def after(state, call):
    """The sequential model of a dict; a state is a set of its items."""
    table = dict(state)
    result = getattr(table, call.operation)(*call.arguments)
    return [frozenset(table.items())] if result == call.result else []


def run(mp, latch, gate, target, *arguments, more=()):
    """Run a child of each name, all at once, to the end."""
    children = [
        mp.Process(target=target, args=(*arguments, process, latch, gate, *more), daemon=True) for process in PROCESSES
    ]
    for child in children:
        child.start()
    latch.wait(len(children), "children that have their proxies")
    gate.open()
    for child in children:
        child.join()


@verifies("proxy.referent.calls-take-effect-one-by-one")
def test_some_order_of_the_calls_explains_what_several_processes_see(mp, latch, gate, journal):
    mp.managers.SyncManager.register("Table", dict)
    with mp.Manager() as manager:
        run(mp, latch, gate, use_table, manager.Table(), more=(journal,))
    histories = journal.read()
    assert len(histories) == len(PROCESSES), f"{len(histories)} of {len(PROCESSES)} children came to the end"
    fault = unexplained([call for history in histories for call in history], frozenset(), after)
    assert fault is None, f"three processes use one dict, each through a proxy: {fault}"


@verifies("proxy.referent.appends-of-several-processes-arrive")
def test_what_several_processes_append_arrives(mp, latch, gate):
    with mp.Manager() as manager:
        items = manager.list()
        run(mp, latch, gate, append, items)
        found = items[:]
    assert len(found) == len(PROCESSES) * APPENDS, (
        f"three processes appended {APPENDS} items each to one list, each through a proxy; {len(found)} are there"
    )
    for process in PROCESSES:
        numbers = [number for owner, number in found if owner == process]
        assert numbers == list(range(APPENDS)), (
            f"the {process} process appended 0 to {APPENDS - 1} in order, the list has of it {numbers}"
        )
