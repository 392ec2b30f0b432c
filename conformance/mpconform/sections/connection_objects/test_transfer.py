"""Connections that are themselves sent from one process to another."""

from __future__ import annotations

import os
from contextlib import contextmanager

from mpconform.kit import Task, did_not_arise, promise, verifies, works
from mpconform.sections.connection_objects.helpers import (
    LISTENER,
    PIPES,
    answer_by_transferred,
    closing,
    connected,
    connected_by_listener,
    pass_to_a_child,
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


@verifies("connection.transfer.to-a-grandchild")
def test_a_connection_can_be_sent_on_to_a_grandchild(mp):
    channel, there = mp.Pipe()
    child = mp.Process(target=pass_to_a_child, args=(there,))
    child.start()
    check_transfer(channel, "by way of a child", connected(mp, "simplex pipe"), connected(mp, "simplex pipe"))
    child.join()
    channel.close()
    there.close()


@verifies("connection.poll.descriptor-above-1023", "connection.transfer.descriptor-above-1023")
def test_connections_with_high_descriptors(mp, patience):
    with promise("connection.poll.descriptor-above-1023"), descriptors_above(1023):
        for kind in PIPES:
            check_high(*connected(mp, kind), kind, patience)
    with promise("connection.transfer.descriptor-above-1023"):
        channel, there = mp.Pipe()
        child = mp.Process(target=answer_by_transferred, args=(there, 2))
        child.daemon = True
        child.start()
        for number in (255, 1023):
            with descriptors_above(number), works(f"send() of a connection whose descriptor is above {number}"):
                first, second = connected(mp, "simplex pipe"), connected(mp, "simplex pipe")
                check_transfer(channel, f"with a descriptor above {number}", first, second)
        child.join()
        channel.close()
        there.close()


@contextmanager
def descriptors_above(number):
    """Let new descriptors be above this number for as long as the block runs."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = number + 200
    if before[1] != resource.RLIM_INFINITY and before[1] < wanted:
        did_not_arise(f"this user may open {wanted} files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before[0], wanted), before[1]))
    taken = [os.open(os.devnull, os.O_RDONLY)]
    try:
        while taken[-1] <= number:
            taken.append(os.dup(taken[0]))
        yield
    finally:
        for descriptor in taken:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def check_high(sender, receiver, kind, patience):
    """Check that a connection with high descriptors polls, sends and receives."""
    with closing(sender, receiver):
        if receiver.fileno() <= 1023:
            did_not_arise(f"the descriptor of a {kind} is above 1023: it is {receiver.fileno()}")
        call = f"poll() of a {kind} with the descriptor {receiver.fileno()}"
        with works(call):
            before = receiver.poll(), receiver.poll(0.01)
            sender.send("message")
            after = receiver.poll(patience.awaiting)
            came = Task(receiver.recv).result(f"recv() after {call}")
    assert before == (False, False), f"{call} returned {before!r} before anything was sent"
    assert after is True, f"{call} returned {after!r} when something was sent"
    assert came == "message", f"recv() after {call} returned {came!r}, sent was 'message'"


@verifies("connection.transfer.from-a-child")
def test_a_connection_can_be_sent_by_a_child(mp):
    channel, there = mp.Pipe()
    child = mp.Process(target=transfer_own, args=(there,))
    child.daemon = True
    child.start()
    came = Task(channel.recv).result("a child sends a connection")
    with closing(channel, there, came), works("send() and recv() by a connection that a child has sent"):
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
