"""The queues, pipes and connections of the module."""

from __future__ import annotations

import importlib
import queue as standard
from collections import deque

from hypothesis import given
from hypothesis import strategies as st

from mpconform.kit import promise, raises, verifies
from mpconform.sections.dummy_module.helpers import Elsewhere


def put_numbers(queue):
    for number in range(100):
        queue.put(number)


@verifies("dummy.queue.carries-items-in-order")
def test_a_queue_carries_items_in_order(mp, patience):
    for kind in "Queue", "JoinableQueue":
        queue = getattr(mp.dummy, kind)()
        process = Elsewhere(mp.dummy, put_numbers, queue)
        found = [queue.get(timeout=patience.awaiting) for _ in range(100)]
        process.wait()
        assert found == list(range(100)), f"get() of a {kind} on which 0 to 99 were put returned {found}"


@verifies("dummy.queue.operations-match-a-bounded-fifo")
def test_any_operations_on_a_queue(mp):
    @given(st.integers(1, 3), st.lists(st.none() | st.integers(), max_size=20))
    def match(maxsize, operations):
        queue, model = mp.dummy.Queue(maxsize), deque()
        for item in operations:
            content = f"on a Queue({maxsize}) that holds {list(model)}"
            if item is None and not model:
                with raises(standard.Empty, f"get(False) {content}"):
                    queue.get(False)
            elif item is None:
                promised, found = model.popleft(), queue.get(False)
                assert found == promised, f"get(False) {content} returned {found!r}, promised {promised!r}"
            elif len(model) == maxsize:
                with raises(standard.Full, f"put({item}, False) {content}"):
                    queue.put(item, False)
            else:
                queue.put(item, False)
                model.append(item)
            assert queue.empty() == (not model), f"empty() of a queue that holds {list(model)}: {queue.empty()}"

    match()


@verifies("dummy.joinable_queue.join-waits-for-task_done")
def test_join_waits_for_task_done(mp, gate, patience):
    queue = mp.dummy.JoinableQueue()
    queue.put("one")
    queue.put("two")

    def join():
        queue.join()
        gate.open()

    process = Elsewhere(mp.dummy, join)
    for _ in range(2):
        queue.get(timeout=patience.awaiting)
    queue.task_done()
    patience.never(gate.is_open, "join() returns before task_done() was called for one of two items that were got")
    queue.task_done()
    gate.wait("join() returns after task_done()")
    process.wait()


@verifies("dummy.pipe.carries-both-directions")
def test_a_pipe_carries_both_directions(mp, patience):
    here, there = mp.dummy.Pipe()

    def echo():
        for _ in range(3):
            there.send(("echo", there.recv()))

    process = Elsewhere(mp.dummy, echo)
    found = []
    for number in range(3):
        here.send(number)
    for _ in range(3):
        assert here.poll(patience.awaiting), f"the other end was to send three messages, here came {found}"
        found.append(here.recv())
    process.wait()
    assert found == [("echo", 0), ("echo", 1), ("echo", 2)], f"recv() of what the other end sent back: {found}"


@verifies(
    "dummy.pipe.simplex-second-sends-to-first",
    "dummy.pipe.poll-tells-of-messages",
    "dummy.pipe.carries-bytes",
    "dummy.pipe.in-a-with-statement",
)
def test_what_else_a_pipe_does(mp, patience):
    with promise("dummy.pipe.simplex-second-sends-to-first"):
        first, second = mp.dummy.Pipe(False)
        second.send("message")
        assert first.poll(patience.awaiting), "Pipe(False): the second end sent, nothing came at the first"
        found = first.recv()
        assert found == "message", f"Pipe(False): the second end sent 'message', recv() of the first returned {found!r}"
    with promise("dummy.pipe.poll-tells-of-messages"):
        here, there = mp.dummy.Pipe()
        timeout = patience.timeout
        with patience.at_once("poll() without a message"):
            found = [here.poll()]
        with patience.runs_out(timeout, f"poll({timeout}) without a message"):
            found.append(here.poll(timeout))
        there.send("message")
        with patience.at_once("poll() with a message"):
            found += [here.poll(), here.poll(patience.awaiting)]
        assert [bool(one) for one in found] == [False, False, True, True], (
            f"poll() and poll(timeout) without a message, then with one: {found}, promised False, False, True, True"
        )
    with promise("dummy.pipe.carries-bytes"):
        here, there = mp.dummy.Pipe()
        here.send_bytes(b"some bytes")
        assert there.poll(patience.awaiting), "send_bytes(): nothing came at the other end"
        found = there.recv_bytes()
        assert found == b"some bytes", f"send_bytes(b'some bytes'): recv_bytes() of the other end returned {found!r}"
    with promise("dummy.pipe.in-a-with-statement"):
        here, there = mp.dummy.Pipe()
        with here as inside, there:
            assert inside is here, f"with connection as x: x is {inside!r}, promised the connection, {here!r}"
            here.send("message")
            assert there.poll(patience.awaiting), "send() in a with statement: nothing came at the other end"


@verifies("dummy.connection.client-reaches-listener")
def test_a_client_reaches_a_listener(mp, patience):
    connection = importlib.import_module(f"{mp.dummy.__name__}.connection")
    listener, accepted = connection.Listener(), []
    process = Elsewhere(mp.dummy, lambda: accepted.append(listener.accept()))
    client = connection.Client(listener.address)
    process.wait("Client(listener.address) returned, and accept() of the listener returns")
    for sender, receiver, what in ((client, accepted[0], "client"), (accepted[0], client, "listener")):
        sender.send(what)
        assert receiver.poll(patience.awaiting), f"the side of the {what} sent, nothing came at the other"
        found = receiver.recv()
        assert found == what, f"the side of the {what} sent {what!r}, the other received {found!r}"
    for one in (client, *accepted, listener):
        one.close()
