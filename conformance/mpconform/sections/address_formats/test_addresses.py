"""The three forms of address, and what a string is taken for."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from hypothesis import assume, example, given
from hypothesis import strategies as st

from mpconform.kit import Task, each, raises, verifies, works

BACKSLASHES = r"\\.\pipe\name"  # on POSIX, all of it may be a filename

# A few letters: those of all of Unicode take seconds to prepare.
filenames = st.text(st.sampled_from("ab.:@\\ -~*\n\u00e9\u4e2d\U0001f600"), min_size=1, max_size=20)


def check_connects(mp, listener, *address):
    """Check that Client(*address) connects to the listener."""
    call = f"Client({', '.join(map(repr, address))}) of a listener at {listener.address!r}"
    accepting = Task(listener.accept)
    with works(call):
        client = mp.connection.Client(*address)
    with client, accepting.result(f"accept() returns after {call}") as accepted:
        client.send("message")
        came = accepted.recv()
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


@verifies("address.inet.is-hostname-and-port")
def test_the_address_of_a_listener_is_a_hostname_and_a_port(mp):
    with mp.connection.Listener(("localhost", 0), "AF_INET") as listener:
        address = listener.address
    assert type(address) is tuple and [type(part) for part in address] == [str, int], (
        f"the address of an AF_INET listener is {address!r}, promised is a tuple of a string and an integer"
    )


@verifies("address.inet.hostname-may-be-a-name-or-a-number")
@each("hostname", ["localhost", "127.0.0.1"])
def test_a_client_connects_by_name_and_by_number(mp, hostname):
    with mp.connection.Listener((hostname, 0)) as listener:
        check_connects(mp, listener, (hostname, listener.address[1]))


@verifies("address.unix.is-a-filename")
def test_the_address_names_the_file_of_the_socket(mp, scratch):
    path = scratch.path("socket")
    with mp.connection.Listener(path) as listener:
        assert Path(path).exists(), f"Listener({path!r}): there is no such file; address is {listener.address!r}"
        assert Path(path).is_socket(), f"Listener({path!r}): the file of this name is no socket"
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)


@verifies("address.unix.filename-may-be-relative")
def test_a_filename_may_be_relative(mp, scratch):
    enter(scratch.path("folder"))
    with mp.connection.Listener("name") as listener:
        assert os.listdir() == ["name"], f"Listener('name'): the files in the current folder are {os.listdir()}"
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
        with mp.connection.Listener(filename) as listener:
            check_connects(mp, listener, filename)
        Path(filename).unlink(missing_ok=True)  # whether the listener removes it is not promised

    will_do()


@verifies("address.pipe.local-name")
def test_a_named_pipe(mp):
    address = rf"\\.\pipe\mpconform-{os.getpid()}"
    with mp.connection.Listener(address) as listener:
        check_connects(mp, listener, address)


@verifies("address.pipe.two-backslashes-for-a-listener")
@each("address", [BACKSLASHES, r"\\name", "\\\\"])
def test_a_listener_takes_two_backslashes_for_a_pipe(mp, scratch, address):
    enter(scratch.path("folder"))
    with raises(Exception, f"Listener({address!r}), which is no address of AF_UNIX, where there is no AF_PIPE"):
        mp.connection.Listener(address).close()
    assert os.listdir() == [], f"Listener({address!r}): there is a file of the name {os.listdir()[0]!r}"


@verifies("address.pipe.two-backslashes-for-a-client")
@each("address", [BACKSLASHES, r"\\name", "\\\\"])
def test_a_client_takes_two_backslashes_for_a_pipe(mp, scratch, address):
    enter(scratch.path("folder"))
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen()
        with raises(Exception, f"Client({address!r}), which is no address of AF_UNIX, where there is no AF_PIPE"):
            mp.connection.Client(address).close()


@verifies("address.pipe.family-overrides-for-a-listener")
@each("address", [BACKSLASHES, r"\\name"])
def test_a_listener_with_a_family_takes_two_backslashes_for_a_filename(mp, scratch, address):
    enter(scratch.path("folder"))
    with mp.connection.Listener(address, "AF_UNIX"), socket.socket(socket.AF_UNIX) as client:
        assert os.listdir() == [address], f"Listener({address!r}, 'AF_UNIX'): the files there are {os.listdir()}"
        client.connect(address)


@verifies("address.pipe.family-overrides-for-a-client")
@each("address", [BACKSLASHES, r"\\name"])
def test_a_client_with_a_family_takes_two_backslashes_for_a_filename(mp, scratch, address):
    enter(scratch.path("folder"))
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen()
        with works(f"Client({address!r}, 'AF_UNIX'), where a socket listens at the file of this name"):
            mp.connection.Client(address, "AF_UNIX").close()
