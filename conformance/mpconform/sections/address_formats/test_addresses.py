"""The three forms of address, and what a string is taken for."""

from __future__ import annotations

import os
import socket
from contextlib import closing, contextmanager
from pathlib import Path

from hypothesis import assume, example, given
from hypothesis import strategies as st

from mpconform.kit import Task, promise, raises, verifies, works

BACKSLASHES = r"\\.\pipe\name"  # on POSIX, all of it may be a filename

# A few letters: those of all of Unicode take seconds to prepare.
filenames = st.text(st.sampled_from("ab.:@\\ -~*\n\u00e9\u4e2d\U0001f600"), min_size=1, max_size=20)


def check_connects(mp, listener, *address):
    """Check that Client(*address) connects to the listener."""
    call = f"Client({', '.join(map(repr, address))}) of a listener at {listener.address!r}"
    accepting = Task(listener.accept)
    with works(call):
        client = mp.connection.Client(*address)
    accepted = accepting.result(f"accept() returns after {call}")
    with closing(client), closing(accepted):
        client.send("message")
        came = Task(accepted.recv).result(f"recv() of what was sent by {call}")
    assert came == "message", f"{call}: sent was 'message', what came is {came!r}"


def enter(folder):
    """Make a folder and make it the current one, so that short filenames will do."""
    Path(folder).mkdir()
    os.chdir(folder)


def can_be_encoded(filename):
    """Return whether the system can write the filename: not every locale has all letters."""
    try:
        os.fsencode(filename)
    except UnicodeEncodeError:
        return False
    return True


@verifies("address.inet.is-hostname-and-port", "address.inet.hostname-may-be-a-name-or-a-number")
def test_the_address_of_a_listener_is_a_hostname_and_a_port(mp):
    with promise("address.inet.is-hostname-and-port"):
        with closing(mp.connection.Listener(("localhost", 0), "AF_INET")) as listener:
            address = listener.address
        assert isinstance(address, tuple) and len(address) == 2, (
            f"the address of an AF_INET listener is {address!r}, promised is a tuple of a hostname and a port"
        )
        assert isinstance(address[0], str) and isinstance(address[1], int), (
            f"the address of an AF_INET listener is {address!r}, promised are a string and an integer"
        )
    with promise("address.inet.hostname-may-be-a-name-or-a-number"):
        for hostname in ("localhost", "127.0.0.1"):
            with closing(mp.connection.Listener((hostname, 0))) as listener:
                for name in ("localhost", "127.0.0.1"):
                    check_connects(mp, listener, (name, listener.address[1]))


@verifies("address.unix.is-a-filename")
def test_the_address_names_the_file_of_the_socket(mp, scratch):
    path = scratch.path("socket")
    with closing(mp.connection.Listener(path)) as listener:
        assert Path(path).exists(), f"Listener({path!r}): there is no such file; address is {listener.address!r}"
        assert Path(path).is_socket(), f"Listener({path!r}): the file of this name is no socket"
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)


@verifies("address.unix.filename-may-be-relative")
def test_a_filename_may_be_relative(mp, scratch):
    enter(scratch.path("folder"))
    with closing(mp.connection.Listener("name")) as listener:
        assert "name" in os.listdir(), f"Listener('name'): the files in the current folder are {os.listdir()}"
        check_connects(mp, listener, "name")


@verifies("address.unix.any-filename")
def test_any_filename_will_do(mp, scratch):
    enter(scratch.path("folder"))

    @given(filenames)
    @example("localhost")
    @example("127.0.0.1:80")
    @example("\\.\\pipe\\name")
    @example(" blank ")
    @example("\u043f\u0443\u0442\u044c")
    def will_do(filename):
        assume(not filename.startswith("\\\\") and filename not in (".", ".."))
        assume(can_be_encoded(filename))
        with closing(mp.connection.Listener(filename)) as listener:
            check_connects(mp, listener, filename)
        Path(filename).unlink(missing_ok=True)  # whether the listener removes it is not promised

    will_do()


@verifies("address.pipe.local-name")
def test_a_named_pipe(mp):
    address = rf"\\.\pipe\mpconform-{os.getpid()}"
    with closing(mp.connection.Listener(address)) as listener:
        check_connects(mp, listener, address)


@contextmanager
def at_a_file(name):
    """Bind a plain socket to this name in the current folder, and listen there; remove the file at the end."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(name)
        listening.listen()
        try:
            yield
        finally:
            Path(name).unlink()


@verifies("address.pipe.two-backslashes-for-a-listener", "address.pipe.two-backslashes-for-a-client")
def test_two_backslashes_are_taken_for_a_pipe(mp, scratch):
    enter(scratch.path("folder"))
    with promise("address.pipe.two-backslashes-for-a-listener"):
        for address in (BACKSLASHES, r"\\name", "\\\\"):
            with raises(Exception, f"Listener({address!r}), which is no address of AF_UNIX, where there is no AF_PIPE"):
                mp.connection.Listener(address).close()
            assert address not in os.listdir(), f"Listener({address!r}): there is a file of this name"
    with promise("address.pipe.two-backslashes-for-a-client"):
        for address in (BACKSLASHES, r"\\name", "\\\\"):
            call = f"Client({address!r}), which is no address of AF_UNIX, where there is no AF_PIPE"
            with at_a_file(address), raises(Exception, call):
                mp.connection.Client(address).close()


@verifies("address.pipe.family-overrides-for-a-listener", "address.pipe.family-overrides-for-a-client")
def test_two_backslashes_are_taken_for_a_filename_if_the_family_says_so(mp, scratch):
    with promise("address.pipe.family-overrides-for-a-listener"):
        for address in (BACKSLASHES, r"\\name"):
            enter(scratch.path("folder"))
            with closing(mp.connection.Listener(address, "AF_UNIX")), socket.socket(socket.AF_UNIX) as client:
                assert address in os.listdir(), f"Listener({address!r}, 'AF_UNIX'): the files are {os.listdir()}"
                client.connect(address)
    with promise("address.pipe.family-overrides-for-a-client"):
        for address in (BACKSLASHES, r"\\name"):
            enter(scratch.path("folder"))
            call = f"Client({address!r}, 'AF_UNIX'), where a socket listens at the file of this name"
            with at_a_file(address), works(call):
                mp.connection.Client(address, "AF_UNIX").close()
