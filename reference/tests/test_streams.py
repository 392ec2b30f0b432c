"""What a connection asks of the system beyond reading and writing."""

from __future__ import annotations

import fcntl
import threading

import pytest

from mpreference.connection import Connection, Pipe
from mpreference.streams import CHUNK, WIDE

get_size = getattr(fcntl, "F_GETPIPE_SZ", None)


def send(writer: Connection, reader: Connection, size: int) -> None:
    """Send a message of that size and receive it."""
    sending = threading.Thread(target=writer.send_bytes, args=(bytes(size),))
    sending.start()
    assert reader.recv_bytes() == bytes(size)
    sending.join()


@pytest.mark.skipif(get_size is None, reason="what a pipe holds cannot be asked for here")
def test_a_pipe_holds_more_once_a_message_does_not_fit() -> None:
    assert get_size is not None
    reader, writer = Pipe(False)
    before = fcntl.fcntl(writer.fileno(), get_size)
    send(writer, reader, CHUNK)
    assert fcntl.fcntl(writer.fileno(), get_size) == before, "for those that fit it was enough"
    send(writer, reader, CHUNK + 1)
    assert fcntl.fcntl(writer.fileno(), get_size) == WIDE


def test_a_pipe_that_cannot_hold_more_does(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(fcntl, "fcntl", refuse)
    reader, writer = Pipe(False)
    send(writer, reader, CHUNK + 1)
    here, there = Pipe()
    send(here, there, CHUNK + 1)
