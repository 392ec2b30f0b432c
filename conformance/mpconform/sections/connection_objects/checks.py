"""What is checked of pipes, and again of connections between a listener and its client.

The messages that are checked are kept here too: small ones, large ones, and what Hypothesis chooses.
"""

from __future__ import annotations

import os
import select
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from mpconform.kit import Patience, Task, idle, raises, works
from mpconform.sections.connection_objects.helpers import RECEIVES, SIZES, brief, closing, payload, received, send_for

sizes = st.sampled_from(SIZES) | st.integers(0, 300_000)

# A few letters: those of all of Unicode take seconds to prepare.
texts = st.text(st.sampled_from("ab \0\n\u00e9\u4e2d\U0001f600"), max_size=20)

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | texts
    | st.binary()
    | st.dates()
    | st.fractions()
    | st.builds(payload, sizes)
)
objects = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(texts, inner, max_size=4)
        | st.frozensets(st.integers() | texts, max_size=4)
    ),
    max_leaves=8,
)


def check_any_object(sender: Any, receiver: Any, kind: str) -> None:
    """Check that any object arrives, equal and of the same type."""

    @given(objects)
    @example(None)
    @example(payload(3_000_000))
    @example([payload(65_536), "text" * 20_000])
    def arrives(item: Any) -> None:
        receiving = Task(receiver.recv)
        sender.send(item)
        with works(f"{kind}: recv() of {brief(item)}"):
            came = receiving.result(f"{kind}: recv() of {brief(item)}")
        assert type(came) is type(item), f"{kind}: recv() returned {brief(came)}, sent was {brief(item)}"
        assert came == item, f"{kind}: recv() returned {brief(came)}, sent was {brief(item)}"

    arrives()


def check_any_size(sender: Any, receiver: Any, kind: str) -> None:
    """Check that messages of any size arrive, whole and in order."""

    def receive(count: int) -> list[bytes]:
        return [receiver.recv_bytes() for _ in range(count)]

    @given(st.lists(sizes, min_size=1, max_size=4))
    @example(list(SIZES))
    def arrive(chosen: list[int]) -> None:
        messages = [payload(size) for size in chosen]
        receiving = Task(receive, len(messages))
        for message in messages:
            sender.send_bytes(message)
        for came, message in zip(receiving.result(f"{kind}: messages of {chosen} bytes"), messages, strict=True):
            assert came == message, f"{kind}: recv_bytes() returned {brief(came)}, sent was {brief(message)}"

    arrive()


def check_boundaries(sender: Any, receiver: Any, kind: str) -> None:
    """Check that each message is received by itself; closes the sender."""
    sent = [b"one", b"", b"two\n", b"\0", b"", b"three"]
    for message in sent:
        sender.send_bytes(message)
    sender.close()
    came: list[bytes] = []

    def receive_all() -> None:
        while True:
            came.append(receiver.recv_bytes())

    with raises(EOFError, f"{kind}: recv_bytes() when all messages were received"):
        Task(receive_all).result(f"{kind}: recv_bytes() of all messages, and of the end of the data")
    assert came == sent, f"{kind}: recv_bytes() returned one after another {came}, sent were {sent}"


def check_blocks(method: str, pairs: dict[str, tuple[Any, Any]], patience: Patience) -> None:
    """Check of some connections at once, which are given by their kinds, that the method blocks until there is data."""
    tasks = {kind: Task(received, method, receiver) for kind, (_, receiver) in pairs.items()}
    patience.never(
        lambda: [kind for kind, task in tasks.items() if task.is_done()],
        f"{method}() ends before anything was sent ({', '.join(pairs)})",
    )
    for kind, (sender, _) in pairs.items():
        with patience.at_once(f"{kind}: {method}() when a message was sent"):
            send_for(method, sender, b"message")
            tasks[kind].wait(f"{kind}: {method}() returns when a message was sent")
        came = tasks[kind].result()
        assert came == b"message", f"{kind}: {method}() received {came!r}, sent was b'message'"


def check_end(method: str, sender: Any, receiver: Any, kind: str) -> None:
    """Check that all that is left is received before the end of the data raises EOFError; closes the sender."""
    sent = [b"one", b"two", b"the last"]
    for message in sent:
        send_for(method, sender, message)
    sender.close()
    came = [Task(received, method, receiver).result(f"{kind}: {method}() of what is left") for _ in sent]
    assert came == sent, f"{kind}: {method}() returned {came} after the other end was closed, sent were {sent}"
    for time in ("when", "again when"):
        call = f"{kind}: {method}() {time} all was received and the other end was closed"
        with raises(EOFError, call):
            Task(received, method, receiver).result(call)


def is_open(descriptor: int) -> bool:
    """Return whether the descriptor is open in this process."""
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def check_is_descriptor(connection: Any, kind: str) -> None:
    """Check that fileno() is an open descriptor."""
    number = connection.fileno()
    assert isinstance(number, int), f"{kind}: fileno() returned {number!r}, promised is a file descriptor"
    assert is_open(number), f"{kind}: fileno() returned {number}, which is no open descriptor"


def check_readable_with_a_message(sender: Any, receiver: Any, kind: str, patience: Patience) -> None:
    """Check that the descriptor becomes readable with a message and not before."""
    before = select.select([receiver.fileno()], [], [], 0)[0]
    assert not before, f"{kind}: select() finds fileno() readable before anything was sent"
    sender.send("message")
    with idle():
        after = select.select([receiver.fileno()], [], [], patience.awaiting)[0]
    assert after, f"{kind}: select() does not find fileno() readable within {patience.awaiting} s of a send()"


def check_finds_the_end(receiver: Any, call: str) -> None:
    """Check that recv() of a connection raises EOFError, because of ``call`` at its other end."""
    receiving = Task(receiver.recv)
    with raises(EOFError, f"recv() after {call}"):
        receiving.result(f"recv() raises EOFError after {call}")


def check_poll(sender: Any, receiver: Any, kind: str, patience: Patience) -> None:
    """Check that poll() is true until all messages, of which one is empty, were received."""
    for number in range(3):
        sender.send(number)
    sender.send_bytes(b"")
    for left in range(4, 0, -1):
        with idle():
            answer = receiver.poll(patience.awaiting)
        assert answer is True, f"{kind}: poll({patience.awaiting}) returned {answer!r} with {left} of 4 messages unread"
        answer = receiver.poll()
        assert answer is True, f"{kind}: poll() returned {answer!r} with {left} of 4 messages unread"
        received("recv" if left > 1 else "recv_bytes", receiver)
    with patience.at_once(f"{kind}: poll() when all 4 messages were received"):
        answer = receiver.poll()
    assert answer is False, f"{kind}: poll() returned {answer!r} when all 4 messages were received"


def check_wakes_poll(sender: Any, receiver: Any, timeout: float | None, kind: str, patience: Patience) -> None:
    """Check that poll() blocks until a message comes, and no longer; closes both ends."""
    call = f"{kind}: poll({timeout})"
    with closing(sender, receiver):
        polling = Task(receiver.poll, timeout)
        patience.never(polling.is_done, f"{call} returns before anything was sent")
        with patience.at_once(f"{call} when a message was sent"):
            sender.send("message")
            polling.wait(f"{call} returns when a message was sent")
        answer = polling.result()
    assert answer is True, f"{call} returned {answer!r} when a message came, promised is True"


def check_too_long_ends_reading(sender: Any, receiver: Any, kind: str) -> None:
    """Check that a message longer than maxlength raises OSError, and nothing is received after it."""
    sender.send_bytes(b"twelve bytes")
    for method in RECEIVES:
        send_for(method, sender, b"the next message")
    with raises(OSError, f"{kind}: recv_bytes(4) of a message of 12 bytes"):
        receiver.recv_bytes(4)
    for method in RECEIVES:  # each finds a message that it could receive
        call = f"{kind}: {method}() after recv_bytes(4) of a message of 12 bytes"
        with raises(Exception, call):
            Task(received, method, receiver).result(call)


def check_too_short_takes_the_message(sender: Any, receiver: Any, kind: str, too_short: type[Exception]) -> None:
    """Check that the next message comes after one for which the buffer was too short."""
    sender.send_bytes(b"twelve bytes")
    sender.send_bytes(b"the next")
    with raises(too_short, f"{kind}: recv_bytes_into(bytearray(4)) of a message of 12 bytes"):
        receiver.recv_bytes_into(bytearray(4))
    came = Task(receiver.recv_bytes).result(f"{kind}: recv_bytes() of the next message after BufferTooShort")
    assert came == b"the next", f"{kind}: recv_bytes() after BufferTooShort returned {came!r}, sent was b'the next'"


def check_written(sender: Any, receiver: Any, kind: str) -> None:
    """Check that recv_bytes_into() writes a message at the beginning of the buffer."""
    buffer = bytearray(b"untouched so far")
    sender.send_bytes(b"message")
    receiver.recv_bytes_into(buffer)
    assert buffer == b"messageed so far", (
        f"{kind}: recv_bytes_into() of b'message' made {bytes(buffer)!r} of b'untouched so far'"
    )
