"""``fileno``, ``close``, garbage collection, and ``with``."""

from __future__ import annotations

import gc
import os
import select

from mpconform.kit import each, raises, verifies
from mpconform.sections.connection_objects.helpers import KINDS, connected, received


def is_open(descriptor):
    """Return whether the descriptor is open in this process."""
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def sends(method, connection):
    """Call one of the methods that send."""
    getattr(connection, method)(b"message")


@verifies("connection.fileno.is-an-open-descriptor")
@each("kind", KINDS)
def test_fileno_is_an_open_descriptor(mp, scratch, kind):
    sender, receiver = connected(mp, kind, scratch)
    with sender, receiver:
        for connection in (sender, receiver):
            number = connection.fileno()
            assert isinstance(number, int), f"{kind}: fileno() returned {number!r}, promised is a file descriptor"
            assert is_open(number), f"{kind}: fileno() returned {number}, which is no open descriptor"


@verifies("connection.fileno.is-what-the-connection-reads")
@each("kind", KINDS)
def test_the_descriptor_becomes_readable_with_a_message(mp, scratch, patience, kind):
    sender, receiver = connected(mp, kind, scratch)
    with sender, receiver:
        before = select.select([receiver.fileno()], [], [], 0)[0]
        sender.send("message")
        after = select.select([receiver.fileno()], [], [], patience.awaiting)[0]
    assert not before, f"{kind}: select() finds fileno() readable before anything was sent"
    assert after, f"{kind}: select() does not find fileno() readable within {patience.awaiting} s of a send()"


@verifies("connection.close.releases-the-descriptor")
@each("kind", KINDS)
def test_close_closes_the_descriptor(mp, scratch, kind):
    for connection in connected(mp, kind, scratch):
        number = connection.fileno()
        connection.close()
        assert not is_open(number), f"{kind}: descriptor {number} of a connection is still open after close()"


@verifies("connection.close.ends-sending-and-receiving")
@each("method", ["send", "send_bytes", "recv", "recv_bytes", "recv_bytes_into"])
def test_a_closed_connection_neither_sends_nor_receives(mp, method):
    here, there = mp.Pipe()
    with there:
        there.send_bytes(b"a message that is left")
        here.close()
        with raises(Exception, f"{method}() after close()"):
            sends(method, here) if method.startswith("send") else received(method, here)


@verifies("connection.close.by-garbage-collection")
@each("kind", KINDS)
def test_a_connection_that_is_garbage_is_closed(mp, scratch, patience, kind):
    sender, receiver = connected(mp, kind, scratch)
    del sender
    gc.collect()
    with receiver:
        ended = select.select([receiver.fileno()], [], [], patience.awaiting)[0]
        assert ended, f"{kind}: a connection was garbage collected, and the other end does not see the end of the data"
        with raises(EOFError, f"{kind}: recv() when the other end was garbage collected"):
            receiver.recv()


@verifies("connection.close.twice")
def test_what_the_second_close_does(mp, observe):
    here, there = mp.Pipe()
    with there:
        here.close()
        try:
            here.close()
        except Exception as error:
            observe(f"the second close() raises {type(error).__name__}")
        else:
            observe("the second close() does nothing")


@verifies("connection.close.poll-and-fileno-afterwards")
@each("method", ["poll", "fileno"])
def test_what_the_other_methods_do_after_close(mp, observe, method):
    here, there = mp.Pipe()
    with there:
        here.close()
        try:
            answer = getattr(here, method)()
        except Exception as error:
            observe(f"{method}() raises {type(error).__name__}")
        else:
            observe(f"{method}() returns {answer!r}")


@verifies("connection.with.returns-the-connection")
def test_with_gives_the_connection(mp):
    here, there = mp.Pipe()
    with there, here as given:
        pass
    assert given is here, f"with connection as given: given is {given!r}, promised is the connection, {here!r}"


@verifies("connection.with.closes")
def test_the_end_of_with_closes_the_connection(mp, patience):
    here, there = mp.Pipe()
    with here:
        with there:
            number = there.fileno()
        assert not is_open(number), f"descriptor {number} of a connection is still open after its with statement"
        assert here.poll(patience.awaiting), "the other end does not see the end of the data after the with statement"
        with raises(EOFError, "recv() after the with statement of the other end"):
            here.recv()


@verifies("connection.with.closes-after-an-exception")
def test_with_closes_the_connection_when_an_exception_ends_it(mp):
    here, there = mp.Pipe()
    number = there.fileno()
    with raises(ZeroDivisionError, "with connection: 1 / 0"), there:
        raise ZeroDivisionError
    assert not is_open(number), f"descriptor {number} of a connection is open after an exception ended its with"
    here.close()
