"""``send`` and ``recv``: objects through one connection, in one process and between two."""

from __future__ import annotations

import os
from typing import Any

from mpconform.kit import Task, promise, raises, verifies
from mpconform.sections.connection_objects.checks import check_end
from mpconform.sections.connection_objects.helpers import (
    PIPES,
    SIZES,
    brief,
    closing,
    connected,
    payload,
    receive_and_stay,
)

LARGE = 33 * 1024 * 1024


class MadeByGetpid:
    """Pickles as a call of os.getpid(): who unpickles it gets the id of its own process."""

    def __reduce__(self) -> Any:
        return os.getpid, ()


class Unpicklable:
    """Cannot be pickled, whatever way of pickling a backend has."""

    def __reduce_ex__(self, protocol: object) -> Any:
        raise TypeError("this object cannot be pickled")


@verifies("connection.send.object-arrives", "connection.send.in-order", "connection.send.is-a-copy")
def test_objects_arrive_as_copies_in_the_order_of_sending(mp):
    with promise("connection.send.object-arrives"):
        sender, receiver = mp.Pipe()
        with closing(sender, receiver):
            sender.send(["an", {"object": None}])
            came = Task(receiver.recv).result("recv() of an object that was sent")
        assert came == ["an", {"object": None}], f"recv() returned {came!r}, sent was ['an', {{'object': None}}]"
    with promise("connection.send.in-order"):
        check_order(mp)
    with promise("connection.send.is-a-copy"):
        sent = [["inner"]]
        sender, receiver = mp.Pipe()
        with closing(sender, receiver):
            sender.send(sent)
            came = Task(receiver.recv).result("recv() of an object that was sent")
        assert came == sent, f"recv() returned {came!r}, sent was {sent!r}"
        assert came is not sent and came[0] is not sent[0], "recv() returned the object that was sent, not a copy of it"


def check_order(mp):
    """Check that objects of all sizes, far more than a pipe holds, are received in the order of sending."""
    sender, receiver = mp.Pipe()
    numbers = range(200)
    with closing(sender, receiver):
        receiving = Task(lambda: [receiver.recv()[0] for _ in numbers])
        for number in numbers:
            sender.send((number, payload(SIZES[number % 12])))
        came = receiving.result(f"recv() of {len(numbers)} objects that were sent")
    wrong = next((place for place, number in enumerate(came) if number != place), None)
    assert wrong is None, f"recv() number {wrong} returned object {came[wrong]}, promised is the order of sending"


@verifies("connection.send.very-large-object", "connection.send_bytes.very-large-buffer")
def test_what_is_very_large_arrives_or_is_refused(mp):
    item = payload(LARGE)
    with promise("connection.send.very-large-object"):
        check_very_large(mp, "send", "recv", item)
    with promise("connection.send_bytes.very-large-buffer"):
        check_very_large(mp, "send_bytes", "recv_bytes", item)


def check_very_large(mp, send, receive, item):
    """Check that ``receive`` returns what ``send`` was given, unless that raises ValueError."""
    sender, receiver = mp.Pipe()
    with closing(receiver):
        receiving = Task(getattr(receiver, receive))
        with closing(sender):
            try:
                getattr(sender, send)(item)
            except ValueError:
                refused = True
            else:
                refused = False
        if refused:
            return
        came = receiving.result(f"{receive}() of 33 MiB that {send}() was given")
    whole = came == item  # not in the assertion: pytest would explain the difference, which takes its time
    assert whole, f"{receive}() returned {brief(came)}, sent were {brief(item)}"


@verifies("connection.send.unpicklable-object-raises", "connection.send.unpicklable-object")
def test_what_becomes_of_an_object_that_cannot_be_pickled(mp, observe):
    sender, receiver = mp.Pipe()
    with closing(receiver):
        with closing(sender):
            with (
                promise("connection.send.unpicklable-object-raises"),
                raises(Exception, "send() of an object that cannot be pickled"),
            ):
                sender.send(["an object", Unpicklable()])
            try:
                sender.send("next")
            except Exception as error:
                observe(f"the connection is of no use afterwards: {type(error).__name__}")
                return
        try:
            came = receiver.recv()
        except Exception as error:
            observe(f"the next recv() raises {type(error).__name__}")
        else:
            observe("the connection is usable" if came == "next" else f"the next message is {came!r}")


@verifies("connection.send.other-end-closed")
def test_what_send_does_when_the_other_end_is_closed(mp, observe):
    answers = []
    for kind in PIPES:
        sender, receiver = connected(mp, kind)
        receiver.close()
        with closing(sender):
            try:
                sender.send("nobody reads this")
            except Exception as error:
                answers.append(f"{kind}: send() raises {type(error).__name__}")
            else:
                answers.append(f"{kind}: send() raises nothing")
    observe(", ".join(answers))


@verifies(
    "connection.recv.raises-eoferror-when-other-end-closed",
    "connection.recv.returns-what-is-left-first",
    "connection.recv_bytes.raises-eoferror-when-other-end-closed",
    "connection.recv_bytes_into.raises-eoferror-when-other-end-closed",
)
def test_what_is_left_is_received_and_then_the_end_of_the_data(mp):
    with promise("connection.recv.raises-eoferror-when-other-end-closed"):
        sender, receiver = mp.Pipe()
        sender.close()
        with closing(receiver), raises(EOFError, "recv() when the other end was closed"):
            Task(receiver.recv).result("recv() when the other end was closed")
    for ident, method in (
        ("connection.recv.returns-what-is-left-first", "recv"),
        ("connection.recv_bytes.raises-eoferror-when-other-end-closed", "recv_bytes"),
        ("connection.recv_bytes_into.raises-eoferror-when-other-end-closed", "recv_bytes_into"),
    ):
        with promise(ident):
            for kind in PIPES:
                sender, receiver = connected(mp, kind)
                with closing(receiver):
                    check_end(method, sender, receiver, kind)


@verifies("connection.recv.unpickles-where-it-is-called", "connection.recv.raises-eoferror-when-other-process-ends")
def test_the_other_end_is_in_another_process(mp, journal, gate):
    here, there = mp.Pipe()
    child = mp.Process(target=receive_and_stay, args=(there, journal, gate))
    child.daemon = True
    child.start()
    with closing(here):
        with promise("connection.recv.unpickles-where-it-is-called"):
            here.send(MadeByGetpid())
            came, pid = journal.wait(2, "what a child has received")[1]
            assert came == pid, (
                f"an object that unpickles to the id of the process that does it was received by process {pid} as"
                f" {came!r}; promised is that recv() unpickles it there (the sender is {os.getpid()})"
            )
        with promise("connection.recv.raises-eoferror-when-other-process-ends"):
            journal.wait(1, "child that has the other end")
            there.close()
            receiving = Task(here.recv)
            gate.open()
            came = receiving.result("recv() returns what the other process has sent")
            assert came == "the last words", f"recv() returned {came!r}, the other process has sent 'the last words'"
            receiving = Task(here.recv)
            with raises(EOFError, "recv() when the process with the other end has ended"):
                receiving.result("recv() raises EOFError when the process with the other end has ended")
    child.join()
