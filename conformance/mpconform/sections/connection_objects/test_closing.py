"""``fileno``, ``close``, garbage collection, and ``with``."""

from __future__ import annotations

import gc

from mpconform.kit import each, raises, verifies
from mpconform.sections.connection_objects.checks import (
    check_finds_the_end,
    check_is_descriptor,
    check_readable_with_a_message,
    is_open,
)
from mpconform.sections.connection_objects.helpers import PIPES, connected, received


def sends(method, connection):
    """Call one of the methods that send."""
    getattr(connection, method)(b"message")


@verifies("connection.fileno.is-an-open-descriptor")
@each("kind", PIPES)
def test_fileno_is_an_open_descriptor(mp, kind):
    sender, receiver = connected(mp, kind)
    with sender, receiver:
        check_is_descriptor(sender, kind)
        check_is_descriptor(receiver, kind)


@verifies("connection.fileno.is-what-the-connection-reads")
@each("kind", PIPES)
def test_the_descriptor_becomes_readable_with_a_message(mp, patience, kind):
    sender, receiver = connected(mp, kind)
    with sender, receiver:
        check_readable_with_a_message(sender, receiver, kind, patience)


@verifies("connection.close.releases-the-descriptor")
@each("kind", PIPES)
def test_close_closes_the_descriptor(mp, kind):
    for connection in connected(mp, kind):
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
@each("kind", PIPES)
def test_a_connection_that_is_garbage_is_closed(mp, kind):
    sender, receiver = connected(mp, kind)
    del sender
    gc.collect()
    with receiver:
        check_finds_the_end(receiver, f"the other end of the {kind} was garbage collected")


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
def test_the_end_of_with_closes_the_connection(mp):
    here, there = mp.Pipe()
    with there:
        pass
    check_finds_the_end(here, "the with statement of the other end")
    here.close()


@verifies("connection.with.closes-after-an-exception")
def test_with_closes_the_connection_when_an_exception_ends_it(mp):
    here, there = mp.Pipe()
    with raises(ZeroDivisionError, "with connection: 1 / 0"), there:
        raise ZeroDivisionError
    check_finds_the_end(here, "an exception ended the with statement of the other end")
    here.close()
