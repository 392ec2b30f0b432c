"""Proof that both ends of a connection know one key, without sending it.

Each end demands proof in turn. The end that demands it *delivers a challenge*, the other one *answers* it::

    deliver_challenge()                                    answer_challenge()
    -------------------                                    ------------------
    #CHALLENGE#{sha256} and 40 random bytes           -->
                                                      <--  {sha256} and the code of all that follows #CHALLENGE#
    #WELCOME#, or #FAILURE#                           -->

The code is an HMAC with the key, by the digest that the challenge names. There is an older form, which Python 3.11 and
before speak and later ones still understand: a challenge of 20 random bytes that names no digest, and a code by MD5
that names none either. This module answers both, and takes the older answer to its challenge for what it is: the
end that gives it knows the key. So it gets on with the standard library of any version.

A server demands proof first, then proves that it has the key itself (`admit`); a client does it the other way round
(`introduce`), and sends its challenge together with its answer: the server reads it when it has welcomed the client.

Rules
-----
* Nothing is unpickled and nothing longer than `LONGEST` is read from an end that has proved nothing. Whoever serves
  many sets a time for the whole handshake, so that a silent end, or one that sends a byte a minute, is nobody's loss.
* A challenge is new and random each time: what was heard before proves nothing. Codes are compared in constant time.
* Whatever goes wrong with the other end, also that it goes away, is an `AuthenticationError`. No message
  of this module contains a key, a challenge or a code.

What this does not give: the messages that follow are neither secret nor protected, and who can place himself between
two ends that know the key can pass on the proof of each to the other.
"""

from __future__ import annotations

import hmac
import os
import select
import time

from mpreference.errors import AuthenticationError
from mpreference.streams import BadMessage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from mpreference.streams import Connection

CHALLENGE = b"#CHALLENGE#"
WELCOME = b"#WELCOME#"
FAILURE = b"#FAILURE#"

DIGEST = "sha256"
"""The digest that a challenge of ours names."""

DIGESTS = {name: b"{%s}" % name.encode() for name in ("md5", "sha256", "sha384", "sha3_256", "sha3_384")}
"""The digests by which a challenge is answered, and how challenges and answers name them."""

RANDOM = 40
"""Random bytes of a challenge."""

OLD_RANDOM = 20
"""Random bytes of a challenge of the older form, which has nothing else."""

OLD_CODE = 16
"""Bytes of a code of the older form."""

LONGEST = 256
"""Bytes of the longest message that a handshake reads."""

PATIENCE = 30.0
"""Seconds that a server gives a client for the whole handshake, all of which is done by machines."""


def deliver_challenge(connection: Connection, authkey: bytes) -> None:
    """Demand proof that the other end has the key, and wait for it (`multiprocessing.connection.deliver_challenge`).

    ``AuthenticationError`` if it gives none.
    """
    check_key(authkey)
    message = _send_challenge(connection)
    _judge(_receive(connection), connection, authkey, message)


def answer_challenge(connection: Connection, authkey: bytes) -> None:
    """Prove to the other end, when it demands it, that we have the key (`multiprocessing.connection.answer_challenge`).

    ``AuthenticationError`` if it does not demand it, or does not welcome us then.
    """
    check_key(authkey)
    _prove(_receive(connection), connection, authkey)
    _check_welcome(_receive(connection))


def introduce(connection: Connection, authkey: bytes) -> None:
    """Be the client in a handshake: both ends have the key, or `AuthenticationError`.

    This may take as long as the server takes to accept the connection.
    """
    check_key(authkey)
    _prove(_receive(connection), connection, authkey)
    message = _send_challenge(connection)
    _check_welcome(_receive(connection))
    _judge(_receive(connection), connection, authkey, message)


def admit(connection: Connection, authkey: bytes) -> None:
    """Be the server in a handshake: both ends have the key, or `AuthenticationError`.

    The client has :data:`PATIENCE` seconds for all of its part.
    """
    check_key(authkey)
    watch = _Watch(connection, PATIENCE)
    message = _send_challenge(connection)
    _judge(_receive(connection, watch), connection, authkey, message)
    _prove(_receive(connection, watch), connection, authkey)
    _check_welcome(_receive(connection, watch))


def check_key(authkey: bytes) -> None:
    """Raise ``TypeError`` unless this can be a key: any byte string can."""
    if not isinstance(authkey, bytes):
        raise TypeError(f"an authentication key is a byte string, not {type(authkey).__name__}")


class _Watch:
    """Called before each read, it waits until there is something, and gives up at the end of the time for all."""

    def __init__(self, connection: Connection, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds
        self._poll = select.poll()
        self._poll.register(connection, select.POLLIN)

    def __call__(self) -> None:
        if not self._poll.poll(max(0.0, self._deadline - time.monotonic()) * 1000):
            raise AuthenticationError("the other end did not do its part of the handshake in time")


# The steps of a handshake


def _send_challenge(connection: Connection) -> bytes:
    """Send a challenge, and return what the code is to be of."""
    message = DIGESTS[DIGEST] + os.urandom(RANDOM)
    _send(connection, CHALLENGE + message)
    return message


def _prove(challenge: bytes, connection: Connection, key: bytes) -> None:
    """Answer a challenge, of either form."""
    if not challenge.startswith(CHALLENGE):
        raise AuthenticationError("the other end does not ask for a key: its first message is no challenge")
    message = challenge[len(CHALLENGE) :]
    if len(message) == OLD_RANDOM:
        _send(connection, _code(key, message, "md5"))
        return
    for digest, prefix in DIGESTS.items():
        if message.startswith(prefix):
            _send(connection, prefix + _code(key, message, digest))
            return
    raise AuthenticationError("the other end asks for a digest that is not known here")


def _judge(answer: bytes, connection: Connection, key: bytes, message: bytes) -> None:
    """Welcome the other end if this is the code of the message, in either form, or say that it is not, and raise."""
    if len(answer) == OLD_CODE:
        right = hmac.compare_digest(answer, _code(key, message, "md5"))
    else:
        right = hmac.compare_digest(answer, DIGESTS[DIGEST] + _code(key, message, DIGEST))
    _send(connection, WELCOME if right else FAILURE)
    if not right:
        raise AuthenticationError("the other end has another key: its answer to the challenge is wrong")


def _check_welcome(message: bytes) -> None:
    if message != WELCOME:
        raise AuthenticationError("the other end has another key: it has refused the answer to its challenge")


def _code(key: bytes, message: bytes, digest: str) -> bytes:
    try:
        return hmac.digest(key, message, digest)
    except ValueError:  # a system may forbid MD5
        raise AuthenticationError(f"the digest {digest} cannot be used on this system") from None


def _send(connection: Connection, message: bytes) -> None:
    try:
        connection.send_frame(message)
    except ConnectionError:
        raise AuthenticationError("the other end closed the connection in the middle of the handshake") from None


def _receive(connection: Connection, before_read: Callable[[], object] | None = None) -> bytes:
    try:
        return bytes(connection.recv_frame(LONGEST, before_read))
    except EOFError:
        raise AuthenticationError("the other end closed the connection in the middle of the handshake") from None
    except BadMessage:
        raise AuthenticationError("the other end sends what belongs to no handshake") from None
