"""``send`` and ``recv``: objects through one connection, in one process and between two."""

from __future__ import annotations

import os
import threading
from typing import Any

from mpconform.kit import Task, each, raises, verifies
from mpconform.sections.connection_objects.checks import check_end
from mpconform.sections.connection_objects.helpers import PIPES, brief, connected, keep_until, pass_on, payload

LARGE = 33 * 1024 * 1024


class MadeByGetpid:
    """Pickles as a call of os.getpid(): who unpickles it gets the id of its own process."""

    def __reduce__(self) -> Any:
        return os.getpid, ()


@verifies("connection.send.object-arrives")
def test_an_object_arrives(mp):
    sender, receiver = mp.Pipe()
    with sender, receiver:
        sender.send(["an", {"object": None}])
        came = receiver.recv()
    assert came == ["an", {"object": None}], f"recv() returned {came!r}, sent was ['an', {{'object': None}}]"


@verifies("connection.send.in-order")
def test_objects_arrive_in_the_order_of_sending(mp):
    sender, receiver = mp.Pipe()
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
    sender, receiver = mp.Pipe()
    with receiver:
        with sender:
            try:
                sender.send(threading.Lock())
            except Exception as error:
                answer = f"send() raises {type(error).__name__}"
            else:
                answer = "send() raises nothing"
            try:
                sender.send("next")
            except Exception as error:
                observe(f"{answer}, and the connection is of no use afterwards: {type(error).__name__}")
                return
        try:
            came = receiver.recv()
        except Exception as error:
            answer += f", and the next recv() raises {type(error).__name__}"
        else:
            answer += ", and the connection is usable" if came == "next" else f", and the next message is {came!r}"
    observe(answer)


@verifies("connection.send.other-end-closed")
@each("kind", PIPES)
def test_what_send_does_when_the_other_end_is_closed(mp, observe, kind):
    sender, receiver = connected(mp, kind)
    receiver.close()
    with sender:
        try:
            sender.send("nobody reads this")
        except Exception as error:
            observe(f"send() raises {type(error).__name__}")
        else:
            observe("send() raises nothing")


@verifies("connection.recv.raises-eoferror-when-other-end-closed")
def test_recv_raises_eoferror_when_the_other_end_was_closed(mp):
    sender, receiver = mp.Pipe()
    sender.close()
    with receiver, raises(EOFError, "recv() when the other end was closed"):
        receiver.recv()


@verifies("connection.recv.returns-what-is-left-first")
@each("kind", PIPES)
def test_recv_returns_what_is_left_before_it_raises_eoferror(mp, kind):
    sender, receiver = connected(mp, kind)
    with sender, receiver:
        check_end("recv", sender, receiver, kind)


@verifies("connection.recv.raises-eoferror-when-other-process-ends")
def test_recv_raises_eoferror_when_the_other_process_has_ended(mp, latch, gate):
    here, there = mp.Pipe()
    child = mp.Process(target=keep_until, args=(there, latch, gate))
    child.daemon = True
    child.start()
    latch.wait(1, "child that has the other end")
    there.close()
    receiving = Task(here.recv)
    gate.open()
    with here, raises(EOFError, "recv() when the process with the other end has ended"):
        receiving.result("recv() raises EOFError when the process with the other end has ended")
    child.join()


@verifies("connection.recv.unpickles-where-it-is-called")
def test_recv_unpickles_in_the_process_that_calls_it(mp, journal):
    here, there = mp.Pipe()
    child = mp.Process(target=pass_on, args=(there, journal))
    child.daemon = True
    child.start()
    here.send(MadeByGetpid())
    [(came, pid)] = journal.wait(1, "what a child has received")
    child.join()
    assert came == pid, (
        f"an object that unpickles to the id of the process that does it was received by process {pid} as {came!r};"
        f" promised is that recv() unpickles it there (the sender is {os.getpid()})"
    )
