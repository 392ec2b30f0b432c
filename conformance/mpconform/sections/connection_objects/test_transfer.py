"""Connections that are themselves sent from one process to another."""

from __future__ import annotations

from mpconform.kit import each, verifies
from mpconform.sections.connection_objects.helpers import (
    KINDS,
    answer_by_transferred,
    connected,
    send_by_transferred,
    transfer_own,
)


def within(patience, connection, call):
    """Return what ``connection`` receives; complain of ``call`` if nothing arrives."""
    assert connection.poll(patience.awaiting), f"{call}: nothing arrived within {patience.awaiting:.1f} s"
    return connection.recv()


@verifies("connection.transfer.to-a-child")
@each("kind", KINDS)
def test_a_connection_can_be_sent_to_a_child(mp, scratch, patience, kind):
    channel, there = mp.Pipe()
    child = mp.Process(target=answer_by_transferred, args=(there,), daemon=True)
    child.start()
    to_child, for_reading = connected(mp, kind, scratch)
    for_writing, from_child = connected(mp, kind, scratch)
    channel.send(for_reading)
    channel.send(for_writing)
    to_child.send("message")
    came = within(patience, from_child, f"a child that was sent both ends of {kind} answers")
    child.join()
    assert came == (child.pid, "message"), (
        f"the child {child.pid} was sent one connection ({kind}) that gives 'message' and another one to pass it on,"
        f" with its id; what came is {came!r}"
    )
    for connection in (channel, there, to_child, for_reading, for_writing, from_child):
        connection.close()


@verifies("connection.transfer.from-a-child")
def test_a_connection_can_be_sent_by_a_child(mp, patience):
    channel, there = mp.Pipe()
    child = mp.Process(target=transfer_own, args=(there,), daemon=True)
    child.start()
    came = within(patience, channel, "a child sends a connection")
    with channel, there, came:
        came.send("message")
        answer = within(patience, came, "a child answers by the connection that it has sent")
        child.join()
    assert answer == (child.pid, "message"), (
        f"by the connection that came from the child {child.pid}, 'message' was sent, and {answer!r} came back"
    )


@verifies("connection.transfer.sender-closes-its-own")
def test_whether_the_sender_of_a_connection_may_close_its_own(mp, observe):
    channel, there = mp.Pipe()
    receiver, sender = mp.Pipe(False)
    with channel, there, receiver:
        with sender:
            channel.send(sender)
        child = mp.Process(target=send_by_transferred, args=(there,), daemon=True)
        child.start()
        child.join()
        try:
            answer = receiver.recv()
        except EOFError:
            observe("it does not work after the sender has closed its own")
        else:
            assert answer == child.pid, f"the child {child.pid} was to send its id, and {answer!r} came"
            observe("it works after the sender has closed its own")
