"""One referent, used by several processes at the same time."""

from __future__ import annotations

from mpconform.kit import promise, verifies
from mpconform.kit.histories import Recorder
from mpconform.kit.linearizability import unexplained

PROCESSES = ("first", "second", "third")
CALLS = 24
APPENDS = 60


def use_both(table, items, process, latch, gate, journal):
    """Do to a dict and to a list what the other processes do to them at the same time."""
    latch.arrive()
    gate.wait()
    for name, use in ("table", use_table), ("items", append):
        try:
            journal.write((name, use(table if name == "table" else items, process)))
        except Exception as error:
            journal.write((f"{name} failed", f"the {process} process: {error!r}"))


def use_table(table, process):
    """Take and give two keys in turn, as the others do, look at them, and return all calls."""
    recorder = Recorder(process)
    for number in range(CALLS // 3):
        key = "ab"[number % 2]
        recorder.call("setdefault", table.setdefault, key, f"{process} {number}")
        recorder.call("pop", table.pop, key, None)
        recorder.call("get", table.get, "ba"[number % 2])
    return recorder.calls


def append(items, process):
    for number in range(APPENDS):
        items.append((process, number))


def after(state, call):
    """The sequential model of a dict; a state is a set of its items."""
    table = dict(state)
    result = getattr(table, call.operation)(*call.arguments)
    return [frozenset(table.items())] if result == call.result else []


@verifies("proxy.referent.calls-take-effect-one-by-one", "proxy.referent.appends-of-several-processes-arrive")
def test_what_several_processes_do_to_one_dict_and_to_one_list(mp, latch, gate, journal):
    with mp.Manager() as manager:
        table, items = manager.dict(), manager.list()
        children = [
            mp.Process(target=use_both, args=(table, items, process, latch, gate, journal)) for process in PROCESSES
        ]
        for child in children:
            child.daemon = True
            child.start()
        latch.wait(len(children), "children that have their proxies")
        gate.open()
        said = journal.wait(2 * len(children), "entries of children that use a dict and a list")
        for child in children:
            child.join()
        with promise("proxy.referent.calls-take-effect-one-by-one"):
            failed = [what for name, what in said if name == "table failed"]
            assert not failed, f"three processes use one dict, each through a proxy: {failed}"
            histories = [calls for name, calls in said if name == "table"]
            fault = unexplained([call for history in histories for call in history], frozenset(), after)
            assert fault is None, f"three processes use one dict, each through a proxy: {fault}"
        with promise("proxy.referent.appends-of-several-processes-arrive"):
            failed = [what for name, what in said if name == "items failed"]
            assert not failed, f"three processes append to one list, each through a proxy: {failed}"
            found = items[:]
            assert len(found) == len(PROCESSES) * APPENDS, (
                f"three processes appended {APPENDS} items each to one list, each through a proxy; {len(found)} are"
                " there"
            )
            for process in PROCESSES:
                numbers = [number for owner, number in found if owner == process]
                assert numbers == list(range(APPENDS)), (
                    f"the {process} process appended 0 to {APPENDS - 1} in order, the list has of it {numbers}"
                )
