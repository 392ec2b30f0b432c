"""Descriptors that go to processes which run already: each once, to those with the key, and nothing is left behind."""

from __future__ import annotations

import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import mpreference
from mpreference import pickling, process, sharing
from mpreference.connection import Client, Connection, Pipe
from mpreference.errors import AuthenticationError

LIMIT = 60

pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning")


def copied(obj: Any) -> Any:
    """Return what a process gets that is sent this object."""
    return pickle.loads(pickling.dumps(obj))


@pytest.fixture(params=[True, False] if sys.platform == "linux" else [False], ids=lambda flag: f"abstract={flag}")
def served(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Serve by a socket with a name that is no file, and by one with a file."""
    monkeypatch.setattr(sharing, "ABSTRACT", request.param)
    monkeypatch.setattr(sharing, "_listener", None)
    monkeypatch.setattr(sharing, "_offers", {})
    yield
    if sharing._listener is not None and not request.param:
        path = Path(str(sharing._listener.address))
        assert path.is_socket()
        sharing._listener._remove_file()  # type: ignore[misc] # as at the end of the process
        assert not path.parent.exists()


@pytest.mark.usefixtures("served")
class TestTickets:
    """A ticket is for one descriptor, once."""

    def test_a_connection_arrives_when_the_original_is_closed(self) -> None:
        reader, writer = Pipe(False)
        data = pickling.dumps(writer)
        writer.close()
        with reader, pickle.loads(data) as arrived:
            assert not arrived.readable
            assert not os.get_inheritable(arrived.fileno())
            arrived.send("by the copy")
            assert reader.recv() == "by the copy"
        assert sharing._offers == {}

    def test_a_ticket_is_for_once(self) -> None:
        reader, writer = Pipe(False)
        data = pickling.dumps(writer)
        with reader, writer:
            pickle.loads(data).close()
            with pytest.raises(OSError, match="once"):
                pickle.loads(data)

    def test_another_key_gets_nothing(self) -> None:
        reader, writer = Pipe(False)
        ticket = sharing.offer(writer.fileno())
        stranger = Client(ticket._address, "AF_UNIX")
        with reader, writer, stranger:
            stranger.send_bytes(bytes(40))
            assert stranger.recv_bytes().startswith(b"#CHALLENGE#")
            assert stranger.recv_bytes() == b"#FAILURE#"
            os.close(ticket.take())

    def test_the_server_has_to_have_the_key_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        ticket = sharing.offer(0)
        key = process.AuthenticationString(b"another")
        monkeypatch.setattr(sharing, "introduce", lambda end, _: sharing_introduce(end, key))
        with pytest.raises(AuthenticationError):
            ticket.take()
        os.close(sharing._offers.popitem()[1])


sharing_introduce = sharing.introduce


def answer_by_copies(channel: Connection) -> None:
    """Receive connections and pass what comes by the first to the second; then say what this process still holds."""
    with channel.recv() as incoming, channel.recv() as outgoing:
        outgoing.send(incoming.recv())
    channel.send((sharing._listener, dict(sharing._offers)))


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
class TestProcesses:
    """Connections go to children that run, and what a parent offers stays its own."""

    def test_to_a_child(self, method: str) -> None:
        channel, there = Pipe()
        incoming, to_child = Pipe(False)
        outgoing, from_child = Pipe(False)
        unclaimed, other = Pipe(False)
        waiting = pickling.dumps(other)  # so that the parent serves, and has an offer, when it starts the child
        other.close()
        child = mpreference.get_context(method).Process(target=answer_by_copies, args=(there,))
        child.start()
        there.close()
        with channel, to_child, incoming, outgoing, from_child, unclaimed:
            channel.send(incoming)
            channel.send(from_child)
            to_child.send("hello")
            assert outgoing.recv() == "hello"
            assert channel.recv() == (None, {})
            assert not unclaimed.poll(), "the offer of the parent lives"
            pickle.loads(waiting).close()
            child.join()
            assert unclaimed.poll(LIMIT), "nobody holds what was handed over and closed"


def test_sockets_are_shared_too() -> None:
    here, there = socket.socketpair()
    with here, there:
        there.settimeout(5)
        with copied(there) as arrived:
            there.close()
            assert arrived.gettimeout() == 5
            arrived.sendall(b"by the copy")
            assert here.recv(100) == b"by the copy"


SENDER = """
import sys, time
from mpreference import pickling, sharing
from mpreference.connection import Pipe
reader, writer = Pipe(False)
sys.stdout.buffer.write(bytes(pickling.dumps(writer)).hex().encode() + b"\\n")
sys.stdout.flush()
sys.stdin.read()
"""


def test_a_killed_sender_leaves_nothing_and_its_ticket_says_so() -> None:
    before = set(os.listdir(tempfile.gettempdir()))
    with subprocess.Popen(
        [sys.executable, "-c", SENDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as sender:
        assert sender.stdout is not None
        data = bytes.fromhex(sender.stdout.readline())
        sender.send_signal(signal.SIGKILL)
        sender.wait(LIMIT)
    with pytest.raises(OSError, match="has ended"):
        pickle.loads(data)
    assert not [name for name in set(os.listdir(tempfile.gettempdir())) - before if name.startswith("mpreference-")]
