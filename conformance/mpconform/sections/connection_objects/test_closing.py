"""``fileno``, ``close``, garbage collection, and ``with``."""

from __future__ import annotations

import gc
import os
from typing import Any

from mpconform.kit import Task, promise, raises, verifies, works
from mpconform.sections.connection_objects.checks import (
    check_finds_the_end,
    check_is_descriptor,
    check_readable_with_a_message,
    is_open,
)
from mpconform.sections.connection_objects.helpers import PIPES, RECEIVES, closing, connected, received, send_for


@verifies(
    "connection.fileno.is-an-open-descriptor",
    "connection.fileno.is-what-the-connection-reads",
    "connection.close.releases-the-descriptor",
)
def test_the_descriptor_of_a_connection(mp, patience):
    with promise("connection.fileno.is-an-open-descriptor"):
        for kind in PIPES:
            sender, receiver = connected(mp, kind)
            with closing(sender, receiver):
                check_is_descriptor(sender, kind)
                check_is_descriptor(receiver, kind)
    with promise("connection.fileno.is-what-the-connection-reads"):
        for kind in PIPES:
            sender, receiver = connected(mp, kind)
            with closing(sender, receiver):
                check_readable_with_a_message(sender, receiver, kind, patience)
    with promise("connection.close.releases-the-descriptor"):
        for kind in PIPES:
            for connection in connected(mp, kind):
                number = connection.fileno()
                connection.close()
                assert not is_open(number), f"{kind}: descriptor {number} of a connection is open after close()"


@verifies("connection.close.ends-sending-and-receiving", "connection.close.by-garbage-collection")
def test_a_connection_that_was_closed_is_of_no_use(mp):
    with promise("connection.close.ends-sending-and-receiving"):
        for kind in PIPES:
            for method in RECEIVES:
                sender, receiver = connected(mp, kind)
                with closing(sender):
                    send_for(method, sender, b"a message that is left")
                    receiver.close()
                    with raises(Exception, f"{kind}: {method}() after close(), with a message that is left"):
                        received(method, receiver)
            for method in ("send", "send_bytes"):
                sender, receiver = connected(mp, kind)
                with closing(receiver):
                    sender.close()
                    with raises(Exception, f"{kind}: {method}() after close()"):
                        getattr(sender, method)(b"message")
                    check_finds_the_end(receiver, f"close(), and {method}() that was refused ({kind})")
    with promise("connection.close.by-garbage-collection"):
        for kind in PIPES:
            sender, receiver = connected(mp, kind)
            with closing(receiver):
                del sender
                gc.collect()
                check_finds_the_end(receiver, f"the other end of the {kind} was garbage collected")
            sender, receiver = connected(mp, kind)
            with closing(sender):
                number = receiver.fileno()
                del receiver
                gc.collect()
                if os.name == "posix":
                    assert not is_open(number), f"{kind}: descriptor {number} is open, its connection was garbage"


@verifies("connection.close.twice")
def test_what_the_second_close_does(mp, observe):
    here, there = mp.Pipe()
    with closing(there):
        here.close()
        try:
            here.close()
        except Exception as error:
            observe(f"the second close() raises {type(error).__name__}")
        else:
            observe("the second close() does nothing")


@verifies("connection.close.poll-is-not-true-afterwards", "connection.close.poll-and-fileno-afterwards")
def test_what_the_other_methods_do_after_close(mp, patience, observe):
    with promise("connection.close.poll-is-not-true-afterwards"):
        here, there = mp.Pipe()
        with closing(there):
            there.send("a message that is left")
            patience.until(here.poll, "poll() is true when a message was sent")
            here.close()
            for arguments in ((), (0.1,), (None,)):
                polling = Task(here.poll, *arguments)
                polling.wait(f"poll{arguments} after close() ends")
                assert not polling.value, f"poll{arguments} after close() {polling.outcome()}, nothing can be read"
    answers = []
    for method in ("poll", "fileno"):
        here, there = mp.Pipe()
        with closing(there):
            here.close()
            try:
                answers.append(f"{method}() returns {getattr(here, method)()!r}")
            except Exception as error:
                answers.append(f"{method}() raises {type(error).__name__}")
    observe(", ".join(answers))


def check_is_closed(connection: Any, other: Any, call: str) -> None:
    """Check that a connection is closed when ``call`` is over."""
    with raises(Exception, f"send() at once after {call}"):
        connection.send("message")
    check_finds_the_end(other, f"{call} (at the other end)")


@verifies(
    "connection.with.returns-the-connection", "connection.with.closes", "connection.with.closes-after-an-exception"
)
def test_with_gives_the_connection_and_closes_it(mp):
    with promise("connection.with.returns-the-connection"):
        here, there = mp.Pipe()
        with closing(there), works("with connection as given"), here as given:
            pass
        assert given is here, f"with connection as given: given is {given!r}, promised is the connection, {here!r}"
    with promise("connection.with.closes"):
        here, there = mp.Pipe()
        with closing(here):
            with works("with connection"), there:
                there.send("in the block, it is open")
            came = here.recv()
            assert came == "in the block, it is open", f"send() in a with statement: what came is {came!r}"
            check_is_closed(there, here, "the end of a with statement")
    with promise("connection.with.closes-after-an-exception"):
        here, there = mp.Pipe()
        with closing(here):
            with raises(ZeroDivisionError, "with connection: 1 / 0"), there:
                raise ZeroDivisionError
            check_is_closed(there, here, "a with statement that an exception has ended")
