"""What the children of the properties run; light, because each of them imports this module."""

from __future__ import annotations

from typing import NamedTuple

STOP = "stop"


class Pair(NamedTuple):
    """A class of ours, to be pickled by name."""

    left: object
    right: object


def echo_connection(connection):
    """Send back each object that is received, until it is STOP."""
    while (item := connection.recv()) != STOP:
        connection.send(item)


def echo_queue(incoming, outgoing):
    """Put each item of one queue on the other, until it is STOP."""
    while (item := incoming.get()) != STOP:
        outgoing.put(item)
