"""Connections that are themselves sent from one process to another."""

from __future__ import annotations

from mpconform.kit import Task, verifies
from mpconform.sections.connection_objects.helpers import (
    LISTENER,
    PIPES,
    answer_by_transferred,
    closing,
    connected,
    connected_by_listener,
    send_by_transferred,
    transfer_own,
)


def check_transfer(channel, kind, first, second):
    """Send one end of each of two connections to a child: one to receive from, and one by which it answers."""
    (to_child, for_reading), (for_writing, from_child) = first, second
    channel.send(for_reading)
    channel.send(for_writing)
    to_child.send("message")
    came = Task(from_child.recv).result(f"a child that was sent one end each of two connections ({kind}) answers")
    assert came == ("answer to", "message"), (
        f"a child was sent one connection ({kind}) that gives 'message' and another one to answer by; what came is"
        f" {came!r}"
    )
    for connection in (to_child, for_reading, for_writing, from_child):
        connection.close()


@verifies("connection.transfer.to-a-child")
def test_a_connection_can_be_sent_to_a_child(mp):
    channel, there = mp.Pipe()
    child = mp.Process(target=answer_by_transferred, args=(there, len(PIPES)))
    child.daemon = True
    child.start()
    for kind in PIPES:
        check_transfer(channel, kind, connected(mp, kind), connected(mp, kind))
    child.join()
    channel.close()
    there.close()


@verifies("connection.transfer.over-a-listener")
def test_a_connection_of_a_listener_can_be_sent_to_a_child(mp):
    channel, there = mp.Pipe()
    child = mp.Process(target=answer_by_transferred, args=(there, 1))
    child.daemon = True
    child.start()
    check_transfer(channel, LISTENER, connected_by_listener(mp), connected_by_listener(mp))
    child.join()
    channel.close()
    there.close()


@verifies("connection.transfer.from-a-child")
def test_a_connection_can_be_sent_by_a_child(mp):
    channel, there = mp.Pipe()
    child = mp.Process(target=transfer_own, args=(there,))
    child.daemon = True
    child.start()
    came = Task(channel.recv).result("a child sends a connection")
    with closing(channel, there, came):
        came.send("message")
        answer = Task(came.recv).result("a child answers by the connection that it has sent")
    child.join()
    assert answer == ("answer to", "message"), (
        f"by the connection that came from a child, 'message' was sent, and {answer!r} came back"
    )


@verifies("connection.transfer.sender-closes-its-own")
def test_whether_the_sender_of_a_connection_may_close_its_own(mp, observe):
    channel, there = mp.Pipe()
    receiver, sender = mp.Pipe()
    with closing(channel, there, receiver):
        with closing(sender):
            channel.send(sender)
        child = mp.Process(target=send_by_transferred, args=(there,))
        child.daemon = True
        child.start()
        try:
            answer = Task(receiver.recv).result("a child that was sent a connection sends something, or closes it")
        except EOFError:
            observe("it does not work after the sender has closed its own")
        else:
            assert answer == "sent by a child", f"a child was to send 'sent by a child', and {answer!r} came"
            observe("it works after the sender has closed its own")
        child.join()
