"""``Pipe``: what it returns, and which end may do what."""

from __future__ import annotations

import socket

from mpconform.kit import Task, backend, promise, raises, verifies

DEFAULT_TIMEOUT = 0.1
"""Seconds after which sockets give up by default, in a program that has set this."""


def answer(connection):
    connection.send(("answer to", connection.recv()))


def let_a_child_answer(connection):
    grandchild = backend().Process(target=answer, args=(connection,))
    grandchild.start()
    grandchild.join()


def received(connection, call):
    """Return what ``connection`` receives; complain of ``call`` if nothing arrives."""
    return Task(connection.recv).result(f"recv() after {call}")


def check_messages(sender, receiver, call):
    """Check that one end receives what the other sends, in order, also large messages."""
    messages = [0, "one", b"x" * 20_000, {"three": [3]}]
    sending = Task(lambda: [sender.send(message) for message in messages])
    for message in messages:
        came = received(receiver, call)
        assert came == message, f"{call}: recv() returned {came!r:.80}, promised is {message!r:.80}"
    sending.result(f"{call} returns")


def check_that_it_cannot_send(make, call):
    """Check that the first end of a simplex pipe refuses to send, in each way; ``call`` is how it is made."""
    for method in "send", "send_bytes":
        first, second = make()
        sending = Task(getattr(first, method), b"wrong way")
        with raises(Exception, f"{method}() on the first end of {call}, which can only receive"):
            sending.result(f"{method}() on the first end of {call}, which can only receive, raises")
        del second


def check_that_it_cannot_receive(make, call):
    """Check that the second end of a simplex pipe refuses to receive, in each way, while the first is open."""
    for method, given in ("recv", ()), ("recv_bytes", ()), ("recv_bytes_into", (bytearray(8),)):
        first, second = make()
        receiving = Task(getattr(second, method), *given)
        with raises(Exception, f"{method}() on the second end of {call}, which can only send"):
            receiving.result(f"{method}() on the second end of {call}, which can only send, raises")
        del first


@verifies("pipe.call.returns-pair", "pipe.call.returns-connection-objects")
def test_pipe_returns_a_pair_of_connection_objects(mp):
    pairs = {"Pipe()": mp.Pipe(), "Pipe(True)": mp.Pipe(True), "Pipe(False)": mp.Pipe(False)}
    with promise("pipe.call.returns-pair"):
        for call, pair in pairs.items():
            ends = list(pair)
            assert len(ends) == 2, f"{call} returned {pair!r}, {len(ends)} objects, promised is a pair"
            assert ends[0] is not ends[1], f"{call} returned {pair!r}, promised is an object for each end"
    with promise("pipe.call.returns-connection-objects"):
        for call, pair in pairs.items():
            others = [end for end in pair if not isinstance(end, mp.connection.Connection)]
            assert not others, f"{call} returned {others}, which are no connection.Connection objects"


@verifies("pipe.call.duplex-by-name", "pipe.call.duplex-by-default")
def test_duplex_by_name_and_by_default(mp):
    with promise("pipe.call.duplex-by-name"):
        first, second = mp.Pipe(duplex=False)
        check_messages(second, first, "send() on the second end of Pipe(duplex=False)")
        check_that_it_cannot_send(lambda: mp.Pipe(duplex=False), "Pipe(duplex=False)")
        first, second = mp.Pipe(duplex=True)
        check_messages(first, second, "send() on the first end of Pipe(duplex=True)")
    with promise("pipe.call.duplex-by-default"):
        first, second = mp.Pipe()
        check_messages(first, second, "send() on the first end of Pipe()")
        check_messages(second, first, "send() on the second end of Pipe()")


@verifies("pipe.call.connects-two-processes")
def test_a_pipe_connects_a_process_with_its_child_and_its_grandchild(mp):
    for target, who in (answer, "child"), (let_a_child_answer, "grandchild"):
        here, there = mp.Pipe()
        child = mp.Process(target=target, args=(there,))
        child.daemon = target is answer  # a daemon may have no children
        child.start()
        here.send("question")
        came = received(here, f"a {who} was to answer through a pipe")
        child.join()
        assert came == ("answer to", "question"), f"the {who} sent {came!r}, promised is ('answer to', 'question')"


@verifies("pipe.duplex.carries-both-directions")
def test_each_end_of_a_duplex_pipe_sends_to_the_other(mp):
    ends = mp.Pipe(True)
    for sender in 0, 1:
        check_messages(ends[sender], ends[1 - sender], f"send() on end {sender} of Pipe(True)")


@verifies("pipe.duplex.carries-both-directions")
def test_a_default_timeout_of_sockets_is_none_of_a_pipe(mp, patience):
    socket.setdefaulttimeout(DEFAULT_TIMEOUT)
    first, second = mp.Pipe(True)
    socket.setdefaulttimeout(None)
    receiving = Task(first.recv)
    patience.never(
        receiving.is_done,
        f"recv() without a message ends where Pipe() was called under a timeout of {DEFAULT_TIMEOUT} s",
    )
    second.send("message")
    came = receiving.result("recv() after send() on the other end")
    assert came == "message", f"recv() returned {came!r}, promised is 'message'"


@verifies("pipe.duplex.directions-are-separate")
def test_an_end_of_a_duplex_pipe_does_not_receive_what_it_sent(mp, patience):
    first, second = mp.Pipe(True)
    first.send("from first")
    second.send("from second")
    came = received(first, "send() on the second end")
    assert came == "from second", f"recv() on the first end returned {came!r}, the other end sent 'from second'"
    receiving = Task(first.recv)
    patience.never(receiving.is_done, "recv() on the end that sent a message returns, although no other was sent to it")
    second.send("again from second")
    came = receiving.result("recv() on the first end after another send() on the second end")
    assert came == "again from second", f"recv() on the first end returned {came!r}, promised is 'again from second'"


@verifies("pipe.simplex.second-sends-to-first", "pipe.simplex.first-cannot-send", "pipe.simplex.second-cannot-receive")
def test_the_second_end_of_a_simplex_pipe_sends_to_the_first(mp):
    with promise("pipe.simplex.second-sends-to-first"):
        first, second = mp.Pipe(False)
        check_messages(second, first, "send() on the second end of Pipe(False)")
    with promise("pipe.simplex.first-cannot-send"):
        check_that_it_cannot_send(lambda: mp.Pipe(False), "Pipe(False)")
    with promise("pipe.simplex.second-cannot-receive"):
        check_that_it_cannot_receive(lambda: mp.Pipe(False), "Pipe(False)")
