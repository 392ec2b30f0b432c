"""``send`` and ``recv``: objects through one connection, in one process and between two."""

from __future__ import annotations

import os
import threading
from typing import Any

from mpconform.kit import Task, each, raises, verifies
from mpconform.sections.connection_objects.helpers import KINDS, brief, connected, payload

LARGE = 33 * 1024 * 1024


class MadeByGetpid:
    """Pickles as a call of os.getpid(): who unpickles it gets the id of its own process."""

    def __reduce__(self) -> Any:
        return os.getpid, ()


def pass_on(connection, journal):
    journal.write((connection.recv(), os.getpid()))


def keep_until(connection, latch, gate):
    latch.arrive()
    gate.wait()
    del connection


@verifies("connection.send.object-arrives")
@each("kind", KINDS)
def test_an_object_arrives(mp, scratch, kind):
    sender, receiver = connected(mp, kind, scratch)
    with sender, receiver:
        sender.send(["an", {"object": None}])
        came = receiver.recv()
    assert came == ["an", {"object": None}], f"{kind}: recv() returned {came!r}, sent was ['an', {{'object': None}}]"


@verifies("connection.send.in-order")
def test_objects_arrive_in_the_order_of_sending(mp):
    receiver, sender = mp.Pipe(False)
    with sender, receiver:
        for number in range(200):
            sender.send(number)
        came = [receiver.recv() for _ in range(200)]
    wrong = next((place for place, number in enumerate(came) if number != place), None)
    assert wrong is None, f"recv() number {wrong} returned {came[wrong]}, promised is the order of sending"


@verifies("connection.send.is-a-copy")
def test_what_arrives_is_a_copy(mp):
    sent = [["inner"]]
    sender, receiver = mp.Pipe()
    with sender, receiver:
        sender.send(sent)
        came = receiver.recv()
    assert came == sent, f"recv() returned {came!r}, sent was {sent!r}"
    assert came is not sent and came[0] is not sent[0], "recv() returned the object that was sent, not a copy of it"


@verifies("connection.send.very-large-object")
def test_a_very_large_object_arrives_or_is_refused(mp):
    item = payload(LARGE)
    sender, receiver = mp.Pipe()
    with sender, receiver:
        receiving = Task(receiver.recv)
        try:
            sender.send(item)
        except ValueError:
            return
        came = receiving.result("recv() of an object of 33 MiB")
    assert came == item, f"recv() returned {brief(came)}, sent were {LARGE} bytes that begin with {item[:12]!r}"


@verifies("connection.send.unpicklable-object")
def test_what_becomes_of_an_object_that_cannot_be_pickled(mp, observe):
    receiver, sender = mp.Pipe(False)
    with sender, receiver:
        try:
            sender.send(threading.Lock())
        except Exception as error:
            answer = f"send() raises {type(error).__name__}"
        else:
            answer = "send() raises nothing"
        try:
            sender.send("next")
            came = receiver.recv() if receiver.poll(1) else "nothing"
        except Exception as error:
            answer += f", and the connection is of no use afterwards: {type(error).__name__}"
        else:
            answer += ", and the connection is usable" if came == "next" else f", and the next message is {came!r}"
    observe(answer)


@verifies("connection.send.other-end-closed")
@each("kind", KINDS)
def test_what_send_does_when_the_other_end_is_closed(mp, scratch, observe, kind):
    sender, receiver = connected(mp, kind, scratch)
    receiver.close()
    with sender:
        try:
            sender.send("nobody reads this")
        except Exception as error:
            observe(f"send() raises {type(error).__name__}")
        else:
            observe("send() raises nothing")


@verifies("connection.recv.raises-eoferror-when-other-end-closed")
@each("kind", KINDS)
def test_recv_raises_eoferror_when_the_other_end_was_closed(mp, scratch, kind):
    sender, receiver = connected(mp, kind, scratch)
    sender.close()
    with receiver, raises(EOFError, f"{kind}: recv() when the other end was closed"):
        receiver.recv()


@verifies("connection.recv.returns-what-is-left-first")
@each("kind", KINDS)
def test_recv_returns_what_is_left_before_it_raises_eoferror(mp, scratch, kind):
    sender, receiver = connected(mp, kind, scratch)
    with receiver:
        for number in range(3):
            sender.send(number)
        sender.close()
        came = [receiver.recv() for _ in range(3)]
        assert came == [0, 1, 2], f"{kind}: recv() returned {came} after the other end was closed, sent were [0, 1, 2]"
        with raises(EOFError, f"{kind}: recv() when all was received and the other end was closed"):
            receiver.recv()


@verifies("connection.recv.raises-eoferror-when-other-process-ends")
def test_recv_raises_eoferror_when_the_other_process_has_ended(mp, latch, gate):
    here, there = mp.Pipe()
    child = mp.Process(target=keep_until, args=(there, latch, gate), daemon=True)
    child.start()
    latch.wait(1, "child that has the other end")
    there.close()
    receiving = Task(here.recv)
    gate.open()
    child.join()
    with here, raises(EOFError, "recv() when the process with the other end has ended"):
        receiving.result("recv() raises EOFError when the process with the other end has ended")


@verifies("connection.recv.unpickles-where-it-is-called")
def test_recv_unpickles_in_the_process_that_calls_it(mp, journal):
    here, there = mp.Pipe()
    child = mp.Process(target=pass_on, args=(there, journal), daemon=True)
    child.start()
    here.send(MadeByGetpid())
    [(came, pid)] = journal.wait(1, "what a child has received")
    child.join()
    assert came == pid, (
        f"an object that unpickles to the id of the process that does it was received by process {pid} as {came!r};"
        f" promised is that recv() unpickles it there (the sender is {os.getpid()})"
    )
