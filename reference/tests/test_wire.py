"""What goes over a connection: the same bytes as with the standard library, in one write for each message.

The other side is a child interpreter that runs the standard library of the same version, or this test, byte by byte.
"""

from __future__ import annotations

import ctypes
import hmac
import mmap
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from mpreference import errors, waiting
from mpreference.connection import Client, Connection, Listener, Pipe, answer_challenge, deliver_challenge, wait

LIMIT = 60
KEY = b"the key of both"
OBJECT = ("an object", [1, 2.5, None], {"large": "x" * 100_000})
MESSAGE = bytes(range(256)) * 4000

STANDARD = """
import sys
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Listener

role, port, key = sys.argv[1:]
key = None if key == "none" else bytes.fromhex(key)

def talk(connection):
    with connection:
        connection.send(connection.recv())
        connection.send_bytes(connection.recv_bytes())

try:
    if role == "client":
        talk(Client(("127.0.0.1", int(port)), authkey=key))
    else:
        with Listener(("127.0.0.1", 0), authkey=key) as listener:
            print(listener.address[1], flush=True)
            talk(listener.accept())
except AuthenticationError:
    print("refused")
else:
    print("done")
"""


@contextmanager
def standard(role: str, key: bytes | None, port: object = 0) -> Iterator[subprocess.Popen[str]]:
    """Run the side of the standard library, and see to it that it ends."""
    command = [sys.executable, "-c", STANDARD, role, str(port), "none" if key is None else key.hex()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def last_word(process: subprocess.Popen[str]) -> str:
    """Return what the side of the standard library prints before it ends."""
    return process.communicate(timeout=LIMIT)[0].strip()


def check_echo(connection: Connection) -> None:
    """Check that an object and a message come back from the other side as they were sent."""
    with connection:
        connection.send(OBJECT)
        assert connection.recv() == OBJECT
        connection.send_bytes(MESSAGE)
        assert connection.recv_bytes() == MESSAGE


class TestStandardLibrary:
    """Client and listener get on with those of the standard library."""

    @pytest.mark.parametrize("key", [None, KEY, b"", bytes(range(256)) * 4])
    def test_its_client_connects(self, key: bytes | None) -> None:
        with (
            Listener(("127.0.0.1", 0), authkey=key) as listener,
            standard("client", key, listener.address[1]) as process,
        ):
            check_echo(listener.accept())
            assert last_word(process) == "done"

    @pytest.mark.parametrize("key", [None, KEY, bytes(range(256)) * 4])  # it takes the empty key for none
    def test_its_listener_accepts(self, key: bytes | None) -> None:
        with standard("listener", key) as process:
            assert process.stdout is not None
            check_echo(Client(("127.0.0.1", int(process.stdout.readline())), authkey=key))
            assert last_word(process) == "done"

    def test_its_client_with_another_key_is_refused(self) -> None:
        with (
            Listener(("127.0.0.1", 0), authkey=KEY) as listener,
            standard("client", b"another", listener.address[1]) as process,
        ):
            with pytest.raises(errors.AuthenticationError):
                listener.accept()
            assert last_word(process) == "refused"

    def test_its_listener_with_another_key_refuses(self) -> None:
        with standard("listener", b"another") as process:
            assert process.stdout is not None
            with pytest.raises(errors.AuthenticationError):
                Client(("127.0.0.1", int(process.stdout.readline())), authkey=KEY)
            assert last_word(process) == "refused"


class Byhand:
    """One end of a connection, played byte by byte; the other one is ``connection``."""

    def __init__(self, kind: int = socket.SOCK_STREAM) -> None:
        self.end, there = socket.socketpair(socket.AF_UNIX, kind)
        self.end.settimeout(LIMIT)
        self.connection = Connection(there.detach())

    def __enter__(self) -> Byhand:
        return self

    def __exit__(self, *error: object) -> None:
        self.end.close()
        self.connection.close()

    def send(self, message: bytes) -> None:
        """Send a message of at most 255 bytes."""
        self.end.sendall(bytes([0, 0, 0, len(message)]) + message)

    def receive(self) -> bytes:
        """Receive a message of at most 255 bytes."""
        return self.end.recv(self.end.recv(4, socket.MSG_WAITALL)[3], socket.MSG_WAITALL)

    @contextmanager
    def meanwhile(self, call: Callable[[Connection, bytes], None]) -> Iterator[list[object]]:
        """Do one side of the handshake during the block; what it raised is the one item of the list afterwards."""
        outcome: list[object] = []

        def run() -> None:
            try:
                call(self.connection, KEY)
            except errors.AuthenticationError as error:
                outcome.append(error)
            else:
                outcome.append(None)

        thread = threading.Thread(target=run)
        thread.start()
        yield outcome
        thread.join(LIMIT)
        assert outcome, "the handshake has not ended"


def code(digest: str, message: bytes) -> bytes:
    """Return the code of a message."""
    return hmac.digest(KEY, message, digest)


class TestHandshake:
    """Both forms of the handshake, whatever the version of Python."""

    @pytest.mark.parametrize(
        "answer", [lambda message: code("md5", message), lambda message: b"{sha256}" + code("sha256", message)]
    )
    def test_the_older_and_the_newer_answer_are_accepted(self, answer: Callable[[bytes], bytes]) -> None:
        with Byhand() as other:
            with other.meanwhile(deliver_challenge) as outcome:
                challenge = other.receive()
                other.send(answer(challenge.removeprefix(b"#CHALLENGE#")))
                assert other.receive() == b"#WELCOME#"
            assert outcome == [None]

    @pytest.mark.parametrize(
        "answer",
        [
            lambda message: code("sha256", message),
            lambda message: b"{md5}" + code("md5", message),
            lambda message: b"{sha1}" + code("sha1", message),
            lambda message: b"{sha256}" + code("md5", message),
            lambda message: b"{sha256}" + code("sha256", message.removeprefix(b"{sha256}")),
            lambda message: message,
            lambda _: bytes(16),
        ],
    )
    def test_another_answer_is_refused(self, answer: Callable[[bytes], bytes]) -> None:
        with Byhand() as other:
            with other.meanwhile(deliver_challenge) as outcome:
                challenge = other.receive()
                other.send(answer(challenge.removeprefix(b"#CHALLENGE#")))
                assert other.receive() == b"#FAILURE#"
            assert isinstance(outcome[0], errors.AuthenticationError)

    def test_the_older_challenge_is_answered(self) -> None:
        message = os.urandom(20)
        with Byhand() as other:
            with other.meanwhile(answer_challenge) as outcome:
                other.send(b"#CHALLENGE#" + message)
                assert other.receive() == code("md5", message)
                other.send(b"#WELCOME#")
            assert outcome == [None]

    @pytest.mark.parametrize("digest", ["md5", "sha256", "sha384", "sha3_256", "sha3_384"])
    def test_the_newer_challenge_is_answered_by_the_digest_that_it_names(self, digest: str) -> None:
        message = f"{{{digest}}}".encode() + os.urandom(40)
        with Byhand() as other:
            with other.meanwhile(answer_challenge) as outcome:
                other.send(b"#CHALLENGE#" + message)
                assert other.receive() == f"{{{digest}}}".encode() + code(digest, message)
                other.send(b"#WELCOME#")
            assert outcome == [None]

    @pytest.mark.parametrize("word", [b"#FAILURE#", b"#WELCOME", b"#welcome#", b""])
    def test_another_word_is_no_welcome(self, word: bytes) -> None:
        with Byhand() as other:
            with other.meanwhile(answer_challenge) as outcome:
                other.send(b"#CHALLENGE#" + os.urandom(20))
                other.receive()
                other.send(word)
            assert isinstance(outcome[0], errors.AuthenticationError)

    @pytest.mark.parametrize("message", [b"{sha1}" + bytes(40), b"{none}" + bytes(40), b"short", bytes(40)])
    def test_a_challenge_of_another_form_is_not_answered(self, message: bytes) -> None:
        with Byhand() as other:
            with other.meanwhile(answer_challenge) as outcome:
                other.send(b"#CHALLENGE#" + message)
            assert isinstance(outcome[0], errors.AuthenticationError)
            assert wait([other.end], 0) == []


class TestMessages:
    """Messages are what the module says."""

    @pytest.mark.parametrize("size", [0, 1, 16384, 16385, 100_000])
    def test_a_message_is_one_write(self, size: int) -> None:
        with Byhand(socket.SOCK_SEQPACKET) as other:
            other.connection.send_bytes(bytes(size))
            assert other.end.recv(200_000) == size.to_bytes(4, "big") + bytes(size)

    @pytest.mark.parametrize("duplex", [False, True])
    @pytest.mark.parametrize("size", [0, 5, 60_000])
    def test_what_follows_a_message_is_left(self, duplex: bool, size: int) -> None:
        reader, writer = Pipe(duplex)
        with reader, writer:
            writer.send_bytes(bytes(size))
            writer.send_bytes(b"next")
            assert reader.recv_bytes() == bytes(size)
            assert reader.poll(LIMIT)
            assert os.read(reader.fileno(), 100) == b"\0\0\0\4next"

    def test_what_follows_a_large_message_is_left(self) -> None:
        reader, writer = Pipe(False)
        with reader, writer:

            def send() -> None:
                writer.send_bytes(MESSAGE)
                writer.send_bytes(b"next")

            sending = threading.Thread(target=send)
            sending.start()
            assert reader.recv_bytes() == MESSAGE
            sending.join()
            assert reader.poll(0)
            assert os.read(reader.fileno(), 100) == b"\0\0\0\4next"

    def test_a_length_of_8_bytes_is_read(self) -> None:
        with Byhand() as other:
            other.end.sendall(b"\xff\xff\xff\xff" + (7).to_bytes(8, "big") + b"message")
            assert other.connection.recv_bytes() == b"message"

    def test_more_than_2_gib_are_sent_with_a_length_of_8_bytes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        size, most = 0x80000000, 0x7FFFF000  # what Linux writes at once, at most
        headers = []
        left = 12 + size

        def writev(descriptor: int, parts: list[memoryview]) -> int:
            nonlocal left
            assert sum(map(len, parts)) == left
            headers.append(bytes(parts[0][:20]))
            written = min(left, 5 if left == 12 + size else most)
            left -= written
            return written

        monkeypatch.setattr(os, "writev", writev)
        with Byhand() as other, mmap.mmap(-1, size) as zeros, memoryview(zeros) as view:  # addresses, no memory
            other.connection.send_bytes(view)
        header = b"\xff\xff\xff\xff" + size.to_bytes(8, "big")
        assert headers == [header, header[5:], bytes(20)]
        assert left == 0

    @pytest.mark.parametrize("length", [b"\xff\xff\xff\xfe", b"\x80\0\0\0", b"\xff\xff\xff\xff" + b"\xff" * 8])
    def test_what_is_no_length_ends_reading(self, length: bytes) -> None:
        with Byhand() as other:
            other.end.sendall(length + bytes(100))
            for _ in range(2):
                with pytest.raises(OSError, match=r"no message|not readable"):
                    other.connection.recv_bytes()

    def test_an_end_that_was_closed_before_it_had_read_all_is_closed(self) -> None:
        here, there = Pipe()
        with here:
            here.send("never read")
            there.close()
            with pytest.raises(EOFError):
                here.recv()

    def test_a_default_timeout_of_sockets_is_not_that_of_connections(self) -> None:
        socket.setdefaulttimeout(0.01)
        try:
            with Listener(("127.0.0.1", 0)) as listener:
                ends = [Client(listener.address), listener.accept(), *Pipe()]
        finally:
            socket.setdefaulttimeout(None)
        for end in ends:
            assert os.get_blocking(end.fileno())
            end.close()

    def test_an_empty_buffer_of_several_dimensions_is_an_empty_message(self) -> None:
        here, there = Pipe()
        with here, there:
            here.send_bytes(((ctypes.c_int * 0) * 3)())
            assert there.recv_bytes_into(((ctypes.c_int * 0) * 3)()) == 0


class TestWaiting:
    """What the suite does not ask of `wait`."""

    def test_what_is_ready_comes_in_the_order_given(self) -> None:
        ends = [Pipe(False) for _ in range(4)]
        for number in (2, 0, 3):
            ends[number][1].send("ready")
        objects: list[Any] = [ends[3][0], ends[0][0].fileno(), ends[1][0], ends[2][0], ends[0][0]]
        assert wait(iter(objects)) == [objects[0], objects[1], objects[3], objects[4]]
        for end in sum(ends, ()):
            end.close()

    def test_a_descriptor_that_is_not_open_is_an_error(self) -> None:
        reader, writer = Pipe(False)
        number = writer.fileno()
        writer.close()
        with reader, pytest.raises(OSError, match=str(number)):
            wait([number], 0)

    def test_a_wait_may_be_longer_than_the_system_can_wait_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(waiting, "LONGEST", 7)
        reader, writer = Pipe(False)
        with reader, writer:
            began = time.monotonic()
            assert not reader.poll(0.03)
            assert time.monotonic() - began >= 0.03
            threading.Timer(0.03, writer.send, ["data"]).start()
            assert reader.poll(1e9)
            assert wait([reader], 1e9) == [reader]
