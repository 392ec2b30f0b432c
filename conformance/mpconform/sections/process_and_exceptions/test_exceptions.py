"""The exceptions of the package."""

from __future__ import annotations

from mpconform.kit import Task, each, raises, verifies

NAMES = ("ProcessError", "BufferTooShort", "AuthenticationError", "TimeoutError")


@verifies("exceptions.namespace.has-all")
@each("name", NAMES)
def test_package_and_context_have_the_exception(mp, package, name):
    for owner, what in ((package, "the package"), (mp, "a context object")):
        assert hasattr(owner, name), f"{what} has no {name}"
    of_package, of_context = getattr(package, name), getattr(mp, name)
    assert of_package is of_context, f"{name} of the package is {of_package}, that of a context is {of_context}"


@verifies("process_error.class.is-an-exception")
def test_process_error_is_an_exception(mp):
    assert issubclass(mp.ProcessError, Exception), f"ProcessError has the bases {mp.ProcessError.__mro__[1:]}"


@verifies("process_error.class.base-of-all")
@each("name", NAMES[1:])
def test_process_error_is_the_base_class(mp, name):
    found = getattr(mp, name)
    assert issubclass(found, mp.ProcessError), f"{name} has the bases {found.__mro__[1:]}, promised ProcessError"


@verifies("buffer_too_short.recv_bytes_into.raised")
def test_message_that_is_larger_than_the_buffer(mp):
    reader, writer = mp.Pipe(duplex=False)
    with reader, writer:
        writer.send_bytes(b"twelve bytes")
        with raises(mp.BufferTooShort, "recv_bytes_into(bytearray(11)) of a message of 12 bytes"):
            reader.recv_bytes_into(bytearray(11))


@verifies("buffer_too_short.args.first-is-message")
def test_buffer_too_short_holds_the_message(mp):
    reader, writer = mp.Pipe(duplex=False)
    with reader, writer:
        writer.send_bytes(b"twelve bytes")
        with raises(mp.BufferTooShort, "recv_bytes_into(bytearray(4)) of a message of 12 bytes") as caught:
            reader.recv_bytes_into(bytearray(4))
    args = caught.value.args
    assert args and args[0] == b"twelve bytes", f"args of the BufferTooShort are {args}, promised the message as first"
    assert isinstance(args[0], bytes), f"args[0] of the BufferTooShort is a {type(args[0]).__name__}, promised bytes"


@verifies("authentication_error.class.raised")
def test_different_keys_raise_authentication_error(mp):
    with mp.connection.Listener(("localhost", 0), authkey=b"key of the listener") as listener:
        accepting = Task(listener.accept)
        with raises(mp.AuthenticationError, "Client(address, authkey=b'another key')"):
            mp.connection.Client(listener.address, authkey=b"another key")
        with raises(mp.AuthenticationError, "accept() of a client with another key"):
            accepting.result("accept() of a client with another key")


@verifies("timeout_error.class.raised")
def test_expired_timeout_raises_timeout_error(mp, gate, patience):
    pool = mp.Pool(1)
    try:
        result = pool.apply_async(gate.wait)
        with raises(mp.TimeoutError, f"get(timeout={patience.timeout:.2f}) of a pool's result that is not ready"):
            result.get(timeout=patience.timeout)
    finally:
        gate.open()
        pool.close()
        pool.join()
