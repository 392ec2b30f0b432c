"""The exceptions of the package."""

from __future__ import annotations

from mpconform.kit import Task, promise, raises, verifies

NAMES = ("ProcessError", "BufferTooShort", "AuthenticationError", "TimeoutError")


@verifies("exceptions.namespace.has-all", "process_error.class.is-an-exception", "process_error.class.base-of-all")
def test_exception_classes(mp, package):
    with promise("exceptions.namespace.has-all"):
        for name in NAMES:
            for owner, what in ((package, "the package"), (mp, "a context object")):
                assert hasattr(owner, name), f"{what} has no {name}"
            of_package, of_context = getattr(package, name), getattr(mp, name)
            assert of_package is of_context, f"{name} of the package is {of_package}, that of a context is {of_context}"
    with promise("process_error.class.is-an-exception"):
        assert issubclass(mp.ProcessError, Exception), f"ProcessError has the bases {mp.ProcessError.__mro__[1:]}"
    with promise("process_error.class.base-of-all"):
        for name in NAMES[1:]:
            found = getattr(mp, name)
            assert issubclass(found, mp.ProcessError), f"{name} has the bases {found.__mro__[1:]}, not ProcessError"


@verifies("buffer_too_short.recv_bytes_into.raised", "buffer_too_short.args.first-is-message")
def test_message_that_is_larger_than_the_buffer(mp):
    reader, writer = mp.Pipe(duplex=False)
    with reader, writer:
        with promise("buffer_too_short.recv_bytes_into.raised"):
            for size, offset in ((11, 0), (12, 1), (0, 0)):
                writer.send_bytes(b"twelve bytes")
                call = f"recv_bytes_into(bytearray({size}), {offset}) of a message of 12 bytes"
                with raises(mp.BufferTooShort, call):
                    reader.recv_bytes_into(bytearray(size), offset)
        with promise("buffer_too_short.args.first-is-message"):
            for message in (b"twelve bytes", bytes(range(256)) * 1000):
                sending = Task(writer.send_bytes, message)
                with raises(mp.BufferTooShort, f"recv_bytes_into() of a message of {len(message)} bytes") as caught:
                    reader.recv_bytes_into(bytearray(4))
                sending.result()
                args = caught.value.args
                assert args and args[0] == message, f"args of the BufferTooShort are {args}, not the message first"
                kind = type(args[0]).__name__
                assert isinstance(args[0], bytes), f"args[0] of the BufferTooShort is a {kind}, promised bytes"


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
    timeout = patience.timeout
    try:
        result, results = pool.apply_async(gate.wait), pool.imap(abs, [1])
        with raises(mp.TimeoutError, f"get(timeout={timeout:.2f}) of a pool's result that is not ready"):
            result.get(timeout=timeout)
        with raises(mp.TimeoutError, f"next(timeout={timeout:.2f}) of imap() whose next result is not ready"):
            results.next(timeout=timeout)
    finally:
        gate.open()
        pool.close()
        pool.join()
