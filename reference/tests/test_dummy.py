"""The API on threads: how its processes end, and how its connections do."""

from __future__ import annotations

import sys
import threading

import pytest

from mpreference import dummy
from mpreference.dummy.connection import Client, Listener, Pipe


def end_by(error: BaseException | None) -> None:
    if error is not None:
        raise error


def ended(error: BaseException | None) -> dummy.Process:
    """Return a process that has ended by raising this, or by returning."""
    process = dummy.Process(target=end_by, args=(error,))
    process.start()
    process.join()
    return process


def test_exit_codes(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[type[BaseException]] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: shown.append(args.exc_type))
    ways = [None, SystemExit(), SystemExit(7), SystemExit("no more"), KeyError(1)]
    assert [ended(way).exitcode for way in ways] == [0, 0, 7, 1, 1]
    assert shown == [KeyError]
    assert capsys.readouterr().err == "no more\n"


def test_who_made_whom() -> None:
    found: list[object] = []

    def outer() -> None:
        inner = dummy.Process(target=lambda: found.extend([dummy.current_process(), dummy.parent_process()]))
        inner.start()
        inner.join()
        found.extend([inner, dummy.current_process(), dummy.active_children()])

    process = dummy.Process(target=outer)
    process.start()
    process.join()
    child, parent, *others = found
    assert others == [child, parent, []]
    assert parent is process
    assert dummy.parent_process() is None


def test_a_process_is_started_once_and_not_joined_before() -> None:
    process = dummy.Process()
    for early in (process.join, ended(None).start):
        with pytest.raises(AssertionError):
            early()
    with pytest.raises(ValueError, match="group"):
        dummy.Process(group=1)  # type: ignore[arg-type]


def test_the_end_of_a_pipe() -> None:
    here, there = Pipe()
    here.send("last")
    here.close()
    assert there.recv() == "last"
    assert there.poll()
    with pytest.raises(EOFError):
        there.recv()
    with pytest.raises(BrokenPipeError):
        there.send("anybody?")
    with pytest.raises(OSError, match="closed"):
        here.send("more")
    reading, writing = Pipe(duplex=False)
    for wrong in (reading.send_bytes, writing.recv_bytes_into):
        with pytest.raises(OSError, match="only"):
            wrong(bytearray(1))


def test_bytes_of_a_pipe() -> None:
    here, there = Pipe()
    here.send_bytes(b"0123456789", 2, 5)
    buffer = bytearray(8)
    assert there.recv_bytes_into(buffer, 1) == 5
    assert buffer == b"\x0023456\0\0"
    here.send_bytes(b"0123456789")
    with pytest.raises(dummy.BufferTooShort) as caught:
        there.recv_bytes_into(buffer)
    assert caught.value.args[0] == b"0123456789"
    here.send_bytes(b"0123456789")
    with pytest.raises(OSError, match="longer"):
        there.recv_bytes(9)
    with pytest.raises(ValueError, match="not within"):
        here.send_bytes(b"0123456789", 8, 5)


def test_addresses_of_listeners() -> None:
    with Listener(("localhost", 6000)) as listener:
        with pytest.raises(OSError, match="already"):
            Listener(listener.address)
        client = Client(listener.address)
        client.send("hello")
        assert listener.accept().recv() == "hello"
    with pytest.raises(ConnectionRefusedError):
        Client(("localhost", 6000))
    with pytest.raises(OSError, match="closed"):
        listener.accept()


def test_a_closed_queue_takes_no_more() -> None:
    queue = dummy.Queue()
    queue.put(sys)
    queue.close()
    queue.join_thread()
    with pytest.raises(ValueError, match="closed"):
        queue.put(1)
    assert queue.get() is sys
