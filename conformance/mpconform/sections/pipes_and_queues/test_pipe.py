"""``Pipe``: what it returns, and which end may do what."""

from __future__ import annotations

from mpconform.kit import Task, each, raises, verifies


def answer(connection):
    connection.send(("answer to", connection.recv()))


def received(connection, call):
    """Return what ``connection`` receives; complain of ``call`` if nothing arrives."""
    return Task(connection.recv).result(f"recv() after {call}")


@verifies("pipe.call.returns-pair")
def test_pipe_returns_a_pair(mp):
    pair = mp.Pipe()
    count = len(list(pair))
    assert count == 2, f"Pipe() returned {pair!r}, {count} objects, promised is a pair"


@verifies("pipe.call.returns-connection-objects")
@each("duplex", [True, False])
def test_both_ends_are_connection_objects(mp, duplex):
    for end in mp.Pipe(duplex):
        assert isinstance(end, mp.connection.Connection), (
            f"Pipe({duplex}) returned {end!r}, which is no connection.Connection object"
        )


@verifies("pipe.call.duplex-by-name")
def test_duplex_can_be_given_by_name(mp):
    first, second = mp.Pipe(duplex=False)
    second.send("hello")
    came = received(first, "Pipe(duplex=False), send() on the second end")
    assert came == "hello", f"recv() on the first end of Pipe(duplex=False) returned {came!r}, sent was 'hello'"


@verifies("pipe.call.duplex-by-default")
def test_a_pipe_is_duplex_unless_told_otherwise(mp):
    first, second = mp.Pipe()
    first.send("there")
    second.send("back")
    came = (
        received(second, "Pipe(), send() on the first end"),
        received(first, "Pipe(), send() on the second end"),
    )
    assert came == ("there", "back"), f"the ends of Pipe() received {came!r}, promised are ('there', 'back')"


@verifies("pipe.call.connects-two-processes")
def test_a_pipe_connects_a_process_with_its_child(mp):
    here, there = mp.Pipe()
    child = mp.Process(target=answer, args=(there,))
    child.daemon = True
    child.start()
    here.send("question")
    came = received(here, "a child was to answer through a pipe")
    child.join()
    assert came == ("answer to", "question"), f"the child sent {came!r}, promised is ('answer to', 'question')"


@verifies("pipe.duplex.carries-both-directions")
@each("sender", [0, 1])
def test_each_end_of_a_duplex_pipe_sends_to_the_other(mp, sender):
    ends = mp.Pipe(True)
    for number in range(3):
        ends[sender].send(number)
    for number in range(3):
        came = received(ends[1 - sender], f"Pipe(True), send() on end {sender}")
        assert came == number, f"end {1 - sender} of Pipe(True) received {came!r}, promised is {number!r}"


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


@verifies("pipe.simplex.second-sends-to-first")
def test_the_second_end_of_a_simplex_pipe_sends_to_the_first(mp):
    first, second = mp.Pipe(False)
    for number in range(3):
        second.send(number)
    for number in range(3):
        came = received(first, "Pipe(False), send() on the second end")
        assert came == number, f"recv() on the first end of Pipe(False) returned {came!r}, promised is {number!r}"


@verifies("pipe.simplex.first-cannot-send")
def test_the_first_end_of_a_simplex_pipe_cannot_send(mp):
    first, second = mp.Pipe(False)
    with raises(Exception, "send() on the first end of Pipe(False), which can only receive"):
        first.send("wrong way")
    del second


@verifies("pipe.simplex.second-cannot-receive")
def test_the_second_end_of_a_simplex_pipe_cannot_receive(mp):
    first, second = mp.Pipe(False)
    first.close()  # so that a recv() that is not refused ends at once
    with raises(Exception, "recv() on the second end of Pipe(False), which can only send") as caught:
        second.recv()
    assert not isinstance(caught.value, EOFError), (
        "recv() on the second end of Pipe(False) raised EOFError, as an end that can receive does; promised is that it"
        " can only send"
    )
